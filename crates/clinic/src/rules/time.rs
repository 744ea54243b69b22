//! What time brings.

use vestibule_vocab::{ConsultationId, Timestamp, VisitId};

use super::Effects;
use crate::absence::Absent;
use crate::clinic::Alarm;
use crate::{Clinic, ConsultationEnd, Duty, Event};

impl Clinic {
    /// Ends what somebody was away from for too long, in the order in which that was over, rings what is set for now, and
    /// forgets what ended long ago.
    pub(crate) fn expire(&mut self, now: Timestamp, effects: &mut Effects) {
        self.step_back(now, effects);
        while let Some(absent) = self.lost(now) {
            match absent {
                Absent::Patient(visit) => self.patient_lost(now, visit, effects),
                Absent::Practitioner(consultation) => {
                    self.practitioner_lost(now, consultation, effects);
                }
                Absent::Companion(companion) => self.companion_lost(now, companion, effects),
            }
        }
        while let Some(alarm) = self.ringing(now) {
            self.ring(now, alarm, effects);
        }
        while self
            .ended
            .first()
            .is_some_and(|&(at, _)| at.plus(self.policy.remember) <= now)
        {
            self.forget_first(effects);
        }
    }

    /// Whose time is over, taken off the list of those who are away.
    fn lost(&mut self, now: Timestamp) -> Option<Absent> {
        let (_, who) = self.absences.first().filter(|&(at, _)| at <= now)?;
        self.absences.end(who);
        Some(who)
    }

    fn patient_lost(&mut self, now: Timestamp, visit: VisitId, effects: &mut Effects) {
        let state = self.visits.get(&visit).map(|visit| &visit.state);
        if let Some(consultation) = state.and_then(crate::VisitState::consultation) {
            self.end_consultation(now, consultation, ConsultationEnd::PatientLost, effects);
        }
        if self.is_still_expected(now, visit) {
            return self.expect_again(now, visit, effects);
        }
        self.move_visit(now, visit, Event::PatientLost, effects);
    }

    /// The patient is not to blame: the visit waits again, where it was by its arrival.
    fn practitioner_lost(&mut self, now: Timestamp, id: ConsultationId, effects: &mut Effects) {
        let Some(visit) = self.consultation(id).map(|consultation| consultation.visit) else {
            return;
        };
        self.end_consultation(now, id, ConsultationEnd::PractitionerLost, effects);
        self.move_visit(now, visit, Event::PractitionerLost, effects);
    }

    fn ringing(&mut self, now: Timestamp) -> Option<Alarm> {
        let (_, alarm) = self.alarms.first().copied().filter(|&(at, _)| at <= now)?;
        self.alarms.pop_first();
        Some(alarm)
    }

    fn ring(&mut self, now: Timestamp, alarm: Alarm, effects: &mut Effects) {
        match alarm {
            Alarm::NotCome(visit) => {
                if let Some(expected) = self.visits.get(&visit).cloned() {
                    self.expect_no_more(&expected);
                }
                self.move_visit(now, visit, Event::NotCome, effects);
            }
            Alarm::GateUnanswered(visit) => self.expire_gates(now, visit, effects),
            Alarm::InvitationExpires(visit) => self.expire_invitations(now, visit, effects),
            Alarm::BreakOver(practitioner) => {
                // Only somebody who is registered has a break.
                let _ = self.set_duty(practitioner, Duty::On, effects);
            }
            Alarm::ShiftTurns(practitioner) => self.shift_turns(now, practitioner, effects),
        }
    }
}
