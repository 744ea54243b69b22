//! Whom an admission passes over, and why that may be.

use vestibule_vocab::{PractitionerId, Timestamp};

use crate::audit::Overtaking;
use crate::{Clinic, Overtake, Practitioner, Rank, Refusal, Turn, Urgency, Visit, WaitingRoom};

impl Clinic {
    /// Whom a visit overtakes when it is admitted now, and why; refused when somebody before has waited too long, in
    /// whichever of the practitioner's waiting rooms.
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
        self.passes_nobody_elsewhere(now, card, visit)?;
        let mut before = Before::default();
        for (_, id) in self.waiting.before(visit.waiting_room, visit.rank) {
            if let Some(other) = self.visits.get(&id) {
                self.look_at(now, card, visit, other, &mut before)?;
            }
        }
        let earlier = self
            .waiting
            .came_before(visit.waiting_room, visit.rank.arrival);
        let passed = earlier.saturating_add(before.later_but_there);
        let reason = reason(visit, &before, given);
        Ok((passed > 0).then(|| Overtaking {
            passed: u32::try_from(passed).unwrap_or(u32::MAX),
            reason,
        }))
    }

    fn look_at(
        &self,
        now: Timestamp,
        card: &Practitioner,
        visit: &Visit,
        other: &Visit,
        before: &mut Before,
    ) -> Result<(), Refusal> {
        before.anybody = true;
        if !self.could_be_admitted(card, other) {
            return Ok(());
        }
        if self.has_aged(now, other) {
            return Err(Refusal::OthersWaitTooLong);
        }
        before.there = true;
        if other.rank.arrival > visit.rank.arrival {
            before.later_but_there = before.later_but_there.saturating_add(1);
        }
        Ok(())
    }

    /// Nobody who waits in another of this practitioner's waiting rooms is before and has waited for the ageing bound.
    fn passes_nobody_elsewhere(
        &self,
        now: Timestamp,
        card: &Practitioner,
        visit: &Visit,
    ) -> Result<(), Refusal> {
        let elsewhere = card.waiting_rooms().filter(|it| *it != visit.waiting_room);
        let mut aged = elsewhere.flat_map(|it| self.aged_before(now, it, visit.rank));
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
        // A rank is no later than the moment from which its visit counts, and all who wait for a service have its bound:
        // behind the first rank that is too late, nobody has to be looked at.
        let latest = match waiting_room {
            WaitingRoom::Service(service) => {
                Timestamp(now.0.saturating_sub(self.order_of(service).bound.0))
            }
            WaitingRoom::Practitioner(_) => now,
        };
        self.waiting
            .before(waiting_room, rank)
            .take_while(move |(rank, _)| rank.turn == Turn::Called || rank.due <= latest)
            .filter_map(|(_, id)| self.visits.get(&id))
            .filter(move |other| self.has_aged(now, other))
    }

    fn has_aged(&self, now: Timestamp, visit: &Visit) -> bool {
        now >= visit.counts_from.plus(self.order_of(visit.service).bound)
    }

    /// This practitioner could have taken them.
    fn could_be_admitted(&self, card: &Practitioner, other: &Visit) -> bool {
        self.is_there(other) && other.gates.ready() && card.may_see(other)
    }
}

/// Those who are before a visit by rank, in its waiting room.
#[derive(Default)]
struct Before {
    anybody: bool,
    /// Somebody could have been admitted.
    there: bool,
    /// So many could have been admitted who came later.
    later_but_there: usize,
}

fn reason(visit: &Visit, before: &Before, given: Option<Overtake>) -> Overtake {
    if before.there {
        given.unwrap_or(Overtake::Unsaid)
    } else if visit.rank.turn == Turn::Called {
        Overtake::Called
    } else if before.anybody {
        Overtake::NobodyBeforeWasReady
    } else if visit.urgency != Urgency::Routine {
        Overtake::Urgency
    } else {
        Overtake::Appointment
    }
}
