//! Many lengths of time in a fixed number of buckets.

/// Buckets of each power of two: a value is known to within 1/64.
const SPLIT: u32 = 6;
const STEPS: u64 = 1 << SPLIT;

/// Powers of two that are told apart: up to 2^40 ns, 18 minutes. What is longer counts as the longest.
const POWERS: usize = 40;
const BUCKETS: usize = (POWERS - SPLIT as usize + 1) * STEPS as usize;

/// Counts lengths in nanoseconds.
#[derive(Clone, Debug)]
pub struct Histogram {
    counts: Box<[u64]>,
    count: u64,
    highest: u64,
}

impl Default for Histogram {
    fn default() -> Self {
        Self {
            counts: vec![0; BUCKETS].into_boxed_slice(),
            count: 0,
            highest: 0,
        }
    }
}

impl Histogram {
    /// Counts one length.
    pub fn note(&mut self, nanos: u64) {
        if let Some(count) = self.counts.get_mut(bucket(nanos)) {
            *count += 1;
        }
        self.count += 1;
        self.highest = self.highest.max(nanos);
    }

    /// How many were counted.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The longest of all, exactly; zero when there is none.
    #[must_use]
    pub fn highest(&self) -> u64 {
        self.highest
    }

    /// A length that at least `share` of all do not exceed, at most 1/64 too long; zero when there is none.
    #[must_use]
    pub fn quantile(&self, share: f64) -> u64 {
        let wanted = (share.clamp(0.0, 1.0) * self.count as f64).ceil().max(1.0) as u64;
        let mut seen = 0;
        for (bucket, count) in self.counts.iter().enumerate() {
            seen += count;
            if seen >= wanted {
                return end(bucket).min(self.highest);
            }
        }
        self.highest
    }
}

/// Below [`STEPS`] each value has a bucket of its own; above, each power of two has so many.
fn bucket(nanos: u64) -> usize {
    let power = nanos.max(1).ilog2();
    let Some(excess) = power.checked_sub(SPLIT) else {
        return nanos as usize;
    };
    let step = (nanos >> excess) - STEPS;
    let bucket = (u64::from(excess) + 1) * STEPS + step;
    (bucket as usize).min(BUCKETS - 1)
}

/// The largest value of a bucket.
fn end(bucket: usize) -> u64 {
    let (row, step) = (bucket as u64 / STEPS, bucket as u64 % STEPS);
    match row.checked_sub(1) {
        None => step,
        Some(excess) => ((STEPS + step + 1) << excess) - 1,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{BUCKETS, Histogram, bucket, end};

    #[test]
    fn nothing_has_no_length() {
        let histogram = Histogram::default();
        assert_eq!((histogram.quantile(0.5), histogram.highest()), (0, 0));
    }

    #[test]
    fn quantiles_of_a_hundred() {
        let mut histogram = Histogram::default();
        (1..=100).for_each(|micros| histogram.note(micros * 1000));
        for (share, exact) in [(0.5, 50_000), (0.99, 99_000), (1.0, 100_000)] {
            let told = histogram.quantile(share);
            assert!((exact..=exact + exact / 64).contains(&told), "{told}");
        }
        assert_eq!((histogram.count(), histogram.highest()), (100, 100_000));
    }

    #[test]
    fn what_is_beyond_all_buckets_is_counted() {
        let mut histogram = Histogram::default();
        histogram.note(u64::MAX);
        assert_eq!(histogram.count(), 1);
        assert_eq!(histogram.highest(), u64::MAX);
        assert_eq!(bucket(u64::MAX), BUCKETS - 1);
    }

    proptest! {
        #[test]
        fn a_bucket_holds_what_falls_into_it(nanos in 0_u64..1 << 39) {
            let bucket = bucket(nanos);
            prop_assert!(nanos <= end(bucket));
            prop_assert!(end(bucket) - nanos <= nanos / 64);
            prop_assert!(bucket == 0 || end(bucket - 1) < nanos);
        }
    }
}
