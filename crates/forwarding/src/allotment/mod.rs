//! What of the others' pictures a receiver gets: layers by what its line takes, and for a moment nothing at all; and what
//! a publisher may send for all who receive it.
//!
//! An [`Allotment`] is one receiver's share. It is told what the receiver looks at ([`Allotment::watch`]) and what its line
//! takes ([`Allotment::update`]), and sets the layers of its slots in the [`Call`]. [`most_for`] says what a publisher is to be
//! told to send at most, and [`BothWays`] puts a leg's share beside what is known of its own line.
//!
//! Sound is paid for first and never taken away. Pictures of several publishers share what is left
//! ([`vestibule_congestion::Allocation`]). A picture that is alone comes whole, whatever the line takes: its publisher is
//! told what that is, and makes it so.

mod both_ways;
mod looked;
mod places;
mod publisher;
mod share;
mod voices;
mod wish;

pub use both_ways::BothWays;
pub use publisher::most_for;
pub use wish::Camera;

use vestibule_congestion::limits::TRACKS;
use vestibule_congestion::{Allocation, Bitrate, Known, Pictures, Relief, Shrink};

use crate::limits::{LEAST_PICTURE, WANTED};
use crate::{Call, Moment, Seat, Slot, Source};
use looked::Looked;
use places::{SMALL, Useful, WHOLE, watched};

/// One receiver's share.
#[derive(Debug, Default)]
pub struct Allotment {
    allocation: Allocation,
    relief: Relief,
    shrink: Shrink,
    /// A picture that is alone comes small.
    small: bool,
    looked: Looked,
    target: Bitrate,
    /// What was set last.
    set: Set,
    useful: Useful,
}

/// What was set for each place: a layer, or that it pauses; nothing before anything was.
type Set = [Option<Option<u8>>; TRACKS];

impl Allotment {
    /// Sets how many layers of each slot are of use; of one that is not told of, all are.
    pub fn watch(&mut self, layers_of: impl Fn(Slot) -> Option<u8>) {
        self.useful = Useful::told(layers_of);
    }

    /// Decides anew what a receiver gets. `camera_of` tells of somebody's camera.
    pub fn update(
        &mut self,
        now: Moment,
        (call, seat): (&mut Call, Seat),
        line: Known,
        camera_of: impl Fn(Seat) -> Camera,
    ) {
        self.looked = Looked::at(now, (call, seat), (self.useful, &self.set), camera_of);
        self.target = line.target;
        let pictures = Pictures {
            room: self.room().max(LEAST_PICTURE),
            offered: self.looked.offered(),
            congested: line.congested,
        };
        let stopped = self.relief.update(now, &pictures);
        // What comes of two people is never sent to one of them alone.
        let stopped = stopped && self.looked.is_of_one();
        if self.looked.is_of_one() {
            self.looked.fit_screen(self.room());
        } else {
            self.looked.fit_held_screen(&self.set);
        }
        if self.looked.is_alone() {
            self.small = self.shrink.update(now, self.room(), stopped);
            self.allocation.rest(&self.looked.wishes);
        } else {
            let voices = self.looked.voices();
            self.allocation
                .update(now, line.target, voices, &self.looked.wishes);
        }
        self.set_layers((call, seat), stopped);
    }

    /// The same while the receiver tells nothing of its line, or if it never does: each picture that is looked at, as large
    /// as its publisher's own line takes it.
    pub fn update_untold(
        &mut self,
        (call, seat): (&mut Call, Seat),
        camera_of: impl Fn(Seat) -> Camera,
    ) {
        for (place, slot) in watched() {
            let Some((publisher, source)) = call.track_of(seat, slot) else {
                continue;
            };
            let Camera { layers, small } = camera_of(publisher);
            let narrow = source == Source::Camera && small && layers > 1;
            let seen = self.useful.is_seen(place);
            let layer = seen.then_some(if narrow { SMALL } else { WHOLE });
            self.set_layer((call, seat), (place, slot), layer);
        }
    }

    /// Whether a picture that is alone comes small, as the line broke down.
    #[must_use]
    pub fn is_small(&self) -> bool {
        self.small
    }

    /// What the receiver would be sent on a line without limits.
    #[must_use]
    pub fn wanted(&self) -> Bitrate {
        let shown = f64::from(self.looked.shown());
        WANTED.times(shown).plus(self.looked.voices())
    }

    /// When [`Self::update`] is to be called at the latest.
    #[must_use]
    pub fn next_timeout(&self) -> Option<Moment> {
        self.relief.next_timeout()
    }

    /// What the line has for pictures.
    fn room(&self) -> Bitrate {
        self.target.minus(self.looked.voices())
    }

    fn set_layers(&mut self, (call, seat): (&mut Call, Seat), stopped: bool) {
        let alone = self.looked.is_alone();
        for (place, slot) in watched() {
            let layer = match (alone, stopped) {
                _ if !self.useful.is_seen(place) => None,
                (_, true) => None,
                (true, false) => Some(self.looked.alone(place, self.small)),
                (false, false) => self.layer(place),
            };
            if self.looked.has(place) {
                self.set_layer((call, seat), (place, slot), layer);
            }
        }
    }

    /// Sets a layer in the call, if it is another than what was set last.
    fn set_layer(
        &mut self,
        (call, seat): (&mut Call, Seat),
        (place, slot): (usize, Slot),
        layer: Option<u8>,
    ) {
        if let Some(set) = self.set.get_mut(place)
            && set.replace(layer) != Some(layer)
        {
            call.set_layer(seat, slot, layer);
        }
    }
}

#[cfg(test)]
mod tests;
