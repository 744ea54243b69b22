//! Why a request is refused.

use thiserror::Error;

/// Why a request changed nothing. Each variant is one stable code on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Error)]
pub enum Refusal {
    /// Code `not_found`.
    #[error("there is no such visit here")]
    NotFound,
    /// Code `invalid_name`.
    #[error("the name is empty, too long, or not one line of text")]
    InvalidName,
    /// Code `invalid_text`.
    #[error("the text is too long, or not text")]
    InvalidText,
    /// Code `visit_active`.
    #[error("the patient has an active visit already")]
    VisitActive,
    /// Code `visit_ended`.
    #[error("the visit has ended")]
    VisitEnded,
    /// Code `visit_not_waiting`.
    #[error("the visit is not waiting")]
    VisitNotWaiting,
    /// Code `waiting_room_full`.
    #[error("the waiting room is full")]
    WaitingRoomFull,
    /// Code `patient_away`.
    #[error("the patient is away at this moment")]
    PatientAway,
    /// Code `practitioner_busy`.
    #[error("the practitioner is in a consultation")]
    PractitionerBusy,
    /// Code `not_in_consultation`.
    #[error("the practitioner is not in that consultation")]
    NotInConsultation,
    /// Code `limit_reached`.
    #[error("too many practitioners are connected")]
    LimitReached,
    /// Code `unavailable`: the new id is in use; another try draws another.
    #[error("the new consultation's id is in use")]
    Unavailable,
}
