//! A consultation of two on a relay of the SFU, in memory. Its clients are real up to their keys: what the relay does for
//! them is what it does for browsers. One publishes, the other tells what arrives.

#![allow(dead_code, reason = "each benchmark uses its part")]

mod client;
mod floor;

use std::cell::Cell;
use std::hint::black_box;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use vestibule_forwarding::{Forwarded, Moment, Packet, Seat, Slot, vp8};
use vestibule_sfu::parts::{Datagram, Exit, Kept, Place, Relay, Row, Wake};
use vestibule_vocab::{CallId, LegId};

use client::{Client, HEADER_BYTES};
pub(crate) use client::{PICTURE_BYTES, VOICE_BYTES};
pub(crate) use floor::Floor;

/// Packets of one picture, and of a round of measuring.
pub(crate) const PACKETS: usize = 8;

/// Between two packets of pictures: 150 a second.
const INTERVAL: Duration = Duration::from_micros(6_667);

/// Between two packets of a voice.
const VOICE_INTERVAL: Duration = Duration::from_millis(20);

/// Rounds until the line to the receiver is known and takes the whole picture.
const WARM_UP: usize = 400;

/// Steps that handshakes take at most.
const STEPS: usize = 1_000;

/// Datagrams of one wake, and when it is.
pub(crate) type Arriving = (Instant, Vec<Vec<u8>>);

/// What is forwarded, with its numbers and its payload, and when.
pub(crate) type Going = (Instant, Forwarded, Vec<u8>);

const SERVER: ([u8; 4], u16) = ([192, 0, 2, 1], 4_000);

/// What is written into each picture's packet that is forwarded: another number than it came with.
const REWRITE: vp8::Rewrite = vp8::Rewrite {
    picture_id: Some(300),
    tl0: Some(30),
};

/// Beyond the numbers of what went through while the line became known.
const FORWARDED: u64 = 1 << 15;

/// The largest datagram that is sealed.
const DATAGRAM_BYTES: usize = 1_500;

pub(crate) struct Room {
    relay: Relay,
    start: Instant,
    now: Instant,
    publisher: Client,
    receiver: Client,
    kept: Kept,
    gone: Gone,
    /// The number of what was forwarded last to a peer alone.
    forwarded: u64,
    buffer: [u8; DATAGRAM_BYTES],
}

/// Lets what leaves go, as a kernel would, and counts the packets of media.
struct Gone {
    media: Cell<usize>,
}

impl Exit for Gone {
    fn send(&self, row: &Row<'_>, sent: &mut dyn FnMut(usize, bool)) {
        for datagram in row.datagrams() {
            let media = client::is_media(black_box(datagram));
            self.media.set(self.media.get() + usize::from(media));
            sent(datagram.len(), true);
        }
    }
}

impl Gone {
    /// So many packets of media are sent to the receiver otherwise.
    fn add(&self, packets: usize) {
        self.media.set(self.media.get() + packets);
    }
}

impl Room {
    /// Both are connected, and pictures have gone through for a while.
    pub(crate) fn new() -> Self {
        let start = Instant::now();
        let server: SocketAddr = SERVER.into();
        let mut relay = Relay::at(start, server).expect("a relay");
        let kept = Kept::default();
        let wake = Wake {
            now: start,
            exit: &kept,
        };
        let call = CallId::from_random(1);
        let legs = [1, 2].map(LegId::from_random);
        relay.open(wake, call, &legs);
        let [publisher, receiver] = [2, 3].map(|last| ([192, 0, 2, last], 4_000).into());
        let mut join = |address, leg| {
            Client::join(start, (address, server), |offer| {
                relay.offer(wake, call, leg, offer).expect("an answer")
            })
        };
        let [first, second] = legs;
        let (publisher, receiver) = (join(publisher, first), join(receiver, second));
        let mut room = Self {
            relay,
            start,
            now: start,
            publisher,
            receiver,
            kept,
            gone: Gone {
                media: Cell::new(0),
            },
            forwarded: FORWARDED,
            buffer: [0; DATAGRAM_BYTES],
        };
        room.connect();
        room.warm_up();
        room
    }

    fn connect(&mut self) {
        for _ in 0..STEPS {
            if self.publisher.is_up() && self.receiver.is_up() {
                return;
            }
            self.now += INTERVAL;
            self.exchange();
        }
        assert!(self.publisher.is_up(), "the handshakes are through");
    }

    /// The publisher's encoder begins anew after a while: its second stream is joined on to the first, so that the numbers of
    /// every picture are written anew.
    fn warm_up(&mut self) {
        for round in 0..WARM_UP {
            if round == WARM_UP / 2 {
                self.publisher.begin_anew();
            }
            for (now, mut datagrams) in self.pictures(1) {
                self.deliver_kept(now, &mut datagrams);
            }
            self.rest();
        }
        self.receiver.expect_rewritten(&self.publisher);
    }

    fn deliver_kept(&mut self, now: Instant, datagrams: &mut [Vec<u8>]) {
        let wake = Wake {
            now,
            exit: &self.kept,
        };
        for datagram in datagrams {
            let datagram = arrived(self.publisher.address, datagram);
            self.relay.deliver(wake, datagram);
        }
        self.relay.settle(wake);
    }

