//! Recognises packets that came before.

use crate::limits::WINDOW_PACKETS;

const WORDS: usize = WINDOW_PACKETS / 64;

/// The sequence numbers seen of one stream, as far back as [`WINDOW_PACKETS`].
///
/// A packet that is forwarded twice would take one sequence number twice, and under AES-GCM one nonce
/// for two headers gives the authentication key away.
///
/// A packet in order looks at the first two numbers alone, which lie side by side: most streams are in no cache any more
/// when their next packet comes.
#[derive(Debug)]
#[repr(C)]
pub(crate) struct Window {
    newest: u64,
    /// The word of the newest number: bit `number % 64` is that of a number.
    head: u64,
    /// The words before, that of a number at the place `number / 64` modulo [`WORDS`]. At the newest's own place is the
    /// one from a round ago.
    past: [u64; WORDS],
}

/// How a packet stands to those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Age {
    /// The newest so far.
    Newest,
    /// Late, and not seen before.
    Late,
}

impl Window {
    /// A window whose first packet is `sequence`.
    pub(crate) fn starting_with(sequence: u64) -> Self {
        Self {
            newest: sequence,
            head: bit(sequence),
            past: [0; WORDS],
        }
    }

    /// Takes note of a packet; `None` when it came before or is too old to know.
    pub(crate) fn insert(&mut self, sequence: u64) -> Option<Age> {
        if sequence > self.newest {
            self.advance(sequence);
            self.head |= bit(sequence);
            return Some(Age::Newest);
        }
        if self.newest - sequence >= WINDOW_PACKETS as u64 {
            return None;
        }
        let seen = if word(sequence) == word(self.newest) {
            &mut self.head
        } else {
            self.past.get_mut(place(word(sequence)))?
        };
        let fresh = *seen & bit(sequence) == 0;
        *seen |= bit(sequence);
        fresh.then_some(Age::Late)
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

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::{Age, Window};
    use crate::limits::WINDOW_PACKETS;

    #[test]
    fn a_repeated_packet_is_recognised() {
        let mut window = Window::starting_with(100);
        assert_eq!(window.insert(100), None);
        assert_eq!(window.insert(102), Some(Age::Newest));
        assert_eq!(window.insert(101), Some(Age::Late));
        assert_eq!(window.insert(101), None);
        assert_eq!(window.insert(102), None);
    }

    #[test]
    fn a_packet_too_old_to_know_is_refused() {
        let mut window = Window::starting_with(0);
        let far = WINDOW_PACKETS as u64;
        assert_eq!(window.insert(far), Some(Age::Newest));
        assert_eq!(window.insert(0), None);
        assert_eq!(window.insert(1), Some(Age::Late));
    }

    proptest! {
        /// Against a set that remembers everything: whatever passes is new, and whatever is new and
        /// within the window passes.
        #[test]
        fn agrees_with_a_perfect_memory(steps in prop::collection::vec(0_u64..3000, 1..400)) {
            let mut window = Window::starting_with(steps[0]);
            let mut memory = HashSet::from([steps[0]]);
            let mut newest = steps[0];
            for &sequence in &steps[1..] {
                let known = newest.saturating_sub(sequence) < WINDOW_PACKETS as u64;
                let fresh = memory.insert(sequence);
                prop_assert_eq!(window.insert(sequence).is_some(), fresh && known);
                newest = newest.max(sequence);
            }
        }
    }
}
