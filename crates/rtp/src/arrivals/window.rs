//! Recognises packets that came before.

use super::Stale;
use crate::limits::ARRIVAL_WINDOW;

const WORDS: usize = ARRIVAL_WINDOW / 64;

/// The sequence numbers seen of a stream, as far back as [`ARRIVAL_WINDOW`].
///
/// A packet in order looks at the first two numbers alone, which lie side by side: most streams are in no cache any more
/// when their next packet comes.
#[derive(Debug)]
#[repr(C)]
pub(super) struct Window {
    newest: u64,
    /// The word of the newest number: bit `number % 64` is that of a number.
    head: u64,
    /// The words before, that of a number at the place `number / 64` modulo [`WORDS`]. At the newest's own place is the
    /// one from a round ago.
    past: [u64; WORDS],
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
        Self {
            newest: sequence,
            head: bit(sequence),
            past: [0; WORDS],
        }
    }

    pub(super) fn newest(&self) -> u64 {
        self.newest
    }

    /// Takes note of a packet.
    pub(super) fn insert(&mut self, sequence: u64) -> Result<Age, Stale> {
        if sequence > self.newest {
            self.advance(sequence);
            self.head |= bit(sequence);
            return Ok(Age::Newest);
        }
        if self.newest - sequence >= ARRIVAL_WINDOW as u64 {
            return Err(Stale::TooOld);
        }
        let word = if word(sequence) == word(self.newest) {
            Some(&mut self.head)
        } else {
            self.past.get_mut(place(word(sequence)))
        };
        match word {
            Some(seen) if *seen & bit(sequence) == 0 => {
                *seen |= bit(sequence);
                Ok(Age::Late)
            }
            Some(_) | None => Err(Stale::Repeated),
        }
    }

    /// Puts the newest's word to those before when `sequence` is of another one.
    fn advance(&mut self, sequence: u64) {
        let (before, now) = (word(self.newest), word(sequence));
        self.newest = sequence;
        if before == now {
            return;
        }
        let head = std::mem::take(&mut self.head);
        for between in (before..now).rev().take(WORDS) {
            if let Some(seen) = self.past.get_mut(place(between)) {
                *seen = if between == before { head } else { 0 };
            }
        }
    }
}

/// The word that a number's bit is in, counted from the first.
fn word(sequence: u64) -> u64 {
    sequence / 64
}

fn bit(sequence: u64) -> u64 {
    1 << (sequence % 64)
}

/// Where a word is.
fn place(word: u64) -> usize {
    (word % WORDS as u64) as usize
}
