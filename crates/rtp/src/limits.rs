//! The limits of reading, asking, keeping and answering, each with its reason.

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
