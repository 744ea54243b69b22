//! What departs from an ordinary week.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use vestibule_vocab::{Redacted, Timestamp};

use super::{CalendarError, Interval, Span, Zone};

/// How long a closure or an extra opening lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Extent {
    /// Whole days, by the local calendar.
    Days {
        /// The first.
        first: Date,
        /// The last, which is part of it.
        last: Date,
    },
    /// A span that begins on one date, by the local clock.
    Hours {
        /// The date.
        date: Date,
        /// The span.
        span: Span,
    },
    /// From one moment to another.
    Moments(Interval),
}

impl Extent {
    /// When it is, in order: hours that lie in time which the clock repeats are twice. Empty when the clock skips it.
    pub(super) fn intervals(&self, zone: &Zone) -> Vec<Interval> {
        match *self {
            Self::Days { first, last } => {
                let from = Span::DAY.on(first, zone).next().map(|day| day.from);
                let to = Span::DAY.on(last, zone).last().map(|day| day.to);
                let whole = from.zip(to).map(|(from, to)| Interval::new(from, to));
                whole.into_iter().collect()
            }
            Self::Hours { date, span } => span.on(date, zone).collect(),
            Self::Moments(interval) => vec![interval],
        }
    }

    /// When it is over; never when it is empty.
    pub(super) fn ends_at(&self, zone: &Zone) -> Option<Timestamp> {
        self.intervals(zone).last().map(|last| last.to)
    }

    /// Refuses one that ends before it begins.
    pub(super) fn check(&self) -> Result<(), CalendarError> {
        let empty = match self {
            Self::Days { first, last } => last < first,
            Self::Hours { .. } => false,
            Self::Moments(interval) => interval.is_empty(),
        };
        if empty {
            Err(CalendarError::EmptySpan)
        } else {
            Ok(())
        }
    }
}

/// A time during which a service is closed although its week says otherwise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closure {
    /// When.
    pub extent: Extent,
    /// Why, in words for patients; trimmed, may be empty.
    #[serde(default)]
    pub reason: Redacted<String>,
}

impl Closure {
    pub(super) fn contains(&self, at: Timestamp, zone: &Zone) -> bool {
        let mut intervals = self.extent.intervals(zone).into_iter();
        intervals.any(|interval| interval.contains(at))
    }
}
