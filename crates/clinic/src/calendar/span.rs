//! Spans of a day.

use jiff::SignedDuration;
use jiff::civil::{Date, DateTime, Time};
use serde::{Deserialize, Serialize};

use super::clock::DAY;
use super::{CalendarError, Interval, LocalTime, Zone};

/// A span by the local clock. One that ends no later in the day than it begins passes midnight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "Bounds", into = "Bounds")]
pub struct Span(Bounds);

/// A span as it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
struct Bounds {
    from: LocalTime,
    to: LocalTime,
}

impl Span {
    /// A whole day.
    pub const DAY: Self = Self(Bounds {
        from: LocalTime::MIDNIGHT,
        to: LocalTime::END_OF_DAY,
    });

    /// A span; refused with [`CalendarError::EmptySpan`] when both ends are one time of day, and
    /// with [`CalendarError::InvalidTime`] when it begins at `24:00`.
    pub fn new(from: LocalTime, to: LocalTime) -> Result<Self, CalendarError> {
        if from == to {
            return Err(CalendarError::EmptySpan);
        }
        if from == LocalTime::END_OF_DAY {
            return Err(CalendarError::InvalidTime);
        }
        Ok(Self(Bounds { from, to }))
    }

    /// When it begins.
    #[must_use]
    pub const fn from(self) -> LocalTime {
        self.0.from
    }

    /// When it ends, on the same day or the next.
    #[must_use]
    pub const fn to(self) -> LocalTime {
        self.0.to
    }

    /// Its ends in minutes since its day began; the second is more than a day when it passes
    /// midnight.
    pub(super) fn minutes(self) -> (u16, u16) {
        let (from, to) = (self.0.from.minutes(), self.0.to.minutes());
        (
            from,
            if to > from {
                to
            } else {
                to.saturating_add(DAY)
            },
        )
    }

    /// When it is on that date: twice when it lies in time that the clock repeats, not at all when the clock skips it. One
    /// that reaches out of the time that is repeated is one stretch, which never closes in its middle.
    pub(super) fn on(self, date: Date, zone: &Zone) -> impl Iterator<Item = Interval> + use<> {
        let (from, to) = self.minutes();
        let (from, to) = (clock(date, from), clock(date, to));
        let (first, again) = match (zone.twice(from), zone.twice_up_to(to)) {
            (Some([first, again]), Some([first_end, again_end])) => {
                let again = Interval::new(again, again_end);
                (Interval::new(first, first_end), Some(again))
            }
            (Some(_) | None, _) => (Interval::new(zone.first(from), zone.last(to)), None),
        };
        std::iter::once(first).chain(again)
    }
}

/// So many minutes by the clock after a date began.
fn clock(date: Date, minutes: u16) -> DateTime {
    date.to_datetime(Time::midnight())
        .saturating_add(SignedDuration::from_mins(minutes.into()))
}

impl TryFrom<Bounds> for Span {
    type Error = CalendarError;

    fn try_from(bounds: Bounds) -> Result<Self, CalendarError> {
        Self::new(bounds.from, bounds.to)
    }
}

impl From<Span> for Bounds {
    fn from(span: Span) -> Self {
        span.0
    }
}
