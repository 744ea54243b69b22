//! What a request passes before anything looks at it: its address's rate, its origin.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::extract::{ConnectInfo, Request, State};
use axum::http::{StatusCode, Version};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use ipnet::IpNet;
use vestibule_protocol::ErrorCode;

use super::failure::Failure;
use super::proxies::Proxies;
use crate::api::{Code, Problem};
use crate::fhir::{self, Outcome};
use crate::rate::AddressLimiter;
use crate::shared::{Rates, Shared};

/// The limits of all addresses, for each kind of request.
#[derive(Debug)]
pub(crate) struct Limiters {
    proxies: Proxies,
    pages: AddressLimiter,
    sockets: AddressLimiter,
    exchanges: AddressLimiter,
    api: AddressLimiter,
}

impl Limiters {
    pub(crate) fn new(rates: &Rates, trusted_proxies: Vec<IpNet>) -> Self {
        Self {
            proxies: Proxies::new(trusted_proxies),
            pages: AddressLimiter::new(rates.pages),
            sockets: AddressLimiter::new(rates.sockets),
            exchanges: AddressLimiter::new(rates.exchanges),
            // One address may stand for several systems: each key has a rate of its own.
            api: AddressLimiter::new(rates.pages),
        }
    }

    /// Counts a request over a connection from `peer`; false when it is one too many.
    fn allow(&self, peer: IpAddr, request: &Request) -> bool {
        let client = self.proxies.client(peer, request.headers());
        self.of(request.uri().path()).allow(client)
    }

    fn of(&self, path: &str) -> &AddressLimiter {
        if path == super::SOCKET_PATH {
            &self.sockets
        } else if super::EXCHANGES.contains(&path) {
            &self.exchanges
        } else if is_api(path) || is_fhir(path) {
            &self.api
        } else {
            &self.pages
        }
    }
}

/// What other systems ask for.
fn is_api(path: &str) -> bool {
    path.starts_with("/api/") && path != super::SOCKET_PATH && !super::EXCHANGES.contains(&path)
}

/// The same, in FHIR's form.
fn is_fhir(path: &str) -> bool {
    path.starts_with(fhir::PREFIX)
}

pub(super) async fn rate(
    State(shared): State<Arc<Shared>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
    next: Next,
) -> Response {
    if request.version() == Version::HTTP_2 {
        // The listener takes it up unasked; nothing here needs it, and one protocol is less to guard.
        return StatusCode::HTTP_VERSION_NOT_SUPPORTED.into_response();
    }
    if shared.limiters.allow(peer.ip(), &request) {
        next.run(request).await
    } else if is_api(request.uri().path()) {
        Problem::of(Code::RateLimited).into_response()
    } else if is_fhir(request.uri().path()) {
        Outcome::rate_limited().into_response()
    } else {
        Failure(ErrorCode::RateLimited).into_response()
    }
}

/// Refuses what does not come from one of our pages.
pub(super) async fn own_origin(
    State(shared): State<Arc<Shared>>,
    request: Request,
    next: Next,
) -> Response {
    if shared.origins.allow(request.headers()) {
        return next.run(request).await;
    }
    tracing::warn!(
        path = request.uri().path(),
        "a request of a foreign origin was refused"
    );
    Failure(ErrorCode::OriginRefused).into_response()
}
