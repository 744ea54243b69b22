//! Those who come with a patient, by invitation.

mod invitation;
mod refusal;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use vestibule_vocab::{InvitationId, Millis, ParticipantId, PractitionerId, Redacted, Timestamp};

pub use invitation::{Colleague, Invitation, InvitationState};
pub use refusal::CompanionRefusal;

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

/// The companions of one visit. Also what is stored of them.
///
/// An invitation is for one person: whoever accepts it first, from whatever device. Companions have
/// seats, as many as a consultation has room for beside the patient and the practitioner; whoever
/// has one keeps it while away, and whoever was away for too long ([`lose`](Self::lose)) takes no part until back. Which
/// roles are present opens the companion gates, through [`Evidence::Companions`](crate::Evidence::Companions).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Companions {
    invitations: Vec<Invitation>,
}

/// A companion who has a seat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seat<'a> {
    /// Who.
    pub who: ParticipantId,
    /// By which invitation.
    pub invitation: InvitationId,
    /// As what.
    pub role: CompanionRole,
    /// Who of the clinic's practitioners they are, where they were invited as that or came from one's device.
    pub practitioner: Option<PractitionerId>,
    /// What they are called.
    pub name: &'a Redacted<String>,
    /// Away for too long: takes no part in a consultation until back.
    pub lost: bool,
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
        self.add(id, (role, None), valid, now)
    }

    /// Invites a practitioner of the clinic, and nobody else by that name. For the rest it is as [`invite`](Self::invite),
    /// but that nobody is asked twice.
    ///
    /// # Errors
    /// Those of [`invite`](Self::invite), and [`CompanionRefusal::AlreadyCompanion`].
    pub fn invite_colleague(
        &mut self,
        id: InvitationId,
        colleague: Colleague,
        valid: Millis,
        now: Timestamp,
    ) -> Result<CompanionChange, CompanionRefusal> {
        let mut others = self.invitations.iter().filter(|it| it.id != id);
        if others.any(|it| it.stands_for() == Some(colleague.who)) {
            return Err(CompanionRefusal::AlreadyCompanion);
        }
        let whom = (CompanionRole::SecondPractitioner, Some(colleague));
        self.add(id, whom, valid, now)
    }

    fn add(
        &mut self,
        id: InvitationId,
        (role, colleague): (CompanionRole, Option<Colleague>),
        valid: Millis,
        now: Timestamp,
    ) -> Result<CompanionChange, CompanionRefusal> {
        if !(INVITATION_VALID_MIN..=INVITATION_VALID_MAX).contains(&valid) {
            return Err(CompanionRefusal::InvalidValidity);
        }
        if let Some(known) = self.invitations.iter().find(|known| known.id == id) {
            let same = (known.role, known.colleague, known.valid) == (role, colleague, valid);
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
            colleague,
            guest: None,
            invited_at: now,
            valid,
            name: Redacted::default(),
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
        name: &Redacted<String>,
        now: Timestamp,
    ) -> Result<CompanionChange, CompanionRefusal> {
        match self.invitation(id)?.state {
            InvitationState::Accepted { by, .. } if by == who => {
                return Ok(CompanionChange::Unchanged);
            }
            InvitationState::Accepted { .. }
            | InvitationState::Left { .. }
            | InvitationState::Declined { .. } => {
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
        invitation.state = InvitationState::Accepted {
            by: who,
            at: now,
            lost: false,
        };
        invitation.name = name.clone();
        Ok(CompanionChange::Changed)
    }

    /// Whoever has a seat by an invitation is known to be one of the clinic's practitioners, or is not.
    pub(crate) fn recognise(&mut self, id: InvitationId, practitioner: Option<PractitionerId>) {
        if let Ok(invitation) = self.invitation_mut(id) {
            invitation.guest = practitioner;
        }
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
            | InvitationState::Expired { .. }
            | InvitationState::Declined { .. } => return Ok(CompanionChange::Unchanged),
        };
        invitation.state = InvitationState::Withdrawn { at: now };
        invitation.name = Redacted::default();
        Ok(change)
    }

    /// A colleague says no before they took the seat. They can be asked anew, by another invitation.
    ///
    /// # Errors
    /// [`CompanionRefusal::NotFound`] when nobody is asked by it any more, or not a colleague;
    /// [`CompanionRefusal::AlreadyCompanion`] when they came: then they leave.
    pub fn decline(&mut self, id: InvitationId, now: Timestamp) -> Result<(), CompanionRefusal> {
        let invitation = self.invitation_mut(id)?;
        invitation.stands_for().ok_or(CompanionRefusal::NotFound)?;
        if invitation.companion().is_some() {
            return Err(CompanionRefusal::AlreadyCompanion);
        }
        invitation.state = InvitationState::Declined { at: now };
        Ok(())
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
        let seat = self.seat_mut(who).ok_or(CompanionRefusal::NotFound)?;
        seat.state = InvitationState::Left { by: who, at: now };
        seat.name = Redacted::default();
        Ok(CompanionChange::Changed)
    }

    /// A companion was away for too long: the seat is kept, but takes no part in a consultation. True when they did.
    pub fn lose(&mut self, who: ParticipantId) -> bool {
        self.set_lost(who, true)
    }

    /// A companion who was away for too long is back. True when they were.
    pub fn find_again(&mut self, who: ParticipantId) -> bool {
        self.set_lost(who, false)
    }

    /// The visit is over: whoever had a seat has left, nobody comes any more, and no name is kept.
    pub fn end(&mut self, now: Timestamp) {
        for invitation in &mut self.invitations {
            invitation.name = Redacted::default();
            invitation.state = match invitation.state {
                InvitationState::Open => InvitationState::Withdrawn { at: now },
                InvitationState::Accepted { by, .. } => InvitationState::Left { by, at: now },
                over @ (InvitationState::Left { .. }
                | InvitationState::Withdrawn { .. }
                | InvitationState::Expired { .. }
                | InvitationState::Declined { .. }) => over,
            };
        }
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

    /// The roles of those for whom this holds.
    pub fn roles_of(&self, holds: impl Fn(&Seat<'_>) -> bool) -> BTreeSet<CompanionRole> {
        self.seated()
            .filter(|seat| holds(seat))
            .map(|seat| seat.role)
            .collect()
    }

    /// Everybody who was invited, under the name that an invitation gives, and everybody who came under another.
    pub(crate) fn people(&self) -> impl Iterator<Item = ParticipantId> {
        self.invitations
            .iter()
            .flat_map(|it| [Some(it.id.into()), it.companion()])
            .flatten()
    }

    /// The practitioners of the clinic whom an invitation stands for, with which.
    pub(crate) fn colleagues(&self) -> impl Iterator<Item = (PractitionerId, InvitationId)> {
        let invitations = self.invitations.iter();
        invitations.filter_map(|it| Some((it.stands_for()?, it.id)))
    }

    /// The invitations that colleagues declined who were not asked anew.
    pub fn declined(&self) -> impl Iterator<Item = InvitationId> {
        let asked_last = |whom: PractitionerId| {
            let mut latest_first = self.invitations.iter().rev();
            latest_first.find(move |it| it.colleague.is_some_and(|it| it.who == whom))
        };
        let declined = |it: &&Invitation| matches!(it.state, InvitationState::Declined { .. });
        self.invitations
            .iter()
            .filter(declined)
            .filter_map(move |it| {
                let last = asked_last(it.colleague?.who)?;
                (last.id == it.id).then_some(it.id)
            })
    }

    /// Those who have a seat, present or away.
    pub fn seated(&self) -> impl Iterator<Item = Seat<'_>> {
        self.invitations.iter().filter_map(Invitation::seat)
    }

    /// Those who are in a consultation of the visit, while there is one.
    pub fn taking_part(&self) -> impl Iterator<Item = Seat<'_>> {
        self.seated().filter(|seat| !seat.lost)
    }

    /// All invitations, the first first.
    #[must_use]
    pub fn invitations(&self) -> &[Invitation] {
        &self.invitations
    }

    /// The seat that somebody has.
    #[must_use]
    pub fn seat(&self, who: ParticipantId) -> Option<Seat<'_>> {
        self.seated().find(|seat| seat.who == who)
    }

    fn seat_mut(&mut self, who: ParticipantId) -> Option<&mut Invitation> {
        let mut invitations = self.invitations.iter_mut();
        invitations.find(|invitation| invitation.companion() == Some(who))
    }

    fn set_lost(&mut self, who: ParticipantId, is: bool) -> bool {
        let state = self.seat_mut(who).map(|seat| &mut seat.state);
        match state {
            Some(InvitationState::Accepted { lost, .. }) => std::mem::replace(lost, is) != is,
            Some(
                InvitationState::Open
                | InvitationState::Left { .. }
                | InvitationState::Withdrawn { .. }
                | InvitationState::Expired { .. }
                | InvitationState::Declined { .. },
            )
            | None => false,
        }
    }

    pub(crate) fn invitation(&self, id: InvitationId) -> Result<&Invitation, CompanionRefusal> {
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
