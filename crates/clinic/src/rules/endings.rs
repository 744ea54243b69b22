//! How visits move on and consultations end, whatever the cause.

use vestibule_vocab::{ConsultationId, Redacted, Timestamp, VisitId};

use super::Effects;
use crate::absence::Absent;
use crate::limits::ENDED_VISITS;
use crate::{Arrival, Clinic, ConsultationEnd, Ended, Event, VisitState};

impl Clinic {
    /// Ends a visit: nobody is waited for any more, and it is remembered for a while.
    pub(super) fn end_visit(
        &mut self,
        now: Timestamp,
        id: VisitId,
        event: Event,
        effects: &mut Effects,
    ) {
        self.move_visit(now, id, event, effects);
        self.absences.end(Absent::Patient(id));
        if let Some((id, VisitState::Ended { at, .. })) =
            self.visits.get(&id).map(|visit| (visit.id, &visit.state))
        {
            self.ended.insert((*at, id));
        }
        while self.ended.len() > ENDED_VISITS {
            self.forget_first(effects);
        }
    }

    /// Ends a consultation; what becomes of its visit is the caller's business.
    pub(super) fn end_consultation(
        &mut self,
        now: Timestamp,
        id: ConsultationId,
        how: ConsultationEnd,
        effects: &mut Effects,
    ) {
        let Some(mut consultation) = self.consultations.remove(&id) else {
            return;
        };
        let at = now.max(consultation.started_at);
        consultation.ended = Some(Ended { how, at });
        self.absences.end(Absent::Practitioner(id));
        effects.consultation(&consultation);
        self.practitioners.release(consultation);
    }

    /// Moves a visit by the table of its states, and the waiting room with it.
    pub(super) fn move_visit(
        &mut self,
        now: Timestamp,
        id: VisitId,
        event: Event,
        effects: &mut Effects,
    ) {
        let Some(visit) = self.visits.get_mut(&id) else {
            return;
        };
        let at = now.max(visit.arrived_at);
        let Some(state) = visit.state.after(event, at) else {
            return;
        };
        let before = std::mem::replace(&mut visit.state, state);
        if !visit.state.is_active() {
            // Nobody is shown it any more, so nobody needs to have it.
            visit.reason = Redacted::default();
        }
        effects.visit(visit);
        let (arrival, waits) = (visit.arrival, visit.state == VisitState::Waiting);
        self.move_in_waiting_room(id, arrival, before == VisitState::Waiting, waits, effects);
    }

    /// Forgets the ended visit that is the first to be forgotten.
    pub(super) fn forget_first(&mut self, effects: &mut Effects) {
        if let Some(&(_, id)) = self.ended.first() {
            self.forget(id, effects);
        }
    }

    /// Forgets an ended visit.
    pub(crate) fn forget(&mut self, id: VisitId, effects: &mut Effects) {
        let Some(visit) = self.visits.remove(&id) else {
            return;
        };
        if let VisitState::Ended { at, .. } = visit.state {
            self.ended.remove(&(at, id));
        }
        if self.latest.get(&visit.patient) == Some(&id) {
            self.latest.remove(&visit.patient);
        }
        effects.patient(visit.patient);
        for practitioner in self.practitioners.showing(id) {
            effects.practitioner(practitioner);
        }
        self.practitioners.forget(id);
        effects.forget(id);
    }

    pub(crate) fn move_in_waiting_room(
        &mut self,
        id: VisitId,
        arrival: Arrival,
        waited: bool,
        waits: bool,
        effects: &mut Effects,
    ) {
        match (waited, waits) {
            (true, false) => self.waiting.remove(arrival),
            (false, true) => self.waiting.insert(arrival, id),
            (true, true) | (false, false) => return,
        }
        effects.places_from(arrival);
    }
}
