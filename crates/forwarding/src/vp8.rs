//! The VP8 payload descriptor (RFC 7741 section 4.2) and the key-frame bit behind it.
//!
//! ```text
//!      0 1 2 3 4 5 6 7
//!     |X|R|N|S|R| PID |   required
//! X:  |I|L|T|K|  RSV  |
//! I:  |M| PictureID   |   7 bits, or with M another octet and 15 bits
//!     |   PictureID   |
//! L:  |   TL0PICIDX   |
//! T/K:|TID|Y| KEYIDX  |
//!     |Size0|H| VER |P|   payload header, section 4.3: P is 0 in a key frame
//! ```

/// A parsed descriptor. It is valid for the payload that it was read from and for copies of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Descriptor {
    length: u8,
    key_frame_start: bool,
    picture_id: Option<PictureId>,
    tl0: Option<Octet>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct PictureId {
    at: u8,
    value: u16,
    wide: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Octet {
    at: u8,
    value: u8,
}

/// New values for the fields that count pictures. A field that the descriptor lacks stays away.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rewrite {
    /// The PictureID, cut to the width that the descriptor has.
    pub picture_id: Option<u16>,
    /// The TL0PICIDX.
    pub tl0: Option<u8>,
}

const EXTENSION: u8 = 0x80;
const START: u8 = 0x10;
const PARTITION: u8 = 0x07;
const PICTURE_ID: u8 = 0x80;
const TL0: u8 = 0x40;
const TID: u8 = 0x20;
const KEY_INDEX: u8 = 0x10;
const WIDE: u8 = 0x80;
const INTER_FRAME: u8 = 0x01;

/// Walks over a payload's octets.
struct Octets<'a> {
    payload: &'a [u8],
    at: u8,
}

impl Octets<'_> {
    fn next(&mut self) -> Option<u8> {
        let octet = self.payload.get(usize::from(self.at)).copied()?;
        self.at += 1;
        Some(octet)
    }

    fn picture_id(&mut self) -> Option<PictureId> {
        let at = self.at;
        let first = self.next()?;
        let wide = first & WIDE != 0;
        let value = if wide {
            u16::from_be_bytes([first & !WIDE, self.next()?])
        } else {
            u16::from(first)
        };
        Some(PictureId { at, value, wide })
    }

    fn octet(&mut self) -> Option<Octet> {
        let at = self.at;
        self.next().map(|value| Octet { at, value })
    }
}

impl Descriptor {
    /// Reads the descriptor of an RTP payload; `None` when it is cut short, has nothing behind it, or
    /// has a TL0PICIDX without a TID (L requires T).
    #[must_use]
    pub fn parse(payload: &[u8]) -> Option<Self> {
        let mut octets = Octets { payload, at: 0 };
        let required = octets.next()?;
        let extension = if required & EXTENSION != 0 {
            octets.next()?
        } else {
            0
        };
        if extension & TL0 != 0 && extension & TID == 0 {
            return None;
        }
        let picture_id = match extension & PICTURE_ID {
            0 => None,
            _ => Some(octets.picture_id()?),
        };
        let tl0 = match extension & TL0 {
            0 => None,
            _ => Some(octets.octet()?),
        };
        if extension & (TID | KEY_INDEX) != 0 {
            octets.next()?;
        }
        let length = octets.at;
        let first_of_frame = required & START != 0 && required & PARTITION == 0;
        let key_frame_start = octets.next()? & INTER_FRAME == 0 && first_of_frame;
        Some(Self {
            length,
            key_frame_start,
            picture_id,
            tl0,
        })
    }

    /// The descriptor's length in octets.
    #[must_use]
    pub fn length(&self) -> usize {
        usize::from(self.length)
    }

    /// Whether a key frame begins in this packet.
    #[must_use]
    pub fn key_frame_start(&self) -> bool {
        self.key_frame_start
    }

    /// The PictureID, if there is one.
    #[must_use]
    pub fn picture_id(&self) -> Option<u16> {
        self.picture_id.map(|id| id.value)
    }

    /// The largest PictureID that fits this descriptor, if it has one: 7 or 15 bits.
    #[must_use]
    pub fn picture_id_mask(&self) -> Option<u16> {
        self.picture_id
            .map(|id| if id.wide { 0x7fff } else { 0x7f })
    }

    /// The TL0PICIDX, if there is one.
    #[must_use]
    pub fn tl0(&self) -> Option<u8> {
        self.tl0.map(|index| index.value)
    }

