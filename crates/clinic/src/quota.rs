//! The quota: how many consultations a patient may have in a day, a month or a year.
//!
//! Off unless a service sets it. A patient's [`History`] is told when consultations begin and end,
//! and [`Quota::admits`] says whether one more may begin. Whom staff may let pass all the same is said by the exceptions of
//! a gate for the quota.

mod history;
mod policy;

pub use history::{Counted, Had, History};
pub use policy::{Quota, QuotaReached};
