//! What a publisher may send, for all who receive it.

use vestibule_congestion::limits::MAX_BITRATE;
use vestibule_congestion::{Aim, Bitrate, aim};

use super::Allotment;
use super::voices::{share_of_voice, voice_of};
use crate::limits::LAYER_BITRATES;
use crate::{Call, Moment, Seat};

/// What a publisher is to send at most, its voice included, for all these receivers; of whom nothing is known of their line
/// come without a share.
///
/// Where nobody looks, or a line is not known, there is no limit: a browser that was told less would take seconds to find
/// out that it may send more, when somebody looks or a page that was loaded anew is back.
pub fn most_for<'a, R>(now: Moment, call: &Call, publisher: Seat, receivers: R) -> Bitrate
where
    R: IntoIterator<Item = (Seat, Option<&'a Allotment>)>,
    R::IntoIter: Clone,
{
    let receivers = receivers.into_iter();
    if receivers.clone().any(|(_, allotment)| allotment.is_none()) {
        return MAX_BITRATE;
    }
    let shares = receivers.filter_map(|(seat, allotment)| allotment?.share(call, seat, publisher));
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
