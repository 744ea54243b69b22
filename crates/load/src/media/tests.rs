//! Two connections in memory, and what happens to packets between them.
#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "a test looks at what it asks for"
)]

use vestibule_forwarding::vp8::Descriptor;
use vestibule_rtp::Via;
use vestibule_rtp::header::{self, Fixed};
use vestibule_rtp::rtcp::{self, Compound};
use vestibule_srtp::{Inbound, KeyingMaterial, Outbound, Profile};

use super::payload::Stamp;
use super::receiver::{Received, Receiver};
use super::sender::{Sender, Streams};
use crate::sdp::NUMBERS;
use crate::traffic::Traffic;

const MILLI: u64 = 1_000_000;

struct Pair {
    sender: Sender,
    outbound: Outbound,
    receiver: Receiver,
    inbound: Inbound,
    now: u64,
}

impl Pair {
    fn new() -> Self {
        let keys = KeyingMaterial::split(Profile::AeadAes128Gcm, &[7; 56]).unwrap();
        let streams = Streams {
            audio: 11,
            video: 12,
            repair: 13,
            audio_mid: "0".to_owned(),
            video_mid: "1".to_owned(),
        };
        Self {
            sender: Sender::new(&streams, NUMBERS, Traffic::USUAL),
            outbound: Outbound::new(&keys.client).unwrap(),
            receiver: Receiver::new(NUMBERS, vec![(12, 13)], true),
            inbound: Inbound::new(&keys.client).unwrap(),
            now: 1000 * MILLI,
        }
    }

    fn stamp(&self) -> Stamp {
        Stamp {
            sent: self.now,
            counts: true,
        }
    }

    /// The datagrams of a picture.
    fn picture(&mut self) -> Vec<Vec<u8>> {
        self.now += 33 * MILLI;
        self.sender.begin_picture();
        let stamp = self.stamp();
        let written = (0..5).map(|place| {
            let mut buffer = vec![0; 1500];
            let head = (self.now, place == 4);
            let length = self
                .sender
                .write_video(head, stamp, &mut self.outbound, &mut buffer);
            buffer.truncate(length.unwrap());
            buffer
        });
        written.collect()
    }

    fn deliver(&mut self, mut datagram: Vec<u8>) -> Received {
        let opened = self.inbound.open_rtp(&mut datagram).unwrap();
        self.receiver.take(&opened.packet, &datagram, self.now)
    }

    /// A packet of nothing but padding, as the SFU writes it, which says that the numbers before it are not coming.
    fn padding(&mut self, payload_type: u8, ssrc: u32, index: u64) -> Vec<u8> {
        let fixed = Fixed {
            marker: false,
            payload_type,
            sequence: (index & 0xffff) as u16,
            timestamp: 0,
            ssrc,
        };
        let mut buffer = vec![0; 100];
        let head = header::write(&fixed, &[], &mut buffer).unwrap();
        buffer[0] |= 0x20;
        buffer[head] = 1;
        let length = self.outbound.seal_rtp(&mut buffer, head + 1, index);
        buffer.truncate(length.unwrap());
        buffer
    }

    /// Whether the next picture is a key frame, and its PictureID.
    fn picture_begins(&mut self) -> (bool, Option<u16>) {
        let mut datagram = self.picture().remove(0);
        let opened = self.inbound.open_rtp(&mut datagram).unwrap();
        let descriptor = Descriptor::parse(&datagram[opened.packet.payload]).unwrap();
        (descriptor.key_frame_start(), descriptor.picture_id())
    }

    /// The packets that the receiver asks for now.
    fn requests(&mut self) -> Vec<u16> {
        let mut buffer = [0; 1500];
        let mut compound = Compound::new(&mut buffer);
        self.receiver
            .write_requests(self.now, 1, &mut compound)
            .unwrap();
        let parts = rtcp::packets(compound.octets()).flatten();
        let requests = parts.filter_map(|part| match part {
            rtcp::Packet::Nack(nack) => Some(nack.sequences().collect::<Vec<_>>()),
            _ => None,
        });
        requests.flatten().collect()
    }
}

#[test]
fn a_lost_packet_is_asked_for_sent_again_and_counts_once() {
    let mut pair = Pair::new();
    let mut lost = Vec::new();
    for round in 0..2 {
        for (place, datagram) in pair.picture().into_iter().enumerate() {
            if (round, place) == (0, 2) {
                lost.push((pair.stamp(), datagram));
                continue;
            }
            assert!(matches!(
                pair.deliver(datagram),
                Received::New(_, Via::Stream)
            ));
        }
    }
    let [sequence] = *pair.requests() else {
        panic!("one packet is asked for");
    };
    let mut again = vec![0; 1500];
    let length = pair
        .sender
        .write_again(pair.now, sequence, &mut pair.outbound, &mut again);
    again.truncate(length.unwrap());
    let (stamp, late) = lost.pop().unwrap();
    let repaired = Received::New(stamp, Via::Retransmission);
    assert_eq!(
        pair.deliver(again),
        repaired,
        "it has its first stamp, so that the wait counts"
    );
    assert_eq!(pair.deliver(late), Received::Again);
    pair.now += 1000 * MILLI;
    assert_eq!(pair.requests(), [0_u16; 0]);
}

