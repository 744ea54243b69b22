//! Links by which people come in. Each holds a token that is good once, and is stored nowhere.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use vestibule_clinic::{Invitation, VisitState};
use vestibule_vocab::{InvitationId, PractitionerId, Redacted, Timestamp, VisitId};

use super::asked::{Id, Ids};
use super::caller::Caller;
use super::companions::invitation;
use super::scope::needs;
use super::shape::Moment;
use super::{Code, Problem};
use crate::identity::Subject;
use crate::limits;
use crate::shared::Shared;

pub(super) fn routes() -> OpenApiRouter<Arc<Shared>> {
    OpenApiRouter::new()
        .routes(routes!(of_appointment))
        .routes(routes!(of_practitioner))
        .routes(routes!(of_companion))
}

/// A link. Whoever opens it first comes in as its person, from one device.
#[derive(Debug, Serialize, ToSchema)]
struct Link {
    /// The path below the clinic's address. What stands behind the `#` is a secret.
    #[schema(value_type = String, example = "/visit#j=TOKEN")]
    path: Redacted<String>,
    /// Until when it can be opened.
    #[schema(value_type = Moment)]
    expires_at: Timestamp,
}

fn link(
    shared: &Shared,
    page: &str,
    subject: Subject,
    expires_at: Timestamp,
) -> Result<Json<Link>, Problem> {
    let now = shared.clock.now();
    let token = shared
        .tokens
        .issue(subject, now, expires_at)
        .map_err(|_| Problem::of(Code::Unavailable))?;
    Ok(Json(Link {
        path: Redacted::new(format!("{page}#j={}", token.expose())),
        expires_at,
    }))
}

/// Make the link of an appointment's patient
///
/// Good until the appointment's end, and at least for a day. Earlier links stay good; each is for one device.
#[utoipa::path(
    get,
    path = "/appointments/{appointment}/link",
    operation_id = "link_of_appointment",
    tag = "links",
    params(("appointment" = String, Path, format = Uuid, description = "Its id.")),
    responses((status = 200, description = "The link.", body = Link)),
    security(("api_key" = ["links:read"]))
)]
async fn of_appointment(
    _caller: Caller<needs::LinksRead>,
    State(shared): State<Arc<Shared>>,
    Id(id): Id<VisitId>,
) -> Result<Json<Link>, Problem> {
    let visit = shared.store.visit(id).await?;
    let visit = visit.filter(|visit| !matches!(visit.state, VisitState::Ended { .. }));
    let planned = visit.and_then(|visit| Some((visit.patient, visit.appointment?)));
    let (patient, appointment) = planned.ok_or_else(|| Problem::of(Code::NotFound))?;
    let subject = Subject::Patient { patient, visit: id };
    let soonest = shared.clock.now().plus(limits::PATIENT_SESSION);
    link(
        &shared,
        "/visit",
        subject,
        appointment.ends_at().max(soonest),
    )
}

/// Make the link of a practitioner
///
/// Good for twelve hours.
#[utoipa::path(
    get,
    path = "/practitioners/{practitioner}/link",
    operation_id = "link_of_practitioner",
    tag = "links",
    params(("practitioner" = String, Path, format = Uuid, description = "Their id.")),
    responses((status = 200, description = "The link.", body = Link)),
    security(("api_key" = ["links:read"]))
)]
async fn of_practitioner(
    _caller: Caller<needs::LinksRead>,
    State(shared): State<Arc<Shared>>,
    Id(id): Id<PractitionerId>,
) -> Result<Json<Link>, Problem> {
    let known = shared.store.practitioner(id).await?;
    known.ok_or_else(|| Problem::of(Code::NotFound))?;
    let expires_at = shared.clock.now().plus(limits::PRACTITIONER_TOKEN);
    link(&shared, "/console", Subject::Practitioner(id), expires_at)
}

/// Make the link of a companion
///
/// For as long as the invitation is open. Whoever opens it first is invited.
#[utoipa::path(
    get,
    path = "/visits/{visit}/companions/{companion}/link",
    operation_id = "link_of_companion",
    tag = "links",
    params(
        ("visit" = String, Path, format = Uuid, description = "The visit's id."),
        ("companion" = String, Path, format = Uuid, description = "The companion's id.")
    ),
    responses((status = 200, description = "The link.", body = Link)),
    security(("api_key" = ["links:read"]))
)]
async fn of_companion(
    _caller: Caller<needs::LinksRead>,
    State(shared): State<Arc<Shared>>,
    Ids(id, companion): Ids<VisitId, InvitationId>,
) -> Result<Json<Link>, Problem> {
    let visit = shared.store.visit(id).await?;
    let invitation = visit
        .as_ref()
        .and_then(|visit| invitation(visit, companion));
    let expires_at = invitation.and_then(Invitation::expires_at);
    let expires_at = expires_at.filter(|at| *at > shared.clock.now());
    let expires_at = expires_at.ok_or_else(|| Problem::of(Code::NotFound))?;
    let subject = Subject::Companion {
        invitation: companion,
        visit: id,
    };
    link(&shared, "/companion", subject, expires_at)
}
