//! One slot of one receiver: the numbers that its packets get.
//!
//! The receiver sees one unbroken stream for as long as it is connected, whoever flows through the slot and
//! however often a publisher connects anew. A new stream is joined on where the last one ended; packets of
//! the last one that come late are dropped. So no two packets ever get one sequence number.
//!
//! Only what is sent counts, and after what was sent last there is a gap of [`GAP_PACKETS`] at most, but for one of
//! [`SKIPPED_PACKETS`] where a slot is paused: a receiver of SRTP guesses the upper half of a number by the lower one
//! (RFC 3711 section 3.3.1), and whoever has it jump too far, or keeps too much back, would have it guess wrongly for ever.
//!
//! Each layer of a picture is a stream. What is followed is followed until the layer that is to be followed
//! instead can be joined.

use crate::layers::TOP;
use crate::limits::{BACKLOG_PACKETS, FIRST_SEQUENCE, GAP_PACKETS, SKIPPED_PACKETS, SKIPS_APART};
use crate::track::{Arrival, StreamId};
use crate::{Moment, vp8};

/// The stream that is followed, and how its numbers are shifted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Following {
    stream: StreamId,
    layer: u8,
    /// Packets below are of the time before.
    first: u64,
    /// Added, wrapping, to each field.
    sequence: u64,
    timestamp: u32,
    picture_id: u16,
    tl0: u8,
}

/// The furthest packet that was sent.
#[derive(Clone, Copy, Debug)]
struct Last {
    sequence: u64,
    timestamp: u32,
    captured: Moment,
    picture_id: Option<u16>,
    tl0: Option<u8>,
}

/// The new numbers of a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Numbers {
    pub(crate) sequence: u64,
    pub(crate) timestamp: u32,
    pub(crate) vp8: Option<vp8::Rewrite>,
}

/// How a packet goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Going {
    pub(crate) numbers: Numbers,
    /// What is followed once it is sent.
    following: Following,
}

/// The numbers of a packet without payload, so far ahead of what was sent last that a receiver forgets what it lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Skip {
    /// The extended sequence number.
    pub sequence: u64,
    /// The timestamp of what was sent last.
    pub timestamp: u32,
}

/// What becomes of a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// It may be sent with these numbers; [`Subscription::sent`] is to be told if it is.
    Send(Going),
    /// It is of a layer that is not wanted.
    Passed,
    /// It belongs to the time before the stream was joined.
    Late,
    /// A new stream can only be joined at a key frame, and this is none.
    NeedsKeyFrame,
}

#[derive(Debug)]
pub(crate) struct Subscription {
    /// The highest layer that is wanted; none while nothing is to be sent.
    wanted: Option<u8>,
    following: Option<Following>,
    last: Option<Last>,
    /// What was followed before, and the last number that it got: its packets may still be asked for.
    former: Option<(Following, u64)>,
    /// The number that the newest key frame began with; zero before one was sent.
    whole: u64,
    /// When the receiver was last told to forget what it lacks, since anything was sent.
    skipped: Option<Moment>,
}

/// A packet that was sent through a slot, found again by the number that it got there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Traced {
    pub(crate) stream: StreamId,
    /// The number that it came with.
    pub(crate) sequence: u64,
    following: Following,
}

impl Traced {
    /// The numbers that the packet with this timestamp and picture got.
    pub(crate) fn numbers(&self, timestamp: u32, frame: Option<&vp8::Descriptor>) -> Numbers {
        self.following.shift(self.sequence, timestamp, frame)
    }
}

impl Default for Subscription {
    fn default() -> Self {
        Self {
            wanted: Some(TOP),
            following: None,
            last: None,
            former: None,
            whole: 0,
            skipped: None,
        }
    }
}

impl Subscription {
    /// Sets the highest layer that is wanted; nothing is followed while none is.
    pub(crate) fn set_wanted(&mut self, wanted: Option<u8>) {
        self.wanted = wanted;
        if wanted.is_none() {
            self.stop();
        }
    }

    pub(crate) fn wanted(&self) -> Option<u8> {
        self.wanted
    }

    /// The layer that is followed.
    pub(crate) fn layer(&self) -> Option<u8> {
        self.following.map(|following| following.layer)
    }

