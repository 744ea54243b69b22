//! When a process that nobody steers ends by itself.

use std::time::Instant;

use crate::limits::{ORPHAN, ORPHAN_IDLE};

/// Since when there is no link, and since when no peer was connected.
#[derive(Clone, Copy, Debug)]
pub(super) struct Orphan {
    unlinked: Instant,
    idle: Instant,
}

impl Orphan {
    pub(super) fn new(now: Instant) -> Self {
        Self {
            unlinked: now,
            idle: now,
        }
    }

    /// There is a link.
    pub(super) fn linked(&mut self, now: Instant) {
        self.unlinked = now;
    }

    /// Somebody is connected.
    pub(super) fn busy(&mut self, now: Instant) {
        self.idle = now;
    }

    /// Whether nobody will come any more.
    pub(super) fn is_forsaken(&self, now: Instant) -> bool {
        let unlinked = now.saturating_duration_since(self.unlinked);
        let idle = now.saturating_duration_since(self.idle);
        unlinked >= ORPHAN || unlinked.min(idle) >= ORPHAN_IDLE
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::Orphan;
    use crate::limits::{ORPHAN, ORPHAN_IDLE};

    const TICK: Duration = Duration::from_millis(1);

    #[test]
    fn without_a_link_an_idle_process_ends_soon_and_a_busy_one_later() {
        let begin = Instant::now();
        let mut orphan = Orphan::new(begin);
        assert!(!orphan.is_forsaken(begin + ORPHAN_IDLE - TICK));
        assert!(orphan.is_forsaken(begin + ORPHAN_IDLE));
        orphan.busy(begin + ORPHAN - TICK);
        assert!(!orphan.is_forsaken(begin + ORPHAN - TICK));
        assert!(orphan.is_forsaken(begin + ORPHAN));
    }

    #[test]
    fn a_link_keeps_an_idle_process_alive_and_its_loss_begins_the_wait() {
        let begin = Instant::now();
        let mut orphan = Orphan::new(begin);
        let lost = begin + 10 * ORPHAN;
        orphan.linked(lost);
        assert!(!orphan.is_forsaken(lost + ORPHAN_IDLE - TICK));
        assert!(orphan.is_forsaken(lost + ORPHAN_IDLE));
    }
}
