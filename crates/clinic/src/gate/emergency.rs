//! A visit that is stopped because an answer means an emergency.

use serde::{Deserialize, Serialize};
use vestibule_vocab::{Redacted, Timestamp};

use super::GateChange;
use crate::{Answers, Code};

/// The European emergency number (Directive (EU) 2018/1972, article 109).
pub const EMERGENCY_NUMBER: &str = "112";

/// What is recorded of an emergency: which questions, never what was answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Emergency {
    /// The codes of the questions whose answers raised it, in the order of the form. They tell of
    /// somebody's health, so they are not printed.
    pub questions: Redacted<Vec<Code>>,
    /// When.
    pub at: Timestamp,
}

/// What the answers to a form did.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "an emergency ends the visit"]
pub enum Screening {
    /// No red flag.
    Clear {
        /// The answers, to be kept.
        answers: Answers,
        /// The first required question without an answer; `None` when the form is complete.
        missing: Option<Code>,
        /// Whether gates opened.
        change: GateChange,
    },
    /// The visit is stopped: end it as an emergency, and show [`EMERGENCY_NUMBER`].
    Emergency(Emergency),
}
