//! What a pool of practitioners can promise to those who wait.

use serde::{Deserialize, Serialize};
use thiserror::Error;
use vestibule_vocab::{Millis, Timestamp};

use super::Shield;
use super::ahead::Ahead;
use crate::calendar::OpeningHours;

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
    /// Who is expected, in any order.
    pub booked: &'a [Booked<'a>],
}

/// Somebody who is expected at a time: they take up places of a pool, whether others wait or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Booked<'a> {
    /// When.
    pub at: Timestamp,
    /// How many consultations of the typical length would take as long.
    pub places: u32,
    /// Who may see them, by their place among the [members](Pool::members): they take nothing from the shifts of others.
    pub by: &'a [usize],
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
    #[error(
        "the shifts hold no more consultations than those who wait and are booked already need"
    )]
    ShiftsFull,
}

impl Pool<'_> {
    /// How many more people the queue can take in beside the `waiting` and those who are booked, and keep its promise to each
    /// when consultations take the typical length. See [`Shield::remaining`].
    #[must_use]
    pub fn room(&self, now: Timestamp, typical: Millis, waiting: u32) -> u32 {
        let latest = now.plus(self.lead);
        let mut ahead = Ahead::of(self, now, (typical, waiting), |member| {
            member.plan(now, latest, typical)
        });
        u32::try_from(ahead.room(now)).unwrap_or(u32::MAX)
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

    /// Why it is closed, without the question until when.
    pub(crate) fn reason(
        &self,
        now: Timestamp,
        typical: Millis,
        waiting: u32,
    ) -> Option<QueueClosedReason> {
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
    /// counted on. Those who wait are helped meanwhile, and those who are booked come.
    pub(crate) fn opens_at(
        &self,
        now: Timestamp,
        typical: Millis,
        waiting: u32,
    ) -> Option<Timestamp> {
        let mut ahead = Ahead::of(self, now, (typical, waiting), |member| {
            member.foresee(now, typical)
        });
        let later: Vec<Timestamp> = ahead.more_from().filter(|&from| from > now).collect();
        let mut looked_at = None;
        for moment in std::iter::once(now).chain(later) {
            if looked_at.is_some_and(|at| moment <= at) {
                continue;
            }
            let opening = self.hours.next_opening(moment)?;
            if ahead.room(opening) > 0 {
                return Some(opening);
            }
            looked_at = Some(opening);
        }
        None
    }
}

/// When the shift begins that is under way or comes next.
fn first_shift(member: &Shield<'_>, now: Timestamp) -> Option<Timestamp> {
    member.shifts(now).next().map(|shift| shift.from)
}
