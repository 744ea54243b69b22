//! What became of the packets.

use std::fmt::{self, Display, Formatter};

use serde::Serialize;

use crate::run::Measured;

/// What became of the packets that were sent in the measured part.
#[derive(Clone, Debug, Serialize)]
pub struct Packets {
    /// Sent to the server.
    pub sent: u64,
    /// To be delivered: each to all others of its room.
    pub expected: u64,
    /// Delivered, each counted once.
    pub delivered: u64,
    /// Delivered of expected.
    pub ratio: f64,
    /// Of the delivered, those that came as a retransmission.
    pub repaired: u64,
    /// That came once more, in the whole run.
    pub repeated: u64,
    /// That clients could not open or understand, in the whole run.
    pub strange: u64,
    /// That clients asked for again, in the whole run.
    pub asked: u64,
    /// That clients sent again as the server asked, in the whole run.
    pub answered: u64,
}

impl Packets {
    pub(super) fn of(measured: &Measured) -> Self {
        let tally = &measured.tally;
        let others = measured.plan.people.saturating_sub(1);
        let expected = tally.sent * u64::from(others);
        Self {
            sent: tally.sent,
            expected,
            delivered: tally.delivered,
            ratio: tally.delivered as f64 / expected.max(1) as f64,
            repaired: tally.repaired,
            repeated: tally.repeated,
            strange: tally.strange,
            asked: tally.asked,
            answered: tally.answered,
        }
    }

    /// Whether there were any, and at most this part of them was lost. It is counted: the ratio is not exact.
    pub(super) fn are_delivered(&self, loss: f64) -> bool {
        let lost = self.expected.saturating_sub(self.delivered);
        self.expected > 0 && lost as f64 <= loss * self.expected as f64
    }

    /// What was sent more than once, in words.
    pub(super) fn again(&self) -> String {
        format!(
            "{} repaired, {} repeated; {} asked for by clients, {} sent again for the server",
            self.repaired, self.repeated, self.asked, self.answered
        )
    }
}

impl Display for Packets {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{} sent, {} of {} delivered ({:.4} %)",
            self.sent,
            self.delivered,
            self.expected,
            self.ratio * 100.0
        )
    }
}
