//! What goes to a client: the packets of its slots, and their retransmissions.

use std::time::Duration;

use vestibule_forwarding::limits::SLOTS;
use vestibule_forwarding::{Forwarded, Moment, Slot, vp8};
use vestibule_rtp::header::{self, Element, Fixed};
use vestibule_rtp::ntp::Ntp;
use vestibule_rtp::rtcp::{Compound, SenderInfo};
use vestibule_rtp::{DoesNotFit, Resent, extend, rtx};
use vestibule_srtp::Outbound;

use super::packet::Packet;
use crate::limits::ROUND_TRIP_GUESS;
use crate::offer::{Codecs, Extensions, SlotSsrcs};

/// Ticks of the RTP timestamp in a second, of sound (RFC 7587) and of pictures (RFC 7741).
const SOUND_RATE: u128 = 48_000;
const PICTURE_RATE: u128 = 90_000;

pub(super) struct Outgoing {
    srtp: Outbound,
    slots: [SlotState; SLOTS],
    codecs: Codecs,
    extensions: Extensions,
    /// The next packet's number over all slots.
    transport: u16,
    /// To the client and back, by its last report.
    round_trip: Duration,
}

struct SlotState {
    ssrcs: SlotSsrcs,
    /// What was sent, as reports count it.
    packets: u32,
    octets: u32,
    last: Option<Last>,
    resent: Resent,
    next_repair: u64,
}

/// The furthest packet of a slot.
#[derive(Clone, Copy)]
struct Last {
    sequence: u64,
    timestamp: u32,
    captured: Moment,
}

/// A packet that is sent again, as it was sent the first time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Again<'a> {
    pub(crate) slot: Slot,
    /// The extended sequence number that it had.
    pub(crate) sequence: u64,
    pub(crate) timestamp: u32,
    pub(crate) marker: bool,
    pub(crate) orientation: Option<u8>,
    pub(crate) vp8: Option<vp8::Rewrite>,
    /// As it came from the publisher.
    pub(crate) payload: &'a [u8],
}

impl Outgoing {
    pub(super) fn new(
        srtp: Outbound,
        ssrcs: &[SlotSsrcs; SLOTS],
        codecs: Codecs,
        extensions: Extensions,
    ) -> Self {
        Self {
            srtp,
            slots: ssrcs.map(SlotState::new),
            codecs,
            extensions,
            transport: 0,
            round_trip: ROUND_TRIP_GUESS,
        }
    }

    /// Writes a packet for a slot and seals it: its length.
    pub(super) fn write(
        &mut self,
        packet: &Packet<'_>,
        forwarded: &Forwarded,
        buffer: &mut [u8],
    ) -> Option<usize> {
        let transport = self.transport.to_be_bytes();
        let orientation = [packet.orientation.unwrap_or(0)];
        let (elements, count) =
            self.elements(&transport, packet.orientation.map(|_| &orientation[..]));
        let state = self.slots.get_mut(forwarded.slot.index())?;
        let fixed = Fixed {
            marker: packet.marker,
            payload_type: if forwarded.slot.is_video() {
                self.codecs.vp8
            } else {
                self.codecs.opus
            },
            sequence: low(forwarded.sequence),
            timestamp: forwarded.timestamp,
            ssrc: state.ssrcs.media,
        };
        let head = header::write(&fixed, elements.get(..count)?, buffer).ok()?;
        let length = head + packet.payload.len();
        let payload = buffer.get_mut(head..length)?;
        payload.copy_from_slice(packet.payload);
        rewrite(payload, forwarded.vp8);
        let sealed = self
            .srtp
            .seal_rtp(buffer, length, forwarded.sequence)
            .ok()?;
        self.transport = self.transport.wrapping_add(1);
        state.note(packet.payload.len(), forwarded);
        Some(sealed)
    }

    /// Writes a retransmission and seals it: its length. Nothing when the client got its share of them.
    pub(super) fn write_again(
        &mut self,
        now: Moment,
        again: &Again<'_>,
        buffer: &mut [u8],
    ) -> Option<usize> {
        let transport = self.transport.to_be_bytes();
        let orientation = [again.orientation.unwrap_or(0)];
        let (elements, count) =
            self.elements(&transport, again.orientation.map(|_| &orientation[..]));
        let round_trip = self.round_trip;
        let state = self.slots.get_mut(again.slot.index())?;
        let octets = again.payload.len();
        state
            .resent
            .allow(now, again.sequence, octets, round_trip)
            .ok()?;
        let index = state.next_repair;
        let fixed = Fixed {
            marker: again.marker,
            payload_type: self.codecs.rtx,
            sequence: low(index),
            timestamp: again.timestamp,
            ssrc: state.ssrcs.repair?,
        };
        let sequence = low(again.sequence);
        let elements = elements.get(..count)?;
        let length = rtx::write(&fixed, elements, sequence, again.payload, buffer).ok()?;
        rewrite(
            buffer.get_mut(length - again.payload.len()..length)?,
            again.vp8,
        );
        let sealed = self.srtp.seal_rtp(buffer, length, index).ok()?;
        self.transport = self.transport.wrapping_add(1);
        state.next_repair += 1;
        Some(sealed)
    }

