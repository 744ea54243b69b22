//! What of the others' pictures a receiver gets: layers by what its line takes, and for a moment nothing at all.

use vestibule_congestion::limits::{LAYERS, MAX_BITRATE, TRACKS, UP_MARGIN};
use vestibule_congestion::{
    Aim, Allocation, Bitrate, Demand, Pictures, Relief, Shrink, Wish, Wishes, aim,
};
use vestibule_forwarding::limits::PAIRS;
use vestibule_forwarding::{Call, Moment, Seat, Slot, Source};

use crate::limits::{
    LAYER_BITRATES, LEAST_PICTURE, SCREEN_PART, VOICE, VOICE_ALONE, VOICE_HEADERS, WANTED,
};
use crate::peer::Known;

/// The layer of a picture that is alone: as large as there is, its publisher aims at what the line takes. On a line that
/// broke down it is the smallest for a while.
const WHOLE: u8 = LAYERS as u8 - 1;
const SMALL: u8 = 0;

/// One receiver's share.
#[derive(Debug, Default)]
pub(super) struct Allotment {
    allocation: Allocation,
    relief: Relief,
    shrink: Shrink,
    /// A picture that is alone comes small, and so do these, as their publishers' lines take no more.
    small: bool,
    narrow: [bool; TRACKS],
    wishes: Wishes,
    /// Whose each of them is.
    publishers: [Option<Seat>; TRACKS],
    voices: Bitrate,
    /// Pictures that come, or are held back.
    shown: u8,
    target: Bitrate,
    /// What was set last.
    set: [Option<Option<u8>>; TRACKS],
    useful: Useful,
}

/// What is known of somebody's camera.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Camera {
    /// How many layers it comes in.
    pub(super) layers: usize,
    /// Its publisher's line takes the smallest alone.
    pub(super) small: bool,
}

/// What a receiver can take of one publisher's pictures.
#[derive(Clone, Copy, Debug)]
struct Share {
    /// Of the camera, and of the screen with it.
    camera: Demand,
    /// The same for the sake of the screen, which may come without the camera.
    screen: Bitrate,
}

/// How many layers of each picture are of use to the receiver, the smallest first.
#[derive(Clone, Copy, Debug)]
struct Useful([u8; TRACKS]);

impl Default for Useful {
    fn default() -> Self {
        Self([LAYERS as u8; TRACKS])
    }
}

impl Useful {
    fn of(self, track: usize) -> u8 {
        self.0.get(track).copied().unwrap_or_default()
    }
}

impl Allotment {
    /// Sets how many layers of each slot are of use; of one that is not told of, all are.
    pub(super) fn watch(&mut self, layers_of: impl Fn(Slot) -> Option<u8>) {
        let Useful(useful) = &mut self.useful;
        for (useful, slot) in useful.iter_mut().zip(watched()) {
            *useful = slot.and_then(&layers_of).unwrap_or(LAYERS as u8);
        }
    }

