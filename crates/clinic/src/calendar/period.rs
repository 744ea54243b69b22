//! Periods of the calendar.

use jiff::SignedDuration;
use jiff::civil::{Date, DateTime, Time};
use serde::{Deserialize, Serialize};
use vestibule_vocab::Timestamp;

use super::{Interval, Zone};

/// A period of the calendar, by the local clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Period {
    /// From one full hour of the clock to the next; an hour that the clock repeats is one, of twice
    /// the length.
    Hour,
    /// From midnight to midnight.
    Day,
    /// From the first of a month to the first of the next.
    Month,
    /// From one first of January to the next.
    Year,
}

impl Period {
    /// The period that the moment lies in.
    #[must_use]
    pub fn around(self, at: Timestamp, zone: &Zone) -> Interval {
        let clock = zone.clock(at);
        let (from, to) = match self {
            Self::Hour => hour(clock),
            Self::Day => days(clock.date(), clock.date()),
            Self::Month => days(clock.date().first_of_month(), clock.date().last_of_month()),
            Self::Year => days(clock.date().first_of_year(), clock.date().last_of_year()),
        };
        Interval::new(zone.first(from), zone.last(to))
    }

    /// When the period that the moment lies in is over.
    #[must_use]
    pub fn ends_at(self, at: Timestamp, zone: &Zone) -> Timestamp {
        self.around(at, zone).to
    }
}

fn hour(clock: DateTime) -> (DateTime, DateTime) {
    let from = clock.date().at(clock.hour(), 0, 0, 0);
    (from, from.saturating_add(SignedDuration::from_hours(1)))
}

fn days(first: Date, last: Date) -> (DateTime, DateTime) {
    let midnight = |date: Date| date.to_datetime(Time::midnight());
    let after = midnight(last).saturating_add(SignedDuration::from_hours(24));
    (midnight(first), after)
}
