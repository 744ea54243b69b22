//! A pool's work played ahead: what can be taken on, and what comes.

use vestibule_vocab::{Millis, Timestamp};

use super::rules::Planned;
use super::{Booked, Pool, Shield};
use crate::limits::UNPLANNED_SHIFT;

/// The consultations that the members of a pool can take on, and those who need them, as far as it was played.
pub(super) struct Ahead {
    /// When each consultation begins, in order.
    starts: Vec<Timestamp>,
    /// From when on each is counted on, which is no later, in order.
    counted_from: Vec<Timestamp>,
    /// When each who is booked comes, in order, and how many places they take.
    due: Vec<(Timestamp, u64)>,
    /// From when on they take them, which is no later, in order.
    taken_from: Vec<(Timestamp, u64)>,
    /// How many of the consultations have begun.
    begun: usize,
    /// How many of those who are booked have come.
    come: usize,
    /// How many of them take their places, and the places of those who have not come.
    taking: usize,
    to_come: u64,
    /// Places of those who are there and were not helped yet.
    backlog: u64,
}

impl Ahead {
    /// Of the work of each member that `plan` says, and so many who wait now.
    pub(super) fn of(
        pool: &Pool<'_>,
        now: Timestamp,
        (typical, waiting): (Millis, u32),
        plan: impl Fn(&Shield<'_>) -> Vec<Planned>,
    ) -> Self {
        let plans: Vec<_> = pool.members.iter().map(plan).collect();
        let (mut starts, mut counted_from) = (Vec::new(), Vec::new());
        for (member, plan) in pool.members.iter().zip(&plans) {
            for Planned { start, shift } in plan {
                let counted = counted_from_then(pool, member, *shift, start.plus(typical));
                starts.push(*start);
                counted_from.push(counted.min(*start));
            }
        }
        starts.sort_unstable();
        counted_from.sort_unstable();
        let booked = pool.booked.iter();
        let mut due: Vec<_> = booked.map(|it| (it.at, u64::from(it.places))).collect();
        due.sort_unstable();
        let booked = pool.booked.iter();
        let taken = booked.map(|it| (taken_from(pool, now, &plans, it), u64::from(it.places)));
        let mut taken_from: Vec<_> = taken.collect();
        taken_from.sort_unstable();
        Self {
            starts,
            counted_from,
            due,
            taken_from,
            begun: 0,
            come: 0,
            taking: 0,
            to_come: 0,
            backlog: waiting.into(),
        }
    }

    /// The moments at which more is counted on, in order.
    pub(super) fn more_from(&self) -> impl Iterator<Item = Timestamp> + '_ {
        self.counted_from.iter().copied()
    }

    /// How many more the consultations hold at this moment that are counted on then, beside those who wait now and were not
    /// helped before, and who is booked in the same shifts. To be asked of one moment after another.
    pub(super) fn room(&mut self, moment: Timestamp) -> u64 {
        while let Some(&start) = self.starts.get(self.begun)
            && start < moment
        {
            self.come_by(start);
            self.backlog = self.backlog.saturating_sub(1);
            self.begun += 1;
        }
        self.come_by(moment);
        let counted = self.counted_from.partition_point(|&from| from <= moment);
        let held = u64::try_from(counted.saturating_sub(self.begun)).unwrap_or(u64::MAX);
        held.saturating_sub(self.backlog.saturating_add(self.to_come))
    }

    fn come_by(&mut self, moment: Timestamp) {
        while let Some(&(from, places)) = self.taken_from.get(self.taking)
            && from <= moment
        {
            self.to_come = self.to_come.saturating_add(places);
            self.taking += 1;
        }
        while let Some(&(at, places)) = self.due.get(self.come)
            && at <= moment
        {
            self.backlog = self.backlog.saturating_add(places);
            self.to_come = self.to_come.saturating_sub(places);
            self.come += 1;
        }
    }
}

/// From when on somebody takes up places who is booked: as soon as the shift is counted on in which one sees them who may.
/// Where none does, when their time has come.
fn taken_from(
    pool: &Pool<'_>,
    now: Timestamp,
    plans: &[Vec<Planned>],
    booked: &Booked<'_>,
) -> Timestamp {
    let from = booked.by.iter().filter_map(|&place| {
        let (member, plan) = (pool.members.get(place)?, plans.get(place)?);
        let shift = match member.roster {
            Some(roster) => roster.after(booked.at).next()?.from,
            None => {
                let begun = plan.iter().take_while(|it| it.shift <= booked.at);
                begun.last().map_or(now, |it| it.shift)
            }
        };
        Some(counted_from_then(pool, member, shift, booked.at))
    });
    from.min().map_or(booked.at, |from| from.min(booked.at))
}

/// From when on it is counted on what a member does in a shift until a moment. Whoever plans no shifts is taken to go on
/// working for so long and no longer.
fn counted_from_then(
    pool: &Pool<'_>,
    member: &Shield<'_>,
    shift: Timestamp,
    until: Timestamp,
) -> Timestamp {
    let near = before(shift, pool.lead);
    match member.roster {
        Some(_) => near,
        None => near.max(before(until, UNPLANNED_SHIFT)),
    }
}

fn before(moment: Timestamp, length: Millis) -> Timestamp {
    Timestamp(moment.0.saturating_sub(length.0))
}
