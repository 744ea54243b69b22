//! The clinic: one state machine, one `handle`.

use std::collections::{BTreeMap, BTreeSet};

use vestibule_vocab::{ConsultationId, PatientId, Timestamp, VisitId};

use crate::absence::Absences;
use crate::practitioners::Practitioners;
use crate::queue::Queue;
use crate::rules::Effects;
use crate::{Consultation, Input, Outputs, Policy, Refusal, Visit};

/// One service of a clinic with a walk-in queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clinic {
    pub(crate) policy: Policy,
    pub(crate) visits: BTreeMap<VisitId, Visit>,
    /// The latest visit of each patient.
    pub(crate) latest: BTreeMap<PatientId, VisitId>,
    pub(crate) waiting: Queue,
    /// Ended visits, the first to be forgotten first.
    pub(crate) ended: BTreeSet<(Timestamp, VisitId)>,
    /// Consultations under way.
    pub(crate) consultations: BTreeMap<ConsultationId, Consultation>,
    pub(crate) practitioners: Practitioners,
    pub(crate) absences: Absences,
    pub(crate) arrivals: u64,
    pub(crate) admissions: u64,
}

impl Clinic {
    /// A clinic that nobody has visited.
    #[must_use]
    pub fn new(policy: Policy) -> Self {
        Self {
            policy,
            visits: BTreeMap::new(),
            latest: BTreeMap::new(),
            waiting: Queue::default(),
            ended: BTreeSet::new(),
            consultations: BTreeMap::new(),
            practitioners: Practitioners::default(),
            absences: Absences::default(),
            arrivals: 0,
            admissions: 0,
        }
    }

    /// Decides. `now` may step back: a grace that began later than `now` is then counted from `now`.
    pub fn handle(&mut self, now: Timestamp, input: Input) -> Outputs {
        let warm = self.warm();
        let mut effects = Effects::default();
        let answer = self.decide(now, input, &mut effects);
        if answer.is_ok() {
            self.absences.step_back(now);
            effects.warm(warm, self.warm());
        }
        effects.into_outputs(answer)
    }

    /// When to hand in [`Input::Timeout`]; `None` when nothing is due by itself.
    #[must_use]
    pub fn next_timeout(&self) -> Option<Timestamp> {
        let lost = self
            .absences
            .longest()
            .map(|(since, _)| since.plus(self.policy.grace));
        let forgotten = self
            .ended
            .first()
            .map(|&(at, _)| at.plus(self.policy.remember));
        lost.into_iter().chain(forgotten).min()
    }

    fn decide(
        &mut self,
        now: Timestamp,
        input: Input,
        effects: &mut Effects,
    ) -> Result<(), Refusal> {
        match input {
            Input::PatientConnected { patient } => self.patient_connected(patient, effects),
            Input::PatientDisconnected { patient } => {
                self.patient_disconnected(now, patient, effects);
            }
            Input::PractitionerConnected { practitioner } => {
                self.practitioner_connected(practitioner, effects)?;
            }
            Input::PractitionerDisconnected { practitioner } => {
                self.practitioner_disconnected(now, practitioner, effects);
            }
            Input::Arrive {
                patient,
                visit,
                name,
                reason,
            } => {
                self.arrive(now, patient, visit, &name, &reason, effects)?;
            }
            Input::Leave { patient, visit } => self.leave(now, patient, visit, effects)?,
            Input::Admit {
                practitioner,
                visit,
                consultation,
            } => {
                self.admit(now, practitioner, visit, consultation, effects)?;
            }
            Input::Decline {
                visit,
                reason,
                message,
                practitioner: _,
            } => {
                self.decline(now, visit, reason, &message, effects)?;
            }
            Input::End {
                practitioner,
                consultation,
            } => {
                self.end(now, practitioner, consultation, effects)?;
            }
            Input::Timeout => self.expire(now, effects),
        }
        Ok(())
    }
}
