//! What a pool of practitioners can promise to those who wait.

use serde::{Deserialize, Serialize};
use thiserror::Error;
use vestibule_vocab::{Millis, Timestamp};

use super::Shield;
use super::rules::Planned;
use crate::calendar::{Interval, OpeningHours};
use crate::limits::POOL_HORIZON;

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
    /// begin within [`POOL_HORIZON`].
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

    /// The first moment at which the queue may be joined and has room: now, or when another shift
    /// comes near, or the first opening after either.
    fn opens_at(&self, now: Timestamp, typical: Millis, waiting: u32) -> Option<Timestamp> {
        let horizon = now.plus(POOL_HORIZON);
        let mut plan: Vec<Planned> = Vec::new();
        let mut moments = vec![now];
        for member in self.rostered() {
            plan.extend(member.plan(now, horizon, typical));
            let shifts = member.shifts(now).map(|shift| self.counted_from(shift));
            moments.extend(shifts.filter(|&from| now < from && from <= horizon));
        }
        moments.extend(self.unplanned().filter_map(|member| member.next_free(now)));
        let openings = moments
            .into_iter()
            .filter_map(|moment| self.hours.next_opening(moment));
        let mut openings: Vec<_> = openings.collect();
        openings.sort_unstable();
        openings.dedup();
        openings
            .into_iter()
            .find(|&opening| self.has_room(&plan, opening, typical, waiting))
    }

    /// True when the shifts that are counted on by then hold more, from then on, than those who wait
    /// now and were not helped before.
    fn has_room(
        &self,
        plan: &[Planned],
        opening: Timestamp,
        typical: Millis,
        waiting: u32,
    ) -> bool {
        let latest = opening.plus(self.lead);
        let counted = || plan.iter().filter(|planned| planned.shift <= latest);
        let before = counted().filter(|planned| planned.start < opening).count();
        let after = counted().filter(|planned| planned.start >= opening).count();
        let unplanned = self.unplanned();
        let unplanned: usize = unplanned
            .map(|member| member.plan(opening, opening, typical).len())
            .sum();
        let waiting = usize::try_from(waiting).unwrap_or(usize::MAX);
        after.saturating_add(unplanned) > waiting.saturating_sub(before)
    }

    fn rostered(&self) -> impl Iterator<Item = &Shield<'_>> {
        self.members.iter().filter(|member| member.roster.is_some())
    }

    fn unplanned(&self) -> impl Iterator<Item = &Shield<'_>> {
        self.members.iter().filter(|member| member.roster.is_none())
    }

    fn counted_from(&self, shift: Interval) -> Timestamp {
        Timestamp(shift.from.0.saturating_sub(self.lead.0))
    }
}

/// When the shift begins that is under way or comes next.
fn first_shift(member: &Shield<'_>, now: Timestamp) -> Option<Timestamp> {
    member.shifts(now).next().map(|shift| shift.from)
}
