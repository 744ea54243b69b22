//! What went through each slot of a client.

use vestibule_forwarding::limits::SLOTS;
use vestibule_forwarding::{Forwarded, Moment, Slot};
use vestibule_rtp::Resent;
use vestibule_rtp::ntp::Ntp;
use vestibule_rtp::rtcp::SenderInfo;

use super::beyond::Beyond;
use crate::offer::SlotSsrcs;

/// Ticks of the RTP timestamp in a second, of sound (RFC 7587) and of pictures (RFC 7741).
const SOUND_RATE: u128 = 48_000;
const PICTURE_RATE: u128 = 90_000;

/// Slots of a pair: audio and video.
const PAIR: usize = 2;

/// The slots of a client. In a consultation of two nothing goes through any but the first pair.
pub(super) struct Slots {
    first: [SlotState; PAIR],
    /// Once something went through one.
    others: Option<Box<[SlotState; SLOTS - PAIR]>>,
    ssrcs: [SlotSsrcs; SLOTS],
}

/// What is known of what went through a slot.
pub(super) struct SlotState {
    pub(super) ssrcs: SlotSsrcs,
    /// Packets that went through it, some of which may wait still.
    taken: u32,
    /// What left, as reports count it: modulo 2^32 (RFC 3550 section 6.4.1).
    packets: u32,
    octets: u32,
    pub(super) last: Option<Last>,
    pub(super) resent: Resent,
    pub(super) next_repair: u64,
    /// The first packet's number.
    first: Option<u64>,
    pub(super) beyond: Beyond,
    /// How many numbers were left out by intention, and up to which.
    skipped: u64,
    skipped_to: Option<u64>,
}

/// The furthest packet of a slot.
#[derive(Clone, Copy)]
pub(super) struct Last {
    pub(super) sequence: u64,
    pub(super) timestamp: u32,
    pub(super) captured: Moment,
}

impl Slots {
    pub(super) fn new(ssrcs: [SlotSsrcs; SLOTS]) -> Self {
        let [sound, picture, ..] = ssrcs;
        Self {
            first: [sound, picture].map(SlotState::new),
            others: None,
            ssrcs,
        }
    }

    /// What went through a slot, if anything may have.
    pub(super) fn get(&self, slot: Slot) -> Option<&SlotState> {
        match slot.index().checked_sub(PAIR) {
            None => self.first.get(slot.index()),
            Some(other) => self.others.as_ref()?.get(other),
        }
    }

    /// The same, for something that goes through it.
    pub(super) fn get_mut(&mut self, slot: Slot) -> Option<&mut SlotState> {
        let Some(other) = slot.index().checked_sub(PAIR) else {
            return self.first.get_mut(slot.index());
        };
        if self.others.is_none() {
            self.make_others();
        }
        self.others.as_mut()?.get_mut(other)
    }

    #[cold]
    fn make_others(&mut self) {
        let [_, _, ssrcs @ ..] = self.ssrcs;
        self.others = Some(Box::new(ssrcs.map(SlotState::new)));
    }

    /// All slots, with what went through them.
    pub(super) fn iter(&self) -> impl Iterator<Item = (Slot, SlotSsrcs, Option<&SlotState>)> {
        let slots = (0..SLOTS).filter_map(Slot::from_index).zip(self.ssrcs);
        slots.map(|(slot, ssrcs)| (slot, ssrcs, self.get(slot)))
    }

    /// Those that anything may have gone through, to change what is known of it.
    pub(super) fn used(&mut self) -> impl Iterator<Item = (Slot, &mut SlotState)> {
        let others = self.others.as_deref_mut().into_iter().flatten();
        let states = self.first.iter_mut().chain(others);
        (0..SLOTS).filter_map(Slot::from_index).zip(states)
    }

    /// The slot whose packets have this SSRC.
    pub(super) fn of(&self, ssrc: u32) -> Option<Slot> {
        let place = self.ssrcs.iter().position(|it| it.media == ssrc)?;
        Slot::from_index(place)
    }

    /// Whether this is the SSRC of a slot's packets, or of what repairs them.
    pub(super) fn has(&self, ssrc: u32) -> bool {
        let mut slots = self.ssrcs.iter();
        slots.any(|it| it.media == ssrc || it.repair == Some(ssrc))
    }

    /// The SSRC of a stream that is always there.
    pub(super) fn reporter(&self) -> u32 {
        let [first, ..] = self.ssrcs;
        first.media
    }
}

impl SlotState {
    fn new(ssrcs: SlotSsrcs) -> Self {
        Self {
            ssrcs,
            taken: 0,
            packets: 0,
            octets: 0,
            last: None,
            resent: Resent::default(),
            next_repair: 1,
            first: None,
            beyond: Beyond::default(),
            skipped: 0,
            skipped_to: None,
        }
    }

    /// Numbers of the slot that no packet had, those aside that were left out by intention.
    pub(super) fn holes(&self) -> u64 {
        let numbers = self.first.zip(self.furthest());
        let numbers = numbers.map_or(0, |(first, furthest)| furthest.saturating_sub(first) + 1);
        numbers.saturating_sub(u64::from(self.taken) + self.skipped)
    }

    /// So many are reported as lost in all: how many more were lost on the way than is known.
    pub(super) fn lost(&mut self, in_all: i32) -> u64 {
        let (holes, taken) = (self.holes(), self.taken);
        self.beyond.report(in_all, holes, taken, self.skipped)
    }

    /// The numbers up to this one are left out.
    pub(super) fn skip(&mut self, to: u64) {
        let from = self.furthest().unwrap_or(to);
        self.skipped += to.saturating_sub(from);
        self.skipped_to = Some(to);
    }

    fn furthest(&self) -> Option<u64> {
        self.last.map(|last| last.sequence).max(self.skipped_to)
    }

    /// Of what was sent this part is lost lately: how much more of it was lost than is known.
    pub(super) fn suppose_lost(&mut self, part: f64) -> u64 {
        self.beyond.suppose(self.taken, part)
    }

    /// A packet with a payload of so many octets goes through it, now or when its turn is.
    pub(super) fn note(&mut self, octets: usize, forwarded: &Forwarded) {
        self.first.get_or_insert(forwarded.sequence);
        self.resent.sent(octets);
        self.taken = self.taken.wrapping_add(1);
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

    /// A packet left for the first time, with a payload of so many octets.
    pub(super) fn leave(&mut self, octets: usize) {
        self.packets = self.packets.wrapping_add(1);
        self.octets = self.octets.wrapping_add(u32::try_from(octets).unwrap_or(0));
    }

    /// What the slot's stream would be stamped now: the last packet's timestamp and the time since its capture.
    pub(super) fn info(&self, slot: Slot, last: Last, now: Moment, ntp: Ntp) -> SenderInfo {
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
