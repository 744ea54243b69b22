//! Retransmissions in a stream of their own (RFC 4588 section 4): the original sequence number, then the
//! original payload.

use crate::DoesNotFit;
use crate::header::{self, Element, Fixed, WriteError};
use crate::octets::Reader;

/// What the original sequence number takes in front of a payload.
pub const OVERHEAD: usize = 2;

/// Reads the payload of a retransmission: the sequence number that the packet had in its own stream, and
/// its payload. `None` when there is no number, as in packets of padding that probe the line.
#[must_use]
pub fn unwrap(payload: &[u8]) -> Option<(u16, &[u8])> {
    let mut reader = Reader::new(payload);
    Some((reader.u16()?, reader.rest()))
}

/// Writes a retransmission and returns its length in octets. `fixed` has the payload type, stream and sequence
/// number of the retransmission, and marker and timestamp of the original; the `sequence` is the original's.
///
/// # Errors
/// When it does not fit, or an element has no one-byte form.
pub fn write(
    fixed: &Fixed,
    elements: &[Element<'_>],
    sequence: u16,
    payload: &[u8],
    buffer: &mut [u8],
) -> Result<usize, WriteError> {
    let header = header::write(fixed, elements, buffer)?;
    let free = buffer.get_mut(header..).ok_or(DoesNotFit)?;
    let (number, free) = free.split_first_chunk_mut().ok_or(DoesNotFit)?;
    let place = free.get_mut(..payload.len()).ok_or(DoesNotFit)?;
    *number = sequence.to_be_bytes();
    place.copy_from_slice(payload);
    Ok(header + OVERHEAD + payload.len())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use vestibule_srtp::Rtp;

    use super::{unwrap, write};
    use crate::DoesNotFit;
    use crate::header::{Element, Fixed};

    #[test]
    fn padding_has_no_original() {
        assert_eq!(unwrap(&[]), None);
        assert_eq!(unwrap(&[1]), None);
        assert_eq!(unwrap(&[1, 2]), Some((0x102, &[][..])));
    }

    proptest! {
        #[test]
        fn what_is_wrapped_is_unwrapped(
            sequence in any::<u16>(),
            payload in prop::collection::vec(any::<u8>(), 0..100),
            short in 0_usize..140,
        ) {
            let fixed = Fixed { marker: true, payload_type: 97, sequence: 9, timestamp: 7, ssrc: 5 };
            let elements = [Element { id: 3, value: &[0, 1] }];
            let mut buffer = [0xff; 160];
            let length = write(&fixed, &elements, sequence, &payload, &mut buffer).unwrap();
            let packet = Rtp::parse(&buffer[..length]).unwrap();
            prop_assert_eq!((packet.marker, packet.payload_type), (true, 97));
            prop_assert_eq!((packet.sequence, packet.timestamp, packet.ssrc), (9, 7, 5));
            prop_assert_eq!(unwrap(&buffer[packet.payload]), Some((sequence, &payload[..])));
            let fits = write(&fixed, &elements, sequence, &payload, &mut buffer[..short]);
            prop_assert_eq!(fits, if short < length { Err(DoesNotFit.into()) } else { Ok(length) });
        }
    }
}
