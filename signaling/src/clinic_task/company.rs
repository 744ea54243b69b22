//! Companions: who may invite them, what they ask for, and what they see.

use vestibule_clinic::{
    Accepting, CompanionRole, CompanionView, Declining, Host, Input, Invitation, InvitationState,
    Inviting, Visit, VisitState, VisitView, Withdrawing, limits as rules,
};
use vestibule_protocol::company::{
    self, AskedAlong, CompanionEnd, CompanionSnapshot, CompanionState, InvitationView,
};
use vestibule_protocol::server::Reply;
use vestibule_protocol::{ErrorBody, ErrorCode};
use vestibule_vocab::{
    InvitationId, Millis, ParticipantId, PractitionerId, Redacted, Timestamp, VisitId,
};

use super::batch::Batch;
use super::desk::Desk;
use super::requests::practitioner;
use super::translate;
use crate::identity::Subject;
use crate::{limits, random};

impl Desk {
    /// Makes an invitation, and the token for whoever is invited, unless it is for a colleague alone.
    pub(super) fn invite(
        &mut self,
        subject: Subject,
        visit: Option<VisitId>,
        (role, colleague): (company::CompanionRole, Option<PractitionerId>),
        batch: &mut Batch,
    ) -> Result<Option<Reply>, ErrorBody> {
        if let Some(colleague) = colleague {
            return self.ask_along(subject, visit, (role, colleague), batch);
        }
        let role = translate::companion_role(role);
        let (by, visit) = host(subject, visit)?;
        let invitation = new_invitation()?;
        let valid = self.validity(visit)?;
        let expires_at = self.around.clock.now().plus(valid);
        let reply = self.invitation_reply(invitation, visit, expires_at)?;
        self.ask(
            Input::Invite(Inviting {
                visit,
                by,
                invitation,
                role,
                colleague: None,
                valid,
            }),
            batch,
        )?;
        Ok(Some(reply))
    }

    /// Asks a colleague, who finds it in their console. There is no token that anybody else could come by.
    fn ask_along(
        &mut self,
        subject: Subject,
        visit: Option<VisitId>,
        (role, colleague): (company::CompanionRole, PractitionerId),
        batch: &mut Batch,
    ) -> Result<Option<Reply>, ErrorBody> {
        practitioner(subject)?;
        if role != company::CompanionRole::SecondPractitioner {
            return Err(ErrorCode::Malformed.into());
        }
        let (by, visit) = host(subject, visit)?;
        let inviting = Inviting {
            visit,
            by,
            invitation: new_invitation()?,
            role: CompanionRole::SecondPractitioner,
            colleague: Some(colleague),
            valid: self.validity(visit)?,
        };
        self.ask(Input::Invite(inviting), batch)
    }

    /// A practitioner comes along whom a colleague asked: what opens the page for it is theirs, and so is the seat.
    pub(super) fn join(
        &self,
        subject: Subject,
        invitation: InvitationId,
    ) -> Result<Option<Reply>, ErrorCode> {
        let asked = practitioner(subject)?;
        let visit = self.clinic.may_join(asked, invitation);
        let visit = visit.map_err(translate::refusal)?;
        let expires_at = self.around.clock.now().plus(limits::MOVE_TOKEN);
        self.invitation_reply(invitation, visit, expires_at)
            .map(Some)
    }

    fn validity(&self, visit: VisitId) -> Result<Millis, ErrorCode> {
        let view = self.clinic.visit(visit).ok_or(ErrorCode::NotFound)?;
        Ok(validity(view.visit, self.around.clock.now()))
    }

    fn invitation_reply(
        &self,
        invitation: InvitationId,
        visit: VisitId,
        expires_at: Timestamp,
    ) -> Result<Reply, ErrorCode> {
        let invited = Subject::Companion { invitation, visit };
        let now = self.around.clock.now();
        let token = self.around.tokens.issue(invited, now, expires_at);
        Ok(Reply::Invitation {
            invitation,
            token: token.map_err(|_| ErrorCode::Unavailable)?,
            expires_at,
        })
    }

