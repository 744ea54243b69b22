//! What the index of a history has of a packet.

use super::Facts;
use super::chunks::Place;
use crate::Moment;
use crate::limits::HISTORY_AGE;

/// A packet in 24 octets: the index is read and written with each packet, and each person has one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    /// The low bits of the microseconds. After 71 minutes of silence they are the same again: somebody who asks for a
    /// packet of then in that very second gets it.
    at: u32,
    /// The low bits of the number. Half of them are months of packets.
    sequence: u32,
    timestamp: u32,
    round: u32,
    start: u16,
    length: u16,
    chunk: u8,
    orientation: u8,
    marks: u8,
}

/// A packet took the place.
const TAKEN: u8 = 1;
/// It has the marker bit.
const MARKER: u8 = 2;
/// It has the video-orientation extension.
const TURNED: u8 = 4;

impl Entry {
    /// A place that no packet took.
    pub(super) const EMPTY: Self = Self {
        at: 0,
        sequence: 0,
        timestamp: 0,
        round: 0,
        start: 0,
        length: 0,
        chunk: 0,
        orientation: 0,
        marks: 0,
    };

    pub(super) fn new(now: Moment, facts: &Facts, place: Place) -> Self {
        let mark = |mark, is: bool| if is { mark } else { 0 };
        let turned = mark(TURNED, facts.orientation.is_some());
        Self {
            at: low(now.as_micros()),
            sequence: low(facts.sequence),
            timestamp: facts.timestamp,
            round: place.round,
            start: place.start,
            length: place.length,
            chunk: place.chunk,
            orientation: facts.orientation.unwrap_or_default(),
            marks: TAKEN | mark(MARKER, facts.marker) | turned,
        }
    }

    /// Whether a packet is here that comes after this one.
    pub(super) fn is_newer(&self, sequence: u64) -> bool {
        let ahead = self.sequence.wrapping_sub(low(sequence)).cast_signed();
        self.has(TAKEN) && ahead > 0
    }

    /// Whether this packet was here, or one that comes after it is.
    pub(super) fn is_past(&self, sequence: u64) -> bool {
        self.has(TAKEN) && self.sequence == low(sequence) || self.is_newer(sequence)
    }

    /// The packet with this number, when it is here and not older than [`HISTORY_AGE`].
    pub(super) fn find(&self, now: Moment, sequence: u64) -> Option<(Facts, Place)> {
        let age = low(now.as_micros()).wrapping_sub(self.at);
        let young = u128::from(age) <= HISTORY_AGE.as_micros();
        if !self.has(TAKEN) || !young || self.sequence != low(sequence) {
            return None;
        }
        let facts = Facts {
            sequence,
            timestamp: self.timestamp,
            marker: self.has(MARKER),
            orientation: self.has(TURNED).then_some(self.orientation),
        };
        let place = Place {
            round: self.round,
            start: self.start,
            length: self.length,
            chunk: self.chunk,
        };
        Some((facts, place))
    }

    fn has(&self, mark: u8) -> bool {
        self.marks & mark != 0
    }
}

fn low(number: u64) -> u32 {
    (number & u64::from(u32::MAX)) as u32
}
