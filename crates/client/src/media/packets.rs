//! Frames into RTP packets. VP8 gets the descriptor that a browser sends, with a PictureID of 15 bits
//! (RFC 7741 section 4.2): the SFU rewrites it in place, and so its width must not change on the way.

use bytes::Bytes;
use rtc::rtp;
use vestibule_vocab::Source;

use super::sections::{OPUS, VP8};
use crate::limits::PAYLOAD_BYTES;

const DESCRIPTOR_BYTES: usize = 4;
const EXTENDED: u8 = 0x80;
const START: u8 = 0x10;
const HAS_PICTURE_ID: u8 = 0x80;
const WIDE: u16 = 0x8000;

/// The packets of one stream.
pub(super) struct Packets {
    source: Source,
    ssrc: u32,
    sequence: u16,
    picture: u16,
}

impl Packets {
    /// A stream that begins anywhere in its numbers.
    pub(super) fn new(source: Source, ssrc: u32) -> Self {
        Self {
            source,
            ssrc,
            // Half of the range: a receiver never sees it wrap right after the beginning.
            sequence: (ssrc & 0x7fff) as u16,
            picture: 0,
        }
    }

    /// The packets of one frame, in order.
    pub(super) fn of(&mut self, frame: &[u8], timestamp: u32) -> Vec<rtp::Packet> {
        let payloads = match self.source {
            Source::Microphone => vec![Bytes::copy_from_slice(frame)],
            Source::Camera | Source::Screen => self.vp8(frame),
        };
        let last = payloads.len().saturating_sub(1);
        let packets = payloads.into_iter().enumerate();
        packets
            .map(|(index, payload)| {
                let marker = index == last && self.source != Source::Microphone;
                self.packet(payload, timestamp, marker)
            })
            .collect()
    }

    fn packet(&mut self, payload: Bytes, timestamp: u32, marker: bool) -> rtp::Packet {
        let sequence_number = self.sequence;
        self.sequence = self.sequence.wrapping_add(1);
        rtp::Packet {
            header: rtp::Header {
                version: 2,
                marker,
                payload_type: match self.source {
                    Source::Microphone => OPUS,
                    Source::Camera | Source::Screen => VP8,
                },
                sequence_number,
                timestamp,
                ssrc: self.ssrc,
                ..Default::default()
            },
            payload,
        }
    }

    fn vp8(&mut self, frame: &[u8]) -> Vec<Bytes> {
        let [high, low] = (WIDE | self.picture).to_be_bytes();
        self.picture = (self.picture + 1) & !WIDE;
        let pieces = frame.chunks(PAYLOAD_BYTES - DESCRIPTOR_BYTES).enumerate();
        pieces
            .map(|(index, piece)| {
                let start = if index == 0 { START } else { 0 };
                let descriptor = [EXTENDED | start, HAS_PICTURE_ID, high, low];
                [&descriptor, piece].concat().into()
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use vestibule_vocab::Source;

    use super::Packets;

    #[test]
    fn a_picture_is_cut_and_its_end_is_marked() {
        let mut packets = Packets::new(Source::Camera, 7);
        let frame: Vec<u8> = (0..2500_u32).map(|byte| byte as u8).collect();
        let made = packets.of(&frame, 90);
        let marks: Vec<bool> = made.iter().map(|it| it.header.marker).collect();
        assert_eq!(marks, [false, false, true]);
        let starts: Vec<u8> = made.iter().map(|it| it.payload[0]).collect();
        assert_eq!(starts, [0x90, 0x80, 0x80]);
        let whole: Vec<u8> = made.iter().flat_map(|it| it.payload[4..].to_vec()).collect();
        assert_eq!(whole, frame);
        assert!(made.iter().all(|it| it.header.timestamp == 90));
    }

    #[test]
    fn pictures_and_packets_are_numbered_in_order() {
        let mut packets = Packets::new(Source::Camera, 7);
        let first = packets.of(&[0; 10], 0);
        let second = packets.of(&[0; 10], 1);
        assert_eq!(first[0].payload[1..4], [0x80, 0x80, 0]);
        assert_eq!(second[0].payload[1..4], [0x80, 0x80, 1]);
        let sequence = |it: &[rtc::rtp::Packet]| it[0].header.sequence_number;
        assert_eq!(sequence(&second), sequence(&first) + 1);
    }
}
