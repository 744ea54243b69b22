//! The limits of a call, each with its reason.

use std::time::Duration;

use vestibule_congestion::Bitrate;

/// Legs of a call: five people in a consultation (patient, practitioner, companions).
pub const LEGS: usize = 5;

/// Pairs of receive slots of a leg: one audio and one video for each other leg.
pub const PAIRS: usize = LEGS - 1;

/// Receive slots of a leg: the pairs and one for a shared screen.
pub const SLOTS: usize = 2 * PAIRS + 1;

/// Layers of a camera's picture, the smallest first: a quarter, a half and the whole of its width.
pub const LAYERS: usize = 3;

/// Without a packet for this long a layer no longer flows, and whoever watches it is given another. All layers
/// are made of the same pictures, of which even a slow machine makes several in this time.
pub const LAYER_SILENT_AFTER: Duration = Duration::from_secs(1);

/// Over how much time a layer's bitrate is measured: with some pictures in it, and one key frame at most.
pub const METER_SPAN: Duration = Duration::from_secs(1);

/// The least time between two key-frame requests to one track. A key frame costs ten delta frames of
/// bandwidth; more often than this a lossy receiver would take the picture from everybody.
pub const KEY_FRAME_INTERVAL: Duration = Duration::from_millis(300);

/// Silence after which a leg counts as interrupted. Firefox checks consent every four to six
/// seconds (RFC 7675 section 5.1) and may send nothing else while it only listens.
pub const INTERRUPTED_AFTER: Duration = Duration::from_secs(7);

/// Silence after which a leg is closed: browsers give consent up after 30 seconds
/// (RFC 7675 section 5.1), so nobody comes back on this connection.
pub const CLOSED_AFTER: Duration = Duration::from_secs(30);

/// How often it is looked what flows in a call: what people saw of one another is told in minutes.
pub const TALK_SAMPLE: Duration = Duration::from_secs(1);

/// For how long the same flows before it is told: a person asks what is wrong no sooner, and a picture that stops for a
/// moment, or is not there yet, is no telephone call.
pub const FLOW_SETTLED: Duration = Duration::from_secs(3);

/// How often it is told how long people saw and heard one another. What was not told is lost with the process.
pub const TALK_TOLD: Duration = Duration::from_secs(15);

/// Without a packet for this long a screen counts as no longer shared. Browsers repeat a still
/// screen about once a second.
pub const SCREEN_FREE_AFTER: Duration = Duration::from_secs(5);

/// How far back, in packets, a repeated packet is recognised. Older ones are dropped: at 1,000
/// packets a second they are later than any jitter buffer waits.
pub const WINDOW_PACKETS: usize = 1024;

/// The first sequence number on a slot. It must lie below 65,536 or receivers start with the wrong
/// SRTP rollover counter (RFC 3711 section 3.3.1), and far enough up for [`BACKLOG_PACKETS`].
pub const FIRST_SEQUENCE: u64 = 4096;

/// How many packets from before the first one on a fresh slot are still let through when they come late.
pub const BACKLOG_PACKETS: u64 = 128;

/// The longest time between capture and arrival that is believed. A report that says more is broken,
/// or its sender's clock was set.
pub const CAPTURE_DELAY: Duration = Duration::from_secs(10);

/// How many numbers a slot leaves out at most between two packets that are sent. Further back no receiver asks for what
/// it lacks, and a key frame has fewer packets; and hundreds of packets in a row, each with such a gap, may be lost
/// before a receiver guesses the upper half of a number wrongly. Only where a slot is paused more are left out
/// ([`SKIPPED_PACKETS`]).
pub const GAP_PACKETS: u64 = 128;

/// How far a slot's numbers jump so that a receiver asks for nothing before them any more: libwebrtc keeps 1,000 packets in
/// mind that it lacks, and when there are more it forgets them all.
pub const SKIPPED_PACKETS: u64 = 1_024;

/// How soon it is told so again, where it still asks: the packet that told it may be lost, or the request be older.
pub const SKIPS_APART: Duration = Duration::from_millis(100);

/// What a client would be sent on a line without limits for each picture: a camera or a screen at its best, and some
/// room for what is sent again.
pub const WANTED: Bitrate = Bitrate::kbps(1700);

/// A voice with its headers: 40 kbit/s in 50 packets a second.
pub const VOICE: Bitrate = Bitrate::kbps(67);

/// The headers alone: 68 octets of IP, UDP, RTP and its extensions, and SRTP's tag.
pub const VOICE_HEADERS: Bitrate = Bitrate::kbps(27);

/// What a browser leaves a voice of little that it may send at most: 24 kbit/s, without headers.
pub const VOICE_ALONE: Bitrate = Bitrate::kbps(24);

/// What is added for a voice to what a publisher may send of pictures, as a part of it: a voice at its best beside a picture of
/// 270 kbit/s, and never less than [`VOICE_ALONE`].
pub const VOICE_PART: f64 = 0.25;

/// What a browser makes a picture of at least, however little it may send: stopping it would not make it smaller.
pub const LEAST_PICTURE: Bitrate = Bitrate::kbps(30);

/// What the layers of a camera take at their best, as the pages set it, the smallest first.
pub const LAYER_BITRATES: [Bitrate; LAYERS] =
    [Bitrate::kbps(120), Bitrate::kbps(400), Bitrate::kbps(1200)];

/// The part of what a line takes of pictures that a shared screen may take whatever cameras others have: they make room for it.
pub const SCREEN_PART: f64 = 0.5;
