//! A call of people whose lines take different amounts, in virtual time.

use vestibule_congestion::{Bitrate, Known};
use vestibule_forwarding::limits::{PAIRS, VOICE};
use vestibule_forwarding::{Allotment, Call, Camera, LegId, Moment, Output, Seat, Slot, most_for};

use crate::client::Client;

/// Milliseconds between two decisions, and between two packets of a stream.
const TICK: u64 = 50;

/// Ticks in a second.
pub(crate) const SECOND: usize = (1_000 / TICK) as usize;

/// Somebody in the call.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Person {
    /// What their line takes, in thousand bits a second.
    pub(crate) line: u64,
    /// In how many layers their camera comes.
    pub(crate) layers: usize,
    /// How many layers of each other's camera, and of the screen, are of use to them.
    pub(crate) looks: [u8; PAIRS + 1],
}

/// How a line is estimated: off by this part at most, and for so many ticks in the same way.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Noise {
    pub(crate) part: f64,
    pub(crate) ticks: usize,
    pub(crate) seed: u64,
}

/// What one got in a tick.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Got {
    /// Of each picture, in bits a second.
    pub(crate) pictures: [u64; PAIRS + 1],
    /// The layer of each that is followed.
    pub(crate) layers: [Option<u8>; PAIRS + 1],
    /// Packets of sound.
    pub(crate) sounds: usize,
}

impl Got {
    pub(crate) fn all_pictures(&self) -> u64 {
        self.pictures.iter().sum()
    }
}

pub(crate) struct Room {
    people: Vec<Person>,
    noise: Noise,
    now: u64,
    call: Call,
    clients: Vec<Client>,
    allotments: Vec<Allotment>,
    /// Tick by tick, what each got.
    history: Vec<Vec<Got>>,
}

impl Room {
    /// All are connected, and the one at `presents` shares a screen.
    pub(crate) fn new(people: &[Person], presents: Option<usize>, noise: Noise) -> Self {
        let mut call = Call::default();
        let legs: Vec<_> = (1..=people.len() as u128).map(LegId::from_random).collect();
        call.set_plan(Moment::default(), &legs, true, |_| {})
            .unwrap();
        for leg in legs {
            let seat = call.seat_of(leg).unwrap();
            call.attach(Moment::default(), seat, 1);
            call.connected(Moment::default(), seat);
        }
        let allotments = people.iter().map(|person| {
            let mut allotment = Allotment::default();
            allotment.watch(|slot| {
                let place = slots().position(|it| it == slot)?;
                Some(person.looks[place])
            });
            allotment
        });
        let clients = people.iter().enumerate();
        let clients =
            clients.map(|(index, person)| Client::new(person.layers, presents == Some(index)));
        Self {
            people: people.to_vec(),
            noise,
            now: 0,
            call,
            clients: clients.collect(),
            allotments: allotments.collect(),
            history: Vec::new(),
        }
    }

    pub(crate) fn run(&mut self, seconds: usize) {
        for _ in 0..seconds * SECOND {
            self.now += TICK;
            let got = self.send();
            self.history.push(got);
            self.decide();
            self.carry_out();
        }
    }

    /// What somebody's line has for pictures, with the voices of all others.
    pub(crate) fn room(&self, index: usize) -> Bitrate {
        let others = self.people.len() - 1;
        let line = Bitrate::kbps(self.people[index].line);
        line.minus(VOICE.times(others as f64))
    }

    /// What somebody got, tick by tick.
    pub(crate) fn got_by(&self, index: usize) -> Vec<Got> {
        self.history.iter().map(|got| got[index]).collect()
    }

    fn moment(&self) -> Moment {
        Moment::from_micros(self.now * 1_000)
    }

    fn send(&mut self) -> Vec<Got> {
        let now = self.moment();
        let mut got = vec![Got::default(); self.people.len()];
        for (index, client) in self.clients.iter_mut().enumerate() {
            let from = Seat::ALL[index];
            self.call.heard(now, from);
            for (stream, bitrate) in client.streams() {
                let octets = bitrate.as_bps() * TICK / 8_000;
                let packet = client.packet(stream, octets as usize);
                let bits = packet.payload.len() as u64 * 8_000 / TICK;
                self.call.forward(now, from, stream.0, &packet, |sent| {
                    let got = &mut got[sent.seat.index()];
                    match slots().position(|slot| slot == sent.slot) {
                        Some(place) => got.pictures[place] += bits,
                        None => got.sounds += 1,
                    }
                    true
                });
            }
        }
        for (index, got) in got.iter_mut().enumerate() {
            for (layer, slot) in got.layers.iter_mut().zip(slots()) {
                *layer = self.call.layer(Seat::ALL[index], slot);
            }
        }
        got
    }

    fn decide(&mut self) {
        let now = self.moment();
        self.call.handle_timeout(now);
        let people = &self.people;
        let camera_of = |seat: Seat| Camera {
            layers: people[seat.index()].layers,
            small: false,
        };
        for (index, allotment) in self.allotments.iter_mut().enumerate() {
            let line = Bitrate::kbps(people[index].line);
            let known = Known {
                target: line.times(1.0 + self.noise.at(index, self.history.len())),
                congested: false,
            };
            let receiver = (&mut self.call, Seat::ALL[index]);
            allotment.update(now, receiver, known, camera_of);
        }
        for (index, client) in self.clients.iter_mut().enumerate() {
            let receivers = Seat::ALL.into_iter().zip(self.allotments.iter().map(Some));
            let publisher = Seat::ALL[index];
            let receivers = receivers.filter(|(seat, _)| *seat != publisher);
            client.tell(most_for(now, &self.call, publisher, receivers));
        }
    }

    fn carry_out(&mut self) {
        while let Some(output) = self.call.poll_output() {
            match output {
                Output::KeyFrame {
                    seat,
                    source,
                    layer,
                } => self.clients[seat.index()].ask((source, layer)),
                Output::Layers { seat, layers, .. } => self.clients[seat.index()].want(layers),
                Output::Link { .. }
                | Output::Slots { .. }
                | Output::Redundancy { .. }
                | Output::Talk(_)
                | Output::Flow(_) => {}
            }
        }
    }
}

impl Noise {
    pub(crate) const NONE: Self = Self {
        part: 0.0,
        ticks: 1,
        seed: 0,
    };

    /// By how much somebody's line is thought to take more or less than it does, as a part of it.
    fn at(self, index: usize, tick: usize) -> f64 {
        let step = (tick / self.ticks) as u64;
        // SplitMix64, of one number for each person and step.
        let mut value = self.seed ^ ((index as u64) << 56) ^ step;
        value = value.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let part = ((value ^ (value >> 31)) >> 11) as f64 / (1_u64 << 53) as f64;
        self.part * (2.0 * part - 1.0)
    }
}

/// The slots through which pictures come, the cameras' first.
pub(crate) fn slots() -> impl Iterator<Item = Slot> {
    let cameras = (0..PAIRS).filter_map(Slot::video);
    cameras.chain([Slot::SCREEN])
}
