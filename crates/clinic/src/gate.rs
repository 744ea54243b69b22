//! The gates of one visit: the conditions that it passes before it is ready to be admitted.
//!
//! A service's [`GateRules`] say which gates there are, in order, and who opens each: Vestibule
//! itself from what it knows ([`Evidence`]), a person by hand, or an outside system that must answer
//! within a wait. [`Gates`] holds how far one visit is. Who may change what:
//!
//! - The same answer again changes nothing, also after admission: a repeated request does no harm.
//! - Before admission, whoever answered may take the answer back. A payment that bounces closes its
//!   gate again, and a declined card may be followed by a good one.
//! - What a practitioner or staff decided stands against evidence and outside systems.
//! - A gate that nobody answered in time is expired. It stays so, whatever comes late, until
//!   somebody who may asks again.
//! - A red flag stops the visit for good: [`Emergency`].

mod evidence;
mod exception;
mod gates;
mod judge;
mod kind;
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
pub use missing::{MissingGate, WhyMissing};
pub use refusal::{FormRefusal, GateRefusal};
pub use rule::{AfterWait, GateRule, GateRuleError, GateRuleFault, GateRules, OpenedBy};
pub use screening::{EMERGENCY_NUMBER, Emergency, Screening};
pub use state::{AnsweredBy, Gate, GateChange, GateReason, GateState};
