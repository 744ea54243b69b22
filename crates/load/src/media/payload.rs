//! What packets carry: a stamp, and in front of it in pictures a VP8 descriptor.

/// The moment that a packet was sent at, and whether it counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stamp {
    /// In nanoseconds of the run's clock.
    pub(crate) sent: u64,
    /// The packet belongs to the measured part.
    pub(crate) counts: bool,
}

/// What a stamp begins with, so that nothing else is taken for one.
const MAGIC: u32 = 0x7645_5354;

impl Stamp {
    pub(crate) const BYTES: usize = 16;

    pub(crate) fn octets(self) -> [u8; Self::BYTES] {
        let mut octets = [0; Self::BYTES];
        let (head, time) = octets.split_at_mut(8);
        let (magic, flags) = head.split_at_mut(4);
        magic.copy_from_slice(&MAGIC.to_be_bytes());
        flags.copy_from_slice(&u32::from(self.counts).to_be_bytes());
        time.copy_from_slice(&self.sent.to_be_bytes());
        octets
    }

    /// Reads the stamp that octets begin with.
    pub(crate) fn read(octets: &[u8]) -> Option<Self> {
        let (magic, rest) = octets.split_first_chunk()?;
        let (flags, rest) = rest.split_first_chunk()?;
        let (time, _) = rest.split_first_chunk()?;
        (u32::from_be_bytes(*magic) == MAGIC).then_some(Self {
            sent: u64::from_be_bytes(*time),
            counts: u32::from_be_bytes(*flags) != 0,
        })
    }
}

/// The place of a packet among the pictures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Picture {
    /// The PictureID, 15 bits.
    pub(crate) id: u16,
    /// The TL0PICIDX.
    pub(crate) tl0: u8,
    pub(crate) key_frame: bool,
    /// The picture's first packet.
    pub(crate) begins: bool,
}

impl Picture {
    /// A descriptor with all that SFUs rewrite (RFC 7741 section 4.2), and as much of a VP8 frame as SFUs look at
    /// (RFC 6386 section 9.1).
    pub(crate) const BYTES: usize = 6 + 10;

    pub(crate) fn octets(self) -> [u8; Self::BYTES] {
        const EXTENDED: u8 = 0x80;
        const BEGINS: u8 = 0x10;
        const PICTURE_ID_TL0_TID: u8 = 0xe0;
        const WIDE: u8 = 0x80;
        let [high, low] = self.id.to_be_bytes();
        let begins = if self.begins { BEGINS } else { 0 };
        // Version 0, shown; the lowest bit is zero in a key frame alone, and its size follows a fixed code.
        let frame = match (self.begins, self.key_frame) {
            (true, true) => [0x10, 0, 0, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0xe0, 0x01],
            (true, false) | (false, _) => [0x11, 0, 0, 0, 0, 0, 0, 0, 0, 0],
        };
        let mut octets = [0; Self::BYTES];
        let (descriptor, rest) = octets.split_at_mut(6);
        descriptor.copy_from_slice(&[
            EXTENDED | begins,
            PICTURE_ID_TL0_TID,
            WIDE | high,
            low,
            self.tl0,
            0,
        ]);
        rest.copy_from_slice(&frame);
        octets
    }
}

#[cfg(test)]
mod tests {
    use vestibule_forwarding::vp8::{Descriptor, Rewrite};

    use super::{Picture, Stamp};

    #[test]
    fn a_stamp_is_read_back() {
        let stamp = Stamp {
            sent: 0x1234_5678_9abc,
            counts: true,
        };
        let mut octets = stamp.octets();
        assert_eq!(Stamp::read(&octets), Some(stamp));
        assert_eq!(Stamp::read(&octets[..15]), None);
        octets[0] ^= 1;
        assert_eq!(Stamp::read(&octets), None);
    }

    #[test]
    fn the_sfu_can_rewrite_a_picture() {
        let picture = Picture {
            id: 0x7abc,
            tl0: 9,
            key_frame: true,
            begins: true,
        };
        let mut octets = picture.octets();
        let descriptor = Descriptor::parse(&octets).unwrap();
        assert_eq!(descriptor.length(), 6);
        assert_eq!(descriptor.picture_id(), Some(0x7abc));
        assert_eq!(descriptor.picture_id_mask(), Some(0x7fff));
        assert_eq!(descriptor.tl0(), Some(9));
        descriptor.rewrite(
            &mut octets,
            Rewrite {
                picture_id: Some(5),
                tl0: Some(6),
            },
        );
        let rewritten = Descriptor::parse(&octets).unwrap();
        assert_eq!(
            (rewritten.picture_id(), rewritten.tl0()),
            (Some(5), Some(6))
        );
    }

    #[test]
    fn only_the_first_packet_of_a_key_frame_begins_one() {
        for (key_frame, begins) in [(true, true), (true, false), (false, true), (false, false)] {
            let picture = Picture {
                id: 1,
                tl0: 1,
                key_frame,
                begins,
            };
            let descriptor = Descriptor::parse(&picture.octets()).unwrap();
            assert_eq!(descriptor.key_frame_start(), key_frame && begins);
        }
    }
}
