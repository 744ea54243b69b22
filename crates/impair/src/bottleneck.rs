//! The narrow place of a direction: one packet at a time leaves at the rate, others wait behind it.

use std::collections::VecDeque;
use std::time::Duration;

use crate::moment::{Moment, nanos};
use crate::settings::{Queue, Rate};

#[derive(Debug)]
pub(crate) struct Bottleneck<T> {
    rate: Option<Rate>,
    queue: Queue,
    /// The first one is being sent.
    packets: VecDeque<(u64, T)>,
    /// Of those behind the first.
    waiting_bytes: u64,
    /// When the first one has left.
    first_leaves: Moment,
}

impl<T> Bottleneck<T> {
    pub(crate) fn new(rate: Option<Rate>, queue: Queue) -> Self {
        Self {
            rate,
            queue,
            packets: VecDeque::new(),
            waiting_bytes: 0,
            first_leaves: Moment::default(),
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.packets.len()
    }

    /// Takes a packet in, or gives `false` when the queue is full. What has left by `now` must have been
    /// taken out.
    pub(crate) fn push(&mut self, now: Moment, bytes: u64, packet: T) -> bool {
        if self.packets.is_empty() {
            self.first_leaves = now.plus(self.time_of(bytes));
        } else if self.has_room(now, bytes) {
            self.waiting_bytes += bytes;
        } else {
            return false;
        }
        self.packets.push_back((bytes, packet));
        true
    }

    /// When the next packet leaves.
    pub(crate) fn next(&self) -> Option<Moment> {
        (!self.packets.is_empty()).then_some(self.first_leaves)
    }

    /// The packet that has left by `now`, and when it did.
    pub(crate) fn pop(&mut self, now: Moment) -> Option<(Moment, T)> {
        if self.first_leaves > now {
            return None;
        }
        let (_, packet) = self.packets.pop_front()?;
        let left = self.first_leaves;
        if let Some((bytes, _)) = self.packets.front() {
            let bytes = *bytes;
            self.waiting_bytes -= bytes;
            self.first_leaves = left.plus(self.time_of(bytes));
        }
        Some((left, packet))
    }

    /// Changes the rate and the queue. The rest of the packet that is being sent goes at the new rate. Gives
    /// the packets that have no room any more.
    pub(crate) fn set(&mut self, now: Moment, rate: Option<Rate>, queue: Queue) -> Vec<(u64, T)> {
        let left = self.first_leaves.since(now);
        self.first_leaves = now.plus(rescaled(left, self.rate, rate));
        (self.rate, self.queue) = (rate, queue);
        let mut dropped = Vec::new();
        while let Some((bytes, packet)) = self.pop_overdue(now) {
            dropped.push((bytes, packet));
        }
        dropped
    }

    /// The newest packet, when it waits longer than the queue lets it.
    fn pop_overdue(&mut self, now: Moment) -> Option<(u64, T)> {
        if self.packets.len() < 2 {
            return None;
        }
        let (bytes, packet) = self.packets.pop_back()?;
        self.waiting_bytes -= bytes;
        if self.has_room(now, bytes) {
            self.waiting_bytes += bytes;
            self.packets.push_back((bytes, packet));
            return None;
        }
        Some((bytes, packet))
    }

    fn has_room(&self, now: Moment, bytes: u64) -> bool {
        match self.queue {
            Queue::Bytes(limit) => self.waiting_bytes + bytes <= limit,
            Queue::Time(limit) => {
                self.first_leaves.since(now) + self.time_of(self.waiting_bytes) <= limit
            }
        }
    }

    fn time_of(&self, bytes: u64) -> Duration {
        self.rate.map_or(Duration::ZERO, |rate| rate.time_of(bytes))
    }
}

/// What is left to send, at another rate.
fn rescaled(left: Duration, old: Option<Rate>, new: Option<Rate>) -> Duration {
    let (Some(old), Some(new)) = (old, new) else {
        return Duration::ZERO;
    };
    let bits = u128::from(nanos(left)) * u128::from(old.bits_per_second());
    let nanos = bits.div_ceil(u128::from(new.bits_per_second()));
    Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
}