    /// Decides anew what a receiver gets. `camera_of` tells of somebody's camera.
    pub(super) fn update(
        &mut self,
        now: Moment,
        (call, seat): (&mut Call, Seat),
        line: Known,
        camera_of: impl Fn(Seat) -> Camera,
    ) {
        let mut offered = Bitrate::ZERO;
        self.voices = Bitrate::ZERO;
        self.shown = 0;
        let wishes = self.wishes.iter_mut().zip(&mut self.publishers);
        let set = self.set.into_iter().zip(self.useful.0);
        let set = set.zip(&mut self.narrow);
        for (((wish, whose), slot), ((set, useful), narrow)) in wishes.zip(watched()).zip(set) {
            let track = slot.and_then(|slot| call.track_of(seat, slot));
            // Who is planned and not there takes no room.
            let track = track.filter(|(publisher, _)| call.is_expected(*publisher));
            *narrow = false;
            *whose = track.map(|(publisher, _)| publisher);
            *wish = track.map(|(publisher, source)| {
                let camera = source == Source::Camera;
                if camera {
                    let voice = voice_of(call.bitrates(now, publisher, Source::Microphone));
                    self.voices = self.voices.plus(voice);
                }
                let come = call.bitrates(now, publisher, source);
                let held_back = set == Some(None);
                let comes = held_back || come.iter().any(Option::is_some);
                self.shown += u8::from(comes && useful > 0);
                offered = come
                    .into_iter()
                    .flatten()
                    .map(Bitrate::bps)
                    .fold(offered, Bitrate::plus);
                let Camera { layers, small } = camera_of(publisher);
                let wish = wish_for(source, if camera { layers } else { 1 }, come);
                *narrow = camera && small;
                let most = if *narrow { SMALL + 1 } else { LAYERS as u8 };
                Wish {
                    useful: wish.useful.min(useful).min(most),
                    ..wish
                }
            });
        }
        self.target = line.target;
        let pictures = Pictures {
            room: self.room().max(LEAST_PICTURE),
            offered,
            congested: line.congested,
        };
        let stopped = self.relief.update(now, &pictures);
        let (alone, of_one) = (self.is_alone(), self.is_of_one());
        // What comes of two people is never sent to one of them alone.
        let stopped = stopped && of_one;
        if of_one {
            self.fit_screen();
        }
        if alone {
            self.small = self.shrink.update(now, self.room(), stopped);
            self.allocation.rest(&self.wishes);
        } else {
            self.allocation
                .update(now, line.target, self.voices, &self.wishes);
        }
        for (track, slot) in watched().enumerate() {
            let watches = self.wishes.get(track).is_some_and(Option::is_some);
            let layer = match (alone, stopped) {
                _ if self.useful.of(track) == 0 => None,
                (_, true) => None,
                (true, false) => Some(self.alone(track)),
                (false, false) => self.allocation.layers().get(track).copied().flatten(),
            };
            if let Some((slot, set)) = slot.zip(self.set.get_mut(track)).filter(|_| watches)
                && set.replace(layer) != Some(layer)
            {
                call.set_layer(seat, slot, layer);
            }
        }
    }

    /// The same while the receiver tells nothing of its line, or if it never does: each picture that is looked at, as large
    /// as its publisher's own line takes it.
    pub(super) fn update_untold(
        &mut self,
        (call, seat): (&mut Call, Seat),
        camera_of: impl Fn(Seat) -> Camera,
    ) {
        let tracks = watched().zip(self.useful.0).zip(&mut self.set);
        for ((slot, useful), set) in tracks {
            let Some((slot, (publisher, source))) =
                slot.and_then(|slot| Some((slot, call.track_of(seat, slot)?)))
            else {
                continue;
            };
            let Camera { layers, small } = camera_of(publisher);
            let narrow = source == Source::Camera && small && layers > 1;
            let layer = (useful > 0).then_some(if narrow { SMALL } else { WHOLE });
            if set.replace(layer) != Some(layer) {
                call.set_layer(seat, slot, layer);
            }
        }
    }

    /// Whether a picture that is alone comes small, as the line broke down.
    pub(super) fn is_small(&self) -> bool {
        self.small
    }

    /// What the receiver would be sent on a line without limits.
    pub(super) fn wanted(&self) -> Bitrate {
        WANTED.times(f64::from(self.shown)).plus(self.voices)
    }

    /// When [`Self::update`] is to be called at the latest.
    pub(super) fn next_timeout(&self) -> Option<Moment> {
        self.relief.next_timeout()
    }

    /// What the receiver can take of a publisher's pictures; `None` where it looks at none.
    fn share(&self, call: &Call, seat: Seat, publisher: Seat) -> Option<Share> {
        let camera = self.place_of(call, seat, (publisher, Source::Camera));
        let screen = self.place_of(call, seat, (publisher, Source::Screen));
        if camera.is_none() && screen.is_none() {
            return None;
        }
        let room = self.room().minus(self.taken_by_others(publisher));
        let (layer, desired) = match camera {
            // One layer is sent at a time, beside a screen as well.
            Some((track, _)) if self.is_alone() => (Some(self.alone(track)), None),
            Some((track, _)) if self.is_of_one() => {
                (self.layer(track).max(self.desired(track)), None)
            }
            Some((track, slot)) => (call.layer(seat, slot), self.desired(track)),
            None => (None, None),
        };
        let camera = Demand {
            layer,
            desired,
            room,
        };
        let screen = screen.map(|(track, _)| self.share_of_screen(track, room));
        Some(Share {
            camera,
            screen: screen.unwrap_or_default(),
        })
    }

