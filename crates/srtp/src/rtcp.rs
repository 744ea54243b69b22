//! As much of an RTCP packet as SRTCP needs (RFC 3711 section 3.4).

use crate::Refusal;
use crate::bytes::u32_at;

/// The part that is never encrypted: the first packet's header and sender.
pub(crate) const CLEAR_BYTES: usize = 8;

/// Bytes of the E flag and the index.
pub(crate) const INDEX_BYTES: usize = 4;

/// Set in the index's word when the packet is encrypted.
pub(crate) const ENCRYPTED: u32 = 1 << 31;

/// Whether a datagram of the RTP range (RFC 7983) is RTCP and not RTP (RFC 5761 section 4).
#[must_use]
pub fn is_rtcp(datagram: &[u8]) -> bool {
    datagram
        .get(1)
        .is_some_and(|second| (192..=223).contains(second))
}

/// The sender of a compound packet.
pub(crate) fn sender(packet: &[u8]) -> Result<u32, Refusal> {
    let first = packet.first().ok_or(Refusal::TooShort)?;
    if first >> 6 != 2 {
        return Err(Refusal::NotRtp);
    }
    u32_at(packet, 4)
}
