//! Those who come with a patient.

use serde::{Deserialize, Serialize};

/// As what somebody comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CompanionRole {
    /// A parent or guardian.
    Parent,
    /// An interpreter.
    Interpreter,
    /// A second practitioner.
    SecondPractitioner,
    /// Anybody else whom the patient wants there.
    Other,
}
