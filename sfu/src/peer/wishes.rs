//! Key frames that a client is asked for.

use vestibule_forwarding::limits::{KEY_FRAME_INTERVAL, LAYERS};
use vestibule_forwarding::{Layers, Moment, Source};

use crate::limits::{KEY_FRAME_ANSWER, KEY_FRAME_REPEATS, MOVE_AGAIN, MOVE_WITHIN};
use crate::offer::SENDING;

/// The tracks' sources, in the order of their sections in the offer.
const SOURCES: [Source; SENDING] = [Source::Microphone, Source::Camera, Source::Screen];

/// The layers of each track that the client is to be asked for a key frame of, one of a track in each
/// [`KEY_FRAME_INTERVAL`]. A client that begins to send from a new address may hear nothing any more where it was: it is
/// not asked until media goes to where it is, or for [`MOVE_WITHIN`] at most. What is not answered may have been lost, and is asked for
/// again: receivers whose picture it is to mend would wait for seconds before they ask themselves.
///
/// The call keeps the same interval for what receivers wish for. It knows neither when that is written, which is later where
/// it is held, nor what is asked for again: this one is of what the client hears.
#[derive(Debug, Default)]
pub(super) struct Wishes {
    tracks: [Track; SENDING],
    held_until: Moment,
    /// Before that nothing is held another time: who sends from two addresses is asked all the same.
    holds_from: Moment,
}

#[derive(Debug, Default)]
struct Track {
    wished: Layers,
    /// Asked for, and no key frame of the track came since.
    unanswered: Layers,
    /// How often that was asked for again.
    repeated: u8,
    asked: Option<Moment>,
    /// The layer that was asked for last.
    last: u8,
}

impl Wishes {
    /// A layer that there is not would wait for ever.
    pub(super) fn add(&mut self, source: Source, layer: u8) {
        if usize::from(layer) < LAYERS {
            let track = self.track(source);
            track.wished.insert(layer);
            track.unanswered.remove(layer);
            track.repeated = 0;
        }
    }

    /// What is to be asked for now, which is then either [asked for](Self::asked), left out or
    /// [wished for](Self::add) again.
    pub(super) fn poll(&mut self, now: Moment) -> Option<(Source, u8)> {
        if now < self.held_until {
            return None;
        }
        let mut tracks = SOURCES.into_iter().zip(&mut self.tracks);
        tracks.find_map(|(source, track)| Some((source, track.poll(now)?)))
    }

    /// When there is something to ask for next.
    pub(super) fn next_timeout(&self) -> Option<Moment> {
        let due = self.tracks.iter().filter_map(Track::next_timeout).min()?;
        Some(due.max(self.held_until))
    }

    /// It was asked for.
    pub(super) fn asked(&mut self, now: Moment, source: Source, layer: u8) {
        let track = self.track(source);
        track.unanswered.insert(layer);
        track.asked = Some(now);
        track.last = layer;
    }

    /// A key frame of a layer begins. Of a camera browsers send one of each layer, whichever they are asked for: none is
    /// unanswered any more.
    pub(super) fn came(&mut self, source: Source, layer: u8) {
        let track = self.track(source);
        track.unanswered = Layers::default();
        track.wished.remove(layer);
    }

    /// Something authentic came from where no media goes to.
    pub(super) fn elsewhere(&mut self, now: Moment) {
        if now >= self.holds_from {
            self.held_until = now.plus(MOVE_WITHIN);
            self.holds_from = now.plus(MOVE_AGAIN);
        }
    }

