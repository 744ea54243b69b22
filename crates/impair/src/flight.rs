//! The packets that are under way behind the narrow place.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use crate::moment::Moment;

/// Packets by the time when they are due; of those due at once, the one that was put in first.
#[derive(Debug)]
pub(crate) struct Flight<T> {
    packets: BinaryHeap<Entry<T>>,
    /// How many were ever put in.
    serial: u64,
}

#[derive(Debug)]
struct Entry<T> {
    due: Moment,
    serial: u64,
    packet: T,
}

impl<T> Flight<T> {
    pub(crate) fn new() -> Self {
        Self {
            packets: BinaryHeap::new(),
            serial: 0,
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.packets.len()
    }

    pub(crate) fn push(&mut self, due: Moment, packet: T) {
        let serial = self.serial;
        self.serial += 1;
        self.packets.push(Entry {
            due,
            serial,
            packet,
        });
    }

    /// When the next packet is due.
    pub(crate) fn next(&self) -> Option<Moment> {
        self.packets.peek().map(|entry| entry.due)
    }

    /// The next packet and when it was due, once that is so.
    pub(crate) fn pop(&mut self, now: Moment) -> Option<(Moment, T)> {
        if self.next()? > now {
            return None;
        }
        self.packets.pop().map(|entry| (entry.due, entry.packet))
    }
}

impl<T> Entry<T> {
    fn rank(&self) -> (Moment, u64) {
        (self.due, self.serial)
    }
}

// The heap gives the greatest first, so that the earliest is the greatest.
impl<T> Ord for Entry<T> {
    fn cmp(&self, other: &Self) -> Ordering {
        other.rank().cmp(&self.rank())
    }
}

impl<T> PartialOrd for Entry<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<T> PartialEq for Entry<T> {
    fn eq(&self, other: &Self) -> bool {
        self.rank() == other.rank()
    }
}

impl<T> Eq for Entry<T> {}
