//! How often somebody hears that their place changed and nothing else: when the first of 5,000 is admitted, 4,999
//! places change, and soon again.

use std::collections::{HashMap, VecDeque};

use vestibule_vocab::{ParticipantId, Timestamp};

use crate::limits::PLACE_PACE;

/// Who was told of their place a moment ago.
#[derive(Debug, Default)]
pub(super) struct Pace {
    /// Whether it changed again since.
    told: HashMap<ParticipantId, bool>,
    /// Until when each of them is told no more, in the order in which they were told.
    until: VecDeque<(Timestamp, ParticipantId)>,
}

impl Pace {
    /// Somebody's place changed: true when they may be told now, false when they are told later.
    pub(super) fn moved(&mut self, who: ParticipantId, now: Timestamp) -> bool {
        if let Some(again) = self.told.get_mut(&who) {
            *again = true;
            return false;
        }
        self.told.insert(who, false);
        self.until.push_back((now.plus(PLACE_PACE), who));
        true
    }

    /// Somebody was shown everything for another reason, their place with it.
    pub(super) fn shown(&mut self, who: ParticipantId) {
        if let Some(again) = self.told.get_mut(&who) {
            *again = false;
        }
    }

    /// Those who may be told now that their place changed again. When the clock has stepped back, nobody waits for it.
    pub(super) fn over(&mut self, now: Timestamp) -> Vec<ParticipantId> {
        let mut over = Vec::new();
        while let Some(&(until, who)) = self.until.front() {
            if until > now && until <= now.plus(PLACE_PACE) {
                break;
            }
            self.until.pop_front();
            if self.told.remove(&who) == Some(true) {
                over.push(who);
            }
        }
        over
    }

    /// When to ask again who may be told.
    pub(super) fn next(&self) -> Option<Timestamp> {
        self.until.front().map(|&(until, _)| until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn somebody() -> ParticipantId {
        ParticipantId::from_random(1)
    }

    #[test]
    fn the_first_change_comes_at_once_and_the_last_of_a_second_at_its_end() {
        let mut pace = Pace::default();
        assert!(pace.moved(somebody(), Timestamp(0)));
        assert!(!pace.moved(somebody(), Timestamp(10)) && !pace.moved(somebody(), Timestamp(20)));
        assert_eq!(pace.over(Timestamp(999)), []);
        assert_eq!(pace.over(pace.next().unwrap()), [somebody()]);
        assert_eq!(pace.next(), None);
        assert!(pace.moved(somebody(), Timestamp(1_000)));
    }

    #[test]
    fn whoever_saw_everything_meanwhile_is_not_told_again() {
        let mut pace = Pace::default();
        pace.moved(somebody(), Timestamp(0));
        pace.moved(somebody(), Timestamp(10));
        pace.shown(somebody());
        assert_eq!(pace.over(Timestamp(1_000)), []);
    }

    #[test]
    fn a_clock_that_steps_back_keeps_nobody_waiting() {
        let mut pace = Pace::default();
        pace.moved(somebody(), Timestamp(100_000));
        pace.moved(somebody(), Timestamp(100_001));
        assert_eq!(pace.over(Timestamp(5)), [somebody()]);
    }
}
