//! What a publisher may send, for all who receive it.

use vestibule_congestion::limits::MAX_BITRATE;
use vestibule_congestion::{Aim, Bitrate, aim};

use super::Allotment;
use super::voices::{share_of_voice, voice_of};
use crate::limits::LAYER_BITRATES;
use crate::{Call, Moment, Seat};

/// What a publisher is to send at most, its voice included, for all these receivers. Where nobody looks there is no
/// limit: it would have to be found out anew what the publisher's line takes when somebody does.
pub fn most_for<'a>(
    now: Moment,
    call: &Call,
    publisher: Seat,
    receivers: impl IntoIterator<Item = (Seat, &'a Allotment)>,
) -> Bitrate {
    let shares = receivers
        .into_iter()
        .filter_map(|(seat, allotment)| allotment.share(call, seat, publisher));
    let mut shares = shares.peekable();
    if shares.peek().is_none() {
        return MAX_BITRATE;
    }
    let mut screen = Bitrate::ZERO;
    let cameras = shares.map(|share| {
        screen = screen.max(share.screen);
        share.camera
    });
    let Aim { bitrate, .. } = aim(&LAYER_BITRATES.map(Some), cameras);
    let bitrate = bitrate.max(screen);
    let voice = voice_of(call, now, publisher);
    bitrate.plus(share_of_voice(bitrate, voice))
}
