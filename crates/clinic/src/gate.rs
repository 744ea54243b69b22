//! The gates of one visit: the conditions that it passes before it is ready to be admitted.
//!
//! [`GateRules`] are what a service requires, [`Gates`] how far one visit is.

mod evidence;
mod exception;
mod gates;
mod handing;
mod judge;
mod kind;
mod known;
mod missing;
mod refusal;
mod rule;
mod screening;
mod state;
mod time;

pub use evidence::Evidence;
pub use exception::GateException;
pub use gates::Gates;
pub use kind::{GateKind, IdentityLevel, Relation, Requirement};
pub use known::Known;
pub use missing::{MissingGate, WhyMissing};
pub use refusal::{FormRefusal, GateRefusal};
pub use rule::{AfterWait, GateRule, GateRuleError, GateRuleFault, GateRules, OpenedBy};
pub use screening::{EMERGENCY_NUMBER, Emergency, Screening};
pub use state::{AnsweredBy, Gate, GateChange, GateReason, GateState};
