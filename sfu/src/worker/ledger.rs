//! What is remembered of a leg.

use vestibule_forwarding::{BothWays, MeanLoss};

use super::kept::Kept;

/// It outlives the leg's peer.
#[derive(Default)]
pub(super) struct Ledger {
    /// What the leg published lately.
    pub(super) kept: Kept,
    /// What the leg gets of the others' pictures, and what is known of the way from it.
    pub(super) ways: BothWays,
    /// What was lost of what the leg published, on the ways from here.
    pub(super) lost_beyond: MeanLoss,
}