/// The number of the packet in a datagram of the first round.
fn sequence(datagram: &[u8]) -> u64 {
    u16::from_be_bytes([datagram[2], datagram[3]]).into()
}

#[test]
fn what_a_skip_leaves_out_is_asked_for_no_more() {
    let mut pair = Pair::new();
    let mut picture = pair.picture();
    let last = sequence(&picture[4]);
    picture.remove(2);
    for datagram in picture {
        pair.deliver(datagram);
    }
    pair.now += 30 * MILLI;
    let [_] = *pair.requests() else {
        panic!("one packet is asked for");
    };
    let skip = pair.padding(NUMBERS.vp8, 12, last + 1024);
    assert_eq!(pair.deliver(skip), Received::Padding);
    for _ in 0..10 {
        pair.now += 100 * MILLI;
        assert_eq!(pair.requests(), [0_u16; 0]);
    }
}

#[test]
fn padding_that_probes_the_line_neither_came_before_nor_is_it_strange() {
    let mut pair = Pair::new();
    let probe = pair.padding(NUMBERS.rtx, 13, 7);
    assert_eq!(pair.deliver(probe), Received::Padding);
    let unknown = pair.padding(NUMBERS.rtx, 14, 7);
    assert_eq!(pair.deliver(unknown), Received::Strange);
}

#[test]
fn a_stream_is_heard_when_something_was_in_a_packet_of_it() {
    let mut pair = Pair::new();
    let mut picture = pair.picture();
    let before = pair.padding(NUMBERS.vp8, 12, sequence(&picture[0]) - 1);
    pair.deliver(before);
    assert_eq!(pair.receiver.heard(), 0);
    let first = picture.remove(0);
    assert!(matches!(pair.deliver(first), Received::New(_, Via::Stream)));
    assert_eq!(pair.receiver.heard(), 1);
}

#[test]
fn what_the_kernel_did_not_take_counts_no_more_when_it_is_sent_again() {
    let mut pair = Pair::new();
    let picture = pair.picture();
    pair.sender.refused(2);
    pair.deliver(picture[0].clone());
    for (place, counts) in [(2, true), (3, false), (4, false)] {
        let mut buffer = vec![0; 1500];
        let number = sequence(&picture[place]) as u16;
        let length = pair
            .sender
            .write_again(pair.now, number, &mut pair.outbound, &mut buffer);
        buffer.truncate(length.unwrap());
        let Received::New(stamp, Via::Retransmission) = pair.deliver(buffer) else {
            panic!("packet {place} is new");
        };
        assert_eq!(stamp.counts, counts, "packet {place}");
    }
}

#[test]
fn what_is_too_long_ago_is_not_sent_again() {
    let mut pair = Pair::new();
    let first = pair.picture();
    let sequence = u16::from_be_bytes([first[0][2], first[0][3]]);
    for _ in 0..60 {
        pair.picture();
    }
    let mut buffer = vec![0; 1500];
    let written = pair
        .sender
        .write_again(pair.now, sequence, &mut pair.outbound, &mut buffer);
    assert_eq!(written, None);
}

#[test]
fn a_request_that_is_repeated_at_once_is_answered_once() {
    let mut pair = Pair::new();
    let first = pair.picture();
    let sequence = u16::from_be_bytes([first[0][2], first[0][3]]);
    let again = |pair: &mut Pair| {
        let mut buffer = vec![0; 1500];
        let written = pair
            .sender
            .write_again(pair.now, sequence, &mut pair.outbound, &mut buffer);
        written.is_some()
    };
    assert!(again(&mut pair));
    assert!(!again(&mut pair));
    pair.now += 50 * MILLI;
    assert!(again(&mut pair), "it was lost once more");
}

#[test]
fn sound_is_received_as_it_was_sent() {
    let mut pair = Pair::new();
    let (stamp, mut buffer) = (pair.stamp(), vec![0; 1500]);
    let length = pair
        .sender
        .write_audio(stamp, &mut pair.outbound, &mut buffer);
    buffer.truncate(length.unwrap());
    assert_eq!(pair.deliver(buffer), Received::New(stamp, Via::Stream));
    assert_eq!(pair.receiver.heard(), 1);
}

#[test]
fn feedback_is_written_about_what_came() {
    let mut pair = Pair::new();
    for datagram in pair.picture() {
        pair.deliver(datagram);
    }
    let mut buffer = [0; 1500];
    let length = pair.receiver.write_feedback(pair.now, 1, &mut buffer);
    let parts = rtcp::packets(&buffer[..length.unwrap()]).flatten();
    let told = parts.filter_map(|part| match part {
        rtcp::Packet::TransportFeedback(feedback) => Some(feedback.statuses().len()),
        _ => None,
    });
    assert_eq!(told.collect::<Vec<_>>(), [5]);
}

#[test]
fn a_key_frame_comes_first_and_when_it_is_asked_for() {
    let mut pair = Pair::new();
    assert_eq!(pair.picture_begins(), (true, Some(1)));
    assert_eq!(pair.picture_begins(), (false, Some(2)));
    pair.sender.request_key_frame();
    assert_eq!(pair.picture_begins(), (true, Some(3)));
    assert_eq!(pair.picture_begins(), (false, Some(4)));
}
