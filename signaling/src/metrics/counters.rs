//! What this process counts while it works.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::http::StatusCode;

/// What became of an attempt to send an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Attempt {
    /// It was taken.
    Delivered,
    /// It was not, and is sent again.
    Again,
    /// It was not, and is given up.
    GivenUp,
}

/// By which door another system comes in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Surface {
    /// `/api/v1`.
    Rest,
    /// `/fhir/r4`.
    Fhir,
}

/// The longest times of the buckets, in microseconds: from what a quick disk takes to what somebody notices.
pub(super) const BUCKETS: [u64; 11] = [
    1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000,
];

/// All that is counted. Each number stands for itself.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    /// Batches by how long the store took to write them; the last are those beyond every bucket.
    written: [AtomicU64; BUCKETS.len() + 1],
    writing_micros: AtomicU64,
    not_written: AtomicU64,
    attempts: [AtomicU64; 3],
    /// By door, and by the first digit of the status.
    requests: [[AtomicU64; 6]; 2],
}

impl Counters {
    /// A batch was written, in so long.
    pub(crate) fn wrote(&self, took: Duration) {
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        let place = BUCKETS.iter().take_while(|most| micros > **most).count();
        count(self.written.get(place));
        self.writing_micros.fetch_add(micros, Ordering::Relaxed);
    }

    /// A batch was not written.
    pub(crate) fn failed_to_write(&self) {
        count(Some(&self.not_written));
    }

    /// An event was sent, with this end.
    pub(crate) fn attempted(&self, end: Attempt) {
        count(self.attempts.get(end as usize));
    }

    /// A request of another system was answered.
    pub(crate) fn answered(&self, by: Surface, status: StatusCode) {
        let class = usize::from(status.as_u16() / 100);
        let doors = self.requests.get(by as usize);
        count(doors.and_then(|door| door.get(class)));
    }

    /// Batches that were written within each bucket's time, and in all.
    pub(super) fn written(&self) -> Vec<u64> {
        let mut sum = 0_u64;
        let counts = self.written.iter().map(|it| {
            sum = sum.saturating_add(it.load(Ordering::Relaxed));
            sum
        });
        counts.collect()
    }

    pub(super) fn writing_micros(&self) -> u64 {
        self.writing_micros.load(Ordering::Relaxed)
    }

    pub(super) fn not_written(&self) -> u64 {
        self.not_written.load(Ordering::Relaxed)
    }

    pub(super) fn attempts(&self, end: Attempt) -> u64 {
        let found = self.attempts.get(end as usize);
        found.map_or(0, |it| it.load(Ordering::Relaxed))
    }

    /// Requests with a status of this class, such as 2 for all from 200 on.
    pub(super) fn requests(&self, by: Surface, class: usize) -> u64 {
        let doors = self.requests.get(by as usize);
        let found = doors.and_then(|door| door.get(class));
        found.map_or(0, |it| it.load(Ordering::Relaxed))
    }
}

fn count(counter: Option<&AtomicU64>) {
    if let Some(counter) = counter {
        counter.fetch_add(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_counts_in_its_bucket_and_in_all_larger_ones() {
        let counters = Counters::default();
        for micros in [900, 1_000, 1_001, 3_000_000] {
            counters.wrote(Duration::from_micros(micros));
        }
        let written = counters.written();
        assert_eq!(written[..3], [2, 3, 3]);
        assert_eq!(written[BUCKETS.len() - 1..], [3, 4]);
        assert_eq!(counters.writing_micros(), 3_002_901);
    }
}
