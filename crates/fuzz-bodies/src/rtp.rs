//! RTP as it comes out of SRTP: headers, their extensions, retransmissions, and what is kept of a stream.

use vestibule_rtp::demux::{Protocol, protocol};
use vestibule_rtp::header::{Element, Fixed, write};
use vestibule_rtp::{Arrivals, Facts, FeedbackBuilder, History, Moment, Via, rtx};
use vestibule_srtp::Rtp;

/// A packet; the same octets are then the arrivals of a stream.
pub fn rtp(bytes: &[u8]) {
    if let Ok(packet) = Rtp::parse(bytes) {
        read(bytes, &packet);
    }
    arrive(bytes);
}

fn read(bytes: &[u8], packet: &Rtp) {
    let protocol = protocol(bytes);
    assert!(matches!(protocol, Some(Protocol::Rtp | Protocol::Rtcp)));
    lie_within(bytes, packet);
    let payload = bytes.get(packet.payload.clone());
    let payload = payload.expect("the payload lies within the packet");
    if let Some((_, original)) = rtx::unwrap(payload) {
        assert_eq!(original.len() + rtx::OVERHEAD, payload.len());
    }
    rewrite(bytes, packet);
}

/// The parts are one behind the other, from the fixed part of the header to the packet's end.
fn lie_within(bytes: &[u8], packet: &Rtp) {
    assert_eq!(packet.csrcs.start, 12);
    let mut end = packet.csrcs.end;
    if let Some(block) = &packet.extension {
        assert_eq!(block.elements.start, end + 4);
        end = block.elements.end;
        let elements = block.elements(bytes).map(|(_, value)| 1 + value.len());
        let elements: usize = elements.sum();
        assert!(elements <= block.elements.len(), "they lie within");
    }
    assert_eq!(packet.payload.start, end);
    assert_eq!(packet.payload.end + packet.padding, bytes.len());
}

/// What has a one-byte form is written, and reads the same.
fn rewrite(bytes: &[u8], packet: &Rtp) {
    let elements: Vec<_> = elements(bytes, packet).filter(is_writable).collect();
    let mut buffer = vec![0xff; 64 * 1024];
    let Ok(length) = write(&fixed(packet), &elements, &mut buffer) else {
        return;
    };
    let written = buffer.get(..length).unwrap_or_default();
    let again = Rtp::parse(written).expect("what was written can be read");
    assert_eq!(fixed(&again), fixed(packet));
    assert!(self::elements(written, &again).eq(elements));
    assert_eq!((again.payload, again.padding), (length..length, 0));
}

fn elements<'a>(bytes: &'a [u8], packet: &Rtp) -> impl Iterator<Item = Element<'a>> {
    let elements = packet.extension.iter().map(|block| block.elements(bytes));
    elements.flatten().map(|(id, value)| Element { id, value })
}

fn is_writable(element: &Element<'_>) -> bool {
    (1..15).contains(&element.id) && (1..17).contains(&element.value.len())
}

fn fixed(packet: &Rtp) -> Fixed {
    Fixed {
        marker: packet.marker,
        payload_type: packet.payload_type,
        sequence: packet.sequence,
        timestamp: packet.timestamp,
        ssrc: packet.ssrc,
    }
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
