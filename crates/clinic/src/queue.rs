//! The order of the waiting room.

use std::collections::VecDeque;

use vestibule_vocab::VisitId;

use crate::Arrival;

/// Waiting visits, by arrival. A ring, because most leave at the front and most come at the back;
/// sorted, so that a place is found by halving.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Queue(VecDeque<(Arrival, VisitId)>);

impl Queue {
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn head(&self) -> Option<VisitId> {
        self.0.front().map(|&(_, visit)| visit)
    }

    pub(crate) fn insert(&mut self, arrival: Arrival, visit: VisitId) {
        let index = self.0.partition_point(|&(other, _)| other < arrival);
        self.0.insert(index, (arrival, visit));
    }

    pub(crate) fn remove(&mut self, arrival: Arrival) {
        if let Some(index) = self.index(arrival) {
            self.0.remove(index);
        }
    }

    /// From 1.
    pub(crate) fn place(&self, arrival: Arrival) -> Option<u32> {
        self.index(arrival).map(place_at)
    }

    /// Places and visits, in order.
    pub(crate) fn iter(&self) -> impl ExactSizeIterator<Item = (u32, VisitId)> {
        self.0
            .iter()
            .enumerate()
            .map(|(index, &(_, visit))| (place_at(index), visit))
    }

    /// The visits that arrived then or later, in order.
    pub(crate) fn from(&self, arrival: Arrival) -> impl Iterator<Item = VisitId> {
        let index = self.0.partition_point(|&(other, _)| other < arrival);
        self.0.range(index..).map(|&(_, visit)| visit)
    }

    fn index(&self, arrival: Arrival) -> Option<usize> {
        self.0
            .binary_search_by_key(&arrival, |&(other, _)| other)
            .ok()
    }
}

fn place_at(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX).saturating_add(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn visit(number: u128) -> VisitId {
        VisitId::from_random(number)
    }

    fn queue(arrivals: &[u64]) -> Queue {
        let mut queue = Queue::default();
        for &arrival in arrivals {
            queue.insert(Arrival(arrival), visit(arrival.into()));
        }
        queue
    }

    #[test]
    fn places_follow_arrival_whatever_the_order_of_insertion() {
        let queue = queue(&[5, 2, 9]);
        let order: Vec<_> = queue.iter().collect();
        assert_eq!(order, [(1, visit(2)), (2, visit(5)), (3, visit(9))]);
        assert_eq!(queue.place(Arrival(9)), Some(3));
        assert_eq!(queue.place(Arrival(4)), None);
    }

    #[test]
    fn removing_somebody_moves_up_only_those_behind() {
        let mut queue = queue(&[1, 2, 3]);
        queue.remove(Arrival(2));
        assert_eq!(queue.place(Arrival(1)), Some(1));
        assert_eq!(queue.place(Arrival(3)), Some(2));
        assert_eq!(queue.from(Arrival(2)).collect::<Vec<_>>(), [visit(3)]);
    }
}
