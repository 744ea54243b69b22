//! The order of one waiting room, and of all.

use std::collections::{BTreeMap, VecDeque};

use vestibule_vocab::VisitId;

use crate::audit::Passed;
use crate::{Arrival, Rank, Turn, Urgency, WaitingRoom};

/// Waiting visits, by rank. A ring, because most leave at the front and most come at the back; sorted, so that a
/// place is found by halving.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Queue {
    ranked: VecDeque<(Rank, VisitId)>,
    /// In order, so that those who came earlier are counted by halving too.
    arrivals: VecDeque<Arrival>,
    /// Those who are more urgent than others, so that nobody looks for them among all.
    pressing: BTreeMap<Rank, (Urgency, VisitId)>,
}

impl Queue {
    fn insert(&mut self, rank: Rank, visit: VisitId, urgency: Urgency) {
        if urgency != Urgency::Routine {
            self.pressing.insert(rank, (urgency, visit));
        }
        let index = self.first_from(rank);
        self.ranked.insert(index, (rank, visit));
        let earlier = self.came_before(rank.arrival);
        self.arrivals.insert(earlier, rank.arrival);
    }

    fn remove(&mut self, rank: Rank) {
        if let Some(index) = self.index(rank) {
            self.ranked.remove(index);
            self.pressing.remove(&rank);
            self.arrivals.remove(self.came_before(rank.arrival));
        }
    }

    fn index(&self, rank: Rank) -> Option<usize> {
        self.ranked
            .binary_search_by_key(&rank, |&(other, _)| other)
            .ok()
    }

    fn first_from(&self, rank: Rank) -> usize {
        self.ranked.partition_point(|&(other, _)| other < rank)
    }

    fn came_before(&self, arrival: Arrival) -> usize {
        self.arrivals.partition_point(|&other| other < arrival)
    }
}

/// Every waiting room in which somebody waits.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Queues(BTreeMap<WaitingRoom, Queue>);

impl Queues {
    pub(crate) fn len(&self, place: WaitingRoom) -> usize {
        self.0.get(&place).map_or(0, |queue| queue.ranked.len())
    }

    /// Somebody waits from now on. Their urgency stays as it is for as long as they are in the queue.
    pub(crate) fn insert(
        &mut self,
        place: WaitingRoom,
        rank: Rank,
        (visit, urgency): (VisitId, Urgency),
    ) {
        let queue = self.0.entry(place).or_default();
        queue.insert(rank, visit, urgency);
    }

    pub(crate) fn remove(&mut self, place: WaitingRoom, rank: Rank) {
        if let Some(queue) = self.0.get_mut(&place) {
            queue.remove(rank);
            if queue.ranked.is_empty() {
                self.0.remove(&place);
            }
        }
    }

    /// From 1.
    pub(crate) fn place(&self, place: WaitingRoom, rank: Rank) -> Option<u32> {
        self.0.get(&place)?.index(rank).map(place_at)
    }

    /// Ranks and visits of one waiting room, in order.
    pub(crate) fn of(&self, place: WaitingRoom) -> impl Iterator<Item = (Rank, VisitId)> + '_ {
        self.0
            .get(&place)
            .into_iter()
            .flat_map(|queue| queue.ranked.iter().copied())
    }

    /// The visits of this rank and behind, in order.
    pub(crate) fn from(
        &self,
        place: WaitingRoom,
        rank: Rank,
    ) -> impl Iterator<Item = VisitId> + '_ {
        let queue = self.0.get(&place).into_iter();
        queue.flat_map(move |queue| {
            let index = queue.first_from(rank);
            queue.ranked.range(index..).map(|&(_, visit)| visit)
        })
    }

    /// Those before this rank, in order.
    pub(crate) fn before(
        &self,
        place: WaitingRoom,
        rank: Rank,
    ) -> impl Iterator<Item = (Rank, VisitId)> + '_ {
        self.of(place).take_while(move |(other, _)| *other < rank)
    }

    /// Those before this rank who were called, or are more urgent than this.
    pub(crate) fn called_or_pressing(
        &self,
        place: WaitingRoom,
        rank: Rank,
        urgency: Urgency,
    ) -> impl Iterator<Item = VisitId> + '_ {
        let before = self.before(place, rank);
        let called = before.take_while(|(other, _)| other.turn == Turn::Called);
        let queue = self.0.get(&place).into_iter();
        let pressing = queue.flat_map(move |queue| queue.pressing.range(..rank));
        let pressing = pressing
            .filter(move |(other, (its, _))| other.turn == Turn::InTurn && *its > urgency)
            .map(|(_, (_, visit))| *visit);
        called.map(|(_, visit)| visit).chain(pressing)
    }

    /// Those of a waiting room who came before this rank's arrival, or stand before it; `None` when nobody does.
    pub(crate) fn passed(&self, waiting_room: WaitingRoom, rank: Rank) -> Option<Passed> {
        let queue = self.0.get(&waiting_room)?;
        let (earlier, before) = (queue.came_before(rank.arrival), queue.first_from(rank));
        (earlier > 0 || before > 0).then(|| Passed {
            waiting_room,
            earlier: u32::try_from(earlier).unwrap_or(u32::MAX),
            before: u32::try_from(before).unwrap_or(u32::MAX),
        })
    }
}