    /// What the receiver can take of a screen where others' cameras leave so much room. Cameras make room for it. Beside them
    /// it is stopped as soon as it is too much, and given again when it fits with its margin, so it is never told more.
    fn share_of_screen(&self, track: usize, left: Bitrate) -> Bitrate {
        if self.is_of_one() {
            return left;
        }
        let all = self.room();
        let most = match self.layer(track) {
            Some(_) => left.max(all.times(SCREEN_PART)),
            None => all,
        };
        most.times(1.0 / UP_MARGIN)
    }

    /// Where a track is looked at.
    fn place_of(&self, call: &Call, seat: Seat, track: (Seat, Source)) -> Option<(usize, Slot)> {
        let mut places = watched().enumerate();
        places.find_map(|(place, slot)| {
            let slot = slot.filter(|slot| call.track_of(seat, *slot) == Some(track))?;
            (self.useful.of(place) > 0).then_some((place, slot))
        })
    }

    fn desired(&self, track: usize) -> Option<u8> {
        self.allocation.desired().get(track).copied().flatten()
    }

    fn layer(&self, track: usize) -> Option<u8> {
        self.allocation.layers().get(track).copied().flatten()
    }

    /// What the pictures of all others take of the line.
    fn taken_by_others(&self, publisher: Seat) -> Bitrate {
        let tracks = self.wishes.iter().zip(&self.publishers);
        let layers = self.allocation.layers();
        tracks
            .zip(layers)
            .filter(|((_, whose), _)| **whose != Some(publisher))
            .filter_map(|((wish, _), layer)| Some(wish.as_ref()?.bitrate(*layer)))
            .fold(Bitrate::ZERO, Bitrate::plus)
    }

    /// The layer in which a track comes that is the only one.
    fn alone(&self, track: usize) -> u8 {
        let wish = self.wishes.get(track).and_then(Option::as_ref);
        let parted = wish.is_some_and(|wish| wish.layers.iter().flatten().count() > 1);
        let narrow = self.narrow.get(track).is_some_and(|narrow| *narrow);
        if (self.small || narrow) && parted {
            SMALL
        } else {
            WHOLE
        }
    }

    /// What the line has for pictures.
    fn room(&self) -> Bitrate {
        self.target.minus(self.voices)
    }

    fn is_alone(&self) -> bool {
        self.wishes.iter().flatten().count() <= 1
    }

    /// All pictures are of one publisher, who aims at what this line takes.
    fn is_of_one(&self) -> bool {
        let mut publishers = self.publishers.iter().flatten();
        let first = publishers.next();
        publishers.all(|publisher| Some(publisher) == first)
    }

    /// A screen of the only publisher becomes as large as the line takes, like a picture that is alone: what there is too much
    /// of it is no reason to pause it. Where it is far too much for a moment, all stops.
    fn fit_screen(&mut self) {
        let sure = self.room().times(1.0 / UP_MARGIN);
        let wishes = self.wishes.iter_mut().zip(watched());
        let screens = wishes.filter(|(_, slot)| *slot == Some(Slot::SCREEN));
        for screen in screens.filter_map(|(wish, _)| wish.as_mut()) {
            for layer in screen.layers.iter_mut().flatten() {
                *layer = sure.min(*layer);
            }
        }
    }
}

/// What a publisher is to send at most, its voice included, for all these receivers. Where nobody looks there is no
/// limit: it would have to be found out anew what the publisher's line takes when somebody does.
pub(super) fn most_for<'a>(
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
    let voice = voice_of(call.bitrates(now, publisher, Source::Microphone));
    bitrate.plus(share_of_voice(bitrate, voice))
}

/// What is added for the voice to what a publisher may send of pictures. Where that is little a browser leaves its voice what
/// Opus takes without headers and redundancy, and fills the rest with pictures: it is told no more than that.
fn share_of_voice(pictures: Bitrate, voice: Bitrate) -> Bitrate {
    let share = pictures.times(0.25);
    share.max(VOICE_ALONE).min(voice)
}

/// The slots that show pictures, the cameras' first.
fn watched() -> impl Iterator<Item = Option<Slot>> {
    (0..PAIRS).map(Slot::video).chain([Some(Slot::SCREEN)])
}

/// What a voice takes, with its headers: as much as it does with redundancy, and whoever is silent may speak at any time.
fn voice_of(comes: [Option<u64>; LAYERS]) -> Bitrate {
    let comes = comes.into_iter().flatten().map(Bitrate::bps).max();
    let sealed = comes.map(|bare| bare.plus(VOICE_HEADERS));
    sealed.unwrap_or_default().max(VOICE)
}

