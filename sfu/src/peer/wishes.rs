//! Key frames that a client is asked for.

use vestibule_forwarding::limits::KEY_FRAME_INTERVAL;
use vestibule_forwarding::{Layers, Moment, Source};

use crate::limits::{MOVE_AGAIN, MOVE_WITHIN};
use crate::offer::SENDING;

/// The tracks' sources, in the order of their sections in the offer.
const SOURCES: [Source; SENDING] = [Source::Microphone, Source::Camera, Source::Screen];

/// The layers of each track that the client is to be asked for a key frame of, one of a track in each
/// [`KEY_FRAME_INTERVAL`]. Who sends from a new address is not asked before it is known that it stays there, as it may
/// not hear it where it was.
#[derive(Debug, Default)]
pub(super) struct Wishes {
    tracks: [Track; SENDING],
    /// When the client began to send from where it is not sent to.
    elsewhere: Option<Moment>,
}

#[derive(Debug, Default)]
struct Track {
    open: Layers,
    /// Asked for, and did not come yet.
    unanswered: Layers,
    /// To be asked for again, unless a key frame comes first.
    again: Layers,
    asked: Option<Moment>,
}

impl Wishes {
    pub(super) fn add(&mut self, source: Source, layer: u8) {
        self.track(source).open.insert(layer);
    }

    /// What is to be asked for now, which is then either [asked for](Self::asked), left out or
    /// [wished for](Self::add) again.
    pub(super) fn poll(&mut self, now: Moment) -> Option<(Source, u8)> {
        if self.held_until().is_some_and(|until| now < until) {
            return None;
        }
        let mut tracks = SOURCES.into_iter().zip(&mut self.tracks);
        tracks.find_map(|(source, track)| Some((source, track.poll(now)?)))
    }

    /// When there is something to ask for next.
    pub(super) fn next_timeout(&self) -> Option<Moment> {
        let tracks = self.tracks.iter();
        let due = tracks.filter_map(Track::next_timeout).min()?;
        Some(self.held_until().map_or(due, |until| until.max(due)))
    }

    /// It was asked for.
    pub(super) fn asked(&mut self, now: Moment, source: Source, layer: u8) {
        let track = self.track(source);
        track.unanswered.insert(layer);
        track.asked = Some(now);
    }

    /// A key frame begins. Of a camera browsers send one of each layer, whichever they are asked for.
    pub(super) fn came(&mut self, source: Source) {
        let track = self.track(source);
        track.unanswered = Layers::default();
        track.again = Layers::default();
    }

    /// Something authentic came from where the client is not sent to.
    pub(super) fn elsewhere(&mut self, now: Moment) {
        if self
            .elsewhere
            .is_none_or(|since| now >= since.plus(MOVE_AGAIN))
        {
            self.elsewhere = Some(now);
        }
    }

    /// The client is somewhere else. What it was asked for lately went to where it is no more.
    pub(super) fn moved(&mut self) {
        self.elsewhere = None;
        for track in &mut self.tracks {
            let unanswered = std::mem::take(&mut track.unanswered);
            unanswered
                .iter()
                .for_each(|layer| track.again.insert(layer));
        }
    }

    fn held_until(&self) -> Option<Moment> {
        self.elsewhere.map(|since| since.plus(MOVE_WITHIN))
    }

    fn track(&mut self, source: Source) -> &mut Track {
        let [microphone, camera, screen] = &mut self.tracks;
        match source {
            Source::Microphone => microphone,
            Source::Camera => camera,
            Source::Screen => screen,
        }
    }
}

impl Track {
    fn poll(&mut self, now: Moment) -> Option<u8> {
        if self.free_at().is_some_and(|free| now < free) {
            return None;
        }
        let layers = [&mut self.open, &mut self.again];
        layers.into_iter().find_map(|layers| {
            let layer = layers.iter().next()?;
            layers.remove(layer);
            Some(layer)
        })
    }

    fn next_timeout(&self) -> Option<Moment> {
        let waits = !self.open.is_empty() || !self.again.is_empty();
        waits.then(|| self.free_at().unwrap_or_default())
    }

