//! The server's clock, which the lines of a chat are dated by.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use vestibule_vocab::Timestamp;

/// As it was read at the last welcome.
#[derive(Default)]
pub(super) struct ServerClock {
    /// The server's time minus ours, in milliseconds.
    offset: f64,
}

impl ServerClock {
    pub(super) fn set(&mut self, server_time: Timestamp) {
        self.offset = milliseconds(server_time.0) - own_time();
    }

    /// In milliseconds since 1970.
    pub(super) fn now(&self) -> f64 {
        own_time() + self.offset
    }
}

fn own_time() -> f64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.unwrap_or(Duration::ZERO).as_secs_f64() * 1000.0
}

#[expect(
    clippy::cast_precision_loss,
    reason = "milliseconds fit a float for 285,000 years"
)]
fn milliseconds(time: u64) -> f64 {
    time as f64
}
