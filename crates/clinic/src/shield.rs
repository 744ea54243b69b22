//! The doctor shield: how much a practitioner may be asked to do, enforced.
//!
//! A [`ShieldPolicy`] caps consultations per hour and day, asks for pauses and rest, and keeps time
//! free before breaks and the end of a shift; a [`Roster`] says when a practitioner works; a
//! [`Workday`] remembers what they did. A [`Shield`] over the three says whether a consultation may
//! begin, when the next one may, and how many more the shift can hold. A [`Pool`] of practitioners
//! closes its queue before it promises more than their shifts can hold beside what is [`Booked`].
//!
//! When the clock steps back, nothing more is allowed than otherwise: what was counted in an hour
//! stays counted there, what somebody must wait for is waited for from the clock's new time, and
//! time that was worked stays worked. What a clock counted that was more than a day ahead counts as
//! of now, so that it does not lock a practitioner out until then. [`Workday::observe`] tells it.

mod ahead;
mod policy;
mod pool;
mod reason;
mod roster;
mod rules;
mod workday;

pub use policy::{ShieldPolicy, Stretch};
pub use pool::{Booked, Pool, QueueClosed, QueueClosedReason};
pub use reason::{ShieldReason, Shielded};
pub use roster::{Roster, RosterError, Shift};
pub use rules::Shield;
pub use workday::Workday;
