//! HTTP: the API, the pages, the way to the WebSocket.

mod exchange;
mod failure;
mod guard;
mod headers;
mod health;
mod origin;
mod pages;
mod proxies;
mod sign_in;

use std::sync::Arc;

use axum::Router;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use vestibule_protocol::ErrorCode;

use failure::Failure;
pub use origin::BadOrigin;
pub(crate) use origin::Origins;
pub use pages::{Page, Pages};

pub(crate) use guard::Limiters;
pub(crate) use headers::SecurityHeaders;

use crate::limits;
use crate::metrics::Surface;
use crate::shared::Shared;
use crate::socket;
use crate::{api, fhir};

/// Where the WebSocket is.
const SOCKET_PATH: &str = "/api/v1/ws";

/// Where pages turn links into sessions, and people begin and end to sign in.
const EXCHANGES: [&str; 4] = [
    "/api/v1/walk-ins",
    "/api/v1/sessions",
    "/api/v1/sign-ins",
    sign_in::REDIRECT,
];

/// All routes, for one listener.
pub(crate) fn router(shared: Arc<Shared>, headers: SecurityHeaders) -> Router {
    let own = Router::new()
        .route(EXCHANGES[0], post(exchange::walk_in))
        .route(EXCHANGES[1], post(exchange::session))
        .route(EXCHANGES[2], post(sign_in::begin))
        .route(SOCKET_PATH, get(web_socket))
        .route_layer(from_fn_with_state(shared.clone(), guard::own_origin));
    let open = Router::new()
        // Browsers come from the provider's page, and not from ours.
        .route(sign_in::REDIRECT, get(sign_in::finish))
        .route(sign_in::OFFER, get(sign_in::offer))
        .route(sign_in::KEYS, get(sign_in::keys))
        .route("/healthz", get(health::live))
        .route("/readyz", get(health::ready))
        .nest(api::PREFIX, counted(api::router(), Surface::Rest, &shared))
        .nest(
            fhir::PREFIX,
            counted(fhir::router(), Surface::Fhir, &shared),
        )
        .fallback(pages::serve);
    own.merge(open)
        .layer(from_fn_with_state(Arc::new(headers), headers::add))
        .layer(from_fn_with_state(shared.clone(), guard::rate))
        .with_state(shared)
}

/// Counts what is answered to other systems.
fn counted(
    router: Router<Arc<Shared>>,
    surface: Surface,
    shared: &Arc<Shared>,
) -> Router<Arc<Shared>> {
    let counters = shared.counters.clone();
    router.layer(from_fn(move |request: Request, next: Next| {
        let counters = counters.clone();
        async move {
            let response = next.run(request).await;
            counters.answered(surface, response.status());
            response
        }
    }))
}

async fn web_socket(
    State(shared): State<Arc<Shared>>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Response {
    if shared.registry.len() >= limits::OPEN_SOCKETS {
        return Failure(ErrorCode::Unavailable).into_response();
    }
    match upgrade {
        Ok(upgrade) => socket::accept(upgrade, shared),
        Err(rejection) => rejection.into_response(),
    }
}
