//! Who calls: the key that a request comes with, its rate and its scopes.

use std::marker::PhantomData;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use vestibule_clinic::Code as SystemName;
use vestibule_vocab::ApiKeyId;

use super::scope::Needs;
use super::{Code, Problem, Scope, Scopes};
use crate::identity::hash_secret;
use crate::limits;
use crate::shared::Shared;
use crate::store::ApiKeyRow;

/// A system whose key has the scope `N`.
pub(crate) struct Caller<N> {
    pub(super) key: ApiKeyId,
    /// The name in which it answers gates.
    pub(super) system: Option<SystemName>,
    scopes: Scopes,
    scope: PhantomData<N>,
}

impl<N: Needs> FromRequestParts<Arc<Shared>> for Caller<N> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, shared: &Arc<Shared>) -> Result<Self, Problem> {
        let key = authenticate(&parts.headers, shared).await?;
        if !shared.api.allows(key.id) {
            return Err(Problem::of(Code::RateLimited));
        }
        let scopes = Scopes::stored(&key.scopes);
        asks_for(&scopes, N::SCOPE)?;
        note_use(&key, shared).await;
        Ok(Self {
            key: key.id,
            system: key.system,
            scopes,
            scope: PhantomData,
        })
    }
}

impl<N> Caller<N> {
    /// Refuses what needs one scope more.
    pub(super) fn needs_also<M: Needs>(&self, _: M) -> Result<(), Problem> {
        asks_for(&self.scopes, M::SCOPE)
    }
}

fn asks_for(scopes: &Scopes, scope: Scope) -> Result<(), Problem> {
    if scopes.include(scope) {
        return Ok(());
    }
    let what = format!("the key lacks the scope {}", scope.word());
    Err(Problem::because(Code::Forbidden, &what))
}

async fn authenticate(headers: &HeaderMap, shared: &Shared) -> Result<ApiKeyRow, Problem> {
    let refused = || Problem::of(Code::Unauthorized);
    let secret = bearer(headers).ok_or_else(refused)?;
    let key = shared.store.api_key(&hash_secret(secret)).await?;
    key.filter(|key| key.revoked_at.is_none())
        .ok_or_else(refused)
}

/// The key of an `Authorization: Bearer` (RFC 6750 section 2.1). Two of them are none.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let value = values.next()?.to_str().ok()?;
    let (scheme, secret) = value.split_once(' ')?;
    let alone = values.next().is_none();
    (alone && scheme.eq_ignore_ascii_case("bearer")).then(|| secret.trim())
}

/// Notes the use now and then. A key that is not noted is good all the same.
async fn note_use(key: &ApiKeyRow, shared: &Shared) {
    let now = shared.clock.now();
    let recent = |used| now.since(used) < limits::KEY_USE_NOTED;
    if key.used_at.is_some_and(recent) {
        return;
    }
    if let Err(error) = shared.store.note_api_key(key.id, now).await {
        tracing::warn!(%error, "the use of a key could not be noted");
    }
}
