//! Companions: who was invited to come with a patient, and what became of it.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use vestibule_clinic::{
    Clinic, CompanionRole, Host, Input, Invitation, InvitationState, Inviting, Refusal, Visit,
    Withdrawing,
};
use vestibule_vocab::{InvitationId, Timestamp, VisitId};

use super::asked::{Act, Id, Ids, Write};
use super::caller::Caller;
use super::change::carry_out;
use super::pagination::Page;
use super::scope::needs;
use super::shape::{Moment, RoleShape, by_rules};
use super::visits::look;
use super::{Answer, Code, Problem, refusal};
use crate::clinic_task::{Change, validity};
use crate::random;
use crate::shared::Shared;

pub(super) fn routes() -> OpenApiRouter<Arc<Shared>> {
    OpenApiRouter::new()
        .routes(routes!(list, invite))
        .routes(routes!(read))
        .routes(routes!(withdraw))
}

/// Who is invited.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewCompanion {
    /// As what.
    role: RoleShape,
}

/// A companion, by the invitation. Without a name.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Companion)]
struct View {
    /// The invitation's id, and the companion's in consultations.
    #[schema(value_type = String, format = Uuid)]
    id: InvitationId,
    /// The visit that they come to.
    #[schema(value_type = String, format = Uuid)]
    visit: VisitId,
    /// As what.
    #[schema(value_type = RoleShape)]
    role: CompanionRole,
    /// What became of the invitation.
    state: StateWord,
    /// When it was made.
    #[schema(value_type = Moment)]
    invited_at: Timestamp,
    /// Until when somebody may accept it; null when it is not open.
    #[schema(value_type = Option<Moment>)]
    expires_at: Option<Timestamp>,
}

/// What became of an invitation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = CompanionState)]
enum StateWord {
    /// Nobody has accepted it.
    Open,
    /// Somebody has a seat by it.
    Accepted,
    /// Who has a seat by it was away for too long, and takes no part until back.
    Lost,
    /// Who had a seat by it gave it up, or the visit ended.
    Left,
    /// It was taken back.
    Withdrawn,
    /// Nobody accepted it in time.
    Expired,
    /// The colleague whom a practitioner asked said no.
    Declined,
}

/// A companion at this moment.
#[derive(Debug, Serialize, ToSchema)]
struct CompanionNow {
    #[serde(flatten)]
    companion: View,
    /// They have a page open.
    connected: bool,
}

impl From<InvitationState> for StateWord {
    fn from(state: InvitationState) -> Self {
        match state {
            InvitationState::Open => Self::Open,
            InvitationState::Accepted { lost: false, .. } => Self::Accepted,
            InvitationState::Accepted { lost: true, .. } => Self::Lost,
            InvitationState::Left { .. } => Self::Left,
            InvitationState::Withdrawn { .. } => Self::Withdrawn,
            InvitationState::Expired { .. } => Self::Expired,
            InvitationState::Declined { .. } => Self::Declined,
        }
    }
}

impl View {
    fn of(visit: VisitId, invitation: &Invitation) -> Self {
        Self {
            id: invitation.id,
            visit,
            role: invitation.role,
            state: invitation.state.into(),
            invited_at: invitation.invited_at,
            expires_at: invitation.expires_at(),
        }
    }

    fn in_clinic(clinic: &Clinic, visit: VisitId, id: InvitationId) -> Option<Self> {
        let view = clinic.visit(visit)?;
        invitation(view.visit, id).map(|it| Self::of(visit, it))
    }
}

/// The invitation of this id to a visit.
pub(super) fn invitation(visit: &Visit, id: InvitationId) -> Option<&Invitation> {
    let mut all = visit.companions.invitations().iter();
    all.find(|it| it.id == id)
}

/// Somebody is to be invited.
struct Invite {
    visit: VisitId,
    invitation: InvitationId,
    role: CompanionRole,
    now: Timestamp,
}

impl Change for Invite {
    fn input(&mut self, clinic: &Clinic) -> Result<Input, Problem> {
        let visit = going_on(clinic, self.visit)?;
        Ok(Input::Invite(Inviting {
            visit: self.visit,
            by: Host::Administration,
            invitation: self.invitation,
            role: self.role,
            colleague: None,
            valid: validity(visit, self.now),
        }))
    }

    fn answer(&self, clinic: &Clinic) -> Answer {
        let (visit, id) = (self.visit.to_text(), self.invitation.to_text());
        let view = View::in_clinic(clinic, self.visit, self.invitation);
        Answer::made(&format!("/visits/{visit}/companions/{id}"), &view)
    }
}

/// An invitation is to be taken back.
struct Withdraw(VisitId, InvitationId);

impl Change for Withdraw {
    fn input(&mut self, clinic: &Clinic) -> Result<Input, Problem> {
        let visit = going_on(clinic, self.0)?;
        invitation(visit, self.1).ok_or_else(|| Problem::of(Code::NotFound))?;
        Ok(Input::WithdrawInvitation(Withdrawing {
            visit: self.0,
            by: Host::Administration,
            invitation: self.1,
        }))
    }

    fn answer(&self, clinic: &Clinic) -> Answer {
        Answer::done(&View::in_clinic(clinic, self.0, self.1))
    }
}

