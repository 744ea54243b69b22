//! For whom a call is prepared before admission.

use std::collections::BTreeMap;

use vestibule_vocab::PractitionerId;

use crate::limits::LOOK_AHEAD;
use crate::rules::Effects;
use crate::{Clinic, WaitingRoom, Warm};

/// The calls that are prepared.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct WarmCalls {
    /// Of each waiting room the first visit, with the only practitioner who is free for it.
    first: BTreeMap<WaitingRoom, Warm>,
    /// Of these the one that is prepared for each practitioner, who can be in one call alone.
    chosen: BTreeMap<PractitionerId, Warm>,
}

impl WarmCalls {
    pub(crate) fn chosen(&self) -> impl Iterator<Item = Warm> {
        self.chosen.values().copied()
    }
}

impl Clinic {
    /// Looks again at the waiting rooms that changed, and at those of the practitioners who did.
    pub(crate) fn keep_warm(&mut self, effects: &mut Effects) {
        let mut practitioners = Vec::new();
        for waiting_room in self.touched(effects) {
            let first = self.warmest(waiting_room);
            practitioners.extend(first.map(|warm| warm.practitioner));
            let before = match first {
                Some(warm) => self.warm.first.insert(waiting_room, warm),
                None => self.warm.first.remove(&waiting_room),
            };
            practitioners.extend(before.map(|warm| warm.practitioner));
        }
        for practitioner in once_each(practitioners) {
            self.choose_warm(practitioner, effects);
        }
    }

    fn choose_warm(&mut self, practitioner: PractitionerId, effects: &mut Effects) {
        let seen = self.practitioners.waiting_rooms(practitioner);
        let mine = seen.filter_map(|it| self.warm.first.get(&it));
        let after = mine
            .filter(|warm| warm.practitioner == practitioner)
            .min_by_key(|warm| self.visits.get(&warm.visit).map(|visit| visit.rank))
            .copied();
        let before = match after {
            Some(warm) => self.warm.chosen.insert(practitioner, warm),
            None => self.warm.chosen.remove(&practitioner),
        };
        if before != after {
            effects.warm(before.into_iter().chain(after));
        }
    }

    fn touched(&self, effects: &Effects) -> Vec<WaitingRoom> {
        let changed = effects.changed();
        let seen = changed
            .practitioners
            .iter()
            .flat_map(|who| self.practitioners.waiting_rooms(*who));
        let touched = changed.waiting_rooms.iter().copied().chain(seen);
        once_each(touched.collect())
    }

    fn warmest(&self, waiting_room: WaitingRoom) -> Option<Warm> {
        let practitioner = self.practitioners.only_free(waiting_room)?;
        let card = self.practitioners.card(practitioner)?;
        self.waiting
            .of(waiting_room)
            .take(LOOK_AHEAD)
            .filter_map(|(_, id)| self.visits.get(&id))
            .find(|visit| card.may_see(visit))
            .filter(|visit| self.is_there(visit) && visit.gates.ready())
            .map(|visit| Warm {
                visit: visit.id,
                patient: visit.patient,
                practitioner,
            })
    }
}

/// In order. They are few: a list is sorted before a tree is grown.
fn once_each<T: Ord>(mut all: Vec<T>) -> Vec<T> {
    all.sort_unstable();
    all.dedup();
    all
}
