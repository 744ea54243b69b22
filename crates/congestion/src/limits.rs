//! The limits of a line, each with its reason.

use std::time::Duration;

use crate::Bitrate;

/// Packets that wait for feedback. A line of 9 Mbit/s carries 1,000 packets of 1,100 bytes a second, so
/// this is one second there: a round trip of half a second and a lost feedback. Eight bytes each.
pub const SENT_PACKETS: usize = 1024;

/// How long a packet waits for feedback. Later it says nothing about the line any more.
pub const SENT_TIME: Duration = Duration::from_secs(10);

/// The least target. A voice of 24 kbit/s with its headers fits; below it there is no consultation to save.
pub const MIN_BITRATE: Bitrate = Bitrate::kbps(40);

/// The first target, as browsers have it: a small picture and a voice, on a line that is not known.
pub const START_BITRATE: Bitrate = Bitrate::kbps(300);

/// The most that one receiver is sent: four cameras and a screen at their best.
pub const MAX_BITRATE: Bitrate = Bitrate::kbps(12_000);

/// How many packets of a later departure time must be known before a missing one counts as lost is told by
/// time: a packet that is overtaken by this much is lost. Above the jitter of a bad radio line.
pub const REORDERING: Duration = Duration::from_millis(100);

/// Without feedback for this long and two round trips, nothing is believed to arrive. Receivers report at
/// least four times a second.
pub const SILENCE: Duration = Duration::from_millis(750);

/// How often the target is lowered in silence.
pub const SILENCE_STEP: Duration = Duration::from_millis(500);

/// Part of the target that is left by each step: a silence of five seconds leaves a twentieth.
pub const SILENCE_FACTOR: f64 = 0.7;

/// No target is more than doubled in a second, whatever a receiver says, except by a probe that was
/// really sent at that rate.
pub const GROWTH_A_SECOND: f64 = 2.0;
