//! Waits between attempts that fail: doubled each time, up to a limit.

use std::time::{Duration, Instant};

/// When something that failed may be tried again.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Backoff {
    first: Duration,
    longest: Duration,
    failures: u32,
    until: Option<Instant>,
}

impl Backoff {
    pub(crate) fn new([first, longest]: [Duration; 2]) -> Self {
        Self {
            first,
            longest,
            failures: 0,
            until: None,
        }
    }

    pub(crate) fn until(&self) -> Option<Instant> {
        self.until
    }

    pub(crate) fn blocks(&self, now: Instant) -> bool {
        self.until.is_some_and(|until| until > now)
    }

    /// No reason to wait any longer.
    pub(crate) fn succeed(&mut self) {
        self.failures = 0;
        self.until = None;
    }

    /// Waits, and not less than the server asked for.
    pub(crate) fn fail(&mut self, now: Instant, at_least: Option<Duration>) {
        let doubled = self.first * 2_u32.saturating_pow(self.failures.min(8));
        let wait = doubled
            .min(self.longest)
            .max(at_least.unwrap_or(Duration::ZERO));
        self.failures += 1;
        self.until = Some(now + wait);
    }
}
