//! Layers of a picture: which there are, which are wanted, and who gets which.

use crate::leg::Leg;
use crate::limits::LAYERS;
use crate::{Call, Moment, Seat, Slot, Source};

/// The highest layer; that of a track that has no others is the lowest.
pub(crate) const TOP: u8 = LAYERS as u8 - 1;

/// A set of layers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Layers(u8);

impl Layers {
    /// One layer.
    #[must_use]
    pub const fn only(layer: u8) -> Self {
        Self(1 << (layer % 8))
    }

    /// Whether a layer is in it.
    #[must_use]
    pub const fn contains(self, layer: u8) -> bool {
        self.0 & Self::only(layer).0 != 0
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Adds a layer.
    pub const fn insert(&mut self, layer: u8) {
        self.0 |= Self::only(layer).0;
    }

    /// Takes a layer out.
    pub const fn remove(&mut self, layer: u8) {
        self.0 &= !Self::only(layer).0;
    }

    /// The layers, the smallest first.
    pub fn iter(self) -> impl DoubleEndedIterator<Item = u8> {
        (0..LAYERS as u8).filter(move |layer| self.contains(*layer))
    }

    /// The best that does not go beyond a layer; the smallest of all where every one does.
    pub(crate) fn best_within(self, layer: u8) -> Option<u8> {
        let within = self.iter().rfind(|it| *it <= layer);
        within.or_else(|| self.iter().next())
    }
}

impl FromIterator<u8> for Layers {
    fn from_iter<T: IntoIterator<Item = u8>>(layers: T) -> Self {
        let mut set = Self::default();
        layers.into_iter().for_each(|layer| set.insert(layer));
        set
    }
}

impl Call {
    /// Sets the highest layer that a receiver is to get through a slot; `None` pauses it. Until this is said
    /// it gets the highest that comes, and again on each new connection.
    ///
    /// What it gets now goes on until a key frame of the other layer begins. A layer that does not come is
    /// stood in for by the next lower one that does, else by the lowest.
    pub fn set_layer(&mut self, seat: Seat, slot: Slot, wanted: Option<u8>) {
        let link = self.leg_mut(seat).and_then(|leg| leg.link.as_mut());
        if let Some(subscription) = link.and_then(|link| link.subscription(slot)) {
            subscription.set_wanted(wanted.map(|layer| layer.min(TOP)));
            self.wishes_change();
        }
    }

    /// Whether a slot is paused: nothing is to go through it.
    #[must_use]
    pub fn is_paused(&self, seat: Seat, slot: Slot) -> bool {
        let link = self.leg(seat).and_then(|leg| leg.link.as_ref());
        let subscription = link.and_then(|link| link.subscribed(slot));
        subscription.is_some_and(|it| it.wanted().is_none())
    }

    /// The layer that a receiver gets through a slot now.
    #[must_use]
    pub fn layer(&self, seat: Seat, slot: Slot) -> Option<u8> {
        let link = self.leg(seat)?.link.as_ref()?;
        link.subscribed(slot)?.layer()
    }

    /// Bits in a second of each layer of a track that comes now, as measured.
    #[must_use]
    pub fn bitrates(&self, now: Moment, publisher: Seat, source: Source) -> [Option<u64>; LAYERS] {
        let link = self.leg(publisher).and_then(|leg| leg.link.as_ref());
        link.map_or([None; LAYERS], |link| link.published(source).bitrates(now))
    }

    /// Whose track comes through a slot.
    #[must_use]
    pub fn track_of(&self, seat: Seat, slot: Slot) -> Option<(Seat, Source)> {
        if slot == Slot::SCREEN {
            let presenter = self
                .presenter_seat()
                .filter(|presenter| *presenter != seat)?;
            return Some((presenter, Source::Screen));
        }
        self.leg(seat)?.track_of(slot)
    }

    /// The layers of a leg's camera that somebody is to get. While nobody else is connected the highest is kept ready, and so it
    /// is before the call is open for whoever is not there yet. In an open call whoever is not connected counts for nothing,
    /// but for who left just now: a page that is loaded anew finds the layers as they were.
    ///
    /// A layer that somebody only gets until the wanted one comes is not among them: browsers do not make every
    /// set of layers of a small picture, but they make any one of them, and begin it with a key frame.
    #[must_use]
    pub fn wanted_layers(&self, publisher: Seat) -> Layers {
        let others = Seat::ALL.into_iter().filter(|seat| *seat != publisher);
        let others = others.filter_map(|seat| self.leg(seat));
        if !others.clone().any(Leg::is_up) {
            return Layers::only(TOP);
        }
        let waits = |leg: &&Leg| !self.is_open() && !leg.is_up();
        let wanted = others.clone().filter_map(|leg| leg.wants(publisher));
        wanted.chain(others.filter(waits).map(|_| TOP)).collect()
    }

    /// Whether somebody's pictures and sound are to be reckoned with: they are connected, or were until just now, or the call
    /// is not open yet.
    #[must_use]
    pub fn is_expected(&self, seat: Seat) -> bool {
        let leg = self.leg(seat);
        leg.is_some_and(|leg| leg.is_up() || leg.just_left() || !self.is_open())
    }
}

#[cfg(test)]
mod tests {
    use super::Layers;

    #[test]
    fn the_best_within_is_the_nearest_below_or_the_lowest() {
        let layers: Layers = [1, 2].into_iter().collect();
        assert_eq!(layers.best_within(2), Some(2));
        assert_eq!(layers.best_within(1), Some(1));
        assert_eq!(layers.best_within(0), Some(1));
        assert_eq!(Layers::only(0).best_within(2), Some(0));
        assert_eq!(Layers::default().best_within(2), None);
    }
}
