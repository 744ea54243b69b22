//! The rules, one file for each kind: who comes and goes, what patients ask for, what practitioners
//! ask for, what time brings. Each rule refuses before it changes anything.

mod attendance;
mod effects;
mod endings;
mod patient;
mod practitioner;
mod time;

pub(crate) use effects::Effects;
