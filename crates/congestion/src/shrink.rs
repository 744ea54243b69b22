//! Whether a picture that is alone comes as a whole or small.
//!
//! Between two people the publisher sends one picture and aims at what the line takes. On a line that broke down that is too
//! little for the key frame of a large picture: it takes seconds, in which nothing is seen. The small one's is through in a
//! fraction of a second, and moves where the large one would stand still.

use std::time::Duration;

use crate::limits::{LEFT_SOON, UP_AFTER, UP_AFTER_FACTOR, UP_AFTER_MOST};
use crate::{Bitrate, Moment};

/// Pictures that go on with less room than this go on small.
const SMALL_BELOW: Bitrate = Bitrate::kbps(180);

/// With this much room for a while the whole picture comes again; with so much more at once, the first time.
const WHOLE_FROM: Bitrate = Bitrate::kbps(240);
const WHOLE_AT_ONCE: Bitrate = Bitrate::kbps(480);

/// What became of one receiver's picture.
#[derive(Debug)]
pub struct Shrink {
    small: bool,
    /// Since when there is room for the whole.
    ample: Option<Moment>,
    grown: Option<Moment>,
    patience: Duration,
}

impl Default for Shrink {
    fn default() -> Self {
        Self {
            small: false,
            ample: None,
            grown: None,
            patience: UP_AFTER,
        }
    }
}

impl Shrink {
    /// Decides anew, after each feedback; whether the picture is to be small. `stopped` is whether it is stopped just now
    /// ([`crate::Relief`]), `room` what the line has for it.
    pub fn update(&mut self, now: Moment, room: Bitrate, stopped: bool) -> bool {
        if room < WHOLE_FROM {
            self.ample = None;
        }
        if stopped && room < SMALL_BELOW && !self.small {
            self.shrink(now);
        }
        if self.small && !stopped && room >= WHOLE_FROM {
            let since = *self.ample.get_or_insert(now);
            let at_once = room >= WHOLE_AT_ONCE && self.patience == UP_AFTER;
            if at_once || now.since(since) >= self.patience {
                (self.small, self.ample, self.grown) = (false, None, Some(now));
            }
        }
        self.small
    }

    /// A line that breaks down again soon is waited for longer each time.
    fn shrink(&mut self, now: Moment) {
        let soon = self.grown.is_some_and(|grown| now.since(grown) < LEFT_SOON);
        self.patience = if soon {
            (self.patience * UP_AFTER_FACTOR).min(UP_AFTER_MOST)
        } else {
            UP_AFTER
        };
        self.small = true;
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Shrink;
    use crate::{Bitrate, Moment};

    fn at(millis: u64) -> Moment {
        Moment::default().plus(Duration::from_millis(millis))
    }

    /// How long it takes from here until the whole picture comes, with so much room.
    fn grows_after(shrink: &mut Shrink, from: u64, kilobits: u64) -> Option<u64> {
        let mut millis = (from..from + 60_000).step_by(100);
        let whole = millis.find(|now| !shrink.update(at(*now), Bitrate::kbps(kilobits), false));
        whole.map(|now| now - from)
    }

    #[test]
    fn a_picture_goes_on_small_on_a_line_that_broke_down_and_as_a_whole_when_there_is_room() {
        let mut shrink = Shrink::default();
        assert!(!shrink.update(at(0), Bitrate::kbps(1_200), false));
        assert!(shrink.update(at(100), Bitrate::kbps(80), true));
        assert_eq!(grows_after(&mut shrink, 600, 170), None);
        assert_eq!(grows_after(&mut shrink, 70_000, 300), Some(1_500));
    }

    #[test]
    fn with_much_room_nothing_is_waited_for() {
        let mut shrink = Shrink::default();
        shrink.update(at(0), Bitrate::kbps(80), true);
        assert_eq!(grows_after(&mut shrink, 500, 500), Some(0));
    }

    #[test]
    fn a_publisher_that_sent_too_much_for_a_good_line_stays_as_it_is() {
        let mut shrink = Shrink::default();
        assert!(!shrink.update(at(0), Bitrate::kbps(400), true));
    }

    #[test]
    fn little_room_alone_shrinks_nothing() {
        let mut shrink = Shrink::default();
        assert!(!shrink.update(at(0), Bitrate::kbps(80), false));
    }

    #[test]
    fn what_breaks_down_again_is_waited_for_also_with_much_room() {
        let mut shrink = Shrink::default();
        shrink.update(at(0), Bitrate::kbps(80), true);
        assert_eq!(grows_after(&mut shrink, 500, 900), Some(0));
        shrink.update(at(2_000), Bitrate::kbps(80), true);
        assert_eq!(grows_after(&mut shrink, 2_500, 900), Some(6_000));
    }

    #[test]
    fn a_line_that_breaks_down_again_and_again_is_waited_for_longer() {
        let mut shrink = Shrink::default();
        shrink.update(at(0), Bitrate::kbps(80), true);
        assert_eq!(grows_after(&mut shrink, 500, 250), Some(1_500));
        shrink.update(at(4_000), Bitrate::kbps(80), true);
        assert_eq!(grows_after(&mut shrink, 5_000, 250), Some(6_000));
        shrink.update(at(12_000), Bitrate::kbps(80), true);
        assert_eq!(grows_after(&mut shrink, 13_000, 250), Some(24_000));
        shrink.update(at(90_000), Bitrate::kbps(80), true);
        assert_eq!(grows_after(&mut shrink, 91_000, 250), Some(1_500));
    }
}
