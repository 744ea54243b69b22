//! The limits of a connection's SRTP, each with its reason.

/// Streams in each direction, counted for RTP and RTCP each: a browser has nine of its own and we send it fourteen;
/// further ones come when an encoder starts anew. A stream is never forgotten under its key, as its window
/// is what keeps a replay out and a nonce from being used twice.
pub const STREAMS: usize = 64;

/// How far back, in packets, an RTP packet is recognised as one that came or went before. The forwarding knows
/// streams as far back, and what it lets through must still be sealed (RFC 3711 section 3.3.2 asks for 64).
pub const RTP_WINDOW: u64 = 64 * RTP_WORDS as u64;
pub(crate) const RTP_WORDS: usize = 16;

/// The same for RTCP, of which a connection has a few packets a second.
pub const RTCP_WINDOW: u64 = 64 * RTCP_WORDS as u64;
pub(crate) const RTCP_WORDS: usize = 2;

/// RTP packets under one master key, over all streams (RFC 3711 section 9.2, RFC 7714 section 11). An index has
/// as many bits, so one stream alone cannot have more.
pub const RTP_PACKETS: u64 = 1 << 48;

/// RTCP packets under one master key (same sections): the index on the wire has 31 bits.
pub const RTCP_PACKETS: u32 = 1 << 31;
