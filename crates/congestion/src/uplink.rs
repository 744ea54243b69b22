//! Whether a client's line broke down, as far as what it sends tells.
//!
//! What a client reports on its downlink goes over its uplink. Where both become narrow at once, as where a phone leaves the
//! reach of its antenna, its reports are lost among its own pictures, and the downlink is not known to be full until half a
//! second and more has gone by; until then it is filled further, and what the client would hear of its uplink is lost there.
//! But that its pictures are lost is seen at once.

use std::time::Duration;

use crate::limits::{LEFT_SOON, UP_AFTER_FACTOR};
use crate::{Bitrate, Moment};

/// Packets and time of one look.
const LOOK_PACKETS: u32 = 20;
const LOOK_TIME: Duration = Duration::from_millis(150);

/// A part of the packets that no radio loses and is still of use: the line takes much less than half of what is sent. What is
/// only late counts as lost at first, as on a line that shakes and loses as well.
const BROKEN: f64 = 0.6;

/// For so long after a look that saw that, the line counts as broken down.
const FRESH: Duration = Duration::from_millis(600);

/// With less lost it is calm.
const CALM: f64 = 0.1;

/// When nothing came for so long there was no line at all, and what was lost meanwhile says nothing about the one there is.
const PAUSE: Duration = Duration::from_millis(500);

/// After so long a calm the whole picture is tried again: at the least, where the small one is as good as it can be; where it
/// is not, because it moves little or the line still takes no more; and that at most.
const CALM_AND_FULL: Duration = Duration::from_secs(2);
const CALM_FOR_LONG: Duration = Duration::from_secs(10);
const CALM_FOR_LONGEST: Duration = Duration::from_secs(60);

/// The small picture is about as good as it can be with this.
const FULL: Bitrate = Bitrate::kbps(95);

/// What one feedback (draft-holmer-rmcat-transport-wide-cc-extensions-01) tells a client of the packets that it sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// So many arrived.
    pub arrived: u32,
    /// So many did not.
    pub missing: u32,
}

/// What is known of one client's uplink.
#[derive(Debug, Default)]
pub struct Uplink {
    look: Told,
    began: Moment,
    told: Option<Moment>,
    broken: Option<Moment>,
    small: Option<Small>,
    grown: Option<Moment>,
    patience: Option<Duration>,
}

/// The picture is to be small.
#[derive(Clone, Copy, Debug)]
struct Small {
    /// Since when hardly anything is lost.
    calm: Option<Moment>,
}

impl Uplink {
    /// Takes note of what is told to the client; whether its picture is to be of another size now. `comes` is what its
    /// camera's picture takes.
    pub fn note(&mut self, now: Moment, told: Told, comes: Bitrate) -> bool {
        let paused = self
            .told
            .replace(now)
            .is_none_or(|told| now.since(told) > PAUSE);
        if paused {
            (self.look, self.began) = (Told::default(), now);
            return false;
        }
        self.look.arrived = self.look.arrived.saturating_add(told.arrived);
        self.look.missing = self.look.missing.saturating_add(told.missing);
        let packets = self.look.arrived.saturating_add(self.look.missing);
        if packets < LOOK_PACKETS || now.since(self.began) < LOOK_TIME {
            return false;
        }
        let lost = f64::from(self.look.missing) / f64::from(packets);
        (self.look, self.began) = (Told::default(), now);
        self.conclude(now, lost, comes)
    }

    /// Whether the client's picture is to be small.
    #[must_use]
    pub fn is_small(&self) -> bool {
        self.small.is_some()
    }

    /// Whether most of what the client sends is lost just now.
    #[must_use]
    pub fn is_broken(&self, now: Moment) -> bool {
        self.broken.is_some_and(|broken| now.since(broken) < FRESH)
    }

