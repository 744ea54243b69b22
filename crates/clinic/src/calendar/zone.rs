//! Time zones.

use std::fmt;

use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, TimeZone, TimeZoneDatabase};
use jiff::{SignedDuration, Timestamp as Instant};
use serde::{Deserialize, Serialize};
use vestibule_vocab::{Millis, Timestamp};

use super::CalendarError;
use crate::limits::ZONE_CHARS;

/// The finest step that a [`Timestamp`] knows.
const STEP: SignedDuration = SignedDuration::from_millis(1);

/// A time zone, known by its name in the IANA database, which is also how it is stored. Belgium's
/// unless another is named.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Zone(TimeZone);

impl Zone {
    /// Reads a name such as `Europe/Brussels`, whatever its case. Refused with
    /// [`CalendarError::UnknownZone`] when the database has no such name.
    pub fn parse(name: &str) -> Result<Self, CalendarError> {
        if name.len() > ZONE_CHARS {
            return Err(CalendarError::UnknownZone);
        }
        let zone = TimeZoneDatabase::bundled().get(name).ok();
        zone.filter(|zone| zone.iana_name().is_some() && !zone.is_unknown())
            .map(Self)
            .ok_or(CalendarError::UnknownZone)
    }

    /// Its name in the IANA database.
    #[must_use]
    pub fn name(&self) -> &str {
        self.0.iana_name().unwrap_or("UTC")
    }

    /// What the local clock shows, to the second, as people write it.
    #[must_use]
    pub fn shows(&self, at: Timestamp) -> String {
        self.clock(at).strftime("%Y-%m-%d %H:%M:%S").to_string()
    }

    /// What the local clock shows. A moment after the year 9999 shows as the last one before.
    pub(super) fn clock(&self, at: Timestamp) -> DateTime {
        let millis = i64::try_from(at.0).unwrap_or(i64::MAX);
        let instant = Instant::from_millisecond(millis).unwrap_or(Instant::MAX);
        self.0.to_datetime(instant)
    }

    /// The moment at which the local clock first reaches this. Skipped by the clock: the moment of
    /// the skip.
    pub(super) fn first(&self, clock: DateTime) -> Timestamp {
        let ambiguous = self.0.to_ambiguous_timestamp(clock);
        match ambiguous.offset() {
            AmbiguousOffset::Unambiguous { .. } | AmbiguousOffset::Fold { .. } => {
                timestamp(ambiguous.earlier().ok())
            }
            AmbiguousOffset::Gap { .. } => self.skip(clock),
        }
    }

    /// The moment from which on the local clock never shows less than this. Skipped by the clock:
    /// the moment of the skip.
    pub(super) fn last(&self, clock: DateTime) -> Timestamp {
        let before = clock.saturating_sub(STEP);
        let ambiguous = self.0.to_ambiguous_timestamp(before);
        match ambiguous.offset() {
            AmbiguousOffset::Unambiguous { .. } | AmbiguousOffset::Fold { .. } => {
                timestamp(ambiguous.later().ok()).plus(Millis(1))
            }
            AmbiguousOffset::Gap { .. } => self.skip(before),
        }
    }

    /// Both moments at which the local clock shows this, when it is set back and shows it twice.
    pub(super) fn twice(&self, clock: DateTime) -> Option<[Timestamp; 2]> {
        let ambiguous = self.0.to_ambiguous_timestamp(clock);
        match ambiguous.offset() {
            AmbiguousOffset::Fold { .. } => Some([
                timestamp(ambiguous.earlier().ok()),
                timestamp(ambiguous.later().ok()),
            ]),
            AmbiguousOffset::Unambiguous { .. } | AmbiguousOffset::Gap { .. } => None,
        }
    }

    /// Both moments at which the local clock has reached this, when it shows twice what comes before it.
    pub(super) fn twice_up_to(&self, clock: DateTime) -> Option<[Timestamp; 2]> {
        let before = self.twice(clock.saturating_sub(STEP))?;
        Some(before.map(|at| at.plus(Millis(1))))
    }

    /// The moment at which the local clock skips this.
    fn skip(&self, skipped: DateTime) -> Timestamp {
        let ambiguous = self.0.to_ambiguous_timestamp(skipped);
        let before = ambiguous.earlier().unwrap_or(Instant::MAX);
        let next = self.0.following(before).next();
        timestamp(next.map(|transition| transition.timestamp()))
    }
}

/// Before 1970 is 1970; what lies beyond the calendar lies ahead of everything.
fn timestamp(instant: Option<Instant>) -> Timestamp {
    let instant = instant.unwrap_or(Instant::MAX);
    Timestamp(u64::try_from(instant.as_millisecond()).unwrap_or(0))
}

impl Default for Zone {
    fn default() -> Self {
        Self::parse("Europe/Brussels").unwrap_or(Self(TimeZone::UTC))
    }
}

impl fmt::Debug for Zone {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl TryFrom<String> for Zone {
    type Error = CalendarError;

    fn try_from(name: String) -> Result<Self, CalendarError> {
        Self::parse(&name)
    }
}

impl From<Zone> for String {
    fn from(zone: Zone) -> Self {
        zone.name().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_is_stored_as_its_name() {
        let zone = Zone::parse("europe/brussels").unwrap();
        let stored = serde_json::to_string(&zone).unwrap();
        assert_eq!(stored, r#""Europe/Brussels""#);
        assert_eq!(serde_json::from_str::<Zone>(&stored).unwrap(), zone);
        assert_eq!(zone, Zone::default());
    }

    #[test]
    fn what_is_no_zone_is_refused() {
        let long = "Europe/".repeat(2_000);
        for name in [
            "",
            "Mars/Olympus",
            "Etc/Unknown",
            "+02:00",
            "🕰️",
            "/etc/localtime",
            &long,
        ] {
            assert_eq!(Zone::parse(name), Err(CalendarError::UnknownZone));
        }
        assert!(serde_json::from_str::<Zone>(r#""Europe/Bruxelles""#).is_err());
    }

    #[test]
    fn the_ends_of_time_are_no_trouble() {
        let zone = Zone::default();
        for at in [Timestamp(0), Timestamp(u64::MAX)] {
            let clock = zone.clock(at);
            assert!(zone.first(clock) <= at);
            assert!(zone.last(DateTime::MAX) >= zone.first(DateTime::MIN));
        }
    }
}
