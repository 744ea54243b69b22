//! Time from outside: the system's clock, or one that a test moves by hand.

use std::future::Future;
use std::pin::Pin;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::sync::watch;
use vestibule_vocab::{Millis, Timestamp};

/// A wait that ends at a moment of a [`Clock`].
pub type Sleep = Pin<Box<dyn Future<Output = ()> + Send>>;

/// What tells the time. Everything that the machines are told comes from here.
pub trait Clock: Send + Sync + 'static {
    /// The present moment.
    fn now(&self) -> Timestamp;

    /// Waits until the clock shows at least `moment`.
    fn sleep_until(&self, moment: Timestamp) -> Sleep;
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
}

/// A clock that stands still until it is moved.
#[derive(Clone, Debug)]
pub struct ManualClock {
    now: watch::Sender<Timestamp>,
}

impl ManualClock {
    /// A clock that shows `start`.
    #[must_use]
    pub fn new(start: Timestamp) -> Self {
        Self {
            now: watch::Sender::new(start),
        }
    }

    /// Moves the clock forward and wakes whoever waited for that.
    pub fn advance(&self, by: Millis) {
        self.now.send_modify(|now| *now = now.plus(by));
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        *self.now.borrow()
    }

    fn sleep_until(&self, moment: Timestamp) -> Sleep {
        let mut now = self.now.subscribe();
        Box::pin(async move {
            // The sender lives in a clock that the server holds; without one nobody waits any more.
            let _ = now.wait_for(|now| *now >= moment).await;
        })
    }
}