/// A screen comes before cameras. A layer that does not come just now takes what it takes when it does.
fn wish_for(source: Source, layers: usize, come: [Option<u64>; LAYERS]) -> Wish {
    let mut wish = Wish {
        priority: u8::from(source == Source::Camera),
        useful: u8::try_from(layers.clamp(1, LAYERS)).unwrap_or(1),
        ..Wish::default()
    };
    if layers <= 1 {
        let comes = come.into_iter().flatten().map(Bitrate::bps).max();
        let [first, ..] = &mut wish.layers;
        *first = Some(comes.unwrap_or_default());
        return wish;
    }
    let known = come.into_iter().zip(LAYER_BITRATES).take(layers);
    for (place, (comes, expected)) in wish.layers.iter_mut().zip(known) {
        *place = Some(comes.map_or(expected, Bitrate::bps));
    }
    wish
}

#[cfg(test)]
pub(super) mod tests {
    use std::time::Duration;

    use vestibule_congestion::Bitrate;
    use vestibule_congestion::limits::MAX_BITRATE;
    use vestibule_forwarding::{Call, LegId, Moment, Packet, Seat, Slot, Source};

    use super::{Allotment, Camera, most_for};
    use crate::peer::Known;

    pub(in crate::worker) const ONE: Seat = Seat::ALL[0];
    pub(in crate::worker) const OTHER: Seat = Seat::ALL[1];
    pub(in crate::worker) const LAYERED: Camera = Camera {
        layers: 3,
        small: false,
    };

    pub(in crate::worker) fn at(millis: u64) -> Moment {
        Moment::default().plus(Duration::from_millis(millis))
    }

    pub(in crate::worker) fn line(kilobits: u64) -> Known {
        Known {
            target: Bitrate::kbps(kilobits),
            congested: false,
        }
    }

    /// An open call whose people are all connected.
    pub(in crate::worker) fn call_of(people: u128) -> Call {
        let mut call = Call::default();
        let legs: Vec<_> = (1..=people).map(LegId::from_random).collect();
        call.set_plan(at(0), &legs, true, |_| {}).unwrap();
        for leg in legs {
            let seat = call.seat_of(leg).unwrap();
            call.attach(at(0), seat, 1);
            call.connected(at(0), seat);
        }
        call
    }

    /// A second of pictures, of 1.2 Mbit/s.
    pub(in crate::worker) fn shows(call: &mut Call, from: Seat, source: Source) {
        // A descriptor that begins a picture, and a key frame (RFC 7741 sections 4.2 and 4.3).
        let mut payload = [0; 1_000];
        payload[0] = 0x10;
        for sequence in 0..150 {
            let packet = Packet {
                ssrc: 7,
                layer: 0,
                sequence: 70_000 + sequence,
                timestamp: 0,
                payload: &payload,
            };
            call.forward(at(sequence * 1000 / 150), from, source, &packet, |_| true);
        }
    }

    /// What is set for the cameras of two others when a line takes so much for five seconds.
    fn settled(
        allotment: &mut Allotment,
        call: &mut Call,
        from: u64,
        kilobits: u64,
    ) -> [Option<u8>; 2] {
        for millis in (from..from + 5_000).step_by(100) {
            allotment.update(at(millis), (call, ONE), line(kilobits), |_| LAYERED);
        }
        [allotment.set[0].unwrap(), allotment.set[1].unwrap()]
    }

    #[test]
    fn among_three_each_gets_the_layers_that_its_line_takes() {
        let (mut call, mut allotment) = (call_of(3), Allotment::default());
        let mut settled = |from, kilobits| settled(&mut allotment, &mut call, from, kilobits);
        assert_eq!(settled(0, 3_000), [Some(2), Some(2)]);
        assert_eq!(settled(5_000, 450), [Some(0), Some(0)]);
        assert_eq!(settled(10_000, 300), [Some(0), None]);
        assert_eq!(settled(15_000, 120), [None, None]);
        assert_eq!(settled(20_000, 3_000), [Some(2), Some(2)]);
    }

    /// A second of sound, 50 packets of this many octets.
    fn speaks(call: &mut Call, from: Seat, octets: usize) {
        for sequence in 0..50 {
            let packet = Packet {
                ssrc: 8,
                layer: 0,
                sequence: 70_000 + sequence,
                timestamp: 0,
                payload: &vec![0; octets],
            };
            call.forward(at(sequence * 20), from, Source::Microphone, &packet, |_| {
                true
            });
        }
    }

