//! What of the others' pictures a receiver gets: layers by what its line takes, and for a moment nothing at all.

use vestibule_congestion::limits::{LAYERS, TRACKS};
use vestibule_congestion::{Aim, Allocation, Bitrate, Demand, Pictures, Relief, Wish, Wishes, aim};
use vestibule_forwarding::limits::PAIRS;
use vestibule_forwarding::{Call, Moment, Seat, Slot, Source};

use crate::limits::{LAYER_BITRATES, VOICE, WANTED};
use crate::peer::Known;

/// The layer of a picture that is alone: as large as there is, its publisher aims at what the line takes.
const WHOLE: u8 = LAYERS as u8 - 1;

/// One receiver's share.
#[derive(Debug, Default)]
pub(super) struct Allotment {
    allocation: Allocation,
    relief: Relief,
    wishes: Wishes,
    voices: Bitrate,
    /// Pictures that come, or are held back.
    shown: u8,
    target: Bitrate,
    /// What was set last.
    set: [Option<Option<u8>>; TRACKS],
}

impl Allotment {
    /// Decides anew what a receiver gets. `layers_of` tells how many layers somebody's camera has.
    pub(super) fn update(
        &mut self,
        now: Moment,
        (call, seat): (&mut Call, Seat),
        line: Known,
        layers_of: impl Fn(Seat) -> usize,
    ) {
        let mut offered = Bitrate::ZERO;
        let mut cameras = 0;
        self.shown = 0;
        let tracks = self.wishes.iter_mut().zip(watched()).zip(self.set);
        for ((wish, slot), set) in tracks {
            let track = slot.and_then(|slot| call.track_of(seat, slot));
            *wish = track.map(|(publisher, source)| {
                let camera = source == Source::Camera;
                cameras += u64::from(camera);
                let come = call.bitrates(now, publisher, source);
                let held_back = set == Some(None);
                self.shown += u8::from(held_back || come.iter().any(Option::is_some));
                offered = come
                    .into_iter()
                    .flatten()
                    .map(Bitrate::bps)
                    .fold(offered, Bitrate::plus);
                let layers = if camera { layers_of(publisher) } else { 1 };
                wish_for(source, layers, come)
            });
        }
        self.voices = Bitrate::bps(VOICE.as_bps() * cameras);
        self.target = line.target;
        let pictures = Pictures {
            room: self.room(),
            offered,
            congested: line.congested,
        };
        let stopped = self.relief.update(now, &pictures);
        let alone = self.is_alone();
        if !alone {
            self.allocation
                .update(now, line.target, self.voices, &self.wishes);
        }
        for (track, slot) in watched().enumerate() {
            let watches = self.wishes.get(track).is_some_and(Option::is_some);
            let layer = match (alone, stopped) {
                (true, true) => None,
                (true, false) => Some(WHOLE),
                (false, _) => self.allocation.layers().get(track).copied().flatten(),
            };
            if let Some((slot, set)) = slot.zip(self.set.get_mut(track)).filter(|_| watches)
                && set.replace(layer) != Some(layer)
            {
                call.set_layer(seat, slot, layer);
            }
        }
    }

    /// What the receiver would be sent on a line without limits.
    pub(super) fn wanted(&self) -> Bitrate {
        WANTED.times(f64::from(self.shown)).plus(self.voices)
    }

    /// What the receiver can take of a publisher's camera.
    fn demand(&self, call: &Call, seat: Seat, publisher: Seat) -> Option<Demand> {
        let (track, slot) = watched().enumerate().find_map(|(track, slot)| {
            let slot = slot?;
            let from = call.track_of(seat, slot)?;
            (from == (publisher, Source::Camera)).then_some((track, slot))
        })?;
        let alone = self.is_alone();
        let desired = self.allocation.desired().get(track).copied().flatten();
        Some(Demand {
            layer: call.layer(seat, slot),
            desired: if alone { Some(WHOLE) } else { desired },
            room: if alone {
                self.room()
            } else {
                self.allocation
                    .room_for(track, self.target, self.voices, &self.wishes)
            },
        })
    }

    /// What the line has for pictures.
    fn room(&self) -> Bitrate {
        self.target.minus(self.voices)
    }

    fn is_alone(&self) -> bool {
        self.wishes.iter().flatten().count() <= 1
    }
}

/// What a publisher is to send at most, its voice included, for all these receivers.
pub(super) fn most_for<'a>(
    call: &Call,
    publisher: Seat,
    receivers: impl IntoIterator<Item = (Seat, &'a Allotment)>,
) -> Bitrate {
    let demands = receivers
        .into_iter()
        .filter_map(|(seat, allotment)| allotment.demand(call, seat, publisher));
    let Aim { bitrate, .. } = aim(&LAYER_BITRATES.map(Some), demands);
    bitrate.plus(VOICE)
}

/// The slots that show pictures, the cameras' first.
fn watched() -> impl Iterator<Item = Option<Slot>> {
    (0..PAIRS).map(Slot::video).chain([Some(Slot::SCREEN)])
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
