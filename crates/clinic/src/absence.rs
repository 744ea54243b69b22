//! Who is away, and since when.

use std::collections::{BTreeMap, BTreeSet};

use vestibule_vocab::{ConsultationId, Timestamp, VisitId};

/// Somebody whose being away matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Absent {
    /// The patient of an active visit.
    Patient(VisitId),
    /// The practitioner of a consultation under way.
    Practitioner(ConsultationId),
}

/// Everybody who is away, by who and by when.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Absences {
    since: BTreeMap<Absent, Timestamp>,
    order: BTreeSet<(Timestamp, Absent)>,
}

impl Absences {
    /// Somebody went away. They were already: that they went away first counts. True when new.
    pub(crate) fn begin(&mut self, who: Absent, now: Timestamp) -> bool {
        if self.since.contains_key(&who) {
            return false;
        }
        self.since.insert(who, now);
        self.order.insert((now, who))
    }

    /// Somebody came back, or it does not matter any more. True when they were away.
    pub(crate) fn end(&mut self, who: Absent) -> bool {
        match self.since.remove(&who) {
            Some(since) => self.order.remove(&(since, who)),
            None => false,
        }
    }

    pub(crate) fn contains(&self, who: Absent) -> bool {
        self.since.contains_key(&who)
    }

    /// Who has been away longest, and since when.
    pub(crate) fn longest(&self) -> Option<(Timestamp, Absent)> {
        self.order.first().copied()
    }

    /// Counts anew, from `now`, those who went away after `now`: the clock has stepped back, and
    /// nobody shall be waited for longer because it did.
    pub(crate) fn step_back(&mut self, now: Timestamp) {
        while let Some(&(since, who)) = self.order.last() {
            if since <= now {
                return;
            }
            self.end(who);
            self.begin(who, now);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn somebody(number: u128) -> Absent {
        Absent::Patient(VisitId::from_random(number))
    }

    #[test]
    fn going_away_twice_does_not_begin_the_grace_again() {
        let mut absences = Absences::default();
        assert!(absences.begin(somebody(1), Timestamp(10)));
        assert!(!absences.begin(somebody(1), Timestamp(20)));
        assert_eq!(absences.longest(), Some((Timestamp(10), somebody(1))));
    }

    #[test]
    fn a_clock_that_steps_back_begins_the_grace_again_and_only_for_those_ahead_of_it() {
        let mut absences = Absences::default();
        absences.begin(somebody(1), Timestamp(10));
        absences.begin(somebody(2), Timestamp(1_000));
        absences.step_back(Timestamp(50));
        assert_eq!(absences.longest(), Some((Timestamp(10), somebody(1))));
        absences.end(somebody(1));
        assert_eq!(absences.longest(), Some((Timestamp(50), somebody(2))));
    }
}
