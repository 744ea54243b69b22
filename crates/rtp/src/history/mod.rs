//! What was sent of a track lately, for whoever lost some of it.
//!
//! There is one history for each track and not for each receiver: the payload is stored once as it came, and
//! each receiver's numbers are put to it anew when it asks. Which of a track's numbers a receiver's number
//! is, is for the caller to know.

mod chunks;
mod entry;
mod resent;

use crate::Moment;
use crate::limits::{HISTORY_PACKETS, HISTORY_PAYLOAD};
use chunks::Chunks;
use entry::Entry;
pub use resent::{Refusal, Resent};

/// The packets of a track, bounded in octets, packets and time.
///
/// Its memory grows by chunks of [`HISTORY_CHUNK`](crate::limits::HISTORY_CHUNK) octets to what a track needs for
/// [`HISTORY_AGE`](crate::limits::HISTORY_AGE), at most [`HISTORY_CHUNKS`](crate::limits::HISTORY_CHUNKS); then the oldest packets are
/// written over, one by one.
#[derive(Debug, Default)]
pub struct History {
    chunks: Chunks,
    /// Where each packet is: at its number modulo [`HISTORY_PACKETS`]. Empty before the first packet.
    index: Box<[Entry]>,
}

/// What is kept of a packet's header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facts {
    /// The extended sequence number of the track.
    pub sequence: u64,
    /// The timestamp of the track.
    pub timestamp: u32,
    /// The marker bit.
    pub marker: bool,
    /// The octet of the video-orientation extension, when the packet has one.
    pub orientation: Option<u8>,
}

/// A packet that was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stored<'a> {
    /// What its header said.
    pub facts: Facts,
    /// Its payload as it came.
    pub payload: &'a [u8],
}

impl History {
    /// Keeps a packet; one that is longer than [`HISTORY_PAYLOAD`] is not kept. A packet that comes late
    /// never takes the place of a newer one.
    pub fn store(&mut self, now: Moment, facts: Facts, payload: &[u8]) {
        if self.index.is_empty() {
            self.index = vec![Entry::EMPTY; HISTORY_PACKETS].into_boxed_slice();
        }
        let Some(entry) = self.index.get_mut(slot(facts.sequence)) else {
            return;
        };
        if entry.is_newer(facts.sequence) || payload.len() > HISTORY_PAYLOAD {
            return;
        }
        if let Some(place) = self.chunks.store(now, payload) {
            *entry = Entry::new(now, &facts, place);
        }
    }

    /// The packet with a sequence number, when it is still there and not older than [`HISTORY_AGE`](crate::limits::HISTORY_AGE).
    #[must_use]
    pub fn find(&self, now: Moment, sequence: u64) -> Option<Stored<'_>> {
        let entry = self.index.get(slot(sequence))?;
        let (facts, place) = entry.find(now, sequence)?;
        let payload = self.chunks.find(place)?;
        Some(Stored { facts, payload })
    }

    /// Whether a packet that is not found was kept once, and not one that never came: who lacks it lacks it for good.
    #[must_use]
    pub fn is_gone(&self, now: Moment, sequence: u64) -> bool {
        let entry = self.index.get(slot(sequence));
        entry.is_some_and(|entry| entry.is_past(sequence)) && self.find(now, sequence).is_none()
    }

    /// Forgets all packets and keeps the memory: another stream begins, whose numbers may be the same.
    pub fn clear(&mut self) {
        self.index.fill(Entry::EMPTY);
    }

    /// Octets of memory that it has taken.
    #[must_use]
    pub fn memory(&self) -> usize {
        self.chunks.memory() + std::mem::size_of_val(&*self.index)
    }
}

fn slot(sequence: u64) -> usize {
    (sequence % HISTORY_PACKETS as u64) as usize
}

#[cfg(test)]
mod tests;
