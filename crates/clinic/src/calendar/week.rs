//! The hours of an ordinary week.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::clock::DAY;
use super::{CalendarError, Span};
use crate::limits::SPANS_A_DAY;

/// Minutes of a week by the clock.
const WEEK: u32 = 7 * DAY as u32;

/// A day of the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "their names say it")]
pub enum Weekday {
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}

impl Weekday {
    /// The day of the week of a date.
    #[must_use]
    pub fn of(date: Date) -> Self {
        match date.weekday() {
            jiff::civil::Weekday::Monday => Self::Monday,
            jiff::civil::Weekday::Tuesday => Self::Tuesday,
            jiff::civil::Weekday::Wednesday => Self::Wednesday,
            jiff::civil::Weekday::Thursday => Self::Thursday,
            jiff::civil::Weekday::Friday => Self::Friday,
            jiff::civil::Weekday::Saturday => Self::Saturday,
            jiff::civil::Weekday::Sunday => Self::Sunday,
        }
    }

    /// Minutes since Monday began, by the clock.
    const fn minutes(self) -> u32 {
        self as u32 * DAY as u32
    }
}

/// The hours of an ordinary week, by the local clock.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Regular {
    /// Day and night.
    #[default]
    Always,
    /// The spans that begin on each day of the week, in any order; a day without any is closed.
    Weekly(BTreeMap<Weekday, Vec<Span>>),
}

impl Regular {
    /// Refuses too many spans, and spans that overlap, also from Sunday into Monday.
    pub(super) fn check(&self) -> Result<(), CalendarError> {
        let Self::Weekly(days) = self else {
            return Ok(());
        };
        if days.values().any(|spans| spans.len() > SPANS_A_DAY) {
            return Err(CalendarError::TooManySpans);
        }
        let mut spans: Vec<_> = days
            .iter()
            .flat_map(|(&day, spans)| spans.iter().map(move |&span| in_the_week(day, span)))
            .collect();
        spans.sort_unstable();
        let first_again = spans
            .first()
            .map(|&(from, to)| (from.saturating_add(WEEK), to.saturating_add(WEEK)));
        let followers = spans.iter().skip(1).copied().chain(first_again);
        let overlap = |(&(_, to), (from, _)): (&(u32, u32), (u32, u32))| from < to;
        if spans.iter().zip(followers).any(overlap) {
            return Err(CalendarError::OverlappingSpans);
        }
        Ok(())
    }
}

/// The ends of a span in minutes since Monday began.
fn in_the_week(day: Weekday, span: Span) -> (u32, u32) {
    let (from, to) = span.minutes();
    let minutes = |minute: u16| day.minutes().saturating_add(minute.into());
    (minutes(from), minutes(to))
}
