//! When a line is probed, and at what rate.

use std::time::Duration;

use crate::Moment;
use crate::probe::Found;

/// The least time between two probes while more is wanted: a line that became wide is used within a few
/// seconds, and a probe costs a narrow one some hundred bytes.
pub(crate) const INTERVAL: Duration = Duration::from_millis(3_000);

/// At the start a line is asked more often and for more: the first probes may have been lost.
const EARLY: Duration = Duration::from_secs(6);
const EARLY_INTERVAL: Duration = Duration::from_millis(1_000);
const EARLY_STEP: f64 = 3.0;

/// A fall of the target to below this part is followed by a probe as soon as the line is clear, when that is
/// within this time.
const FALL: f64 = 0.66;
const FALL_TIME: Duration = Duration::from_secs(8);

/// A probe that found this part of what it tried is followed by one of this many times the result.
const FURTHER: f64 = 0.7;
const STEP: f64 = 2.0;

/// What is tried beyond what is wanted, as probes find a little less than they try.
pub(crate) const PROBE_MARGIN: f64 = 1.25;

/// What was tried when.
#[derive(Debug)]
pub(crate) struct Plan {
    last: Moment,
    began: Moment,
    /// A growing queue took the target down from this.
    fell_from: Option<(f64, Moment)>,
}

impl Plan {
    /// The first probes are the line's own; these come after them.
    pub(crate) fn new(now: Moment) -> Self {
        Self {
            last: now,
            began: now,
            fell_from: None,
        }
    }

    /// A queue grew while this was the target.
    pub(crate) fn note_fall(&mut self, now: Moment, target: f64) {
        let known = self
            .fell_from
            .is_some_and(|(_, since)| now.since(since) <= FALL_TIME);
        if !known {
            self.fell_from = Some((target, now));
        }
    }

    /// A probe was made for another reason.
    pub(crate) fn note_probe(&mut self, now: Moment) {
        self.last = now;
    }

    /// The rate of a probe that is due on a clear line, of `most` at most.
    pub(crate) fn due(&mut self, now: Moment, target: f64, most: f64) -> Option<f64> {
        if most <= target * PROBE_MARGIN {
            return None;
        }
        let fell = self
            .fell_from
            .take_if(|(from, _)| target < *from * FALL)
            .is_some();
        let early = now.since(self.began) < EARLY;
        let (interval, step) = if early {
            (EARLY_INTERVAL, EARLY_STEP)
        } else {
            (INTERVAL, STEP)
        };
        if !fell && now.since(self.last) < interval {
            return None;
        }
        self.last = now;
        Some((target * step).min(most))
    }

    /// The rate of a probe of a line over which nothing is sent, of `most` at most.
    pub(crate) fn idle(&mut self, now: Moment, target: f64, most: f64) -> f64 {
        self.last = now;
        (target * STEP).min(most)
    }

    /// The rate of the probe that follows one that went well.
    pub(crate) fn further(&mut self, now: Moment, found: &Found, most: f64) -> Option<f64> {
        if found.takes < found.tried * FURTHER || found.takes >= most {
            return None;
        }
        self.last = now;
        Some((found.takes * STEP).min(most))
    }
}
