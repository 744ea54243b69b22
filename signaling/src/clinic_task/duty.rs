//! Who does what time brings, where several servers share a store.

use vestibule_vocab::Millis;

use crate::limits;

/// How much later than due this server acts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Duty {
    lag: Millis,
}

impl Duty {
    /// This server wrote last: it is awake, and acts when something is due.
    pub(super) fn ours(&mut self) {
        self.lag = Millis(0);
    }

    /// Another server wrote last. This one gives it a moment, by `bits` not the same as a third one.
    pub(super) fn another_ones(&mut self, bits: u128) {
        let (least, most) = limits::TIMER_LAG;
        let width = u128::from(most.0.saturating_sub(least.0)).saturating_add(1);
        let beyond = u64::try_from(bits % width).unwrap_or_default();
        self.lag = Millis(least.0.saturating_add(beyond));
    }

    pub(super) fn lag(self) -> Millis {
        self.lag
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_wrote_last_acts_at_once_and_others_each_a_little_later() {
        let mut duty = Duty::default();
        assert_eq!(duty.lag(), Millis(0));
        duty.another_ones(0);
        assert_eq!(duty.lag(), limits::TIMER_LAG.0);
        duty.another_ones(1_500);
        assert_eq!(duty.lag(), limits::TIMER_LAG.1);
        duty.another_ones(u128::MAX);
        assert!((limits::TIMER_LAG.0..=limits::TIMER_LAG.1).contains(&duty.lag()));
        duty.ours();
        assert_eq!(duty.lag(), Millis(0));
    }
}
