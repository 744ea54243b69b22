//! When pictures stop for a moment, so that a line that became narrow gets rid of what waits in it.
//!
//! A publisher that is told to send less needs about a second until it does, and until then the line's queue is full of
//! picture: sound is lost in it, and so is the picture. Nothing at all for half a second, and then a key frame that
//! fits, is seen sooner and heard better.

use std::time::Duration;

use crate::{Bitrate, Moment};

/// More than this many times the room, on a line that is congested, and pictures stop at once.
const FAR_OVER: f64 = 2.0;

/// More than this many times the room for [`PATIENCE`], and they stop as well.
const OVER: f64 = 1.5;
const PATIENCE: Duration = Duration::from_millis(1_500);

/// Pictures go on when no more than this many times the room comes.
const FITS: f64 = 1.2;

/// How long they stop at least, and at most unless the line is still congested.
const SHORTEST: Duration = Duration::from_millis(400);
const LONGEST: Duration = Duration::from_millis(1_500);

/// What comes fits by now, and the line is not known to be free: what the receiver reports may be lost among what it sends
/// itself. After so long the small picture is tried all the same.
const DOUBTED: Duration = Duration::from_millis(1_200);

/// And at most in any case: where nothing else is sent, nothing is heard of the line, and it would stay congested.
const GIVEN_UP: Duration = Duration::from_secs(4);

/// After they went on, a key frame is on its way, which is more than the room for a moment.
const KEY_FRAME: Duration = Duration::from_millis(1_500);

/// What is known of one receiver's pictures.
#[derive(Clone, Copy, Debug)]
pub struct Pictures {
    /// What its line has for them.
    pub room: Bitrate,
    /// What comes for it.
    pub offered: Bitrate,
    /// See [`crate::Line::is_congested`].
    pub congested: bool,
}

/// Whether one receiver's pictures are stopped.
#[derive(Debug, Default)]
pub struct Relief {
    state: State,
}

#[derive(Clone, Copy, Debug)]
enum State {
    /// They flow; since when there is too much of them, and since when they flow again.
    Flowing {
        over: Option<Moment>,
        again: Option<Moment>,
    },
    /// Since when, and whether that has been for [`DOUBTED`].
    Stopped { since: Moment, doubted: bool },
}

impl Default for State {
    fn default() -> Self {
        Self::Flowing {
            over: None,
            again: None,
        }
    }
}

impl Relief {
    /// Whether pictures are stopped.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        matches!(self.state, State::Stopped { .. })
    }

    /// When [`Self::update`] is to be called at the latest.
    #[must_use]
    pub fn next_timeout(&self) -> Option<Moment> {
        match self.state {
            State::Stopped { since, doubted } => {
                Some(since.plus(if doubted { GIVEN_UP } else { DOUBTED }))
            }
            State::Flowing { .. } => None,
        }
    }

    /// Decides anew, after each feedback; whether pictures are stopped now.
    pub fn update(&mut self, now: Moment, pictures: &Pictures) -> bool {
        self.state = match self.state {
            State::Flowing { over, again } => flowing(now, pictures, over, again),
            State::Stopped { since, .. } => stopped(now, pictures, since),
        };
        self.is_stopped()
    }
}

fn flowing(now: Moment, pictures: &Pictures, over: Option<Moment>, again: Option<Moment>) -> State {
    let again = again.filter(|again| now.since(*again) < KEY_FRAME);
    let Pictures { room, offered, .. } = *pictures;
    if again.is_some() || offered <= room.times(OVER) {
        return State::Flowing { over: None, again };
    }
    let since = over.unwrap_or(now);
    let far = pictures.congested && offered > room.times(FAR_OVER);
    if far || now.since(since) >= PATIENCE {
        return State::Stopped {
            since: now,
            doubted: false,
        };
    }
    State::Flowing {
        over: Some(since),
        again,
    }
}

