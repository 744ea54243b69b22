//! Whether a consultation may begin, and how many more a shift can hold.

use vestibule_vocab::{Millis, Timestamp};

use super::{Roster, ShieldPolicy, ShieldReason, Shielded, Workday};
use crate::Cap;
use crate::calendar::{Interval, Period, Zone};
use crate::limits::{CAP, POOL_HORIZON, SHIELD_STEPS, UNPLANNED_AHEAD, UNPLANNED_SHIFT};

/// One practitioner's shield.
#[derive(Clone, Copy, Debug)]
pub struct Shield<'a> {
    /// What is asked for.
    pub policy: &'a ShieldPolicy,
    /// Whose hours and days are counted.
    pub zone: &'a Zone,
    /// When they work; `None` where shifts are not planned, which is at any time.
    pub roster: Option<&'a Roster>,
    /// What they have done.
    pub workday: &'a Workday,
}

/// A consultation that a shift can hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Planned {
    /// When it may begin.
    pub(super) start: Timestamp,
    /// When its shift begins. Whoever plans none begins one now, and another when a day is over whose cap was reached:
    /// they are not taken to go on working past that.
    pub(super) shift: Timestamp,
}

impl<'a> Shield<'a> {
    /// Whether a consultation may begin at `now`.
    pub fn may_begin(&self, now: Timestamp) -> Result<(), Shielded> {
        let reasons = [
            self.pause(now),
            self.rest(now),
            self.cap(now, Period::Hour, self.policy.hour, ShieldReason::HourCap),
            self.cap(now, Period::Day, self.policy.day, ShieldReason::DayCap),
            self.planned_break(now),
            self.owed_break(now),
            self.shift(now),
            self.consultation(),
        ];
        let longest = reasons
            .into_iter()
            .flatten()
            .max_by_key(|shielded| shielded.until.unwrap_or(Timestamp(u64::MAX)));
        longest.map_or(Ok(()), Err)
    }

    /// The first moment, not before `now`, at which a consultation may begin, if nothing else does
    /// before. `None` during a consultation, and when no shift is left that has room for one.
    #[must_use]
    pub fn next_free(&self, now: Timestamp) -> Option<Timestamp> {
        let mut at = now;
        for _ in 0..SHIELD_STEPS {
            match self.may_begin(at) {
                Ok(()) => return Some(at),
                Err(shielded) => at = shielded.until.filter(|&until| until > at)?,
            }
        }
        None
    }

    /// How many more consultations the shift that is under way can hold, each of the typical length
    /// and begun as soon as it may be. One under way is not counted; it is taken to end after the
    /// typical length, or now. Zero off shift; at most [`CAP`].
    ///
    /// `typical` is better an upper quantile of observed lengths than their mean: half of all shifts
    /// would hold less than promised.
    #[must_use]
    pub fn remaining(&self, now: Timestamp, typical: Millis) -> u32 {
        let plan = self.plan(now, now, typical);
        let under_way = plan.iter().filter(|planned| planned.shift <= now);
        u32::try_from(under_way.count()).unwrap_or(u32::MAX)
    }

    /// The consultations of the typical length that the shifts can hold which begin by `latest`. Whoever plans no shifts may
    /// have some that begin later, behind the cap of a day.
    pub(super) fn plan(&self, now: Timestamp, latest: Timestamp, typical: Millis) -> Vec<Planned> {
        let shifts = self.shifts(now);
        let shifts = shifts.take_while(|shift| shift.from <= latest);
        self.plan_within(shifts, now, typical)
    }

    /// The same of all that can be said now: the shifts of a week, or a day and a night of somebody who goes on working.
    pub(super) fn foresee(&self, now: Timestamp, typical: Millis) -> Vec<Planned> {
        if self.roster.is_some() {
            return self.plan(now, now.plus(POOL_HORIZON), typical);
        }
        let unplanned = Interval::new(now, now.plus(UNPLANNED_AHEAD));
        self.plan_within(std::iter::once(unplanned), now, typical)
    }