    /// Where colleagues ask a practitioner to come along.
    pub(super) fn asked_along(&self, practitioner: PractitionerId) -> Vec<AskedAlong> {
        let asked = self.clinic.asked_along(practitioner).take(limits::ASKED);
        let asked = asked.filter_map(|(_, invitation)| {
            Some(AskedAlong {
                invitation: invitation.id,
                by: self.practitioner_name(invitation.colleague?.asked_by),
                joined: invitation.companion().is_some(),
            })
        });
        asked.collect()
    }

    /// A practitioner says no to a colleague who asked.
    pub(super) fn decline_invitation(
        &mut self,
        subject: Subject,
        invitation: InvitationId,
        batch: &mut Batch,
    ) -> Result<Option<Reply>, ErrorBody> {
        let declining = Declining {
            practitioner: practitioner(subject)?,
            invitation,
        };
        self.ask(Input::DeclineInvitation(declining), batch)
    }

    pub(super) fn withdraw_invitation(
        &mut self,
        subject: Subject,
        visit: Option<VisitId>,
        invitation: InvitationId,
        batch: &mut Batch,
    ) -> Result<Option<Reply>, ErrorBody> {
        let (by, visit) = host(subject, visit)?;
        let withdrawing = Withdrawing {
            visit,
            by,
            invitation,
        };
        self.ask(Input::WithdrawInvitation(withdrawing), batch)
    }

    /// A companion says who they are; their device may say that they are a practitioner of the clinic's.
    pub(super) fn accompany(
        &mut self,
        (invitation, visit): (InvitationId, VisitId),
        practitioner: Option<PractitionerId>,
        name: Redacted<String>,
        batch: &mut Batch,
    ) -> Result<Option<Reply>, ErrorBody> {
        let accepting = Accepting {
            visit,
            invitation,
            companion: invitation.into(),
            practitioner,
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
            name: own
                .and_then(|own| own.colleague)
                .map(|colleague| self.practitioner_name(colleague.who)),
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
        invitations
            .filter_map(|it| self.invitation_view(&it))
            .filter(|it| !it.declined)
            .collect()
    }

    /// The same as practitioners see them: also who of them said no, until they are asked anew.
    pub(super) fn invitations_and_refusals(&self, visit: &Visit) -> Vec<InvitationView> {
        let declined: Vec<_> = visit.companions.declined().collect();
        let invitations = self.clinic.companions_of(visit);
        invitations
            .filter_map(|it| self.invitation_view(&it))
            .filter(|it| !it.declined || declined.contains(&it.invitation))
            .collect()
    }

    fn invitation_view(&self, view: &CompanionView<'_>) -> Option<InvitationView> {
        let invitation = view.invitation;
        let name = match invitation.state {
            InvitationState::Open | InvitationState::Declined { .. } => None,
            InvitationState::Accepted { .. } => Some(invitation.name.clone()),
            InvitationState::Left { .. }
            | InvitationState::Withdrawn { .. }
            | InvitationState::Expired { .. } => return None,
        };
        let colleague = invitation.colleague;
        Some(InvitationView {
            invitation: invitation.id,
            role: translate::wire_companion_role(invitation.role),
            colleague: colleague.map(|it| self.practitioner_name(it.who)),
            name,
            connected: view.connected,
            declined: matches!(invitation.state, InvitationState::Declined { .. }),
        })
    }
}

fn new_invitation() -> Result<InvitationId, ErrorCode> {
    let bits = random::bits().map_err(|_| ErrorCode::Unavailable)?;
    Ok(InvitationId::from_random(bits))
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

fn state(view: Option<&VisitView<'_>>, own: Option<&Invitation>) -> CompanionState {
    let over = |why| CompanionState::Over { why };
    let Some(view) = view.filter(|view| view.visit.state.is_active()) else {
        return over(CompanionEnd::VisitEnded);
    };
    match own.map(|own| own.state) {
        Some(InvitationState::Open) => CompanionState::Invited,
        Some(InvitationState::Accepted { lost: true, .. }) => CompanionState::Away,
        Some(InvitationState::Accepted { lost: false, .. }) => with_the_patient(view),
        Some(InvitationState::Left { .. } | InvitationState::Declined { .. }) => {
            over(CompanionEnd::Left)
        }
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
