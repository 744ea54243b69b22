//! What a pool of practitioners can promise to those who wait.

use serde::{Deserialize, Serialize};
use thiserror::Error;
use vestibule_vocab::{Millis, Timestamp};

use super::Shield;
use crate::calendar::OpeningHours;
use crate::limits::UNPLANNED_SHIFT;

/// The practitioners who share a queue, and the hours in which it takes people in. Queues that share
/// a practitioner are one pool, and those who wait in any of them are its waiting: time is promised
/// once.
#[derive(Clone, Copy, Debug)]
pub struct Pool<'a> {
    /// Who shares it.
    pub members: &'a [Shield<'a>],
    /// When it may be joined.
    pub hours: &'a OpeningHours,
    /// How long before their shift a practitioner is counted on: as long as patients are willing to
    /// wait for it.
    pub lead: Millis,
}

/// The queue takes nobody in. Its reason is the stable code on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Error, Serialize)]
#[error("the queue is closed: {reason}")]
pub struct QueueClosed {
    /// Why.
    pub reason: QueueClosedReason,
    /// When it opens again, should nobody leave it before; `None` when that is not planned yet.
    pub opens_at: Option<Timestamp>,
}

/// Why a queue takes nobody in.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Error, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum QueueClosedReason {
    /// Code `outside_hours`.
    #[error("it is outside the opening hours")]
    OutsideHours,
    /// Code `nobody_on_shift`.
    #[error("no practitioner is on shift")]
    NobodyOnShift,
    /// Code `shifts_full`.
    #[error("the shifts hold no more consultations than those who wait already need")]
    ShiftsFull,
}

impl Pool<'_> {
    /// How many more people the queue can take in beside the `waiting`, and keep its promise to each
    /// when consultations take the typical length. See [`Shield::remaining`].
    #[must_use]
    pub fn room(&self, now: Timestamp, typical: Millis, waiting: u32) -> u32 {
        let latest = now.plus(self.lead);
        let held: usize = self
            .members
            .iter()
            .map(|member| member.plan(now, latest, typical).len())
            .sum();
        u32::try_from(held)
            .unwrap_or(u32::MAX)
            .saturating_sub(waiting)
    }

    /// Whether the queue is closed at `now`, and then why and until when.
    ///
    /// An open queue costs one plan of its members' shifts, a closed one also a plan of those that
    /// begin within [`POOL_HORIZON`](crate::limits::POOL_HORIZON).
    #[must_use]
    pub fn closes(&self, now: Timestamp, typical: Millis, waiting: u32) -> Option<QueueClosed> {
        let reason = self.reason(now, typical, waiting)?;
        Some(QueueClosed {
            reason,
            opens_at: self.opens_at(now, typical, waiting),
        })
    }

    fn reason(&self, now: Timestamp, typical: Millis, waiting: u32) -> Option<QueueClosedReason> {
        if !self.hours.is_open(now) {
            return Some(QueueClosedReason::OutsideHours);
        }
        if self.room(now, typical, waiting) > 0 {
            return None;
        }
        let latest = now.plus(self.lead);
        let on_shift = self
            .members
            .iter()
            .any(|member| first_shift(member, now).is_some_and(|from| from <= latest));
        Some(if on_shift {
            QueueClosedReason::ShiftsFull
        } else {
            QueueClosedReason::NobodyOnShift
        })
    }

    /// The first moment at which the queue may be joined and has room: when it next takes people in, or when more is
    /// counted on. Those who wait are helped meanwhile.
    fn opens_at(&self, now: Timestamp, typical: Millis, waiting: u32) -> Option<Timestamp> {
        let ahead = Ahead::of(self, now, typical);
        let later = ahead.counted_from.iter().copied();
        let mut looked_at = None;
        for moment in std::iter::once(now).chain(later.filter(|&from| from > now)) {
            if looked_at.is_some_and(|at| moment <= at) {
                continue;
            }
            let opening = self.hours.next_opening(moment)?;
            if ahead.has_room(opening, waiting) {
                return Some(opening);
            }
            looked_at = Some(opening);
        }
        None
    }
}

/// The consultations that the members can take on within [`POOL_HORIZON`](crate::limits::POOL_HORIZON), each moment in order.
struct Ahead {
    /// When each begins.
    starts: Vec<Timestamp>,
    /// From when on each is counted on, which is no later.
    counted_from: Vec<Timestamp>,
}

impl Ahead {
    fn of(pool: &Pool<'_>, now: Timestamp, typical: Millis) -> Self {
        let mut ahead = Self {
            starts: Vec::new(),
            counted_from: Vec::new(),
        };
        for member in pool.members {
            for planned in member.foresee(now, typical) {
                let counted_from = match member.roster {
                    Some(_) => before(planned.shift, pool.lead),
                    None => before(planned.start.plus(typical), UNPLANNED_SHIFT),
                };
                ahead.starts.push(planned.start);
                ahead.counted_from.push(counted_from.min(planned.start));
            }
        }
        ahead.starts.sort_unstable();
        ahead.counted_from.sort_unstable();
        ahead
    }

    /// True when those that are counted on by then are more, from then on, than those who wait now and were not helped
    /// before.
    fn has_room(&self, opening: Timestamp, waiting: u32) -> bool {
        let begun = self.starts.partition_point(|&start| start < opening);
        let counted = self.counted_from.partition_point(|&from| from <= opening);
        let waiting = usize::try_from(waiting).unwrap_or(usize::MAX);
        counted.saturating_sub(begun) > waiting.saturating_sub(begun)
    }
}

fn before(moment: Timestamp, length: Millis) -> Timestamp {
    Timestamp(moment.0.saturating_sub(length.0))
}

/// When the shift begins that is under way or comes next.
fn first_shift(member: &Shield<'_>, now: Timestamp) -> Option<Timestamp> {
    member.shifts(now).next().map(|shift| shift.from)
}
