//! Writes compound packets.

use super::{REMB, ReportBlock, SenderInfo, format, kind};
use crate::DoesNotFit;
use crate::limits::REPORT_BLOCKS;
use crate::octets::Writer;

const VERSION: u8 = 2;
const PADDED: u8 = 0x20;
const HEADER: usize = 4;

/// A compound packet that grows within a buffer.
///
/// Each method appends a part and returns the packet's length so far, in octets. A part that does not fit,
/// or has more in it than it can count, is left out whole. Unless reduced size was agreed (RFC 5506), the
/// first part is to be a report and a description follows (RFC 3550 section 6.1).
#[derive(Debug)]
pub struct Compound<'a> {
    pub(super) writer: Writer<'a>,
}

/// The length so far, or that there is no place.
type Written = Result<usize, DoesNotFit>;

impl<'a> Compound<'a> {
    /// An empty packet at the beginning of a buffer.
    #[must_use]
    pub fn new(buffer: &'a mut [u8]) -> Self {
        Self {
            writer: Writer::new(buffer),
        }
    }

    /// Its length so far.
    #[must_use]
    pub fn len(&self) -> usize {
        self.writer.at()
    }

    /// Whether nothing was appended yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What was written.
    #[must_use]
    pub fn octets(&self) -> &[u8] {
        self.writer.written()
    }

    /// A sender report (RFC 3550 section 6.4.1).
    ///
    /// # Errors
    /// When it does not fit, or has more blocks than [`REPORT_BLOCKS`].
    pub fn sender_report(&mut self, info: &SenderInfo, blocks: &[ReportBlock]) -> Written {
        self.part(kind::SENDER_REPORT, counted(blocks)?, |writer| {
            writer.u32(info.ssrc)?;
            writer.u64(info.ntp.to_bits())?;
            writer.u32(info.timestamp)?;
            writer.u32(info.packets)?;
            writer.u32(info.octets)?;
            blocks.iter().try_for_each(|block| block.write(writer))
        })
    }

    /// A receiver report (RFC 3550 section 6.4.2).
    ///
    /// # Errors
    /// When it does not fit, or has more blocks than [`REPORT_BLOCKS`].
    pub fn receiver_report(&mut self, sender: u32, blocks: &[ReportBlock]) -> Written {
        self.part(kind::RECEIVER_REPORT, counted(blocks)?, |writer| {
            writer.u32(sender)?;
            blocks.iter().try_for_each(|block| block.write(writer))
        })
    }

    /// A source description with a CNAME, which says which streams belong together (RFC 3550 section 6.5.1).
    ///
    /// # Errors
    /// When it does not fit, or the name is longer than 255 octets.
    pub fn description(&mut self, ssrc: u32, cname: &str) -> Written {
        const CNAME: u8 = 1;
        let length = u8::try_from(cname.len()).map_err(|_| DoesNotFit)?;
        self.part(kind::DESCRIPTION, 1, |writer| {
            writer.u32(ssrc)?;
            writer.put(&[CNAME, length])?;
            writer.put(cname.as_bytes())?;
            // At least one zero ends the list of items.
            writer.u8(0)
        })
    }

    /// A goodbye of streams (RFC 3550 section 6.6).
    ///
    /// # Errors
    /// When it does not fit, or has more sources than five bits can count.
    pub fn bye(&mut self, sources: &[u32]) -> Written {
        self.part(kind::BYE, counted(sources)?, |writer| {
            sources.iter().try_for_each(|source| writer.u32(*source))
        })
    }

    /// Asks for packets again (RFC 4585 section 6.2.1). The numbers are to be in ascending order, over the round
    /// of 65,536 where it comes; others are asked for as well, but take more place. Without one nothing is written.
    ///
    /// # Errors
    /// When it does not fit.
    pub fn nack(
        &mut self,
        sender: u32,
        media: u32,
        sequences: impl IntoIterator<Item = u16>,
    ) -> Written {
        let mut sequences = sequences.into_iter();
        let Some(first) = sequences.next() else {
            return Ok(self.len());
        };
        self.part(kind::TRANSPORT, format::NACK, |writer| {
            writer.u32(sender)?;
            writer.u32(media)?;
            write_entries(first, sequences, writer)
        })
    }

    /// Whether there is room to ask for so many packets again, wherever they lie: each may need an entry of its own.
    #[must_use]
    pub fn has_room_to_ask(&self, packets: usize) -> bool {
        const HEAD: usize = 12;
        const ENTRY: usize = 4;
        self.writer.room() >= HEAD + ENTRY * packets
    }

    /// Says that a picture was lost (RFC 4585 section 6.3.1).
    ///
    /// # Errors
    /// When it does not fit.
    pub fn picture_loss(&mut self, sender: u32, media: u32) -> Written {
        self.part(kind::PAYLOAD, format::PICTURE_LOSS, |writer| {
            writer.u32(sender)?;
            writer.u32(media)
        })
    }

