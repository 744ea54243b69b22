//! The process's clock as the calls see it.

use std::time::{Duration, Instant};

use vestibule_forwarding::Moment;

/// Translates between the clock and the moments of `vestibule_forwarding`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Timeline {
    origin: Instant,
}

impl Timeline {
    /// A timeline that begins now.
    pub(crate) fn starting(origin: Instant) -> Self {
        Self { origin }
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
}
