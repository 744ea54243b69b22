//! How much of each tail is cut off, so that one promise in ten is broken on either side.

use serde::{Deserialize, Serialize};
use vestibule_vocab::Millis;

use super::Interval;
use super::interval::Verdict;

/// Shares are counted in millionths: whole numbers come back from the store as they went.
const MILLION: u32 = 1_000_000;
/// What each tail is meant to hold.
const AIM: u32 = MILLION / 10;
/// A promise that did not break on one side makes the tail there larger by this part of itself, one
/// that did makes it smaller by [`ODDS`] times as much: one in ten breaks in the long run. A tail
/// doubles in seventy promises and halves in eight. In parts of itself, because promises that break
/// do so together, and a tail that gave way by the same amount each time would soon be none.
const STEP: u32 = 100;
/// Promises that hold on one side for each that breaks there.
const ODDS: u32 = 9;
/// The least that is cut off: less is not to be told apart in as many replays as there are.
const LEAST: u32 = MILLION / 200;
/// The most, or a run of kept promises would leave next to nothing to promise.
const MOST: u32 = MILLION / 4;

/// The shares of the replays that lie below and above an interval, in millionths.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) struct Calibration {
    below: u32,
    above: u32,
}

impl Default for Calibration {
    fn default() -> Self {
        Self {
            below: AIM,
            above: AIM,
        }
    }
}

impl Calibration {
    /// A promise that broke on one side widens the next ones there, one that did not narrows them.
    pub(super) fn follow(&mut self, verdict: Verdict) {
        self.below = moved(self.below, verdict == Verdict::Earlier);
        self.above = moved(self.above, verdict == Verdict::Later);
    }

    /// The waits between the tails. They are in order, in milliseconds; `None` when the upper end
    /// lies among those that have none.
    pub(super) fn interval(&self, waits: &[f64]) -> Option<Interval> {
        let low = quantile(waits, self.below.min(MOST))?;
        let high = quantile(waits, MILLION.saturating_sub(self.above.min(MOST)))?;
        high.is_finite().then(|| Interval {
            low: millis(low.min(high).floor()),
            high: millis(high.ceil()),
        })
    }
}

fn moved(tail: u32, broken: bool) -> u32 {
    let part = tail / STEP;
    let tail = if broken {
        tail.saturating_sub(part.saturating_mul(ODDS))
    } else {
        tail.saturating_add(part)
    };
    tail.clamp(LEAST, MOST)
}

/// The quantile of sorted values, between the two that are next to it.
fn quantile(sorted: &[f64], share: u32) -> Option<f64> {
    let position = f64::from(share) / f64::from(MILLION) * sorted.len() as f64 - 0.5;
    let position = position.max(0.0);
    let last = sorted.len().checked_sub(1)?;
    let index = (position as usize).min(last);
    let (&here, &next) = (sorted.get(index)?, sorted.get((index + 1).min(last))?);
    if here == next {
        return Some(here);
    }
    Some(here + (next - here) * (position - index as f64).clamp(0.0, 1.0))
}

/// Of a length that is not negative. What is too long for the type is as long as the type allows.
fn millis(length: f64) -> Millis {
    Millis(length as u64)
}
