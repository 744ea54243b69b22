//! Feedback: what patients told a practitioner in private. Words, and no score: nothing is counted or compared.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use vestibule_vocab::{ConsultationId, PractitionerId, Timestamp};

use super::asked::{Asked, Id};
use super::caller::Caller;
use super::pagination::{Page, Paging, Place, page};
use super::scope::needs;
use super::shape::Moment;
use super::{Code, Problem};
use crate::shared::Shared;
use crate::store::Writing;

pub(super) fn routes() -> OpenApiRouter<Arc<Shared>> {
    OpenApiRouter::new().routes(routes!(list))
}

/// What a patient told a practitioner. Without the patient: who it was is not the matter.
#[derive(Serialize, ToSchema)]
#[schema(as = Feedback)]
struct View {
    /// The consultation after which it was told; there is one of each.
    #[schema(value_type = String, format = Uuid)]
    consultation: ConsultationId,
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
            written_at: writing.at,
            text: writing.text.into_exposed(),
        }
    }
}

/// Where a list stands that is ordered by when something was written.
struct Written(Timestamp, ConsultationId);

impl Place for Written {
    const LIST: u8 = b'f';

    fn bytes(&self) -> Vec<u8> {
        let at = self.0.0.to_be_bytes();
        [&at[..], &self.1.as_bytes()[..]].concat()
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let (at, id) = bytes.split_first_chunk()?;
        let at = Timestamp(u64::from_be_bytes(*at));
        Some(Self(at, ConsultationId::from_bytes(id.try_into().ok()?)))
    }
}

/// List what patients told a practitioner
///
/// In the order in which it was written. What is written anew after a consultation takes the place of what was, and comes
/// last. It is private: give a key with this scope to nobody but a system of that practitioner's own.
#[utoipa::path(
    get,
    path = "/practitioners/{practitioner}/feedback",
    operation_id = "list_feedback",
    tag = "feedback",
    params(("practitioner" = String, Path, format = Uuid, description = "Their id."), Paging),
    responses((status = 200, description = "A page of feedback.", body = Page<View>)),
    security(("api_key" = ["feedback:read"]))
)]
async fn list(
    _caller: Caller<needs::FeedbackRead>,
    State(shared): State<Arc<Shared>>,
    Id(id): Id<PractitionerId>,
    Asked(paging): Asked<Paging>,
) -> Result<Json<Page<View>>, Problem> {
    let limit = paging.limit()?;
    let after = paging.after::<Written>()?;
    let known = shared.store.practitioner(id).await?;
    known.ok_or_else(|| Problem::of(Code::NotFound))?;
    let after = after.map(|it| (it.0, it.1));
    let rows = shared.store.feedback_after(id, after, limit + 1).await?;
    let place = |it: &Writing| Written(it.at, it.consultation);
    Ok(Json(page(rows, limit, place, View::from)))
}
