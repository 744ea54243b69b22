//! The rate by loss, for lines that lose packets without delaying others.
//!
//! A radio loses whatever is sent; a policer or a short queue loses what is too much. The two look the same
//! until less is sent. So when loss becomes high it is tried: for a moment only what arrives is sent.
//! When the loss goes away it was the line's limit, and the rate stays there; when it stays it is the line's
//! own, from then on it is lived with, and the rate comes back. (libwebrtc fits the same two causes to
//! its observations, as "inherent loss" and "loss limited bandwidth".)

use std::time::Duration;

use crate::Moment;
use crate::limits::REORDERING;
use crate::sent::Fates;

/// Loss above what the line always has: below the first the rate may grow, above the second it is tried
/// whether less helps (draft-ietf-rmcat-gcc-02 section 6).
const HARMLESS: f64 = 0.02;
const HARMFUL: f64 = 0.10;

/// More than this no line loses of its own and is still worth to send to at full rate.
const MOST_INHERENT: f64 = 0.35;

/// What is sent in a trial, of what arrives: little enough for a full queue to empty.
const TRIAL: f64 = 0.9;

/// When less than the first part of the loss is left in a trial, it was the line's limit; when more than the
/// second, it is the line's own. Between them more packets decide, by the middle.
const GONE: f64 = 0.25;
const STAYS: f64 = 0.65;
const MIDDLE: f64 = 0.45;

/// Packets and time of an observation, and the least and most packets of a trial.
const OBSERVED_PACKETS: u32 = 20;
const OBSERVED_TIME: Duration = Duration::from_millis(250);
const TRIAL_PACKETS: (u32, u32) = (50, 150);

/// How an observation weighs against those before, and how slowly lasting loss is taken for the line's own.
const WEIGHT: f64 = 0.4;
const INHERENT_UP: f64 = 0.05;
const INHERENT_DOWN: f64 = 0.15;

/// The limit that was found stands this long, each time twice as long up to the second.
const HOLD: (Duration, Duration) = (Duration::from_secs(4), Duration::from_secs(32));

/// Growth of the limit in a second after that.
const GROWTH: f64 = 1.08;

/// Loss alone does not take the rate below this, in bits a second: a voice and a small picture, which is
/// what a lossy line can still give two people.
const FLOOR: f64 = 100_000.0;

/// What is known beside the packets' fates.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Surroundings {
    /// What arrives, in bits a second.
    pub(crate) acked: Option<f64>,
    /// A queue grew lately: the rate by delay sees to it, and the loss is no news.
    pub(crate) congested: bool,
    pub(crate) rtt: Duration,
    /// The rate by delay, in bits a second.
    pub(crate) by_delay: f64,
}

#[derive(Clone, Copy, Debug)]
struct Trial {
    /// The loss that began it.
    loss: f64,
    /// What is heard from here on was sent in the trial.
    counts_from: Moment,
    seen: Fates,
    /// Less did help, and the limit stands; it is watched if that was no chance.
    won: bool,
}

#[derive(Debug)]
pub(crate) struct Loss {
    window: Fates,
    window_began: Moment,
    recent: f64,
    /// In the last observation alone.
    latest: f64,
    inherent: f64,
    limit: Option<f64>,
    trial: Option<Trial>,
    harmful: u32,
    hold: Duration,
    held_until: Moment,
}

impl Loss {
    pub(crate) fn new(now: Moment) -> Self {
        Self {
            window: Fates::default(),
            window_began: now,
            recent: 0.0,
            latest: 0.0,
            inherent: 0.0,
            limit: None,
            trial: None,
            harmful: 0,
            hold: HOLD.0,
            held_until: now,
        }
    }

    /// The most that loss allows, in bits a second.
    pub(crate) fn limit(&self) -> Option<f64> {
        self.limit
    }

    /// The recent part of packets that are lost.
    pub(crate) fn recent(&self) -> f64 {
        self.recent
    }

    /// The same of the last observation alone: what was lost before it may not be lost any more.
    pub(crate) fn latest(&self) -> f64 {
        self.latest
    }

    /// The part that is lost whatever is sent.
    pub(crate) fn inherent(&self) -> f64 {
        self.inherent
    }

    /// Whether it is being tried if less helps.
    pub(crate) fn is_trying(&self) -> bool {
        self.trial.is_some_and(|trial| !trial.won)
    }

    /// What was heard before counts no more, as after a silence.
    pub(crate) fn restart(&mut self, now: Moment) {
        self.window = Fates::default();
        self.window_began = now;
        self.trial = None;
        self.harmful = 0;
        self.limit = None;
    }

