//! All visits that are remembered.

use std::collections::BTreeMap;

use vestibule_vocab::VisitId;

use crate::Visit;

/// Visits by their ids. Each has a place of its own in memory: a visit takes some hundred bytes, and a tree that holds them in
/// its nodes moves several of them whenever one comes or goes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Visits(BTreeMap<VisitId, Box<Visit>>);

impl Visits {
    pub(crate) fn get(&self, id: &VisitId) -> Option<&Visit> {
        self.0.get(id).map(Box::as_ref)
    }

    pub(crate) fn get_mut(&mut self, id: &VisitId) -> Option<&mut Visit> {
        self.0.get_mut(id).map(Box::as_mut)
    }

    pub(crate) fn contains_key(&self, id: &VisitId) -> bool {
        self.0.contains_key(id)
    }

    pub(crate) fn insert(&mut self, id: VisitId, visit: Visit) {
        self.0.insert(id, Box::new(visit));
    }

    pub(crate) fn remove(&mut self, id: &VisitId) -> Option<Box<Visit>> {
        self.0.remove(id)
    }

    /// In order of their ids.
    pub(crate) fn values(&self) -> impl Iterator<Item = &Visit> {
        self.0.values().map(Box::as_ref)
    }
}
