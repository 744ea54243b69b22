//! What became of the packets.

use serde::Serialize;

/// What became of the packets of one direction. At any time, `received + duplicated` are the sum of
/// `delivered`, `lost`, `blacked_out`, `queue_drops` and what is still under way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counters {
    /// Packets that came.
    pub received: u64,
    /// Their bytes, IP headers included.
    pub received_bytes: u64,
    /// Packets that went on, copies included.
    pub delivered: u64,
    /// Their bytes.
    pub delivered_bytes: u64,
    /// Packets lost by chance.
    pub lost: u64,
    /// Packets lost to a blackout.
    pub blacked_out: u64,
    /// Packets dropped because the queue was full.
    pub queue_drops: u64,
    /// Packets delivered after one that came later (RFC 4737 section 3), copies aside.
    pub reordered: u64,
    /// Copies that were made.
    pub duplicated: u64,
}
