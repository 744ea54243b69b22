//! Finds the highest load that still goes well: by doubling, then by halving what is between.

/// A search among numbers of rooms.
#[derive(Clone, Debug)]
pub struct Search {
    /// The highest number that went well.
    good: Option<u32>,
    /// The lowest number that did not.
    bad: Option<u32>,
    most: u32,
    next: u32,
    left: u32,
}

impl Search {
    /// Begins with `first` rooms, goes no higher than `most`, and tries at most `steps` times.
    #[must_use]
    pub fn new(first: u32, most: u32, steps: u32) -> Self {
        Self {
            good: None,
            bad: None,
            most,
            next: first.clamp(1, most.max(1)),
            left: steps,
        }
    }

    /// What to try next; `None` when it is known well enough.
    #[must_use]
    pub fn next(&self) -> Option<u32> {
        let known = match (self.good, self.bad) {
            (Some(good), _) if good >= self.most => true,
            (good, Some(bad)) => bad - good.unwrap_or(0) <= resolution(bad),
            (Some(_) | None, None) => false,
        };
        (self.left > 0 && !known).then_some(self.next)
    }

    /// Takes note of how [`Self::next`] went.
    pub fn note(&mut self, well: bool) {
        let tried = self.next;
        self.left = self.left.saturating_sub(1);
        if well {
            self.good = self.good.max(Some(tried));
        } else {
            self.bad = Some(self.bad.map_or(tried, |bad| bad.min(tried)));
        }
        self.next = match self.bad {
            None => tried.saturating_mul(2).min(self.most),
            Some(bad) => u32::midpoint(self.good.unwrap_or(0), bad).max(1),
        };
    }

    /// The highest number that went well so far.
    #[must_use]
    pub fn best(&self) -> Option<u32> {
        self.good
    }
}

/// The distance that is near enough: a twentieth, below which runs differ among themselves.
fn resolution(rooms: u32) -> u32 {
    (rooms / 20).max(1)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Search;
    use crate::limits::{ROOMS, STEPS};

    /// The answer, and what was tried, where up to `limit` rooms go well.
    fn run(first: u32, most: u32, limit: u32) -> (Option<u32>, Vec<u32>) {
        let mut search = Search::new(first, most, 40);
        let mut tried = Vec::new();
        while let Some(rooms) = search.next() {
            tried.push(rooms);
            search.note(rooms <= limit);
        }
        (search.best(), tried)
    }

    #[test]
    fn it_doubles_and_then_halves() {
        let (best, tried) = run(25, 1000, 160);
        assert_eq!(tried, [25, 50, 100, 200, 150, 175, 162, 156]);
        assert_eq!(best, Some(156));
    }

    #[test]
    fn it_stops_at_the_most() {
        assert_eq!(run(300, 1000, 5000), (Some(1000), vec![300, 600, 1000]));
    }

    #[test]
    fn nothing_may_go_well() {
        let (best, tried) = run(4, 1000, 0);
        assert_eq!((best, tried), (None, vec![4, 2, 1]));
    }

    #[test]
    fn steps_are_bounded() {
        let mut search = Search::new(1, 1000, 2);
        search.note(true);
        assert_eq!(search.next(), Some(2));
        search.note(true);
        assert_eq!(search.next(), None);
    }

    proptest! {
        #[test]
        fn it_comes_near_in_as_many_steps_as_there_are(first in 1..=ROOMS, limit in 0..=ROOMS + 200) {
            let mut search = Search::new(first, ROOMS, STEPS);
            while let Some(rooms) = search.next() {
                search.note(rooms <= limit);
            }
            let best = search.best().unwrap_or(0);
            let reachable = limit.min(ROOMS);
            prop_assert!(best <= reachable);
            prop_assert!(reachable - best <= reachable / 20 + 1);
            // It ended as it knew enough, and not as it may try no more.
            prop_assert!(search.left > 0 || best == ROOMS || reachable - best <= 1);
        }

        /// Runs of the same number differ. Whatever comes, each number is tried once, and the answer is one that went well.
        #[test]
        fn noise_neither_holds_it_up_nor_makes_up_an_answer(
            first in 0..=2 * ROOMS,
            most in 1..=ROOMS,
            noise in proptest::collection::vec(any::<bool>(), 64),
        ) {
            let mut search = Search::new(first, most, u32::MAX);
            let (mut good, mut bad) = (Vec::new(), Vec::new());
            for well in noise {
                let Some(rooms) = search.next() else { break };
                prop_assert!((1..=most).contains(&rooms));
                prop_assert!(!good.contains(&rooms) && !bad.contains(&rooms), "{rooms} again");
                search.note(well);
                if well { good.push(rooms) } else { bad.push(rooms) }
            }
            prop_assert_eq!(search.next(), None);
            prop_assert!(good.len() + bad.len() <= 20);
            prop_assert_eq!(search.best(), good.iter().max().copied());
            prop_assert!(bad.iter().all(|bad| search.best().is_none_or(|good| good < *bad)));
        }
    }
}
