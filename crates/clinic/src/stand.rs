//! Why one who waits is seen before another, as far as it follows from how both stand.

use vestibule_vocab::Timestamp;

use crate::{Overtake, Rank, Turn, Urgency, Visit, WaitingRoom};

/// How somebody stands who waits. The audit log tells it too: whoever reads it finds the same reasons.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stand {
    pub(crate) waiting_room: WaitingRoom,
    pub(crate) rank: Rank,
    pub(crate) urgency: Urgency,
    /// They came to an appointment.
    pub(crate) appointment: bool,
}

impl Stand {
    pub(crate) fn of(visit: &Visit) -> Self {
        Self {
            waiting_room: visit.waiting_room,
            rank: visit.rank,
            urgency: visit.urgency,
            appointment: visit.appointment.is_some(),
        }
    }

    /// The other one came earlier, or stands before by rank: to be seen now is to pass them.
    pub(crate) fn passes(&self, other: &Self) -> bool {
        other.rank.arrival < self.rank.arrival || other.rank < self.rank
    }

    /// What brings this one before another who came earlier, and by rank stands behind.
    pub(crate) fn ranks_before(&self, other: &Self) -> Overtake {
        if self.rank.turn != other.rank.turn {
            Overtake::Called
        } else if self.urgency > other.urgency {
            Overtake::Urgency
        } else if self.appointment || other.appointment {
            Overtake::Appointment
        } else {
            Overtake::Credit
        }
    }

    /// Whoever waits for one practitioner alone may come before those who wait for whoever is free; but not before their own
    /// appointment is near.
    pub(crate) fn may_come_by_name(&self, now: Timestamp) -> bool {
        matches!(self.waiting_room, WaitingRoom::Practitioner(_)) && !self.is_early(now)
    }

    /// They do come before this one, who stands before by rank: it waits elsewhere, was not called, and is not more urgent.
    pub(crate) fn comes_by_name(&self, now: Timestamp, before: &Self) -> bool {
        self.may_come_by_name(now)
            && before.waiting_room != self.waiting_room
            && before.rank.turn == Turn::InTurn
            && before.urgency <= self.urgency
    }

    /// Somebody without an appointment who came only now would stand before it.
    fn is_early(&self, now: Timestamp) -> bool {
        self.appointment && self.rank.turn == Turn::InTurn && now < self.rank.due
    }
}
