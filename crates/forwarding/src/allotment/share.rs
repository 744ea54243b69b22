//! What one receiver can take of one publisher's pictures.

use vestibule_congestion::limits::UP_MARGIN;
use vestibule_congestion::{Bitrate, Demand};

use super::Allotment;
use super::places::watched;
use crate::limits::SCREEN_PART;
use crate::{Call, Seat, Slot, Source};

/// What a receiver can take of one publisher's pictures.
#[derive(Clone, Copy, Debug)]
pub(super) struct Share {
    /// Of the camera, and of the screen with it.
    pub(super) camera: Demand,
    /// The same for the sake of the screen, which may come without the camera.
    pub(super) screen: Bitrate,
}

impl Allotment {
    /// What the receiver can take of a publisher's pictures; `None` where it looks at none.
    pub(super) fn share(&self, call: &Call, seat: Seat, publisher: Seat) -> Option<Share> {
        let camera = self.place_of(call, seat, (publisher, Source::Camera));
        let screen = self.place_of(call, seat, (publisher, Source::Screen));
        if camera.is_none() && screen.is_none() {
            return None;
        }
        let layers = self.allocation.layers();
        let taken = self.looked.taken_by_others(publisher, layers);
        let room = self.room().minus(taken);
        let (layer, desired) = match camera {
            // One layer is sent at a time, beside a screen as well.
            Some((place, _)) if self.looked.is_alone() => {
                (Some(self.looked.alone(place, self.small)), None)
            }
            Some((place, _)) if self.looked.is_of_one() => {
                (self.layer(place).max(self.desired(place)), None)
            }
            Some((place, slot)) => (call.layer(seat, slot), self.desired(place)),
            None => (None, None),
        };
        let camera = Demand {
            layer,
            desired,
            room,
        };
        let screen = screen.map(|(place, _)| self.share_of_screen(place, room));
        Some(Share {
            camera,
            screen: screen.unwrap_or_default(),
        })
    }

    /// What is allotted to a place among several.
    pub(super) fn layer(&self, place: usize) -> Option<u8> {
        self.allocation.layers().get(place).copied().flatten()
    }

    fn desired(&self, place: usize) -> Option<u8> {
        self.allocation.desired().get(place).copied().flatten()
    }

    /// What the receiver can take of a screen where others' cameras leave so much room. Cameras make room for it. Beside them
    /// it is stopped as soon as it is too much, and given again when it fits with its margin, so it is never told more.
    fn share_of_screen(&self, place: usize, left: Bitrate) -> Bitrate {
        if self.looked.is_of_one() {
            return left;
        }
        let all = self.room();
        let most = match self.layer(place) {
            Some(_) => left.max(all.times(SCREEN_PART)),
            None => all,
        };
        most.times(1.0 / UP_MARGIN)
    }

    /// Where a track is looked at.
    fn place_of(&self, call: &Call, seat: Seat, track: (Seat, Source)) -> Option<(usize, Slot)> {
        let mut places = watched();
        let place = places.find(|(_, slot)| call.track_of(seat, *slot) == Some(track));
        place.filter(|(place, _)| self.useful.is_seen(*place))
    }
}