    fn free_at(&self) -> Option<Moment> {
        self.asked.map(|asked| asked.plus(KEY_FRAME_INTERVAL))
    }
}

#[cfg(test)]
mod tests {
    use vestibule_forwarding::limits::KEY_FRAME_INTERVAL;
    use vestibule_forwarding::{Moment, Source};

    use super::Wishes;
    use crate::limits::{MOVE_AGAIN, MOVE_WITHIN};

    const START: Moment = Moment::from_micros(5_000_000);

    /// What is asked for.
    fn asked(wishes: &mut Wishes, now: Moment) -> Vec<(Source, u8)> {
        let mut asked = Vec::new();
        while let Some((source, layer)) = wishes.poll(now) {
            wishes.asked(now, source, layer);
            asked.push((source, layer));
        }
        asked
    }

    #[test]
    fn what_was_asked_for_is_not_asked_for_again() {
        let mut wishes = Wishes::default();
        wishes.add(Source::Camera, 2);
        wishes.add(Source::Camera, 2);
        wishes.add(Source::Screen, 0);
        let both = [(Source::Camera, 2), (Source::Screen, 0)];
        assert_eq!(asked(&mut wishes, START), both);
        assert_eq!(wishes.next_timeout(), None);
        assert_eq!(asked(&mut wishes, START.plus(KEY_FRAME_INTERVAL)), []);
    }

    #[test]
    fn of_a_track_one_is_asked_for_at_a_time() {
        let mut wishes = Wishes::default();
        wishes.add(Source::Camera, 0);
        wishes.add(Source::Camera, 2);
        assert_eq!(asked(&mut wishes, START), [(Source::Camera, 0)]);
        let next = START.plus(KEY_FRAME_INTERVAL);
        assert_eq!(wishes.next_timeout(), Some(next));
        assert_eq!(asked(&mut wishes, next), [(Source::Camera, 2)]);
    }

    #[test]
    fn whoever_moved_is_asked_again_for_what_did_not_come() {
        let mut wishes = Wishes::default();
        wishes.add(Source::Camera, 2);
        assert_eq!(asked(&mut wishes, START), [(Source::Camera, 2)]);
        wishes.came(Source::Screen);
        wishes.moved();
        assert_eq!(asked(&mut wishes, START), []);
        let next = START.plus(KEY_FRAME_INTERVAL);
        assert_eq!(wishes.next_timeout(), Some(next));
        assert_eq!(asked(&mut wishes, next), [(Source::Camera, 2)]);
        wishes.moved();
        wishes.came(Source::Camera);
        assert_eq!(wishes.next_timeout(), None);
        assert_eq!(asked(&mut wishes, next.plus(KEY_FRAME_INTERVAL)), []);
    }

    #[test]
    fn who_sends_from_elsewhere_is_asked_once_it_is_sent_to_there() {
        let mut wishes = Wishes::default();
        wishes.elsewhere(START);
        wishes.add(Source::Camera, 1);
        assert_eq!(asked(&mut wishes, START), []);
        wishes.moved();
        assert_eq!(asked(&mut wishes, START), [(Source::Camera, 1)]);
    }

    #[test]
    fn who_sends_from_elsewhere_for_long_is_asked_where_it_was() {
        let mut wishes = Wishes::default();
        wishes.elsewhere(START);
        wishes.add(Source::Camera, 1);
        let end = START.plus(MOVE_WITHIN);
        wishes.elsewhere(end);
        assert_eq!(wishes.next_timeout(), Some(end));
        assert_eq!(asked(&mut wishes, end), [(Source::Camera, 1)]);

        let anew = START.plus(MOVE_AGAIN);
        wishes.elsewhere(anew);
        wishes.add(Source::Camera, 1);
        assert_eq!(asked(&mut wishes, anew), []);
        assert_eq!(wishes.next_timeout(), Some(anew.plus(MOVE_WITHIN)));
    }

    #[test]
    fn what_could_not_be_asked_for_is_not_repeated() {
        let mut wishes = Wishes::default();
        wishes.add(Source::Camera, 1);
        assert_eq!(wishes.poll(START), Some((Source::Camera, 1)));
        wishes.moved();
        assert_eq!(asked(&mut wishes, START), []);
    }
}