    fn conclude(&mut self, now: Moment, lost: f64, comes: Bitrate) -> bool {
        if lost >= BROKEN {
            self.broken = Some(now);
        }
        match &mut self.small {
            None if lost >= BROKEN => {
                self.shrink(now);
                true
            }
            None => false,
            Some(small) if lost >= CALM => {
                small.calm = None;
                false
            }
            Some(small) => {
                let calm = now.since(*small.calm.get_or_insert(now));
                let full = calm >= CALM_AND_FULL && comes >= FULL;
                let grows = full || calm >= self.patience.unwrap_or(CALM_FOR_LONG);
                if grows {
                    (self.small, self.grown) = (None, Some(now));
                }
                grows
            }
        }
    }

    /// A line that breaks down again soon is waited for longer.
    fn shrink(&mut self, now: Moment) {
        let soon = self.grown.is_some_and(|grown| now.since(grown) < LEFT_SOON);
        let before = self.patience.filter(|_| soon);
        self.patience = Some(before.map_or(CALM_FOR_LONG, |before| {
            (before * UP_AFTER_FACTOR).min(CALM_FOR_LONGEST)
        }));
        self.small = Some(Small { calm: None });
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Told, Uplink};
    use crate::{Bitrate, Moment};

    fn at(millis: u64) -> Moment {
        Moment::default().plus(Duration::from_millis(millis))
    }

    /// Feedback each 50 ms, each of ten packets of which so many are lost; when the picture's size changed first.
    fn run(
        uplink: &mut Uplink,
        (from, to): (u64, u64),
        missing: u32,
        kilobits: u64,
    ) -> Option<u64> {
        let told = Told {
            arrived: 10 - missing,
            missing,
        };
        let mut changed = None;
        for millis in (from..to).step_by(50) {
            if uplink.note(at(millis), told, Bitrate::kbps(kilobits)) {
                changed.get_or_insert(millis - from);
            }
        }
        changed
    }

    #[test]
    fn a_line_that_takes_a_tenth_is_known_in_a_fifth_of_a_second() {
        let mut uplink = Uplink::default();
        assert_eq!(run(&mut uplink, (0, 5_000), 0, 1_200), None);
        assert!(!uplink.is_broken(at(5_000)));
        let known = run(&mut uplink, (5_000, 6_000), 9, 1_200);
        assert!(known.is_some_and(|after| after <= 300), "{known:?}");
        assert!(uplink.is_small() && uplink.is_broken(at(6_000)));
        run(&mut uplink, (6_000, 7_000), 0, 80);
        assert!(uplink.is_small() && !uplink.is_broken(at(7_000)));
    }

    #[test]
    fn what_a_bad_radio_loses_is_borne() {
        let mut uplink = Uplink::default();
        assert_eq!(run(&mut uplink, (0, 20_000), 3, 1_200), None);
    }

    #[test]
    fn a_pause_says_nothing() {
        let mut uplink = Uplink::default();
        run(&mut uplink, (0, 5_000), 0, 1_200);
        let lost = Told {
            arrived: 1,
            missing: 500,
        };
        assert!(!uplink.note(at(17_000), lost, Bitrate::kbps(1_200)));
        assert_eq!(run(&mut uplink, (17_050, 19_000), 0, 1_200), None);
    }

    #[test]
    fn the_picture_grows_when_the_small_one_is_as_good_as_it_can_be() {
        let mut uplink = Uplink::default();
        run(&mut uplink, (0, 1_000), 9, 1_200);
        let after = run(&mut uplink, (1_000, 9_000), 0, 110);
        assert!(
            after.is_some_and(|it| (2_000..2_500).contains(&it)),
            "{after:?}"
        );
        assert!(!uplink.is_small());
    }

    #[test]
    fn a_picture_that_moves_little_grows_later_and_each_time_later_still() {
        let mut uplink = Uplink::default();
        let (mut now, mut waits) = (0, Vec::new());
        for _ in 0..3 {
            run(&mut uplink, (now, now + 1_000), 9, 1_200);
            now += 1_000;
            let began = now;
            while uplink.is_small() {
                run(&mut uplink, (now, now + 50), 0, 30);
                now += 50;
            }
            waits.push((now - began) / 1_000);
        }
        assert_eq!(waits, [10, 40, 60]);
    }
}
