//! Why an answer to a gate changed nothing.

use serde::Serialize;
use thiserror::Error;

use crate::AnswerError;

/// Why an answer was not taken; nothing changed. Each variant is one stable code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Error)]
#[serde(rename_all = "snake_case")]
pub enum GateRefusal {
    /// Code `gate_not_required`.
    #[error("the visit has no such gate")]
    GateNotRequired,
    /// Code `gate_not_yours`.
    #[error("the gate is answered by somebody else")]
    GateNotYours,
    /// Code `gate_answered`.
    #[error("the gate has an answer, and that answer stands")]
    GateAnswered,
    /// Code `gate_expired`.
    #[error("the answer came too late; the gate must be asked again first")]
    GateExpired,
    /// Code `gate_asked_too_often`.
    #[error("the gate was asked too often")]
    GateAskedTooOften,
    /// Code `exception_needed`.
    #[error(
        "opening the gate by hand needs a coded exception that the service allows; where it allows none, this gate cannot be opened by hand"
    )]
    ExceptionNeeded,
    /// Code `exception_not_allowed`.
    #[error("the service does not allow this exception")]
    ExceptionNotAllowed,
    /// Code `foreign_reason`.
    #[error("the reason belongs to another kind of gate")]
    ForeignReason,
    /// Code `invalid_text`.
    #[error(
        "the message is too long, shows nothing, or has characters that nobody sees or that turn it around"
    )]
    InvalidText,
    /// Code `not_ready`.
    #[error("a gate is not open")]
    NotReady,
    /// Code `admitted`.
    #[error("the visit was admitted; its gates do not change any more")]
    Admitted,
    /// Code `emergency`: shown with [`EMERGENCY_NUMBER`](super::EMERGENCY_NUMBER).
    #[error("an answer meant an emergency, and the visit was stopped")]
    Emergency,
}

/// Why the answers to a form were not taken; nothing changed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum FormRefusal {
    /// The visit takes none.
    #[error(transparent)]
    Gate(#[from] GateRefusal),
    /// An answer does not fit its question.
    #[error(transparent)]
    Answer(#[from] AnswerError),
}
