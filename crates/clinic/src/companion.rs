//! Those who come with a patient, by invitation.

mod invitation;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use thiserror::Error;
use vestibule_vocab::{InvitationId, Millis, ParticipantId, Timestamp};

pub use invitation::{Invitation, InvitationState};

use crate::limits::{COMPANIONS, INVITATION_VALID_MAX, INVITATION_VALID_MIN, INVITATIONS};

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

/// The companions of one visit. Also what is stored of them; read back, all are away.
///
/// An invitation is for one person: whoever accepts it first, from whatever device. Companions have
/// seats, as many as a consultation has room for beside the patient and the practitioner; whoever
/// has one keeps it while away. Which roles are present opens the companion gates, through
/// [`Evidence::Companions`](crate::Evidence::Companions).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Companions {
    invitations: Vec<Invitation>,
    #[serde(skip)]
    present: BTreeSet<ParticipantId>,
}

/// What a request did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[must_use = "a change is stored before anybody is told"]
pub enum CompanionChange {
    /// Nothing: it was so already.
    Unchanged,
    /// The companions are others than before.
    Changed,
    /// This companion has no seat any more, and is to be shown out.
    ShownOut(ParticipantId),
}

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

impl Companions {
    /// Invites somebody whose identity is not known yet. More may be invited than there are seats:
    /// not everybody comes. Repeating it changes nothing.
    ///
    /// # Errors
    /// [`CompanionRefusal::InvalidValidity`], [`CompanionRefusal::InvitationExists`],
    /// [`CompanionRefusal::TooManyInvitations`].
    pub fn invite(
        &mut self,
        id: InvitationId,
        role: CompanionRole,
        valid: Millis,
        now: Timestamp,
    ) -> Result<CompanionChange, CompanionRefusal> {
        if !(INVITATION_VALID_MIN..=INVITATION_VALID_MAX).contains(&valid) {
            return Err(CompanionRefusal::InvalidValidity);
        }
        if let Some(known) = self.invitations.iter().find(|known| known.id == id) {
            let same = known.role == role && known.valid == valid;
            return same
                .then_some(CompanionChange::Unchanged)
                .ok_or(CompanionRefusal::InvitationExists);
        }
        if self.invitations.len() >= INVITATIONS {
            return Err(CompanionRefusal::TooManyInvitations);
        }
        self.invitations.push(Invitation {
            id,
            role,
            invited_at: now,
            valid,
            state: InvitationState::Open,
        });
        Ok(CompanionChange::Changed)
    }

    /// Somebody takes the seat that an invitation is for. Repeated by the same person, on whatever
    /// device, it changes nothing.
    ///
    /// # Errors
    /// A [`CompanionRefusal`], and nothing changed.
    pub fn accept(
        &mut self,
        id: InvitationId,
        who: ParticipantId,
        now: Timestamp,
    ) -> Result<CompanionChange, CompanionRefusal> {
        match self.invitation(id)?.state {
            InvitationState::Accepted { by, .. } if by == who => {
                return Ok(CompanionChange::Unchanged);
            }
            InvitationState::Accepted { .. } | InvitationState::Left { .. } => {
                return Err(CompanionRefusal::InvitationUsed);
            }
            InvitationState::Withdrawn { .. } => {
                return Err(CompanionRefusal::InvitationWithdrawn);
            }
            InvitationState::Expired { .. } => return Err(CompanionRefusal::InvitationExpired),
            InvitationState::Open => {}
        }
        if self.seat(who).is_some() {
            return Err(CompanionRefusal::AlreadyCompanion);
        }
        if self.seated().count() >= COMPANIONS {
            return Err(CompanionRefusal::ConsultationFull);
        }
        let invitation = self.invitation_mut(id)?;
        if invitation.expires_at().is_some_and(|at| at <= now) {
            return Err(CompanionRefusal::InvitationExpired);
        }
        invitation.state = InvitationState::Accepted { by: who, at: now };
        Ok(CompanionChange::Changed)
    }

