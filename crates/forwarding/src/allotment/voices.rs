//! What voices take, of a receiver's line and of what a publisher may send.

use vestibule_congestion::Bitrate;

use crate::limits::{VOICE, VOICE_ALONE, VOICE_HEADERS, VOICE_PART};
use crate::{Call, Moment, Seat, Source};

/// What somebody's voice takes, with its headers: as much as it does with redundancy, and whoever is silent may speak at any
/// time.
pub(super) fn voice_of(call: &Call, now: Moment, publisher: Seat) -> Bitrate {
    let comes = call.bitrates(now, publisher, Source::Microphone);
    let comes = comes.into_iter().flatten().map(Bitrate::bps).max();
    let sealed = comes.map(|bare| bare.plus(VOICE_HEADERS));
    sealed.unwrap_or_default().max(VOICE)
}

/// What is added for the voice to what a publisher may send of pictures. Where that is little a browser leaves its voice what
/// Opus takes without headers and redundancy, and fills the rest with pictures: it is told no more than that.
pub(super) fn share_of_voice(pictures: Bitrate, voice: Bitrate) -> Bitrate {
    let share = pictures.times(VOICE_PART);
    share.max(VOICE_ALONE).min(voice)
}
