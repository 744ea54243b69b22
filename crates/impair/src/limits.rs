//! The limits of a line and of the program around it, each with its reason.

use std::time::Duration;

/// The longest delay, jitter or hold. A line to Mars is out of scope, and what is under way takes memory.
pub const DELAY: Duration = Duration::from_secs(60);

/// The longest wait in a queue, when its limit is a time. Nothing that talks in real time waits longer.
pub const QUEUE: Duration = Duration::from_secs(60);

/// The largest queue, when its limit is in bytes.
pub const QUEUE_BYTES: u64 = 64 * 1024 * 1024;

/// The rates that a line can have, in bits per second. Below the first one packet takes 12 seconds; the relay
/// carries nothing near the second.
pub const RATE: std::ops::RangeInclusive<u64> = 1_000..=100_000_000_000;

/// The longest blackout that ends by itself, and the latest step of a schedule.
pub const SCHEDULE: Duration = Duration::from_secs(24 * 60 * 60);

/// Steps of a schedule: one a second for more than a quarter of an hour.
pub const STEPS: usize = 1_024;

/// Packets of one direction that wait or are under way: two seconds at 30,000 packets a second.
pub const PACKETS_UNDER_WAY: usize = 65_536;

/// Bytes of one direction that wait or are under way: five seconds at 100 Mbit/s.
pub const BYTES_UNDER_WAY: u64 = 64 * 1024 * 1024;

/// How long a queue lasts when a rate is given and no queue: the buffer of a usual access router.
pub const DEFAULT_QUEUE: Duration = Duration::from_millis(200);

/// How long a reordered packet is held back when nothing else is said: several packets of a video.
pub const DEFAULT_HOLD: Duration = Duration::from_millis(20);
