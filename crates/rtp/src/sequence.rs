//! Sequence numbers beyond their 16 bits.

/// The number nearest to `reference` whose low 16 bits are `sequence`; `None` when it would lie below zero.
#[must_use]
pub fn extend(reference: u64, sequence: u16) -> Option<u64> {
    let ahead = sequence.wrapping_sub(low(reference)).cast_signed();
    reference.checked_add_signed(ahead.into())
}

/// The 16 bits that stand in a packet.
pub(crate) fn low(extended: u64) -> u16 {
    (extended & 0xffff) as u16
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{extend, low};

    #[test]
    fn the_nearest_number_is_taken() {
        assert_eq!(extend(65_535, 0), Some(65_536));
        assert_eq!(extend(65_536, 65_535), Some(65_535));
        assert_eq!(extend(10, 65_535), None);
        assert_eq!(extend(u64::MAX, 0), None);
    }

    proptest! {
        #[test]
        fn numbers_within_half_a_round_come_back(reference in 65_536_u64..1 << 48, step in -32_768_i64..32_768) {
            let wanted = reference.checked_add_signed(step).unwrap();
            prop_assert_eq!(extend(reference, low(wanted)), Some(wanted));
        }
    }
}
