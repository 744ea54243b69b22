//! Small indices: a leg's seat in its call, and the receive slots of a leg.

use crate::limits::{LEGS, PAIRS, SLOTS};

/// A leg's place in its call. It stays while the leg stays, and is then given to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Seat(u8);

impl Seat {
    /// Every seat of a call.
    pub const ALL: [Self; LEGS] = [Self(0), Self(1), Self(2), Self(3), Self(4)];

    /// The seat as an index below [`LEGS`].
    #[must_use]
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// A receive slot of a leg. Slots stand in the order of the offer's receiving media sections: audio and
/// video of the first pair, of the second, and so on; then the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slot(u8);

impl Slot {
    /// The slot of somebody's screen.
    pub const SCREEN: Self = Self((SLOTS - 1) as u8);

    /// The slot at this place among the receiving media sections.
    #[must_use]
    pub fn from_index(index: usize) -> Option<Self> {
        (index < SLOTS).then(|| u8::try_from(index).ok().map(Self))?
    }

    /// The audio slot of a pair.
    #[must_use]
    pub fn audio(pair: usize) -> Option<Self> {
        (pair < PAIRS).then(|| Self::from_index(2 * pair))?
    }

    /// The video slot of a pair.
    #[must_use]
    pub fn video(pair: usize) -> Option<Self> {
        (pair < PAIRS).then(|| Self::from_index(2 * pair + 1))?
    }

    /// Whether pictures come through it: audio and video slots stand by turns, and the screen is last.
    #[must_use]
    pub fn is_video(self) -> bool {
        self == Self::SCREEN || !self.index().is_multiple_of(2)
    }

    /// The slot as an index below [`SLOTS`].
    #[must_use]
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

#[cfg(test)]
mod tests {
    use super::{Seat, Slot};
    use crate::limits::{LEGS, PAIRS, SLOTS};

    #[test]
    fn slots_stand_in_the_order_of_the_offer() {
        let mut order = Vec::new();
        for pair in 0..PAIRS {
            order.extend([Slot::audio(pair), Slot::video(pair)]);
        }
        order.push(Some(Slot::SCREEN));
        let indices: Vec<_> = order
            .into_iter()
            .map(|slot| slot.unwrap().index())
            .collect();
        assert_eq!(indices, (0..SLOTS).collect::<Vec<_>>());
        assert_eq!(Slot::audio(PAIRS), None);
        assert_eq!(Slot::video(PAIRS), None);
        assert_eq!(Slot::from_index(SLOTS), None);
    }

    #[test]
    fn every_seat_has_its_index() {
        let indices: Vec<_> = Seat::ALL.iter().map(|seat| seat.index()).collect();
        assert_eq!(indices, (0..LEGS).collect::<Vec<_>>());
    }
}
