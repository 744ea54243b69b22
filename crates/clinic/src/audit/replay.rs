//! The audit log read again: who waited where, before whom, and with whom they were, from its entries alone.

mod overtakes;

use std::collections::BTreeMap;

use thiserror::Error;
use vestibule_vocab::{PatientId, PractitionerId, Timestamp, VisitId};

use super::{Act, Actor, Entry, GateOutcome, Overtaking, Standing};
use crate::stand::Stand;
use crate::{Appointment, Code, ConsentAct, Event, GateException, GateKind, Urgency, VisitState};

/// The visits of a clinic and whose patients people are, as far as the entries read so far tell of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Replay {
    visits: BTreeMap<VisitId, Replayed>,
    regulars: BTreeMap<PatientId, PractitionerId>,
}

/// What the entries tell of one visit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replayed {
    /// How far it is; without words.
    pub state: VisitState,
    /// Where it waits, or waited last.
    pub standing: Standing,
    /// Whom it is with, or who called it.
    pub practitioner: Option<PractitionerId>,
    /// When it was planned for, if it was.
    pub appointment: Option<Appointment>,
    /// How soon it is to be seen.
    pub urgency: Urgency,
    /// How its gates stand, and by which coded exception one is open. Those are left out that are as they were asked first.
    pub gates: BTreeMap<GateKind, (GateOutcome, Option<GateException>)>,
    /// What its patient last said about consent, and of which version of the text.
    pub consent: Option<(ConsentAct, Code)>,
    /// When it began; no end is before.
    arrived_at: Timestamp,
}

/// Why entries are not the log of a clinic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Contradiction {
    /// An entry is about a visit that has not begun, or is forgotten.
    #[error("the entry is about {0:?}, of which the log tells nothing")]
    Unknown(VisitId),
    /// A visit begins that is there already.
    #[error("{0:?} begins a second time")]
    Twice(VisitId),
    /// What is said to have happened cannot happen to a visit in that state.
    #[error("{0:?} was not in a state in which that can happen")]
    Impossible(VisitId),
    /// A visit was seen before others, and the entry does not say whom or why, or says what the log does not bear out.
    #[error("{0:?} was seen before others, and the log does not explain it")]
    Unexplained(VisitId),
}

impl Replay {
    /// Nothing is read yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads the next entry.
    ///
    /// # Errors
    /// [`Contradiction`]; the entry is left out.
    pub fn read(&mut self, entry: &Entry) -> Result<(), Contradiction> {
        match &entry.act {
            Act::ServiceSet { .. }
            | Act::PractitionerSet { .. }
            | Act::DutySet { .. }
            | Act::ClockSetForward { .. } => Ok(()),
            Act::RegularSet {
                patient,
                practitioner,
            } => {
                self.regular_set(*patient, *practitioner);
                Ok(())
            }
            Act::Erased { patient } => {
                self.regular_set(*patient, None);
                Ok(())
            }
            Act::Booked {
                visit,
                appointment,
                standing,
            } => self.begin(entry.at, *visit, *standing, Some(*appointment)),
            Act::WalkedIn { visit, standing } => self.begin(entry.at, *visit, *standing, None),
            Act::Moved {
                visit,
                event,
                standing,
                overtook,
            } => self.moved(entry, *visit, event, *standing, overtook.as_ref()),
            Act::Ranked {
                visit,
                urgency,
                standing,
            } => {
                let one = self.known(*visit)?;
                (one.urgency, one.standing) = (*urgency, *standing);
                Ok(())
            }
            Act::Redirected { visit, standing } => {
                self.known(*visit)?.standing = *standing;
                Ok(())
            }
            Act::Gated {
                visit,
                gate,
                outcome,
                exception,
                reason: _,
            } => {
                let gates = &mut self.known(*visit)?.gates;
                gated(gates, gate, (*outcome, *exception));
                Ok(())
            }
            Act::Consented {
                visit,
                consent,
                version,
            } => {
                self.known(*visit)?.consent = Some((*consent, version.clone()));
                Ok(())
            }
            // Who came along is no part of who was seen when, nor is a choice that changes nothing.
            Act::Accompanied { visit, .. } | Act::WaitedOn { visit } => {
                self.known(*visit).map(|_| ())
            }
            Act::Forgotten { visit } => {
                let forgotten = self.visits.remove(visit);
                forgotten.map(|_| ()).ok_or(Contradiction::Unknown(*visit))
            }
        }
    }

