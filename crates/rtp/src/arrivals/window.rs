//! Recognises packets that came before.

use super::Stale;
use crate::limits::ARRIVAL_WINDOW;

const WORDS: usize = ARRIVAL_WINDOW / 64;

/// The sequence numbers seen of a stream, as far back as [`ARRIVAL_WINDOW`].
#[derive(Debug)]
pub(super) struct Window {
    newest: u64,
    seen: [u64; WORDS],
}

/// How a packet stands to those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Age {
    /// The newest so far.
    Newest,
    /// Late, and not seen before.
    Late,
}

impl Window {
    pub(super) fn starting_with(sequence: u64) -> Self {
        let mut window = Self {
            newest: sequence,
            seen: [0; WORDS],
        };
        window.set(sequence);
        window
    }

    pub(super) fn newest(&self) -> u64 {
        self.newest
    }

    /// Takes note of a packet.
    pub(super) fn insert(&mut self, sequence: u64) -> Result<Age, Stale> {
        if sequence > self.newest {
            self.advance(sequence);
            self.set(sequence);
            return Ok(Age::Newest);
        }
        if self.newest - sequence >= ARRIVAL_WINDOW as u64 {
            return Err(Stale::TooOld);
        }
        if self.contains(sequence) {
            return Err(Stale::Repeated);
        }
        self.set(sequence);
        Ok(Age::Late)
    }

    /// Forgets what the places up to `sequence` held a round ago.
    fn advance(&mut self, sequence: u64) {
        if sequence - self.newest >= ARRIVAL_WINDOW as u64 {
            self.seen = [0; WORDS];
        } else {
            for skipped in self.newest + 1..=sequence {
                self.clear(skipped);
            }
        }
        self.newest = sequence;
    }

    fn contains(&self, sequence: u64) -> bool {
        let (word, bit) = place(sequence);
        self.seen.get(word).is_some_and(|seen| seen & bit != 0)
    }

    fn set(&mut self, sequence: u64) {
        let (word, bit) = place(sequence);
        if let Some(seen) = self.seen.get_mut(word) {
            *seen |= bit;
        }
    }

    fn clear(&mut self, sequence: u64) {
        let (word, bit) = place(sequence);
        if let Some(seen) = self.seen.get_mut(word) {
            *seen &= !bit;
        }
    }
}

/// Where a sequence number's bit is.
fn place(sequence: u64) -> (usize, u64) {
    let place = (sequence % ARRIVAL_WINDOW as u64) as usize;
    (place / 64, 1 << (place % 64))
}