    /// Five seconds with what a line of 500 kbit/s takes, after which somebody who left is waited for no longer.
    fn pass(allotment: &mut Allotment, call: &mut Call, from: u64, there: &[Seat]) {
        for millis in (from..from + 5_000).step_by(100) {
            for seat in there {
                call.heard(at(millis), *seat);
            }
            call.handle_timeout(at(millis));
            allotment.update(at(millis), (call, ONE), line(500), |_| LAYERED);
        }
    }

    #[test]
    fn who_is_planned_and_gone_takes_no_room_and_who_comes_back_is_seen_at_once() {
        let (mut call, mut allotment) = (call_of(3), Allotment::default());
        pass(&mut allotment, &mut call, 0, &Seat::ALL[..3]);
        assert_eq!(allotment.set[..2], [Some(Some(0)), Some(Some(0))]);
        let third = Seat::ALL[2];
        call.disconnected(third);
        pass(&mut allotment, &mut call, 5_000, &[ONE, OTHER]);
        assert_eq!(allotment.set[0], Some(Some(0)), "it may be back soon");
        pass(&mut allotment, &mut call, 10_000, &[ONE, OTHER]);
        assert_eq!(allotment.set[0], Some(Some(2)), "the whole picture");
        let most = most_for(at(15_000), &call, OTHER, [(ONE, &allotment)]);
        assert_eq!(most, Bitrate::kbps(500));
        call.attach(at(15_000), third, 2);
        call.connected(at(15_000), third);
        allotment.update(at(15_000), (&mut call, ONE), line(500), |_| LAYERED);
        assert_eq!(allotment.set[..2], [Some(Some(0)), Some(Some(0))]);
    }

    #[test]
    fn who_was_never_there_takes_no_room() {
        let mut call = Call::default();
        let legs = [1, 2, 3].map(LegId::from_random);
        call.set_plan(at(0), &legs, true, |_| {}).unwrap();
        for seat in [ONE, OTHER] {
            call.attach(at(0), seat, 1);
            call.connected(at(0), seat);
        }
        let mut allotment = Allotment::default();
        allotment.update(at(0), (&mut call, ONE), line(300), |_| LAYERED);
        assert_eq!(allotment.set[0], Some(Some(2)));
        let most = most_for(at(0), &call, OTHER, [(ONE, &allotment)]);
        assert_eq!(most, Bitrate::bps(291_250));
    }

    #[test]
    fn pictures_leave_room_for_voices_as_they_come() {
        let (mut call, mut allotment) = (call_of(2), Allotment::default());
        let mut room = |call: &mut Call| {
            allotment.update(at(1_000), (call, ONE), line(300), |_| LAYERED);
            allotment.room()
        };
        assert_eq!(room(&mut call), Bitrate::kbps(300 - 67), "of a silent one");
        speaks(&mut call, OTHER, 200);
        // 80 kbit/s when sent twice, as measured.
        let rest = room(&mut call).as_bps();
        assert!((190_000..=197_000).contains(&rest), "{rest}");
    }

    #[test]
    fn between_two_the_whole_picture_is_sent_at_the_bitrate_that_the_line_takes() {
        let (mut call, mut allotment) = (call_of(2), Allotment::default());
        allotment.update(at(0), (&mut call, ONE), line(300), |_| LAYERED);
        assert_eq!(allotment.set[0], Some(Some(2)));
        let most = most_for(at(1_000), &call, OTHER, [(ONE, &allotment)]);
        // 233 for the picture, and a quarter of it for the voice.
        assert_eq!(most, Bitrate::bps(291_250));
    }

    /// A browser takes little of what it may send for its voice, and fills the rest with pictures: with 107 kbit/s for both
    /// it sends 83 of pictures at most, and 67 of voice, which is what the line takes.
    #[test]
    fn of_a_narrow_line_a_browser_is_told_what_it_leaves_its_voice() {
        for (kilobits, told) in [(150, 107), (67, 24), (40, 24), (500, 500), (2_000, 2_000)] {
            let (mut call, mut allotment) = (call_of(2), Allotment::default());
            allotment.update(at(0), (&mut call, ONE), line(kilobits), |_| LAYERED);
            let most = most_for(at(1_000), &call, OTHER, [(ONE, &allotment)]);
            assert_eq!(most, Bitrate::kbps(told), "{kilobits}");
        }
    }

