use proptest::prelude::*;

use super::{Element, Fixed, Malformed, Packet, WriteError, write};
use crate::DoesNotFit;

/// Chromium's picture: one-byte elements of transport-wide sequence (3), orientation (4) and mid (9).
const PICTURE: &[u8] = &[
    0x90, 0xe0, 0x12, 0x34, 0xde, 0xad, 0xbe, 0xef, 0xca, 0xfe, 0xba, 0xbe, // fixed
    0xbe, 0xde, 0x00, 0x02, 0x31, 0x00, 0x07, 0x40, 0x01, 0x90, 0x31, 0x00, // elements
    0x90, 0xe0, 0x80, 0x01,
];

#[test]
fn a_picture_is_read() {
    let packet = Packet::parse(PICTURE).unwrap();
    let fixed = Fixed {
        marker: true,
        payload_type: 96,
        sequence: 0x1234,
        timestamp: 0xdead_beef,
        ssrc: 0xcafe_babe,
    };
    assert_eq!(packet.fixed, fixed);
    assert_eq!(packet.extension(3), Some(&[0, 7][..]));
    assert_eq!(packet.extension(4), Some(&[1][..]));
    assert_eq!(packet.extension(9), Some(&b"1"[..]));
    assert_eq!(packet.extension(5), None);
    assert_eq!(packet.payload, [0x90, 0xe0, 0x80, 0x01]);
}

#[test]
fn the_same_picture_is_written() {
    let packet = Packet::parse(PICTURE).unwrap();
    let elements: Vec<_> = packet.extensions.iter().collect();
    let mut buffer = [0xff; 64];
    let length = write(&packet.fixed, &elements, &mut buffer).unwrap();
    assert_eq!(buffer[..length], PICTURE[..24]);
}

/// RFC 8285 section 4.3: two-byte headers, with a value of no octets and padding between elements.
#[test]
fn two_byte_elements_are_read() {
    let mut packet = vec![0x90, 96, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3];
    packet.extend([0x10, 0x05, 0x00, 0x03]);
    packet.extend([1, 0, 2, 1, 0xaa, 0, 0, 200, 3, 1, 2, 3]);
    packet.push(0x55);
    let packet = Packet::parse(&packet).unwrap();
    assert_eq!(packet.extension(1), Some(&[][..]));
    assert_eq!(packet.extension(2), Some(&[0xaa][..]));
    assert_eq!(packet.extension(200), Some(&[1, 2, 3][..]));
    assert_eq!(packet.payload, [0x55]);
}

#[test]
fn contributors_and_padding_are_left_out() {
    let mut packet = vec![0xa2, 96, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3];
    packet.extend([9; 8]);
    packet.extend([0x55, 0, 0, 3]);
    let packet = Packet::parse(&packet).unwrap();
    assert_eq!((packet.payload, packet.padding), (&[0x55][..], 3));
}

#[test]
fn the_fifteenth_id_ends_the_block() {
    let mut packet = vec![0x90, 96, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0xbe, 0xde, 0, 1];
    packet.extend([0x10, 0xaa, 0xff, 0x20]);
    let packet = Packet::parse(&packet).unwrap();
    assert_eq!(packet.extension(1), Some(&[0xaa][..]));
    assert_eq!(packet.extensions.iter().count(), 1);
}

#[test]
fn each_bad_length_has_its_reason() {
    let fixed = [0x80_u8, 96, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3];
    let with = |first: u8, rest: &[u8]| {
        let mut packet = fixed.to_vec();
        packet[0] = first;
        packet.extend(rest);
        Packet::parse(&packet).map(|_| ()).unwrap_err()
    };
    assert_eq!(Packet::parse(&fixed[..11]), Err(Malformed::Cut));
    assert_eq!(Packet::parse(&[]), Err(Malformed::Cut));
    assert_eq!(with(0x40, &[]), Malformed::Version);
    assert_eq!(with(0x81, &[0; 3]), Malformed::Contributors);
    assert_eq!(with(0x90, &[0xbe, 0xde, 0]), Malformed::Extension);
    assert_eq!(
        with(0x90, &[0xbe, 0xde, 0, 2, 0, 0, 0, 0]),
        Malformed::Extension
    );
    assert_eq!(
        with(0x90, &[0xbe, 0xde, 0, 1, 0x13, 0, 0, 0]),
        Malformed::Element
    );
    assert_eq!(with(0x90, &[0x10, 0, 0, 1, 0, 0, 0, 7]), Malformed::Element);
    assert_eq!(with(0xa0, &[]), Malformed::Padding);
    assert_eq!(with(0xa0, &[1, 0]), Malformed::Padding);
    assert_eq!(with(0xa0, &[1, 3]), Malformed::Padding);
}

#[test]
fn what_has_no_one_byte_form_is_not_written() {
    let (fixed, mut buffer) = (Fixed::default(), [0; 64]);
    let long = [0; 17];
    let wrong: [(u8, &[u8]); 4] = [(0, &[1]), (15, &[1]), (1, &[]), (1, &long)];
    for (id, value) in wrong {
        let written = write(&fixed, &[Element { id, value }], &mut buffer);
        assert_eq!(written, Err(WriteError::Element));
    }
    let element = Element { id: 1, value: &[1] };
    for short in 0..20 {
        let written = write(&fixed, &[element], &mut buffer[..short]);
        assert_eq!(written, Err(DoesNotFit.into()), "{short} octets");
    }
    assert_eq!(write(&fixed, &[element], &mut buffer[..20]), Ok(20));
}

fn fixed() -> impl Strategy<Value = Fixed> {
    let numbers = (any::<u16>(), any::<u32>(), any::<u32>());
    (any::<bool>(), 0_u8..128, numbers).prop_map(
        |(marker, payload_type, (sequence, timestamp, ssrc))| Fixed {
            marker,
            payload_type,
            sequence,
            timestamp,
            ssrc,
        },
    )
}

proptest! {
    #[test]
    fn what_is_written_is_read(
        fixed in fixed(),
        values in prop::collection::btree_map(1_u8..15, prop::collection::vec(any::<u8>(), 1..17), 0..6),
        payload in prop::collection::vec(any::<u8>(), 0..40),
    ) {
        let elements: Vec<_> = values.iter().map(|(&id, value)| Element { id, value }).collect();
        let mut buffer = [0xff; 512];
        let length = write(&fixed, &elements, &mut buffer).unwrap();
        buffer[length..length + payload.len()].copy_from_slice(&payload);
        let packet = Packet::parse(&buffer[..length + payload.len()]).unwrap();
        prop_assert_eq!(packet.fixed, fixed);
        prop_assert_eq!(packet.extensions.iter().collect::<Vec<_>>(), elements);
        prop_assert_eq!(packet.payload, payload);
    }

    #[test]
    fn no_octets_panic_and_the_parts_lie_within(
        mut octets in prop::collection::vec(any::<u8>(), 0..80),
        rtp in any::<bool>(),
    ) {
        if let Some(first) = octets.first_mut().filter(|_| rtp) {
            *first = 0x80 | (*first & 0x3f);
        }
        let Ok(packet) = Packet::parse(&octets) else { return Ok(()) };
        let values: usize = packet.extensions.iter().map(|element| element.value.len()).sum();
        prop_assert!(12 + values + packet.payload.len() + usize::from(packet.padding) <= octets.len());
    }
}
