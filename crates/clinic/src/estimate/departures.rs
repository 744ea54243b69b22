//! Places ahead that take no time, because nobody is there when their turn comes.

use serde::{Deserialize, Serialize};
use vestibule_vocab::Millis;

use crate::limits::OBSERVED_DEPARTURES;

/// How people left the waiting room, the older half forgotten now and then.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) struct Departures {
    admitted: u32,
    no_shows: u32,
    left: u32,
    /// What all of them waited, in seconds.
    waited: u64,
}

/// How often a place turns out empty.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Rates {
    /// The share of those whose turn it was and who did not come.
    pub(super) no_show: f64,
    /// How many leave in a millisecond of one person's waiting.
    pub(super) leaving: f64,
}

impl Departures {
    pub(super) fn admitted(&mut self, waited: Millis) {
        self.admitted = self.admitted.saturating_add(1);
        self.count(waited);
    }

    pub(super) fn no_show(&mut self, waited: Millis) {
        self.no_shows = self.no_shows.saturating_add(1);
        self.count(waited);
    }

    pub(super) fn left(&mut self, waited: Millis) {
        self.left = self.left.saturating_add(1);
        self.count(waited);
    }

    pub(super) fn rates(&self) -> Rates {
        let called = self.admitted.saturating_add(self.no_shows).max(1);
        let waited = self.waited.saturating_mul(1_000).max(1);
        Rates {
            no_show: f64::from(self.no_shows) / f64::from(called),
            leaving: f64::from(self.left) / waited as f64,
        }
    }

    fn count(&mut self, waited: Millis) {
        self.waited = self.waited.saturating_add(waited.0 / 1_000);
        let all = self.admitted.saturating_add(self.no_shows);
        if all.saturating_add(self.left) >= OBSERVED_DEPARTURES {
            self.admitted /= 2;
            self.no_shows /= 2;
            self.left /= 2;
            self.waited /= 2;
        }
    }
}

impl Rates {
    /// The share of those waiting who will be there at their turn, when that comes in so many
    /// milliseconds. However long that is, no more than half are taken to leave: nobody was seen to
    /// wait so long, and a promise does not rest on their patience.
    pub(super) fn staying(self, turn: f64) -> f64 {
        let exposure = (self.leaving * turn).min(std::f64::consts::LN_2);
        // 1 − e^−x, to the third order.
        let left = exposure * (1.0 - exposure * (0.5 - exposure / 6.0));
        (1.0 - self.no_show) * (1.0 - left)
    }
}
