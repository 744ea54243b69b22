//! What there is for a receiver to look at, as of one moment.

use vestibule_congestion::limits::{TRACKS, UP_MARGIN};
use vestibule_congestion::{Bitrate, Layers, Wish, Wishes};

use super::Set;
use super::places::{SMALL, Useful, WHOLE, watched};
use super::voices::voice_of;
use super::wish::{Camera, wish_for};
use crate::{Call, Moment, Seat, Slot, Source};

/// What is at each of the places where a receiver sees pictures.
#[derive(Debug, Default)]
pub(super) struct Looked {
    pub(super) wishes: Wishes,
    tracks: [Option<Track>; TRACKS],
}

/// A track at a place.
#[derive(Clone, Copy, Debug)]
struct Track {
    publisher: Seat,
    /// It comes small, as its publisher's line takes no more.
    narrow: bool,
    /// It is looked at, and comes or is held back.
    shown: bool,
    /// What comes of it, all layers together.
    offered: Bitrate,
    /// What the sound takes that belongs to it.
    voice: Bitrate,
}

impl Looked {
    /// Looks at all that a receiver may see, of which so much is of use to it and this was set last.
    pub(super) fn at(
        now: Moment,
        (call, seat): (&Call, Seat),
        (useful, set): (Useful, &Set),
        camera_of: impl Fn(Seat) -> Camera,
    ) -> Self {
        let mut looked = Self::default();
        let places = looked.wishes.iter_mut().zip(&mut looked.tracks);
        for (((wish, place), (index, slot)), set) in places.zip(watched()).zip(set) {
            // Who is planned and not there takes no room.
            let track = call.track_of(seat, slot);
            let Some((publisher, source)) = track.filter(|(it, _)| call.is_expected(*it)) else {
                continue;
            };
            let come = call.bitrates(now, publisher, source);
            let comes = *set == Some(None) || come.iter().any(Option::is_some);
            let camera = camera_of(publisher);
            *place = Some(Track {
                publisher,
                narrow: camera.is_narrow(source),
                shown: comes && useful.is_seen(index),
                offered: sum(come.into_iter().flatten().map(Bitrate::bps)),
                voice: match source {
                    Source::Camera => voice_of(call, now, publisher),
                    Source::Microphone | Source::Screen => Bitrate::ZERO,
                },
            });
            let wanted = call.wanted_layers(publisher);
            *wish = Some(wish_for((source, camera), useful.of(index), come, wanted));
        }
        looked
    }

    /// Whether there is a track at a place.
    pub(super) fn has(&self, place: usize) -> bool {
        self.wish(place).is_some()
    }

    /// How many pictures come, or are held back.
    pub(super) fn shown(&self) -> u8 {
        let shown = self.tracks.iter().flatten();
        shown.map(|track| u8::from(track.shown)).sum()
    }

    /// What comes, whatever of it is of use.
    pub(super) fn offered(&self) -> Bitrate {
        sum(self.tracks.iter().flatten().map(|track| track.offered))
    }

    /// What the others' sound takes.
    pub(super) fn voices(&self) -> Bitrate {
        sum(self.tracks.iter().flatten().map(|track| track.voice))
    }

    /// There is one picture at most.
    pub(super) fn is_alone(&self) -> bool {
        self.tracks.iter().flatten().count() <= 1
    }

    /// All pictures are of one publisher, who aims at what this line takes.
    pub(super) fn is_of_one(&self) -> bool {
        let mut tracks = self.tracks.iter().flatten();
        let first = tracks.next();
        tracks.all(|track| first.is_some_and(|first| first.publisher == track.publisher))
    }

    /// The layer in which a track comes that is the only one: small where the receiver's line broke down or its publisher's
    /// takes no more, if it comes in several.
    pub(super) fn alone(&self, place: usize, small: bool) -> u8 {
        let track = self.tracks.get(place).and_then(Option::as_ref);
        let small = small || track.is_some_and(|track| track.narrow);
        if small && self.is_parted(place) {
            SMALL
        } else {
            WHOLE
        }
    }

    /// Whether a track comes in several layers.
    pub(super) fn is_parted(&self, place: usize) -> bool {
        let wish = self.wish(place);
        wish.is_some_and(|wish| wish.layers.iter().flatten().count() > 1)
    }

    /// What the pictures of all others but one take of the line, with these layers.
    pub(super) fn taken_by_others(&self, publisher: Seat, layers: &Layers) -> Bitrate {
        self.taken(layers, |track| track.publisher != publisher)
    }

    /// What the pictures of some take, with these layers.
    fn taken(&self, layers: &Layers, of: impl Fn(&Track) -> bool) -> Bitrate {
        let tracks = self.tracks.iter().zip(&self.wishes).zip(layers);
        let taken = tracks.filter_map(|((track, wish), layer)| {
            let counts = track.as_ref().is_some_and(&of);
            Some(wish.filter(|_| counts)?.bitrate(*layer))
        });
        sum(taken)
    }

    /// A screen of the only publisher becomes as large as the line takes, like a picture that is alone: what there is too much
    /// of it is no reason to pause it. Where it is far too much for a moment, all stops.
    pub(super) fn fit_screen(&mut self, room: Bitrate) {
        let sure = room.times(1.0 / UP_MARGIN);
        self.reckon_screen(|takes| sure.min(takes));
    }

    /// A screen takes what its publisher's camera leaves it: one that is held back would grow when it is given and the camera
    /// comes down for it, be too much, and stop again. It fits if there is room for both as they come now; of its
    /// own it has a margin.
    pub(super) fn fit_held_screen(&mut self, set: &Set) {
        let Some((place, _)) = watched().find(|(_, slot)| *slot == Slot::SCREEN) else {
            return;
        };
        let screen = self.tracks.get(place).and_then(Option::as_ref);
        let held = set.get(place) == Some(&Some(None));
        if let Some(publisher) = screen.filter(|_| held).map(|track| track.publisher) {
            let given: Layers = set.map(Option::flatten);
            let camera = self.taken(&given, |track| track.publisher == publisher);
            self.reckon_screen(|takes| takes.plus(camera).times(1.0 / UP_MARGIN).max(takes));
        }
    }

    /// Reckons with something else than what a screen takes.
    fn reckon_screen(&mut self, with: impl Fn(Bitrate) -> Bitrate) {
        let wishes = self.wishes.iter_mut().zip(watched());
        let screens = wishes.filter(|(_, (_, slot))| *slot == Slot::SCREEN);
        for screen in screens.filter_map(|(wish, _)| wish.as_mut()) {
            for layer in screen.layers.iter_mut().flatten() {
                *layer = with(*layer);
            }
        }
    }

    fn wish(&self, place: usize) -> Option<&Wish> {
        self.wishes.get(place).and_then(Option::as_ref)
    }
}

fn sum(bitrates: impl Iterator<Item = Bitrate>) -> Bitrate {
    bitrates.fold(Bitrate::ZERO, Bitrate::plus)
}