    /// Takes an invitation back; whoever accepted it loses the seat.
    ///
    /// # Errors
    /// [`CompanionRefusal::NotFound`].
    pub fn withdraw(
        &mut self,
        id: InvitationId,
        now: Timestamp,
    ) -> Result<CompanionChange, CompanionRefusal> {
        let invitation = self.invitation_mut(id)?;
        let change = match invitation.state {
            InvitationState::Open => CompanionChange::Changed,
            InvitationState::Accepted { by, .. } => CompanionChange::ShownOut(by),
            InvitationState::Left { .. }
            | InvitationState::Withdrawn { .. }
            | InvitationState::Expired { .. } => return Ok(CompanionChange::Unchanged),
        };
        invitation.state = InvitationState::Withdrawn { at: now };
        if let CompanionChange::ShownOut(who) = change {
            self.present.remove(&who);
        }
        Ok(change)
    }

    /// A companion gives up the seat for good. The invitation is used all the same.
    ///
    /// # Errors
    /// [`CompanionRefusal::NotFound`] when they have none.
    pub fn leave(
        &mut self,
        who: ParticipantId,
        now: Timestamp,
    ) -> Result<CompanionChange, CompanionRefusal> {
        let seat = self.seat(who).map(|seat| seat.id);
        let seat = self.invitation_mut(seat.ok_or(CompanionRefusal::NotFound)?)?;
        seat.state = InvitationState::Left { by: who, at: now };
        self.present.remove(&who);
        Ok(CompanionChange::Changed)
    }

    /// A companion has a socket open. True when they were away.
    pub fn connected(&mut self, who: ParticipantId) -> bool {
        self.seat(who).is_some() && self.present.insert(who)
    }

    /// A companion has no socket open any more; the seat is kept. True when they were present.
    pub fn disconnected(&mut self, who: ParticipantId) -> bool {
        self.present.remove(&who)
    }

    /// Expires the invitations that nobody accepted in time; tells which. Coming early or late does
    /// no harm. Their time is counted anew first when the clock stepped back.
    pub fn expire(&mut self, now: Timestamp) -> Vec<InvitationId> {
        self.step_back(now);
        let due =
            |invitation: &&mut Invitation| invitation.expires_at().is_some_and(|at| at <= now);
        let mut expired = Vec::new();
        for invitation in self.invitations.iter_mut().filter(due) {
            invitation.state = InvitationState::Expired { at: now };
            expired.push(invitation.id);
        }
        expired
    }

    /// Counts the time of invitations made after `now` from `now`: the clock has stepped back, and
    /// no invitation shall be good for longer because it did. It needs no storing.
    pub fn step_back(&mut self, now: Timestamp) {
        for invitation in &mut self.invitations {
            invitation.invited_at = invitation.invited_at.min(now);
        }
    }

    /// When to call [`expire`](Self::expire); `None` when nothing is due by itself.
    #[must_use]
    pub fn next_timeout(&self) -> Option<Timestamp> {
        self.invitations
            .iter()
            .filter_map(Invitation::expires_at)
            .min()
    }

    /// The roles of those who are present.
    #[must_use]
    pub fn roles_present(&self) -> BTreeSet<CompanionRole> {
        self.seated()
            .filter(|(who, _)| self.present.contains(who))
            .map(|(_, role)| role)
            .collect()
    }

    /// Those who have a seat, present or away, with their roles.
    pub fn seated(&self) -> impl Iterator<Item = (ParticipantId, CompanionRole)> {
        self.invitations.iter().filter_map(|invitation| {
            let who = invitation.companion()?;
            Some((who, invitation.role))
        })
    }

    /// This companion has a socket open.
    #[must_use]
    pub fn is_present(&self, who: ParticipantId) -> bool {
        self.present.contains(&who)
    }

    /// All invitations, the first first.
    #[must_use]
    pub fn invitations(&self) -> &[Invitation] {
        &self.invitations
    }

    fn seat(&self, who: ParticipantId) -> Option<&Invitation> {
        let mut invitations = self.invitations.iter();
        invitations.find(|invitation| invitation.companion() == Some(who))
    }

    fn invitation(&self, id: InvitationId) -> Result<&Invitation, CompanionRefusal> {
        let mut invitations = self.invitations.iter();
        invitations
            .find(|invitation| invitation.id == id)
            .ok_or(CompanionRefusal::NotFound)
    }

    fn invitation_mut(&mut self, id: InvitationId) -> Result<&mut Invitation, CompanionRefusal> {
        let mut invitations = self.invitations.iter_mut();
        invitations
            .find(|invitation| invitation.id == id)
            .ok_or(CompanionRefusal::NotFound)
    }
}
