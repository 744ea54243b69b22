//! Times of day, by the clock on the wall.

use serde::{Deserialize, Serialize};

use super::CalendarError;

/// Minutes of a day by the clock.
pub(super) const DAY: u16 = 24 * 60;

/// A time of day by the local clock, to the minute, from `00:00` to `24:00`. Written `HH:MM`, also
/// in JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct LocalTime(u16);

impl LocalTime {
    /// The beginning of a day.
    pub const MIDNIGHT: Self = Self(0);
    /// The end of a day: the midnight of the next.
    pub const END_OF_DAY: Self = Self(DAY);

    /// A time of day; refused with [`CalendarError::InvalidTime`] unless between `00:00` and `24:00`.
    pub fn new(hour: u16, minute: u16) -> Result<Self, CalendarError> {
        let minutes = hour.saturating_mul(60).saturating_add(minute);
        if minute < 60 && minutes <= DAY {
            Ok(Self(minutes))
        } else {
            Err(CalendarError::InvalidTime)
        }
    }

    /// Reads `HH:MM`; refused with [`CalendarError::InvalidTime`] when it is anything else.
    pub fn parse(text: &str) -> Result<Self, CalendarError> {
        let (hour, minute) = text.split_once(':').ok_or(CalendarError::InvalidTime)?;
        Self::new(two_digits(hour)?, two_digits(minute)?)
    }

    /// Minutes since the day began, by the clock.
    #[must_use]
    pub const fn minutes(self) -> u16 {
        self.0
    }
}

/// `str::parse` alone would take `+9` as well.
fn two_digits(text: &str) -> Result<u16, CalendarError> {
    let digits = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
    let number = digits.then(|| text.parse().ok()).flatten();
    number.ok_or(CalendarError::InvalidTime)
}

impl TryFrom<String> for LocalTime {
    type Error = CalendarError;

    fn try_from(text: String) -> Result<Self, CalendarError> {
        Self::parse(&text)
    }
}

impl From<LocalTime> for String {
    fn from(time: LocalTime) -> Self {
        format!("{:02}:{:02}", time.0 / 60, time.0 % 60)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_read_as_it_is_written() {
        for text in ["00:00", "09:05", "23:59", "24:00"] {
            let time = LocalTime::parse(text).unwrap();
            assert_eq!(String::from(time), text);
        }
    }

    #[test]
    fn what_no_clock_shows_is_refused() {
        for text in [
            "",
            "9:00",
            "24:01",
            "12:60",
            "+9:00",
            "12:00:00",
            "٠٩:٠٠",
            "⏰",
            "65535:59",
        ] {
            assert_eq!(LocalTime::parse(text), Err(CalendarError::InvalidTime));
        }
    }
}
