//! Why something about companions was not done.

use serde::Serialize;
use thiserror::Error;

/// Why a request was not taken; nothing changed. Each variant is one stable code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Error)]
#[serde(rename_all = "snake_case")]
pub enum CompanionRefusal {
    /// Code `not_found`.
    #[error("there is no such invitation or companion here")]
    NotFound,
    /// Code `invitation_exists`: another try draws another id.
    #[error("the new invitation's id is in use")]
    InvitationExists,
    /// Code `too_many_invitations`.
    #[error("the visit has too many invitations")]
    TooManyInvitations,
    /// Code `invalid_validity`.
    #[error("the invitation would be good for too short or too long")]
    InvalidValidity,
    /// Code `invitation_used`.
    #[error("somebody else has used the invitation, or its companion has left")]
    InvitationUsed,
    /// Code `invitation_withdrawn`.
    #[error("the invitation was withdrawn")]
    InvitationWithdrawn,
    /// Code `invitation_expired`.
    #[error("the invitation has expired")]
    InvitationExpired,
    /// Code `already_companion`.
    #[error("this person is a companion of the visit already")]
    AlreadyCompanion,
    /// Code `consultation_full`.
    #[error("a consultation has no room for one person more")]
    ConsultationFull,
}
