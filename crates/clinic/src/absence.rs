//! Who is away, since when, and for how long that is borne.

use std::collections::{BTreeMap, BTreeSet};

use vestibule_vocab::{ConsultationId, Millis, ParticipantId, Timestamp, VisitId};

use crate::rules::Step;

/// Somebody whose being away matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Absent {
    /// The patient of an active visit.
    Patient(VisitId),
    /// The practitioner of a consultation under way.
    Practitioner(ConsultationId),
    /// A companion who has a seat.
    Companion(ParticipantId),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Absence {
    since: Timestamp,
    borne: Millis,
}

impl Absence {
    fn over_at(self) -> Timestamp {
        self.since.plus(self.borne)
    }
}

/// Everybody who is away, by who and by when that is over.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Absences {
    away: BTreeMap<Absent, Absence>,
    over: BTreeSet<(Timestamp, Absent)>,
    /// By when they went, so that a clock that stepped back is noticed without looking at all.
    since: BTreeSet<(Timestamp, Absent)>,
}

impl Absences {
    /// Somebody went away. They were already: that they went away first counts. True when new.
    pub(crate) fn begin(&mut self, who: Absent, now: Timestamp, borne: Millis) -> bool {
        if self.away.contains_key(&who) {
            return false;
        }
        let absence = Absence { since: now, borne };
        self.away.insert(who, absence);
        self.since.insert((now, who));
        self.over.insert((absence.over_at(), who))
    }

    /// Somebody came back, or it does not matter any more. True when they were away.
    pub(crate) fn end(&mut self, who: Absent) -> bool {
        match self.away.remove(&who) {
            Some(absence) => {
                self.since.remove(&(absence.since, who));
                self.over.remove(&(absence.over_at(), who))
            }
            None => false,
        }
    }

    /// It is borne for so long, counted from when they went, if they are away.
    pub(crate) fn bear(&mut self, who: Absent, borne: Millis) {
        if let Some(since) = self.since(who) {
            self.anew(who, since, borne);
        }
    }

    /// It is borne for so long from now on, if they are away.
    pub(crate) fn anew(&mut self, who: Absent, now: Timestamp, borne: Millis) {
        if self.end(who) {
            self.begin(who, now, borne);
        }
    }

    /// Since when somebody is away.
    pub(crate) fn since(&self, who: Absent) -> Option<Timestamp> {
        self.away.get(&who).map(|absence| absence.since)
    }

    pub(crate) fn contains(&self, who: Absent) -> bool {
        self.away.contains_key(&who)
    }

    /// Whose absence is over first, and when.
    pub(crate) fn first(&self) -> Option<(Timestamp, Absent)> {
        self.over.first().copied()
    }

    /// Counts those who went away before the clock was set forward as away for as long as before, and those who went behind
    /// that as away from now on. Says who they are.
    pub(crate) fn set_forward(&mut self, step: Step) -> Vec<Absent> {
        if step.by() == Millis(0) {
            return Vec::new();
        }
        let earlier = self.since.iter();
        let earlier = earlier.take_while(|(since, _)| *since < step.now);
        let earlier: Vec<(Timestamp, Absent)> = earlier.copied().collect();
        for (since, who) in &earlier {
            let borne = self.away.get(who).map_or(Millis(0), |it| it.borne);
            let since = since.plus(step.by()).min(step.now);
            self.anew(*who, since, borne);
        }
        earlier.into_iter().map(|(_, who)| who).collect()
    }

    /// Counts anew, from `now`, those who went away after `now`: the clock has stepped back, and
    /// nobody shall be waited for longer because it did. Says who they are.
    pub(crate) fn step_back(&mut self, now: Timestamp) -> Vec<Absent> {
        let mut ahead = Vec::new();
        while let Some(&(since, who)) = self.since.last()
            && since > now
        {
            let borne = self.away.get(&who).map_or(Millis(0), |it| it.borne);
            self.anew(who, now, borne);
            ahead.push(who);
        }
        ahead
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BORNE: Millis = Millis(100);

    fn somebody(number: u128) -> Absent {
        Absent::Patient(VisitId::from_random(number))
    }

    #[test]
    fn going_away_twice_does_not_begin_the_grace_again() {
        let mut absences = Absences::default();
        assert!(absences.begin(somebody(1), Timestamp(10), BORNE));
        assert!(!absences.begin(somebody(1), Timestamp(20), BORNE));
        assert_eq!(absences.first(), Some((Timestamp(110), somebody(1))));
    }

    #[test]
    fn whoever_is_borne_longer_is_lost_later() {
        let mut absences = Absences::default();
        absences.begin(somebody(1), Timestamp(10), Millis(1_000));
        absences.begin(somebody(2), Timestamp(20), BORNE);
        assert_eq!(absences.first(), Some((Timestamp(120), somebody(2))));
        absences.anew(somebody(2), Timestamp(500), Millis(2_000));
        assert_eq!(absences.first(), Some((Timestamp(1_010), somebody(1))));
    }

    #[test]
    fn a_clock_that_steps_back_begins_the_grace_again_and_only_for_those_ahead_of_it() {
        let mut absences = Absences::default();
        absences.begin(somebody(1), Timestamp(10), BORNE);
        absences.begin(somebody(2), Timestamp(1_000), BORNE);
        assert_eq!(absences.step_back(Timestamp(50)), [somebody(2)]);
        assert_eq!(absences.step_back(Timestamp(50)), []);
        assert_eq!(absences.first(), Some((Timestamp(110), somebody(1))));
        absences.end(somebody(1));
        assert_eq!(absences.first(), Some((Timestamp(150), somebody(2))));
    }
}
