//! Whom an admission passes over, and why that may be. All the waiting rooms of a practitioner count as one line, in order
//! of rank.

use vestibule_vocab::{Millis, PractitionerId, Timestamp};

use crate::audit::{Overtaking, Passed};
use crate::{Clinic, Overtake, Practitioner, Rank, Refusal, Turn, Urgency, Visit, WaitingRoom};

impl Clinic {
    /// Whom a visit overtakes when it is admitted now, and why; refused when somebody before has waited too long, or when
    /// somebody is passed over and neither the order nor the practitioner says why.
    pub(super) fn overtaking(
        &self,
        now: Timestamp,
        practitioner: PractitionerId,
        visit: &Visit,
        given: Option<Overtake>,
    ) -> Result<Option<Overtaking>, Refusal> {
        if given.is_some_and(|reason| !reason.is_a_choice()) {
            return Err(Refusal::NotAChoice);
        }
        let card = self.practitioners.card(practitioner);
        let card = card.ok_or(Refusal::NotFound)?;
        self.passes_nobody_who_waits_too_long(now, card, visit)?;
        let rooms = std::iter::once(visit.waiting_room).chain(elsewhere(card, visit));
        let passed = rooms.filter_map(|it| self.waiting.passed(it, visit.rank));
        let passed: Vec<Passed> = passed.collect();
        if passed.is_empty() {
            return Ok(None);
        }
        let reason = self.reason(now, (card, visit), &passed, given)?;
        Ok(Some(Overtaking { reason, passed }))
    }

    /// A practitioner chooses when somebody before could be admitted. Everything else follows from the order.
    fn reason(
        &self,
        now: Timestamp,
        (card, visit): (&Practitioner, &Visit),
        passed: &[Passed],
        given: Option<Overtake>,
    ) -> Result<Overtake, Refusal> {
        if self.next(card, visit.waiting_room, visit.rank).is_some() {
            return match given {
                Some(Overtake::WaitingRoomFirst) => Err(Refusal::NotAChoice),
                Some(given) => Ok(given),
                None => Err(Refusal::OvertakeNeedsAReason),
            };
        }
        let others = elsewhere(card, visit);
        let others = others.filter_map(|it| self.next(card, it, visit.rank));
        let others: Vec<&Visit> = others.collect();
        if others.is_empty() {
            return Ok(by_the_order(visit, passed));
        }
        let known = speaks_for_itself(now, card, visit, &others).then_some(Overtake::Named);
        given.or(known).ok_or(Refusal::OvertakeNeedsAReason)
    }

    /// The first of a waiting room who is before this rank and could be admitted by that practitioner.
    fn next(&self, card: &Practitioner, waiting_room: WaitingRoom, rank: Rank) -> Option<&Visit> {
        let before = self.waiting.before(waiting_room, rank);
        let mut before = before.filter_map(|(_, id)| self.visits.get(&id));
        before.find(|other| self.could_be_admitted(card, other))
    }

    /// Nobody is before who could be admitted and has waited for the ageing bound.
    fn passes_nobody_who_waits_too_long(
        &self,
        now: Timestamp,
        card: &Practitioner,
        visit: &Visit,
    ) -> Result<(), Refusal> {
        let rooms = card.waiting_rooms();
        let mut aged = rooms.flat_map(|it| self.aged_before(now, it, visit.rank));
        if aged.any(|other| self.could_be_admitted(card, other)) {
            return Err(Refusal::OthersWaitTooLong);
        }
        Ok(())
    }

    /// Those before a rank who have waited for the ageing bound, in order.
    fn aged_before(
        &self,
        now: Timestamp,
        waiting_room: WaitingRoom,
        rank: Rank,
    ) -> impl Iterator<Item = &Visit> {
        // A rank is no later than the moment from which its visit counts: behind the first rank that is too late for the
        // bound, nobody has to be looked at.
        let latest = Timestamp(now.0.saturating_sub(self.least_bound(waiting_room).0));
        self.waiting
            .before(waiting_room, rank)
            .take_while(move |(rank, _)| rank.turn == Turn::Called || rank.due <= latest)
            .filter_map(|(_, id)| self.visits.get(&id))
            .filter(move |other| self.has_aged(now, other))
    }

    /// Whoever waits there has this ageing bound or a longer one.
    fn least_bound(&self, waiting_room: WaitingRoom) -> Millis {
        match waiting_room {
            WaitingRoom::Service(service) => self.order_of(service).bound,
            WaitingRoom::Practitioner(_) if self.waiting.len(waiting_room) == 0 => Millis(0),
            WaitingRoom::Practitioner(_) => {
                let bounds = self.services.values().map(|service| service.order.bound);
                bounds.min().unwrap_or_default()
            }
        }
    }

    fn has_aged(&self, now: Timestamp, visit: &Visit) -> bool {
        now >= visit.counts_from.plus(self.order_of(visit.service).bound)
    }

    /// This practitioner could have taken them.
    fn could_be_admitted(&self, card: &Practitioner, other: &Visit) -> bool {
        self.is_there(other) && other.gates.ready() && card.may_see(other)
    }
}

/// The practitioner's waiting rooms in which the visit does not wait.
fn elsewhere<'a>(
    card: &'a Practitioner,
    visit: &Visit,
) -> impl Iterator<Item = WaitingRoom> + use<'a> {
    let own = visit.waiting_room;
    card.waiting_rooms().filter(move |it| *it != own)
}

/// Whoever waits for this practitioner alone may come before those who wait for whoever is free; not before one who was
/// called or is more urgent, and not before their own appointment is near.
fn speaks_for_itself(
    now: Timestamp,
    card: &Practitioner,
    visit: &Visit,
    others: &[&Visit],
) -> bool {
    let in_turn =
        |other: &&Visit| other.rank.turn == Turn::InTurn && other.urgency <= visit.urgency;
    let theirs = visit.waiting_room == WaitingRoom::Practitioner(card.id);
    theirs && !is_early(now, visit) && others.iter().all(in_turn)
}

/// Somebody without an appointment who came only now would stand before it.
fn is_early(now: Timestamp, visit: &Visit) -> bool {
    visit.appointment.is_some() && visit.rank.turn == Turn::InTurn && now < visit.rank.due
}

/// Why a visit comes before others when nobody before it could be admitted.
fn by_the_order(visit: &Visit, passed: &[Passed]) -> Overtake {
    if visit.rank.turn == Turn::Called {
        Overtake::Called
    } else if passed.iter().any(|it| it.before > 0) {
        Overtake::NobodyBeforeWasReady
    } else if visit.urgency != Urgency::Routine {
        Overtake::Urgency
    } else {
        Overtake::Appointment
    }
}
