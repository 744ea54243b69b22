//! What of one track can be had, and for how much.

use vestibule_congestion::{Bitrate, Wish};

use super::places::SMALL;
use crate::limits::{LAYER_BITRATES, LAYERS};
use crate::{Layers, Source};

/// What is known of somebody's camera.
#[derive(Clone, Copy, Debug, Default)]
pub struct Camera {
    /// How many layers it comes in.
    pub layers: usize,
    /// Its publisher's line takes the smallest alone.
    pub small: bool,
}

impl Camera {
    /// How many layers of a track there are.
    pub(super) fn layers_of(self, source: Source) -> usize {
        match source {
            Source::Camera => self.layers,
            Source::Microphone | Source::Screen => 1,
        }
    }

    /// Whether a track comes small, as its publisher's line takes no more.
    pub(super) fn is_narrow(self, source: Source) -> bool {
        source == Source::Camera && self.small
    }
}

/// What a receiver to whom so many layers are of use can have of a track, of which this comes now, and which of a camera's
/// layers anybody is to get. A screen comes before cameras.
pub(super) fn wish_for(
    (source, camera): (Source, Camera),
    useful: u8,
    come: [Option<u64>; LAYERS],
    wanted: Layers,
) -> Wish {
    let layers = camera.layers_of(source).clamp(1, LAYERS);
    let there = u8::try_from(layers).unwrap_or(1);
    let most = if camera.is_narrow(source) {
        SMALL + 1
    } else {
        LAYERS as u8
    };
    Wish {
        priority: u8::from(source == Source::Camera),
        layers: if layers > 1 {
            several(layers, come, wanted)
        } else {
            single(come)
        },
        useful: there.min(useful).min(most),
    }
}

/// Whatever comes of a track that has one layer.
fn single(come: [Option<u64>; LAYERS]) -> [Option<Bitrate>; LAYERS] {
    let comes = come.into_iter().flatten().map(Bitrate::bps).max();
    let mut layers = [None; LAYERS];
    let [first, ..] = &mut layers;
    *first = Some(comes.unwrap_or_default());
    layers
}

/// A layer that does not come just now takes what it takes when it does, and so does one that nobody is to get: it is about to
/// stop, and less and less is measured of it until it is known to have.
fn several(count: usize, come: [Option<u64>; LAYERS], wanted: Layers) -> [Option<Bitrate>; LAYERS] {
    // The highest stands for those above it.
    let highest = u8::try_from(count).unwrap_or(1).saturating_sub(1);
    let wanted: Layers = wanted.iter().map(|layer| layer.min(highest)).collect();
    let mut layers = [None; LAYERS];
    let known = come.into_iter().zip(LAYER_BITRATES).zip(0..=highest);
    for (place, ((comes, expected), layer)) in layers.iter_mut().zip(known) {
        *place = Some(match comes.map(Bitrate::bps) {
            Some(comes) if wanted.contains(layer) => comes,
            Some(comes) => comes.max(expected),
            None => expected,
        });
    }
    layers
}
