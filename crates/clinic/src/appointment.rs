//! A planned reason to wait.

use serde::{Deserialize, Serialize};
use vestibule_vocab::{Millis, Timestamp};

/// The longest appointment.
const LONGEST: Millis = Millis::from_secs(8 * 60 * 60);

/// The furthest ahead: two years.
const FURTHEST: Millis = Millis::from_secs(2 * 366 * 24 * 60 * 60);

/// When a visit is planned for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Appointment {
    /// Its beginning.
    pub at: Timestamp,
    /// Its length: one minute to eight hours.
    pub length: Millis,
}

/// How long a patient was still expected when the clock was set forward. It is counted from then, and not by what the
/// clock shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extension {
    /// When that was.
    pub since: Timestamp,
    /// How long.
    pub left: Millis,
}

impl Extension {
    pub(crate) fn until(self) -> Timestamp {
        self.since.plus(self.left)
    }
}

impl Appointment {
    /// Its end.
    #[must_use]
    pub fn ends_at(&self) -> Timestamp {
        self.at.plus(self.length)
    }

    /// They have a moment in common. One that begins when the other ends has none.
    #[must_use]
    pub fn overlaps(&self, other: &Self) -> bool {
        self.at < other.ends_at() && other.at < self.ends_at()
    }

    /// It can be made at `now`.
    pub(crate) fn is_sensible(&self, now: Timestamp) -> bool {
        let length = (Millis::from_secs(60)..=LONGEST).contains(&self.length);
        length && self.ends_at() > now && self.at <= now.plus(FURTHEST)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn minutes(at: u64, length: u64) -> Appointment {
        Appointment {
            at: Timestamp(at * 60_000),
            length: Millis(length * 60_000),
        }
    }

    #[test]
    fn appointments_that_follow_one_another_do_not_overlap() {
        assert!(!minutes(0, 10).overlaps(&minutes(10, 10)));
        assert!(minutes(0, 11).overlaps(&minutes(10, 10)));
        assert!(minutes(12, 1).overlaps(&minutes(10, 10)));
    }

    #[test]
    fn an_appointment_is_neither_past_nor_endless_nor_years_ahead() {
        let now = Timestamp(60 * 60_000);
        assert!(minutes(60, 15).is_sensible(now) && minutes(50, 15).is_sensible(now));
        for wrong in [minutes(30, 15), minutes(70, 0), minutes(70, 481)] {
            assert!(!wrong.is_sensible(now));
        }
        assert!(!minutes(60 + 3 * 366 * 24 * 60, 15).is_sensible(now));
    }
}
