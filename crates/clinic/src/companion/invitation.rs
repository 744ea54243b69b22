//! One invitation.

use serde::{Deserialize, Serialize};
use vestibule_vocab::{InvitationId, Millis, ParticipantId, PractitionerId, Redacted, Timestamp};

use super::{CompanionRole, Seat};

/// A practitioner of the clinic whom another one asks to come along.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Colleague {
    /// Who: nobody else may accept.
    pub who: PractitionerId,
    /// Who asks.
    pub asked_by: PractitionerId,
}

/// The invitation of one companion.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invitation {
    /// Its id, random and never used before. Whoever holds the link that carries it may accept.
    pub id: InvitationId,
    /// As what they are invited.
    pub role: CompanionRole,
    /// For whom alone it is, when that is a practitioner of the clinic.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub colleague: Option<Colleague>,
    /// Who of the clinic's practitioners has or had a seat by it, where it was for anybody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guest: Option<PractitionerId>,
    /// When.
    pub invited_at: Timestamp,
    /// For how long it is good when nobody accepts it.
    pub valid: Millis,
    /// What whoever has a seat by it is called; empty before and after.
    pub name: Redacted<String>,
    /// What became of it.
    pub state: InvitationState,
}

/// What became of an invitation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum InvitationState {
    /// Nobody has accepted it.
    Open,
    /// Somebody has a seat by it.
    Accepted {
        /// Who.
        by: ParticipantId,
        /// When.
        at: Timestamp,
        /// They were away for too long, and are not back.
        lost: bool,
    },
    /// Who had a seat by it gave it up.
    Left {
        /// Who.
        by: ParticipantId,
        /// When.
        at: Timestamp,
    },
    /// It was taken back.
    Withdrawn {
        /// When.
        at: Timestamp,
    },
    /// Nobody accepted it in time.
    Expired {
        /// When that was found.
        at: Timestamp,
    },
    /// The colleague whom it was for said no.
    Declined {
        /// When.
        at: Timestamp,
    },
}

impl Invitation {
    /// When it is good no more; `None` once something became of it.
    #[must_use]
    pub fn expires_at(&self) -> Option<Timestamp> {
        match self.state {
            InvitationState::Open => Some(self.invited_at.plus(self.valid)),
            InvitationState::Accepted { .. }
            | InvitationState::Left { .. }
            | InvitationState::Withdrawn { .. }
            | InvitationState::Expired { .. }
            | InvitationState::Declined { .. } => None,
        }
    }

    /// The practitioner whom it is for, as long as it stands.
    #[must_use]
    pub fn stands_for(&self) -> Option<PractitionerId> {
        match self.state {
            InvitationState::Open | InvitationState::Accepted { .. } => {
                self.colleague.map(|it| it.who)
            }
            InvitationState::Left { .. }
            | InvitationState::Withdrawn { .. }
            | InvitationState::Expired { .. }
            | InvitationState::Declined { .. } => None,
        }
    }

    /// Who of the clinic's practitioners it is for, or who came by it.
    #[must_use]
    pub fn practitioner(&self) -> Option<PractitionerId> {
        self.colleague.map(|it| it.who).or(self.guest)
    }

    /// Who has a seat by it.
    #[must_use]
    pub fn companion(&self) -> Option<ParticipantId> {
        self.seat().map(|seat| seat.who)
    }

    pub(super) fn seat(&self) -> Option<Seat<'_>> {
        match self.state {
            InvitationState::Accepted { by, lost, .. } => Some(Seat {
                who: by,
                invitation: self.id,
                role: self.role,
                practitioner: self.practitioner(),
                name: &self.name,
                lost,
            }),
            InvitationState::Open
            | InvitationState::Left { .. }
            | InvitationState::Withdrawn { .. }
            | InvitationState::Expired { .. }
            | InvitationState::Declined { .. } => None,
        }
    }
}
