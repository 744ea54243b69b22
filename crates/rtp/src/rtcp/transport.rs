//! Transport-wide feedback (draft-holmer-rmcat-transport-wide-cc-extensions-01 section 3.1).
//!
//! ```text
//! |      base sequence number     |      packet status count      |
//! |                 reference time                | fb pkt. count |
//! |          packet chunk         |         packet chunk          |
//! |         packet chunk          |  recv delta   |  recv delta   |
//! ```

use super::Malformed;
use super::feedback::parties;
use crate::limits::FEEDBACK_STATUSES;
use crate::octets::Reader;

/// The symbols of a status (section 3.1.1).
pub(super) const ABSENT: u8 = 0;
pub(super) const SMALL: u8 = 1;
pub(super) const LARGE: u8 = 2;

/// Microseconds of a tick of the arrival times.
pub(crate) const TICK_MICROS: u64 = 250;

/// Ticks of a unit of the reference time: 64 ms.
pub(crate) const REFERENCE_TICKS: u32 = 256;

/// What arrived when, of packets with transport-wide numbers in a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TransportFeedback<'a> {
    /// Who says it.
    pub sender: u32,
    /// A stream of whom it is said to.
    pub media: u32,
    /// The first transport-wide number.
    pub base: u16,
    /// What the first arrival is counted from, in 64 ms of the receiver's clock, modulo 2^24.
    pub reference: u32,
    /// Which feedback it is, modulo 256.
    pub count: u8,
    statuses: u16,
    chunks: Reader<'a>,
    deltas: Reader<'a>,
}

/// What became of one packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Status {
    /// Its transport-wide number.
    pub sequence: u16,
    /// How long after the one that arrived before it in this feedback, or after the reference time, it arrived,
    /// in 250 µs; `None` when it had not.
    pub delta: Option<i16>,
}

impl<'a> TransportFeedback<'a> {
    pub(super) fn read(mut body: Reader<'a>) -> Result<Self, Malformed> {
        let (sender, media) = parties(&mut body)?;
        let base = body.u16().ok_or(Malformed::Feedback)?;
        let statuses = body.u16().ok_or(Malformed::Feedback)?;
        let reference = body.u24().ok_or(Malformed::Feedback)?;
        let count = body.u8().ok_or(Malformed::Feedback)?;
        if statuses == 0 || statuses > FEEDBACK_STATUSES {
            return Err(Malformed::Statuses);
        }
        let chunks = body;
        let expected = skip_chunks(&mut body, statuses)?;
        if body.rest().len() < expected {
            return Err(Malformed::Deltas);
        }
        Ok(Self {
            sender,
            media,
            base,
            reference,
            count,
            statuses,
            chunks,
            deltas: body,
        })
    }

    /// What became of each packet, in the order of their numbers.
    #[must_use]
    pub fn statuses(&self) -> impl ExactSizeIterator<Item = Status> + use<'a> {
        Statuses {
            sequence: self.base,
            left: self.statuses,
            chunk: Chunk::Run {
                symbol: ABSENT,
                length: 0,
            },
            used: 0,
            chunks: self.chunks,
            deltas: self.deltas,
        }
    }
}

/// Walks over the chunks of so many statuses, and returns how many octets their deltas take.
fn skip_chunks(body: &mut Reader<'_>, statuses: u16) -> Result<usize, Malformed> {
    let (mut left, mut octets) = (statuses, 0);
    while left > 0 {
        let chunk = Chunk::from_bits(body.u16().ok_or(Malformed::Statuses)?);
        let covered = chunk.length().min(left);
        octets += chunk.delta_octets(covered).ok_or(Malformed::Statuses)?;
        left -= covered;
    }
    Ok(octets)
}

/// Symbols of statuses in a row (sections 3.1.3 and 3.1.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Chunk {
    /// One symbol many times.
    Run { symbol: u8, length: u16 },
    /// 14 symbols of one bit.
    OneBit(u16),
    /// Seven symbols of two bits.
    TwoBits(u16),
}

impl Chunk {
    fn from_bits(bits: u16) -> Self {
        match bits >> 14 {
            0b10 => Self::OneBit(bits),
            0b11 => Self::TwoBits(bits),
            _ => Self::Run {
                symbol: (bits >> 13 & 0b11) as u8,
                length: bits & 0x1fff,
            },
        }
    }

    fn length(self) -> u16 {
        match self {
            Self::Run { length, .. } => length,
            Self::OneBit(_) => 14,
            Self::TwoBits(_) => 7,
        }
    }

    fn symbol(self, at: u16) -> u8 {
        match self {
            Self::Run { symbol, .. } => symbol,
            Self::OneBit(bits) => (bits >> 13_u16.saturating_sub(at) & 1) as u8,
            Self::TwoBits(bits) => (bits >> (2 * 6_u16.saturating_sub(at)) & 0b11) as u8,
        }
    }

    /// Octets of the deltas of the first `covered` symbols; `None` when one of these is reserved.
    fn delta_octets(self, covered: u16) -> Option<usize> {
        match self {
            Self::Run { symbol, .. } => Some(delta_octets(symbol)? * usize::from(covered)),
            Self::OneBit(_) | Self::TwoBits(_) => {
                let symbols = (0..covered).map(|at| delta_octets(self.symbol(at)));
                symbols.sum()
            }
        }
    }
}

pub(super) fn delta_octets(symbol: u8) -> Option<usize> {
    match symbol {
        ABSENT => Some(0),
        SMALL => Some(1),
        LARGE => Some(2),
        _ => None,
    }
}

/// Walks over statuses whose chunks and deltas were seen to be there.
#[derive(Clone, Debug)]
struct Statuses<'a> {
    sequence: u16,
    left: u16,
    chunk: Chunk,
    /// Symbols of the chunk that are behind.
    used: u16,
    chunks: Reader<'a>,
    deltas: Reader<'a>,
}

impl Statuses<'_> {
    fn symbol(&mut self) -> Option<u8> {
        while self.used >= self.chunk.length() {
            self.chunk = Chunk::from_bits(self.chunks.u16()?);
            self.used = 0;
        }
        let symbol = self.chunk.symbol(self.used);
        self.used += 1;
        Some(symbol)
    }

    fn delta(&mut self, symbol: u8) -> Option<i16> {
        match symbol {
            SMALL => self.deltas.u8().map(i16::from),
            LARGE => self.deltas.u16().map(u16::cast_signed),
            _ => None,
        }
    }
}

impl Iterator for Statuses<'_> {
    type Item = Status;

    fn next(&mut self) -> Option<Status> {
        self.left = self.left.checked_sub(1)?;
        let symbol = self.symbol()?;
        let status = Status {
            sequence: self.sequence,
            delta: self.delta(symbol),
        };
        self.sequence = self.sequence.wrapping_add(1);
        Some(status)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left.into(), Some(self.left.into()))
    }
}

impl ExactSizeIterator for Statuses<'_> {}
