//! Recognises packets that came or went before.

use crate::Refusal;

/// The indices seen of one stream, as far back as its words have bits (RFC 3711 section 3.3.2).
///
/// A packet in order looks at the first two numbers alone, which lie side by side: most windows are in no cache any
/// more when the next packet of their stream comes.
#[derive(Debug)]
#[repr(C)]
pub(crate) struct Window<const WORDS: usize> {
    newest: u64,
    /// The word of the newest index: bit `index % 64` is that of an index.
    head: u64,
    /// The words before, that of an index at the place `index / 64` modulo their number. At the newest's own place is
    /// the one from a round ago.
    past: [u64; WORDS],
}

impl<const WORDS: usize> Window<WORDS> {
    const BITS: u64 = 64 * WORDS as u64;

    /// A window whose first packet is `index`.
    pub(crate) fn starting_with(index: u64) -> Self {
        Self {
            newest: index,
            head: bit(index),
            past: [0; WORDS],
        }
    }

    /// The highest index seen.
    pub(crate) fn newest(&self) -> u64 {
        self.newest
    }

    /// Whether a packet is new, as far as is known.
    pub(crate) fn check(&self, index: u64) -> Result<(), Refusal> {
        if index > self.newest {
            return Ok(());
        }
        if self.newest - index >= Self::BITS {
            return Err(Refusal::TooOld);
        }
        let word = if word(index) == word(self.newest) {
            Some(&self.head)
        } else {
            self.past.get(Self::place(word(index)))
        };
        match word {
            Some(seen) if seen & bit(index) == 0 => Ok(()),
            Some(_) | None => Err(Refusal::Replayed),
        }
    }

    /// Takes note of a packet that [`Self::check`] let through.
    pub(crate) fn insert(&mut self, index: u64) {
        if index > self.newest {
            self.advance(index);
        }
        if word(index) == word(self.newest) {
            self.head |= bit(index);
        } else if let Some(seen) = self.past.get_mut(Self::place(word(index))) {
            *seen |= bit(index);
        }
    }

    /// Puts the newest's word to those before when `index` is of another one.
    fn advance(&mut self, index: u64) {
        let (before, now) = (word(self.newest), word(index));
        self.newest = index;
        if before == now {
            return;
        }
        let head = std::mem::take(&mut self.head);
        for between in (before..now).rev().take(WORDS) {
            if let Some(seen) = self.past.get_mut(Self::place(between)) {
                *seen = if between == before { head } else { 0 };
            }
        }
    }

    /// Where a word is.
    fn place(word: u64) -> usize {
        (word % WORDS as u64) as usize
    }
}

/// The word that an index's bit is in, counted from the first.
fn word(index: u64) -> u64 {
    index / 64
}

fn bit(index: u64) -> u64 {
    1 << (index % 64)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::Window;
    use crate::Refusal;

    #[test]
    fn a_repeated_packet_is_recognised() {
        let mut window = Window::<2>::starting_with(100);
        assert_eq!(window.check(100), Err(Refusal::Replayed));
        assert_eq!(window.check(101), Ok(()));
        window.insert(102);
        assert_eq!(window.check(101), Ok(()));
        window.insert(101);
        assert_eq!(window.check(101), Err(Refusal::Replayed));
    }

    #[test]
    fn what_is_older_than_the_window_is_refused() {
        let mut window = Window::<2>::starting_with(0);
        window.insert(128);
        assert_eq!(window.check(0), Err(Refusal::TooOld));
        assert_eq!(window.check(1), Ok(()));
    }

    proptest! {
        /// Against a set that remembers everything.
        #[test]
        fn agrees_with_a_perfect_memory(indices in prop::collection::vec(0_u64..600, 1..400)) {
            let mut window = Window::<2>::starting_with(indices[0]);
            let mut memory = BTreeSet::from([indices[0]]);
            for &index in &indices[1..] {
                let newest = *memory.last().unwrap();
                let known = index + 128 > newest;
                let fresh = known && !memory.contains(&index);
                prop_assert_eq!(window.check(index).is_ok(), fresh);
                if fresh {
                    window.insert(index);
                    memory.insert(index);
                }
                prop_assert_eq!(window.newest(), *memory.last().unwrap());
            }
        }
    }
}