fn place_at(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX).saturating_add(1)
}

#[cfg(test)]
mod tests {
    use vestibule_vocab::{ServiceId, Timestamp};

    use super::*;
    use crate::{Arrival, Turn};

    fn visit(number: u128) -> VisitId {
        VisitId::from_random(number)
    }

    fn rank(due: u64) -> Rank {
        rank_of(due, due)
    }

    fn rank_of(due: u64, arrival: u64) -> Rank {
        Rank {
            turn: Turn::InTurn,
            due: Timestamp(due),
            arrival: Arrival(arrival),
        }
    }

    fn here() -> WaitingRoom {
        WaitingRoom::Service(ServiceId::from_random(1))
    }

    fn queues(due: &[u64]) -> Queues {
        let mut queues = Queues::default();
        for &due in due {
            queues.insert(here(), rank(due), (visit(due.into()), Urgency::Routine));
        }
        queues
    }

    #[test]
    fn places_follow_rank_whatever_the_order_of_insertion() {
        let queues = queues(&[5, 2, 9]);
        let order: Vec<_> = queues.of(here()).map(|(_, visit)| visit).collect();
        assert_eq!(order, [visit(2), visit(5), visit(9)]);
        assert_eq!(queues.place(here(), rank(9)), Some(3));
        assert_eq!(queues.place(here(), rank(4)), None);
    }

    #[test]
    fn removing_somebody_moves_up_only_those_behind() {
        let mut queues = queues(&[1, 2, 3]);
        queues.remove(here(), rank(2));
        assert_eq!(queues.place(here(), rank(1)), Some(1));
        assert_eq!(queues.place(here(), rank(3)), Some(2));
        let behind: Vec<_> = queues.from(here(), rank(2)).collect();
        assert_eq!(behind, [visit(3)]);
    }

    #[test]
    fn those_who_came_before_and_those_who_stand_before_are_counted_each() {
        let mut queues = Queues::default();
        for (due, arrival) in [(5, 3), (9, 1), (7, 2), (1, 4)] {
            let one = (visit(arrival.into()), Urgency::Routine);
            queues.insert(here(), rank_of(due, arrival), one);
        }
        let counted = |queues: &Queues, rank| {
            let passed = queues.passed(here(), rank);
            passed.map(|it| (it.earlier, it.before))
        };
        assert_eq!(counted(&queues, rank_of(5, 3)), Some((2, 1)));
        assert_eq!(counted(&queues, rank_of(9, 1)), Some((0, 3)));
        queues.remove(here(), rank_of(7, 2));
        assert_eq!(counted(&queues, rank_of(5, 3)), Some((1, 1)));
        // Somebody of another waiting room.
        assert_eq!(counted(&queues, rank_of(6, 9)), Some((3, 2)));
        assert_eq!(counted(&queues, rank_of(0, 0)), None);
        let nowhere = WaitingRoom::Service(ServiceId::from_random(2));
        assert_eq!(queues.passed(nowhere, rank_of(9, 9)), None);
    }

    #[test]
    fn whoever_was_called_comes_first() {
        let mut queues = queues(&[1, 2]);
        let called = Rank {
            turn: Turn::Called,
            ..rank(9)
        };
        queues.insert(here(), called, (visit(9), Urgency::Routine));
        assert_eq!(queues.place(here(), called), Some(1));
    }

    #[test]
    fn those_before_who_were_called_or_are_more_urgent_are_found_without_the_others() {
        let mut queues = queues(&[1, 3, 8]);
        let called = Rank {
            turn: Turn::Called,
            ..rank(9)
        };
        queues.insert(here(), called, (visit(9), Urgency::Urgent));
        for (due, urgency) in [
            (2, Urgency::Soon),
            (4, Urgency::Urgent),
            (7, Urgency::Urgent),
        ] {
            queues.insert(here(), rank(due), (visit(due.into()), urgency));
        }
        let found = |queues: &Queues, urgency| -> Vec<VisitId> {
            let found = queues.called_or_pressing(here(), rank(6), urgency);
            found.collect()
        };
        let all = [9, 2, 4].map(visit);
        assert_eq!(found(&queues, Urgency::Routine), all);
        assert_eq!(found(&queues, Urgency::Soon), [9, 4].map(visit));
        assert_eq!(found(&queues, Urgency::Urgent), [visit(9)]);
        queues.remove(here(), rank(4));
        assert_eq!(found(&queues, Urgency::Soon), [visit(9)]);
    }

    #[test]
    fn a_waiting_room_that_is_empty_takes_no_memory() {
        let mut queues = queues(&[1]);
        queues.remove(here(), rank(1));
        assert_eq!(queues, Queues::default());
    }
}
