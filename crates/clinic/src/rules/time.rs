//! What time brings.

use vestibule_vocab::{ConsultationId, Timestamp, VisitId};

use super::Effects;
use crate::absence::Absent;
use crate::{Clinic, ConsultationEnd, Event, VisitState};

impl Clinic {
    /// Ends what somebody was away from for longer than the grace, in the order in which they went,
    /// and forgets what ended long ago.
    pub(crate) fn expire(&mut self, now: Timestamp, effects: &mut Effects) {
        self.absences.step_back(now);
        while let Some(absent) = self.lost(now) {
            match absent {
                Absent::Patient(visit) => self.patient_lost(now, visit, effects),
                Absent::Practitioner(consultation) => {
                    self.practitioner_lost(now, consultation, effects);
                }
            }
        }
        while self
            .ended
            .first()
            .is_some_and(|&(at, _)| at.plus(self.policy.remember) <= now)
        {
            self.forget_first(effects);
        }
    }

    /// Whose grace is over, taken off the list of those who are away.
    fn lost(&mut self, now: Timestamp) -> Option<Absent> {
        let (since, who) = self.absences.longest()?;
        if since.plus(self.policy.grace) > now {
            return None;
        }
        self.absences.end(who);
        Some(who)
    }

    fn patient_lost(&mut self, now: Timestamp, visit: VisitId, effects: &mut Effects) {
        let state = self.visits.get(&visit).map(|visit| &visit.state);
        if let Some(&VisitState::InConsultation { consultation }) = state {
            self.end_consultation(now, consultation, ConsultationEnd::PatientLost, effects);
        }
        self.end_visit(now, visit, Event::PatientLost, effects);
    }

    /// The patient is not to blame: the visit waits again, where it was by its arrival.
    fn practitioner_lost(&mut self, now: Timestamp, id: ConsultationId, effects: &mut Effects) {
        let Some(visit) = self.consultation(id).map(|consultation| consultation.visit) else {
            return;
        };
        self.end_consultation(now, id, ConsultationEnd::PractitionerLost, effects);
        self.move_visit(now, visit, Event::PractitionerLost, effects);
    }
}
