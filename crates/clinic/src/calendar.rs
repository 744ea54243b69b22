//! The calendar: time zones, opening hours and calendar periods.
//!
//! A service is open by the clock on its wall. Twice a year that clock is set, and the rule is then:
//! a span opens when the clock first reaches its beginning and closes when the clock has reached its
//! end for good. So an hour that is repeated belongs as a whole to the span that it falls in, a span
//! never closes in its middle, and a beginning or end that the clock skips is the moment of the
//! skip.
//!
//! The time zone database is compiled in; nothing here asks the machine for its zone, its clock or
//! its files.

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
