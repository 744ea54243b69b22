//! The bottleneck: a capacity, a queue that overflows, and what a radio does to packets.

use std::collections::VecDeque;

use super::Chance;
use super::flow::Packet;

/// How a line is. Times in microseconds.
#[derive(Clone, Debug)]
pub(crate) struct Path {
    pub(crate) kbps: f64,
    /// What would wait longer is dropped.
    pub(crate) queue: u64,
    /// One way, each way.
    pub(crate) delay: u64,
    /// Up to so much more, for each packet; the order is kept.
    pub(crate) jitter: u64,
    /// The part of the packets that is lost after the queue.
    pub(crate) loss: f64,
    /// So many packets are lost in a row.
    pub(crate) burst: u32,
    /// The radio keeps all that is underway until it is no longer held.
    pub(crate) held: bool,
    /// The part of the feedback that is lost.
    pub(crate) feedback_loss: f64,
    /// The part of the packets that comes later than those behind.
    pub(crate) reordered: f64,
    /// Nothing passes, in either direction.
    pub(crate) dark: bool,
    /// Other traffic through the same queue, in kbit/s.
    pub(crate) cross_kbps: f64,
}

impl Default for Path {
    fn default() -> Self {
        Self {
            kbps: 3_000.0,
            queue: 400_000,
            delay: 25_000,
            jitter: 2_000,
            loss: 0.0,
            burst: 1,
            held: false,
            feedback_loss: 0.0,
            reordered: 0.0,
            dark: false,
            cross_kbps: 0.0,
        }
    }
}

const NOBODY: usize = usize::MAX;

pub(crate) struct Bottleneck {
    pub(crate) path: Path,
    pub(crate) chance: Chance,
    queue: VecDeque<(usize, Packet, u64)>,
    queued_bytes: u64,
    free_at: u64,
    /// How long the last packet that got through had waited.
    pub(crate) queue_micros: u64,
    underway: Vec<(u64, usize, Packet)>,
    last_arrival: u64,
    cross_debt: f64,
    losing: u32,
}

impl Bottleneck {
    pub(crate) fn new(path: Path, chance: Chance) -> Self {
        Self {
            path,
            chance,
            queue: VecDeque::new(),
            queued_bytes: 0,
            free_at: 0,
            queue_micros: 0,
            underway: Vec::new(),
            last_arrival: 0,
            cross_debt: 0.0,
            losing: 0,
        }
    }

    pub(crate) fn push(&mut self, now: u64, flow: usize, packet: Packet) {
        let wait = self.micros_for(self.queued_bytes);
        // Even the smallest queue holds three packets.
        if self.path.dark || (wait > self.path.queue && self.queued_bytes > 3600) {
            return;
        }
        self.queued_bytes += u64::from(packet.size);
        self.queue.push_back((flow, packet, now));
    }

    /// Gives out what has arrived by now.
    pub(crate) fn deliver(&mut self, now: u64, mut arrived: impl FnMut(usize, Packet, u64)) {
        self.add_cross_traffic(now);
        self.serve(now);
        let mut index = 0;
        self.underway.sort_by_key(|(at, ..)| *at);
        while index < self.underway.len() && self.underway[index].0 <= now {
            index += 1;
        }
        for (at, flow, packet) in self.underway.drain(..index) {
            arrived(flow, packet, at);
        }
    }

    fn serve(&mut self, now: u64) {
        if self.path.held {
            self.free_at = now;
            return;
        }
        while let Some((flow, packet, queued)) = self.queue.front().copied() {
            let begin = self.free_at.max(queued);
            let done = begin + self.micros_for(packet.size.into());
            if done > now {
                break;
            }
            self.queue.pop_front();
            self.queued_bytes -= u64::from(packet.size);
            self.free_at = done;
            self.queue_micros = begin - queued;
            if flow != NOBODY {
                self.pass(flow, packet, done);
            }
        }
        if self.queue.is_empty() {
            self.queue_micros = 0;
        }
    }

    /// Over the air: lost, late, or overtaken.
    fn pass(&mut self, flow: usize, packet: Packet, done: u64) {
        if self.path.dark || self.loses() {
            return;
        }
        let jitter = self.chance.between(0.0, self.path.jitter as f64) as u64;
        let straight = done + self.path.delay + jitter;
        if self.chance.happens(self.path.reordered) {
            let late = self.chance.between(5_000.0, 40_000.0) as u64;
            self.underway.push((straight + late, flow, packet));
            return;
        }
        self.last_arrival = self.last_arrival.max(straight);
        self.underway.push((self.last_arrival, flow, packet));
    }

    fn loses(&mut self) -> bool {
        let burst = self.path.burst;
        if self.losing == 0 && self.chance.happens(self.path.loss / f64::from(burst)) {
            self.losing = burst;
        }
        let lost = self.losing > 0;
        self.losing = self.losing.saturating_sub(1);
        lost
    }

    fn add_cross_traffic(&mut self, now: u64) {
        self.cross_debt += self.path.cross_kbps / 8.0;
        while self.cross_debt >= 1200.0 {
            self.cross_debt -= 1200.0;
            let packet = Packet {
                number: 0,
                size: 1200,
            };
            self.push(now, NOBODY, packet);
        }
    }

    fn micros_for(&self, bytes: u64) -> u64 {
        (bytes as f64 * 8_000.0 / self.path.kbps) as u64
    }
}
