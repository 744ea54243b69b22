//! What goes to a client: the packets of its slots, and their retransmissions.

use std::cmp::Reverse;
use std::time::Duration;

use vestibule_congestion::{Bitrate, Known};
use vestibule_forwarding::limits::SLOTS;
use vestibule_forwarding::{Forwarded, Moment, Skip, Slot, vp8};
use vestibule_rtp::header::{self, Element, Fixed};
use vestibule_rtp::ntp::Ntp;
use vestibule_rtp::rtcp::{Compound, ReportBlock, TransportFeedback};
use vestibule_rtp::{DoesNotFit, extend, rtx};
use vestibule_srtp::Outbound;

use super::departures::{Departures, Leaves, Turn};
use super::packet::Packet;
use super::slots::Slots;
use crate::limits::ROUND_TRIP_GUESS;
use crate::offer::{Codecs, Extensions, SlotSsrcs, slot_name};

/// The bit of a header that says that padding follows the payload (RFC 3550 section 5.1).
const PADDED: u8 = 0x20;

/// A probe's packets of at least so many bytes repeat what was sent; smaller ones are padding alone, of which a
/// packet carries 255 bytes at most.
const REPEATED_FROM: u64 = 600;

/// How many of the last packets are repeated in turn.
const REPEATED: u64 = 16;

pub(super) struct Outgoing {
    srtp: Outbound,
    slots: Slots,
    /// Pictures can be sent again: some slot has a stream for it.
    repairs: bool,
    codecs: Codecs,
    extensions: Extensions,
    departures: Departures,
    /// Which of the last packets is repeated next to probe the line, counted from the newest.
    repeated: u64,
    /// To the client and back, by its last report.
    round_trip: Duration,
}

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

/// What comes of a packet that waited, when its turn is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Turned {
    /// It is to be written: its slot, its extended number there, and whether it is written again.
    Packet(Slot, u64, bool),
    /// So much went through its slot meanwhile that it is not known any more which one it is.
    TooLate,
}

