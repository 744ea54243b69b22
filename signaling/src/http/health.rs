//! Health, for whatever watches over the server.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;

use crate::sfu::SfuStatus;
use crate::shared::Shared;

/// `GET /healthz`: the process answers.
pub(super) async fn live() -> &'static str {
    "ok\n"
}

/// What must be well for people to be served.
#[derive(Debug, Serialize)]
pub(super) struct Readiness {
    /// The store takes writes.
    store: bool,
    /// An SFU answers.
    sfu: bool,
}

/// `GET /readyz`: 200 when people can be served, else 503 and what is missing.
pub(super) async fn ready(State(shared): State<Arc<Shared>>) -> (StatusCode, Json<Readiness>) {
    let readiness = Readiness {
        store: shared.store.probe().await.is_ok(),
        sfu: *shared.sfu.borrow() != SfuStatus::Down,
    };
    let status = if readiness.store && readiness.sfu {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    (status, Json(readiness))
}
