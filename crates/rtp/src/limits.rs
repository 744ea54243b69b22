//! The limits of reading, asking, keeping and answering, each with its reason.

use std::time::Duration;

/// Parts that are read of a compound RTCP packet. Browsers send fewer than ten; a datagram of nothing but
/// four-octet parts is no report.
pub const COMPOUND_PARTS: usize = 64;

/// Entries that are read of one NACK, each of up to 17 sequence numbers. libwebrtc's list holds 1,000 numbers:
/// 59 entries when they are in a row. Each number read costs a search in the history.
pub const NACK_ENTRIES: usize = 128;

/// The most statuses of a transport-wide feedback: four seconds of 1,000 packets each. A run of packets
/// that did not arrive takes two octets for 8,191, so that without a limit a small packet is a long walk.
pub const FEEDBACK_STATUSES: u16 = 4096;

/// Report blocks of one report: what its five bits can count (RFC 3550 section 6.4.1).
pub const REPORT_BLOCKS: usize = 31;

/// Octets of a chunk of the history: thirteen full packets, so that a row of them is taken or given up at a
/// time, and little is left over at its end.
pub const HISTORY_CHUNK: usize = 16 * 1024;

/// The most chunks of a history: 160 KB, at least 0.74 s of 1.5 Mbit/s. Two cameras with the index beside it stay
/// below the 350 KB of a consultation of two.
pub const HISTORY_CHUNKS: usize = 10;

/// Packets that a history can find, a power of two. 1.5 Mbit/s are 170 in a second.
pub const HISTORY_PACKETS: usize = 256;

/// How long a packet is kept for retransmission. A later one misses every jitter buffer.
pub const HISTORY_AGE: Duration = Duration::from_secs(1);

/// The longest payload that is kept: what fits an Ethernet frame.
pub const HISTORY_PAYLOAD: usize = 1500;

/// Resent packets that are remembered of one receiver, a power of two: a loss of so many in a row is asked for
/// in one round trip. One that is forgotten may be resent once too often.
pub const RESENT_PACKETS: usize = 128;

/// How often one packet is resent to one receiver. On a line that loses it this often nothing helps.
pub const RESENT_TIMES: u8 = 10;

/// One octet may be resent for each so many that are sent: a half. Above, the path is congested and
/// retransmissions make it worse; a receiver's requests are its own to choose, so this bounds what it can
/// ask for.
pub const RESENT_SHARE: u64 = 2;

/// Octets that may be resent at once when nothing was for a while: a key frame that was lost whole.
pub const RESENT_BURST: u64 = 64 * 1024;

/// Octets that may be resent before anything was sent: the loss of the first packets.
pub const RESENT_ADVANCE: u64 = 16 * 1024;
