//! When each client does what: a timing wheel, so that thousands of rhythms cost nothing until they are due.

/// The length of a slot. What is due within one is done together; nobody sees a quarter of a millisecond.
pub const TICK: u64 = 250_000;

/// Slots, a power of two: 256 ms, longer than any rhythm but those of less than four packets a second, which
/// come by more than once.
const SLOTS: u64 = 1024;

/// What is to be done for a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Task {
    /// A packet of sound is sent.
    Audio,
    /// A burst of pictures is sent.
    Video,
    /// Timers are looked at, and reports written.
    Chores,
}

/// Something to be done at its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// In nanoseconds of the run's clock.
    pub due: u64,
    /// The client's place in the list of them.
    pub client: usize,
    /// What.
    pub task: Task,
}

/// Keeps entries until they are due.
#[derive(Debug)]
pub struct Wheel {
    slots: Vec<Vec<Entry>>,
    /// The number of the first slot that was not taken yet, counted from the clock's beginning.
    next: u64,
}

impl Wheel {
    /// An empty wheel that begins at `now`.
    #[must_use]
    pub fn starting(now: u64) -> Self {
        Self {
            slots: vec![Vec::new(); SLOTS as usize],
            next: now / TICK,
        }
    }

    /// Adds something to be done. What is due already is done next.
    pub fn add(&mut self, entry: Entry) {
        let number = (entry.due / TICK).clamp(self.next, self.next + SLOTS - 1);
        if let Some(slot) = self.slots.get_mut((number % SLOTS) as usize) {
            slot.push(entry);
        }
    }

    /// Moves all that is due to the end of `due`: the slots that are over at `now`.
    pub fn take(&mut self, now: u64, due: &mut Vec<Entry>) {
        let current = now / TICK;
        while self.next < current {
            let begin = due.len();
            let slot = self.next;
            self.next += 1;
            if let Some(entries) = self.slots.get_mut((slot % SLOTS) as usize) {
                due.append(entries);
            }
            self.put_back(slot, begin, due);
        }
    }

    /// When the next slot is over.
    #[must_use]
    pub fn next_tick(&self) -> u64 {
        (self.next + 1) * TICK
    }

    /// What was further ahead than the wheel is long waits on.
    fn put_back(&mut self, slot: u64, begin: usize, due: &mut Vec<Entry>) {
        let mut index = begin;
        while let Some(entry) = due.get(index).copied() {
            if entry.due / TICK > slot {
                due.swap_remove(index);
                self.add(entry);
            } else {
                index += 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Entry, TICK, Task, Wheel};

    fn entry(due: u64) -> Entry {
        Entry {
            due,
            client: 0,
            task: Task::Audio,
        }
    }

    fn taken(wheel: &mut Wheel, now: u64) -> Vec<u64> {
        let mut due = Vec::new();
        wheel.take(now, &mut due);
        due.iter().map(|entry| entry.due).collect()
    }

    #[test]
    fn nothing_comes_before_its_time() {
        let mut wheel = Wheel::starting(0);
        wheel.add(entry(5 * TICK + 7));
        assert_eq!(taken(&mut wheel, 5 * TICK + 6), [0_u64; 0]);
        assert_eq!(taken(&mut wheel, 6 * TICK), [5 * TICK + 7]);
        assert_eq!(taken(&mut wheel, 60 * TICK), [0_u64; 0]);
    }

    #[test]
    fn what_is_overdue_comes_next() {
        let mut wheel = Wheel::starting(100 * TICK);
        wheel.add(entry(3));
        assert_eq!(taken(&mut wheel, 101 * TICK), [3]);
    }

    #[test]
    fn a_stall_loses_nothing() {
        let mut wheel = Wheel::starting(0);
        (0..5000).for_each(|number| wheel.add(entry(number * TICK / 8)));
        assert_eq!(taken(&mut wheel, 100_000 * TICK).len(), 5000);
    }

    proptest! {
        #[test]
        fn each_comes_once_within_two_ticks(
            dues in prop::collection::vec(0..4000 * TICK, 1..50),
        ) {
            let mut wheel = Wheel::starting(0);
            dues.iter().for_each(|due| wheel.add(entry(*due)));
            let mut come = Vec::new();
            for now in 1..=4001 {
                for due in taken(&mut wheel, now * TICK) {
                    prop_assert!(due <= now * TICK && due + 2 * TICK > now * TICK);
                    come.push(due);
                }
            }
            let mut dues = dues;
            dues.sort_unstable();
            come.sort_unstable();
            prop_assert_eq!(come, dues);
        }
    }
}
