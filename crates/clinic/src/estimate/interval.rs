//! What is promised, and how it is shown.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};
use vestibule_vocab::{Millis, Timestamp};

const MINUTE: u64 = 60_000;

/// A wait that is between two lengths, for four people in five.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub struct Interval {
    /// One in ten waits less.
    pub low: Millis,
    /// One in ten waits more. Never below `low`.
    pub high: Millis,
}

/// An interval in whole minutes, as people are shown it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub struct Minutes {
    /// Rounded down.
    pub low: u64,
    /// Rounded up; at least 1, because nobody is told to wait for no time.
    pub high: u64,
}

/// An interval that somebody was told, and when. Kept with the visit until its wait has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub struct Promise {
    /// When it was told.
    pub at: Timestamp,
    /// The wait from then on.
    pub interval: Interval,
}

/// What became of a promise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Earlier,
    Within,
    Later,
}

impl Interval {
    /// Rounded outward: what is shown is never narrower than what is known.
    #[must_use]
    pub const fn minutes(self) -> Minutes {
        let high = self.high.0.div_ceil(MINUTE);
        Minutes {
            low: self.low.0 / MINUTE,
            high: if high == 0 { 1 } else { high },
        }
    }

    /// The wait since the arrival, of somebody who has `waited` already and waits this much longer.
    /// No end of it lies below what they have waited.
    #[must_use]
    pub const fn since_arrival(self, waited: Millis) -> Self {
        Self {
            low: Millis(self.low.0.saturating_add(waited.0)),
            high: Millis(self.high.0.saturating_add(waited.0)),
        }
    }
}

impl Promise {
    /// What is left of the promise: never negative, and nothing when its end has passed, for then
    /// it is broken and not to be shown any more.
    #[must_use]
    pub const fn remaining(self, now: Timestamp) -> Option<Interval> {
        let passed = now.since(self.at).0;
        if passed > self.interval.high.0 {
            return None;
        }
        Some(Interval {
            low: Millis(self.interval.low.0.saturating_sub(passed)),
            high: Millis(self.interval.high.0.saturating_sub(passed)),
        })
    }

    pub(super) fn verdict(self, admitted_at: Timestamp) -> Verdict {
        let waited = admitted_at.since(self.at);
        let below = waited.cmp(&self.interval.low);
        let above = waited.cmp(&self.interval.high);
        match (below, above) {
            (Ordering::Less, _) => Verdict::Earlier,
            (_, Ordering::Greater) => Verdict::Later,
            (Ordering::Equal | Ordering::Greater, Ordering::Less | Ordering::Equal) => {
                Verdict::Within
            }
        }
    }
}
