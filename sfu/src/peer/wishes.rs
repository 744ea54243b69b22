//! Key frames that a client is asked for.

use vestibule_forwarding::{Layers, Source};

use crate::offer::SENDING;

/// The layers of each track that the client is to be asked for a key frame of, and those that it was asked for and did
/// not send yet.
#[derive(Debug, Default)]
pub(super) struct Wishes {
    open: [Layers; SENDING],
    unanswered: [Layers; SENDING],
}

impl Wishes {
    pub(super) fn add(&mut self, source: Source, layer: u8) {
        if let Some(open) = self.open.get_mut(place_of(source)) {
            open.insert(layer);
        }
    }

    /// What is to be asked for now.
    pub(super) fn take(&mut self) -> impl Iterator<Item = (Source, u8)> + use<> {
        let taken = std::mem::take(&mut self.open);
        let sources = [Source::Microphone, Source::Camera, Source::Screen];
        let layers = sources.into_iter().zip(taken);
        layers.flat_map(|(source, layers)| layers.iter().map(move |layer| (source, layer)))
    }

    /// It was asked for.
    pub(super) fn asked(&mut self, source: Source, layer: u8) {
        if let Some(unanswered) = self.unanswered.get_mut(place_of(source)) {
            unanswered.insert(layer);
        }
    }

    /// A key frame begins. Of a camera browsers send one of each layer, whichever they are asked for.
    pub(super) fn came(&mut self, source: Source) {
        if let Some(unanswered) = self.unanswered.get_mut(place_of(source)) {
            *unanswered = Layers::default();
        }
    }

    /// The client is somewhere else. What it was asked for lately went to where it is no more: its pictures come from a new
    /// address before it is known that it stays there.
    pub(super) fn moved(&mut self) {
        for (open, unanswered) in self.open.iter_mut().zip(self.unanswered) {
            unanswered.iter().for_each(|layer| open.insert(layer));
        }
    }
}

/// Where a source's section stands in the offer.
fn place_of(source: Source) -> usize {
    match source {
        Source::Microphone => 0,
        Source::Camera => 1,
        Source::Screen => 2,
    }
}

#[cfg(test)]
mod tests {
    use vestibule_forwarding::Source;

    use super::Wishes;

    /// What is asked for.
    fn asked(wishes: &mut Wishes) -> Vec<(Source, u8)> {
        let taken: Vec<_> = wishes.take().collect();
        taken.iter().for_each(|it| wishes.asked(it.0, it.1));
        taken
    }

    #[test]
    fn what_was_asked_for_is_not_asked_for_again() {
        let mut wishes = Wishes::default();
        wishes.add(Source::Camera, 2);
        wishes.add(Source::Camera, 2);
        wishes.add(Source::Screen, 0);
        let both = [(Source::Camera, 2), (Source::Screen, 0)];
        assert_eq!(asked(&mut wishes), both);
        assert_eq!(asked(&mut wishes), []);
    }

    #[test]
    fn whoever_moved_is_asked_again_for_what_did_not_come() {
        let mut wishes = Wishes::default();
        for layer in [0, 2] {
            wishes.add(Source::Camera, layer);
            assert_eq!(asked(&mut wishes), [(Source::Camera, layer)]);
        }
        wishes.came(Source::Screen);
        wishes.moved();
        let both = [(Source::Camera, 0), (Source::Camera, 2)];
        assert_eq!(asked(&mut wishes), both);
        wishes.came(Source::Camera);
        wishes.moved();
        assert_eq!(asked(&mut wishes), []);
    }

    #[test]
    fn what_could_not_be_asked_for_is_not_repeated() {
        let mut wishes = Wishes::default();
        wishes.add(Source::Camera, 1);
        assert_eq!(wishes.take().count(), 1);
        wishes.moved();
        assert_eq!(asked(&mut wishes), []);
    }
}
