//! The audit log: who did what on which visit, in codes.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Problem;
use super::asked::Asked;
use super::caller::Caller;
use super::pagination::{Number, Page, Paging, page};
use super::scope::needs;
use crate::shared::Shared;
use crate::store::AuditLine;

pub(super) fn routes() -> OpenApiRouter<Arc<Shared>> {
    OpenApiRouter::new().routes(routes!(list))
}

/// One line of the log.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AuditLine)]
struct View {
    /// From 1, without gaps.
    sequence: u64,
    /// SHA-256, in hexadecimal digits, over the hash of the line before (32 zero bytes before the first) and the entry's
    /// text.
    hash: String,
    /// The entry's text, as it was hashed: JSON with `at`, `actor` and `act`.
    entry: String,
}

impl From<AuditLine> for View {
    fn from(line: AuditLine) -> Self {
        let digits = line.hash.iter().map(|byte| format!("{byte:02x}"));
        Self {
            sequence: line.sequence,
            hash: digits.collect(),
            entry: line.entry,
        }
    }
}

/// List the audit log
///
/// In order. A cursor of this list stays good, and so the log can be followed.
#[utoipa::path(
    get,
    path = "/audit",
    operation_id = "list_audit",
    tag = "audit",
    params(Paging),
    responses((status = 200, description = "A page of lines.", body = Page<View>)),
    security(("api_key" = ["audit:read"]))
)]
async fn list(
    _caller: Caller<needs::AuditRead>,
    State(shared): State<Arc<Shared>>,
    Asked(paging): Asked<Paging>,
) -> Result<Json<Page<View>>, Problem> {
    let limit = paging.limit()?;
    let after = paging.after::<Number<b'a'>>()?.map_or(0, |place| place.0);
    let rows = shared.store.audit_after(after, limit + 1).await?;
    let place = |line: &AuditLine| Number::<b'a'>(line.sequence);
    Ok(Json(page(rows, limit, place, View::from)))
}
