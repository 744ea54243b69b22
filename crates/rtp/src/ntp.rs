//! The time format of sender reports (RFC 3550 section 4): 32 bits of seconds, 32 of their fraction.

use std::time::Duration;

const MICROS: u64 = 1_000_000;

/// A moment by a wallclock. Its origin is the sender's to choose, as long as its streams have it in common.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ntp(u64);

impl Ntp {
    /// From the 64 bits of the wire.
    #[must_use]
    pub const fn from_bits(bits: u64) -> Self {
        Self(bits)
    }

    /// The 64 bits of the wire.
    #[must_use]
    pub const fn to_bits(self) -> u64 {
        self.0
    }

    /// So many microseconds after the origin; the seconds are taken modulo 2^32.
    #[must_use]
    pub const fn from_micros(micros: u64) -> Self {
        let seconds = micros / MICROS;
        let fraction = ((micros % MICROS) << 32) / MICROS;
        Self(seconds << 32 | fraction)
    }

    /// Microseconds after the origin, rounded to the nearest.
    #[must_use]
    pub const fn as_micros(self) -> u64 {
        let (seconds, fraction) = (self.0 >> 32, self.0 & 0xffff_ffff);
        seconds * MICROS + ((fraction * MICROS + (1 << 31)) >> 32)
    }

    /// The middle 32 bits, in 1/65,536 s: what report blocks name a sender report by (RFC 3550
    /// section 6.4.1).
    #[must_use]
    pub const fn middle(self) -> u32 {
        (self.0 >> 16 & 0xffff_ffff) as u32
    }
}

/// A length in units of 1/65,536 s, the longest when it does not fit.
pub(crate) fn short(length: Duration) -> u32 {
    let units = (length.as_micros() << 16) / u128::from(MICROS);
    u32::try_from(units).unwrap_or(u32::MAX)
}

/// The length of so many units of 1/65,536 s.
pub(crate) fn long(units: u32) -> Duration {
    Duration::from_micros((u64::from(units) * MICROS) >> 16)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Ntp, long, short};

    /// RFC 3550 figure 2: n = 3,024,992,016.125 s and A = 0xb710:8000 (46,864.500 s).
    #[test]
    fn the_example_of_the_rfc() {
        let departed = Ntp::from_bits(0xb44d_b705_2000_0000);
        assert_eq!(departed.middle(), 0xb705_2000);
        assert_eq!(departed.as_micros(), 3_024_992_005_125_000);
        assert_eq!(long(0x0005_4000).as_millis(), 5250);
        assert_eq!(short(long(0x0005_4000)), 0x0005_4000);
    }

    proptest! {
        #[test]
        fn microseconds_come_back(micros in 0_u64..(1 << 32) * 1_000_000) {
            prop_assert_eq!(Ntp::from_micros(micros).as_micros(), micros);
        }

        #[test]
        fn no_bits_panic(bits in any::<u64>(), units in any::<u32>()) {
            let ntp = Ntp::from_bits(bits);
            prop_assert!(ntp.as_micros() / 1_000_000 <= (bits >> 32) + 1);
            prop_assert!(short(long(units)).abs_diff(units) <= 1);
        }
    }
}
