//! An RTP packet's parts (RFC 3550 section 5.1).

use std::ops::Range;

use crate::bytes::{u16_at, u32_at};
use crate::{Extension, Form, Refusal};

/// The fixed part of the header.
const FIXED_BYTES: usize = 12;

/// Where the SSRC and the sequence number are.
const SSRC_AT: usize = 8;
const SEQUENCE_AT: usize = 2;

/// The parts of an RTP packet, as places within its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rtp {
    /// The marker bit.
    pub marker: bool,
    /// The payload type.
    pub payload_type: u8,
    /// The sequence number.
    pub sequence: u16,
    /// The timestamp, in the payload's clock rate.
    pub timestamp: u32,
    /// The stream.
    pub ssrc: u32,
    /// The contributing sources, four bytes each.
    pub csrcs: Range<usize>,
    /// The header's extension block.
    pub extension: Option<Extension>,
    /// The payload, without padding.
    pub payload: Range<usize>,
    /// Bytes of padding behind the payload; its last byte is counted.
    pub padding: usize,
}

/// What is known of a packet before it is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Outline {
    pub(crate) ssrc: u32,
    pub(crate) sequence: u16,
    /// Bytes of the whole header, which are authenticated but not encrypted.
    pub(crate) header: usize,
}

impl Rtp {
    /// Reads a plain packet.
    ///
    /// # Errors
    /// When it is not RTP, or its lengths contradict each other.
    pub fn parse(packet: &[u8]) -> Result<Self, Refusal> {
        let Outline {
            ssrc,
            sequence,
            header,
        } = outline(packet)?;
        let csrcs = FIXED_BYTES..csrcs_end(packet)?;
        let padding = padding(packet, header)?;
        let second = packet.get(1).copied().ok_or(Refusal::TooShort)?;
        Ok(Self {
            marker: second & 0x80 != 0,
            payload_type: second & 0x7f,
            sequence,
            timestamp: u32_at(packet, 4)?,
            ssrc,
            extension: extension(packet, csrcs.end, header)?,
            csrcs,
            payload: header..packet.len() - padding,
            padding,
        })
    }
}

/// Reads as much of a packet as is in the clear when it is sealed.
pub(crate) fn outline(packet: &[u8]) -> Result<Outline, Refusal> {
    if packet.len() < FIXED_BYTES {
        return Err(Refusal::TooShort);
    }
    let first = first(packet)?;
    if first >> 6 != 2 {
        return Err(Refusal::NotRtp);
    }
    let mut header = csrcs_end(packet)?;
    if has_extension(first) {
        let words = u16_at(packet, header + 2).map_err(|_| Refusal::Malformed)?;
        header += 4 + 4 * usize::from(words);
    }
    if packet.len() < header {
        return Err(Refusal::Malformed);
    }
    Ok(Outline {
        ssrc: u32_at(packet, SSRC_AT)?,
        sequence: u16_at(packet, SEQUENCE_AT)?,
        header,
    })
}

fn first(packet: &[u8]) -> Result<u8, Refusal> {
    packet.first().copied().ok_or(Refusal::TooShort)
}

fn has_extension(first: u8) -> bool {
    first & 0x10 != 0
}

fn csrcs_end(packet: &[u8]) -> Result<usize, Refusal> {
    Ok(FIXED_BYTES + 4 * usize::from(first(packet)? & 0xf))
}

fn extension(packet: &[u8], at: usize, end: usize) -> Result<Option<Extension>, Refusal> {
    if !has_extension(first(packet)?) {
        return Ok(None);
    }
    Ok(Some(Extension {
        form: Form::from_number(u16_at(packet, at)?),
        elements: at + 4..end,
    }))
}

