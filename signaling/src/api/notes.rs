//! Notes: what a practitioner wrote to a patient's regular one. A webhook tells that there is one; here it is fetched.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use vestibule_vocab::{ConsultationId, PatientId, PractitionerId, ServiceId, Timestamp, VisitId};

use super::asked::Id;
use super::caller::Caller;
use super::scope::needs;
use super::shape::Moment;
use super::{Code, Problem};
use crate::shared::Shared;
use crate::store::Writing;

pub(super) fn routes() -> OpenApiRouter<Arc<Shared>> {
    OpenApiRouter::new().routes(routes!(read))
}

/// A note.
#[derive(Serialize, ToSchema)]
#[schema(as = Note)]
struct View {
    /// The consultation that it is about.
    #[schema(value_type = String, format = Uuid)]
    consultation: ConsultationId,
    /// Its visit.
    #[schema(value_type = String, format = Uuid)]
    visit: VisitId,
    /// Whom it is about.
    #[schema(value_type = String, format = Uuid)]
    patient: PatientId,
    /// Who wrote it.
    #[schema(value_type = String, format = Uuid)]
    practitioner: PractitionerId,
    /// What the consultation was for.
    #[schema(value_type = String, format = Uuid)]
    service: ServiceId,
    /// When it was written last.
    #[schema(value_type = Moment)]
    written_at: Timestamp,
    /// What it says.
    text: String,
}

impl From<Writing> for View {
    fn from(writing: Writing) -> Self {
        Self {
            consultation: writing.consultation,
            visit: writing.visit,
            patient: writing.patient,
            practitioner: writing.practitioner,
            service: writing.service,
            written_at: writing.at,
            text: writing.text.into_exposed(),
        }
    }
}

/// Read a note
#[utoipa::path(
    get,
    path = "/notes/{consultation}",
    operation_id = "read_note",
    tag = "notes",
    params(("consultation" = String, Path, format = Uuid, description = "The consultation's id.")),
    responses((status = 200, description = "The note.", body = View)),
    security(("api_key" = ["notes:read"]))
)]
async fn read(
    _caller: Caller<needs::NotesRead>,
    State(shared): State<Arc<Shared>>,
    Id(id): Id<ConsultationId>,
) -> Result<Json<View>, Problem> {
    let found = shared.store.note(id).await?;
    let note = found.ok_or_else(|| Problem::of(Code::NotFound))?;
    Ok(Json(note.into()))
}
