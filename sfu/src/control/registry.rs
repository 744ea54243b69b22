//! Which call is at which worker.

use std::collections::HashMap;

use vestibule_control::{CallPlan, OfferRefusal};
use vestibule_forwarding::limits::LEGS;
use vestibule_vocab::CallId;

use crate::limits::CALLS;

/// A call stays at the worker that it was given to.
#[derive(Debug)]
pub(super) struct Registry {
    calls: HashMap<CallId, Entry>,
    workers: usize,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    worker: usize,
    legs: usize,
}

impl Registry {
    pub(super) fn new(workers: usize) -> Self {
        let calls = HashMap::new();
        Self { calls, workers }
    }

    pub(super) fn calls(&self) -> impl Iterator<Item = CallId> {
        self.calls.keys().copied()
    }

    /// The worker of a planned call; a new call goes to the one with the fewest legs. `None` when the
    /// plan has too many legs, or there are too many calls.
    pub(super) fn worker_for(&mut self, plan: &CallPlan) -> Option<usize> {
        let legs = plan.legs.len();
        if legs > LEGS {
            return None;
        }
        let worker = match self.calls.get(&plan.call) {
            Some(entry) => entry.worker,
            None if self.calls.len() >= CALLS => return None,
            None => (0..self.workers).min_by_key(|worker| self.load(*worker))?,
        };
        self.calls.insert(plan.call, Entry { worker, legs });
        Some(worker)
    }

    /// The worker of a call that was planned. Where calls are refused for their number, an unknown call
    /// may be one of these.
    pub(super) fn worker_of(&self, call: CallId) -> Result<usize, OfferRefusal> {
        match self.calls.get(&call) {
            Some(entry) => Ok(entry.worker),
            None if self.calls.len() >= CALLS => Err(OfferRefusal::LimitReached),
            None => Err(OfferRefusal::UnknownLeg),
        }
    }

    /// Forgets a call and names its worker.
    pub(super) fn remove(&mut self, call: CallId) -> Option<usize> {
        self.calls.remove(&call).map(|entry| entry.worker)
    }

    fn load(&self, worker: usize) -> (usize, usize) {
        let mine = self.calls.values().filter(|entry| entry.worker == worker);
        mine.fold((0, 0), |(legs, calls), entry| {
            (legs + entry.legs, calls + 1)
        })
    }
}

#[cfg(test)]
mod tests {
    use vestibule_control::{CallPlan, OfferRefusal};
    use vestibule_vocab::{CallId, LegId};

    use super::Registry;
    use crate::limits::CALLS;

    fn plan(call: u128, legs: u128) -> CallPlan {
        CallPlan {
            call: CallId::from_random(call),
            legs: (0..legs).map(LegId::from_random).collect(),
            open: false,
        }
    }

    #[test]
    fn a_new_call_goes_to_the_least_loaded_worker_and_stays_there() {
        let mut registry = Registry::new(2);
        let first = registry.worker_for(&plan(1, 2)).unwrap();
        let second = registry.worker_for(&plan(2, 5)).unwrap();
        assert_ne!(first, second);
        assert_eq!(registry.worker_for(&plan(3, 2)), Some(first));
        assert_eq!(registry.worker_for(&plan(1, 5)), Some(first));
        assert_eq!(registry.remove(CallId::from_random(2)), Some(second));
        assert_eq!(registry.worker_for(&plan(4, 2)), Some(second));
    }

    #[test]
    fn limits_are_kept() {
        let mut registry = Registry::new(1);
        assert_eq!(registry.worker_for(&plan(0, 6)), None);
        assert_eq!(
            registry.worker_of(CallId::from_random(0)),
            Err(OfferRefusal::UnknownLeg)
        );
        for call in 1..=CALLS as u128 {
            assert_eq!(registry.worker_for(&plan(call, 0)), Some(0));
        }
        assert_eq!(registry.worker_for(&plan(0, 0)), None);
        assert_eq!(
            registry.worker_of(CallId::from_random(0)),
            Err(OfferRefusal::LimitReached)
        );
        assert_eq!(registry.worker_for(&plan(1, 2)), Some(0));
    }
}