    /// A visit that is not forgotten.
    #[must_use]
    pub fn visit(&self, visit: VisitId) -> Option<&Replayed> {
        self.visits.get(&visit)
    }

    /// Every visit that is not forgotten, by id.
    pub fn visits(&self) -> impl Iterator<Item = (VisitId, &Replayed)> {
        self.visits.iter().map(|(id, one)| (*id, one))
    }

    /// Each patient who has a regular practitioner, by id.
    pub fn regulars(&self) -> impl Iterator<Item = (PatientId, PractitionerId)> + '_ {
        self.regulars.iter().map(|(patient, who)| (*patient, *who))
    }

    fn regular_set(&mut self, patient: PatientId, practitioner: Option<PractitionerId>) {
        match practitioner {
            Some(who) => _ = self.regulars.insert(patient, who),
            None => _ = self.regulars.remove(&patient),
        }
    }

    fn known(&mut self, visit: VisitId) -> Result<&mut Replayed, Contradiction> {
        let unknown = Contradiction::Unknown(visit);
        self.visits.get_mut(&visit).ok_or(unknown)
    }

    fn begin(
        &mut self,
        at: Timestamp,
        visit: VisitId,
        standing: Standing,
        appointment: Option<Appointment>,
    ) -> Result<(), Contradiction> {
        if self.visits.contains_key(&visit) {
            return Err(Contradiction::Twice(visit));
        }
        let state = match appointment {
            Some(_) => VisitState::Expected,
            None => VisitState::Waiting,
        };
        let begun = Replayed {
            state,
            standing,
            practitioner: None,
            appointment,
            urgency: Urgency::Routine,
            gates: BTreeMap::new(),
            consent: None,
            arrived_at: at,
        };
        self.visits.insert(visit, begun);
        Ok(())
    }

    fn moved(
        &mut self,
        entry: &Entry,
        visit: VisitId,
        event: &Event,
        standing: Option<Standing>,
        overtook: Option<&Overtaking>,
    ) -> Result<(), Contradiction> {
        if matches!(event, Event::Admitted { .. }) {
            self.must_be_explained(entry, visit, overtook)?;
        }
        let one = self.known(visit)?;
        if matches!(event, Event::Admitted { .. }) && one.is_shut() {
            return Err(Contradiction::Impossible(visit));
        }
        if *event == Event::Arrived {
            one.arrived_at = entry.at;
        }
        let after = one
            .state
            .after(event.clone(), entry.at.max(one.arrived_at))
            .ok_or(Contradiction::Impossible(visit))?;
        one.practitioner = with_whom(entry.actor, event, &after, one.practitioner);
        one.state = after;
        one.standing = standing.unwrap_or(one.standing);
        Ok(())
    }
}

impl Replayed {
    /// A gate is not open that was answered or waited for in vain.
    fn is_shut(&self) -> bool {
        let mut outcomes = self.gates.values();
        outcomes.any(|(outcome, _)| *outcome != GateOutcome::Open)
    }

    /// How it stands, while it waits.
    fn stand(&self) -> Stand {
        Stand {
            waiting_room: self.standing.waiting_room,
            rank: self.standing.rank,
            urgency: self.urgency,
            appointment: self.appointment.is_some(),
        }
    }
}

fn gated(
    gates: &mut BTreeMap<GateKind, (GateOutcome, Option<GateException>)>,
    gate: &GateKind,
    (outcome, exception): (GateOutcome, Option<GateException>),
) {
    let outcome = match outcome {
        GateOutcome::Dropped => {
            gates.remove(gate);
            return;
        }
        GateOutcome::Asked => GateOutcome::Pending,
        GateOutcome::Pending | GateOutcome::Open | GateOutcome::Refused | GateOutcome::Expired => {
            outcome
        }
    };
    gates.insert(gate.clone(), (outcome, exception));
}

/// Whom a visit is with after an event: who admitted or called it.
fn with_whom(
    actor: Actor,
    event: &Event,
    after: &VisitState,
    before: Option<PractitionerId>,
) -> Option<PractitionerId> {
    match (after, actor) {
        (VisitState::InConsultation { .. }, Actor::Practitioner(who))
            if matches!(event, Event::Admitted { .. }) =>
        {
            Some(who)
        }
        (VisitState::InConsultation { .. } | VisitState::OnHold { .. }, _) => before,
        (VisitState::Admitted { practitioner }, _) => Some(*practitioner),
        (VisitState::Expected | VisitState::Waiting | VisitState::Ended { .. }, _) => None,
    }
}
