//! A queue of limited size.

/// Its places lie elsewhere: whether there is anything in it is asked for far more often than what.
#[derive(Debug)]
pub(crate) struct Ring<T, const N: usize> {
    /// None before there was something for the first time, and then as many as there ever were at a time, up to `N`: on a
    /// good line nothing ever waits.
    places: Box<[T]>,
    first: usize,
    length: usize,
}

/// Places that are made first.
const FIRST_PLACES: usize = 16;

impl<T: Copy + Default, const N: usize> Ring<T, N> {
    pub(crate) fn new() -> Self {
        Self {
            places: Box::default(),
            first: 0,
            length: 0,
        }
    }

    /// Puts something behind the others; `false` when there is no place.
    pub(crate) fn push(&mut self, value: T) -> bool {
        if self.length >= N {
            return false;
        }
        if self.length == self.places.len() {
            self.grow();
        }
        let index = self.wrapped(self.first + self.length);
        let Some(place) = self.places.get_mut(index) else {
            return false;
        };
        *place = value;
        self.length += 1;
        true
    }

    /// Takes the first.
    pub(crate) fn pop(&mut self) -> Option<T> {
        let value = *self.front()?;
        self.first = self.wrapped(self.first + 1);
        self.length -= 1;
        Some(value)
    }

    pub(crate) fn len(&self) -> usize {
        self.length
    }

    pub(crate) fn front(&self) -> Option<&T> {
        self.places.get(self.first).filter(|_| self.length > 0)
    }

    /// A place, or as far from the beginning as it is behind the end.
    fn wrapped(&self, place: usize) -> usize {
        place.checked_sub(self.places.len()).unwrap_or(place)
    }

    #[cold]
    fn grow(&mut self) {
        let mut places = vec![T::default(); N.min((2 * self.length).max(FIRST_PLACES))];
        let (behind, before) = self.places.split_at(self.first.min(self.places.len()));
        for (place, value) in places.iter_mut().zip(before.iter().chain(behind)) {
            *place = *value;
        }
        self.places = places.into_boxed_slice();
        self.first = 0;
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.length == 0
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use proptest::prelude::*;

    use super::Ring;

    proptest! {
        /// Against a queue that grows as it likes.
        #[test]
        fn what_is_put_in_comes_out_in_its_order(steps in prop::collection::vec(0_u8..5, 0..400)) {
            let (mut ring, mut queue) = (Ring::<u16, 50>::new(), VecDeque::new());
            for (value, step) in (0..).zip(steps) {
                if step < 3 {
                    prop_assert_eq!(ring.push(value), queue.len() < 50);
                    queue.extend((queue.len() < 50).then_some(value));
                } else {
                    prop_assert_eq!(ring.pop(), queue.pop_front());
                }
                prop_assert_eq!(ring.front(), queue.front());
                prop_assert_eq!(ring.is_empty(), queue.is_empty());
            }
        }
    }
}
