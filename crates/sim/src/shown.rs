//! What the clocks showed, and when people were there last: by the world's clock, which nobody sets.

use std::collections::BTreeMap;

use vestibule_vocab::{Millis, Timestamp};

use crate::node::Which;
use crate::sessions::Person;
use crate::theme::Theme;

#[derive(Clone, Debug)]
pub(crate) struct Shown {
    /// From when on, by the world's clock, those of the nodes were so far ahead; empty where each goes by itself.
    ahead: Vec<(Timestamp, u64)>,
    there: BTreeMap<(Which, Person), Timestamp>,
}

impl Shown {
    pub(crate) fn of(theme: Theme, ahead: u64) -> Self {
        let together = theme.steady || theme.hasty;
        let from = together.then_some((Timestamp(0), ahead));
        Self {
            ahead: from.into_iter().collect(),
            there: BTreeMap::new(),
        }
    }

    /// These people are there now, as far as these nodes know.
    pub(crate) fn are_there(&mut self, people: Vec<(Which, Person)>, now: Timestamp) {
        self.there.extend(people.into_iter().map(|who| (who, now)));
    }

    /// The clock of both nodes is so far ahead from now on.
    pub(crate) fn is_set(&mut self, now: Timestamp, ahead: u64) {
        if !self.ahead.is_empty() {
            self.ahead.push((now, ahead));
        }
    }

    /// Nobody is left to tell that the clock was set, as after a restart: nothing more is said of what it shows.
    pub(crate) fn misses_a_step(&mut self) {
        self.ahead.clear();
    }

    /// When a node knew last that somebody was there.
    pub(crate) fn was_there(&self, known_by: Which, who: Person) -> Timestamp {
        let known = self.there.get(&(known_by, who));
        known.copied().unwrap_or_default()
    }

    /// When, by the world's clock, those of the nodes showed this moment first, or one behind it.
    pub(crate) fn came(&self, moment: Timestamp) -> Option<Timestamp> {
        let next = self.ahead.iter().skip(1).map(|(from, _)| *from);
        let next = next.chain([Timestamp(u64::MAX)]);
        let mut spans = self.ahead.iter().zip(next);
        spans.find_map(|((from, ahead), until)| {
            let at = moment.since(Timestamp(*ahead));
            let came = (*from).max(Timestamp(at.0));
            (came < until).then_some(came)
        })
    }

    /// For how long the clocks of the nodes have shown this moment or one behind it; `None` when nobody can say.
    pub(crate) fn for_how_long(&self, moment: Timestamp, now: Timestamp) -> Option<Millis> {
        self.came(moment).map(|came| now.since(came))
    }
}
