//! Whether a worker keeps up with what comes. One that does not sends nothing again and asks for nothing again: what
//! its own socket lost would be asked for by everybody, and to serve that leaves even less time for what is new.

use std::time::Instant;

use crate::limits::BEHIND_FOR;

#[derive(Debug, Default)]
pub(super) struct Backlog {
    /// Since when there was always more to take.
    since: Option<Instant>,
    behind: bool,
}

impl Backlog {
    /// Takes note of a wake, and whether it left anything untaken; whether the worker falls behind with it.
    pub(super) fn note(&mut self, now: Instant, left: bool) -> bool {
        self.since = left.then(|| self.since.unwrap_or(now));
        let long = |since| now.saturating_duration_since(since) >= BEHIND_FOR;
        let before = std::mem::replace(&mut self.behind, self.since.is_some_and(long));
        self.behind && !before
    }

    /// Whether the worker has been behind for so long that only new packets count.
    pub(super) fn is_behind(&self) -> bool {
        self.behind
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::Backlog;
    use crate::limits::BEHIND_FOR;

    #[test]
    fn a_worker_that_never_gets_to_the_end_is_behind_and_one_that_does_is_not() {
        let begin = Instant::now();
        let at = |part: u32| begin + BEHIND_FOR * part / 4;
        let mut backlog = Backlog::default();
        let fell = (0..=3).map(|part| backlog.note(at(part), true));
        assert_eq!(fell.collect::<Vec<_>>(), [false; 4]);
        assert!(!backlog.is_behind());
        assert!(backlog.note(at(4), true));
        assert!(backlog.is_behind());
        assert!(!backlog.note(at(5), true), "it is told once");
        assert!(!backlog.note(at(6), false));
        assert!(!backlog.is_behind());
    }

    #[test]
    fn a_burst_is_no_backlog() {
        let begin = Instant::now();
        let mut backlog = Backlog::default();
        for wake in 0..1000 {
            backlog.note(begin + Duration::from_millis(wake), wake % 10 != 0);
        }
        assert!(!backlog.is_behind());
    }
}
