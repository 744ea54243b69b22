//! What goes through a peer.

use std::net::SocketAddr;

use vestibule_congestion::Told;
use vestibule_forwarding::{SenderReport, Slot, Source};

/// An RTP packet that came, with SRTP off.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Packet<'a> {
    pub(crate) ssrc: u32,
    /// The layer that its stream carries.
    pub(crate) layer: u8,
    /// The extended sequence number.
    pub(crate) sequence: u64,
    pub(crate) timestamp: u32,
    /// Whether it ends a picture (RFC 3551 section 4.1, RFC 7741 section 4.1).
    pub(crate) marker: bool,
    /// How the picture is turned, as its header extension has it.
    pub(crate) orientation: Option<u8>,
    /// What its blocks name Opus by, where it is sound with redundancy (RED, RFC 2198).
    pub(crate) redundancy: Option<u8>,
    pub(crate) payload: &'a [u8],
}

impl<'a> Packet<'a> {
    /// The packet as the forwarding sees it.
    pub(crate) fn view(&self) -> vestibule_forwarding::Packet<'a> {
        vestibule_forwarding::Packet {
            ssrc: self.ssrc,
            layer: self.layer,
            sequence: self.sequence,
            timestamp: self.timestamp,
            payload: self.payload,
        }
    }
}

/// Between which addresses a peer's media goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Way {
    /// The candidate that it leaves from.
    pub(crate) from: SocketAddr,
    /// Where it goes.
    pub(crate) to: SocketAddr,
}

/// What a peer has for the outside, the media that it carries aside.
#[derive(Debug)]
pub(crate) enum Event {
    /// A datagram of the handshakes is to be sent.
    Transmit(vestibule_handshake::Transmit),
    /// ICE and DTLS are up.
    Up,
    /// The client is at this address, whoever else is said to be there.
    Reached(SocketAddr),
    /// The peer is finished: it said goodbye, or failed.
    Down,
    /// A sender report came.
    Report(Source, SenderReport),
    /// The client asks for a key frame on a slot.
    KeyFrame(Slot),
    /// The client is asked for a key frame.
    KeyFrameAsked,
    /// More of a layer of the client's picture is lost than can be asked for again.
    Broken(Source, u8),
    /// The client lacks the packet that got this extended sequence number on a slot.
    Lost(Slot, u64),
    /// The client asks for so many packets more than may be asked for at a time.
    AskedTooMuch(usize),
    /// The client reports on a stream that it is not sent, or asks for something of one.
    UnknownReport,
    /// So many packets of a slot were lost on their way to the client.
    LostOnTheWay(Slot, u64),
    /// A report to the client could not be sealed.
    Unsealed,
    /// What was sent lately did not reach the client: nothing went for a while.
    Missed,
    /// The same, as the client moved: its media goes another way now.
    Moved,
    /// The client told what arrived: [`super::Peer::line`] may be another.
    Estimated,
    /// The client reported something: it is there, though it may send no media.
    Heard,
    /// The client is told what arrived of what it sent.
    Told(Told),
}
