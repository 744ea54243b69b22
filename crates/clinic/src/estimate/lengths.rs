//! Lengths that were observed, and what the next ones are likely to be.

use std::collections::VecDeque;
use std::sync::OnceLock;

use serde::{Deserialize, Serialize};
use vestibule_vocab::Millis;

use crate::limits::{OBSERVED_LENGTH, OBSERVED_LENGTHS, REPLAYS};

/// How much the newest length moves the pace. A drift of half within a week is followed within half
/// a day of one practitioner; four times as slow made the intervals a twentieth wider or more.
const GAIN: f64 = 1.0 / 16.0;
/// The logarithm of four. What is more than four times as long as the pace, or as short, moves it as
/// if it were four times: a consultation that was begun by mistake says little about the next.
const MOST_SURPRISE: f64 = 2.0 * std::f64::consts::LN_2;
/// Lengths whose mean the pace starts from.
const START: usize = 16;
/// The longest lengths, whose shape stands for that of lengths beyond them.
const TAIL: usize = 8;
/// Quantiles that stand for a length beyond them.
const TAIL_RANKS: u32 = 32;

/// The last lengths, oldest first. The pace of the work drifts, the way in which lengths differ
/// from the pace hardly does: so the pace comes from the newest few and the shape from all.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(from = "VecDeque<u32>", into = "VecDeque<u32>")]
pub(super) struct Lengths {
    observed: VecDeque<u32>,
    /// Worked out when somebody asks: a decision that observes a length does not wait for it.
    learnt: OnceLock<Learnt>,
}

/// What follows from the lengths.
#[derive(Clone, Debug)]
struct Learnt {
    /// As if all had been observed at the present pace; milliseconds.
    likely: Vec<f64>,
    /// By how much the present pace may be misjudged, one factor for each replay.
    doubt: Vec<f64>,
    mean: f64,
    variance: f64,
}

/// Two are equal when the same was observed: the rest follows.
impl PartialEq for Lengths {
    fn eq(&self, other: &Self) -> bool {
        self.observed == other.observed
    }
}

impl Eq for Lengths {}

/// What follows is left behind: most copies are made to be stored, and nobody asks them for it.
impl Clone for Lengths {
    fn clone(&self) -> Self {
        Self {
            observed: self.observed.clone(),
            learnt: OnceLock::new(),
        }
    }
}

impl From<VecDeque<u32>> for Lengths {
    fn from(observed: VecDeque<u32>) -> Self {
        let mut lengths = Self {
            observed,
            learnt: OnceLock::new(),
        };
        lengths.forget_the_oldest();
        lengths
    }
}

impl From<Lengths> for VecDeque<u32> {
    fn from(lengths: Lengths) -> Self {
        lengths.observed
    }
}

impl Lengths {
    pub(super) fn len(&self) -> usize {
        self.observed.len()
    }

    /// A length that is too long to be true does not count.
    pub(super) fn observe(&mut self, length: Millis) {
        if length > OBSERVED_LENGTH {
            return;
        }
        self.observed
            .push_back(u32::try_from(length.0).unwrap_or(u32::MAX));
        self.forget_the_oldest();
        self.learnt.take();
    }

    fn forget_the_oldest(&mut self) {
        while self.observed.len() > OBSERVED_LENGTHS {
            self.observed.pop_front();
        }
    }

    fn learnt(&self) -> &Learnt {
        self.learnt.get_or_init(|| Learnt::from(&self.observed))
    }

    /// Lengths at the present pace, in no order.
    pub(super) fn likely(&self) -> &[f64] {
        &self.learnt().likely
    }

    /// Of a length at the present pace.
    pub(super) fn mean(&self) -> f64 {
        self.learnt().mean
    }

    /// Of a length at the present pace.
    pub(super) fn variance(&self) -> f64 {
        self.learnt().variance
    }

    /// By how much all lengths of one replay differ from the pace.
    pub(super) fn doubt(&self, replay: u32) -> f64 {
        self.learnt()
            .doubt
            .get(replay as usize)
            .copied()
            .unwrap_or(1.0)
    }

    /// How much longer lengths last that have lasted so long; in no order, and never none when
    /// anything was observed.
    pub(super) fn beyond(&self, elapsed: f64) -> Vec<f64> {
        let longer = self.likely().iter().filter(|&&length| length > elapsed);
        let rest: Vec<f64> = longer.map(|length| length - elapsed).collect();
        if rest.len() >= TAIL {
            return rest;
        }
        self.beyond_all(elapsed)
    }

    /// Lengths longer than nearly all that were seen follow a Pareto distribution, whose exponent is
    /// that of the longest ones (Hill, 1975). As if one more had been seen, twice as long as it
    /// had to be: when all the longest are equal, they do not say that this one ends at once.
    fn beyond_all(&self, elapsed: f64) -> Vec<f64> {
        let mut sorted = self.likely().to_vec();
        sorted.sort_by(|one, other| other.total_cmp(one));
        let least = sorted.get(TAIL).or(sorted.last()).copied().unwrap_or(1.0);
        let logs = sorted.iter().take(TAIL).map(|length| (length / least).ln());
        let exponent = (logs.sum::<f64>() + std::f64::consts::LN_2) / (TAIL as f64 + 1.0);
        let beyond = |rank: u32| {
            let share = (f64::from(rank) + 0.5) / f64::from(TAIL_RANKS);
            elapsed * (share.powf(-exponent) - 1.0)
        };
        (0..TAIL_RANKS).map(beyond).collect()
    }
}

impl From<&VecDeque<u32>> for Learnt {
    fn from(observed: &VecDeque<u32>) -> Self {
        let logs: Vec<f64> = observed.iter().map(|&length| ln(length)).collect();
        let mut pace = mean(logs.iter().take(START).copied());
        let mut moves = Vec::with_capacity(logs.len());
        let mut surprises = Vec::with_capacity(logs.len());
        for log in logs {
            let surprise = log - pace;
            let moved = surprise.clamp(-MOST_SURPRISE, MOST_SURPRISE);
            pace += GAIN * moved;
            surprises.push(surprise);
            moves.push(moved * moved);
        }
        let spread = mean(moves.into_iter()).sqrt();
        let likely = surprises.iter().map(|surprise| (pace + surprise).exp());
        let likely: Vec<f64> = likely.collect();
        let average = mean(likely.iter().copied());
        let squares = likely.iter().map(|length| (length - average).powi(2));
        Self {
            doubt: doubt(spread * (GAIN / (2.0 - GAIN)).sqrt()),
            mean: average,
            variance: mean(squares),
            likely,
        }
    }
}

/// Nothing lasts no time at all: a second is the least.
fn ln(length: u32) -> f64 {
    f64::from(length.max(1_000)).ln()
}

fn mean(values: impl ExactSizeIterator<Item = f64>) -> f64 {
    let count = values.len().max(1) as f64;
    values.sum::<f64>() / count
}

/// Factors that spread evenly over the logistic distribution with this deviation, whose quantiles
/// have a closed form; in an order that no other draw follows.
fn doubt(deviation: f64) -> Vec<f64> {
    let scale = deviation * 3.0_f64.sqrt() / std::f64::consts::PI;
    let factor = |replay: u32| {
        let rank = replay.wrapping_mul(77) % REPLAYS;
        let share = (f64::from(rank) + 0.5) / f64::from(REPLAYS);
        (scale * (share / (1.0 - share)).ln()).exp()
    };
    (0..REPLAYS).map(factor).collect()
}
