//! The quota: how many consultations a patient may have in a day, a month or a year.
//!
//! Off unless a service sets it. A patient's [`History`] is told when consultations begin and end,
//! and [`Quota::admits`] says whether one more may begin. An exception that a member of staff granted
//! lets a patient pass; who used which one, and why, is handed back so that it can be recorded.

mod exception;
mod history;
mod policy;

pub use exception::{Exception, ExceptionCode};
pub use history::{Counted, History};
pub use policy::{Passed, Quota, QuotaReached};
