//! RTCP (RFC 3550 section 6): reports, goodbyes and feedback (RFC 4585, RFC 5104, and the drafts of
//! transport-wide feedback and REMB), compound or of reduced size (RFC 5506).
//!
//! ```
//! use vestibule_rtp::rtcp::{Compound, Packet, packets};
//!
//! let mut buffer = [0; 64];
//! let mut compound = Compound::new(&mut buffer);
//! compound.receiver_report(1, &[])?;
//! compound.nack(1, 2, [7, 8, 12])?;
//!
//! for packet in packets(compound.octets()) {
//!     if let Ok(Packet::Nack(nack)) = packet {
//!         assert!(nack.sequences().eq([7, 8, 12]));
//!     }
//! }
//! # Ok::<(), vestibule_rtp::DoesNotFit>(())
//! ```

mod clock;
mod compound;
mod feedback;
mod reports;
mod transport;
mod write;
mod write_transport;

pub use clock::ArrivalClock;
pub use compound::{Packets, packets};
pub use feedback::{FullIntra, Nack, PictureLoss, Remb};
pub use reports::{Bye, ReceiverReport, ReportBlock, SenderInfo, SenderReport};
pub(crate) use transport::{REFERENCE_TICKS, TICK_MICROS};
pub use transport::{Status, TransportFeedback};
pub use write::Compound;
pub use write_transport::FeedbackHead;
pub(crate) use write_transport::Sizer;

/// One part of a compound packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Packet<'a> {
    /// What a sender sent, and what it received (RFC 3550 section 6.4.1).
    SenderReport(SenderReport<'a>),
    /// What somebody received (section 6.4.2).
    ReceiverReport(ReceiverReport<'a>),
    /// Streams that end (section 6.6).
    Bye(Bye<'a>),
    /// Packets that are asked for again (RFC 4585 section 6.2.1).
    Nack(Nack<'a>),
    /// A picture was lost (RFC 4585 section 6.3.1).
    PictureLoss(PictureLoss),
    /// A key frame is asked for (RFC 5104 section 4.3.1).
    FullIntra(FullIntra<'a>),
    /// What arrived when, of all streams of a connection (draft-holmer-rmcat-transport-wide-cc-extensions-01).
    TransportFeedback(TransportFeedback<'a>),
    /// The bitrate that a receiver believes in (draft-alvestrand-rmcat-remb-03).
    Remb(Remb<'a>),
    /// Something that is not looked at: source descriptions, extended reports and the like.
    Other {
        /// The RTCP packet type.
        kind: u8,
    },
}

/// Why a part cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Malformed {
    /// There is no whole part: what follows cannot be read either.
    #[error("a part beyond the end")]
    Cut,
    /// The version is not 2: what follows cannot be read either.
    #[error("not RTCP version 2")]
    Version,
    /// More than [`COMPOUND_PARTS`](crate::limits::COMPOUND_PARTS): the rest is not read.
    #[error("too many parts")]
    TooMany,
    /// The padding counts no octets, or more than there are.
    #[error("wrong padding")]
    Padding,
    /// A report is shorter than its fields and blocks.
    #[error("a report beyond its part")]
    Report,
    /// A goodbye is shorter than its sources.
    #[error("a goodbye beyond its part")]
    Bye,
    /// Feedback whose fields or entries are not whole.
    #[error("feedback beyond its part")]
    Feedback,
    /// A transport-wide feedback with no statuses, too many, or fewer than it counts.
    #[error("feedback with wrong statuses")]
    Statuses,
    /// A transport-wide feedback with fewer arrival times than statuses that have one.
    #[error("feedback with too few arrival times")]
    Deltas,
    /// A bitrate beyond 64 bits.
    #[error("a bitrate beyond measure")]
    Bitrate,
}

/// The RTCP packet types (RFC 3550 section 12.1, RFC 4585 section 6.1).
mod kind {
    pub(super) const SENDER_REPORT: u8 = 200;
    pub(super) const RECEIVER_REPORT: u8 = 201;
    pub(super) const DESCRIPTION: u8 = 202;
    pub(super) const BYE: u8 = 203;
    pub(super) const TRANSPORT: u8 = 205;
    pub(super) const PAYLOAD: u8 = 206;
}

/// The feedback formats of [`kind::TRANSPORT`] and [`kind::PAYLOAD`].
mod format {
    pub(super) const NACK: u8 = 1;
    pub(super) const TRANSPORT_FEEDBACK: u8 = 15;
    pub(super) const PICTURE_LOSS: u8 = 1;
    pub(super) const FULL_INTRA: u8 = 4;
    pub(super) const APPLICATION: u8 = 15;
}

/// What an application-layer feedback of the kind REMB begins with.
const REMB: &[u8; 4] = b"REMB";

#[cfg(test)]
mod round_trips;
#[cfg(test)]
mod tests;
