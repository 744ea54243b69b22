//! Dates that are searched for (R4, section 3.1.1.4.7): a prefix, and a window of time as wide as the date says.

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{TimeZone, TimeZoneDatabase};
use jiff::{Span, Timestamp as Instant, ToSpan as _};
use vestibule_clinic::Service;
use vestibule_clinic::calendar::Timetable;
use vestibule_vocab::Timestamp;

use super::When;

/// One date that is searched for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct DateTerm {
    prefix: Prefix,
    /// Its first moment.
    from: Timestamp,
    /// The first moment behind it.
    to: Timestamp,
}

/// How what is found lies to the window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Prefix {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    StartsAfter,
    EndsBefore,
}

const PREFIXES: &[(&str, Prefix)] = &[
    ("eq", Prefix::Equal),
    ("ne", Prefix::NotEqual),
    ("lt", Prefix::Less),
    ("le", Prefix::LessOrEqual),
    ("gt", Prefix::Greater),
    ("ge", Prefix::GreaterOrEqual),
    ("sa", Prefix::StartsAfter),
    ("eb", Prefix::EndsBefore),
];

impl DateTerm {
    /// Reads a date, whose days are those of this zone's clock; `None` when it is none.
    pub(super) fn parse(text: &str, zone: &TimeZone) -> Option<Self> {
        // A plus sign that was not escaped came as a space.
        let text = text.replace(' ', "+");
        let prefixed = PREFIXES
            .iter()
            .find_map(|(word, prefix)| Some((*prefix, text.strip_prefix(word)?)));
        let (prefix, date) = prefixed.unwrap_or((Prefix::Equal, &text));
        let (from, to) = window(date, zone)?;
        Some(Self { prefix, from, to })
    }

    /// What lies at this time is found.
    pub(super) fn finds(&self, when: When) -> bool {
        let ends_within = when.to.is_some_and(|to| to <= self.to);
        let within = self.from <= when.from && ends_within;
        let goes_beyond = when.to.is_none_or(|to| to > self.to);
        match self.prefix {
            Prefix::Equal => within,
            Prefix::NotEqual => !within,
            Prefix::Less => when.from < self.from,
            Prefix::LessOrEqual => when.from < self.to,
            Prefix::Greater => goes_beyond,
            Prefix::GreaterOrEqual => when.to.is_none_or(|to| to > self.from),
            Prefix::StartsAfter => when.from >= self.to,
            Prefix::EndsBefore => when.to.is_some_and(|to| to <= self.from),
        }
    }

    /// Nothing is found that ends before this, or at it.
    pub(super) fn ends_after(&self) -> Option<Timestamp> {
        match self.prefix {
            Prefix::Equal | Prefix::Greater | Prefix::GreaterOrEqual | Prefix::StartsAfter => {
                Some(self.from)
            }
            Prefix::NotEqual | Prefix::Less | Prefix::LessOrEqual | Prefix::EndsBefore => None,
        }
    }

    /// Nothing is found that begins then or later.
    pub(super) fn begins_before(&self) -> Option<Timestamp> {
        match self.prefix {
            Prefix::Equal | Prefix::Less | Prefix::LessOrEqual | Prefix::EndsBefore => {
                Some(self.to)
            }
            Prefix::NotEqual | Prefix::Greater | Prefix::GreaterOrEqual | Prefix::StartsAfter => {
                None
            }
        }
    }
}

/// The zone of a service's hours.
pub(super) fn zone_of(service: Option<&Service>) -> TimeZone {
    let hours = service.map(|service| service.hours.clone());
    let timetable = Timetable::from(hours.unwrap_or_default());
    let named = TimeZoneDatabase::bundled().get(timetable.zone.name());
    named.unwrap_or(TimeZone::UTC)
}

/// The first moment of a year, a month, a day, a minute, a second or a thousandth, and the first one behind it.
fn window(text: &str, zone: &TimeZone) -> Option<(Timestamp, Timestamp)> {
    if let Some((_, time)) = text.split_once('T') {
        let from = moment(text, zone)?;
        let to = from.checked_add(step(time)).ok()?;
        return Some((timestamp(from), timestamp(to)));
    }
    let (first, length) = match text.len() {
        4 => (format!("{text}-01-01"), 1.year()),
        7 => (format!("{text}-01"), 1.month()),
        10 => (text.to_owned(), 1.day()),
        _ => return None,
    };
    let first: Date = first.parse().ok()?;
    let behind = first.checked_add(length).ok()?;
    let midnight = |date: Date| shown(date.to_datetime(Time::midnight()), zone);
    let (from, to) = (midnight(first)?, midnight(behind)?);
    Some((timestamp(from), timestamp(to)))
}