/// The bytes of padding, which the packet's last byte counts.
fn padding(packet: &[u8], header: usize) -> Result<usize, Refusal> {
    if first(packet)? & 0x20 == 0 {
        return Ok(0);
    }
    let bytes = usize::from(packet.last().copied().ok_or(Refusal::TooShort)?);
    if bytes == 0 || bytes > packet.len() - header {
        return Err(Refusal::Malformed);
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::Rtp;
    use crate::{Form, Refusal};

    const PLAIN: [u8; 12] = [0x80, 0xe0, 0, 9, 0, 0, 0, 8, 0, 0, 0, 7];

    fn packet(first: u8, rest: &[u8]) -> Vec<u8> {
        let mut packet = [&PLAIN[..], rest].concat();
        packet[0] = first;
        packet
    }

    #[test]
    fn a_plain_packet_is_header_and_payload() {
        let read = Rtp::parse(&packet(0x80, &[1, 2, 3])).unwrap();
        assert_eq!((read.sequence, read.timestamp, read.ssrc), (9, 8, 7));
        assert_eq!((read.marker, read.payload_type), (true, 96));
        assert_eq!(
            (read.payload, read.extension, read.padding),
            (12..15, None, 0)
        );
        assert!(read.csrcs.is_empty());
    }

    #[test]
    fn contributing_sources_extension_and_padding_are_no_payload() {
        let rest = [
            &[0; 8][..],
            &[0xbe, 0xde, 0, 1, 0x10, 5, 0, 0],
            &[1, 2, 3],
            &[0, 2],
        ];
        let packet = packet(0xb2, &rest.concat());
        let read = Rtp::parse(&packet).unwrap();
        assert_eq!(
            (read.csrcs, read.payload, read.padding),
            (12..20, 28..31, 2)
        );
        let extension = read.extension.unwrap();
        assert_eq!(
            (extension.form, extension.elements.clone()),
            (Form::OneByte, 24..28)
        );
        assert_eq!(
            extension.elements(&packet).collect::<Vec<_>>(),
            [(1, &[5][..])]
        );
    }

    /// Chromium's: one-byte elements of transport-wide sequence (3), orientation (4) and mid (9).
    #[test]
    fn a_picture_is_read() {
        let picture = [
            0x90, 0xe0, 0x12, 0x34, 0xde, 0xad, 0xbe, 0xef, 0xca, 0xfe, 0xba, 0xbe, // fixed
            0xbe, 0xde, 0x00, 0x02, 0x31, 0x00, 0x07, 0x40, 0x01, 0x90, 0x31,
            0x00, // elements
            0x90, 0xe0, 0x80, 0x01,
        ];
        let read = Rtp::parse(&picture).unwrap();
        assert_eq!((read.marker, read.payload_type), (true, 96));
        let numbers = (read.sequence, read.timestamp, read.ssrc);
        assert_eq!(numbers, (0x1234, 0xdead_beef, 0xcafe_babe));
        let extension = read.extension.unwrap();
        let elements: Vec<_> = extension.elements(&picture).collect();
        assert_eq!(elements, [(3, &[0, 7][..]), (4, &[1]), (9, b"1")]);
        assert_eq!(picture[read.payload], [0x90, 0xe0, 0x80, 0x01]);
    }

    #[test]
    fn a_packet_may_be_all_padding() {
        let read = Rtp::parse(&packet(0xa0, &[0, 0, 3])).unwrap();
        assert_eq!((read.payload, read.padding), (12..12, 3));
    }

    #[test]
    fn lengths_that_contradict_each_other_are_refused() {
        let refused = |first, rest: &[u8]| Rtp::parse(&packet(first, rest)).unwrap_err();
        assert_eq!(refused(0x40, &[]), Refusal::NotRtp);
        assert_eq!(refused(0x81, &[0; 3]), Refusal::Malformed);
        assert_eq!(refused(0x90, &[0xbe, 0xde]), Refusal::Malformed);
        assert_eq!(
            refused(0x90, &[0xbe, 0xde, 0, 1, 0, 0, 0]),
            Refusal::Malformed
        );
        assert_eq!(refused(0xa0, &[1, 0]), Refusal::Malformed);
        assert_eq!(refused(0xa0, &[1, 3]), Refusal::Malformed);
        assert_eq!(refused(0xa0, &[]), Refusal::Malformed);
        assert_eq!(Rtp::parse(&PLAIN[..11]).unwrap_err(), Refusal::TooShort);
    }
}
