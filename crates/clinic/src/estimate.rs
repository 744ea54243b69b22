//! How long somebody will wait, as an interval that holds for four people in five.
//!
//! An [`Estimator`] learns from what one service's pool of practitioners did, and plays the queue
//! ahead of a patient many times over with lengths drawn from it. What it promises is compared
//! with what became of it: the tails that it cuts off follow, as in adaptive conformal inference
//! (Gibbs and Candès, 2021), so that the share of kept promises stays near 80 % when the pace of
//! the work drifts. [`Coverage`] counts that share.
//!
//! Equal inputs give equal intervals. Nothing is random: the draws are a fixed sequence.

mod calibration;
mod coverage;
mod departures;
mod draw;
mod interval;
mod lengths;
mod pool;
mod replay;
mod server;

use serde::{Deserialize, Serialize};
use vestibule_vocab::{Millis, Timestamp};

pub use coverage::{Counts, Coverage};
pub use interval::{Interval, Minutes, Promise};
pub use server::{Doing, Server};

use crate::limits::{ESTIMATED_PLACES, NEEDED_LENGTHS};
use calibration::Calibration;
use departures::Departures;
use lengths::Lengths;
use pool::Pool;
use replay::Replay;

/// What is known of the pace of one service's pool. A few kilobytes, whatever the service does.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub struct Estimator {
    consultations: Lengths,
    pauses: Lengths,
    departures: Departures,
    calibration: Calibration,
    coverage: Coverage,
}

impl Estimator {
    /// A consultation ended that lasted this long, from the admission.
    pub fn consulted(&mut self, length: Millis) {
        self.consultations.observe(length);
    }

    /// A patient was admitted who had `waited`. The `pause` is how long the practitioner was free
    /// with somebody waiting: since the consultation before, or since the patient arrived when
    /// that was later.
    pub fn admitted(&mut self, waited: Millis, pause: Millis) {
        self.pauses.observe(pause);
        self.departures.admitted(waited);
    }

    /// Somebody whose turn it was did not come: their place took no time.
    pub fn no_show(&mut self, waited: Millis) {
        self.departures.no_show(waited);
    }

    /// Somebody left the waiting room before their turn.
    pub fn left(&mut self, waited: Millis) {
        self.departures.left(waited);
    }

    /// How much longer the patient at this place, from 1, will wait from `now`, when the `servers`
    /// are those who admit from this queue. Costs some microseconds, and nothing for each place or
    /// server beyond a few dozen.
    ///
    /// `None` when fewer than [`NEEDED_LENGTHS`] consultations or pauses were observed, when the
    /// pool may well leave before it reaches the place, or when that may take longer than
    /// [`ESTIMATED_WAIT`](crate::limits::ESTIMATED_WAIT).
    #[must_use]
    pub fn interval(&self, now: Timestamp, place: u32, servers: &[Server]) -> Option<Interval> {
        let replay = self.replay(now, servers)?;
        let waits = replay.waits(place.saturating_sub(1));
        self.calibration.interval(&waits)
    }

    /// The same for each place from the first on, up to the first that nothing is promised to, or
    /// so many: for whoever shows a whole queue. Costs a few microseconds for each place.
    #[must_use]
    pub fn intervals(&self, now: Timestamp, places: usize, servers: &[Server]) -> Vec<Interval> {
        let Some(replay) = self.replay(now, servers) else {
            return Vec::new();
        };
        let waits = replay.all_waits(places.min(ESTIMATED_PLACES));
        let intervals = waits.iter().map(|waits| self.calibration.interval(waits));
        intervals.map_while(|interval| interval).collect()
    }

    /// What became of a promise: its patient was admitted. Somebody who left, was declined or did
    /// not come says nothing about it.
    pub fn resolve(&mut self, promise: Promise, admitted_at: Timestamp) {
        let verdict = promise.verdict(admitted_at);
        self.coverage.count(verdict);
        self.calibration.follow(verdict);
    }

    /// How many of the recent promises were kept.
    #[must_use]
    pub fn coverage(&self) -> &Coverage {
        &self.coverage
    }

    /// What to play from, when enough was observed and anybody serves.
    fn replay(&self, now: Timestamp, servers: &[Server]) -> Option<Replay<'_>> {
        let thin = self.consultations.len().min(self.pauses.len()) < NEEDED_LENGTHS;
        (!thin && !servers.is_empty()).then(|| Replay {
            consultations: &self.consultations,
            pauses: &self.pauses,
            departures: self.departures.rates(),
            pool: Pool::new(now, servers, &self.consultations, &self.pauses),
        })
    }
}