    /// No browser makes a picture smaller, so that stopping it again and again is of no use.
    #[test]
    fn the_smallest_picture_goes_on_where_a_line_is_thought_to_take_none() {
        let (mut call, mut allotment) = (call_of(2), Allotment::default());
        let narrow = Known {
            congested: true,
            ..line(60)
        };
        let mut payload = [0; 450];
        payload[0] = 0x10;
        // Ten packets a second are 36 kbit/s.
        for sequence in 0..100 {
            let now = at(sequence * 100);
            let packet = Packet {
                ssrc: 7,
                layer: 0,
                sequence: 70_000 + sequence,
                timestamp: 0,
                payload: &payload,
            };
            call.forward(now, OTHER, Source::Camera, &packet, |_| true);
            allotment.update(now, (&mut call, ONE), narrow, |_| LAYERED);
            assert!(allotment.set[0].unwrap().is_some(), "at {sequence}");
        }
    }

    #[test]
    fn what_nobody_looks_at_is_not_sent_and_a_small_picture_is_sent_small() {
        let (mut call, mut allotment) = (call_of(3), Allotment::default());
        let useful = |of_first, of_second| {
            move |slot| match slot {
                slot if Slot::video(0) == Some(slot) => Some(of_first),
                slot if Slot::video(1) == Some(slot) => Some(of_second),
                _ => None,
            }
        };
        allotment.watch(useful(0, 1));
        assert_eq!(
            settled(&mut allotment, &mut call, 0, 3_000),
            [None, Some(0)]
        );
        allotment.watch(useful(2, 3));
        assert_eq!(
            settled(&mut allotment, &mut call, 5_000, 3_000),
            [Some(1), Some(2)]
        );
    }

    #[test]
    fn between_two_a_picture_that_is_not_seen_stops_and_sets_no_limit() {
        let (mut call, mut allotment) = (call_of(2), Allotment::default());
        allotment.watch(|_| Some(0));
        allotment.update(at(0), (&mut call, ONE), line(300), |_| LAYERED);
        assert_eq!(allotment.set[0], Some(None));
        assert_eq!(
            most_for(at(1_000), &call, OTHER, [(ONE, &allotment)]),
            MAX_BITRATE
        );
        allotment.watch(|_| None);
        allotment.update(at(100), (&mut call, ONE), line(300), |_| LAYERED);
        assert_eq!(allotment.set[0], Some(Some(2)));
    }

    #[test]
    fn a_screen_takes_nothing_of_what_its_own_publisher_may_send() {
        let (mut call, mut allotment) = (call_of(2), Allotment::default());
        shows(&mut call, OTHER, Source::Screen);
        allotment.update(at(1_000), (&mut call, ONE), line(2_000), |_| LAYERED);
        assert_eq!(allotment.wishes.iter().flatten().count(), 2);
        let most = most_for(at(1_000), &call, OTHER, [(ONE, &allotment)]);
        assert_eq!(most, Bitrate::kbps(2_000));
    }

    /// A publisher in the midst of a film that it shares, and of as much of its camera as it may send.
    struct Film {
        call: Call,
        allotment: Allotment,
        sequence: u64,
        told: Bitrate,
    }

    /// What became of a tenth of a second.
    struct Moments {
        screen: Option<u8>,
        camera: Option<u8>,
        told: u64,
    }

    impl Film {
        fn begins(people: u128) -> Self {
            Self {
                call: call_of(people),
                allotment: Allotment::default(),
                sequence: 70_000,
                told: Bitrate::kbps(1_500),
            }
        }

        fn send(&mut self, millis: u64, source: Source, bitrate: Bitrate) {
            let octets = (bitrate.as_bps() / 80).max(20) as usize;
            let mut payload = vec![0; octets];
            payload[0] = 0x10;
            self.sequence += 1;
            let packet = Packet {
                ssrc: if source == Source::Screen { 9 } else { 7 },
                layer: 0,
                sequence: self.sequence,
                timestamp: 0,
                payload: &payload,
            };
            self.call
                .forward(at(millis), OTHER, source, &packet, |_| true);
        }

