//! What one receiver can take of one publisher's pictures.

use vestibule_congestion::limits::UP_MARGIN;
use vestibule_congestion::{Bitrate, Demand};

use super::Allotment;
use super::places::{SMALL, watched};
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

/// Of a camera that is not looked at.
const NOTHING: Demand = Demand {
    layer: None,
    desired: None,
    room: Bitrate::ZERO,
};

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
        let camera = camera.map(|place| self.share_of_camera((call, seat), place, room));
        let camera = camera.map(|camera| Demand {
            room: camera.room.min(self.most_beside(screen.is_some(), room)),
            ..camera
        });
        let screen = screen.map(|(place, _)| self.share_of_screen(place, room));
        Some(Share {
            camera: camera.unwrap_or(NOTHING),
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

    /// What the receiver can take of a camera where the others leave so much room. Of a camera of several layers one is sent at a
    /// time where there is nobody else, beside a screen as well.
    ///
    /// Beside others a single stream is given as soon as it fits and stopped as soon as it is too much, so it is told what fits
    /// with a margin; and while it is stopped as well, or it would begin from nothing, be given, and grow until it is too much.
    fn share_of_camera(
        &self,
        (call, seat): (&Call, Seat),
        (place, slot): (usize, Slot),
        room: Bitrate,
    ) -> Demand {
        let demand = |layer, desired, room| Demand {
            layer,
            desired,
            room,
        };
        if self.looked.is_alone() {
            demand(Some(self.looked.alone(place, self.small)), None, room)
        } else if self.looked.is_of_one() {
            demand(self.layer(place).max(self.desired(place)), None, room)
        } else if self.looked.is_parted(place) {
            demand(call.layer(seat, slot), self.desired(place), room)
        } else {
            demand(Some(SMALL), None, room.times(1.0 / UP_MARGIN))
        }
    }

    /// What a camera is told at most: beside the same publisher's screen, which takes what the camera leaves of it, what fits with
    /// the screen's margin.
    fn most_beside(&self, screen: bool, room: Bitrate) -> Bitrate {
        if screen && !self.looked.is_of_one() {
            room.times(1.0 / UP_MARGIN)
        } else {
            room
        }
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
