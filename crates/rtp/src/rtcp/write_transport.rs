//! Writes transport-wide feedback (draft-holmer-rmcat-transport-wide-cc-extensions-01 section 3.1), its
//! statuses in as few chunks as libwebrtc finds.

use super::transport::{ABSENT, LARGE, SMALL, delta_octets};
use super::{Compound, format, kind};
use crate::DoesNotFit;
use crate::limits::FEEDBACK_STATUSES;
use crate::octets::Writer;

/// The most symbols of each kind of chunk.
const TWO_BITS: usize = 7;
const ONE_BIT: usize = 14;
const RUN: usize = 0x1fff;

/// What a transport-wide feedback says beside its statuses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FeedbackHead {
    /// Who says it.
    pub sender: u32,
    /// A stream of whom it is said to.
    pub media: u32,
    /// The first transport-wide number.
    pub base: u16,
    /// What the first arrival is counted from, in 64 ms, modulo 2^24.
    pub reference: u32,
    /// Which feedback it is, modulo 256.
    pub count: u8,
}

impl Compound<'_> {
    /// What arrived when: for each number from the base on, how long after the one before that arrived it arrived,
    /// in 250 µs, or `None`.
    ///
    /// # Errors
    /// When it does not fit, or has no status, or more than [`FEEDBACK_STATUSES`].
    pub fn transport_feedback(
        &mut self,
        head: &FeedbackHead,
        statuses: impl Iterator<Item = Option<i16>> + Clone,
    ) -> Result<usize, DoesNotFit> {
        let count = statuses.clone().take(usize::from(FEEDBACK_STATUSES) + 1);
        let count = u16::try_from(count.count()).map_err(|_| DoesNotFit)?;
        if count == 0 || count > FEEDBACK_STATUSES {
            return Err(DoesNotFit);
        }
        self.padded_part(kind::TRANSPORT, format::TRANSPORT_FEEDBACK, |writer| {
            writer.u32(head.sender)?;
            writer.u32(head.media)?;
            writer.u16(head.base)?;
            writer.u16(count)?;
            writer.u24(head.reference)?;
            writer.u8(head.count)?;
            write_chunks(statuses.clone(), writer)?;
            write_deltas(statuses, writer)
        })
    }
}

fn write_chunks(
    statuses: impl Iterator<Item = Option<i16>>,
    writer: &mut Writer<'_>,
) -> Result<(), DoesNotFit> {
    let mut pending = Pending::default();
    for symbol in statuses.map(symbol) {
        if !pending.takes(symbol) {
            writer.u16(pending.emit())?;
        }
        pending.add(symbol);
    }
    if pending.length > 0 {
        writer.u16(pending.last())?;
    }
    Ok(())
}

fn write_deltas(
    statuses: impl Iterator<Item = Option<i16>>,
    writer: &mut Writer<'_>,
) -> Result<(), DoesNotFit> {
    for delta in statuses.flatten() {
        match u8::try_from(delta) {
            Ok(small) => writer.u8(small)?,
            Err(_) => writer.u16(delta.cast_unsigned())?,
        }
    }
    Ok(())
}

fn symbol(delta: Option<i16>) -> u8 {
    match delta {
        None => ABSENT,
        Some(0..=255) => SMALL,
        Some(_) => LARGE,
    }
}

/// How many octets a feedback of so many statuses takes.
#[derive(Debug, Default)]
pub(crate) struct Sizer {
    pending: Pending,
    chunks: usize,
    deltas: usize,
}

impl Sizer {
    /// The part's header, both SSRCs, and the fields before the chunks.
    const HEAD: usize = 20;

    pub(crate) fn add(&mut self, delta: Option<i16>) {
        let symbol = symbol(delta);
        if !self.pending.takes(symbol) {
            self.pending.emit();
            self.chunks += 1;
        }
        self.pending.add(symbol);
        self.deltas += delta_octets(symbol).unwrap_or_default();
    }

    /// The whole part's length; what is pending fits one chunk.
    pub(crate) fn octets(&self) -> usize {
        (Self::HEAD + 2 * (self.chunks + 1) + self.deltas).next_multiple_of(4)
    }
}

/// Symbols that are not in a chunk yet. They always fit one chunk of some kind.
#[derive(Debug, Default)]
struct Pending {
    /// The first ones; in a longer run all are like the first.
    symbols: [u8; ONE_BIT],
    length: usize,
    /// Some are not like the first.
    mixed: bool,
    large: bool,
}

impl Pending {
    fn takes(&self, symbol: u8) -> bool {
        let [first, ..] = self.symbols;
        self.length < TWO_BITS
            || (self.length < ONE_BIT && !self.large && symbol != LARGE)
            || (self.length < RUN && !self.mixed && symbol == first)
    }

    fn add(&mut self, symbol: u8) {
        if let Some(place) = self.symbols.get_mut(self.length) {
            *place = symbol;
        }
        let [first, ..] = self.symbols;
        self.length += 1;
        self.mixed |= symbol != first;
        self.large |= symbol == LARGE;
    }

    /// Makes a chunk of as many as go into one, when a further one does not; the rest stays.
    fn emit(&mut self) -> u16 {
        let pending = std::mem::take(self);
        if !pending.mixed || pending.length == ONE_BIT {
            return pending.last();
        }
        let rest = pending.symbols.iter().take(pending.length).skip(TWO_BITS);
        rest.for_each(|symbol| self.add(*symbol));
        pending.two_bits()
    }

    /// The chunk of all that is pending.
    fn last(&self) -> u16 {
        let [first, ..] = self.symbols;
        if !self.mixed {
            return u16::from(first) << 13 | (self.length & RUN) as u16;
        }
        if self.length <= TWO_BITS {
            return self.two_bits();
        }
        self.one_bit()
    }

    fn two_bits(&self) -> u16 {
        let symbols = self.symbols.iter().take(TWO_BITS);
        symbols.fold(0b11, |bits, symbol| bits << 2 | u16::from(*symbol))
    }

    fn one_bit(&self) -> u16 {
        let symbols = self.symbols.iter();
        symbols.fold(0b10, |bits, symbol| bits << 1 | u16::from(*symbol))
    }
}
