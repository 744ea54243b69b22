//! Time from outside: the system's clock, or one that a test moves by hand.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use tokio::sync::watch;
use vestibule_vocab::{Millis, Timestamp};

use crate::limits;

/// A wait that ends at a moment of a [`Clock`].
pub type Sleep = Pin<Box<dyn Future<Output = ()> + Send>>;

/// What tells the time. Everything that the machines are told comes from here.
pub trait Clock: Send + Sync + 'static {
    /// The present moment.
    fn now(&self) -> Timestamp;

    /// Waits until the clock shows at least `moment`.
    fn sleep_until(&self, moment: Timestamp) -> Sleep;

    /// The present moment, and by how many milliseconds in all the clock was set forward since it is watched, or back: so
    /// much more it shows than has passed.
    fn look(&self) -> (Timestamp, i64);
}

/// The longest that the system's clock is trusted to run evenly: it may be set forward while
/// somebody waits.
const LONGEST_NAP: Millis = Millis::from_secs(5);

/// The system's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        let since_epoch = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        Timestamp(u64::try_from(since_epoch.as_millis()).unwrap_or(u64::MAX))
    }

    fn sleep_until(&self, moment: Timestamp) -> Sleep {
        let clock = *self;
        Box::pin(async move {
            while clock.now() < moment {
                let nap = moment.since(clock.now()).min(LONGEST_NAP);
                tokio::time::sleep(Duration::from_millis(nap.0.max(1))).await;
            }
        })
    }

    /// Nobody watches it: it is not known when it is set.
    fn look(&self) -> (Timestamp, i64) {
        (self.now(), 0)
    }
}

/// The system's clock, held against another one that only runs, and stands still while the machine sleeps: so it is seen
/// when it is set.
#[derive(Clone, Debug)]
pub struct WatchedClock {
    began: Instant,
    steps: Arc<Mutex<Steps>>,
}

impl WatchedClock {
    /// Begins to watch.
    #[must_use]
    pub fn new() -> Self {
        Self {
            began: Instant::now(),
            steps: Arc::new(Mutex::new(Steps::from(SystemClock.now(), Millis(0)))),
        }
    }

    /// What both clocks show at the same moment; `None` when this was held up between the two.
    fn both(&self) -> Option<(Timestamp, Millis)> {
        let before = self.began.elapsed();
        let now = SystemClock.now();
        let after = self.began.elapsed();
        let ran = Millis(u64::try_from(after.as_millis()).unwrap_or(u64::MAX));
        (after.saturating_sub(before) < limits::CLOCK_LOOK).then_some((now, ran))
    }
}

impl Default for WatchedClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for WatchedClock {
    fn now(&self) -> Timestamp {
        SystemClock.now()
    }

    fn sleep_until(&self, moment: Timestamp) -> Sleep {
        SystemClock.sleep_until(moment)
    }

    fn look(&self) -> (Timestamp, i64) {
        let mut steps = self.steps.lock().unwrap_or_else(PoisonError::into_inner);
        let both = (0..limits::CLOCK_LOOKS).find_map(|_| self.both());
        let Some((now, ran)) = both else {
            return (SystemClock.now(), steps.ahead);
        };
        steps.see(now, ran);
        (now, steps.ahead)
    }
}

/// The steps of a clock, as they show beside one that only runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Steps {
    /// What the clock showed when the other one began to run.
    beginning: i64,
    /// By how much more it has shown since then than had passed.
    ahead: i64,
}

impl Steps {
    fn from(now: Timestamp, ran: Millis) -> Self {
        Self {
            beginning: signed(now.0).saturating_sub(signed(ran.0)),
            ahead: 0,
        }
    }

    /// The clock shows `now` when the other one has run for so long. Small differences add up until they are a step.
    fn see(&mut self, now: Timestamp, ran: Millis) {
        let beginning = Self::from(now, ran).beginning;
        let by = beginning.saturating_sub(self.beginning);
        if by.unsigned_abs() < limits::CLOCK_STEP.0 {
            return;
        }
        self.beginning = beginning;
        self.ahead = self.ahead.saturating_add(by);
    }
}

fn signed(time: u64) -> i64 {
    i64::try_from(time).unwrap_or(i64::MAX)
}

/// A clock that stands still until it is moved.
#[derive(Clone, Debug)]
pub struct ManualClock {
    /// What it shows, and by how much it was set forward.
    now: watch::Sender<(Timestamp, i64)>,
}

impl ManualClock {
    /// A clock that shows `start`.
    #[must_use]
    pub fn new(start: Timestamp) -> Self {
        Self {
            now: watch::Sender::new((start, 0)),
        }
    }

    /// Moves the clock forward and wakes whoever waited for that.
    pub fn advance(&self, by: Millis) {
        self.now.send_modify(|(now, _)| *now = now.plus(by));
    }

    /// Sets the clock forward, although no time passes.
    pub fn set_forward(&self, by: Millis) {
        self.now.send_modify(|(now, ahead)| {
            *now = now.plus(by);
            *ahead = ahead.saturating_add(signed(by.0));
        });
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        self.look().0
    }

    fn look(&self) -> (Timestamp, i64) {
        *self.now.borrow()
    }

    fn sleep_until(&self, moment: Timestamp) -> Sleep {
        let mut now = self.now.subscribe();
        Box::pin(async move {
            // The sender lives in a clock that the server holds; without one nobody waits any more.
            let _ = now.wait_for(|(now, _)| *now >= moment).await;
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BEGINNING: Timestamp = Timestamp(1_800_000_000_000);
    const MINUTE: u64 = 60_000;

    fn steps() -> Steps {
        Steps::from(BEGINNING, Millis(0))
    }

    /// Both clocks ran for so long, and the first was set forward, or back, by so much.
    fn seen(steps: &mut Steps, ran: u64, set: i64) -> i64 {
        let shown = BEGINNING.0.saturating_add(ran).saturating_add_signed(set);
        steps.see(Timestamp(shown), Millis(ran));
        steps.ahead
    }

    #[test]
    fn a_clock_that_runs_is_not_taken_for_one_that_is_set() {
        let mut steps = steps();
        for ran in [0, 1, 5_000, 600 * MINUTE] {
            assert_eq!(seen(&mut steps, ran, 0), 0);
        }
    }

    #[test]
    fn a_step_forward_is_seen_once_and_one_more_adds_to_it() {
        let mut steps = steps();
        let twenty = 20 * 60_000;
        assert_eq!(seen(&mut steps, MINUTE, 20 * 60_000), twenty);
        assert_eq!(seen(&mut steps, 2 * MINUTE, 20 * 60_000), twenty);
        assert_eq!(seen(&mut steps, 3 * MINUTE, 21 * 60_000), twenty + 60_000);
    }

    #[test]
    fn small_differences_add_up_until_they_are_a_step() {
        let mut steps = steps();
        assert_eq!(seen(&mut steps, MINUTE, 600), 0);
        assert_eq!(seen(&mut steps, 2 * MINUTE, 1_200), 1_200);
    }

    #[test]
    fn a_clock_that_is_set_back_and_right_again_shows_what_has_passed() {
        let mut steps = steps();
        assert_eq!(seen(&mut steps, MINUTE, -20 * 60_000), -20 * 60_000);
        assert_eq!(seen(&mut steps, 2 * MINUTE, 0), 0);
    }

    #[test]
    fn both_clocks_are_looked_at_in_the_same_moment() {
        let clock = WatchedClock::new();
        let (shown, ran) = (0..1_000).find_map(|_| clock.both()).unwrap_or_default();
        assert!(shown > Timestamp(0) && ran < Millis(MINUTE));
    }
}
