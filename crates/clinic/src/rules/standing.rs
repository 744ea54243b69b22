//! Where a visit waits, and before whom.

use vestibule_vocab::{ServiceId, Timestamp, VisitId};

use crate::audit::Standing;
use crate::{
    Arrival, Choice, Clinic, Duty, Language, Order, Rank, Refusal, Turn, Visit, WaitingRoom,
};

impl Clinic {
    /// A new arrival's number.
    pub(super) fn next_arrival(&mut self) -> Arrival {
        self.arrivals = self.arrivals.saturating_add(1);
        Arrival(self.arrivals)
    }

    /// The policy of order of a service.
    pub(super) fn order_of(&self, service: ServiceId) -> Order {
        self.services
            .get(&service)
            .map(|service| service.order)
            .unwrap_or_default()
    }

    /// The moment from which somebody counts who comes now: never before another who came earlier, although the clock
    /// may have stepped back since.
    pub(super) fn arrival_counts_from(&mut self, now: Timestamp) -> Timestamp {
        self.latest_arrival = self.latest_arrival.max(now);
        self.latest_arrival
    }

    /// The rank of a visit among those of a service.
    pub(super) fn rank(&self, service: ServiceId, visit: &Visit) -> Rank {
        let order = self.order_of(service);
        let credit = order.credit(visit.appointment.is_some(), visit.urgency);
        Rank {
            due: Timestamp(visit.counts_from.0.saturating_sub(credit.0)),
            ..visit.rank
        }
    }

    /// Where somebody waits with this choice, when there is such a place.
    pub(super) fn waiting_room(
        &self,
        service: ServiceId,
        choice: Choice,
    ) -> Result<WaitingRoom, Refusal> {
        if !self.services.contains_key(&service) {
            return Err(Refusal::NotFound);
        }
        if let Some(practitioner) = choice.practitioner() {
            let card = self.practitioners.card(practitioner);
            if !card.ok_or(Refusal::NotFound)?.services.contains(&service) {
                return Err(Refusal::NotPractised);
            }
        }
        Ok(choice.waiting_room(service))
    }

    /// The practitioner whom one would wait for there is off duty, or their shift is over and the next one far; or nobody
    /// there speaks the language that one waits for.
    pub(super) fn nobody_comes(
        &self,
        now: Timestamp,
        waiting_room: WaitingRoom,
        language: Option<Language>,
    ) -> bool {
        match waiting_room {
            WaitingRoom::Service(service) => self.nobody_speaks(service, language),
            WaitingRoom::Practitioner(practitioner) => {
                let card = self.practitioners.card(practitioner);
                card.is_none_or(|card| card.duty == Duty::Off || !card.is_near(now))
            }
        }
    }

    /// Gives a visit another urgency, choice or waiting room by `change`, and the rank that follows; it keeps the moment
    /// from which it counts. The queue follows when it waits.
    pub(super) fn restand(
        &mut self,
        id: VisitId,
        effects: &mut super::Effects,
        change: impl FnOnce(&mut Visit),
    ) -> Option<Standing> {
        let mut visit = self.visits.get(&id)?.clone();
        let before = (visit.waiting_room, visit.rank);
        change(&mut visit);
        visit.asked = self.nobody_comes(effects.now(), visit.waiting_room, visit.language);
        visit.rank = self.rank(visit.service, &visit);
        let standing = standing(&visit);
        if visit.state == crate::VisitState::Waiting {
            self.waiting.remove(before.0, before.1);
            effects.places_from(before.0, before.1);
            let one = (id, visit.urgency);
            self.waiting.insert(visit.waiting_room, visit.rank, one);
            effects.places_from(visit.waiting_room, visit.rank);
        }
        effects.line(visit.waiting_room);
        effects.visit(&visit);
        self.visits.insert(id, visit);
        self.follow_appointment(id);
        Some(standing)
    }
}

/// Where a visit stands.
pub(super) fn standing(visit: &Visit) -> Standing {
    Standing {
        waiting_room: visit.waiting_room,
        rank: visit.rank,
        counts_from: visit.counts_from,
    }
}

/// The rank of somebody of whom nothing is known but when they came.
pub(super) fn first_rank(arrival: Arrival, counts_from: Timestamp) -> Rank {
    Rank {
        turn: Turn::InTurn,
        due: counts_from,
        arrival,
    }
}
