//! What of one track can be had, and for how much.

use vestibule_congestion::{Bitrate, Wish};

use super::places::SMALL;
use crate::Source;
use crate::limits::{LAYER_BITRATES, LAYERS};

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

/// What a receiver to whom so many layers are of use can have of a track, of which this comes now. A screen comes before
/// cameras.
pub(super) fn wish_for(
    source: Source,
    camera: Camera,
    useful: u8,
    come: [Option<u64>; LAYERS],
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
            several(layers, come)
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

/// A layer that does not come just now takes what it takes when it does.
fn several(count: usize, come: [Option<u64>; LAYERS]) -> [Option<Bitrate>; LAYERS] {
    let mut layers = [None; LAYERS];
    let known = come.into_iter().zip(LAYER_BITRATES).take(count);
    for (layer, (comes, expected)) in layers.iter_mut().zip(known) {
        *layer = Some(comes.map_or(expected, Bitrate::bps));
    }
    layers
}