    /// Media goes to another address now. What the client did not answer went to where it is no more. What still comes
    /// from there was on its way.
    pub(super) fn moved(&mut self, now: Moment) {
        self.held_until = now;
        self.holds_from = now.plus(MOVE_AGAIN);
        for track in &mut self.tracks {
            track.repeated = 0;
            track.wish_again();
        }
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
    /// The layers get their turn one after the other, so that none waits for ever.
    fn poll(&mut self, now: Moment) -> Option<u8> {
        if self.again_at().is_some_and(|again| now >= again) {
            self.repeated += 1;
            self.wish_again();
        }
        if self.free_at().is_some_and(|free| now < free) {
            return None;
        }
        let mut turns = (1..=LAYERS as u8).map(|step| (self.last + step) % LAYERS as u8);
        let layer = turns.find(|layer| self.wished.contains(*layer))?;
        self.wished.remove(layer);
        Some(layer)
    }

    fn next_timeout(&self) -> Option<Moment> {
        let wished = (!self.wished.is_empty()).then(|| self.free_at().unwrap_or_default());
        wished.into_iter().chain(self.again_at()).min()
    }

    /// When what was not answered is asked for again.
    fn again_at(&self) -> Option<Moment> {
        let repeats = !self.unanswered.is_empty() && self.repeated < KEY_FRAME_REPEATS;
        self.asked
            .filter(|_| repeats)
            .map(|asked| asked.plus(KEY_FRAME_ANSWER))
    }

    fn wish_again(&mut self) {
        let unanswered = std::mem::take(&mut self.unanswered);
        unanswered
            .iter()
            .for_each(|layer| self.wished.insert(layer));
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
    use crate::limits::{KEY_FRAME_ANSWER, KEY_FRAME_REPEATS, MOVE_AGAIN, MOVE_WITHIN};

    const START: Moment = Moment::from_micros(50_000_000);

    /// What is asked for.
    fn asked(wishes: &mut Wishes, now: Moment) -> Vec<(Source, u8)> {
        let mut asked = Vec::new();
        while let Some((source, layer)) = wishes.poll(now) {
            wishes.asked(now, source, layer);
            asked.push((source, layer));
        }
        asked
    }

    /// What is asked for next, and when.
    fn next(wishes: &mut Wishes) -> Option<(Moment, Vec<(Source, u8)>)> {
        let due = wishes.next_timeout()?;
        Some((due, asked(wishes, due)))
    }

    /// Whether nothing is asked for until what was asked for may have been lost.
    fn waits(wishes: &Wishes, now: Moment) -> bool {
        wishes.next_timeout() == Some(now.plus(KEY_FRAME_ANSWER))
    }

    #[test]
    fn what_was_asked_for_and_came_is_not_asked_for_again() {
        let mut wishes = Wishes::default();
        wishes.add(Source::Camera, 2);
        wishes.add(Source::Camera, 2);
        wishes.add(Source::Screen, 0);
        let both = [(Source::Camera, 2), (Source::Screen, 0)];
        assert_eq!(asked(&mut wishes, START), both);
        assert!(waits(&wishes, START));
        wishes.came(Source::Camera, 2);
        wishes.came(Source::Screen, 0);
        assert_eq!(next(&mut wishes), None);
    }

    #[test]
    fn what_is_not_answered_is_asked_for_again_a_few_times() {
        let mut wishes = Wishes::default();
        for began in [START, START.plus(MOVE_AGAIN)] {
            wishes.add(Source::Camera, 2);
            let mut now = began;
            assert_eq!(asked(&mut wishes, now), [(Source::Camera, 2)]);
            for _ in 0..KEY_FRAME_REPEATS {
                let again = now.plus(KEY_FRAME_ANSWER);
                let expected = (again, vec![(Source::Camera, 2)]);
                assert_eq!(next(&mut wishes), Some(expected));
                now = again;
            }
            assert_eq!(next(&mut wishes), None);
        }
    }

    #[test]
    fn of_a_track_one_layer_is_asked_for_at_a_time_and_each_has_its_turn() {
        let mut wishes = Wishes::default();
        let (mut now, mut turns) = (START, Vec::new());
        for _ in 0..3 {
            // Somebody asks for each all the time.
            for layer in 0..3 {
                wishes.add(Source::Camera, layer);
            }
            assert!(wishes.next_timeout().is_some_and(|due| due <= now));
            turns.extend(asked(&mut wishes, now));
            now = now.plus(KEY_FRAME_INTERVAL);
        }
        let each = [1, 2, 0].map(|layer| (Source::Camera, layer));
        assert_eq!(turns, each);
    }

    #[test]
    fn a_key_frame_answers_who_waits_for_it() {
        let mut wishes = Wishes::default();
        wishes.elsewhere(START);
        wishes.add(Source::Camera, 1);
        wishes.add(Source::Camera, 2);
        wishes.came(Source::Camera, 2);
        wishes.came(Source::Screen, 1);
        wishes.moved(START);
        assert_eq!(next(&mut wishes), Some((START, vec![(Source::Camera, 1)])));
        assert!(waits(&wishes, START));
    }

    #[test]
    fn whoever_moved_is_asked_again_for_what_did_not_come() {
        let mut wishes = Wishes::default();
        wishes.add(Source::Camera, 2);
        assert_eq!(asked(&mut wishes, START), [(Source::Camera, 2)]);
        wishes.came(Source::Screen, 0);
        wishes.moved(START);
        // It was on its way.
        wishes.elsewhere(START);
        let again = START.plus(KEY_FRAME_INTERVAL);
        assert_eq!(next(&mut wishes), Some((again, vec![(Source::Camera, 2)])));
        assert!(waits(&wishes, again));

        // Who lacks it as well is served by the same.
        wishes.moved(again);
        wishes.add(Source::Camera, 2);
        let again = again.plus(KEY_FRAME_INTERVAL);
        assert_eq!(next(&mut wishes), Some((again, vec![(Source::Camera, 2)])));
        assert!(waits(&wishes, again));

        wishes.came(Source::Camera, 0);
        wishes.moved(again);
        assert_eq!(next(&mut wishes), None);
    }

    #[test]
    fn who_sends_from_elsewhere_is_asked_once_media_goes_there() {
        let mut wishes = Wishes::default();
        wishes.elsewhere(START);
        wishes.add(Source::Camera, 1);
        assert_eq!(asked(&mut wishes, START), []);
        wishes.moved(START);
        assert_eq!(asked(&mut wishes, START), [(Source::Camera, 1)]);
    }

    #[test]
    fn who_sends_from_elsewhere_for_long_is_asked_where_it_was() {
        let mut wishes = Wishes::default();
        wishes.elsewhere(START);
        wishes.add(Source::Camera, 1);
        let end = START.plus(MOVE_WITHIN);
        wishes.elsewhere(end);
        assert_eq!(next(&mut wishes), Some((end, vec![(Source::Camera, 1)])));

        let anew = START.plus(MOVE_AGAIN);
        wishes.elsewhere(anew);
        wishes.add(Source::Camera, 1);
        assert_eq!(wishes.next_timeout(), Some(anew.plus(MOVE_WITHIN)));
    }

    #[test]
    fn the_later_of_a_hold_and_the_interval_counts() {
        for (before, due) in [
            (KEY_FRAME_INTERVAL / 2, START.plus(MOVE_WITHIN)),
            (
                MOVE_WITHIN,
                START.plus(MOVE_WITHIN).plus(KEY_FRAME_INTERVAL),
            ),
        ] {
            let mut wishes = Wishes::default();
            wishes.elsewhere(START);
            wishes.asked(START.plus(before), Source::Camera, 0);
            wishes.add(Source::Camera, 0);
            assert_eq!(next(&mut wishes), Some((due, vec![(Source::Camera, 0)])));
        }
    }

    #[test]
    fn a_layer_that_there_is_not_wakes_nobody() {
        let mut wishes = Wishes::default();
        wishes.add(Source::Camera, 3);
        assert_eq!(next(&mut wishes), None);
    }

    #[test]
    fn what_could_not_be_asked_for_is_not_repeated() {
        let mut wishes = Wishes::default();
        wishes.add(Source::Camera, 1);
        assert_eq!(wishes.poll(START), Some((Source::Camera, 1)));
        wishes.moved(START);
        assert_eq!(next(&mut wishes), None);
    }
}