    /// Seals an RTCP compound packet: its length.
    pub(super) fn seal_rtcp(&mut self, buffer: &mut [u8], length: usize) -> Option<usize> {
        self.srtp.seal_rtcp(buffer, length).ok()
    }

    /// Whom reports and feedback come from: a stream that is always there.
    pub(super) fn reporter(&self) -> u32 {
        self.slots.first().map_or(0, |state| state.ssrcs.media)
    }

    /// Takes note of a round trip that a report tells of.
    pub(super) fn set_round_trip(&mut self, round_trip: Duration) {
        self.round_trip = round_trip;
    }

    /// The slot whose packets have this SSRC.
    pub(super) fn slot_of(&self, ssrc: u32) -> Option<Slot> {
        let place = self.slots.iter().position(|it| it.ssrcs.media == ssrc)?;
        Slot::from_index(place)
    }

    /// The extended sequence number that was sent on a slot, of its low 16 bits.
    pub(super) fn sent_sequence(&self, slot: Slot, sequence: u16) -> Option<u64> {
        let last = self.slots.get(slot.index())?.last?;
        extend(last.sequence, sequence).filter(|found| *found <= last.sequence)
    }

    /// Appends a sender report and the name for each slot that anything was sent on.
    pub(super) fn write_reports(
        &self,
        now: Moment,
        ntp: Ntp,
        compound: &mut Compound<'_>,
    ) -> Result<(), DoesNotFit> {
        for (place, state) in self.slots.iter().enumerate() {
            let (Some(slot), Some(last)) = (Slot::from_index(place), state.last) else {
                continue;
            };
            compound.sender_report(&state.info(slot, last, now, ntp), &[])?;
        }
        Ok(())
    }

    /// The header extensions of a packet: its number over all slots, and how the picture is turned.
    fn elements<'a>(
        &self,
        transport: &'a [u8],
        orientation: Option<&'a [u8]>,
    ) -> ([Element<'a>; 2], usize) {
        let numbered = self.extensions.transport_cc.map(|id| (id, transport));
        let turned = self.extensions.video_orientation.zip(orientation);
        let mut elements = [Element { id: 0, value: &[] }; 2];
        let mut count = 0;
        for (place, (id, value)) in elements.iter_mut().zip(numbered.into_iter().chain(turned)) {
            *place = Element { id, value };
            count += 1;
        }
        (elements, count)
    }
}

impl SlotState {
    fn new(ssrcs: SlotSsrcs) -> Self {
        Self {
            ssrcs,
            packets: 0,
            octets: 0,
            last: None,
            resent: Resent::default(),
            next_repair: 1,
        }
    }

    fn note(&mut self, octets: usize, forwarded: &Forwarded) {
        self.resent.sent(octets);
        self.packets = self.packets.wrapping_add(1);
        // Reports count modulo 2^32 (RFC 3550 section 6.4.1).
        self.octets = self.octets.wrapping_add(u32::try_from(octets).unwrap_or(0));
        if self
            .last
            .is_none_or(|last| last.sequence < forwarded.sequence)
        {
            self.last = Some(Last {
                sequence: forwarded.sequence,
                timestamp: forwarded.timestamp,
                captured: forwarded.captured,
            });
        }
    }

    /// What the slot's stream would be stamped now: the last packet's timestamp and the time since its capture.
    fn info(&self, slot: Slot, last: Last, now: Moment, ntp: Ntp) -> SenderInfo {
        let rate = if slot.is_video() {
            PICTURE_RATE
        } else {
            SOUND_RATE
        };
        let ticks = now.since(last.captured).as_micros() * rate / 1_000_000;
        SenderInfo {
            ssrc: self.ssrcs.media,
            ntp,
            timestamp: last
                .timestamp
                .wrapping_add((ticks & u128::from(u32::MAX)) as u32),
            packets: self.packets,
            octets: self.octets,
        }
    }
}

fn rewrite(payload: &mut [u8], new: Option<vp8::Rewrite>) {
    let Some(new) = new else { return };
    if let Some(frame) = vp8::Descriptor::parse(payload) {
        frame.rewrite(payload, new);
    }
}

fn low(sequence: u64) -> u16 {
    (sequence & 0xffff) as u16
}
