//! What is written beside the packets of the slots: those that are sent again, those that tell that numbers are left out, and
//! padding.

use std::cmp::Reverse;

use vestibule_forwarding::{Moment, Skip, Slot};
use vestibule_rtp::header::{self, Fixed};
use vestibule_rtp::rtx;

use super::seal::{Piece, rewrite};
use super::{Outgoing, low};
use crate::peer::slots::Last;

/// The bit of a header that says that padding follows the payload (RFC 3550 section 5.1).
const PADDED: u8 = 0x20;

/// A probe's packets of at least so many bytes repeat what was sent; smaller ones are padding alone, of which a
/// packet carries 255 bytes at most.
const REPEATED_FROM: u64 = 600;

/// How many of the last packets are repeated in turn.
const REPEATED: u64 = 16;

/// What is sent to find out what more a line takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Probe {
    /// A packet that went through a slot: if it was lost, it is there now.
    Repeat(Slot, u64),
    /// So many bytes of padding.
    Padding(Slot, u64),
}

impl Outgoing {
    /// Writes a retransmission and seals it: its length.
    pub(in crate::peer) fn write_again(
        &mut self,
        now: Moment,
        piece: &Piece<'_>,
        buffer: &mut [u8],
    ) -> Option<usize> {
        let marks = self.marks(now, piece.payload.len(), piece.orientation);
        let (elements, count) = marks.elements(self.extensions);
        let state = self.slots.get_mut(piece.slot)?;
        let index = state.next_repair;
        let fixed = Fixed {
            marker: piece.marker,
            payload_type: self.codecs.rtx,
            sequence: low(index),
            timestamp: piece.timestamp,
            ssrc: state.ssrcs.repair?,
        };
        state.next_repair += 1;
        let sequence = low(piece.sequence);
        let elements = elements.get(..count)?;
        let length = rtx::write(&fixed, elements, sequence, piece.payload, buffer).ok()?;
        rewrite(
            buffer.get_mut(length - piece.payload.len()..length)?,
            piece.vp8,
        );
        self.srtp.seal_rtp(buffer, length, index).ok()
    }

    /// What is to be sent now to find out what more the line takes, if any. Where no picture went through yet, as all were
    /// held back from the beginning, it is padding.
    pub(in crate::peer) fn probe(&mut self, now: Moment) -> Option<Probe> {
        if !self.repairs {
            return None;
        }
        let padding = self.departures.padding(now)?;
        let pictures = self.slots.iter().filter_map(|(slot, ssrcs, state)| {
            let repairs = slot.is_video() && ssrcs.repair.is_some();
            repairs.then_some((slot, state.and_then(|state| state.last)))
        });
        // Of a slot that flows: what another one sent is kept no more.
        let newest = |last: Option<Last>| last.map(|it| it.captured);
        let (slot, last) =
            pictures.max_by_key(|(slot, last)| (newest(*last), Reverse(slot.index())))?;
        let Some(last) = last.filter(|_| padding.bytes >= REPEATED_FROM) else {
            return Some(Probe::Padding(slot, padding.bytes));
        };
        self.repeated = (self.repeated + 1) % REPEATED;
        let sequence = last.sequence.saturating_sub(self.repeated);
        Some(Probe::Repeat(slot, sequence))
    }

    /// Writes a packet with these numbers and no payload but a byte of padding: its length.
    pub(in crate::peer) fn write_skip(
        &mut self,
        now: Moment,
        slot: Slot,
        skip: Skip,
        buffer: &mut [u8],
    ) -> Option<usize> {
        let fixed = Fixed {
            marker: false,
            payload_type: self.codecs.of(slot.is_video(), false)?,
            sequence: low(skip.sequence),
            timestamp: skip.timestamp,
            ssrc: self.slots.get(slot)?.ssrcs.media,
        };
        let length = self.pad(now, &fixed, 1, buffer)?;
        let state = self.slots.get_mut(slot)?;
        state.skip(skip.sequence);
        let sealed = self.srtp.seal_rtp(buffer, length, skip.sequence).ok()?;
        // Padding is no payload.
        state.leave(0);
        Some(sealed)
    }

    /// Writes a packet of nothing but padding in a slot's stream of retransmissions (RFC 3550 section 5.1), as
    /// browsers do: its length.
    pub(in crate::peer) fn write_padding(
        &mut self,
        now: Moment,
        slot: Slot,
        bytes: u64,
        buffer: &mut [u8],
    ) -> Option<usize> {
        let padding = u8::try_from(bytes).unwrap_or(u8::MAX);
        let state = self.slots.get_mut(slot)?;
        let index = state.next_repair;
        let fixed = Fixed {
            marker: false,
            payload_type: self.codecs.rtx,
            sequence: low(index),
            timestamp: state.last.map_or(0, |last| last.timestamp),
            ssrc: state.ssrcs.repair?,
        };
        state.next_repair += 1;
        let length = self.pad(now, &fixed, padding, buffer)?;
        self.srtp.seal_rtp(buffer, length, index).ok()
    }

    /// Writes a packet of padding alone: its plain length.
    fn pad(&mut self, now: Moment, fixed: &Fixed, padding: u8, buffer: &mut [u8]) -> Option<usize> {
        let marks = self.marks(now, padding.into(), None);
        let (elements, count) = marks.elements(self.extensions);
        let head = header::write(fixed, elements.get(..count)?, buffer).ok()?;
        let length = head + usize::from(padding);
        buffer.get_mut(head..length)?.fill(0);
        *buffer.get_mut(length.checked_sub(1)?)? = padding;
        *buffer.first_mut()? |= PADDED;
        Some(length)
    }
}