    /// A picture's packets, so many in each wake.
    pub(crate) fn pictures(&mut self, in_each: usize) -> Vec<Arriving> {
        let wakes = (0..PACKETS / in_each).map(|_| {
            self.now += INTERVAL * in_each as u32;
            let publisher = &mut self.publisher;
            let packets = std::iter::repeat_with(|| publisher.picture());
            (self.now, packets.take(in_each).collect())
        });
        wakes.collect()
    }

    /// As many packets of a voice, each in a wake of its own.
    pub(crate) fn voice(&mut self) -> Vec<Arriving> {
        let wakes = (0..PACKETS).map(|_| {
            self.now += VOICE_INTERVAL;
            (self.now, vec![self.publisher.voice()])
        });
        wakes.collect()
    }

    /// What a worker does in these wakes: how many packets of media left.
    pub(crate) fn relay(&mut self, wakes: &mut [Arriving]) -> usize {
        let before = self.gone.media.get();
        for (now, datagrams) in wakes {
            let wake = Wake {
                now: *now,
                exit: &self.gone,
            };
            for datagram in datagrams {
                let datagram = arrived(self.publisher.address, datagram);
                self.relay.deliver(wake, datagram);
            }
            self.relay.settle(wake);
        }
        self.gone.media.get() - before
    }

    /// The publisher's peer alone opens what comes: how many packets it opened.
    pub(crate) fn open(&mut self, wakes: &mut [Arriving]) -> usize {
        let [place, _] = Self::places();
        let way = (self.publisher.address, SERVER.into());
        let mut opened = 0;
        for (now, datagrams) in wakes {
            for datagram in datagrams {
                let packet = self.relay.open_packet(*now, place, way, datagram);
                opened += usize::from(black_box(packet).is_some());
            }
        }
        opened
    }

    /// Packets that are forwarded to the receiver, through a slot.
    pub(crate) fn going(&mut self, slot: Slot) -> Vec<Going> {
        let [_, place] = Self::places();
        let going = (0..PACKETS).map(|_| {
            self.now += if slot.is_video() {
                INTERVAL
            } else {
                VOICE_INTERVAL
            };
            self.forwarded += 1;
            let forwarded = Forwarded {
                seat: place.seat,
                slot,
                sequence: self.forwarded,
                timestamp: client::picture_time(self.forwarded),
                captured: self.moment(),
                vp8: slot.is_video().then_some(REWRITE),
            };
            let payload = if slot.is_video() {
                client::payload(self.forwarded)
            } else {
                vec![0xa5; VOICE_BYTES]
            };
            (self.now, forwarded, payload)
        });
        going.collect()
    }

    /// The receiver's peer alone writes and seals what is forwarded to it: how many packets it sealed.
    pub(crate) fn seal(&mut self, going: &[Going]) -> usize {
        let [_, place] = Self::places();
        let mut sealed = 0;
        for (now, forwarded, payload) in going {
            let packet = Packet {
                ssrc: 0,
                layer: 0,
                sequence: forwarded.sequence,
                timestamp: forwarded.timestamp,
                payload,
            };
            let buffer = &mut self.buffer;
            let length = self
                .relay
                .seal_packet(*now, place, forwarded, &packet, buffer);
            sealed += usize::from(length.is_some());
            black_box(&self.buffer);
        }
        self.gone.add(sealed);
        sealed
    }

    /// Lets both clients do what they do beside: they keep up their consent and tell what arrived and what was sent.
    pub(crate) fn rest(&mut self) {
        let at = self.moment();
        self.receiver.arrived(at, self.gone.media.take());
        let told = self.receiver.feedback(at).into_iter();
        told.chain([self.publisher.report(at)])
            .for_each(|datagram| self.post(datagram));
        self.exchange();
    }

    /// Hands to and fro what both sides have, until they have nothing.
    fn exchange(&mut self) {
        loop {
            let now = self.now;
            let clients = [&mut self.publisher, &mut self.receiver];
            let said = clients.map(|client| (client.address, client.speak(now)));
            let mut quiet = true;
            for (from, datagrams) in said {
                quiet &= datagrams.is_empty();
                datagrams.into_iter().for_each(|it| self.post((from, it)));
            }
            let wake = Wake {
                now,
                exit: &self.kept,
            };
            self.relay.settle(wake);
            let (moment, left) = (self.moment(), self.kept.take());
            for (to, mut datagram) in left {
                quiet = false;
                let clients = [&mut self.publisher, &mut self.receiver];
                let client = clients.into_iter().find(|it| it.address == to);
                let client = client.expect("everything goes to somebody");
                client.take(now, moment, &mut datagram);
            }
            if quiet {
                return;
            }
        }
    }

    fn post(&mut self, (from, mut datagram): (SocketAddr, Vec<u8>)) {
        let wake = Wake {
            now: self.now,
            exit: &self.kept,
        };
        self.relay.deliver(wake, arrived(from, &mut datagram));
    }

    fn moment(&self) -> Moment {
        let since = self.now.saturating_duration_since(self.start);
        Moment::default().plus(since)
    }

    /// Where the peers are that the publisher and the receiver speak to.
    fn places() -> [Place; 2] {
        let [publisher, receiver, ..] = Seat::ALL;
        [publisher, receiver].map(|seat| Place { call: 0, seat })
    }
}

fn arrived(from: SocketAddr, contents: &mut [u8]) -> Datagram<'_> {
    Datagram {
        from,
        local: None,
        contents,
    }
}
