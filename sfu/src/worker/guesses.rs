//! How often somebody may guess. To find out that a check is not authentic takes a hash; whoever sends a million of them
//! a second gets no million hashes.

use std::hash::{BuildHasher, RandomState};
use std::net::IpAddr;
use std::time::Instant;

use crate::limits::{GUESS_PLACES, GUESS_WINDOW, GUESSES};

/// Counts checks from unproved addresses that were not authentic, by where they came from. Senders may share a place:
/// the memory is fixed, and whoever forges sources fills at most all places.
#[derive(Debug)]
pub(super) struct Guesses {
    hasher: RandomState,
    places: Box<[Count]>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Count {
    since: Option<Instant>,
    failed: u32,
}

impl Default for Guesses {
    fn default() -> Self {
        Self {
            hasher: RandomState::new(),
            places: vec![Count::default(); GUESS_PLACES].into_boxed_slice(),
        }
    }
}

impl Guesses {
    /// Whether a check from there is looked at.
    pub(super) fn may_try(&mut self, now: Instant, from: IpAddr) -> bool {
        self.count(now, from)
            .is_some_and(|count| count.failed < GUESSES)
    }

    /// A check from there was not authentic.
    pub(super) fn failed(&mut self, now: Instant, from: IpAddr) {
        if let Some(count) = self.count(now, from) {
            count.failed = count.failed.saturating_add(1);
        }
    }

    fn count(&mut self, now: Instant, from: IpAddr) -> Option<&mut Count> {
        let hash = self.hasher.hash_one(from);
        let place = usize::try_from(hash % GUESS_PLACES as u64).ok()?;
        let count = self.places.get_mut(place)?;
        let begun = count
            .since
            .filter(|since| now.saturating_duration_since(*since) < GUESS_WINDOW);
        if begun.is_none() {
            *count = Count {
                since: Some(now),
                failed: 0,
            };
        }
        Some(count)
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;
    use std::time::Instant;

    use super::Guesses;
    use crate::limits::{GUESS_PLACES, GUESS_WINDOW, GUESSES};

    fn address(last: u8) -> IpAddr {
        [192, 0, 2, last].into()
    }

    #[test]
    fn a_guesser_is_heard_a_few_times_in_each_window_and_others_all_the_time() {
        let mut guesses = Guesses::default();
        let mut now = Instant::now();
        for _ in 0..3 {
            let mut heard = 0;
            for _ in 0..1000 {
                if guesses.may_try(now, address(1)) {
                    heard += 1;
                    guesses.failed(now, address(1));
                }
            }
            assert_eq!(heard, GUESSES);
            // One in so many shares the guesser's place.
            let others = (2..=101).filter(|last| guesses.may_try(now, address(*last)));
            assert!(others.count() >= 90);
            now += GUESS_WINDOW;
        }
    }

    #[test]
    fn forged_sources_get_no_more_than_all_places_together() {
        let mut guesses = Guesses::default();
        let now = Instant::now();
        let mut heard = 0;
        for number in 0..200_000_u32 {
            let from = IpAddr::from(number.to_be_bytes());
            if guesses.may_try(now, from) {
                heard += 1;
                guesses.failed(now, from);
            }
        }
        assert!(heard <= GUESS_PLACES * GUESSES as usize, "{heard}");
    }
}
