//! How long a busy worker waits before it looks at its socket again, so that one wake serves many packets. To be
//! woken costs more than to forward a packet: at 50 packets a wake a packet took two fifths less than at two.

use std::time::{Duration, Instant};

use crate::limits::{GATHER_FROM_RATE, GATHER_PACKETS, GATHER_WAIT};

/// Measures how fast packets come.
#[derive(Debug)]
pub(super) struct Gather {
    since: Instant,
    taken: u32,
    /// Packets a second, of the last whole window.
    rate: u32,
}

/// The window over which packets are counted.
const WINDOW: Duration = Duration::from_millis(50);

impl Gather {
    pub(super) fn starting(now: Instant) -> Self {
        Self {
            since: now,
            taken: 0,
            rate: 0,
        }
    }

    /// Takes note of the packets of a wake.
    pub(super) fn note(&mut self, now: Instant, taken: usize) {
        self.taken = self
            .taken
            .saturating_add(u32::try_from(taken).unwrap_or(u32::MAX));
        let passed = now.saturating_duration_since(self.since);
        if passed < WINDOW {
            return;
        }
        let rate = f64::from(self.taken) / passed.as_secs_f64();
        self.rate = rate as u32;
        self.since = now;
        self.taken = 0;
    }

    /// How long to let packets gather; nothing while they come so slowly that nobody would be served together.
    pub(super) fn wait(&self) -> Option<Duration> {
        if self.rate < GATHER_FROM_RATE {
            return None;
        }
        let full = Duration::from_secs_f64(f64::from(GATHER_PACKETS) / f64::from(self.rate));
        Some(full.min(GATHER_WAIT))
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::Gather;
    use crate::limits::GATHER_WAIT;

    fn at_rate(packets_a_millisecond: usize) -> Gather {
        let begin = Instant::now();
        let mut gather = Gather::starting(begin);
        for millis in 1..=200 {
            gather.note(begin + Duration::from_millis(millis), packets_a_millisecond);
        }
        gather
    }

    #[test]
    fn a_quiet_worker_waits_for_nobody() {
        assert_eq!(Gather::starting(Instant::now()).wait(), None);
        assert_eq!(at_rate(1).wait(), None);
    }

    #[test]
    fn a_busy_worker_waits_no_longer_than_it_must() {
        assert_eq!(at_rate(20).wait(), Some(GATHER_WAIT));
        let wait = at_rate(500).wait().unwrap();
        assert!(wait < GATHER_WAIT, "{wait:?}");
    }

    #[test]
    fn it_stops_waiting_when_the_rush_is_over() {
        let begin = Instant::now();
        let mut gather = Gather::starting(begin);
        gather.note(begin + Duration::from_millis(50), 5000);
        assert!(gather.wait().is_some());
        gather.note(begin + Duration::from_millis(150), 0);
        assert_eq!(gather.wait(), None);
    }
}
