//! Whether a client's line broke down, as far as what it sends tells.
//!
//! What a client reports on its downlink goes over its uplink. Where both become narrow at once, as where a phone leaves the
//! reach of its antenna, its reports are lost among its own pictures, and the downlink is not known to be full until half a
//! second and more has gone by; until then it is filled further, and what the client would hear of its uplink is lost there.
//! But that its pictures are lost is seen at once.

use std::time::Duration;

use crate::limits::{LEFT_SOON, UP_AFTER_FACTOR};
use crate::{Bitrate, Moment};

/// Packets and time of one look, and how many of them must have arrived for it to say anything of a line that there is.
const LOOK_PACKETS: u32 = 20;
const LOOK_TIME: Duration = Duration::from_millis(150);
const LOOK_ARRIVED: u32 = 3;

/// A part of the packets that no radio loses and is still of use: the line takes much less than half of what is sent. What is
/// only late counts as lost at first, as on a line that shakes and loses as well.
const BROKEN: f64 = 0.6;

/// With this part lost one look is enough, else it takes two in a row.
const SURELY_BROKEN: f64 = 0.8;

/// A feedback of so many packets of which [`SURELY_BROKEN`] were lost raises a doubt by itself: a voice sends fewer in its time.
/// Two in a row of twice as many are as good as a look.
const DOUBT_PACKETS: u32 = 8;

/// For so long after a look that saw that, the line counts as broken down.
const FRESH: Duration = Duration::from_millis(600);

/// While less than this is lost in all, the whole picture may be tried again.
const CALM: f64 = 0.4;

/// Feedback comes each 50 to 100 ms as long as anything does. What was lost before it came after a longer time was lost in a
/// pause, as when a phone goes from one antenna to the next, and says nothing of the line there is now.
const PAUSE: Duration = Duration::from_millis(160);

/// After so long a calm the whole picture is tried again: at the least, where the small one is as good as it can be; where it
/// is not, because it moves little or the line still takes no more; and that at most. The first grows with the second.
const CALM_AND_FULL: Duration = Duration::from_secs(2);
const CALM_FOR_LONG: Duration = Duration::from_secs(10);
const CALM_FOR_LONGEST: Duration = Duration::from_secs(60);

/// And where the line is found wide the other way, after so much of it.
const CALM_AT_LEAST: Duration = Duration::from_secs(1);

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

impl Told {
    fn add(&mut self, more: Self) {
        self.arrived = self.arrived.saturating_add(more.arrived);
        self.missing = self.missing.saturating_add(more.missing);
    }

    fn packets(self) -> u32 {
        self.arrived.saturating_add(self.missing)
    }

    fn is_surely_broken(self, packets: u32) -> bool {
        self.packets() >= packets && self.lost_part() >= SURELY_BROKEN
    }

    fn lost_part(self) -> f64 {
        f64::from(self.missing) / f64::from(self.packets().max(1))
    }
}

/// What is known of one client's uplink.
#[derive(Debug, Default)]
pub struct Uplink {
    look: Told,
    began: Moment,
    told: Option<Moment>,
    /// What was told last, where nothing but the time of a feedback lay before it.
    latest: Option<Word>,
    /// The last look saw a line that may have broken down.
    suspected: bool,
    broken: Option<Moment>,
    /// The picture is to be small; what was lost since the line was last seen broken.
    small: Option<Calm>,
    grown: Option<Moment>,
    patience: Option<Duration>,
}

/// One feedback, and what time it tells of begins.
#[derive(Clone, Copy, Debug)]
struct Word {
    since: Moment,
    told: Told,
}

/// A time without a look that saw a broken line.
#[derive(Clone, Copy, Debug, Default)]
struct Calm {
    since: Option<Moment>,
    told: Told,
}

impl Uplink {
    /// Takes note of what is told to the client; whether its picture is to be of another size now. `comes` is what its
    /// camera's picture takes.
    pub fn note(&mut self, now: Moment, told: Told, comes: Bitrate) -> bool {
        let before = self.told.replace(now);
        let Some(since) = before.filter(|before| now.since(*before) <= PAUSE) else {
            self.look.add(Told { missing: 0, ..told });
            self.latest = None;
            return false;
        };
        self.look.add(told);
        if self.broke_within_two(now, Word { since, told }) {
            (self.look, self.began) = (Told::default(), now);
            return self.break_down(now);
        }
        if self.look.packets() < LOOK_PACKETS || now.since(self.began) < LOOK_TIME {
            return false;
        }
        let look = std::mem::take(&mut self.look);
        self.began = now;
        self.conclude(now, look, comes)
    }