    /// Writes new values in place; the payload keeps its length.
    pub fn rewrite(&self, payload: &mut [u8], new: Rewrite) {
        if let Some((field, value)) = self.picture_id.zip(new.picture_id) {
            let [high, low] = value.to_be_bytes();
            if field.wide {
                put(payload, field.at, WIDE | high);
                put(payload, field.at + 1, low);
            } else {
                put(payload, field.at, low & !WIDE);
            }
        }
        if let Some((field, value)) = self.tl0.zip(new.tl0) {
            put(payload, field.at, value);
        }
    }
}

fn put(payload: &mut [u8], at: u8, value: u8) {
    if let Some(octet) = payload.get_mut(usize::from(at)) {
        *octet = value;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Descriptor, Rewrite};

    const KEY: u8 = 0x10;
    const DELTA: u8 = 0x11;

    #[test]
    fn the_shortest_descriptor_is_one_octet() {
        let key = Descriptor::parse(&[0x10, KEY]).unwrap();
        assert!(key.key_frame_start());
        assert_eq!((key.length(), key.picture_id(), key.tl0()), (1, None, None));
        assert!(!Descriptor::parse(&[0x10, DELTA]).unwrap().key_frame_start());
    }

    #[test]
    fn only_the_first_packet_of_the_first_partition_starts_a_key_frame() {
        assert!(!Descriptor::parse(&[0x00, KEY]).unwrap().key_frame_start());
        assert!(!Descriptor::parse(&[0x11, KEY]).unwrap().key_frame_start());
    }

    #[test]
    fn picture_ids_are_read_in_both_widths() {
        let short = Descriptor::parse(&[0x90, 0x80, 0x7f, KEY]).unwrap();
        assert_eq!(
            (short.picture_id(), short.picture_id_mask()),
            (Some(0x7f), Some(0x7f))
        );
        let wide = Descriptor::parse(&[0x90, 0x80, 0x81, 0x02, KEY]).unwrap();
        assert_eq!(
            (wide.picture_id(), wide.picture_id_mask()),
            (Some(0x102), Some(0x7fff))
        );
        assert_eq!((short.length(), wide.length()), (3, 4));
    }

    /// The whole descriptor as libwebrtc writes it: X, S; I, L, T, K; 15 bits; TL0PICIDX; TID, Y, KEYIDX.
    #[test]
    fn the_full_descriptor_is_read_and_rewritten_in_place() {
        let mut payload = [0x90, 0xf0, 0xff, 0xff, 0xfe, 0x65, KEY, 1, 2, 3];
        let descriptor = Descriptor::parse(&payload).unwrap();
        assert_eq!(descriptor.length(), 6);
        assert_eq!(
            (descriptor.picture_id(), descriptor.tl0()),
            (Some(0x7fff), Some(0xfe))
        );
        descriptor.rewrite(
            &mut payload,
            Rewrite {
                picture_id: Some(0x1234),
                tl0: Some(7),
            },
        );
        assert_eq!(payload, [0x90, 0xf0, 0x92, 0x34, 7, 0x65, KEY, 1, 2, 3]);
    }

    #[test]
    fn a_short_picture_id_keeps_its_width() {
        let mut payload = [0x90, 0x80, 0x05, DELTA];
        let descriptor = Descriptor::parse(&payload).unwrap();
        let new = Rewrite {
            picture_id: Some(0x1ff),
            tl0: Some(9),
        };
        descriptor.rewrite(&mut payload, new);
        assert_eq!(payload, [0x90, 0x80, 0x7f, DELTA]);
    }

    #[test]
    fn what_is_cut_short_or_malformed_is_no_descriptor() {
        let full = [0x90, 0xf0, 0xff, 0xff, 0xfe, 0x65];
        for length in 0..=full.len() {
            assert_eq!(Descriptor::parse(&full[..length]), None, "{length} octets");
        }
        assert_eq!(
            Descriptor::parse(&[0x90, 0x40, 0x01, KEY]),
            None,
            "L without T"
        );
    }

    proptest! {
        #[test]
        fn no_payload_panics_and_a_rewrite_changes_only_its_fields(
            payload in prop::collection::vec(any::<u8>(), 0..16),
            picture_id in 0_u16..0x8000,
            tl0 in any::<u8>(),
        ) {
            let Some(before) = Descriptor::parse(&payload) else {
                return Ok(());
            };
            let mut rewritten = payload.clone();
            before.rewrite(&mut rewritten, Rewrite { picture_id: Some(picture_id), tl0: Some(tl0) });
            let after = Descriptor::parse(&rewritten).unwrap();
            prop_assert_eq!(after.length(), before.length());
            prop_assert_eq!(after.key_frame_start(), before.key_frame_start());
            prop_assert_eq!(after.picture_id(), before.picture_id_mask().map(|mask| picture_id & mask));
            prop_assert_eq!(after.tl0(), before.tl0().map(|_| tl0));
            prop_assert_eq!(&rewritten[after.length()..], &payload[before.length()..]);
        }
    }
}
