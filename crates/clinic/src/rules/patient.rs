//! What patients ask for.

use vestibule_vocab::{PatientId, Redacted, Timestamp, VisitId};

use super::Effects;
use crate::{Arrival, Clinic, ConsultationEnd, Event, Refusal, Visit, VisitState, text};

impl Clinic {
    pub(crate) fn arrive(
        &mut self,
        now: Timestamp,
        patient: PatientId,
        visit: VisitId,
        name: &Redacted<String>,
        reason: &Redacted<String>,
        effects: &mut Effects,
    ) -> Result<(), Refusal> {
        if let Some(known) = self.visits.get(&visit) {
            return arrive_again(known, patient);
        }
        self.may_begin_a_visit(patient)?;
        let (name, reason) = (text::name(name)?, text::reason(reason)?);
        if self.waiting.len() >= self.policy.waiting {
            return Err(Refusal::WaitingRoomFull);
        }
        let arrival = self.next_arrival();
        let state = VisitState::Waiting;
        self.enter(Visit {
            id: visit,
            patient,
            name,
            reason,
            arrival,
            arrived_at: now,
            state,
        });
        if let Some(visit) = self.visits.get(&visit) {
            effects.visit(visit);
        }
        effects.waiting_room();
        Ok(())
    }

    pub(crate) fn leave(
        &mut self,
        now: Timestamp,
        patient: PatientId,
        visit: VisitId,
        effects: &mut Effects,
    ) -> Result<(), Refusal> {
        let known = self
            .visits
            .get(&visit)
            .filter(|visit| visit.patient == patient);
        match known.ok_or(Refusal::NotFound)?.state {
            VisitState::Waiting => {}
            VisitState::InConsultation { consultation } => {
                self.end_consultation(now, consultation, ConsultationEnd::PatientLeft, effects);
            }
            VisitState::Ended { .. } => return Err(Refusal::VisitEnded),
        }
        self.end_visit(now, visit, Event::Left, effects);
        Ok(())
    }

    fn may_begin_a_visit(&self, patient: PatientId) -> Result<(), Refusal> {
        let latest = self
            .latest
            .get(&patient)
            .and_then(|visit| self.visits.get(visit));
        match latest {
            Some(visit) if visit.state.is_active() => Err(Refusal::VisitActive),
            Some(_) | None => Ok(()),
        }
    }

    fn next_arrival(&mut self) -> Arrival {
        self.arrivals = self.arrivals.saturating_add(1);
        Arrival(self.arrivals)
    }

    fn enter(&mut self, visit: Visit) {
        self.latest.insert(visit.patient, visit.id);
        self.waiting.insert(visit.arrival, visit.id);
        self.visits.insert(visit.id, visit);
    }
}

/// A join token stands for one visit: repeated while it waits, arriving changes nothing; once it
/// has ended, it does not begin again. To anybody else the visit does not exist.
fn arrive_again(known: &Visit, patient: PatientId) -> Result<(), Refusal> {
    if known.patient != patient {
        return Err(Refusal::NotFound);
    }
    match known.state {
        VisitState::Waiting => Ok(()),
        VisitState::InConsultation { .. } => Err(Refusal::VisitActive),
        VisitState::Ended { .. } => Err(Refusal::VisitEnded),
    }
}
