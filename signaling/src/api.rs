//! The API for other systems, under `/api/v1`: booking, records, billing, payment.
//!
//! A request goes `caller` (whose key is it, and may it) → `asked` (path, words, body) → its resource. What changes
//! something goes through the clinic task and is answered when it is stored; what is read comes from the store's rows.
//! `document` describes all of it in OpenAPI, from the same code.

mod appointments;
mod asked;
mod audit;
mod caller;
mod change;
mod companions;
mod docs;
mod document;
mod documents;
mod feedback;
mod gates;
mod idempotency;
mod identities;
mod keys;
mod links;
mod name;
mod notes;
mod pagination;
mod patients;
mod practitioners;
mod problem;
mod receipts;
mod refusal;
mod scope;
mod services;
mod shape;
mod visits;

use std::sync::Arc;

use axum::Router;
use axum::http::{HeaderValue, header};
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use axum::routing::get;
use vestibule_vocab::ApiKeyId;

pub(crate) use caller::Caller;
pub(crate) use change::Answer;
pub use document::openapi_json;
pub(crate) use idempotency::Underway;
pub use keys::{ApiKeys, KeyError, KeySummary, NewKey};
pub(crate) use problem::{Code, Problem};
pub(crate) use refusal::refusal;
pub use scope::{BadScope, Scope, Scopes};
pub(crate) use scope::{Needs, needs};

use crate::rate::AddressLimiter;
use crate::shared::{Rates, Shared};
use idempotency::InProgress;

/// Where the API is.
pub(crate) const PREFIX: &str = "/api/v1";

/// What the API remembers between requests.
pub(crate) struct Api {
    rates: AddressLimiter,
    in_progress: InProgress,
}

impl Api {
    pub(crate) fn new(rates: &Rates) -> Self {
        Self {
            rates: AddressLimiter::new(rates.api),
            in_progress: InProgress::default(),
        }
    }

    /// Counts one more request with this key; false when it is one too many.
    fn allows(&self, key: ApiKeyId) -> bool {
        self.rates.allow_one(&key)
    }

    fn begin(&self, by: ApiKeyId, name: &str) -> Result<Underway, Problem> {
        self.in_progress.begin(by, name)
    }
}

/// All routes, below [`PREFIX`].
pub(crate) fn router() -> Router<Arc<Shared>> {
    let (routes, _) = document::routes().split_for_parts();
    routes
        .route("/openapi.json", get(document::serve))
        .route("/docs", get(docs::page))
        .route("/docs.css", get(docs::style))
        .fallback(async || Problem::of(Code::NotFound))
        .method_not_allowed_fallback(async || Problem::of(Code::MethodNotAllowed))
        .layer(from_fn(not_kept))
}

/// What is answered is nobody's to keep: it is about patients, and tomorrow it is another.
async fn not_kept(request: axum::extract::Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    response
}
