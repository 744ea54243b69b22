//! FHIR R4 read views, under `/fhir/r4`: what other systems of the clinic read in the form that they know.
//!
//! A request goes `reader` (whose key is it, and may it) → its [`Kind`], which finds rows of the store → the mapping of
//! that resource, a file each. Nothing is written here, and every error is an [`Outcome`].

mod appointment;
mod audit_event;
mod bundle;
mod capability;
mod consent;
mod date;
mod element;
mod encounter;
mod found;
mod kind;
mod names;
mod outcome;
mod questionnaire_response;
mod reader;
mod search;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use axum::Router;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;

use element::{Resource, coding, concept, instant, minutes, words};
use found::{Found, When};
use kind::{Appointment, AuditEvent, Consent, Encounter, Kind, QuestionnaireResponse};
use names::Names;
pub(crate) use outcome::Outcome;
pub(crate) use questionnaire_response::completed_at;
use reader::{Format, Reader, Words};
use search::Search;

use crate::shared::Shared;

/// Where the views are.
pub(crate) const PREFIX: &str = "/fhir/r4";

/// The media type of FHIR's JSON.
const MEDIA_TYPE: &str = "application/fhir+json";

/// All routes, below [`PREFIX`].
pub(crate) fn router() -> Router<Arc<Shared>> {
    let router = Router::new().route("/metadata", get(metadata));
    let router = routes::<Appointment>(router);
    let router = routes::<AuditEvent>(router);
    let router = routes::<Consent>(router);
    let router = routes::<Encounter>(router);
    routes::<QuestionnaireResponse>(router)
        .fallback(async || Outcome::no_such_kind())
        .method_not_allowed_fallback(async || Outcome::read_only())
}

fn routes<K: Kind>(router: Router<Arc<Shared>>) -> Router<Arc<Shared>> {
    router
        .route(&format!("/{}", K::NAME), get(search::<K>))
        .route(&format!("/{}/{{id}}", K::NAME), get(read::<K>))
}

/// `GET /metadata`, for anybody.
async fn metadata(
    _format: Format,
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
) -> Response {
    respond(
        StatusCode::OK,
        &capability::statement(&base(&shared, &headers)),
    )
}

/// `GET /{kind}/{id}`.
async fn read<K: Kind>(
    _format: Format,
    _reader: Reader<K>,
    State(shared): State<Arc<Shared>>,
    id: Result<Path<String>, PathRejection>,
) -> Result<Response, Outcome> {
    let Path(id) = id.map_err(|_| Outcome::not_found(K::MISSING))?;
    let names = Names(shared.store.clinic().await?);
    let found = K::read(&shared.store, &names, &id).await?;
    let found = found.ok_or_else(|| Outcome::not_found(K::MISSING))?;
    Ok(respond(StatusCode::OK, &found.resource))
}

/// `GET /{kind}?...`.
async fn search<K: Kind>(
    _format: Format,
    _reader: Reader<K>,
    State(shared): State<Arc<Shared>>,
    Words(words): Words,
    headers: HeaderMap,
) -> Result<Response, Outcome> {
    let names = Names(shared.store.clinic().await?);
    let service = shared.store.service(names.0.service).await?;
    let zone = date::zone_of(service.as_ref());
    let search = Search::read(words, K::PARAMETERS, &names, &zone)?;
    let rows = K::rows(&shared.store, &names, &search).await?;
    let page = bundle::page::<K>(&base(&shared, &headers), &search, rows);
    Ok(respond(StatusCode::OK, &page))
}

/// The address of the views, as whoever asks knows the server.
fn base(shared: &Shared, headers: &HeaderMap) -> String {
    format!("{}{PREFIX}", shared.origins.site(headers))
}

/// An answer. It is nobody's to keep: it is about patients, and tomorrow it is another.
fn respond(status: StatusCode, resource: &Resource) -> Response {
    let mut response = (status, resource.expose().to_string()).into_response();
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/fhir+json; charset=utf-8"),
    );
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
