//! Steps of the clock, told to the clinic before anything that time brings.

use vestibule_clinic::Input;
use vestibule_vocab::{Millis, Timestamp};

use super::batch::Batch;
use super::desk::Desk;

/// By how many milliseconds the clock was set forward in all, or back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Steps {
    /// As far as the store has what followed.
    told: i64,
    /// As far as the clinic heard of it.
    heard: i64,
}

impl Steps {
    /// What was before a server began is no step to it: everybody's grace begins then.
    pub(super) fn from(ahead: i64) -> Self {
        Self {
            told: ahead,
            heard: ahead,
        }
    }

    /// What followed is stored.
    pub(super) fn stored(&mut self) {
        self.told = self.heard;
    }

    /// What another server wrote is taken up, so far ahead: whoever is supposed to be away from now on is so by what the clock
    /// shows, and to set it forward again, after it was set back, is a step of its own.
    pub(super) fn seen(&mut self, ahead: i64) {
        self.heard = self.heard.min(ahead);
    }

    /// What followed is not stored, and the clinic is read anew, so far ahead. Of a clock that was set back since, whoever is
    /// away is so from what it shows now: to set it forward again is a step of its own.
    pub(super) fn lost(&mut self, ahead: i64) {
        self.told = self.told.min(ahead);
        self.heard = self.told;
    }

    /// By how much it was set forward since the clinic heard of it. Of a step back it takes notice by itself.
    fn new_since(self, ahead: i64) -> Option<Millis> {
        let by = ahead.saturating_sub(self.heard);
        u64::try_from(by).ok().filter(|by| *by > 0).map(Millis)
    }
}

impl Desk {
    /// The clock was set forward, and the clinic was not told.
    pub(super) fn is_behind_the_clock(&self) -> bool {
        let (_, ahead) = self.around.clock.look();
        self.steps.new_since(ahead).is_some()
    }

    /// Tells the clinic if the clock was set forward; the moment for which that was looked at.
    pub(super) fn mind_the_clock(&mut self, batch: &mut Batch) -> Timestamp {
        let (now, ahead) = self.around.clock.look();
        let step = self.steps.new_since(ahead);
        self.steps.heard = ahead;
        if let Some(by) = step {
            tracing::warn!(
                by_ms = by.0,
                "the clock was set forward; nobody is given up for it"
            );
            // A fact; the clinic has nothing to refuse.
            let _ = self.decide_at(now, Input::ClockSetForward { by }, None, batch);
        }
        now
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_told_once_and_again_only_when_it_was_not_stored() {
        let mut steps = Steps::from(7);
        assert_eq!(steps.new_since(7), None);
        assert_eq!(steps.new_since(9), Some(Millis(2)));
        steps.heard = 9;
        assert_eq!(steps.new_since(9), None);
        steps.lost(9);
        assert_eq!(steps.new_since(9), Some(Millis(2)));
        steps.heard = 9;
        steps.stored();
        steps.lost(9);
        assert_eq!(steps.new_since(9), None);
        assert_eq!(steps.new_since(3), None, "a step back");
    }

    #[test]
    fn a_clock_that_was_set_back_when_something_was_taken_up_is_set_forward_from_there() {
        let mut steps = Steps::from(9);
        steps.seen(12);
        assert_eq!(steps.new_since(12), Some(Millis(3)));
        steps.seen(3);
        assert_eq!(steps.new_since(10), Some(Millis(7)));
    }

    #[test]
    fn a_clock_that_was_set_back_when_all_was_read_anew_is_set_forward_from_there() {
        let mut steps = Steps::from(9);
        steps.lost(3);
        assert_eq!(steps.new_since(10), Some(Millis(7)));
    }
}
