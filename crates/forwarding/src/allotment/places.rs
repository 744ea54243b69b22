//! The places where a receiver sees pictures, and how much of each is of use to it.

use vestibule_congestion::limits::TRACKS;

use crate::Slot;
use crate::layers::TOP;
use crate::limits::{LAYERS, PAIRS};

/// The layer of a picture that is alone: as large as there is, its publisher aims at what the line takes. On a line that
/// broke down it is the smallest for a while.
pub(super) const WHOLE: u8 = TOP;
pub(super) const SMALL: u8 = 0;

/// The slots that show pictures, the cameras' first, and the place of each.
pub(super) fn watched() -> impl Iterator<Item = (usize, Slot)> {
    let cameras = (0..PAIRS).filter_map(Slot::video);
    cameras.chain([Slot::SCREEN]).enumerate()
}

/// How many layers of each picture are of use to the receiver, the smallest first.
#[derive(Clone, Copy, Debug)]
pub(super) struct Useful([u8; TRACKS]);

impl Default for Useful {
    fn default() -> Self {
        Self([LAYERS as u8; TRACKS])
    }
}

impl Useful {
    /// As a receiver told them; of a slot that it did not tell of, all are.
    pub(super) fn told(layers_of: impl Fn(Slot) -> Option<u8>) -> Self {
        let Self(mut useful) = Self::default();
        for (useful, (_, slot)) in useful.iter_mut().zip(watched()) {
            *useful = layers_of(slot).unwrap_or(*useful);
        }
        Self(useful)
    }

    pub(super) fn of(self, place: usize) -> u8 {
        self.0.get(place).copied().unwrap_or_default()
    }

    /// Whether the receiver looks there at all.
    pub(super) fn is_seen(self, place: usize) -> bool {
        self.of(place) > 0
    }
}
