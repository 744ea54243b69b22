//! A look at what the SFU relays: with SRTP off, which is all that it could ever see. It serves the proof
//! that nobody can watch there (`crates/tapped`); the server's own program taps nothing.

use vestibule_forwarding::{Forwarded, Packet, Seat};
use vestibule_vocab::{CallId, Source};

/// Is shown every RTP packet, in the order in which the SFU handles them.
pub trait Tap: Send + Sync {
    /// A packet of the track that somebody at a seat of the call publishes came, and SRTP is off.
    fn received(&self, call: CallId, track: (Seat, Source), packet: &Packet<'_>, marker: bool);

    /// The packet goes out to a leg with these numbers, and SRTP is not yet on. What changes of its payload
    /// are the picture numbers of the VP8 payload descriptor.
    fn sent(&self, call: CallId, forwarded: &Forwarded, packet: &Packet<'_>, marker: bool);
}

/// Nobody looks.
pub(crate) struct NoTap;

impl Tap for NoTap {
    fn received(&self, _: CallId, _: (Seat, Source), _: &Packet<'_>, _: bool) {}

    fn sent(&self, _: CallId, _: &Forwarded, _: &Packet<'_>, _: bool) {}
}
