//! A stream over a line that loses, delays, repeats and reorders, and its sender.
#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    reason = "in a test a panic is the verdict"
)]

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};
use std::time::Duration;

use vestibule_rtp::limits::{MISSING_PACKETS, REQUESTS};
use vestibule_rtp::{Arrivals, Moment, Via};

/// A line that loses, delays and repeats, with a sender that resends what it still has.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Line {
    pub(crate) seed: u64,
    /// Of 1,000 packets in either direction.
    pub(crate) lost: u64,
    pub(crate) repeated: u64,
    /// One way, and up to how much more.
    pub(crate) delay: u64,
    pub(crate) jitter: u64,
    /// Of 1,000 packets those that overtake or are overtaken: jitter of the others keeps their order, as
    /// queues do.
    pub(crate) reordered: u64,
    pub(crate) packets: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    Packet { sequence: u16, again: bool },
    Request { sequence: u16 },
}

#[derive(Debug, Default)]
pub(crate) struct Outcome {
    pub(crate) lost: usize,
    pub(crate) recovered: usize,
    pub(crate) requests: usize,
    pub(crate) key_frames: usize,
}

pub(crate) struct World {
    line: Line,
    random: u64,
    events: BinaryHeap<Reverse<(u64, u64, Event)>>,
    scheduled: u64,
    /// The last arrival of those that keep their order, forth and back.
    last: [u64; 2],
    arrivals: Arrivals,
    sent: BTreeMap<u16, u64>,
    came: BTreeSet<u16>,
    /// Those whose first transmission was lost.
    lost: BTreeSet<u16>,
    requests: BTreeMap<u16, usize>,
    key_frames: usize,
}

impl World {
    pub(crate) fn new(line: Line) -> Self {
        let mut arrivals = Arrivals::asking(90_000);
        arrivals.set_round_trip(Duration::from_micros(2 * line.delay));
        Self {
            line,
            random: line.seed | 1,
            events: BinaryHeap::new(),
            scheduled: 0,
            last: [0; 2],
            arrivals,
            sent: BTreeMap::new(),
            came: BTreeSet::new(),
            lost: BTreeSet::new(),
            requests: BTreeMap::new(),
            key_frames: 0,
        }
    }

    /// xorshift64*, so that a seed is a run.
    fn below(&mut self, end: u64) -> u64 {
        self.random ^= self.random >> 12;
        self.random ^= self.random << 25;
        self.random ^= self.random >> 27;
        (self.random.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) % end.max(1)
    }

    /// Sends something over the line; tells whether it gets through.
    fn send(&mut self, now: u64, event: Event) -> bool {
        let through = self.below(1000) >= self.line.lost;
        let times = u64::from(through) * (1 + u64::from(self.below(1000) < self.line.repeated));
        for _ in 0..times {
            let mut arrives = now + self.line.delay + self.below(self.line.jitter + 1);
            if self.below(1000) >= self.line.reordered {
                let [forth, back] = &mut self.last;
                let last = match event {
                    Event::Packet { .. } => forth,
                    Event::Request { .. } => back,
                };
                arrives = arrives.max(*last);
                *last = arrives;
            }
            self.scheduled += 1;
            self.events.push(Reverse((arrives, self.scheduled, event)));
        }
        through
    }

    pub(crate) fn run(mut self) -> Outcome {
        let (mut next_frame, mut next, mut now) = (0, 0_u64, 0);
        loop {
            let event = self.events.peek().map(|Reverse((at, ..))| *at);
            let due = self.arrivals.next_timeout().map(Moment::as_micros);
            let frame = (next < self.line.packets).then_some(next_frame);
            let Some(at) = [event, due, frame].into_iter().flatten().min() else {
                break;
            };
            now = now.max(at);
            if frame == Some(at) {
                // 30 pictures a second of one to twelve packets, in a row.
                let packets = 1 + self.below(12);
                (0..packets).for_each(|packet| self.emit(now + 100 * packet, next + packet));
                next += packets;
                next_frame += 33_333;
            }
            while let Some(Reverse((_, _, event))) = self.events.pop_if_due(now) {
                self.arrive(now, event);
            }
            self.ask(now);
        }
        self.outcome()
    }

    fn emit(&mut self, now: u64, number: u64) {
        let sequence = (65_000 + number) as u16;
        self.sent.insert(sequence, now);
        let packet = Event::Packet {
            sequence,
            again: false,
        };
        // Nobody misses what came before the first, or after the last.
        let edge = number < 40 || number + 20 > self.line.packets;
        while !self.send(now, packet) {
            if !edge {
                self.lost.insert(sequence);
                return;
            }
        }
    }

    fn arrive(&mut self, now: u64, event: Event) {
        match event {
            Event::Packet { sequence, again } => {
                let via = if again {
                    Via::Retransmission
                } else {
                    Via::Stream
                };
                let moment = Moment::from_micros(now);
                if self.arrivals.note(moment, sequence, 0, via).is_ok() {
                    assert!(self.came.insert(sequence), "{sequence} was new twice");
                }
            }
            Event::Request { sequence } => {
                if now - self.sent[&sequence] <= 1_000_000 {
                    let again = true;
                    self.send(now, Event::Packet { sequence, again });
                }
            }
        }
    }

    fn ask(&mut self, now: u64) {
        let asked = self.arrivals.requests(Moment::from_micros(now)).to_vec();
        assert!(asked.len() <= MISSING_PACKETS);
        for sequence in asked {
            assert!(!self.came.contains(&sequence), "{sequence} had come");
            let requests = self.requests.entry(sequence).or_default();
            *requests += 1;
            assert!(*requests <= usize::from(REQUESTS), "{sequence}");
            self.send(now, Event::Request { sequence });
        }
        self.key_frames += usize::from(self.arrivals.poll_key_frame());
    }

    fn outcome(&self) -> Outcome {
        let recovered = self.lost.intersection(&self.came).count();
        let given_up = self.lost.len() - recovered;
        assert!(
            given_up == 0 || self.key_frames > 0,
            "{given_up} of {} are missing, and nobody says so",
            self.lost.len()
        );
        assert_eq!(self.arrivals.missing(), 0, "all is settled");
        Outcome {
            lost: self.lost.len(),
            recovered,
            requests: self.requests.values().sum(),
            key_frames: self.key_frames,
        }
    }
}

trait PopIfDue<T> {
    fn pop_if_due(&mut self, now: u64) -> Option<T>;
}

impl PopIfDue<Reverse<(u64, u64, Event)>> for BinaryHeap<Reverse<(u64, u64, Event)>> {
    fn pop_if_due(&mut self, now: u64) -> Option<Reverse<(u64, u64, Event)>> {
        let due = self.peek().is_some_and(|Reverse((at, ..))| *at <= now);
        if due { self.pop() } else { None }
    }
}
