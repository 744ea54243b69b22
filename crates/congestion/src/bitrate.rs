//! Bits in a second, as a type.

use std::fmt;
use std::time::Duration;

/// Bits in a second.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bitrate(u64);

impl Bitrate {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// So many bits in a second.
    #[must_use]
    pub const fn bps(bits: u64) -> Self {
        Self(bits)
    }

    /// So many thousand bits in a second.
    #[must_use]
    pub const fn kbps(kilobits: u64) -> Self {
        Self(kilobits.saturating_mul(1000))
    }

    /// Bits in a second.
    #[must_use]
    pub const fn as_bps(self) -> u64 {
        self.0
    }

    /// Bits in a second, for arithmetic.
    #[must_use]
    pub const fn as_f64(self) -> f64 {
        self.0 as f64
    }

    /// So many bits in a second; nothing when that is negative or no number.
    #[must_use]
    pub const fn from_f64(bits: f64) -> Self {
        // A float's `as` saturates, and gives zero for what is no number.
        Self(bits as u64)
    }

    /// What so many bytes in such a time are.
    #[must_use]
    pub fn of(bytes: u64, time: Duration) -> Self {
        let micros = time.as_micros().max(1);
        let bits = u128::from(bytes).saturating_mul(8_000_000) / micros;
        Self(u64::try_from(bits).unwrap_or(u64::MAX))
    }

    /// This many times as much.
    #[must_use]
    pub const fn times(self, factor: f64) -> Self {
        Self::from_f64(self.0 as f64 * factor)
    }

    /// The bytes that pass in such a time.
    #[must_use]
    pub fn bytes_in(self, time: Duration) -> u64 {
        let bytes = u128::from(self.0).saturating_mul(time.as_micros()) / 8_000_000;
        u64::try_from(bytes).unwrap_or(u64::MAX)
    }

    /// How long so many bytes take.
    #[must_use]
    pub fn time_for(self, bytes: u64) -> Duration {
        let micros = u128::from(bytes).saturating_mul(8_000_000) / u128::from(self.0.max(1));
        Duration::from_micros(u64::try_from(micros).unwrap_or(u64::MAX))
    }

    /// Both together.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// What is left without the other.
    #[must_use]
    pub const fn minus(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl fmt::Display for Bitrate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} kbit/s", self.0 / 1000)
    }
}

#[cfg(test)]
mod tests {
    use super::Bitrate;
    use std::time::Duration;

    #[test]
    fn bytes_and_time_and_rate_agree() {
        let rate = Bitrate::of(125_000, Duration::from_secs(1));
        assert_eq!(rate, Bitrate::kbps(1000));
        assert_eq!(rate.bytes_in(Duration::from_millis(20)), 2500);
        assert_eq!(rate.time_for(2500), Duration::from_millis(20));
    }

    #[test]
    fn nothing_overflows() {
        assert_eq!(
            Bitrate::of(u64::MAX, Duration::ZERO).as_bps(),
            u64::MAX,
            "as much as can be said"
        );
        assert_eq!(Bitrate::from_f64(f64::NAN), Bitrate::ZERO);
        assert_eq!(Bitrate::bps(5).times(-1.0), Bitrate::ZERO);
    }
}
