//! When each call is due next, and which were touched: what a worker looks at on each wake costs by the calls
//! that have something to do, not by those that there are.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Instant;

#[derive(Debug, Default)]
pub(super) struct Agenda {
    calls: Vec<Entry>,
    /// For each call its earliest time that was asked for since it was woken last, and perhaps some that are void.
    queue: BinaryHeap<Reverse<(Instant, usize)>>,
    touched: Vec<usize>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Entry {
    due: Option<Instant>,
    /// The time that stands in the queue. One that is later than `due` never does.
    queued: Option<Instant>,
    touched: bool,
}

impl Agenda {
    /// Something happened to a call: it is to be settled before the worker sleeps.
    pub(super) fn touch(&mut self, call: usize) {
        let entry = self.entry(call);
        if !std::mem::replace(&mut entry.touched, true) {
            self.touched.push(call);
        }
    }

    /// The next call to be settled.
    pub(super) fn take_touched(&mut self) -> Option<usize> {
        let call = self.touched.pop()?;
        self.entry(call).touched = false;
        Some(call)
    }

    /// Says when a call is due; `None` for never.
    pub(super) fn set_due(&mut self, call: usize, due: Option<Instant>) {
        let entry = self.entry(call);
        entry.due = due;
        if let Some(due) = due
            && entry.queued.is_none_or(|queued| due < queued)
        {
            entry.queued = Some(due);
            self.queue.push(Reverse((due, call)));
        }
    }

    /// A call that is due; it is due no more until it says so again.
    pub(super) fn take_due(&mut self, now: Instant) -> Option<usize> {
        while let Some(&Reverse((at, call))) = self.queue.peek().filter(|next| next.0.0 <= now) {
            self.queue.pop();
            let entry = self.entry(call);
            if entry.queued != Some(at) {
                continue;
            }
            entry.queued = None;
            match entry.due {
                Some(due) if due <= now => {
                    entry.due = None;
                    return Some(call);
                }
                later => self.set_due(call, later),
            }
        }
        None
    }

    /// When to look again at the latest. It may be too early: a call may have put off what it asked for.
    pub(super) fn next(&self) -> Option<Instant> {
        self.queue.peek().map(|next| next.0.0)
    }

    fn entry(&mut self, call: usize) -> &mut Entry {
        if self.calls.len() <= call {
            self.calls.resize(call + 1, Entry::default());
        }
        #[expect(clippy::indexing_slicing, reason = "it was just made to be there")]
        &mut self.calls[call]
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use proptest::prelude::*;

    use super::Agenda;

    #[test]
    fn a_call_that_was_touched_is_settled_once() {
        let mut agenda = Agenda::default();
        for call in [3, 1, 3] {
            agenda.touch(call);
        }
        let mut taken: Vec<_> = std::iter::from_fn(|| agenda.take_touched()).collect();
        taken.sort_unstable();
        assert_eq!(taken, [1, 3]);
        agenda.touch(3);
        assert_eq!(agenda.take_touched(), Some(3));
    }

    proptest! {
        /// As a list that is searched would have it, and the worker never sleeps past anybody's time.
        #[test]
        fn each_is_woken_when_it_is_due_and_not_before(
            steps in prop::collection::vec((0_usize..6, prop::option::of(0_u64..50), 0_u64..20), 1..200)
        ) {
            let origin = Instant::now();
            let at = |millis| origin + Duration::from_millis(millis);
            let (mut agenda, mut plain, mut now) = (Agenda::default(), [None::<u64>; 6], 0);
            for (call, due, passed) in steps {
                let due = due.map(|later| now + later);
                agenda.set_due(call, due.map(at));
                plain[call] = due;
                let earliest = plain.iter().flatten().min();
                prop_assert!(agenda.next() <= earliest.copied().map(at) || earliest.is_none());
                now += passed;
                let mut woken: Vec<_> = std::iter::from_fn(|| agenda.take_due(at(now))).collect();
                woken.sort_unstable();
                let expected: Vec<_> = (0..6).filter(|it| plain[*it].is_some_and(|due| due <= now)).collect();
                expected.iter().for_each(|it| plain[*it] = None);
                prop_assert_eq!(woken, expected);
                prop_assert!(agenda.queue.len() <= 6 * 60);
            }
        }
    }
}
