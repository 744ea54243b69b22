//! Companions: who may invite them, what they ask for, and what they see.

use vestibule_clinic::{
    Accepting, CompanionRole, CompanionView, Host, Input, Invitation, InvitationState, Inviting,
    Visit, VisitState, VisitView, Withdrawing, limits as rules,
};
use vestibule_protocol::ErrorCode;
use vestibule_protocol::company::{
    CompanionEnd, CompanionSnapshot, CompanionState, InvitationView,
};
use vestibule_protocol::server::Reply;
use vestibule_vocab::{InvitationId, Millis, ParticipantId, Redacted, Timestamp, VisitId};

use super::batch::Batch;
use super::desk::Desk;
use super::translate;
use crate::identity::Subject;
use crate::{limits, random};

impl Desk {
    /// Makes an invitation, and the token for whoever is invited.
    pub(super) fn invite(
        &mut self,
        subject: Subject,
        visit: Option<VisitId>,
        role: CompanionRole,
        batch: &mut Batch,
    ) -> Result<Option<Reply>, ErrorCode> {
        let (by, visit) = host(subject, visit)?;
        let bits = random::bits().map_err(|_| ErrorCode::Unavailable)?;
        let invitation = InvitationId::from_random(bits);
        let now = self.around.clock.now();
        let view = self.clinic.visit(visit).ok_or(ErrorCode::NotFound)?;
        let valid = validity(view.visit, now);
        let expires_at = now.plus(valid);
        let invited = Subject::Companion { invitation, visit };
        let token = self.around.tokens.issue(invited, now, expires_at);
        let token = token.map_err(|_| ErrorCode::Unavailable)?;
        self.ask(
            Input::Invite(Inviting {
                visit,
                by,
                invitation,
                role,
                valid,
            }),
            batch,
        )?;
        Ok(Some(Reply::Invitation {
            invitation,
            token,
            expires_at,
        }))
    }

    pub(super) fn withdraw_invitation(
        &mut self,
        subject: Subject,
        visit: Option<VisitId>,
        invitation: InvitationId,
        batch: &mut Batch,
    ) -> Result<Option<Reply>, ErrorCode> {
        let (by, visit) = host(subject, visit)?;
        let withdrawing = Withdrawing {
            visit,
            by,
            invitation,
        };
        self.ask(Input::WithdrawInvitation(withdrawing), batch)
    }

    /// A companion says who they are.
    pub(super) fn accompany(
        &mut self,
        (invitation, visit): (InvitationId, VisitId),
        name: Redacted<String>,
        batch: &mut Batch,
    ) -> Result<Option<Reply>, ErrorCode> {
        let accepting = Accepting {
            visit,
            invitation,
            companion: invitation.into(),
            name,
        };
        self.ask(Input::AcceptInvitation(Box::new(accepting)), batch)
    }

    pub(super) fn companion_snapshot(
        &self,
        invitation: InvitationId,
        visit: VisitId,
    ) -> CompanionSnapshot {
        let participant = ParticipantId::from(invitation);
        let view = self.clinic.visit(visit);
        let own = view.and_then(|view| invitation_of(view.visit, invitation));
        let subject = Subject::Companion { invitation, visit };
        let consultation = self.consultation_of(subject);
        let service = view.map_or(self.around.service, |view| view.visit.service);
        CompanionSnapshot {
            revision: self.version,
            card: self.card(service),
            role: own.map(|own| translate::wire_companion_role(own.role)),
            patient: view
                .filter(|_| own.is_some_and(|own| own.companion().is_some()))
                .map(|view| view.visit.name.clone()),
            state: state(view.as_ref(), own),
            leg: consultation.and_then(|it| self.calls.leg_of(participant, Some(it.id))),
            consultation: consultation.map(|it| self.consultation_view(it)),
        }
    }

    /// The invitations to a visit by which somebody is there.
    pub(super) fn company_there(&self, visit: &Visit) -> Vec<InvitationId> {
        let there = self.clinic.companions_of(visit).filter(|it| it.connected);
        there.map(|it| it.invitation.id).collect()
    }

    /// The invitations to a visit that stand.
    pub(super) fn invitations(&self, visit: &Visit) -> Vec<InvitationView> {
        let invitations = self.clinic.companions_of(visit);
        invitations.filter_map(|it| invitation_view(&it)).collect()
    }
}

/// How long an invitation is good: for a day, or until the day after the appointment.
pub(crate) fn validity(visit: &Visit, now: Timestamp) -> Millis {
    let until = visit.appointment.map(|it| it.at.since(now));
    let valid = limits::INVITATION
        .0
        .saturating_add(until.unwrap_or_default().0);
    Millis(valid).min(rules::INVITATION_VALID_MAX)
}

/// Who invites, and to which visit.
fn host(subject: Subject, visit: Option<VisitId>) -> Result<(Host, VisitId), ErrorCode> {
    match subject {
        Subject::Patient {
            patient,
            visit: own,
        } => Ok((Host::Patient { patient }, visit.unwrap_or(own))),
        Subject::Practitioner(practitioner) => {
            let visit = visit.ok_or(ErrorCode::Malformed)?;
            Ok((Host::Practitioner { practitioner }, visit))
        }
        Subject::Companion { .. } => Err(ErrorCode::NotPermitted),
    }
}

fn invitation_of(visit: &Visit, id: InvitationId) -> Option<&Invitation> {
    let mut invitations = visit.companions.invitations().iter();
    invitations.find(|it| it.id == id)
}

fn invitation_view(view: &CompanionView<'_>) -> Option<InvitationView> {
    let invitation = view.invitation;
    let name = match invitation.state {
        InvitationState::Open => None,
        InvitationState::Accepted { .. } => Some(invitation.name.clone()),
        InvitationState::Left { .. }
        | InvitationState::Withdrawn { .. }
        | InvitationState::Expired { .. } => return None,
    };
    Some(InvitationView {
        invitation: invitation.id,
        role: translate::wire_companion_role(invitation.role),
        name,
        connected: view.connected,
    })
}

fn state(view: Option<&VisitView<'_>>, own: Option<&Invitation>) -> CompanionState {
    let over = |why| CompanionState::Over { why };
    let Some(view) = view.filter(|view| view.visit.state.is_active()) else {
        return over(CompanionEnd::VisitEnded);
    };
    match own.map(|own| own.state) {
        Some(InvitationState::Open) => CompanionState::Invited,
        Some(InvitationState::Accepted { .. }) => with_the_patient(view),
        Some(InvitationState::Left { .. }) => over(CompanionEnd::Left),
        Some(InvitationState::Expired { .. }) => over(CompanionEnd::Expired),
        Some(InvitationState::Withdrawn { .. }) | None => over(CompanionEnd::Withdrawn),
    }
}

fn with_the_patient(view: &VisitView<'_>) -> CompanionState {
    match view.visit.state {
        VisitState::InConsultation { consultation } => {
            CompanionState::InConsultation { consultation }
        }
        VisitState::OnHold { consultation } => CompanionState::OnHold { consultation },
        VisitState::Expected
        | VisitState::Waiting
        | VisitState::Admitted { .. }
        | VisitState::Ended { .. } => CompanionState::Waiting { place: view.place },
    }
}
