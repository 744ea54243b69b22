//! RTP as it comes out of SRTP: headers, their extensions, retransmissions, and what is kept of a stream.

use vestibule_rtp::demux::{Protocol, protocol};
use vestibule_rtp::header::{Element, Packet, write};
use vestibule_rtp::{Arrivals, Facts, FeedbackBuilder, History, Moment, Via, rtx};

/// A packet; the same octets are then the arrivals of a stream.
pub fn rtp(bytes: &[u8]) {
    if let Ok(packet) = Packet::parse(bytes) {
        read(bytes, &packet);
    }
    arrive(bytes);
}

fn read(bytes: &[u8], packet: &Packet<'_>) {
    let protocol = protocol(bytes);
    assert!(matches!(protocol, Some(Protocol::Rtp | Protocol::Rtcp)));
    let values: usize = packet
        .extensions
        .iter()
        .map(|element| element.value.len())
        .sum();
    let parts = 12 + values + packet.payload.len() + usize::from(packet.padding);
    assert!(parts <= bytes.len(), "the parts lie within the packet");
    if let Some((_, payload)) = rtx::unwrap(packet.payload) {
        assert_eq!(payload.len() + rtx::OVERHEAD, packet.payload.len());
    }
    rewrite(packet);
}

/// What has a one-byte form is written, and reads the same.
fn rewrite(packet: &Packet<'_>) {
    let writable = |element: &Element<'_>| {
        (1..15).contains(&element.id) && (1..17).contains(&element.value.len())
    };
    let elements: Vec<_> = packet.extensions.iter().filter(writable).collect();
    let mut buffer = vec![0xff; 64 * 1024];
    let Ok(length) = write(&packet.fixed, &elements, &mut buffer) else {
        return;
    };
    let again = Packet::parse(buffer.get(..length).unwrap_or_default());
    let again = again.expect("what was written can be read");
    assert_eq!(again.fixed, packet.fixed);
    assert!(again.extensions.iter().eq(elements));
}

/// Four octets a packet: its number, how much later it comes, and how.
fn arrive(bytes: &[u8]) {
    let (mut arrivals, mut feedback) = (Arrivals::asking(90_000), FeedbackBuilder::default());
    let mut history = History::default();
    let mut now = 0;
    let (packets, _) = bytes.as_chunks::<4>();
    for &[high, low, later, kind] in packets {
        now += u64::from(later) << (kind & 0x0f);
        let (moment, number) = (Moment::from_micros(now), u16::from_be_bytes([high, low]));
        let via = match kind >> 7 {
            0 => Via::Stream,
            _ => Via::Retransmission,
        };
        feedback.note(number, moment);
        if let Ok(sequence) = arrivals.note(moment, number, u32::from(later), via) {
            let facts = Facts {
                sequence,
                timestamp: 0,
                marker: false,
                orientation: None,
            };
            history.store(moment, facts, bytes);
            let found = history.find(moment, sequence);
            assert!(found.is_none_or(|found| found.payload == bytes));
        }
        let asked = arrivals.requests(moment).contains(&number);
        assert!(!asked, "what came is not asked for");
        let _ = arrivals.poll_key_frame();
        assert!(arrivals.next_timeout().is_none_or(|due| due > moment));
        tell(&mut feedback, moment, kind);
    }
}

fn tell(feedback: &mut FeedbackBuilder, moment: Moment, kind: u8) {
    let mut buffer = [0; 300];
    let mut built = 0;
    while kind & 0x10 != 0 && feedback.build(moment, 1, 2, &mut buffer).is_some() {
        built += 1;
        assert!(built <= 1024, "telling ends");
    }
}