    /// Stops following, as when the call is closed: what comes next is joined on anew.
    pub(crate) fn stop(&mut self) {
        self.following = None;
    }

    /// What to send to a receiver that asks for packets of a paused slot again and again: they are of no use, as it goes on with
    /// a key frame, and on a narrow line the requests alone take a third of it. `None` while the slot is not paused, before
    /// anything was sent, and when that was told just now.
    pub(crate) fn skip(&mut self, now: Moment) -> Option<Skip> {
        if self.wanted.is_some() || self.skipped.is_some_and(|it| now.since(it) < SKIPS_APART) {
            return None;
        }
        let last = self.last.as_mut()?;
        last.sequence += self.skipped.map_or(SKIPPED_PACKETS, |_| 1);
        self.skipped = Some(now);
        Some(Skip {
            sequence: last.sequence,
            timestamp: last.timestamp,
        })
    }

    /// Finds the packet that got this number, if it can have been sent.
    pub(crate) fn trace(&self, sequence: u64) -> Option<Traced> {
        let last = self.last.filter(|last| sequence <= last.sequence)?;
        let (following, newest) = match self.former {
            Some((former, end)) if sequence <= end => (former, end),
            Some(_) | None => (self.following?, last.sequence),
        };
        let came_as = sequence.wrapping_sub(following.sequence);
        let sent = came_as >= following.first && sequence <= newest;
        sent.then_some(Traced {
            stream: following.stream,
            sequence: came_as,
            following,
        })
    }

    /// Whether pictures are made from a packet with this number: none of a key frame that came after it is.
    pub(crate) fn is_needed(&self, sequence: u64) -> bool {
        sequence >= self.whole && self.trace(sequence).is_some()
    }

    /// Decides on a packet of the track that is bound to the slot.
    pub(crate) fn next(&self, arrival: &Arrival) -> Next {
        let following = match self.following {
            Some(following) if following.stream == arrival.stream => {
                self.without_gap(following, arrival)
            }
            Some(_) | None if !self.wants(arrival) => return Next::Passed,
            Some(_) | None => match self.joined(arrival) {
                Some(following) => following,
                None => return Next::NeedsKeyFrame,
            },
        };
        if arrival.sequence < following.first {
            return Next::Late;
        }
        let numbers = following.shift(arrival.sequence, arrival.timestamp, arrival.frame.as_ref());
        Next::Send(Going { numbers, following })
    }

    /// Takes note that a packet was sent as [`Self::next`] decided.
    pub(crate) fn sent(&mut self, arrival: &Arrival, going: &Going) {
        if self.following != Some(going.following) {
            let before = self.following.replace(going.following);
            self.former = before.zip(self.last.map(|last| last.sequence));
        }
        self.skipped = None;
        self.note(arrival, going.numbers);
    }

    /// What is followed, with no more than [`GAP_PACKETS`] between what was sent last and a packet. What comes late of
    /// a gap that was made smaller has no number any more.
    fn without_gap(&self, following: Following, arrival: &Arrival) -> Following {
        let Some(last) = self.last else {
            return following;
        };
        let number = arrival.sequence.wrapping_add(following.sequence);
        let furthest = last.sequence + GAP_PACKETS + 1;
        if number <= furthest || arrival.sequence < following.first {
            return following;
        }
        Following {
            first: arrival.sequence,
            sequence: furthest.wrapping_sub(arrival.sequence),
            ..following
        }
    }

    /// Whether a packet is of the layer that is to be followed, by what comes of the track.
    fn wants(&self, arrival: &Arrival) -> bool {
        let wanted = self.wanted.and_then(|it| arrival.flowing.best_within(it));
        wanted == Some(arrival.layer)
    }

    /// A stream is joined with a packet, if it can be.
    fn joined(&self, arrival: &Arrival) -> Option<Following> {
        match self.last {
            None => Some(Following::fresh(arrival)),
            Some(_) if arrival.video && !can_begin(arrival) => None,
            Some(last) => Some(Following::after(last, arrival)),
        }
    }

