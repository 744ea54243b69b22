//! What the shifts of those who share a waiting room hold beside those who wait there and those who are expected.

use std::collections::{BTreeMap, BTreeSet};

use vestibule_vocab::{Millis, PractitionerId, ServiceId, Timestamp};

use crate::appointments::Due;
use crate::limits::{CAP, POOL_HORIZON};
use crate::shield::{Booked, Pool, QueueClosed, Shield};
use crate::{Changed, Clinic, Closed, Practitioner, Service, WaitingRoom};

/// Who sees a waiting room, and what else they see: queues that share a practitioner are one pool.
struct Shared<'a> {
    /// In order of their ids.
    members: Vec<&'a Practitioner>,
    /// Each with those of the members who see it.
    rooms: BTreeMap<WaitingRoom, Vec<usize>>,
}

impl Shared<'_> {
    fn is_member(&self, who: PractitionerId) -> bool {
        let place = self.members.binary_search_by_key(&who, |card| card.id);
        place.is_ok()
    }
}

impl Clinic {
    /// The services that a change of who waits, is expected and works may have opened or closed: their queues are held to
    /// shifts.
    #[must_use]
    pub fn held_to_shifts(&self, changed: &Changed) -> BTreeSet<ServiceId> {
        let rooms = changed.waiting_rooms.union(&changed.booked);
        let seers = rooms.flat_map(|it| self.practitioners.seeing(*it));
        let people: BTreeSet<PractitionerId> = seers.chain(changed.practitioners.clone()).collect();
        let cards = people.iter().filter_map(|it| self.practitioners.card(*it));
        let services = cards.flat_map(|card| card.services.iter().copied());
        let promised =
            |id: &ServiceId| self.services.get(id).is_some_and(|it| it.promise.is_some());
        services.filter(promised).collect()
    }

    /// Why a waiting room takes nobody in that is held to what the shifts hold.
    pub(super) fn full(
        &self,
        now: Timestamp,
        service: &Service,
        waiting_room: WaitingRoom,
    ) -> Option<Closed> {
        let promise = service.promise?;
        let shared = self.shared(waiting_room);
        let rooms = shared.rooms.keys();
        let waiting: usize = rooms.map(|room| self.waiting.len(*room)).sum();
        let waiting = u32::try_from(waiting).unwrap_or(u32::MAX);
        let zone = &service.hours.timetable().zone;
        let members = shared.members.iter();
        let shields: Vec<Shield<'_>> = members.map(|card| card.shielded(zone)).collect();
        let booked = |latest| {
            let ends = shields.iter().map(|one| one.works_until(now, latest));
            let until = ends.max().unwrap_or(now);
            self.booked((now, until), promise.typical, &shared)
        };
        let near = booked(now.plus(promise.lead));
        let pool = Pool {
            members: &shields,
            hours: &service.hours,
            lead: promise.lead,
            booked: &near,
        };
        let reason = pool.reason(now, promise.typical, waiting)?;
        // When it opens depends on who is booked in the days to come too.
        let far = booked(now.plus(POOL_HORIZON));
        let pool = Pool {
            booked: &far,
            ..pool
        };
        let queue = QueueClosed {
            reason,
            opens_at: pool.opens_at(now, promise.typical, waiting),
        };
        Some(Closed::with_the_queue(queue, service, now))
    }

    fn shared(&self, waiting_room: WaitingRoom) -> Shared<'_> {
        let seers = self.practitioners.seeing(waiting_room);
        let members: Vec<&Practitioner> = seers
            .filter_map(|who| self.practitioners.card(who))
            .collect();
        let mut rooms: BTreeMap<WaitingRoom, Vec<usize>> = BTreeMap::new();
        for (place, card) in members.iter().enumerate() {
            for room in card.waiting_rooms() {
                rooms.entry(room).or_default().push(place);
            }
        }
        Shared { members, rooms }
    }

    /// The appointments of a pool before `until`. One with whoever is free of a service that others practise too takes none of
    /// its time while one of those works then. More than all could see are not looked at.
    fn booked<'a>(
        &self,
        (now, until): (Timestamp, Timestamp),
        typical: Millis,
        shared: &'a Shared<'_>,
    ) -> Vec<Booked<'a>> {
        let most = usize::from(CAP).saturating_mul(shared.members.len());
        let mut booked = Vec::new();
        for (room, by) in &shared.rooms {
            let due = self.appointments.due(*room, until).take(most);
            let due = due.filter(|due| !self.others_can_keep(*room, *due, shared));
            booked.extend(due.map(|due| place(due, now, typical, by)));
        }
        booked
    }

    fn others_can_keep(&self, waiting_room: WaitingRoom, due: Due, shared: &Shared<'_>) -> bool {
        let seers = self.practitioners.seeing(waiting_room);
        let others = seers.filter(|who| !shared.is_member(*who));
        let mut cards = others.filter_map(|who| self.practitioners.card(who));
        cards.any(|card| card.works_during(due.appointment))
    }
}

/// It takes as many places as consultations of the typical length would. Whoever has come and waits has one of them in the
/// queue, and takes the others as of now.
fn place(due: Due, now: Timestamp, typical: Millis, by: &[usize]) -> Booked<'_> {
    let places = due.appointment.length.0.div_ceil(typical.0.max(1)).max(1);
    let places = u32::try_from(places).unwrap_or(u32::MAX);
    let (at, places) = if due.expected {
        (due.appointment.at, places)
    } else {
        (now, places.saturating_sub(1))
    };
    Booked { at, places, by }
}