    fn plan_within(
        &self,
        shifts: impl Iterator<Item = Interval>,
        now: Timestamp,
        typical: Millis,
    ) -> Vec<Planned> {
        let mut workday = self.workday.clone();
        workday.observe(now);
        let mut at = now;
        if let Some(begun) = workday.under_way() {
            at = begun.plus(typical).max(now);
            workday.end(at, self.roster);
        }
        let mut plan = Vec::new();
        for shift in shifts {
            at = at.max(shift.from);
            let mut since = shift.from;
            while plan.len() < CAP.into() {
                let after = Shield {
                    workday: &workday,
                    ..*self
                };
                let start = after.next_free(at).filter(|&start| shift.contains(start));
                let Some(start) = start.filter(|start| start.plus(typical) <= shift.to) else {
                    break;
                };
                since = after.unplanned_from(at).unwrap_or(since);
                at = start.plus(typical);
                workday.begin(start, self.policy);
                workday.end(at, self.roster);
                plan.push(Planned {
                    start,
                    shift: since,
                });
            }
        }
        plan
    }

    /// When somebody without planned shifts works again who has had as many consultations on this day as they may.
    fn unplanned_from(&self, now: Timestamp) -> Option<Timestamp> {
        let cap = self.policy.day.filter(|_| self.roster.is_none());
        self.cap(now, Period::Day, cap, ShieldReason::DayCap)?.until
    }

    /// Until when they work in the shifts that begin by `latest`.
    pub(crate) fn works_until(&self, now: Timestamp, latest: Timestamp) -> Timestamp {
        let Some(roster) = self.roster else {
            return now.plus(UNPLANNED_SHIFT).max(latest);
        };
        let shifts = roster.after(now).take_while(|shift| shift.from <= latest);
        shifts.last().map_or(now, |shift| shift.to)
    }

    /// The shifts that are not over, in order. Unplanned: one that begins now.
    pub(super) fn shifts(&self, now: Timestamp) -> impl Iterator<Item = Interval> + 'a {
        let unplanned = Interval::new(now, now.plus(UNPLANNED_SHIFT));
        let unplanned = self.roster.is_none().then_some(unplanned);
        let planned = self.roster.into_iter().flat_map(move |roster| {
            let shifts = roster.after(now);
            shifts.map(super::Shift::interval)
        });
        unplanned.into_iter().chain(planned)
    }

    fn consultation(&self) -> Option<Shielded> {
        self.workday
            .under_way()
            .map(|_| shielded(ShieldReason::InConsultation, None))
    }

    fn pause(&self, now: Timestamp) -> Option<Shielded> {
        let until = self.workday.pause_until(self.policy.pause);
        holds(ShieldReason::Pause, now, until)
    }

    fn rest(&self, now: Timestamp) -> Option<Shielded> {
        let until = self.workday.rest_until(now, self.policy);
        holds(ShieldReason::RestDue, now, until)
    }

    fn owed_break(&self, now: Timestamp) -> Option<Shielded> {
        holds(ShieldReason::OnBreak, now, self.workday.owed_until())
    }

    fn cap(
        &self,
        now: Timestamp,
        period: Period,
        cap: Option<Cap>,
        reason: ShieldReason,
    ) -> Option<Shielded> {
        let cap = cap?;
        let around = period.around(now, self.zone);
        let reached = cap.is_reached_by(self.workday.begun_since(around.from));
        reached.then_some(shielded(reason, Some(around.to)))
    }

    /// A planned break, or too little time before one.
    fn planned_break(&self, now: Timestamp) -> Option<Shielded> {
        let soon = now.plus(self.policy.buffer);
        let breaks = self.roster?.after(now).next()?.breaks.iter();
        let near =
            breaks.filter(|pause| pause.contains(now) || now < pause.from && pause.from < soon);
        let last = near.max_by_key(|pause| pause.to)?;
        let reason = if last.contains(now) {
            ShieldReason::OnBreak
        } else {
            ShieldReason::BreakSoon
        };
        Some(shielded(reason, Some(last.to)))
    }

    /// No shift, or too little time before its end.
    fn shift(&self, now: Timestamp) -> Option<Shielded> {
        let mut shifts = self.roster?.after(now);
        let Some(shift) = shifts.next() else {
            return Some(shielded(ShieldReason::OffShift, None));
        };
        if now < shift.from {
            return Some(shielded(ShieldReason::OffShift, Some(shift.from)));
        }
        let ends_soon = now.plus(self.policy.buffer) > shift.to;
        let next = shifts.next().map(|shift| shift.from);
        ends_soon.then_some(shielded(ShieldReason::ShiftEnding, next))
    }
}

fn shielded(reason: ShieldReason, until: Option<Timestamp>) -> Shielded {
    Shielded { reason, until }
}

/// A reason that holds until a moment that is still ahead.
fn holds(reason: ShieldReason, now: Timestamp, until: Option<Timestamp>) -> Option<Shielded> {
    until
        .filter(|&until| now < until)
        .map(|until| shielded(reason, Some(until)))
}
