//! Walks over the parts of a compound packet.

use super::{
    Bye, FullIntra, Malformed, Nack, Packet, PictureLoss, REMB, ReceiverReport, Remb, SenderReport,
    TransportFeedback, format, kind,
};
use crate::limits::COMPOUND_PARTS;
use crate::octets::Reader;

const VERSION: u8 = 2;
const PADDED: u8 = 0x20;
const COUNT: u8 = 0x1f;

/// Reads the parts of a compound packet, or of a single one (RFC 5506).
///
/// A part with a wrong body is an error and the next one is read all the same; after a part with a wrong
/// length nothing is.
#[must_use]
pub fn packets(octets: &[u8]) -> Packets<'_> {
    Packets {
        rest: Reader::new(octets),
        left: COMPOUND_PARTS,
    }
}

/// The parts of a compound packet, see [`packets`].
#[derive(Clone, Debug)]
pub struct Packets<'a> {
    rest: Reader<'a>,
    left: usize,
}

/// A part: what its header says, and the octets behind it without padding.
struct Part<'a> {
    /// Of blocks, sources or the like; in feedback the format.
    count: u8,
    kind: u8,
    body: Reader<'a>,
}

impl<'a> Iterator for Packets<'a> {
    type Item = Result<Packet<'a>, Malformed>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.rest().is_empty() {
            return None;
        }
        match self.part() {
            Ok(part) => Some(part.and_then(Part::read)),
            Err(reason) => {
                self.rest = Reader::new(&[]);
                Some(Err(reason))
            }
        }
    }
}

impl<'a> Packets<'a> {
    /// The next part. The outer error ends the walk, the inner one is of the part.
    fn part(&mut self) -> Result<Result<Part<'a>, Malformed>, Malformed> {
        self.left = self.left.checked_sub(1).ok_or(Malformed::TooMany)?;
        let first = self.rest.u8().ok_or(Malformed::Cut)?;
        if first >> 6 != VERSION {
            return Err(Malformed::Version);
        }
        let kind = self.rest.u8().ok_or(Malformed::Cut)?;
        let words = self.rest.u16().ok_or(Malformed::Cut)?;
        let body = self.rest.take(4 * usize::from(words));
        let body = body.ok_or(Malformed::Cut)?;
        let body = match first & PADDED {
            0 => Ok(body),
            _ => unpadded(body),
        };
        Ok(body.map(|body| Part {
            count: first & COUNT,
            kind,
            body: Reader::new(body),
        }))
    }
}

impl<'a> Part<'a> {
    fn read(self) -> Result<Packet<'a>, Malformed> {
        let Self { count, kind, body } = self;
        match kind {
            kind::SENDER_REPORT => SenderReport::read(count, body).map(Packet::SenderReport),
            kind::RECEIVER_REPORT => ReceiverReport::read(count, body).map(Packet::ReceiverReport),
            kind::BYE => Bye::read(count, body).map(Packet::Bye),
            kind::TRANSPORT => transport(count, body),
            kind::PAYLOAD => payload(count, body),
            _ => Ok(Packet::Other { kind }),
        }
    }
}

fn transport(format: u8, body: Reader<'_>) -> Result<Packet<'_>, Malformed> {
    match format {
        format::NACK => Nack::read(body).map(Packet::Nack),
        format::TRANSPORT_FEEDBACK => TransportFeedback::read(body).map(Packet::TransportFeedback),
        _ => Ok(Packet::Other {
            kind: kind::TRANSPORT,
        }),
    }
}

fn payload(format: u8, body: Reader<'_>) -> Result<Packet<'_>, Malformed> {
    match format {
        format::PICTURE_LOSS => PictureLoss::read(body).map(Packet::PictureLoss),
        format::FULL_INTRA => FullIntra::read(body).map(Packet::FullIntra),
        format::APPLICATION if is_remb(body) => Remb::read(body).map(Packet::Remb),
        _ => Ok(Packet::Other {
            kind: kind::PAYLOAD,
        }),
    }
}

/// Applications choose what they put behind the two SSRCs; REMB's is a name.
fn is_remb(body: Reader<'_>) -> bool {
    body.rest()
        .get(8..)
        .is_some_and(|application| application.starts_with(REMB))
}

/// The padding's last octet counts it. It is to be whole words (RFC 3550 section 6.4.1), but transport-wide
/// feedback is filled with as few as one.
fn unpadded(body: &[u8]) -> Result<&[u8], Malformed> {
    let padding = body.last().copied().filter(|padding| *padding > 0);
    let padding = usize::from(padding.ok_or(Malformed::Padding)?);
    let end = body.len().checked_sub(padding);
    let body = end.and_then(|end| body.get(..end));
    body.ok_or(Malformed::Padding)
}
