use proptest::prelude::*;
use vestibule_srtp::Rtp;

use super::{Element, Fixed, WriteError, write};
use crate::DoesNotFit;

/// The header of Chromium's picture: one-byte elements of transport-wide sequence (3), orientation (4) and mid (9).
const PICTURE: [u8; 24] = [
    0x90, 0xe0, 0x12, 0x34, 0xde, 0xad, 0xbe, 0xef, 0xca, 0xfe, 0xba, 0xbe, // fixed
    0xbe, 0xde, 0x00, 0x02, 0x31, 0x00, 0x07, 0x40, 0x01, 0x90, 0x31, 0x00, // elements
];

#[test]
fn a_picture_is_written_as_chromium_does() {
    let fixed = Fixed {
        marker: true,
        payload_type: 96,
        sequence: 0x1234,
        timestamp: 0xdead_beef,
        ssrc: 0xcafe_babe,
    };
    let elements: [(u8, &[u8]); 3] = [(3, &[0, 7]), (4, &[1]), (9, b"1")];
    let elements = elements.map(|(id, value)| Element { id, value });
    let mut buffer = [0xff; 64];
    let length = write(&fixed, &elements, &mut buffer).unwrap();
    assert_eq!(buffer[..length], PICTURE);
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
        let octets = &buffer[..length + payload.len()];
        let packet = Rtp::parse(octets).unwrap();
        prop_assert_eq!((packet.marker, packet.payload_type), (fixed.marker, fixed.payload_type));
        let numbers = (packet.sequence, packet.timestamp, packet.ssrc);
        prop_assert_eq!(numbers, (fixed.sequence, fixed.timestamp, fixed.ssrc));
        prop_assert_eq!(packet.extension.is_some(), !elements.is_empty());
        let read = packet.extension.iter().flat_map(|block| block.elements(octets));
        prop_assert!(read.eq(elements.iter().map(|element| (element.id, element.value))));
        prop_assert_eq!((&octets[packet.payload], packet.padding), (&payload[..], 0));
    }
}