    /// Whether two feedbacks in a row show a broken line: a look that is under way holds what arrived before as well.
    fn broke_within_two(&mut self, now: Moment, word: Word) -> bool {
        let Some(mut both) = self.latest.replace(word) else {
            return false;
        };
        both.told.add(word.told);
        both.told.is_surely_broken(2 * DOUBT_PACKETS)
            && both.told.arrived >= LOOK_ARRIVED
            && now.since(both.since) >= LOOK_TIME
    }

    /// What is told next says nothing: more may be lost than the line loses.
    pub fn pause(&mut self) {
        (self.look, self.told, self.latest) = (Told::default(), None, None);
    }

    /// Whether the last feedback alone tells of a broken line: too little to believe it, unless more speaks for it.
    #[must_use]
    pub fn is_doubtful(&self) -> bool {
        let told = self.latest.map(|latest| latest.told);
        told.is_some_and(|told| told.is_surely_broken(DOUBT_PACKETS))
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

    /// The client's downlink is found wide again: whether its picture is to be whole now. What narrows one way of a line
    /// narrows the other as a rule, and what a small picture takes says little of it: a slow device makes less of one than
    /// a line takes. A try that goes wrong is paid for as any other.
    pub fn hope(&mut self, now: Moment) -> bool {
        let calm = self.small.and_then(|calm| calm.since);
        let hopes = calm.is_some_and(|since| now.since(since) >= CALM_AT_LEAST);
        if hopes {
            (self.small, self.grown) = (None, Some(now));
        }
        hopes
    }

    fn conclude(&mut self, now: Moment, look: Told, comes: Bitrate) -> bool {
        let lost = look.lost_part();
        let suspects = lost >= BROKEN && look.arrived >= LOOK_ARRIVED;
        let suspected = std::mem::replace(&mut self.suspected, suspects);
        if suspects && (suspected || lost >= SURELY_BROKEN) {
            return self.break_down(now);
        }
        let Some(calm) = &mut self.small else {
            return false;
        };
        calm.told.add(look);
        let since = *calm.since.get_or_insert(now);
        if calm.told.lost_part() > CALM {
            *calm = Calm::default();
            return false;
        }
        let patience = self.patience.unwrap_or(CALM_FOR_LONG);
        let full = CALM_AND_FULL.mul_f64(patience.div_duration_f64(CALM_FOR_LONG));
        let length = now.since(since);
        let grows = length >= patience || (length >= full && comes >= FULL);
        if grows {
            (self.small, self.grown) = (None, Some(now));
        }
        grows
    }

    /// Whether the picture was not small before. A line that breaks down again soon is waited for longer.
    fn break_down(&mut self, now: Moment) -> bool {
        self.broken = Some(now);
        if self.small.replace(Calm::default()).is_some() {
            return false;
        }
        let soon = self.grown.is_some_and(|grown| now.since(grown) < LEFT_SOON);
        let before = self.patience.filter(|_| soon);
        self.patience = Some(before.map_or(CALM_FOR_LONG, |before| {
            (before * UP_AFTER_FACTOR).min(CALM_FOR_LONGEST)
        }));
        true
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

    /// A look that is under way when a line breaks down holds what arrived before.
    #[test]
    fn two_feedbacks_that_tell_of_a_broken_line_are_enough_wherever_a_look_began() {
        for looked in 0..8 {
            let mut uplink = Uplink::default();
            let mut now = 5_000 + looked * 50;
            run(&mut uplink, (0, now + 50), 0, 1_200);
            let lost = Told {
                arrived: 2,
                missing: 12,
            };
            for small in [false, true] {
                now += 100;
                let changed = uplink.note(at(now), lost, Bitrate::kbps(1_200));
                assert!(uplink.is_doubtful(), "at once");
                assert_eq!(changed, small, "after {looked}");
            }
            assert!(uplink.is_broken(at(now)));
        }
    }

    #[test]
    fn few_packets_and_those_of_a_pause_raise_no_doubt() {
        let mut uplink = Uplink::default();
        run(&mut uplink, (0, 1_000), 0, 1_200);
        let mut doubts = |millis, arrived, missing| {
            uplink.note(at(millis), Told { arrived, missing }, Bitrate::kbps(1_200));
            uplink.is_doubtful()
        };
        assert!(!doubts(1_000, 1, 5), "a voice alone");
        assert!(!doubts(1_050, 6, 14), "a bad radio");
        assert!(doubts(1_150, 2, 12));
        assert!(!doubts(1_450, 1, 30), "after a pause");
    }

    #[test]
    fn a_line_that_is_wide_again_the_other_way_is_tried_at_once_where_it_is_calm() {
        let mut uplink = Uplink::default();
        assert!(!uplink.hope(at(0)), "it is not small");
        run(&mut uplink, (0, 1_000), 9, 1_200);
        assert!(!uplink.hope(at(1_000)) && uplink.is_small());
        assert_eq!(run(&mut uplink, (1_000, 3_000), 0, 70), None);
        assert!(uplink.hope(at(3_000)) && !uplink.is_small());
        // It was narrow still: it is waited for longer, as after any try.
        run(&mut uplink, (3_000, 4_000), 9, 1_200);
        assert!(uplink.is_small());
        assert_eq!(run(&mut uplink, (4_000, 30_000), 0, 70), None);
    }

    /// The same for so many seconds with packets that are lost by chance, this part of them.
    fn run_by_chance(uplink: &mut Uplink, (from, seconds): (u64, u64), part: f64) -> Option<u64> {
        let mut state = 7_u64;
        let mut chance = || {
            // Knuth's MMIX generator, of which the upper bits are good.
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (state >> 40) as f64 / f64::from(1 << 24)
        };
        let end = from + seconds * 1_000;
        (from..end).step_by(50).find(|millis| {
            let missing = (0..10).filter(|_| chance() < part).count() as u32;
            let arrived = 10 - missing;
            uplink.note(at(*millis), Told { arrived, missing }, Bitrate::kbps(110))
        })
    }

    #[test]
    fn what_a_bad_radio_loses_is_borne() {
        for part in [0.05, 0.1, 0.2, 0.3] {
            let mut uplink = Uplink::default();
            let small = run_by_chance(&mut uplink, (0, 600), part);
            assert_eq!(small, None, "{part}");
        }
    }

    #[test]
    fn on_a_bad_radio_the_picture_grows_as_well() {
        for part in [0.05, 0.1, 0.2, 0.3] {
            let mut uplink = Uplink::default();
            run(&mut uplink, (0, 1_000), 9, 1_200);
            let grown = run_by_chance(&mut uplink, (1_000, 60), part);
            assert!(grown.is_some_and(|at| at < 6_000), "{part}: {grown:?}");
        }
    }

    #[test]
    fn what_is_lost_between_two_antennas_says_nothing() {
        let gaps = [170, 250, 500, 1_000, 12_000];
        // Wherever in a look the gap begins.
        for (gap, end) in gaps
            .into_iter()
            .flat_map(|gap| (0..4).map(move |it| (gap, 5_000 + it * 50)))
        {
            let mut uplink = Uplink::default();
            run(&mut uplink, (0, end), 0, 1_200);
            let lost = Told {
                arrived: 1,
                missing: (gap / 5) as u32,
            };
            let back = end - 50 + gap;
            assert!(!uplink.note(at(back), lost, Bitrate::kbps(1_200)), "{gap}");
            let small = run(&mut uplink, (back + 50, back + 2_000), 0, 1_200);
            assert_eq!(small, None, "{gap}");
        }
    }

    #[test]
    fn what_is_lost_by_others_says_nothing() {
        let mut uplink = Uplink::default();
        run(&mut uplink, (0, 1_000), 0, 1_200);
        for millis in (1_000..2_000).step_by(50) {
            uplink.pause();
            let lost = Told {
                arrived: 1,
                missing: 9,
            };
            assert!(!uplink.note(at(millis), lost, Bitrate::kbps(1_200)));
        }
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

    #[test]
    fn a_line_that_takes_the_small_picture_alone_is_tried_less_and_less() {
        let mut uplink = Uplink::default();
        let (mut now, mut waits) = (0, Vec::new());
        for _ in 0..3 {
            run(&mut uplink, (now, now + 500), 9, 1_200);
            now += 500;
            let began = now;
            while uplink.is_small() {
                run(&mut uplink, (now, now + 50), 0, 110);
                now += 50;
            }
            waits.push((now - began) / 1_000);
        }
        assert_eq!(waits, [2, 8, 12]);
    }
}
