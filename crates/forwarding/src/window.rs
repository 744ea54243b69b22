//! Recognises packets that came before.

use crate::limits::WINDOW_PACKETS;

const WORDS: usize = WINDOW_PACKETS / 64;

/// The sequence numbers seen of one stream, as far back as [`WINDOW_PACKETS`].
///
/// A packet that is forwarded twice would take one sequence number twice, and under AES-GCM one nonce
/// for two headers gives the authentication key away.
#[derive(Debug)]
pub(crate) struct Window {
    newest: u64,
    seen: [u64; WORDS],
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
        let mut window = Self {
            newest: sequence,
            seen: [0; WORDS],
        };
        window.set(sequence);
        window
    }

    /// Takes note of a packet; `None` when it came before or is too old to know.
    pub(crate) fn insert(&mut self, sequence: u64) -> Option<Age> {
        if sequence > self.newest {
            self.advance(sequence);
            self.set(sequence);
            return Some(Age::Newest);
        }
        let behind = self.newest - sequence;
        if behind >= WINDOW_PACKETS as u64 || self.contains(sequence) {
            return None;
        }
        self.set(sequence);
        Some(Age::Late)
    }

    /// Forgets what the places between the newest and `sequence` held a round ago.
    fn advance(&mut self, sequence: u64) {
        let steps = sequence - self.newest;
        if steps >= WINDOW_PACKETS as u64 {
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
    let place = (sequence % WINDOW_PACKETS as u64) as usize;
    (place / 64, 1 << (place % 64))
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
