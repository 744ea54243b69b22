//! How much of something a client may have in a while.

use std::time::Duration;

use vestibule_forwarding::Moment;

/// So much in a second, and so much at once after a while of nothing.
#[derive(Debug)]
pub(super) struct Allowance {
    per_second: u32,
    at_once: u32,
    /// When all of [`Self::at_once`] is there again.
    full_at: Moment,
}

impl Allowance {
    pub(super) const fn new(per_second: u32, at_once: u32) -> Self {
        Self {
            per_second,
            at_once,
            full_at: Moment::from_micros(0),
        }
    }

    /// How much there is.
    pub(super) fn left(&self, now: Moment) -> usize {
        let missing = self.full_at.since(now).as_micros();
        let missing = (missing * u128::from(self.per_second)).div_ceil(MICROS);
        let left = u128::from(self.at_once).saturating_sub(missing);
        usize::try_from(left).unwrap_or(usize::MAX)
    }

    /// Takes so much, if there is as much; whether there was.
    pub(super) fn take(&mut self, now: Moment, amount: usize) -> bool {
        let enough = amount <= self.left(now);
        if enough {
            let full_at = self.full_at.max(now);
            self.full_at = full_at.plus(self.time_of(amount));
        }
        enough
    }

    /// In which time so much comes.
    fn time_of(&self, amount: usize) -> Duration {
        let micros = (amount as u128 * MICROS).div_ceil(self.per_second.max(1).into());
        Duration::from_micros(u64::try_from(micros).unwrap_or(u64::MAX))
    }
}

/// A second.
const MICROS: u128 = 1_000_000;

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use vestibule_forwarding::Moment;

    use super::Allowance;

    #[test]
    fn so_much_is_there_at_once_and_comes_again_with_time() {
        let begin = Moment::from_micros(5_000_000);
        let after = |millis| begin.plus(Duration::from_millis(millis));
        let mut allowance = Allowance::new(2_000, 512);
        assert_eq!(allowance.left(begin), 512);
        assert!(!allowance.take(begin, 513), "nothing is taken");
        assert!(allowance.take(begin, 500) && !allowance.take(begin, 13));
        assert_eq!(allowance.left(begin), 12);
        assert_eq!(allowance.left(after(10)), 32);
        assert!(allowance.take(after(10), 32) && !allowance.take(after(10), 1));
        assert_eq!(allowance.left(after(60_000)), 512, "and no more");
    }
}
