//! The process's clock as the calls see it.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use vestibule_forwarding::Moment;
use vestibule_rtp::ntp::Ntp;

/// Translates between the clock and the moments of `vestibule_forwarding`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Timeline {
    origin: Instant,
    /// The same moment by the clock on the wall, in microseconds since 1970.
    wall: u64,
}

impl Timeline {
    /// A timeline that begins now.
    pub(crate) fn starting(origin: Instant) -> Self {
        let wall = SystemTime::now().duration_since(UNIX_EPOCH);
        let wall = wall.map_or(0, |since| u64::try_from(since.as_micros()).unwrap_or(0));
        Self { origin, wall }
    }

    /// The moment of an instant; the beginning for what lies before it.
    pub(crate) fn moment(self, instant: Instant) -> Moment {
        let micros = instant.saturating_duration_since(self.origin).as_micros();
        Moment::from_micros(u64::try_from(micros).unwrap_or(u64::MAX))
    }

    /// The instant of a moment; none for what no clock shows.
    pub(crate) fn instant(self, moment: Moment) -> Option<Instant> {
        self.origin
            .checked_add(Duration::from_micros(moment.as_micros()))
    }

    /// A moment as sender reports have it. The clock on the wall is read once: it may be set, this one goes on.
    pub(crate) fn ntp(self, moment: Moment) -> Ntp {
        Ntp::from_micros(self.wall.saturating_add(moment.as_micros()))
    }
}
