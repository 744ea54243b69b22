//! Links by which people come in. Each holds a token that is good once, and is stored nowhere.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use vestibule_clinic::{IdentityLevel, Invitation, Refusal, VisitState};
use vestibule_vocab::{InvitationId, PractitionerId, Redacted, Timestamp, VisitId};

use super::asked::{Asked, Id, Ids};
use super::caller::Caller;
use super::companions::invitation;
use super::scope::needs;
use super::shape::{LevelShape, Moment, by_rules};
use super::{Code, Problem, refusal};
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

/// What is stated with the link of a patient.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Stated {
    /// How surely the system that asks knows who the patient is: the session that the link begins claims it, and gates of
    /// identity follow. The holder of a link, unless said. Needs the scope `identity:write` as well.
    #[serde(default)]
    identity: Option<LevelShape>,
}

fn link(
    shared: &Shared,
    page: &str,
    (subject, level): (Subject, IdentityLevel),
    expires_at: Timestamp,
) -> Result<Json<Link>, Problem> {
    let now = shared.clock.now();
    let token = shared
        .tokens
        .issue_at(subject, level, now, expires_at)
        .map_err(|_| Problem::of(Code::Unavailable))?;
    Ok(Json(Link {
        path: Redacted::new(format!("{page}#j={}", token.expose())),
        expires_at,
    }))
}

/// Make the link of an appointment's patient
///
/// Good until the appointment's end, and at least for a day. Earlier links stay good; each is for one device, and takes the
/// place over from the one before: make it when you know who asks. A patient who is known more surely than when the link was
/// made gets a new one.
#[utoipa::path(
    get,
    path = "/appointments/{appointment}/link",
    operation_id = "link_of_appointment",
    tag = "links",
    params(("appointment" = String, Path, format = Uuid, description = "Its id."), Stated),
    responses(
        (status = 200, description = "The link.", body = Link),
        (
            status = 409,
            description = "The appointment was called off, or its visit is over.",
            body = Problem,
            content_type = "application/problem+json",
        ),
    ),
    security(("api_key" = ["links:read"]))
)]
async fn of_appointment(
    caller: Caller<needs::LinksRead>,
    State(shared): State<Arc<Shared>>,
    Id(id): Id<VisitId>,
    Asked(stated): Asked<Stated>,
) -> Result<Json<Link>, Problem> {
    let level = match &stated.identity {
        None => IdentityLevel::Link,
        Some(level) => {
            caller.needs_also(needs::IdentityWrite)?;
            by_rules(level)?
        }
    };
    let visit = shared.store.visit(id).await?;
    let planned = visit.and_then(|visit| Some((visit.appointment?, visit)));
    let (appointment, visit) = planned.ok_or_else(|| Problem::of(Code::NotFound))?;
    if let VisitState::Ended { .. } = visit.state {
        return Err(refusal(Refusal::VisitEnded));
    }
    let patient = visit.patient;
    let subject = Subject::Patient { patient, visit: id };
    let soonest = shared.clock.now().plus(limits::PATIENT_SESSION);
    link(
        &shared,
        "/visit",
        (subject, level),
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
    let subject = Subject::Practitioner(id);
    let subject = (subject, IdentityLevel::Link);
    link(&shared, "/console", subject, expires_at)
}

/// Make the link of a companion
///
/// For as long as the invitation is open. Whoever opens it first is invited. A colleague who was asked along comes from
/// their console, and there is no link for them.
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
        .and_then(|visit| invitation(visit, companion))
        // Whoever had a link to a colleague's seat would be taken for the colleague, who comes from their console.
        .filter(|it| it.colleague.is_none());
    let expires_at = invitation.and_then(Invitation::expires_at);
    let expires_at = expires_at.filter(|at| *at > shared.clock.now());
    let expires_at = expires_at.ok_or_else(|| Problem::of(Code::NotFound))?;
    let subject = Subject::Companion {
        invitation: companion,
        visit: id,
    };
    let subject = (subject, IdentityLevel::Link);
    link(&shared, "/companion", subject, expires_at)
}
