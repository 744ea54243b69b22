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

    /// What is asked for now.
    pub(super) fn take(&mut self) -> impl Iterator<Item = (Source, u8)> + use<> {
        let taken = std::mem::take(&mut self.open);
        merge(&mut self.unanswered, taken);
        let sources = [Source::Microphone, Source::Camera, Source::Screen];
        let layers = sources.into_iter().zip(taken);
        layers.flat_map(|(source, layers)| layers.iter().map(move |layer| (source, layer)))
    }

    /// A key frame begins.
    pub(super) fn came(&mut self, source: Source, layer: u8) {
        if let Some(unanswered) = self.unanswered.get_mut(place_of(source)) {
            unanswered.remove(layer);
        }
    }

    /// The client is somewhere else. What it was asked for lately went to where it is no more: its pictures come from a new
    /// address before it is known that it stays there.
    pub(super) fn moved(&mut self) {
        merge(&mut self.open, self.unanswered);
    }
}

fn merge(into: &mut [Layers; SENDING], more: [Layers; SENDING]) {
    for (into, more) in into.iter_mut().zip(more) {
        more.iter().for_each(|layer| into.insert(layer));
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

    fn taken(wishes: &mut Wishes) -> Vec<(Source, u8)> {
        wishes.take().collect()
    }

    #[test]
    fn what_was_asked_for_is_not_asked_for_again() {
        let mut wishes = Wishes::default();
        wishes.add(Source::Camera, 2);
        wishes.add(Source::Camera, 2);
        wishes.add(Source::Screen, 0);
        let both = [(Source::Camera, 2), (Source::Screen, 0)];
        assert_eq!(taken(&mut wishes), both);
        assert_eq!(taken(&mut wishes), []);
    }

    #[test]
    fn whoever_moved_is_asked_again_for_what_did_not_come() {
        let mut wishes = Wishes::default();
        for layer in 0..3 {
            wishes.add(Source::Camera, layer);
            assert_eq!(taken(&mut wishes), [(Source::Camera, layer)]);
        }
        wishes.came(Source::Camera, 1);
        wishes.came(Source::Screen, 2);
        wishes.moved();
        let left = [(Source::Camera, 0), (Source::Camera, 2)];
        assert_eq!(taken(&mut wishes), left);
    }
}
