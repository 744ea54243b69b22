//! The calendar: time zones, opening hours and calendar periods.
//!
//! A service is open by the clock on its wall. Twice a year that clock is set, and the rule is then:
//! a span opens when the clock first reaches its beginning and closes when the clock has reached its
//! end for good. So an hour that is repeated belongs as a whole to the span that it falls in, a span
//! never closes in its middle, and a beginning or end that the clock skips is the moment of the
//! skip. A span that lies in the repeated hour from its beginning to its end is there twice, each
//! time that the clock shows it: as one stretch it would be open for an hour in which the clock
//! shows another time.
//!
//! The time zone database is compiled in; nothing here asks the machine for its zone, its clock or
//! its files.
//!
//! ```
//! use vestibule_clinic::calendar::OpeningHours;
//! use vestibule_vocab::Timestamp;
//!
//! let hours: OpeningHours = serde_json::from_str(
//!     r#"{
//!         "zone": "Europe/Brussels",
//!         "regular": { "weekly": { "thursday": [{ "from": "20:00", "to": "08:00" }] } },
//!         "closures": [{ "extent": { "days": { "first": "2026-12-24", "last": "2026-12-27" } } }]
//!     }"#,
//! )?;
//! let thursday_noon = Timestamp(1_795_690_800_000); // 26 November 2026
//! assert!(!hours.is_open(thursday_noon));
//! let evening = hours.next_opening(thursday_noon);
//! assert_eq!(evening, Some(Timestamp(1_795_719_600_000)));
//! # Ok::<(), serde_json::Error>(())
//! ```

mod clock;
mod error;
mod extent;
mod hours;
mod interval;
mod period;
mod span;
mod week;
mod zone;

pub use clock::LocalTime;
pub use error::CalendarError;
pub use extent::{Closure, Extent};
pub use hours::{OpeningHours, Timetable};
pub use interval::Interval;
pub use jiff::civil::Date;
pub use period::Period;
pub use span::Span;
pub use week::{Regular, Weekday};
pub use zone::Zone;
