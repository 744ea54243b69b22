//! All visits that are remembered.

use std::hash::{BuildHasherDefault, DefaultHasher};
use std::sync::Arc;

use indexmap::IndexMap;
use vestibule_vocab::VisitId;

use crate::Visit;

/// Visits by their ids. A decision looks up several of them, so they are found by hash; always by the same one, and they stand
/// in an order that follows from what came and went, because equal inputs are decided equally. Each is shared with the row that
/// is stored of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Visits(IndexMap<VisitId, Arc<Visit>, BuildHasherDefault<DefaultHasher>>);

impl Visits {
    pub(crate) fn get(&self, id: &VisitId) -> Option<&Visit> {
        self.0.get(id).map(Arc::as_ref)
    }

    /// As it is now: what changes later changes no copy.
    pub(crate) fn shared(&self, id: &VisitId) -> Option<Arc<Visit>> {
        self.0.get(id).cloned()
    }

    pub(crate) fn get_mut(&mut self, id: &VisitId) -> Option<&mut Visit> {
        self.0.get_mut(id).map(Arc::make_mut)
    }

    pub(crate) fn contains_key(&self, id: &VisitId) -> bool {
        self.0.contains_key(id)
    }

    pub(crate) fn insert(&mut self, id: VisitId, visit: Visit) {
        self.0.insert(id, Arc::new(visit));
    }

    pub(crate) fn remove(&mut self, id: &VisitId) -> Option<Arc<Visit>> {
        self.0.swap_remove(id)
    }

    /// In order of their ids, for which they are sorted: for whoever looks at all of them.
    pub(crate) fn values(&self) -> impl Iterator<Item = &Visit> {
        let mut all: Vec<&Visit> = self.0.values().map(Arc::as_ref).collect();
        all.sort_unstable_by_key(|visit| visit.id);
        all.into_iter()
    }
}