/// What is sent to find out what more a line takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Probe {
    /// A packet that went through a slot: if it was lost, it is there now.
    Repeat(Slot, u64),
    /// So many bytes of padding.
    Padding(Slot, u64),
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
    pub(super) fn new(
        now: Moment,
        srtp: Outbound,
        ssrcs: &[SlotSsrcs; SLOTS],
        codecs: Codecs,
        extensions: Extensions,
    ) -> Self {
        Self {
            srtp,
            slots: Slots::new(*ssrcs),
            repairs: ssrcs.iter().any(|it| it.repair.is_some()),
            codecs,
            extensions,
            departures: Departures::starting(now),
            repeated: 0,
            round_trip: ROUND_TRIP_GUESS,
        }
    }

    /// Takes note of a packet that goes through a slot; whether it leaves now. One that waits has its turn later.
    pub(super) fn take(
        &mut self,
        now: Moment,
        forwarded: &Forwarded,
        packet: &Packet<'_>,
    ) -> Leaves {
        if packet.redundancy.is_some() && packet.redundancy != self.codecs.redundancy() {
            return Leaves::NotTaken;
        }
        let payload = packet.payload.len();
        let Some(state) = self.slots.get_mut(forwarded.slot) else {
            return Leaves::NoConnection;
        };
        if !forwarded.slot.is_video() {
            self.departures.beside(now, payload);
            state.note(payload, forwarded);
            return Leaves::Now;
        }
        let turn = Turn {
            slot: forwarded.slot,
            sequence: low(forwarded.sequence),
            again: false,
        };
        let leaves = self.departures.leaves(now, turn, payload);
        if matches!(leaves, Leaves::Now | Leaves::Later) {
            state.note(payload, forwarded);
        }
        leaves
    }

    /// Whether a packet that the client lacks is sent again, and now; nothing when the client got its share of them.
    pub(super) fn take_again(&mut self, now: Moment, piece: &Piece<'_>) -> Leaves {
        let round_trip = self.round_trip;
        let Some(state) = self.slots.get_mut(piece.slot) else {
            return Leaves::NoConnection;
        };
        let octets = piece.payload.len();
        let turn = Turn {
            slot: piece.slot,
            sequence: low(piece.sequence),
            again: true,
        };
        let resent = &mut state.resent;
        if let Err(why) = resent.check(now, piece.sequence, octets, round_trip) {
            return Leaves::Refused(why);
        }
        let leaves = self.departures.leaves(now, turn, octets);
        // One that finds no place is asked for again, and was not sent.
        if matches!(leaves, Leaves::Now | Leaves::Later) {
            resent.take(now, piece.sequence, octets, leaves == Leaves::Later);
        }
        leaves
    }

    /// What comes of the next packet whose turn it is.
    pub(super) fn turn(&mut self, now: Moment) -> Option<Turned> {
        let turn = self.departures.turn(now)?;
        let Some(sequence) = self.sent_sequence(turn.slot, turn.sequence) else {
            return Some(Turned::TooLate);
        };
        if turn.again
            && let Some(state) = self.slots.get_mut(turn.slot)
        {
            state.resent.leave(now, sequence);
        }
        Some(Turned::Packet(turn.slot, sequence, turn.again))
    }

    /// How many packets wait for their turn.
    pub(super) fn waiting(&self) -> usize {
        self.departures.waiting()
    }

    /// Writes a packet for a slot and seals it: its length.
    pub(super) fn write(
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

    /// Writes a retransmission and seals it: its length.
    pub(super) fn write_again(
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
    pub(super) fn probe(&mut self, now: Moment) -> Option<Probe> {
        if !self.repairs {
            return None;
        }
        let padding = self.departures.padding(now)?;
        let pictures = self.slots.iter().filter_map(|(slot, ssrcs, state)| {
            let repairs = slot.is_video() && ssrcs.repair.is_some();
            repairs.then_some((slot, state.and_then(|state| state.last)))
        });
        let (slot, last) =
            pictures.max_by_key(|(slot, last)| (last.is_some(), Reverse(slot.index())))?;
        let Some(last) = last.filter(|_| padding.bytes >= REPEATED_FROM) else {
            return Some(Probe::Padding(slot, padding.bytes));
        };
        self.repeated = (self.repeated + 1) % REPEATED;
        let sequence = last.sequence.saturating_sub(self.repeated);
        Some(Probe::Repeat(slot, sequence))
    }

    /// Writes a packet with these numbers and no payload but a byte of padding: its length.
    pub(super) fn write_skip(
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
    pub(super) fn write_padding(
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

    /// What is known of the client's line.
    pub(super) fn line(&self) -> Option<Known> {
        self.departures.line()
    }

    /// The line broke down, as was found out otherwise.
    pub(super) fn break_down(&mut self, now: Moment) {
        self.departures.break_down(now);
    }

    /// See [`Departures::suspect`].
    pub(super) fn suspect(&mut self, now: Moment) {
        self.departures.suspect(now);
    }

    /// See [`Departures::go_another_way`].
    pub(super) fn go_another_way(&mut self, now: Moment) {
        self.departures.go_another_way(now);
    }

    /// Learns what arrived.
    pub(super) fn take_feedback(&mut self, now: Moment, feedback: &TransportFeedback<'_>) {
        self.departures.take_feedback(now, feedback);
    }

    /// Sets what the client would be sent on a line without limits; its line is probed for no more.
    pub(super) fn set_wanted(&mut self, wanted: Bitrate) {
        self.departures.set_wanted(wanted);
    }

    /// Gives up the probe that is under way.
    pub(super) fn leave_off_probing(&mut self) {
        self.departures.leave_off_probing();
    }

    /// Lets time pass.
    pub(super) fn handle_timeout(&mut self, now: Moment) {
        self.departures.handle_timeout(now);
    }

    /// When [`Self::handle_timeout`], [`Self::turn`] and [`Self::probe`] are to be called next.
    pub(super) fn next_timeout(&self) -> Option<Moment> {
        self.departures.next_timeout()
    }

    /// Seals an RTCP compound packet: its length.
    pub(super) fn seal_rtcp(&mut self, buffer: &mut [u8], length: usize) -> Option<usize> {
        self.srtp.seal_rtcp(buffer, length).ok()
    }

    /// Whom reports and feedback come from: a stream that is always there.
    pub(super) fn reporter(&self) -> u32 {
        self.slots.reporter()
    }

    /// Takes note of a round trip that a report tells of.
    pub(super) fn set_round_trip(&mut self, round_trip: Duration) {
        self.round_trip = round_trip;
    }

    /// How long it takes until the client's feedback on a packet is here, where the line is congested.
    pub(super) fn congested_round_trip(&self) -> Option<Duration> {
        self.departures.congested_round_trip()
    }

    /// The slot whose packets have this SSRC.
    pub(super) fn slot_of(&self, ssrc: u32) -> Option<Slot> {
        self.slots.of(ssrc)
    }

    /// The extended sequence number that was sent on a slot, of its low 16 bits.
    pub(super) fn sent_sequence(&self, slot: Slot, sequence: u16) -> Option<u64> {
        let last = self.slots.get(slot)?.last?;
        extend(last.sequence, sequence).filter(|found| *found <= last.sequence)
    }

    /// Packets of a slot that were lost on their way to the client since the report before.
    pub(super) fn lost(&mut self, block: &ReportBlock) -> Option<(Slot, u64)> {
        let slot = self.slot_of(block.ssrc)?;
        let state = self.slots.get_mut(slot)?;
        let lost = state.lost(block.cumulative_lost);
        (lost > 0).then_some((slot, lost))
    }

    /// Packets of sound that were lost on their way to the client, as what it tells of the line lets suppose: it reports
    /// on each stream only every few seconds.
    pub(super) fn supposed_lost(&mut self) -> impl Iterator<Item = (Slot, u64)> {
        let part = self.departures.loss();
        let sound = self.slots.used().filter(|(slot, _)| !slot.is_video());
        sound
            .map(move |(slot, state)| (slot, state.suppose_lost(part)))
            .filter(|(_, lost)| *lost > 0)
    }

    /// Appends a sender report for each slot that anything was sent on.
    pub(super) fn write_reports(
        &self,
        now: Moment,
        ntp: Ntp,
        compound: &mut Compound<'_>,
    ) -> Result<(), DoesNotFit> {
        for (slot, _, state) in self.slots.iter() {
            if let Some(state) = state
                && let Some(last) = state.last
            {
                compound.sender_report(&state.info(slot, last, now, ntp), &[])?;
            }
        }
        Ok(())
    }

    /// Appends the names of the slots that there are sender reports for, and of whom other reports come from: those that
    /// the answer told (RFC 3550 section 6.5.1, RFC 5576 section 6.1).
    pub(super) fn write_names(&self, compound: &mut Compound<'_>) -> Result<(), DoesNotFit> {
        for (slot, ssrcs, state) in self.slots.iter() {
            let reported = state.is_some_and(|state| state.last.is_some());
            if reported || ssrcs.media == self.reporter() {
                compound.description(ssrcs.media, slot_name(slot.index()))?;
            }
        }
        Ok(())
    }

    /// What the header extensions of a packet that leaves now say.
    fn marks(&mut self, now: Moment, payload: usize, orientation: Option<u8>) -> Marks {
        Marks {
            number: self.departures.number(now, payload).to_be_bytes(),
            orientation: orientation.map(|it| [it]),
        }
    }
}

/// What the header extensions of a packet say: its number over all slots, and how the picture is turned.
struct Marks {
    number: [u8; 2],
    orientation: Option<[u8; 1]>,
}

impl Marks {
    /// The elements for those extensions that were agreed on, and how many they are.
    fn elements(&self, agreed: Extensions) -> ([Element<'_>; 2], usize) {
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

fn rewrite(payload: &mut [u8], new: Option<vp8::Rewrite>) {
    let Some(new) = new else { return };
    if let Some(frame) = vp8::Descriptor::parse(payload) {
        frame.rewrite(payload, new);
    }
}

fn low(sequence: u64) -> u16 {
    (sequence & 0xffff) as u16
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use vestibule_forwarding::{Forwarded, Moment, Seat, Skip, Slot};
    use vestibule_rtp::Refusal;
    use vestibule_rtp::ntp::Ntp;
    use vestibule_rtp::rtcp::{self, Compound, FeedbackHead, ReportBlock};
    use vestibule_srtp::{MasterKey, Outbound, Profile};

    use super::{Leaves, Outgoing, Piece, Turned, low};
    use crate::limits::PACED_PACKETS;
    use crate::offer::{Codecs, Extensions, SlotSsrcs};
    use crate::peer::Packet;

    /// To a client that tells what arrived: pictures wait for their turn.
    fn outgoing(now: Moment) -> Outgoing {
        let [profile, ..] = Profile::ALL;
        let (key, salt) = (vec![1; profile.key_bytes()], vec![2; profile.salt_bytes()]);
        let key = MasterKey::new(profile, &key, &salt).unwrap();
        let ssrcs = std::array::from_fn(|slot| SlotSsrcs {
            media: slot as u32,
            repair: None,
        });
        let codecs = Codecs {
            opus: 111,
            red: None,
            vp8: 96,
            rtx: 97,
        };
        let srtp = Outbound::new(&key).unwrap();
        let mut outgoing = Outgoing::new(now, srtp, &ssrcs, codecs, Extensions::default());
        let mut buffer = [0; 64];
        let mut compound = Compound::new(&mut buffer);
        let arrived = [Some(0)].into_iter();
        compound
            .transport_feedback(&FeedbackHead::default(), arrived)
            .unwrap();
        let told = rtcp::packets(compound.octets()).next();
        let Some(Ok(rtcp::Packet::TransportFeedback(told))) = told else {
            panic!("no feedback was written");
        };
        outgoing.take_feedback(now, &told);
        outgoing
    }

    const SLOT: Slot = Slot::SCREEN;

    /// A large packet of a picture is to go with this number.
    fn take(outgoing: &mut Outgoing, now: Moment, sequence: u64) -> Leaves {
        let [seat, ..] = Seat::ALL;
        let forwarded = Forwarded {
            seat,
            slot: SLOT,
            sequence,
            timestamp: 0,
            captured: now,
            vp8: None,
        };
        let packet = Packet {
            ssrc: 1,
            layer: 0,
            sequence,
            timestamp: 0,
            marker: false,
            orientation: None,
            redundancy: None,
            payload: &[0; 1000],
        };
        outgoing.take(now, &forwarded, &packet)
    }

    #[test]
    fn what_finds_no_place_was_not_sent() {
        let now = Moment::from_micros(1_000_000);
        let mut outgoing = outgoing(now);
        let full = (1..1000).find(|it| take(&mut outgoing, now, *it) == Leaves::Full);
        let full = full.unwrap();
        let sent = |sequence| outgoing.sent_sequence(SLOT, low(sequence));
        assert_eq!((sent(full - 1), sent(full)), (Some(full - 1), None));
    }

    /// So many packets left, each in its time; the time after them.
    fn sent(outgoing: &mut Outgoing, from: Moment, packets: u64) -> Moment {
        let at = |sequence| from.plus(Duration::from_secs(sequence));
        for sequence in 1..=packets {
            assert_eq!(take(outgoing, at(sequence), sequence), Leaves::Now);
        }
        at(packets + 1)
    }

    /// A packet with a payload of so many bytes.
    fn piece(sequence: u64, bytes: usize) -> Piece<'static> {
        Piece {
            slot: SLOT,
            sequence,
            timestamp: 0,
            marker: false,
            orientation: None,
            redundant: false,
            vp8: None,
            payload: &[0; 1000][..bytes],
        }
    }

    /// The client asks for it again.
    fn again(outgoing: &mut Outgoing, now: Moment, sequence: u64, bytes: usize) -> Leaves {
        outgoing.take_again(now, &piece(sequence, bytes))
    }

    #[test]
    fn what_waits_to_be_sent_again_is_not_sent_twice_for_being_asked_for_twice() {
        const LOST: u64 = 20;
        let just_now = Leaves::Refused(Refusal::JustNow);
        let mut outgoing = outgoing(Moment::from_micros(1_000_000));
        let round_trip = Duration::from_millis(30);
        outgoing.set_round_trip(round_trip);
        let now = sent(&mut outgoing, Moment::from_micros(1_000_000), LOST);
        let asked = |outgoing: &mut Outgoing, now| {
            let all = (1..=LOST).map(|sequence| again(outgoing, now, sequence, 1000));
            all.collect::<Vec<_>>()
        };
        assert!(asked(&mut outgoing, now).contains(&Leaves::Later));
        let waiting = outgoing.waiting();
        // No turn comes meanwhile, and those that left at once were asked for a round trip later.
        let all = asked(&mut outgoing, now.plus(round_trip));
        let refused = all.iter().filter(|it| **it == just_now).count();
        assert_eq!(refused, waiting);
        let mut left = now.plus(Duration::from_secs(1));
        let mut last = None;
        while let Some(turned) = outgoing.turn(left) {
            last = Some((left, turned));
            left = left.plus(Duration::from_secs(1));
        }
        let Some((left, Turned::Packet(_, sequence, true))) = last else {
            panic!("{last:?} was the last");
        };
        let later = |millis| left.plus(Duration::from_millis(millis));
        assert_eq!(again(&mut outgoing, later(29), sequence, 1000), just_now);
        let next = again(&mut outgoing, later(1_000), sequence, 1000);
        assert_eq!(next, Leaves::Now);
    }

    #[test]
    fn what_finds_no_place_to_be_sent_again_counts_for_nothing() {
        const BYTES: usize = 10;
        const ASKED: u64 = PACED_PACKETS as u64 + 40;
        let mut outgoing = outgoing(Moment::from_micros(1_000_000));
        let now = sent(&mut outgoing, Moment::from_micros(1_000_000), ASKED);
        let full = (1..=ASKED).find(|it| again(&mut outgoing, now, *it, BYTES) == Leaves::Full);
        let full = full.unwrap();
        for _ in 0..1000 {
            assert_eq!(again(&mut outgoing, now, full, BYTES), Leaves::Full);
        }
        let mut now = now;
        while outgoing.waiting() > 0 {
            now = now.plus(Duration::from_secs(1));
            assert!(outgoing.turn(now).is_some());
        }
        let now = now.plus(Duration::from_secs(1));
        assert_eq!(again(&mut outgoing, now, full, BYTES), Leaves::Now);
    }

    /// What a report says of packets and octets that were sent.
    fn reported(outgoing: &Outgoing, now: Moment) -> Option<(u32, u32)> {
        let mut buffer = [0; 1000];
        let mut compound = Compound::new(&mut buffer);
        let ntp = Ntp::from_micros(1_000_000);
        outgoing.write_reports(now, ntp, &mut compound).unwrap();
        let mut parts = rtcp::packets(compound.octets()).map(Result::unwrap);
        match parts.next() {
            Some(rtcp::Packet::SenderReport(report)) => {
                Some((report.info.packets, report.info.octets))
            }
            _ => None,
        }
    }

    #[test]
    fn reports_count_what_left_and_nothing_else() {
        let now = Moment::from_micros(1_000_000);
        let mut outgoing = outgoing(now);
        let written = |outgoing: &mut Outgoing, sequence, room: usize| {
            let piece = piece(sequence, 1000);
            outgoing.write(now, &piece, &mut vec![0; room]).is_some()
        };
        assert_eq!(reported(&outgoing, now), None);
        assert_eq!(take(&mut outgoing, now, 1), Leaves::Now);
        assert!(written(&mut outgoing, 1, 1500));
        assert_eq!(reported(&outgoing, now), Some((1, 1000)));
        // One that waits, and may be found to be too late.
        let later = (2..100).find(|it| take(&mut outgoing, now, *it) == Leaves::Later);
        assert_eq!(reported(&outgoing, now), Some((1, 1000)));
        // There is room for the packet and not for what sealing adds.
        assert!(!written(&mut outgoing, 2, 1000 + 12 + 8));
        assert_eq!(reported(&outgoing, now), Some((1, 1000)));
        let turned = outgoing.turn(now.plus(Duration::from_secs(1)));
        assert_eq!(turned, later.map(|it| Turned::Packet(SLOT, it, false)));
        assert!(written(&mut outgoing, later.unwrap(), 1500));
        assert_eq!(reported(&outgoing, now), Some((2, 2000)));
        let skip = Skip {
            sequence: 2_000,
            timestamp: 0,
        };
        let skipped = outgoing.write_skip(now, SLOT, skip, &mut [0; 100]);
        assert!(skipped.is_some());
        assert_eq!(reported(&outgoing, now), Some((3, 2000)));
    }

    #[test]
    fn what_is_lost_is_told_of_around_numbers_that_were_left_out() {
        let now = Moment::from_micros(1_000_000);
        let mut outgoing = outgoing(now);
        let lost = |outgoing: &mut Outgoing, cumulative_lost| {
            let block = ReportBlock {
                ssrc: outgoing.slots.get(SLOT).unwrap().ssrcs.media,
                cumulative_lost,
                ..ReportBlock::default()
            };
            outgoing.lost(&block).map_or(0, |(_, lost)| lost)
        };
        let later = |seconds| now.plus(Duration::from_secs(seconds));
        // One number never came here.
        for (second, sequence) in [(1, 1), (2, 2), (3, 4)] {
            assert_ne!(take(&mut outgoing, later(second), sequence), Leaves::Full);
        }
        assert_eq!(lost(&mut outgoing, 1), 0);
        for sequence in [1_028, 1_029] {
            let skip = Skip {
                sequence,
                timestamp: 0,
            };
            let written = outgoing.write_skip(later(4), SLOT, skip, &mut [0; 100]);
            assert!(written.is_some());
        }
        assert_eq!(lost(&mut outgoing, 2), 1);
        for (second, sequence) in [(5, 1_030), (6, 1_031), (7, 1_032)] {
            assert_ne!(take(&mut outgoing, later(second), sequence), Leaves::Full);
        }
        assert_eq!(lost(&mut outgoing, 4), 2);
    }

    #[test]
    fn a_packet_whose_number_means_another_by_its_turn_is_told_of() {
        let now = Moment::from_micros(1_000_000);
        let mut outgoing = outgoing(now);
        let mut take = |sequence| take(&mut outgoing, now, sequence);
        let first = (1..100).find(|sequence| take(*sequence) == Leaves::Later);
        let last = first.unwrap() + (1 << 15) + 1;
        assert_eq!(take(last), Leaves::Later);
        assert_eq!(outgoing.waiting(), 2);
        let mut turn = |seconds| outgoing.turn(now.plus(Duration::from_secs(seconds)));
        assert_eq!(turn(1), Some(Turned::TooLate));
        assert_eq!(turn(2), Some(Turned::Packet(SLOT, last, false)));
        assert_eq!(turn(3), None);
    }
}