fn stopped(now: Moment, pictures: &Pictures, since: Moment) -> State {
    let passed = now.since(since);
    let doubted = passed >= DOUBTED;
    let fits = pictures.offered <= pictures.room.times(FITS);
    let goes_on = match (fits, pictures.congested) {
        (true, false) => passed >= SHORTEST,
        (true, true) => doubted,
        (false, false) => passed >= LONGEST,
        (false, true) => passed >= GIVEN_UP,
    };
    if goes_on {
        return State::Flowing {
            over: None,
            again: Some(now),
        };
    }
    State::Stopped { since, doubted }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Pictures, Relief};
    use crate::{Bitrate, Moment};

    fn at(millis: u64) -> Moment {
        Moment::default().plus(Duration::from_millis(millis))
    }

    fn pictures(room: u64, offered: u64, congested: bool) -> Pictures {
        Pictures {
            room: Bitrate::kbps(room),
            offered: Bitrate::kbps(offered),
            congested,
        }
    }

    #[test]
    fn pictures_stop_at_once_where_a_line_breaks_down_and_go_on_when_they_fit() {
        let mut relief = Relief::default();
        assert!(!relief.update(at(0), &pictures(1500, 1200, false)));
        assert!(relief.update(at(100), &pictures(80, 1200, true)));
        assert!(
            relief.update(at(300), &pictures(80, 60, false)),
            "not so soon"
        );
        assert!(
            relief.update(at(600), &pictures(80, 60, true)),
            "it still waits"
        );
        assert!(!relief.update(at(700), &pictures(80, 60, false)));
    }

    #[test]
    fn the_key_frame_that_follows_stops_nothing() {
        let mut relief = Relief::default();
        relief.update(at(0), &pictures(80, 1200, true));
        assert!(!relief.update(at(500), &pictures(80, 40, false)));
        assert!(!relief.update(at(1000), &pictures(80, 400, true)));
        assert!(!relief.update(at(3000), &pictures(80, 80, false)));
    }

    #[test]
    fn a_little_too_much_is_borne_for_a_while() {
        let mut relief = Relief::default();
        for millis in (0..1500).step_by(100) {
            assert!(!relief.update(at(millis), &pictures(100, 170, true)));
        }
        assert!(relief.update(at(1500), &pictures(100, 170, true)));
    }

    #[test]
    fn loss_on_a_line_with_room_stops_nothing() {
        let mut relief = Relief::default();
        for millis in (0..60_000).step_by(100) {
            assert!(!relief.update(at(millis), &pictures(1000, 1200, true)));
        }
    }

    /// A receiver that gets neither sound nor picture has nothing to report.
    #[test]
    fn a_line_that_is_not_heard_of_any_more_is_tried_again() {
        let mut relief = Relief::default();
        assert!(relief.update(at(0), &pictures(80, 1200, true)));
        assert_eq!(relief.next_timeout(), Some(at(1200)));
        assert!(relief.update(at(1199), &pictures(80, 0, true)));
        assert!(!relief.update(at(1200), &pictures(80, 0, true)));
        assert_eq!(relief.next_timeout(), None);
    }

    #[test]
    fn a_congested_line_is_given_more_time_while_too_much_comes() {
        let mut relief = Relief::default();
        assert!(relief.update(at(0), &pictures(80, 1200, true)));
        assert!(relief.update(at(1500), &pictures(80, 1200, true)));
        assert_eq!(relief.next_timeout(), Some(at(4000)));
        assert!(relief.update(at(3999), &pictures(80, 1200, true)));
        assert!(!relief.update(at(4000), &pictures(80, 1200, true)));
    }

    #[test]
    fn a_publisher_that_does_not_listen_is_seen_every_two_seconds() {
        let mut relief = Relief::default();
        let mut seen = 0;
        for millis in (0..20_000).step_by(100) {
            let was = relief.is_stopped();
            let stopped = relief.update(at(millis), &pictures(80, 1200, false));
            seen += u32::from(was && !stopped);
        }
        assert!((3..=8).contains(&seen), "{seen}");
    }
}
