//! The limits of a line, each with its reason.

use std::time::Duration;

use crate::Bitrate;

/// The most packets that wait for feedback, a power of two. A line of 4 Mbit/s, which is three cameras at their best,
/// carries 450 packets of 1,100 bytes a second, so this is more than one second there: a round trip of half a second and
/// a lost feedback. Eight bytes each.
pub const SENT_PACKETS: usize = 512;

/// There is room for so many at first, a power of two: 0.6 seconds of a camera with its sound.
pub const SENT_PACKETS_FIRST: usize = 128;

/// There is made more room, up to [`SENT_PACKETS`], where a packet would be forgotten sooner: a round trip of half a second
/// and a lost feedback.
pub const SENT_SURELY: Duration = Duration::from_secs(1);

/// How long a packet waits for feedback. Later it says nothing about the line any more.
pub const SENT_TIME: Duration = Duration::from_secs(10);

/// The least target. A voice of 24 kbit/s with its headers fits; below it there is no consultation to save.
pub const MIN_BITRATE: Bitrate = Bitrate::kbps(40);

/// The first target, as browsers have it: a small picture and a voice, on a line that is not known.
pub const START_BITRATE: Bitrate = Bitrate::kbps(300);

/// The most that one receiver is sent: four cameras and a screen at their best.
pub const MAX_BITRATE: Bitrate = Bitrate::kbps(12_000);

/// A missing packet counts as lost once one arrived that left this much later. Above the jitter of a bad
/// radio line, so that what is only late is not lost.
pub const REORDERING: Duration = Duration::from_millis(100);

/// Without feedback for this long and two round trips, nothing is believed to arrive. Receivers report at
/// least four times a second.
pub const SILENCE: Duration = Duration::from_millis(750);

/// How often the target is lowered in silence.
pub const SILENCE_STEP: Duration = Duration::from_millis(500);

/// Part of the target that is left by each step: a silence of five seconds leaves a twentieth.
pub const SILENCE_FACTOR: f64 = 0.7;

/// Growth of a target in a second at most, whatever a receiver says, except by a probe that was really
/// sent at that rate; and for how long a pause between two feedbacks counts as time to grow. Together no
/// second sees it more than doubled: 1.74 to the power of 1.25 is 2.
pub const GROWTH_A_SECOND: f64 = 1.74;
/// See [`GROWTH_A_SECOND`].
pub const GROWTH_PAUSE: Duration = Duration::from_millis(250);

/// Picture is paced at this many times the target, so that a frame is through well before the next one.
pub const PACING_FACTOR: f64 = 2.5;

/// What the line takes in this time at the pacing rate leaves at once: shorter waits cost more in
/// wake-ups than they spare in queues.
pub const PACED_BURST: Duration = Duration::from_millis(8);

/// The same while the target is well above what is sent: a whole frame of 30 a second at that rate.
pub const PASSING_BURST: Duration = Duration::from_millis(24);

/// A target this many times what is sent is well above it.
pub const PASSING_HEADROOM: f64 = 1.15;

/// What waits is sent this much after it could: several packets in a wake-up instead of one.
pub const PACING_WAKE: Duration = Duration::from_millis(4);

/// Nothing waits longer: older picture is worth less than the next frame.
pub const PACED_TIME: Duration = Duration::from_millis(250);

/// Video tracks that one receiver watches: four others' cameras and a screen.
pub const TRACKS: usize = 5;

/// Layers of a track.
pub const LAYERS: usize = 3;

/// A layer must have been affordable for this long before it is switched to. A switch costs a key frame,
/// and a picture that comes and goes is worse than a steady small one.
pub const UP_AFTER: Duration = Duration::from_millis(1_500);

/// After a layer was left again soon, it must be affordable for so many times as long, up to the second:
/// on a line that is just at a layer's edge the picture then changes less than four times a minute.
pub const UP_AFTER_FACTOR: u32 = 4;
/// See [`UP_AFTER_FACTOR`].
pub const UP_AFTER_MOST: Duration = Duration::from_secs(24);

/// How soon is soon.
pub const LEFT_SOON: Duration = Duration::from_secs(30);

/// What a layer must be affordable with, beside its bitrate: encoders are uneven, and targets too.
pub const UP_MARGIN: f64 = 1.15;

/// With this many times the room that a layer takes, it is no layer at the edge: [`UP_AFTER`] of it is enough.
pub const UP_GENEROUS: f64 = 1.4;
