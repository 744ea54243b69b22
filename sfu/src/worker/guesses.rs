//! How often somebody may guess. To find out that a check is not authentic takes a hash; whoever sends a million of them
//! a second gets no million hashes.

use std::hash::{BuildHasher, RandomState};
use std::net::IpAddr;
use std::time::Instant;

use super::demux::Place;
use crate::limits::{GUESS_PLACES, GUESS_WINDOW, GUESSES};

/// Counts checks from unproved addresses that were not authentic, by where they came from and whose connection they were for:
/// whoever guesses at their own is not in the way of others behind the same address. Senders may share a count: the memory is
/// fixed, and whoever forges sources fills at most all counts.
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
    /// Whether a check from there is looked at, of somebody's connection.
    pub(super) fn may_try(&mut self, now: Instant, from: IpAddr, of: Place) -> bool {
        self.count(now, from, of)
            .is_some_and(|count| count.failed < GUESSES)
    }

    /// A check from there was not authentic.
    pub(super) fn failed(&mut self, now: Instant, from: IpAddr, of: Place) {
        if let Some(count) = self.count(now, from, of) {
            count.failed = count.failed.saturating_add(1);
        }
    }

    fn count(&mut self, now: Instant, from: IpAddr, of: Place) -> Option<&mut Count> {
        let hash = self.hasher.hash_one((from, of));
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

    use vestibule_forwarding::Seat;

    use super::{Guesses, Place};
    use crate::limits::{GUESS_PLACES, GUESS_WINDOW, GUESSES};

    const OURS: Place = Place {
        call: 0,
        seat: Seat::ALL[0],
    };

    #[test]
    fn a_guesser_does_not_silence_others_behind_the_same_address() {
        let (mut guesses, now) = (Guesses::default(), Instant::now());
        (0..GUESSES).for_each(|_| guesses.failed(now, address(1), OURS));
        assert!(!guesses.may_try(now, address(1), OURS));
        let others = (1..=100).map(|call| Place { call, ..OURS });
        let heard = others.filter(|of| guesses.may_try(now, address(1), *of));
        assert!(heard.count() >= 90);
    }

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
                if guesses.may_try(now, address(1), OURS) {
                    heard += 1;
                    guesses.failed(now, address(1), OURS);
                }
            }
            assert_eq!(heard, GUESSES);
            // One in so many shares the guesser's place.
            let others = (2..=101).filter(|last| guesses.may_try(now, address(*last), OURS));
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
            if guesses.may_try(now, from, OURS) {
                heard += 1;
                guesses.failed(now, from, OURS);
            }
        }
        assert!(heard <= GUESS_PLACES * GUESSES as usize, "{heard}");
    }
}
