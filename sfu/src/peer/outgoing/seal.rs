//! What is done with every packet that leaves: its header is written with the slot's numbers, its payload behind it, and SRTP
//! is put on where it lies.

use vestibule_forwarding::{Forwarded, Moment, Slot, vp8};
use vestibule_rtp::header::{self, Element, Fixed};

use super::{Outgoing, low};
use crate::offer::Extensions;
use crate::peer::Packet;

/// A packet for a slot.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Piece<'a> {
    pub(crate) slot: Slot,
    /// Its extended sequence number there.
    pub(crate) sequence: u64,
    pub(crate) timestamp: u32,
    pub(crate) marker: bool,
    pub(crate) orientation: Option<u8>,
    /// It is sound with redundancy (RED, RFC 2198).
    pub(crate) redundant: bool,
    pub(crate) vp8: Option<vp8::Rewrite>,
    /// As it came from the publisher.
    pub(crate) payload: &'a [u8],
}

impl<'a> Piece<'a> {
    /// A packet that goes through a slot for the first time.
    pub(crate) fn first(packet: &Packet<'a>, forwarded: &Forwarded) -> Self {
        Self {
            slot: forwarded.slot,
            sequence: forwarded.sequence,
            timestamp: forwarded.timestamp,
            marker: packet.marker,
            orientation: packet.orientation,
            redundant: packet.redundancy.is_some(),
            vp8: forwarded.vp8,
            payload: packet.payload,
        }
    }
}

impl Outgoing {
    /// Writes a packet for a slot and seals it: its length.
    pub(in crate::peer) fn write(
        &mut self,
        now: Moment,
        piece: &Piece<'_>,
        buffer: &mut [u8],
    ) -> Option<usize> {
        let marks = self.marks(now, piece.payload.len(), piece.orientation);
        let (elements, count) = marks.elements(self.extensions);
        let state = self.slots.get(piece.slot)?;
        let fixed = Fixed {
            marker: piece.marker,
            payload_type: self.codecs.of(piece.slot.is_video(), piece.redundant)?,
            sequence: low(piece.sequence),
            timestamp: piece.timestamp,
            ssrc: state.ssrcs.media,
        };
        let head = header::write(&fixed, elements.get(..count)?, buffer).ok()?;
        let length = head + piece.payload.len();
        let payload = buffer.get_mut(head..length)?;
        payload.copy_from_slice(piece.payload);
        rewrite(payload, piece.vp8);
        let sealed = self.srtp.seal_rtp(buffer, length, piece.sequence).ok()?;
        self.slots.get_mut(piece.slot)?.leave(piece.payload.len());
        Some(sealed)
    }

    /// What the header extensions of a packet that leaves now say.
    pub(super) fn marks(&mut self, now: Moment, payload: usize, orientation: Option<u8>) -> Marks {
        Marks {
            number: self.departures.number(now, payload).to_be_bytes(),
            orientation: orientation.map(|it| [it]),
        }
    }
}

/// What the header extensions of a packet say: its number over all slots, and how the picture is turned.
pub(super) struct Marks {
    number: [u8; 2],
    orientation: Option<[u8; 1]>,
}

impl Marks {
    /// The elements for those extensions that were agreed on, and how many they are.
    pub(super) fn elements(&self, agreed: Extensions) -> ([Element<'_>; 2], usize) {
        let numbered = agreed.transport_cc.map(|id| (id, &self.number[..]));
        let turned = agreed.video_orientation.zip(self.orientation.as_ref());
        let turned = turned.map(|(id, value)| (id, &value[..]));
        let mut elements = [Element { id: 0, value: &[] }; 2];
        let mut count = 0;
        for (place, (id, value)) in elements.iter_mut().zip(numbered.into_iter().chain(turned)) {
            *place = Element { id, value };
            count += 1;
        }
        (elements, count)
    }
}

pub(super) fn rewrite(payload: &mut [u8], new: Option<vp8::Rewrite>) {
    let Some(new) = new else { return };
    if let Some(frame) = vp8::Descriptor::parse(payload) {
        frame.rewrite(payload, new);
    }
}
