//! Whom an admission passes over, and why that may be. All the waiting rooms of a practitioner count as one line, in order
//! of rank.

use vestibule_vocab::{Millis, PractitionerId, Timestamp, VisitId};

use crate::audit::{Hindered, Hindrance, OneHindered, Overtaking, Passed};
use crate::limits::LOOKED_AT;
use crate::stand::Stand;
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
        let hindered = Some(self.hindered(card, visit, reason));
        Ok(Some(Overtaking {
            reason,
            passed,
            hindered,
        }))
    }

    /// A practitioner chooses when somebody before could be admitted, and no rule says why they are passed. Everything else
    /// follows from the order.
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
        if self.chooses_among_rooms(now, card, visit) {
            return given.ok_or(Refusal::OvertakeNeedsAReason);
        }
        let mut others = elsewhere(card, visit);
        if others.any(|it| self.next(card, it, visit.rank).is_some()) {
            return Ok(Overtake::Named);
        }
        Ok(by_the_order(visit, passed))
    }

    /// Somebody before in another waiting room could be admitted, and the visit does not come before them by itself.
    fn chooses_among_rooms(&self, now: Timestamp, card: &Practitioner, visit: &Visit) -> bool {
        let by_name = Stand::of(visit).may_come_by_name(now);
        elsewhere(card, visit).any(|room| {
            if by_name {
                let mut weighed = self.weighed(room, visit);
                weighed.any(|other| self.could_be_admitted(card, other))
            } else {
                self.next(card, room, visit.rank).is_some()
            }
        })
    }

    /// Those before in another waiting room before whom nobody comes by name.
    fn weighed(&self, room: WaitingRoom, visit: &Visit) -> impl Iterator<Item = &Visit> {
        let weighed = self
            .waiting
            .called_or_pressing(room, visit.rank, visit.urgency);
        weighed.filter_map(|id| self.visits.get(&id))
    }

    /// Those who stand before and could not be admitted, where nothing else says why they are passed.
    fn hindered(&self, card: &Practitioner, visit: &Visit, reason: Overtake) -> Hindered {
        let (rank, urgency) = (visit.rank, visit.urgency);
        let before = |room| self.waiting.before(room, rank).map(|(_, id)| id);
        let here = before(visit.waiting_room);
        let others = elsewhere(card, visit);
        if reason == Overtake::Named {
            // The others come after it by its name: thousands may, and need not be looked at.
            let others = others.flat_map(|it| self.waiting.called_or_pressing(it, rank, urgency));
            return self.told_of(card, here.chain(others));
        }
        self.told_of(card, here.chain(others.flat_map(before)))
    }

    fn told_of(&self, card: &Practitioner, mut before: impl Iterator<Item = VisitId>) -> Hindered {
        let looked_at = before.by_ref().take(LOOKED_AT);
        let visits = looked_at.filter_map(|visit| {
            let why = self.hindrance(card, self.visits.get(&visit)?)?;
            Some(OneHindered { visit, why })
        });
        Hindered {
            visits: visits.collect(),
            not_looked_at: u32::try_from(before.count()).unwrap_or(u32::MAX),
        }
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
        self.hindrance(card, other).is_none()
    }

    /// Why this practitioner could not have taken them.
    fn hindrance(&self, card: &Practitioner, other: &Visit) -> Option<Hindrance> {
        if !self.is_there(other) {
            Some(Hindrance::Away)
        } else if !other.gates.ready() {
            Some(Hindrance::NotReady)
        } else if !card.may_see(other) {
            Some(Hindrance::OtherLanguage)
        } else {
            None
        }
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
