//! Stretches of time, and what is left of some when others are taken out.

use serde::{Deserialize, Serialize};
use vestibule_vocab::{Millis, Timestamp};

/// A stretch of time: from its first moment up to, and without, its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Interval {
    /// Its first moment.
    pub from: Timestamp,
    /// The first moment after it. Not later than `from`: nothing lies in it.
    pub to: Timestamp,
}

impl Interval {
    /// From one moment up to another.
    #[must_use]
    pub const fn new(from: Timestamp, to: Timestamp) -> Self {
        Self { from, to }
    }

    /// True when nothing lies in it.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.to <= self.from
    }

    /// True when the moment lies in it.
    #[must_use]
    pub fn contains(self, at: Timestamp) -> bool {
        self.from <= at && at < self.to
    }

    /// How long it is.
    #[must_use]
    pub const fn length(self) -> Millis {
        self.to.since(self.from)
    }

    /// What lies in both; may be empty.
    #[must_use]
    pub fn within(self, other: Self) -> Self {
        Self {
            from: self.from.max(other.from),
            to: self.to.min(other.to),
        }
    }
}

/// The same stretches in order, those that overlap or touch made one, the empty ones left out.
pub(crate) fn merged(mut intervals: Vec<Interval>) -> Vec<Interval> {
    intervals.retain(|interval| !interval.is_empty());
    intervals.sort_unstable();
    let mut merged: Vec<Interval> = Vec::with_capacity(intervals.len());
    for interval in intervals {
        match merged.last_mut() {
            Some(last) if interval.from <= last.to => last.to = last.to.max(interval.to),
            Some(_) | None => merged.push(interval),
        }
    }
    merged
}

/// What is left of `whole` without `holes`. Both are [`merged`], and so is the result.
pub(crate) fn without(whole: &[Interval], holes: &[Interval]) -> Vec<Interval> {
    let mut left = Vec::new();
    for &interval in whole {
        let first = holes.partition_point(|hole| hole.to <= interval.from);
        let mut from = interval.from;
        for hole in holes.iter().skip(first) {
            if hole.from >= interval.to {
                break;
            }
            left.push(Interval::new(from, hole.from));
            from = hole.to;
        }
        left.push(Interval::new(from, interval.to));
    }
    left.retain(|interval| !interval.is_empty());
    left
}

/// The parts of [`merged`] stretches that lie in the window.
pub(crate) fn clipped(
    intervals: &[Interval],
    window: Interval,
) -> impl Iterator<Item = Interval> + '_ {
    let first = intervals.partition_point(|interval| interval.to <= window.from);
    intervals
        .iter()
        .skip(first)
        .map(move |interval| interval.within(window))
        .take_while(|interval| !interval.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn some(bounds: &[(u64, u64)]) -> Vec<Interval> {
        let interval = |&(from, to)| Interval::new(Timestamp(from), Timestamp(to));
        bounds.iter().map(interval).collect()
    }

    #[test]
    fn stretches_that_overlap_or_touch_are_one() {
        let merged = merged(some(&[(8, 9), (3, 5), (1, 3), (4, 6), (7, 7)]));
        assert_eq!(merged, some(&[(1, 6), (8, 9)]));
    }

    #[test]
    fn a_hole_may_cover_take_an_end_or_part_in_two() {
        let whole = some(&[(0, 10), (20, 30), (40, 50)]);
        let left = without(&whole, &some(&[(2, 4), (8, 22), (40, 60)]));
        assert_eq!(left, some(&[(0, 2), (4, 8), (22, 30)]));
    }

    #[test]
    fn a_window_shows_the_parts_that_lie_in_it() {
        let all = some(&[(0, 10), (20, 30), (40, 50)]);
        let window = Interval::new(Timestamp(5), Timestamp(25));
        let shown: Vec<_> = clipped(&all, window).collect();
        assert_eq!(shown, some(&[(5, 10), (20, 25)]));
    }
}