    fn note(&mut self, arrival: &Arrival, numbers: Numbers) {
        if arrival.frame.is_some_and(|frame| frame.key_frame_start()) {
            self.whole = self.whole.max(numbers.sequence);
        }
        if self
            .last
            .is_some_and(|last| last.sequence > numbers.sequence)
        {
            return;
        }
        let last = self.last;
        let sent = arrival
            .frame
            .map(|frame| numbers.vp8.unwrap_or_else(|| unchanged(&frame)));
        self.last = Some(Last {
            sequence: numbers.sequence,
            timestamp: numbers.timestamp,
            captured: arrival.captured,
            picture_id: sent
                .and_then(|new| new.picture_id)
                .or(last.and_then(|last| last.picture_id)),
            tl0: sent
                .and_then(|new| new.tl0)
                .or(last.and_then(|last| last.tl0)),
        });
    }
}

impl Following {
    /// The first stream on a slot keeps its numbers, but for the sequence.
    fn fresh(arrival: &Arrival) -> Self {
        Self {
            stream: arrival.stream,
            layer: arrival.layer,
            first: arrival.sequence.saturating_sub(BACKLOG_PACKETS),
            sequence: FIRST_SEQUENCE.wrapping_sub(arrival.sequence),
            timestamp: 0,
            picture_id: 0,
            tl0: 0,
        }
    }

    /// A further stream goes on where the last one ended, as much later as it was captured.
    fn after(last: Last, arrival: &Arrival) -> Self {
        let timestamp =
            last.timestamp
                .wrapping_add(ticks(arrival.captured, last.captured, arrival.rate));
        let frame = arrival.frame.as_ref();
        let picture_id = last
            .picture_id
            .zip(frame.and_then(vp8::Descriptor::picture_id));
        let tl0 = last.tl0.zip(frame.and_then(vp8::Descriptor::tl0));
        Self {
            stream: arrival.stream,
            layer: arrival.layer,
            first: arrival.sequence,
            sequence: (last.sequence + 1).wrapping_sub(arrival.sequence),
            timestamp: timestamp.wrapping_sub(arrival.timestamp),
            picture_id: picture_id.map_or(0, |(last, id)| last.wrapping_add(1).wrapping_sub(id)),
            tl0: tl0.map_or(0, |(last, index)| last.wrapping_add(1).wrapping_sub(index)),
        }
    }

    fn shift(&self, sequence: u64, timestamp: u32, frame: Option<&vp8::Descriptor>) -> Numbers {
        Numbers {
            sequence: sequence.wrapping_add(self.sequence),
            timestamp: timestamp.wrapping_add(self.timestamp),
            vp8: frame.and_then(|frame| self.rewrite(frame)),
        }
    }

    /// The new picture numbers; `None` when they stay as they are.
    fn rewrite(&self, frame: &vp8::Descriptor) -> Option<vp8::Rewrite> {
        if self.picture_id == 0 && self.tl0 == 0 {
            return None;
        }
        let picture_id = frame.picture_id().zip(frame.picture_id_mask());
        Some(vp8::Rewrite {
            picture_id: picture_id.map(|(id, mask)| id.wrapping_add(self.picture_id) & mask),
            tl0: frame.tl0().map(|index| index.wrapping_add(self.tl0)),
        })
    }
}

/// Whether a receiver that saw another stream can take up this one here. With something newer before it,
/// packets of this key frame were already passed over: better to ask for the next one.
fn can_begin(arrival: &Arrival) -> bool {
    arrival.newest && arrival.frame.is_some_and(|frame| frame.key_frame_start())
}

fn unchanged(frame: &vp8::Descriptor) -> vp8::Rewrite {
    vp8::Rewrite {
        picture_id: frame.picture_id(),
        tl0: frame.tl0(),
    }
}

/// The time since a moment in ticks, at least one: two frames never share a timestamp across a join.
fn ticks(now: Moment, since: Moment, rate: u32) -> u32 {
    let micros = now.since(since).as_micros();
    let ticks = micros.saturating_mul(u128::from(rate)) / 1_000_000;
    // Timestamps are taken modulo 2^32 (RFC 3550 section 5.1).
    ((ticks & u128::from(u32::MAX)) as u32).max(1)
}
