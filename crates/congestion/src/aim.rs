//! What a publisher is to send for all who watch its track.

use crate::Bitrate;
use crate::limits::LAYERS;

/// What a publisher is to do for all who watch its track.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Aim {
    /// The layers that somebody gets or is about to get; the others are to be stopped.
    pub layers: [bool; LAYERS],
    /// What all layers together may take, for a bitrate limit (REMB, draft-alvestrand-rmcat-remb-03).
    pub bitrate: Bitrate,
}

/// What one receiver of a track can take.
#[derive(Clone, Copy, Debug)]
pub struct Demand {
    /// What it gets.
    pub layer: Option<u8>,
    /// What it would get soon.
    pub desired: Option<u8>,
    /// What its line has for this track.
    pub room: Bitrate,
}

/// What a publisher is to aim at: the largest layer that is needed may take what the best line has for it,
/// the smaller ones that are needed take what they take.
#[must_use]
pub fn aim(bitrates: &[Option<Bitrate>; LAYERS], demands: impl IntoIterator<Item = Demand>) -> Aim {
    let mut aim = Aim::default();
    let mut room = Bitrate::ZERO;
    for demand in demands {
        for layer in [demand.layer, demand.desired].into_iter().flatten() {
            if let Some(needed) = aim.layers.get_mut(usize::from(layer)) {
                *needed = true;
                room = room.max(demand.room);
            }
        }
    }
    let needed = || {
        aim.layers
            .iter()
            .zip(bitrates)
            .filter(|(needed, _)| **needed)
    };
    let smaller = needed().count().saturating_sub(1);
    let below = needed()
        .take(smaller)
        .filter_map(|(_, bitrate)| *bitrate)
        .fold(Bitrate::ZERO, Bitrate::plus);
    aim.bitrate = room.plus(below);
    aim
}
