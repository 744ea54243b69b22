//! The run's clock: nanoseconds of CLOCK_MONOTONIC since the run began, the same for all clients.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use vestibule_rtp::Moment;

/// Nanoseconds since an instant.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    epoch: Instant,
}

/// Where the kernel's wallclock stands against the run's clock. It is taken anew all the time, because the
/// wallclock may be set.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wallclock {
    /// The wallclock when the run's clock was zero, in nanoseconds since 1970, modulo 2^64.
    zero: u64,
}

impl Clock {
    pub(crate) fn starting(epoch: Instant) -> Self {
        Self { epoch }
    }

    pub(crate) fn nanos(self, instant: Instant) -> u64 {
        nanos(instant.saturating_duration_since(self.epoch))
    }

    pub(crate) fn now(self) -> u64 {
        self.nanos(Instant::now())
    }

    pub(crate) fn instant(self, nanos: u64) -> Instant {
        self.epoch + Duration::from_nanos(nanos)
    }

    pub(crate) fn wallclock(self) -> Wallclock {
        let wall = SystemTime::now().duration_since(UNIX_EPOCH);
        Wallclock {
            zero: nanos(wall.unwrap_or_default()).wrapping_sub(self.now()),
        }
    }
}

impl Wallclock {
    /// When a datagram arrived by the kernel's own note of it, on the run's clock.
    pub(crate) fn arrival(self, noted: Duration) -> u64 {
        nanos(noted).wrapping_sub(self.zero)
    }
}

/// The moment for the machines that count in microseconds.
pub(crate) fn moment(nanos: u64) -> Moment {
    Moment::from_micros(nanos / 1000)
}

/// A length in nanoseconds.
pub(crate) fn nanos(length: Duration) -> u64 {
    u64::try_from(length.as_nanos()).unwrap_or(u64::MAX)
}
