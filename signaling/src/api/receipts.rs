//! Receipts: that a consultation took place, and when. Nothing of what it was about.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use vestibule_clinic::ConsultationEnd;
use vestibule_vocab::{ConsultationId, PatientId, PractitionerId, ServiceId, Timestamp, VisitId};

use super::asked::{Asked, Id};
use super::caller::Caller;
use super::pagination::{Number, Page, Paging, page};
use super::scope::needs;
use super::shape::Moment;
use super::visits::word;
use super::{Code, Problem};
use crate::shared::Shared;
use crate::store::Receipt;

pub(super) fn routes() -> OpenApiRouter<Arc<Shared>> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(read))
}

/// A receipt.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Receipt)]
struct View {
    /// The consultation that it is for.
    #[schema(value_type = String, format = Uuid)]
    consultation: ConsultationId,
    /// The visit that was admitted.
    #[schema(value_type = String, format = Uuid)]
    visit: VisitId,
    /// Whose it was.
    #[schema(value_type = String, format = Uuid)]
    patient: PatientId,
    /// Who saw them.
    #[schema(value_type = String, format = Uuid)]
    practitioner: PractitionerId,
    /// What for.
    #[schema(value_type = String, format = Uuid)]
    service: ServiceId,
    /// When it began.
    #[schema(value_type = Moment)]
    started_at: Timestamp,
    /// When it ended.
    #[schema(value_type = Moment)]
    ended_at: Timestamp,
    /// How: `completed`, `transferred`, `patient_left`, `patient_lost` or `practitioner_lost`.
    ended_by: &'static str,
    /// What the practitioner concluded; null when they did not.
    conclusion: Option<String>,
    /// For how long pictures came from two people at least, in milliseconds.
    video_ms: u64,
    /// For how long two people at least had sound, and no pictures, in milliseconds.
    audio_ms: u64,
    /// For how long the consultation was under way, not on hold, and neither flowed, in milliseconds.
    neither_ms: u64,
}

impl View {
    fn of(Receipt { consultation, talk }: Receipt) -> Option<Self> {
        let ended = consultation.ended?;
        let (ended_by, conclusion) = match ended.how {
            ConsultationEnd::Completed(conclusion) => ("completed", word(&conclusion)),
            ConsultationEnd::Transferred => ("transferred", None),
            ConsultationEnd::PatientLeft => ("patient_left", None),
            ConsultationEnd::PatientLost => ("patient_lost", None),
            ConsultationEnd::PractitionerLost => ("practitioner_lost", None),
        };
        Some(Self {
            consultation: consultation.id,
            visit: consultation.visit,
            patient: consultation.patient,
            practitioner: consultation.practitioner,
            service: consultation.service,
            started_at: consultation.started_at,
            ended_at: ended.at,
            ended_by,
            conclusion,
            video_ms: talk.video_ms,
            audio_ms: talk.audio_ms,
            neither_ms: talk.neither_ms,
        })
    }
}

/// List receipts
///
/// In the order in which the consultations ended. They outlive the visits. Until some seconds after the end the
/// lengths may still grow.
#[utoipa::path(
    get,
    path = "/receipts",
    operation_id = "list_receipts",
    tag = "receipts",
    params(Paging),
    responses((status = 200, description = "A page of receipts.", body = Page<View>)),
    security(("api_key" = ["receipts:read"]))
)]
async fn list(
    _caller: Caller<needs::ReceiptsRead>,
    State(shared): State<Arc<Shared>>,
    Asked(paging): Asked<Paging>,
) -> Result<Json<Page<View>>, Problem> {
    let limit = paging.limit()?;
    let after = paging.after::<Number<b'r'>>()?.map(|place| place.0);
    let rows = shared.store.receipts_after(after, limit + 1).await?;
    let place =
        |it: &Receipt| Number::<b'r'>(it.consultation.ended.map_or(0, |ended| ended.number));
    let Page { items, next } = page(rows, limit, place, View::of);
    let items = items.into_iter().flatten().collect();
    Ok(Json(Page { items, next }))
}

/// Read a receipt
#[utoipa::path(
    get,
    path = "/receipts/{consultation}",
    operation_id = "read_receipt",
    tag = "receipts",
    params(("consultation" = String, Path, format = Uuid, description = "The consultation's id.")),
    responses((status = 200, description = "The receipt.", body = View)),
    security(("api_key" = ["receipts:read"]))
)]
async fn read(
    _caller: Caller<needs::ReceiptsRead>,
    State(shared): State<Arc<Shared>>,
    Id(id): Id<ConsultationId>,
) -> Result<Json<View>, Problem> {
    let found = shared.store.receipt(id).await?;
    let view = found.and_then(View::of);
    view.map(Json).ok_or_else(|| Problem::of(Code::NotFound))
}
