//! Key ids (RFC 9605 section 5.2): context, leaf and the low bits of the epoch.
//!
//! ```text
//!     | generation mod 16 | media | leaf | epoch mod 16 |
//!     |         4         |   2   |  6   |      4       |   bits, sixteen in all
//! ```
//!
//! The generation tells the groups of one consultation apart while their keys overlap; the media bits
//! give sound, camera and screen keys and counters of their own.

use vestibule_vocab::Source;

const EPOCH_BITS: u32 = 4;
const LEAF_BITS: u32 = 6;
const MEDIA_BITS: u32 = 2;
const LOW: u64 = 0xf;

/// Which epoch of which group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EpochName {
    /// Which group of the consultation, counted from nought.
    pub generation: u32,
    /// Which epoch of it.
    pub epoch: u64,
}

/// The key id; `None` for a leaf that it has no room for.
pub(crate) fn kid(name: EpochName, source: Source, leaf: u32) -> Option<u64> {
    if leaf >= 1 << LEAF_BITS {
        return None;
    }
    let context = ((u64::from(name.generation) & LOW) << MEDIA_BITS) | media(source);
    Some((((context << LEAF_BITS) | u64::from(leaf)) << EPOCH_BITS) | (name.epoch & LOW))
}

fn media(source: Source) -> u64 {
    match source {
        Source::Microphone => 0,
        Source::Camera => 1,
        Source::Screen => 2,
    }
}

#[cfg(test)]
mod tests {
    use super::{EpochName, kid};
    use vestibule_vocab::Source;

    #[test]
    fn each_part_stands_in_its_bits() {
        let name = EpochName {
            generation: 1,
            epoch: 3,
        };
        let (generation, media, leaf, epoch) = (1 << 12, 1 << 10, 2 << 4, 3);
        let whole = generation | media | leaf | epoch;
        assert_eq!(kid(name, Source::Camera, 2), Some(whole));
    }

    #[test]
    fn generation_and_epoch_wrap_and_a_large_leaf_has_no_room() {
        let low = EpochName {
            generation: 2,
            epoch: 5,
        };
        let high = EpochName {
            generation: 18,
            epoch: 21,
        };
        assert_eq!(kid(low, Source::Screen, 63), kid(high, Source::Screen, 63));
        assert_eq!(kid(low, Source::Screen, 64), None);
    }
}
