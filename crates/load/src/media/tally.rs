//! What all clients of a run count together.

use crate::histogram::Histogram;

/// What is counted. Packets count when they were sent in the measured part, whenever they come.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tally {
    /// Packets that were sent.
    pub(crate) sent: u64,
    /// Packets that the kernel did not take from the load tool, and that nobody waits for.
    pub(crate) refused: u64,
    /// Packets that came for the first time.
    pub(crate) delivered: u64,
    /// Of those, packets that came as a retransmission.
    pub(crate) repaired: u64,
    /// Packets that came once more.
    pub(crate) repeated: u64,
    /// Packets that could not be opened or understood, in the whole run.
    pub(crate) strange: u64,
    /// Packets that were asked for again, in the whole run.
    pub(crate) asked: u64,
    /// Packets that the server asked for again, in the whole run.
    pub(crate) answered: u64,
    /// From the moment before a packet was sent to the moment that the kernel had it for the receiver.
    pub(crate) latency: Histogram,
    /// How late packets of the measured part were sent.
    pub(crate) lateness: Histogram,
    /// Packets of sound and bursts of pictures that were left out, as their time was long over.
    pub(crate) skipped: u64,
    /// From the beginning of joining to the first packet, of each client that receives.
    pub(crate) first_packet: Histogram,
    /// From admission to the first packet, of each client that was admitted.
    pub(crate) admission: Histogram,
    /// Connections that ended before their time.
    pub(crate) ended: u64,
}
