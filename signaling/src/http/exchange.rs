//! A link becomes a join token, a join token becomes a session.

use std::sync::Arc;

use axum::Json;
use axum::body::{Body, to_bytes};
use axum::extract::State;
use serde::de::DeserializeOwned;
use tokio::time::timeout;
use vestibule_protocol::http::{SessionGrant, SessionRequest, WalkInGrant, WalkInRequest};
use vestibule_protocol::{ErrorCode, limits as wire_limits};
use vestibule_vocab::{PatientId, Redacted, SessionId, Timestamp, VisitId};

use super::failure::Failure;
use crate::identity::{Claims, Subject, TokenError, device_key_is_valid, hash_secret, sha256};
use crate::limits;
use crate::random::{self, NoRandomness};
use crate::shared::Shared;
use crate::store::{ClaimError, NewSession, StoreError};

/// `POST /api/v1/walk-ins`.
pub(super) async fn walk_in(
    State(shared): State<Arc<Shared>>,
    body: Body,
) -> Result<Json<WalkInGrant>, Failure> {
    let request: WalkInRequest = read(body).await?;
    let hash = hash_secret(request.link.expose());
    if !shared.store.is_walk_in_link(&hash).await? {
        return Err(Failure(ErrorCode::TokenInvalid));
    }
    let subject = Subject::Patient {
        patient: PatientId::from_random(random::bits()?),
        visit: VisitId::from_random(random::bits()?),
    };
    let now = shared.clock.now();
    let token = shared
        .tokens
        .issue(subject, now, now.plus(limits::WALK_IN_TOKEN))
        .map_err(|_| Failure(ErrorCode::Unavailable))?;
    Ok(Json(WalkInGrant { token }))
}

/// `POST /api/v1/sessions`.
pub(super) async fn session(
    State(shared): State<Arc<Shared>>,
    body: Body,
) -> Result<Json<SessionGrant>, Failure> {
    let request: SessionRequest = read(body).await?;
    let claims = shared
        .tokens
        .check(request.token.expose(), shared.clock.now())?;
    if !device_key_is_valid(&request.device_key.0) {
        return Err(Failure(ErrorCode::Malformed));
    }
    let device = sha256(&request.device_key.0);
    if claims.device.is_some_and(|only| only != device) {
        tracing::warn!("a join token was refused: it is another device's");
        return Err(Failure(ErrorCode::ProofInvalid));
    }
    let secret = random::secret()?;
    let session = NewSession {
        id: SessionId::from_random(random::bits()?),
        secret_hash: hash_secret(&secret),
        device_key: request.device_key.0,
        expires_at: session_end(&shared, &claims).await?,
    };
    claim(&shared, &claims, &session).await?;
    tracing::info!(session = %session.id.loggable(), "a session was granted");
    Ok(Json(SessionGrant {
        session: Redacted::new(secret),
        role: claims.subject.role(),
        participant: claims.subject.participant(),
        expires_at: session.expires_at,
        signed_in: claims.device.is_some(),
    }))
}

async fn claim(shared: &Shared, claims: &Claims, session: &NewSession) -> Result<(), Failure> {
    match shared.store.claim(claims, session).await {
        Ok(()) => Ok(()),
        Err(ClaimError::Used) => {
            let person = claims.subject.participant();
            tracing::info!(?person, "a join token was used again and refused");
            Err(Failure(ErrorCode::TokenUsed))
        }
        Err(ClaimError::Erased) => Err(Failure(ErrorCode::UnknownPatient)),
        Err(ClaimError::Store(error)) => Err(error.into()),
    }
}

/// Reads a body within a size and a time.
pub(super) async fn read<T: DeserializeOwned>(body: Body) -> Result<T, Failure> {
    let bytes = timeout(
        limits::REQUEST,
        to_bytes(body, wire_limits::HTTP_BODY_BYTES),
    )
    .await
    .map_err(|_| Failure(ErrorCode::Malformed))?
    .map_err(|_| Failure(ErrorCode::TooLarge))?;
    serde_json::from_slice(&bytes).map_err(|_| Failure(ErrorCode::Malformed))
}

/// A link may be opened long before the appointment, and is good once: what it gave is good until then.
async fn session_end(shared: &Shared, claims: &Claims) -> Result<Timestamp, StoreError> {
    let now = shared.clock.now();
    Ok(match claims.subject {
        Subject::Patient { visit, .. } => {
            let visit = shared.store.visit(visit).await?;
            let ends_at = visit.and_then(|it| it.appointment).map(|it| it.ends_at());
            ends_at
                .unwrap_or(now)
                .max(now)
                .plus(limits::PATIENT_SESSION)
        }
        Subject::Practitioner(_) => now.plus(limits::PRACTITIONER_SESSION),
        Subject::Companion { .. } => claims.expires_at.plus(limits::PATIENT_SESSION),
    })
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "a request could not be carried out");
        Self(ErrorCode::Unavailable)
    }
}

impl From<NoRandomness> for Failure {
    fn from(_: NoRandomness) -> Self {
        Self(ErrorCode::Unavailable)
    }
}

impl From<TokenError> for Failure {
    fn from(error: TokenError) -> Self {
        Self(match error {
            TokenError::Invalid => ErrorCode::TokenInvalid,
            TokenError::Expired => ErrorCode::TokenExpired,
        })
    }
}