        /// So many seconds over a line.
        fn runs(&mut self, from: u64, seconds: u64, known: Known) -> Vec<Moments> {
            let all = (from..from + seconds * 1_000).step_by(100);
            all.map(|millis| {
                // A fifth is left to the voice.
                let pictures = self.told.times(0.8).min(Bitrate::kbps(1_500));
                let camera = self.allotment.set[0].flatten();
                let camera = camera.map_or(Bitrate::ZERO, |_| {
                    Bitrate::kbps(115).min(pictures.times(0.5))
                });
                if camera > Bitrate::ZERO {
                    self.send(millis, Source::Camera, camera);
                }
                self.send(millis, Source::Screen, pictures.minus(camera));
                let (call, allotment) = (&mut self.call, &mut self.allotment);
                allotment.update(at(millis), (call, ONE), known, |_| LAYERED);
                self.told = most_for(at(millis), &self.call, OTHER, [(ONE, &self.allotment)]);
                Moments {
                    screen: self.allotment.set[4].flatten(),
                    camera: self.allotment.set[0].flatten(),
                    told: self.told.as_bps(),
                }
            })
            .collect()
        }
    }

    #[test]
    fn a_screen_that_leaves_the_camera_no_room_stays_as_good_as_the_line_takes() {
        for kilobits in [150, 200, 300, 400] {
            let mut film = Film::begins(2);
            film.runs(0, 4, line(kilobits));
            let then = film.runs(4_000, 30, line(kilobits));
            assert!(then.iter().all(|it| it.screen.is_some()), "{kilobits}");
            let least = then.iter().map(|it| it.told).min().unwrap();
            // The picture and what the voice leaves of its own.
            assert!(least >= (kilobits - 67) * 1_000, "{kilobits}: {least}");
            let changes = then.windows(2).filter(|it| it[0].camera != it[1].camera);
            assert!(changes.count() <= 4, "{kilobits}");
        }
    }

    #[test]
    fn while_the_camera_becomes_smaller_beside_a_screen_no_more_is_told_than_the_line_takes() {
        let (mut call, mut allotment) = (call_of(2), Allotment::default());
        let mut payload = [0; 100];
        payload[0] = 0x10;
        for (ssrc, layer, source) in [(7, 2, Source::Camera), (9, 0, Source::Screen)] {
            let packet = Packet {
                ssrc,
                layer,
                sequence: 70_000,
                timestamp: 0,
                payload: &payload,
            };
            call.forward(at(0), OTHER, source, &packet, |_| true);
        }
        allotment.update(at(0), (&mut call, ONE), line(300), |_| LAYERED);
        assert_eq!(allotment.set[0], Some(Some(0)));
        assert_eq!(call.layer(ONE, Slot::video(0).unwrap()), Some(2), "still");
        let most = most_for(at(0), &call, OTHER, [(ONE, &allotment)]);
        assert_eq!(most, Bitrate::bps(291_250));
    }

    #[test]
    fn a_screen_that_is_looked_at_without_the_camera_becomes_what_the_line_takes() {
        let mut film = Film::begins(2);
        film.allotment
            .watch(|slot| (Some(slot) == Slot::video(0)).then_some(0));
        let first = film.runs(0, 4, line(300));
        let told = 233_000..=300_000;
        assert!(first.iter().all(|it| told.contains(&it.told)));
        let then = film.runs(4_000, 10, line(300));
        assert!(
            then.iter()
                .all(|it| it.screen.is_some() && it.camera.is_none())
        );
    }

    #[test]
    fn a_screen_that_is_far_too_much_for_a_line_that_broke_down_stops_for_a_moment() {
        let mut film = Film::begins(2);
        film.runs(0, 4, line(3_000));
        let broken = Known {
            congested: true,
            ..line(200)
        };
        let stopped = film.runs(4_000, 1, broken);
        assert!(stopped.iter().any(|it| it.screen.is_none()));
        let then = film.runs(5_000, 6, line(200));
        assert!(then[30..].iter().all(|it| it.screen.is_some()));
    }

    #[test]
    fn among_three_a_screen_that_is_too_much_is_told_what_would_fit() {
        let mut film = Film::begins(3);
        film.runs(0, 3, line(300));
        let then = film.runs(3_000, 10, line(300));
        assert!(then.iter().all(|it| it.told <= 300_000));
        assert!(
            then.iter().all(|it| it.told >= 90_000),
            "it does not collapse"
        );
        assert!(then[50..].iter().all(|it| it.screen.is_some()));
    }

