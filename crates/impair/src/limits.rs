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

/// Lines on one machine at a time: each takes four addresses and a process.
pub(crate) const LINES: u8 = 255;

/// Packets that the kernel keeps for the relay, each way: 100 ms at 20,000 packets a second, for the times
/// when the relay does not get the processor.
pub(crate) const KERNEL_QUEUE: u32 = 2_000;

/// The largest packet: IP has sixteen bits for its length (RFC 791 section 3.1).
pub(crate) const PACKET_BYTES: usize = 65_535;

/// What is not late yet: what a frame of video does not notice, and a busy machine can hold.
pub(crate) const PUNCTUAL: Duration = Duration::from_millis(1);

/// Packets taken from one side before those that are due are sent on: less than a millisecond of work.
pub(crate) const BATCH: usize = 64;

/// Orders that wait for the relay, which takes them at once.
pub(crate) const ORDERS: usize = 16;

/// An order's length in bytes. The longest change is a tenth of it.
pub(crate) const ORDER_BYTES: u64 = 4_096;

/// Who may give orders at the same time: a test and somebody who looks on.
pub(crate) const CONTROLLERS: usize = 8;

/// How long a command may take to end when it is asked to.
pub(crate) const COMMAND_GRACE: Duration = Duration::from_secs(5);

/// How long the processes left in a namespace may take to end before they are killed, and how often they are
/// looked for.
pub(crate) const LEFTOVER_GRACE: Duration = Duration::from_secs(2);
/// See [`LEFTOVER_GRACE`].
pub(crate) const LEFTOVER_LOOK: Duration = Duration::from_millis(20);

/// How long a device may take to go after the line that had it, and how often it is tried.
pub(crate) const DEVICE_PATIENCE: Duration = Duration::from_secs(2);
/// See [`DEVICE_PATIENCE`].
pub(crate) const DEVICE_LOOK: Duration = Duration::from_millis(10);
