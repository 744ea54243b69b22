//! Who was called and is awaited, or did not come and may be called back.

use std::collections::{BTreeMap, BTreeSet};

use vestibule_vocab::{Timestamp, VisitId};

use crate::limits::MISSED;
use crate::{Outcome, Visit, VisitState, WaitingRoom};

/// These visits by where they waited, so that nobody is searched for among all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Absentees(BTreeMap<WaitingRoom, BTreeSet<(Timestamp, VisitId)>>);

impl Absentees {
    /// A visit has another state, or is forgotten. True when that shows in the list of its waiting room.
    pub(crate) fn follow(
        &mut self,
        visit: &Visit,
        before: Option<&VisitState>,
        after: Option<&VisitState>,
    ) -> bool {
        let (before, after) = (before.and_then(since), after.and_then(since));
        if before == after {
            return false;
        }
        let room = self.0.entry(visit.waiting_room).or_default();
        if let Some(before) = before {
            room.remove(&(before, visit.id));
        }
        if let Some(after) = after {
            room.insert((after, visit.id));
        }
        if room.is_empty() {
            self.0.remove(&visit.waiting_room);
        }
        true
    }

    /// The latest of one waiting room, those who are awaited first.
    pub(crate) fn of(&self, place: WaitingRoom) -> impl Iterator<Item = (Timestamp, VisitId)> + '_ {
        let room = self.0.get(&place).into_iter();
        room.flat_map(|room| room.iter().rev().take(MISSED).copied())
    }
}

/// Since when somebody is missed; whoever is awaited, as the latest of all. `None` when they are not.
fn since(state: &VisitState) -> Option<Timestamp> {
    match state {
        VisitState::Admitted { .. } => Some(Timestamp(u64::MAX)),
        VisitState::Ended { outcome, at } if *outcome == Outcome::NoShow => Some(*at),
        VisitState::Expected
        | VisitState::Waiting
        | VisitState::InConsultation { .. }
        | VisitState::OnHold { .. }
        | VisitState::Ended { .. } => None,
    }
}
