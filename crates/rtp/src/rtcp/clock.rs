//! The arrival times of a receiver's feedback, on one line of time.

use super::TransportFeedback;
use super::transport::{REFERENCE_TICKS, TICK_MICROS};
use crate::Moment;

/// The reference time has 24 bits: it begins anew after twelve days.
const ROUND: u64 = 1 << 24;

/// Follows the reference times of one receiver's feedback over their rounds.
#[derive(Clone, Copy, Debug, Default)]
pub struct ArrivalClock {
    /// The newest reference, extended.
    newest: Option<u64>,
}

impl ArrivalClock {
    /// Each packet's transport-wide number, and when it arrived by the receiver's clock, whose origin is
    /// its own; `None` when it had not.
    pub fn read<'a>(
        &mut self,
        feedback: &TransportFeedback<'a>,
    ) -> impl Iterator<Item = (u16, Option<Moment>)> + use<'a> {
        let reference = self.extend(feedback.reference);
        let mut ticks = reference.saturating_mul(REFERENCE_TICKS.into());
        feedback.statuses().map(move |status| {
            let arrived = status.delta.map(|delta| {
                ticks = ticks.saturating_add_signed(delta.into());
                Moment::from_micros(ticks.saturating_mul(TICK_MICROS))
            });
            (status.sequence, arrived)
        })
    }

    /// The nearest to the newest. The first gets a round below it, so that time never runs below zero.
    fn extend(&mut self, reference: u32) -> u64 {
        let reference = u64::from(reference) % ROUND;
        let newest = self.newest.unwrap_or(ROUND + reference);
        let ahead = reference.wrapping_sub(newest) % ROUND;
        let extended = if ahead < ROUND / 2 {
            newest.saturating_add(ahead)
        } else {
            newest.saturating_sub(ROUND - ahead)
        };
        self.newest = Some(newest.max(extended));
        extended
    }
}

#[cfg(test)]
mod tests {
    use super::{ArrivalClock, ROUND};

    #[test]
    fn references_go_on_over_their_rounds() {
        let mut clock = ArrivalClock::default();
        let last = u32::try_from(ROUND - 1).unwrap();
        assert_eq!(clock.extend(last), 2 * ROUND - 1);
        assert_eq!(clock.extend(0), 2 * ROUND);
        assert_eq!(clock.extend(last - 1), 2 * ROUND - 2, "a late one");
        assert_eq!(clock.extend(1), 2 * ROUND + 1);
    }
}