    #[test]
    fn a_camera_of_one_or_two_streams_is_told_what_the_line_takes_and_no_more() {
        for layers in [1, 2, 3] {
            for comes in 0..layers as u8 {
                let (mut call, mut allotment) = (call_of(2), Allotment::default());
                let mut payload = [0; 100];
                payload[0] = 0x10;
                let packet = Packet {
                    ssrc: 7,
                    layer: comes,
                    sequence: 70_000,
                    timestamp: 0,
                    payload: &payload,
                };
                call.forward(at(0), OTHER, Source::Camera, &packet, |_| true);
                assert_eq!(call.layer(ONE, Slot::video(0).unwrap()), Some(comes));
                let camera = Camera { layers, ..LAYERED };
                allotment.update(at(0), (&mut call, ONE), line(150), |_| camera);
                let most = most_for(at(0), &call, OTHER, [(ONE, &allotment)]);
                assert_eq!(most, Bitrate::kbps(107), "{comes} of {layers}");
            }
        }
    }

    #[test]
    fn pictures_stop_where_a_line_breaks_down_and_go_on_though_nothing_more_is_heard_of_it() {
        let (mut call, mut allotment) = (call_of(2), Allotment::default());
        shows(&mut call, OTHER, Source::Camera);
        let narrow = Known {
            congested: true,
            ..line(150)
        };
        allotment.update(at(1_000), (&mut call, ONE), narrow, |_| LAYERED);
        assert_eq!(allotment.set[0], Some(None));
        let until = allotment.next_timeout().unwrap();
        allotment.update(until, (&mut call, ONE), narrow, |_| LAYERED);
        assert_eq!(allotment.set[0], Some(Some(0)), "small: its key frame fits");
        assert_eq!(allotment.next_timeout(), None);
        let most =
            |allotment: &Allotment, call: &Call| most_for(until, call, OTHER, [(ONE, allotment)]);
        assert_eq!(most(&allotment, &call), Bitrate::kbps(107));
        allotment.update(until, (&mut call, ONE), line(1_000), |_| LAYERED);
        assert_eq!(allotment.set[0], Some(Some(2)), "as a whole again");
    }

    #[test]
    fn whose_line_takes_little_is_seen_small_by_two_and_by_three() {
        let small = Camera {
            small: true,
            ..LAYERED
        };
        for people in [2, 3] {
            let (mut call, mut allotment) = (call_of(people), Allotment::default());
            let camera_of = |seat| if seat == OTHER { small } else { LAYERED };
            allotment.update(at(0), (&mut call, ONE), line(3_000), camera_of);
            assert_eq!(allotment.set[0], Some(Some(0)), "{people}");
        }
    }

    #[test]
    fn whose_line_takes_little_is_seen_small_by_who_tells_nothing_of_their_own() {
        let small = Camera {
            small: true,
            ..LAYERED
        };
        for people in [2, 3] {
            let (mut call, mut allotment) = (call_of(people), Allotment::default());
            let mut set = |useful, small_one| {
                allotment.watch(|_| useful);
                let camera_of = |seat| if seat == OTHER { small_one } else { LAYERED };
                allotment.update_untold((&mut call, ONE), camera_of);
                (
                    allotment.set[0].unwrap(),
                    call.is_paused(ONE, Slot::video(0).unwrap()),
                )
            };
            assert_eq!(set(None, LAYERED), (Some(2), false), "{people}");
            assert_eq!(set(None, small), (Some(0), false), "{people}");
            assert_eq!(set(Some(0), small), (None, true), "nobody looks");
            let single = Camera { layers: 1, ..small };
            assert_eq!(set(None, single), (Some(2), false), "there is no other");
        }
    }

    #[test]
    fn a_camera_of_one_layer_stays_whole() {
        let (mut call, mut allotment) = (call_of(2), Allotment::default());
        shows(&mut call, OTHER, Source::Camera);
        let narrow = Known {
            congested: true,
            ..line(150)
        };
        allotment.update(at(1_000), (&mut call, ONE), narrow, |_| Camera {
            layers: 1,
            ..LAYERED
        });
        assert_eq!(allotment.set[0], Some(None));
        let until = allotment.next_timeout().unwrap();
        allotment.update(until, (&mut call, ONE), narrow, |_| Camera {
            layers: 1,
            ..LAYERED
        });
        assert_eq!(allotment.set[0], Some(Some(2)));
    }
}
