//! Sender and receiver reports (RFC 3550 section 6.4), and goodbyes (section 6.6).

use std::time::Duration;

use super::Malformed;
use crate::ntp::{self, Ntp};
use crate::octets::Reader;

/// The length of a report block.
const BLOCK: usize = 24;

/// What a sender says of its stream (RFC 3550 section 6.4.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SenderInfo {
    /// The stream.
    pub ssrc: u32,
    /// The moment of the report by the sender's wallclock.
    pub ntp: Ntp,
    /// The same moment in ticks of the stream.
    pub timestamp: u32,
    /// Packets that were sent so far.
    pub packets: u32,
    /// Octets of payload that were sent so far.
    pub octets: u32,
}

/// What a receiver says of one stream (RFC 3550 section 6.4.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReportBlock {
    /// The stream.
    pub ssrc: u32,
    /// The part lost since the last report, in 1/256.
    pub fraction_lost: u8,
    /// Packets lost so far, as 24 bits can say it; below zero when more came than were expected.
    pub cumulative_lost: i32,
    /// The highest sequence number, extended by the count of its rounds.
    pub highest: u32,
    /// How much the packets' transit varies, in ticks of the stream.
    pub jitter: u32,
    /// Which sender report came last: [`Ntp::middle`]. Zero for none.
    pub last_report: u32,
    /// How long ago it came, in 1/65,536 s.
    pub delay: u32,
}

/// A sender report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SenderReport<'a> {
    /// What was sent.
    pub info: SenderInfo,
    blocks: &'a [u8],
}

/// A receiver report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReceiverReport<'a> {
    /// Who reports.
    pub sender: u32,
    blocks: &'a [u8],
}

/// The end of streams.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bye<'a> {
    sources: &'a [u8],
}

impl<'a> SenderReport<'a> {
    pub(super) fn read(count: u8, mut body: Reader<'a>) -> Result<Self, Malformed> {
        let info = SenderInfo::read(&mut body).ok_or(Malformed::Report)?;
        let blocks = body.take(BLOCK * usize::from(count));
        let blocks = blocks.ok_or(Malformed::Report)?;
        Ok(Self { info, blocks })
    }

    /// What the sender says of streams that it receives.
    pub fn blocks(&self) -> impl Iterator<Item = ReportBlock> + use<'a> {
        blocks(self.blocks)
    }
}

impl<'a> ReceiverReport<'a> {
    pub(super) fn read(count: u8, mut body: Reader<'a>) -> Result<Self, Malformed> {
        let sender = body.u32().ok_or(Malformed::Report)?;
        let blocks = body.take(BLOCK * usize::from(count));
        let blocks = blocks.ok_or(Malformed::Report)?;
        Ok(Self { sender, blocks })
    }

    /// What is said of each stream.
    pub fn blocks(&self) -> impl Iterator<Item = ReportBlock> + use<'a> {
        blocks(self.blocks)
    }
}

impl<'a> Bye<'a> {
    pub(super) fn read(count: u8, mut body: Reader<'a>) -> Result<Self, Malformed> {
        let sources = body.take(4 * usize::from(count));
        let sources = sources.ok_or(Malformed::Bye)?;
        Ok(Self { sources })
    }

    /// The streams.
    pub fn sources(&self) -> impl Iterator<Item = u32> + use<'a> {
        let mut rest = Reader::new(self.sources);
        std::iter::from_fn(move || rest.u32())
    }
}

fn blocks(octets: &[u8]) -> impl Iterator<Item = ReportBlock> + use<'_> {
    let mut rest = Reader::new(octets);
    std::iter::from_fn(move || ReportBlock::read(&mut rest))
}

impl SenderInfo {
    fn read(body: &mut Reader<'_>) -> Option<Self> {
        Some(Self {
            ssrc: body.u32()?,
            ntp: Ntp::from_bits(body.u64()?),
            timestamp: body.u32()?,
            packets: body.u32()?,
            octets: body.u32()?,
        })
    }
}

impl ReportBlock {
    fn read(rest: &mut Reader<'_>) -> Option<Self> {
        Some(Self {
            ssrc: rest.u32()?,
            fraction_lost: rest.u8()?,
            cumulative_lost: signed(rest.u24()?),
            highest: rest.u32()?,
            jitter: rest.u32()?,
            last_report: rest.u32()?,
            delay: rest.u32()?,
        })
    }

    /// The round-trip time to who reports, when the block arrives `now` by the clock of our sender reports
    /// (RFC 3550 section 6.4.1); `None` when it names no report, or one that would lie ahead.
    #[must_use]
    pub fn round_trip(&self, now: Ntp) -> Option<Duration> {
        let units = now.middle().wrapping_sub(self.last_report);
        let units = units.wrapping_sub(self.delay);
        let believable = self.last_report != 0 && units < 1 << 31;
        believable.then(|| ntp::long(units))
    }
}

/// 24 bits with a sign.
fn signed(bits: u32) -> i32 {
    (bits << 8).cast_signed() >> 8
}
