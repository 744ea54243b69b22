//! What the packets' delays say: whether a queue grows, and about how long it is.

use std::time::Duration;

use crate::Moment;
use crate::groups::{Groups, Passage};
use crate::sent::Acknowledged;
use crate::trend::{Trend, Usage};

/// The shortest delay is that of the last one or two of these: clocks drift apart by a few milliseconds
/// in it, and paths change.
const BASE_TIME: Duration = Duration::from_secs(30);

#[derive(Debug)]
pub(crate) struct Delay {
    groups: Groups,
    trend: Trend,
    /// Whether a queue grew at any group of this feedback.
    grew: bool,
    /// The least difference of the two clocks in this feedback, in microseconds.
    least: Option<i64>,
    base: Base,
    queue: Duration,
    last_over: Option<Moment>,
}

/// The least difference of the two clocks: in the span before and in the current one.
#[derive(Debug, Default)]
struct Base {
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
            base: Base::default(),
            queue: Duration::ZERO,
            last_over: None,
        }
    }

    /// How much longer than at best the fastest packet of the last feedback took.
    pub(crate) fn queue(&self) -> Duration {
        self.queue
    }

    /// Whether no queue grew for so long.
    pub(crate) fn clear_for(&self, now: Moment, time: Duration) -> bool {
        self.last_over.is_none_or(|over| now.since(over) > time)
    }

    /// A silence ended: spacings across it say nothing.
    pub(crate) fn restart(&mut self) {
        self.groups = Groups::default();
        self.trend.restart();
    }

    /// A feedback begins.
    pub(crate) fn begin(&mut self) {
        self.grew = false;
        self.least = None;
    }

    /// A packet arrived, at this microsecond of the receiver's clock.
    pub(crate) fn add(&mut self, packet: &Acknowledged, arrived: u64) {
        let departed = packet.departed.as_micros();
        let difference = arrived.cast_signed().wrapping_sub(departed.cast_signed());
        self.least = Some(self.least.map_or(difference, |least| least.min(difference)));
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
            self.trend.update(spacing);
            self.grew |= self.trend.usage() == Usage::Over;
        }
    }

    /// The feedback's end: what all of it says.
    pub(crate) fn end(&mut self, now: Moment) -> Usage {
        if let Some(least) = self.least {
            let base = self.base.note(now, least);
            let micros = least.wrapping_sub(base).max(0).unsigned_abs();
            self.queue = Duration::from_micros(micros);
        }
        if !self.grew {
            return self.trend.usage();
        }
        self.last_over = Some(now);
        Usage::Over
    }
}

impl Base {
    fn note(&mut self, now: Moment, least: i64) -> i64 {
        let began = *self.began.get_or_insert(now);
        if now.since(began) >= BASE_TIME {
            self.before = self.current.take();
            self.began = Some(now);
        }
        let current = self.current.map_or(least, |current| current.min(least));
        self.current = Some(current);
        self.before.map_or(current, |before| before.min(current))
    }
}