/// A visit that has not ended.
fn going_on(clinic: &Clinic, id: VisitId) -> Result<&Visit, Problem> {
    let view = clinic.visit(id);
    let view = view.ok_or_else(|| Problem::of(Code::NotFound))?;
    if !view.visit.state.is_active() {
        return Err(refusal(Refusal::VisitEnded));
    }
    Ok(view.visit)
}

/// List the companions of a visit
///
/// All who were invited, in that order; there are never more than twenty. An appointment's visit has the appointment's id.
#[utoipa::path(
    get,
    path = "/visits/{visit}/companions",
    operation_id = "list_companions",
    tag = "companions",
    params(("visit" = String, Path, format = Uuid, description = "The visit's id.")),
    responses((status = 200, description = "The companions, on one page.", body = Page<CompanionNow>)),
    security(("api_key" = ["companions:read"]))
)]
async fn list(
    _caller: Caller<needs::CompanionsRead>,
    State(shared): State<Arc<Shared>>,
    Id(id): Id<VisitId>,
) -> Result<Json<Page<CompanionNow>>, Problem> {
    let (visit, there) = look_at(&shared, id).await?;
    let all = visit.companions.invitations().iter();
    let items = all.map(|it| now(id, it, &there)).collect();
    Ok(Json(Page { items, next: None }))
}

/// Invite a companion
///
/// The link is read apart: `GET /visits/{visit}/companions/{companion}/link`. Three have seats at a time.
#[utoipa::path(
    post,
    path = "/visits/{visit}/companions",
    operation_id = "invite_companion",
    tag = "companions",
    params(("visit" = String, Path, format = Uuid, description = "The visit's id.")),
    request_body = NewCompanion,
    responses((
        status = 201,
        description = "The invitation is made.",
        body = View,
        headers(("Location" = String, description = "Where it is read.")),
        links(
            ("Read" = (operation_id = "read_companion", parameters(("visit" = "$response.body#/visit"), ("companion" = "$response.body#/id")))),
            ("Link" = (operation_id = "link_of_companion", parameters(("visit" = "$response.body#/visit"), ("companion" = "$response.body#/id")))),
            ("Withdraw" = (operation_id = "withdraw_companion", parameters(("visit" = "$response.body#/visit"), ("companion" = "$response.body#/id"))))
        )
    )),
    security(("api_key" = ["companions:write"]))
)]
async fn invite(
    State(shared): State<Arc<Shared>>,
    Id(visit): Id<VisitId>,
    write: Write<needs::CompanionsWrite, NewCompanion>,
) -> Result<Answer, Problem> {
    let invite = Invite {
        visit,
        invitation: InvitationId::from_random(random::bits()?),
        role: by_rules(&write.body.role)?,
        now: shared.clock.now(),
    };
    carry_out(&shared, write.once, invite).await
}

/// Read a companion
#[utoipa::path(
    get,
    path = "/visits/{visit}/companions/{companion}",
    operation_id = "read_companion",
    tag = "companions",
    params(
        ("visit" = String, Path, format = Uuid, description = "The visit's id."),
        ("companion" = String, Path, format = Uuid, description = "The companion's id.")
    ),
    responses((status = 200, description = "The companion.", body = CompanionNow)),
    security(("api_key" = ["companions:read"]))
)]
async fn read(
    _caller: Caller<needs::CompanionsRead>,
    State(shared): State<Arc<Shared>>,
    Ids(id, companion): Ids<VisitId, InvitationId>,
) -> Result<Json<CompanionNow>, Problem> {
    let (visit, there) = look_at(&shared, id).await?;
    let found = invitation(&visit, companion).map(|it| now(id, it, &there));
    found.map(Json).ok_or_else(|| Problem::of(Code::NotFound))
}

/// Take an invitation back
///
/// Whoever came by it is shown out at once. Repeated, it changes nothing.
#[utoipa::path(
    post,
    path = "/visits/{visit}/companions/{companion}/withdraw",
    operation_id = "withdraw_companion",
    tag = "companions",
    params(
        ("visit" = String, Path, format = Uuid, description = "The visit's id."),
        ("companion" = String, Path, format = Uuid, description = "The companion's id.")
    ),
    responses((status = 200, description = "The companion as it is now.", body = View)),
    security(("api_key" = ["companions:write"]))
)]
async fn withdraw(
    State(shared): State<Arc<Shared>>,
    Ids(visit, companion): Ids<VisitId, InvitationId>,
    act: Act<needs::CompanionsWrite>,
) -> Result<Answer, Problem> {
    carry_out(&shared, act.once, Withdraw(visit, companion)).await
}

/// A visit as it is stored, and who of its companions is there.
async fn look_at(shared: &Arc<Shared>, id: VisitId) -> Result<(Visit, Vec<InvitationId>), Problem> {
    let found = shared.store.visit(id).await?;
    let visit = found.ok_or_else(|| Problem::of(Code::NotFound))?;
    let seated = visit.companions.seated().next().is_some();
    let there = if seated {
        look(shared, id).await?.company
    } else {
        Vec::new()
    };
    Ok((visit, there))
}

fn now(visit: VisitId, invitation: &Invitation, there: &[InvitationId]) -> CompanionNow {
    CompanionNow {
        companion: View::of(visit, invitation),
        connected: there.contains(&invitation.id),
    }
}
