//! RTP packets (RFC 3550 section 5.1) and their header extensions (RFC 8285).
//!
//! ```text
//!  0                   1                   2                   3
//!  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//! |V=2|P|X|  CC   |M|     PT      |       sequence number         |
//! |                           timestamp                           |
//! |                             SSRC                              |
//! |                     CSRC, CC times                            |
//! |     0xBEDE or 0x100_ (X)      |      length in words          |
//! |                     extension elements                        |
//! |                     payload, then padding (P)                 |
//! ```

mod elements;
mod write;

use crate::octets::Reader;
pub use elements::{Element, Elements, Extensions};
pub use write::{WriteError, write};

const VERSION: u8 = 2;
const PADDED: u8 = 0x20;
const EXTENDED: u8 = 0x10;
const CONTRIBUTORS: u8 = 0x0f;
const MARKER: u8 = 0x80;

/// The fields that every packet has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fixed {
    /// What it marks is the payload format's to say: with VP8 the last packet of a picture.
    pub marker: bool,
    /// The payload type, 7 bits.
    pub payload_type: u8,
    /// The sequence number.
    pub sequence: u16,
    /// The timestamp, in ticks of the payload format's clock.
    pub timestamp: u32,
    /// The stream.
    pub ssrc: u32,
}

/// A packet as it stands in its datagram, without SRTP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Packet<'a> {
    /// The fields that every packet has.
    pub fixed: Fixed,
    /// The header's extensions.
    pub extensions: Extensions<'a>,
    /// All behind the header, without padding.
    pub payload: &'a [u8],
    /// How many octets of padding were behind the payload.
    pub padding: u8,
}

/// Why octets are no RTP packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Malformed {
    /// There is no whole header.
    #[error("shorter than a header")]
    Cut,
    /// The version is not 2.
    #[error("not RTP version 2")]
    Version,
    /// The list of contributing sources is longer than the packet.
    #[error("contributing sources beyond the end")]
    Contributors,
    /// The extension block is longer than the packet.
    #[error("extension block beyond the end")]
    Extension,
    /// An element is longer than the extension block.
    #[error("extension element beyond its block")]
    Element,
    /// The padding counts no octets, or more than there are.
    #[error("padding longer than the payload, or none")]
    Padding,
}

impl<'a> Packet<'a> {
    /// Reads a packet.
    ///
    /// # Errors
    /// When a length in it says more than there is.
    #[inline]
    pub fn parse(octets: &'a [u8]) -> Result<Self, Malformed> {
        let first = *octets.first().ok_or(Malformed::Cut)?;
        if first >> 6 != VERSION {
            return Err(Malformed::Version);
        }
        let mut reader = Reader::new(octets);
        let fixed = Fixed::read(&mut reader).ok_or(Malformed::Cut)?;
        reader
            .take(4 * usize::from(first & CONTRIBUTORS))
            .ok_or(Malformed::Contributors)?;
        let extensions = match first & EXTENDED {
            0 => Extensions::default(),
            _ => Extensions::read(&mut reader)?,
        };
        let (payload, padding) = match first & PADDED {
            0 => (reader.rest(), 0),
            _ => unpadded(reader.rest())?,
        };
        Ok(Self {
            fixed,
            extensions,
            payload,
            padding,
        })
    }

    /// The value of an extension element, by the number that was agreed for it.
    #[must_use]
    #[inline]
    pub fn extension(&self, id: u8) -> Option<&'a [u8]> {
        self.extensions.get(id)
    }
}

impl Fixed {
    /// Reads them, and the first octet before them, at one look at the length.
    #[inline]
    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let [_, second, s0, s1, t0, t1, t2, t3, r0, r1, r2, r3] = reader.array()?;
        Some(Self {
            marker: second & MARKER != 0,
            payload_type: second & !MARKER,
            sequence: u16::from_be_bytes([s0, s1]),
            timestamp: u32::from_be_bytes([t0, t1, t2, t3]),
            ssrc: u32::from_be_bytes([r0, r1, r2, r3]),
        })
    }
}

/// The padding's last octet counts it, itself included.
fn unpadded(octets: &[u8]) -> Result<(&[u8], u8), Malformed> {
    let padding = octets.last().copied().filter(|padding| *padding > 0);
    let padding = padding.ok_or(Malformed::Padding)?;
    let end = octets.len().checked_sub(padding.into());
    let payload = end.and_then(|end| octets.get(..end));
    Ok((payload.ok_or(Malformed::Padding)?, padding))
}

#[cfg(test)]
mod tests;
