//! The share of promises that were kept.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::interval::Verdict;
use crate::limits::{COVERAGE_COUNT, COVERAGE_COUNTS};

/// How the recent promises ended, in a window that moves on by one count at a time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Coverage(VecDeque<Counts>);

/// Promises by what became of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub struct Counts {
    /// The patient was admitted before the interval.
    pub earlier: u32,
    /// The patient was admitted within it.
    pub within: u32,
    /// The patient was admitted after it.
    pub later: u32,
}

impl Coverage {
    /// The last 1,000 promises or so whose patients were admitted.
    #[must_use]
    pub fn recent(&self) -> Counts {
        self.0.iter().fold(Counts::default(), |sum, count| Counts {
            earlier: sum.earlier.saturating_add(count.earlier),
            within: sum.within.saturating_add(count.within),
            later: sum.later.saturating_add(count.later),
        })
    }

    pub(super) fn count(&mut self, verdict: Verdict) {
        if self
            .0
            .back()
            .is_none_or(|last| last.all() >= COVERAGE_COUNT)
        {
            self.0.push_back(Counts::default());
        }
        while self.0.len() > COVERAGE_COUNTS {
            self.0.pop_front();
        }
        if let Some(last) = self.0.back_mut() {
            last.add(verdict);
        }
    }
}

impl Counts {
    /// All of them.
    #[must_use]
    pub const fn all(self) -> u32 {
        self.earlier
            .saturating_add(self.within)
            .saturating_add(self.later)
    }

    /// The share that was kept, from 0 to 1; none of none.
    #[must_use]
    pub fn share(self) -> Option<f64> {
        (self.all() > 0).then(|| f64::from(self.within) / f64::from(self.all()))
    }

    fn add(&mut self, verdict: Verdict) {
        let count = match verdict {
            Verdict::Earlier => &mut self.earlier,
            Verdict::Within => &mut self.within,
            Verdict::Later => &mut self.later,
        };
        *count = count.saturating_add(1);
    }
}
