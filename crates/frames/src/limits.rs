//! The limits of frames and their keys, each with its reason.

use std::time::Duration;

/// Counters remembered per key: 20 s of sound at 50 packets a second, far more than is ever in flight.
pub(crate) const REPLAY_WINDOW: usize = 1024;

/// Frames sealed under one key: AES-GCM stays far below its bounds, and a consultation of days fits.
pub(crate) const FRAMES_PER_KEY: u64 = 1 << 32;

/// Bytes of one frame: a key frame of 720p at the highest rate is a tenth of it.
pub(crate) const FRAME_BYTES: usize = 1024 * 1024;

/// How long frames of an earlier epoch are still opened: what is in flight when keys change.
pub(crate) const OLD_KEYS: Duration = Duration::from_secs(10);
