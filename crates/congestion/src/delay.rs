//! What the packets' delays say: whether a queue grows, and about how long it is.

use std::time::Duration;

use crate::Moment;
use crate::groups::{Groups, Passage};
use crate::sent::Acknowledged;
use crate::trend::{Trend, Usage};

/// The shortest delay is that of the last one or two of these: clocks drift apart by a few milliseconds
/// in it, and paths change.
const BASE_TIME: Duration = Duration::from_secs(30);

/// Where no queue grew for this long and packets took this much longer than at best all the while, the way became longer: a queue of this
/// line's own is gone by then, as less is sent since it grew.
const LONGER_FOR: Duration = Duration::from_secs(6);
const LONGER_BY: i64 = 50_000;

/// Packets that wait this long in a queue that still grows need no trend: on a line that suddenly takes
/// a twentieth, the frame that is under way takes a second, and no group ends before.
const BRAKE: Duration = Duration::from_millis(200);

/// Such a queue grows where a packet waits this many microseconds longer than any before it did in the last one or two
/// spans of [`PEAK_TIME`]: on a line that stalls that goes nearly as fast as the time, and packets that are only shaken, on
/// a way that became longer, do not go on like that.
const GROWS: i64 = 20_000;
/// See [`GROWS`].
const PEAK_TIME: Duration = Duration::from_millis(1_000);

#[derive(Debug)]
pub(crate) struct Delay {
    groups: Groups,
    trend: Trend,
    /// Whether a queue grew at any group of this feedback.
    grew: bool,
    /// The least difference of the two clocks in this feedback, in microseconds.
    least: Option<i64>,
    /// That of the newest packet, in this feedback.
    newest: Option<i64>,
    base: Least,
    /// The same over one or two halves of [`LONGER_FOR`], since a queue grew last.
    lately: Least,
    /// The most of [`Self::newest`], negated.
    peak: Least,
    queue: Duration,
    /// How much longer than at best the newest packet of the last feedback took.
    newest_queue: Duration,
    /// How much the spacing of groups changes on the way, smoothed, in microseconds.
    unrest: f64,
    last_over: Option<Moment>,
}

/// The least of what was measured: in the span before and in the current one.
#[derive(Debug)]
struct Least {
    span: Duration,
    before: Option<i64>,
    current: Option<i64>,
    began: Option<Moment>,
}

impl Delay {
    pub(crate) fn new() -> Self {
        Self {
            groups: Groups::default(),
            trend: Trend::new(),
            grew: false,
            least: None,
            newest: None,
            base: Least::over(BASE_TIME),
            lately: Least::over(LONGER_FOR / 2),
            peak: Least::over(PEAK_TIME),
            queue: Duration::ZERO,
            newest_queue: Duration::ZERO,
            unrest: 0.0,
            last_over: None,
        }
    }

    /// How much longer than at best the fastest packet of the last feedback took.
    pub(crate) fn queue(&self) -> Duration {
        self.queue
    }

    /// How much the time between two groups of packets changes on the way.
    pub(crate) fn unrest(&self) -> Duration {
        Duration::from_micros(self.unrest as u64)
    }

    /// When a packet should have arrived, by the receiver's clock in microseconds; nothing before any did.
    pub(crate) fn expected(&self, departed: Moment) -> Option<u64> {
        let fastest = self.base.least()?;
        Some(departed.as_micros().wrapping_add_signed(fastest))
    }

    /// Whether no queue grew for so long.
    pub(crate) fn clear_for(&self, now: Moment, time: Duration) -> bool {
        self.last_over.is_none_or(|over| now.since(over) > time)
    }

    /// A silence ended: spacings across it say nothing.
    pub(crate) fn restart(&mut self) {
        self.groups = Groups::default();
        self.trend.restart();
        self.newest_queue = Duration::ZERO;
        self.lately = Least::over(LONGER_FOR / 2);
        self.peak = Least::over(PEAK_TIME);
    }

    /// What leaves from now on goes another way: how long that takes at best is not known. If there is a queue on it, the
    /// first packets stand before what this line puts into it.
    pub(crate) fn go_another_way(&mut self) {
        self.restart();
        self.base = Least::over(BASE_TIME);
        self.queue = Duration::ZERO;
    }

    /// A feedback begins.
    pub(crate) fn begin(&mut self) {
        self.grew = false;
        self.least = None;
        self.newest = None;
    }

    /// A packet arrived, at this microsecond of the receiver's clock.
    pub(crate) fn add(&mut self, packet: &Acknowledged, arrived: u64) {
        let departed = packet.departed.as_micros();
        let difference = arrived.cast_signed().wrapping_sub(departed.cast_signed());
        self.least = Some(self.least.map_or(difference, |least| least.min(difference)));
        self.newest = Some(difference);
        // A probe's packets queue by intention.
        if packet.cluster != 0 {
            return;
        }
        let spacing = self.groups.add(Passage {
            sequence: packet.sequence,
            departed,
            arrived,
        });
        if let Some(spacing) = spacing {
            let change = spacing.arrival.abs_diff(spacing.departure) as f64;
            self.unrest += (change - self.unrest) / 16.0;
            self.trend.update(spacing);
            self.grew |= self.trend.usage() == Usage::Over;
        }
    }

    /// The feedback's end: what all of it says.
    pub(crate) fn end(&mut self, now: Moment) -> Usage {
        let stalls = self.measure_queue(now);
        if !self.grew && !stalls {
            return self.trend.usage();
        }
        self.last_over = Some(now);
        self.lately = Least::over(LONGER_FOR / 2);
        Usage::Over
    }

    /// Takes note of what packets took, and says what they take at best.
    fn note_base(&mut self, now: Moment, least: i64) -> i64 {
        let base = self.base.note(now, least);
        let lately = self.lately.note(now, least);
        let stays = self.lately.before.is_some() && self.clear_for(now, LONGER_FOR);
        if !stays || lately.wrapping_sub(base) < LONGER_BY {
            return base;
        }
        self.base = Least::over(BASE_TIME);
        self.base.note(now, lately)
    }

    /// Measures what waits, and says whether the line has stalled.
    fn measure_queue(&mut self, now: Moment) -> bool {
        let (Some(least), Some(newest)) = (self.least, self.newest) else {
            return false;
        };
        let base = self.note_base(now, least);
        let above = |difference: i64| {
            Duration::from_micros(difference.wrapping_sub(base).max(0).unsigned_abs())
        };
        self.queue = above(least);
        let before = std::mem::replace(&mut self.newest_queue, above(newest));
        let peak = self.peak.least().map_or(newest, i64::wrapping_neg);
        self.peak.note(now, newest.wrapping_neg());
        let grows = newest.wrapping_sub(peak) > GROWS;
        grows && before > BRAKE / 2 && self.newest_queue > BRAKE
    }
}

impl Least {
    fn over(span: Duration) -> Self {
        Self {
            span,
            before: None,
            current: None,
            began: None,
        }
    }

    fn note(&mut self, now: Moment, least: i64) -> i64 {
        let began = *self.began.get_or_insert(now);
        if now.since(began) >= self.span {
            self.before = self.current.take();
            self.began = Some(now);
        }
        self.current = Some(self.current.map_or(least, |current| current.min(least)));
        self.least().unwrap_or(least)
    }

    fn least(&self) -> Option<i64> {
        self.before.into_iter().chain(self.current).min()
    }
}
