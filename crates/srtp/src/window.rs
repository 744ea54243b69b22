//! Recognises packets that came or went before.

use crate::Refusal;

/// The indices seen of one stream, as far back as its words have bits (RFC 3711 section 3.3.2).
#[derive(Debug)]
pub(crate) struct Window<const WORDS: usize> {
    newest: u64,
    seen: [u64; WORDS],
}

impl<const WORDS: usize> Window<WORDS> {
    const BITS: u64 = 64 * WORDS as u64;

    /// A window whose first packet is `index`.
    pub(crate) fn starting_with(index: u64) -> Self {
        let mut window = Self {
            newest: index,
            seen: [0; WORDS],
        };
        window.set(index);
        window
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
        let (word, bit) = Self::place(index);
        match self.seen.get(word) {
            Some(seen) if seen & bit == 0 => Ok(()),
            Some(_) | None => Err(Refusal::Replayed),
        }
    }

    /// Takes note of a packet that [`Self::check`] let through.
    pub(crate) fn insert(&mut self, index: u64) {
        if index > self.newest {
            self.advance(index);
        }
        self.set(index);
    }

    /// Forgets what the places between the newest and `index` held a round ago.
    fn advance(&mut self, index: u64) {
        if index - self.newest >= Self::BITS {
            self.seen = [0; WORDS];
        } else {
            for skipped in self.newest + 1..=index {
                let (word, bit) = Self::place(skipped);
                if let Some(seen) = self.seen.get_mut(word) {
                    *seen &= !bit;
                }
            }
        }
        self.newest = index;
    }

    fn set(&mut self, index: u64) {
        let (word, bit) = Self::place(index);
        if let Some(seen) = self.seen.get_mut(word) {
            *seen |= bit;
        }
    }

    /// Where an index's bit is.
    fn place(index: u64) -> (usize, u64) {
        let place = (index % Self::BITS) as usize;
        (place / 64, 1 << (place % 64))
    }
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