    /// Asks for key frames (RFC 5104 section 4.3.1): streams, and the number of each request.
    ///
    /// # Errors
    /// When it does not fit.
    pub fn full_intra(&mut self, sender: u32, requests: &[(u32, u8)]) -> Written {
        self.part(kind::PAYLOAD, format::FULL_INTRA, |writer| {
            writer.u32(sender)?;
            writer.u32(0)?;
            requests.iter().try_for_each(|(media, number)| {
                writer.u32(*media)?;
                writer.u8(*number)?;
                writer.u24(0)
            })
        })
    }

    /// The bitrate that is believed in, in bits a second (draft-alvestrand-rmcat-remb-03 section 2.2). It is
    /// rounded down to 18 significant bits.
    ///
    /// # Errors
    /// When it does not fit, or has more than 255 sources.
    pub fn remb(&mut self, sender: u32, bitrate: u64, sources: &[u32]) -> Written {
        let count = u8::try_from(sources.len()).map_err(|_| DoesNotFit)?;
        self.part(kind::PAYLOAD, format::APPLICATION, |writer| {
            writer.u32(sender)?;
            writer.u32(0)?;
            writer.put(REMB)?;
            writer.u8(count)?;
            writer.u24(scaled(bitrate))?;
            sources.iter().try_for_each(|source| writer.u32(*source))
        })
    }

    /// Appends a part of whole words: what a body leaves open is filled with zeros.
    pub(super) fn part(
        &mut self,
        kind: u8,
        count: u8,
        body: impl FnOnce(&mut Writer<'_>) -> Result<(), DoesNotFit>,
    ) -> Written {
        let start = self.len();
        let written = write_part(&mut self.writer, kind, count, body);
        if written.is_err() {
            self.writer.back_to(start);
        }
        written.map(|()| self.len())
    }

    /// Appends feedback whose end is padding that is announced as such.
    pub(super) fn padded_part(
        &mut self,
        kind: u8,
        count: u8,
        body: impl FnOnce(&mut Writer<'_>) -> Result<(), DoesNotFit>,
    ) -> Written {
        let start = self.len();
        let mut padding = 0;
        self.part(kind, count, |writer| {
            body(writer)?;
            padding = writer.align(start)?;
            Ok(())
        })?;
        // From one to three octets, the last of which counts them.
        if let Ok(padding @ 1..) = u8::try_from(padding) {
            let end = self.len();
            self.writer.patch(end - 1, &[padding]);
            self.writer.patch(start, &[VERSION << 6 | PADDED | count]);
        }
        Ok(self.len())
    }
}

fn write_part(
    writer: &mut Writer<'_>,
    kind: u8,
    count: u8,
    body: impl FnOnce(&mut Writer<'_>) -> Result<(), DoesNotFit>,
) -> Result<(), DoesNotFit> {
    let start = writer.at();
    writer.put(&[VERSION << 6 | count, kind, 0, 0])?;
    body(writer)?;
    writer.align(start)?;
    let words = (writer.at() - start - HEADER) / 4;
    let words = u16::try_from(words).map_err(|_| DoesNotFit)?;
    writer.patch(start + 2, &words.to_be_bytes());
    Ok(())
}

/// How many there are, as the five bits of a header can say it.
fn counted<T>(items: &[T]) -> Result<u8, DoesNotFit> {
    if items.len() > REPORT_BLOCKS {
        return Err(DoesNotFit);
    }
    u8::try_from(items.len()).map_err(|_| DoesNotFit)
}

/// An entry is a number, and a bit for each of the sixteen that follow it.
fn write_entries(
    first: u16,
    sequences: impl Iterator<Item = u16>,
    writer: &mut Writer<'_>,
) -> Result<(), DoesNotFit> {
    let (mut first, mut following) = (first, 0_u16);
    for sequence in sequences {
        match sequence.wrapping_sub(first) {
            0 => {}
            ahead @ 1..=16 => following |= 1 << (ahead - 1),
            _ => {
                writer.u16(first)?;
                writer.u16(following)?;
                (first, following) = (sequence, 0);
            }
        }
    }
    writer.u16(first)?;
    writer.u16(following)
}

/// Six bits of exponent, 18 of mantissa.
fn scaled(bitrate: u64) -> u32 {
    let exponent = (u64::BITS - bitrate.leading_zeros()).saturating_sub(18);
    let mantissa = (bitrate >> exponent & 0x3_ffff) as u32;
    exponent << 18 | mantissa
}

impl ReportBlock {
    fn write(&self, writer: &mut Writer<'_>) -> Result<(), DoesNotFit> {
        const MOST: i32 = 0x7f_ffff;
        let lost = self.cumulative_lost.clamp(-MOST - 1, MOST);
        writer.u32(self.ssrc)?;
        writer.u8(self.fraction_lost)?;
        writer.u24(lost.cast_unsigned())?;
        writer.u32(self.highest)?;
        writer.u32(self.jitter)?;
        writer.u32(self.last_report)?;
        writer.u32(self.delay)
    }
}