/// A time of day without an offset is one of this zone.
fn moment(text: &str, zone: &TimeZone) -> Option<Instant> {
    let instant = text.parse::<Instant>().ok();
    instant.or_else(|| shown(text.parse().ok()?, zone))
}

/// When a zone's clock shows this.
fn shown(clock: DateTime, zone: &TimeZone) -> Option<Instant> {
    zone.to_ambiguous_timestamp(clock).compatible().ok()
}

/// As long as the last digit of a time counts.
fn step(time: &str) -> Span {
    let (clock, _) = time.split_once(['Z', '+', '-']).unwrap_or((time, ""));
    match clock.matches(':').count() {
        0 | 1 => 1.minute(),
        _ if clock.contains('.') => 1.millisecond(),
        _ => 1.second(),
    }
}

/// Before 1970 is 1970.
fn timestamp(instant: Instant) -> Timestamp {
    Timestamp(u64::try_from(instant.as_millisecond()).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2027-01-15T08:00:00Z, which is nine o'clock in Brussels.
    const EIGHT: u64 = 1_800_000_000_000;
    const HOUR: u64 = 3_600_000;

    fn term(text: &str) -> DateTerm {
        DateTerm::parse(text, &zone_of(None)).unwrap()
    }

    fn finds(text: &str, at: u64) -> bool {
        term(text).finds(When::at(Timestamp(at)))
    }

    #[test]
    fn a_day_is_one_of_the_clinics_clock() {
        assert!(finds("2027-01-15", EIGHT) && finds("2027-01", EIGHT) && finds("2027", EIGHT));
        let midnight = EIGHT - 9 * HOUR;
        assert!(finds("2027-01-15", midnight) && !finds("2027-01-15", midnight - 1));
        assert!(!finds("2027-01-15", midnight + 24 * HOUR));
    }

    #[test]
    fn a_time_is_as_wide_as_it_is_written() {
        for (text, width) in [
            ("2027-01-15T08:00Z", 60_000),
            ("2027-01-15T09:00:00+01:00", 1_000),
            ("2027-01-15T09:00:00 01:00", 1_000),
            ("2027-01-15T09:00:00", 1_000),
            ("2027-01-15T08:00:00.000Z", 1),
        ] {
            assert!(finds(text, EIGHT), "{text}");
            assert!(finds(text, EIGHT + width - 1), "{text}");
            assert!(!finds(text, EIGHT + width), "{text}");
        }
    }

    #[test]
    fn a_day_of_the_change_of_clocks_has_its_own_length() {
        let DateTerm { from, to, .. } = term("2027-03-28");
        assert_eq!(to.0 - from.0, 23 * HOUR);
    }

    #[test]
    fn a_prefix_says_how_what_is_found_lies_to_the_date() {
        let yesterday = When::at(Timestamp(EIGHT - 24 * HOUR));
        let today = When::at(Timestamp(EIGHT));
        let tomorrow = When::at(Timestamp(EIGHT + 24 * HOUR));
        let since = When {
            from: yesterday.from,
            to: None,
        };
        for (prefix, expected) in [
            ("", [false, true, false, false]),
            ("eq", [false, true, false, false]),
            ("ne", [true, false, true, true]),
            ("lt", [true, false, false, true]),
            ("le", [true, true, false, true]),
            ("gt", [false, false, true, true]),
            ("ge", [false, true, true, true]),
            ("sa", [false, false, true, false]),
            ("eb", [true, false, false, false]),
        ] {
            let term = term(&format!("{prefix}2027-01-15"));
            let found = [yesterday, today, tomorrow, since].map(|when| term.finds(when));
            assert_eq!(found, expected, "{prefix}");
        }
    }

    #[test]
    fn what_bounds_a_search_leaves_nothing_out() {
        let days = [0, 1, 2].map(|day| EIGHT - 24 * HOUR + day * 24 * HOUR);
        for (prefix, _) in PREFIXES {
            let term = term(&format!("{prefix}2027-01-15"));
            for found in days.map(|at| When::at(Timestamp(at))) {
                if term.finds(found) {
                    let to = found.to.unwrap();
                    assert!(term.ends_after().is_none_or(|bound| to > bound), "{prefix}");
                    let begins = found.from;
                    assert!(
                        term.begins_before().is_none_or(|bound| begins < bound),
                        "{prefix}"
                    );
                }
            }
        }
    }

    #[test]
    fn what_is_no_date_is_none() {
        let zone = zone_of(None);
        for text in [
            "",
            "ge",
            "today",
            "2027-13",
            "2027-02-30",
            "ap2027",
            "27",
            "2027-01-15T",
            "9999",
        ] {
            assert_eq!(DateTerm::parse(text, &zone), None, "{text}");
        }
    }
}
