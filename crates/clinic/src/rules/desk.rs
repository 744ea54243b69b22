//! What practitioners do with those who wait.

use vestibule_vocab::{PractitionerId, Redacted, ServiceId, Timestamp, VisitId};

use super::Effects;
use crate::absence::Absent;
use crate::audit::Act;
use crate::quota::Had;
use crate::{
    Choice, Clinic, ConsultationEnd, DeclineReason, Event, Outcome, Refusal, Urgency, Visit,
    VisitState, WaitingRoom, text,
};

impl Clinic {
    pub(crate) fn decline(
        &mut self,
        now: Timestamp,
        practitioner: PractitionerId,
        visit: VisitId,
        (reason, message): (DeclineReason, &Redacted<String>),
        effects: &mut Effects,
    ) -> Result<(), Refusal> {
        self.present_visit(practitioner, visit)?;
        let message = text::decline_message(message)?;
        if reason == DeclineReason::QuotaReached {
            return Err(Refusal::NotAChoice);
        }
        self.move_visit(now, visit, Event::Declined { reason, message }, effects);
        Ok(())
    }

    /// Calls somebody who is away, or who did not come. Whoever turns out to be there is first in their waiting room.
    pub(crate) fn call(
        &mut self,
        now: Timestamp,
        practitioner: PractitionerId,
        id: VisitId,
        (connected, had): (bool, Had),
        effects: &mut Effects,
    ) -> Result<(), Refusal> {
        self.is_on_duty(now, practitioner)?;
        let visit = self.seen_visit(practitioner, id)?;
        let (patient, missed) = (visit.patient, did_not_come(visit));
        if visit.state != VisitState::Waiting && !missed {
            return Err(Refusal::VisitNotWaiting);
        }
        if missed {
            self.may_begin_a_visit(patient)?;
            self.takes_in_whoever_was_expected(now, visit, &had.here)?;
            self.latest.insert(patient, id);
        } else if !self.absences.contains(Absent::Patient(id)) {
            return Err(Refusal::PatientThere);
        }
        self.move_visit(now, id, Event::Called { practitioner }, effects);
        if missed {
            self.asks_whoever_did_not_come(id, had, effects);
        }
        if missed && connected {
            self.move_visit(now, id, Event::CameBack, effects);
        } else {
            let who = Absent::Patient(id);
            self.absences.end(who);
            self.absences.begin(who, now, self.policy.called);
        }
        Ok(())
    }

    pub(crate) fn message(
        &mut self,
        practitioner: PractitionerId,
        id: VisitId,
        typed: &Redacted<String>,
        effects: &mut Effects,
    ) -> Result<(), Refusal> {
        self.present_visit(practitioner, id)?;
        let message = text::message(typed)?;
        if let Some(visit) = self.visits.get_mut(&id) {
            visit.message = message;
            effects.visit(visit);
            effects.line(visit.waiting_room);
        }
        Ok(())
    }

    pub(crate) fn set_urgency(
        &mut self,
        practitioner: PractitionerId,
        id: VisitId,
        urgency: Urgency,
        effects: &mut Effects,
    ) -> Result<(), Refusal> {
        if self.present_visit(practitioner, id)?.urgency == urgency {
            return Ok(());
        }
        let standing = self.restand(id, effects, |visit| visit.urgency = urgency);
        if let Some(standing) = standing {
            effects.did(Act::Ranked {
                visit: id,
                urgency,
                standing,
            });
        }
        Ok(())
    }

    /// Hands on somebody who waits, or whom the practitioner is in a consultation with.
    pub(crate) fn transfer(
        &mut self,
        now: Timestamp,
        practitioner: PractitionerId,
        id: VisitId,
        to: WaitingRoom,
        effects: &mut Effects,
    ) -> Result<(), Refusal> {
        let visit = self.visits.get(&id).ok_or(Refusal::NotFound)?;
        let consultation = visit.state.consultation();
        match consultation {
            Some(consultation) => _ = self.own_consultation(practitioner, consultation)?,
            None => _ = self.waiting_visit(practitioner, id)?,
        }
        self.is_there_such(to)?;
        if consultation.is_none() && visit.waiting_room == to {
            return Ok(());
        }
        let (from, service) = (visit.service, self.handed_on_for(visit, to)?);
        if service != from {
            self.has_room_in_the_quota(now, visit, service)?;
        }
        if let Some(consultation) = consultation {
            let how = ConsultationEnd::Transferred;
            self.end_consultation(now, consultation, how, effects);
        }
        let _ = self.restand(id, effects, |visit| {
            visit.waiting_room = to;
            visit.rank.turn = crate::Turn::InTurn;
            visit.choice = match to {
                WaitingRoom::Service(_) => Choice::Next,
                WaitingRoom::Practitioner(who) => Choice::Named(who),
            };
            visit.is_for(service);
        });
        self.move_visit(now, id, Event::Transferred { to }, effects);
        if service != from {
            self.asks_what_another_service_asks(id, from, effects);
        }
        Ok(())
    }

    /// What a visit is for that is handed on there: for a colleague by name what it was for, when they practise that, and else
    /// what they practise. Which of several it would be for nobody said.
    fn handed_on_for(&self, visit: &Visit, to: WaitingRoom) -> Result<ServiceId, Refusal> {
        let who = match to {
            WaitingRoom::Service(service) => return Ok(service),
            WaitingRoom::Practitioner(who) => who,
        };
        let practised = &self
            .practitioners
            .card(who)
            .ok_or(Refusal::NotFound)?
            .services;
        let mut practised_at_all = practised.iter().copied();
        match (practised_at_all.next(), practised_at_all.next()) {
            (None, _) => Ok(visit.service),
            (Some(_), _) if practised.contains(&visit.service) => Ok(visit.service),
            (Some(only), None) => Ok(only),
            (Some(_), Some(_)) => Err(Refusal::NotPractised),
        }
    }

    fn is_there_such(&self, to: WaitingRoom) -> Result<(), Refusal> {
        let there = match to {
            WaitingRoom::Service(service) if !self.services.contains_key(&service) => false,
            WaitingRoom::Service(service) if self.practitioners.practise(service) => true,
            WaitingRoom::Service(_) => return Err(Refusal::NobodyPractises),
            WaitingRoom::Practitioner(who) => self.practitioners.card(who).is_some(),
        };
        if there {
            Ok(())
        } else {
            Err(Refusal::NotFound)
        }
    }

    /// A visit that waits, or was called, where this practitioner looks.
    fn present_visit(&self, practitioner: PractitionerId, id: VisitId) -> Result<&Visit, Refusal> {
        let visit = self.seen_visit(practitioner, id)?;
        match visit.state {
            VisitState::Waiting | VisitState::Admitted { .. } => Ok(visit),
            VisitState::Expected
            | VisitState::InConsultation { .. }
            | VisitState::OnHold { .. }
            | VisitState::Ended { .. } => Err(Refusal::VisitNotWaiting),
        }
    }
}

fn did_not_come(visit: &Visit) -> bool {
    matches!(&visit.state, VisitState::Ended { outcome, .. } if *outcome == Outcome::NoShow)
}