    /// A probe found that the line takes this: a limit that has stood its time gives way. Whether there was one that did.
    pub(crate) fn proven(&mut self, now: Moment, rate: f64) -> bool {
        let stands = now < self.held_until || self.is_trying();
        let Some(limit) = self.limit.filter(|limit| !stands && rate > *limit) else {
            return false;
        };
        self.limit = Some(rate.min(limit * 2.0));
        true
    }

    pub(crate) fn update(&mut self, now: Moment, fates: Fates, around: &Surroundings) {
        self.window.add(fates);
        let length = now.since(self.window_began);
        if self.window.total() < OBSERVED_PACKETS || length < OBSERVED_TIME {
            return;
        }
        let seen = std::mem::take(&mut self.window);
        self.window_began = now;
        self.latest = seen.lost_part();
        self.recent += WEIGHT * (self.latest - self.recent);
        if around.congested {
            self.trial = None;
            self.harmful = 0;
            return;
        }
        if let Some(trial) = self.trial {
            self.go_on(now, trial, seen, around);
        }
        if !self.is_trying() {
            self.observe(now, seen, length, around);
        }
    }

    fn go_on(&mut self, now: Moment, mut trial: Trial, seen: Fates, around: &Surroundings) {
        if now >= trial.counts_from {
            trial.seen.add(seen);
        }
        self.trial = Some(trial);
        match trial.verdict() {
            None => {}
            Some(false) => {
                let left = trial.seen.lost_part().min(trial.loss);
                self.inherent = self.inherent.max(left).min(MOST_INHERENT);
                self.limit = None;
                self.trial = None;
            }
            Some(true) if trial.won && now >= self.held_until => self.trial = None,
            Some(true) if trial.won => {}
            Some(true) => self.win(now, trial, around),
        }
    }

    fn win(&mut self, now: Moment, trial: Trial, around: &Surroundings) {
        self.trial = Some(Trial { won: true, ..trial });
        self.recent = trial.seen.lost_part();
        self.inherent = self.inherent.min(self.recent);
        self.held_until = now.plus(self.hold);
        self.hold = (self.hold * 2).min(HOLD.1);
        self.limit = self.limit.map(|limit| limit.min(around.by_delay));
    }

    fn observe(&mut self, now: Moment, seen: Fates, length: Duration, around: &Surroundings) {
        let excess = self.recent - self.inherent;
        if excess > HARMFUL {
            self.harmful += 1;
        } else {
            self.harmful = 0;
            self.learn(seen);
        }
        if self.harmful >= 2 {
            self.try_less(now, around);
        } else if excess < HARMLESS && now >= self.held_until {
            self.grow(length.as_secs_f64(), around.by_delay);
        }
    }

    /// Loss that lasts and does no harm is slowly taken for the line's own.
    fn learn(&mut self, seen: Fates) {
        let excess = seen.lost_part() - self.inherent;
        let weight = match (excess > 0.0, self.limit.is_some()) {
            (true, false) => INHERENT_UP,
            (true, true) => 0.0,
            (false, _) => INHERENT_DOWN,
        };
        self.inherent = (self.inherent + weight * excess).clamp(0.0, MOST_INHERENT);
    }

    fn try_less(&mut self, now: Moment, around: &Surroundings) {
        let Some(acked) = around.acked else { return };
        self.harmful = 0;
        self.limit = Some((acked * TRIAL).max(FLOOR));
        self.trial = Some(Trial {
            loss: self.recent,
            counts_from: now.plus(around.rtt + REORDERING + OBSERVED_TIME),
            seen: Fates::default(),
            won: false,
        });
    }

    fn grow(&mut self, seconds: f64, by_delay: f64) {
        let Some(limit) = self.limit else { return };
        let higher = limit * GROWTH.powf(seconds.min(1.0));
        self.limit = (higher < by_delay * 1.5).then_some(higher);
        if self.limit.is_none() {
            self.hold = HOLD.0;
        }
    }
}

impl Trial {
    /// Whether less does help; `None` while that is not known.
    fn verdict(&self) -> Option<bool> {
        let (least, most) = TRIAL_PACKETS;
        let (seen, left) = (self.seen.total(), self.seen.lost_part());
        if seen < least {
            return self.won.then_some(true);
        }
        if left < self.loss * GONE {
            return Some(true);
        }
        let bound = if seen < most { STAYS } else { MIDDLE };
        if left > self.loss * bound {
            return Some(false);
        }
        (self.won || seen >= most).then_some(true)
    }
}

impl Fates {
    fn add(&mut self, more: Self) {
        self.arrived = self.arrived.saturating_add(more.arrived);
        self.lost = self.lost.saturating_add(more.lost);
    }

    fn total(self) -> u32 {
        self.arrived.saturating_add(self.lost)
    }

    fn lost_part(self) -> f64 {
        f64::from(self.lost) / f64::from(self.total().max(1))
    }
}
