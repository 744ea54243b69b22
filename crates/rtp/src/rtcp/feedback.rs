//! What receivers ask of senders: packets again, key frames, less.

use super::{Malformed, REMB};
use crate::limits::NACK_ENTRIES;
use crate::octets::Reader;

/// Asks for packets again (RFC 4585 section 6.2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Nack<'a> {
    /// Who asks.
    pub sender: u32,
    /// Of which stream.
    pub media: u32,
    entries: &'a [u8],
}

/// Says that a picture was lost (RFC 4585 section 6.3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PictureLoss {
    /// Who says it.
    pub sender: u32,
    /// Of which stream.
    pub media: u32,
}

/// Asks for key frames (RFC 5104 section 4.3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FullIntra<'a> {
    /// Who asks.
    pub sender: u32,
    entries: &'a [u8],
}

/// The bitrate that a receiver believes to be the most it can get (draft-alvestrand-rmcat-remb-03
/// section 2.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Remb<'a> {
    /// Who says it.
    pub sender: u32,
    /// In bits a second, of all the streams together.
    pub bitrate: u64,
    sources: &'a [u8],
}

impl<'a> Nack<'a> {
    pub(super) fn read(mut body: Reader<'a>) -> Result<Self, Malformed> {
        let (sender, media) = parties(&mut body)?;
        let entries = whole(body, 4)?;
        Ok(Self {
            sender,
            media,
            entries,
        })
    }

    /// The sequence numbers, in the order of the entries; of no more than [`NACK_ENTRIES`].
    pub fn sequences(&self) -> impl Iterator<Item = u16> + use<'a> {
        let mut rest = Reader::new(self.entries);
        let entries = std::iter::from_fn(move || Some((rest.u16()?, rest.u16()?)));
        entries.take(NACK_ENTRIES).flat_map(|(first, following)| {
            let further = (0..16_u16).filter(move |bit| following >> bit & 1 != 0);
            let further = further.map(move |bit| first.wrapping_add(bit + 1));
            std::iter::once(first).chain(further)
        })
    }

    /// How many more it asks for than are read: those of the entries beyond [`NACK_ENTRIES`].
    #[must_use]
    pub fn unread(&self) -> usize {
        let mut rest = Reader::new(self.entries);
        let entries = std::iter::from_fn(move || Some((rest.u16()?, rest.u16()?)));
        let beyond = entries.skip(NACK_ENTRIES);
        beyond
            .map(|(_, following)| 1 + following.count_ones() as usize)
            .sum()
    }
}

impl PictureLoss {
    pub(super) fn read(mut body: Reader<'_>) -> Result<Self, Malformed> {
        let (sender, media) = parties(&mut body)?;
        Ok(Self { sender, media })
    }
}

impl<'a> FullIntra<'a> {
    pub(super) fn read(mut body: Reader<'a>) -> Result<Self, Malformed> {
        let (sender, _) = parties(&mut body)?;
        let entries = whole(body, 8)?;
        Ok(Self { sender, entries })
    }

    /// Each stream that is asked for, and the number of the request: one that is repeated keeps its number.
    pub fn requests(&self) -> impl Iterator<Item = (u32, u8)> + use<'a> {
        let mut rest = Reader::new(self.entries);
        std::iter::from_fn(move || {
            let request = (rest.u32()?, rest.u8()?);
            rest.u24()?;
            Some(request)
        })
    }
}

impl<'a> Remb<'a> {
    pub(super) fn read(mut body: Reader<'a>) -> Result<Self, Malformed> {
        let (sender, _) = parties(&mut body)?;
        let (_, count, scaled) = Self::fields(&mut body).ok_or(Malformed::Feedback)?;
        let sources = body.take(4 * usize::from(count));
        Ok(Self {
            sender,
            bitrate: unscaled(scaled).ok_or(Malformed::Bitrate)?,
            sources: sources.ok_or(Malformed::Feedback)?,
        })
    }

    fn fields(body: &mut Reader<'a>) -> Option<(&'a [u8], u8, u32)> {
        Some((body.take(REMB.len())?, body.u8()?, body.u24()?))
    }

    /// The streams.
    pub fn sources(&self) -> impl Iterator<Item = u32> + use<'a> {
        let mut rest = Reader::new(self.sources);
        std::iter::from_fn(move || rest.u32())
    }
}

/// Who says something, and of which stream: what all feedback begins with (RFC 4585 section 6.1).
pub(super) fn parties(body: &mut Reader<'_>) -> Result<(u32, u32), Malformed> {
    let parties = body.u32().zip(body.u32());
    parties.ok_or(Malformed::Feedback)
}

/// The rest, when it is at least one entry, and all are whole.
fn whole(body: Reader<'_>, entry: usize) -> Result<&[u8], Malformed> {
    let entries = body.rest();
    let whole = !entries.is_empty() && entries.len().is_multiple_of(entry);
    whole.then_some(entries).ok_or(Malformed::Feedback)
}

/// Six bits of exponent, 18 of mantissa.
fn unscaled(scaled: u32) -> Option<u64> {
    let (exponent, mantissa) = (scaled >> 18, u64::from(scaled & 0x3_ffff));
    let bitrate = mantissa.checked_shl(exponent)?;
    (bitrate >> exponent == mantissa).then_some(bitrate)
}
