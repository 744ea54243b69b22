//! A queue of fixed size.

/// Its places lie elsewhere: whether there is anything in it is asked for far more often than what.
#[derive(Debug)]
pub(crate) struct Ring<T, const N: usize> {
    /// None before there was something for the first time: on a good line nothing ever waits.
    places: Box<[T]>,
    first: usize,
    length: usize,
}

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
        if self.places.is_empty() {
            self.places = vec![T::default(); N].into_boxed_slice();
        }
        let index = (self.first + self.length) % N;
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
        self.first = (self.first + 1) % N;
        self.length -= 1;
        Some(value)
    }

    pub(crate) fn front(&self) -> Option<&T> {
        self.places.get(self.first).filter(|_| self.length > 0)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.length == 0
    }
}
