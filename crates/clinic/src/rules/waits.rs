//! What estimates of waits learn from, and what they promise.

use vestibule_vocab::{PractitionerId, Timestamp, VisitId};

use super::Effects;
use crate::estimate::{Counts, Interval, Promise, Server};
use crate::limits::PROMISED_PLACES;
use crate::{
    Clinic, Consultation, ConsultationEnd, Duty, Event, Practitioner, Visit, VisitState,
    WaitingRoom,
};

impl Clinic {
    /// How much longer a visit will wait, as an interval that holds for four people in five. `None` when it does not wait,
    /// or when too little is known. See [`estimate`](crate::estimate).
    #[must_use]
    pub fn wait(&self, now: Timestamp, visit: VisitId) -> Option<Interval> {
        let visit = self.visits.get(&visit)?;
        self.wait_at(now, visit, self.place(visit.id)?)
    }

    /// How many of the recent promises of a waiting room were kept.
    #[must_use]
    pub fn coverage(&self, waiting_room: WaitingRoom) -> Counts {
        let estimator = self.estimators.get(&waiting_room);
        estimator
            .map(|it| it.coverage().recent())
            .unwrap_or_default()
    }

    /// Whoever arrives not far behind is promised an interval, so that what became of it is counted.
    pub(super) fn promise(&mut self, now: Timestamp, id: VisitId) {
        let Some(place) = self.place(id).filter(|place| *place <= PROMISED_PLACES) else {
            return;
        };
        let interval = self
            .visits
            .get(&id)
            .and_then(|it| self.wait_at(now, it, place));
        if let (Some(visit), Some(interval)) = (self.visits.get_mut(&id), interval) {
            visit.promise = Some(Promise { at: now, interval });
        }
    }

    /// A visit has left the waiting room, or did not come when called.
    pub(super) fn learn_from(
        &mut self,
        now: Timestamp,
        visit: &Visit,
        before: &VisitState,
        event: &Event,
    ) {
        let waited = now.since(visit.arrived_at);
        let estimator = self.estimators.entry(visit.waiting_room).or_default();
        match (before, event) {
            (VisitState::Waiting, Event::Admitted { .. }) => {
                if let Some(promise) = visit.promise {
                    estimator.resolve(promise, now);
                }
            }
            (VisitState::Admitted { .. }, Event::PatientLost) => estimator.no_show(waited),
            (VisitState::Waiting, Event::Called { .. }) | (_, Event::CameBack | Event::Arrived) => {
            }
            (VisitState::Waiting | VisitState::Admitted { .. }, _) => estimator.left(waited),
            _ => {}
        }
    }

    /// A practitioner took somebody in, having been free since a while.
    pub(super) fn learn_pause(&mut self, now: Timestamp, visit: VisitId, who: PractitionerId) {
        let visit = self.visits.get(&visit);
        let (Some(visit), Some(free_since)) = (visit, self.free_since.remove(&who)) else {
            return;
        };
        let pause = now.since(free_since.max(visit.arrived_at));
        let waited = now.since(visit.arrived_at);
        let estimator = self.estimators.entry(visit.waiting_room).or_default();
        estimator.admitted(waited, pause);
    }

    /// A consultation has ended. What was learnt until now is stored.
    pub(super) fn learn_length(&mut self, consultation: &Consultation, effects: &mut Effects) {
        let (Some(ended), Some(visit)) = (consultation.ended, self.visits.get(&consultation.visit))
        else {
            return;
        };
        if ended.how == ConsultationEnd::PractitionerLost || consultation.held_since.is_some() {
            return;
        }
        let waiting_room = visit.waiting_room;
        let estimator = self.estimators.entry(waiting_room).or_default();
        estimator.consulted(ended.at.since(consultation.started_at));
        effects.estimator(waiting_room, estimator);
    }

    fn wait_at(&self, now: Timestamp, visit: &Visit, place: u32) -> Option<Interval> {
        let estimator = self.estimators.get(&visit.waiting_room)?;
        let servers: Vec<Server> = self
            .practitioners
            .cards()
            .filter(|card| sees(card, visit.waiting_room))
            .filter_map(|card| self.server(now, card))
            .collect();
        estimator.interval(now, place, &servers)
    }

    /// What a practitioner does now, when they admit from their waiting rooms.
    fn server(&self, now: Timestamp, card: &Practitioner) -> Option<Server> {
        let consultation = self.consultation_of(card.id);
        let there = self.practitioners.is_connected(card.id);
        let server = match (card.duty, consultation) {
            (Duty::Off, _) => return None,
            (Duty::Break { until: None }, None) => return None,
            (Duty::Break { until: Some(until) }, None) => Server::coming(until),
            (_, Some(consultation)) => Server::busy(consultation.started_at),
            (Duty::On, None) if !there => return None,
            (Duty::On, None) => {
                let since = self.free_since.get(&card.id).copied();
                Server::free(since.unwrap_or(now))
            }
        };
        Some(match shift_end(card, now) {
            Some(end) => server.leaving(end),
            None => server,
        })
    }
}

fn sees(card: &Practitioner, waiting_room: WaitingRoom) -> bool {
    match waiting_room {
        WaitingRoom::Practitioner(who) => card.id == who,
        WaitingRoom::Service(service) => card.services.contains(&service),
    }
}

/// When the shift that is under way ends.
fn shift_end(card: &Practitioner, now: Timestamp) -> Option<Timestamp> {
    let next = card.roster.as_ref()?.after(now).next()?;
    (next.from <= now).then_some(next.to)
}
