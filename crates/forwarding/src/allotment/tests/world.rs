//! A call with its receivers, to which anything can happen.

use std::time::Duration;

use vestibule_congestion::{Bitrate, Known};

use super::event::Event;
use super::{at, call_of};
use crate::allotment::places::{Useful, watched};
use crate::allotment::{Allotment, Camera};
use crate::limits::{LAYER_BITRATES, LAYERS, LEGS, VOICE, VOICE_HEADERS};
use crate::{Call, Moment, Packet, Seat, Slot, Source};

/// What a receiver may see.
#[derive(Clone, Copy, Debug)]
pub(super) struct Track {
    pub(super) place: usize,
    pub(super) slot: Slot,
    pub(super) publisher: Seat,
    pub(super) source: Source,
}

/// One receiver, and what it says.
#[derive(Default)]
pub(super) struct Receiver {
    pub(super) allotment: Allotment,
    pub(super) line: Option<Known>,
    pub(super) looks: Useful,
}

pub(super) struct World {
    pub(super) call: Call,
    pub(super) now: Moment,
    sequence: u64,
    pub(super) receivers: [Receiver; LEGS],
    pub(super) cameras: [Camera; LEGS],
    /// Who is connected.
    pub(super) there: [bool; LEGS],
}

impl World {
    pub(super) fn new(people: usize) -> Self {
        let layered = Camera {
            layers: 3,
            small: false,
        };
        Self {
            call: call_of(people as u128),
            now: at(0),
            sequence: 70_000,
            receivers: Default::default(),
            cameras: [layered; LEGS],
            there: std::array::from_fn(|index| index < people),
        }
    }

    pub(super) fn apply(&mut self, event: Event) {
        match event {
            Event::Sends(who, source, layer, rate) => {
                let layer = match source {
                    Source::Camera => layer.min(self.cameras[who].layers as u8 - 1),
                    Source::Microphone | Source::Screen => 0,
                };
                for _ in 0..10 {
                    self.pass(20);
                    self.send(who, (source, layer), rate as usize * 20 / 8);
                }
            }
            Event::Line(who, rate, congested) => {
                self.receivers[who].line = Some(Known {
                    target: Bitrate::kbps(rate),
                    congested,
                });
            }
            Event::Looks(who, looks) => {
                let of = |slot| {
                    let place = watched().find(|(_, it)| *it == slot)?.0;
                    Some(looks[place])
                };
                self.receivers[who].looks = Useful::told(of);
                self.receivers[who].allotment.watch(of);
            }
            Event::Camera(who, layers, small) => self.cameras[who] = Camera { layers, small },
            Event::Leaves(who) => {
                self.call.disconnected(Seat::ALL[who]);
                self.there[who] = false;
            }
            Event::Comes(who) => {
                self.call.attach(self.now, Seat::ALL[who], 2);
                self.call.connected(self.now, Seat::ALL[who]);
                self.receivers[who] = Receiver::default();
                self.there[who] = true;
            }
            Event::Waits(millis) => self.pass(millis),
        }
    }

    fn pass(&mut self, millis: u64) {
        self.pass_until(self.now.plus(Duration::from_millis(millis)));
    }

    pub(super) fn pass_until(&mut self, then: Moment) {
        self.now = self.now.max(then);
        for (seat, there) in Seat::ALL.into_iter().zip(self.there) {
            if there {
                self.call.heard(self.now, seat);
            }
        }
        self.call.handle_timeout(self.now);
    }

    /// Sends a packet; how many get it.
    pub(super) fn send(
        &mut self,
        who: usize,
        (source, layer): (Source, u8),
        octets: usize,
    ) -> usize {
        let mut payload = vec![0; octets.max(20)];
        payload[0] = 0x10;
        self.sequence += 1;
        let packet = Packet {
            ssrc: 1 + 10 * source as u32 + u32::from(layer),
            layer,
            sequence: self.sequence,
            timestamp: 0,
            payload: &payload,
        };
        let mut got = 0;
        let from = Seat::ALL[who];
        self.call.forward(self.now, from, source, &packet, |_| {
            got += 1;
            true
        });
        got
    }

    pub(super) fn decide(&mut self) {
        let cameras = self.cameras;
        let camera_of = |seat: Seat| cameras[seat.index()];
        for (index, receiver) in self.receivers.iter_mut().enumerate() {
            if !self.there[index] {
                continue;
            }
            let to = (&mut self.call, Seat::ALL[index]);
            match receiver.line {
                Some(line) => receiver.allotment.update(self.now, to, line, camera_of),
                None => receiver.allotment.update_untold(to, camera_of),
            }
        }
    }

    /// When somebody's share is to be decided anew at the latest.
    pub(super) fn next_timeout(&self) -> Option<Moment> {
        let there = self.receivers.iter().zip(self.there);
        let known = there.filter(|(receiver, there)| *there && receiver.line.is_some());
        known
            .filter_map(|(receiver, _)| receiver.allotment.next_timeout())
            .min()
    }

    /// The tracks that a receiver may see, but for those of who is not reckoned with.
    pub(super) fn tracks(&self, index: usize) -> Vec<Track> {
        let tracks = watched().filter_map(|(place, slot)| {
            let (publisher, source) = self.call.track_of(Seat::ALL[index], slot)?;
            Some(Track {
                place,
                slot,
                publisher,
                source,
            })
        });
        let expected = tracks.filter(|track| self.call.is_expected(track.publisher));
        expected.collect()
    }

    fn voice(&self, publisher: Seat) -> Bitrate {
        let come = self.call.bitrates(self.now, publisher, Source::Microphone);
        let measured = come[0].map(|bare| Bitrate::bps(bare).plus(VOICE_HEADERS));
        measured.unwrap_or(VOICE).max(VOICE)
    }

    /// What a line has for pictures.
    pub(super) fn room(&self, index: usize, line: Known) -> Bitrate {
        let tracks = self.tracks(index).into_iter();
        let cameras = tracks.filter(|track| track.source == Source::Camera);
        let voices = cameras.map(|track| self.voice(track.publisher));
        line.target.minus(voices.fold(Bitrate::ZERO, Bitrate::plus))
    }

    /// What a layer of a track takes, as measured, or at its best.
    pub(super) fn cost(&self, track: Track, layer: u8) -> Bitrate {
        let come = self.call.bitrates(self.now, track.publisher, track.source);
        if self.layers(track) == 1 {
            return Bitrate::bps(come.into_iter().flatten().max().unwrap_or_default());
        }
        let layer = usize::from(layer);
        come[layer].map_or(LAYER_BITRATES[layer], Bitrate::bps)
    }

    /// How many layers a track comes in.
    pub(super) fn layers(&self, track: Track) -> u8 {
        match track.source {
            Source::Camera => self.cameras[track.publisher.index()].layers as u8,
            Source::Microphone | Source::Screen => 1,
        }
    }

    /// The highest layer that a receiver is to get through a slot, as the call knows it.
    pub(super) fn given(&self, index: usize, slot: Slot) -> Option<u8> {
        let link = self.call.leg(Seat::ALL[index]).unwrap().link.as_ref();
        let subscription = link.unwrap().subscribed(slot);
        subscription.map_or(Some(LAYERS as u8 - 1), |it| it.wanted())
    }
}
