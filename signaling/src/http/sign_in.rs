//! Signing in: where it begins, where the provider sends people back to, and what becomes of them then.
//!
//! There is no cookie by which a browser would be known again. What comes back is a join token that only the device which
//! began can exchange: whoever is sent here with somebody else's code is not signed in as somebody else, and a code that
//! was seen on the way is of no use.

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse as _, Redirect, Response};
use vestibule_clinic::IdentityLevel;
use vestibule_protocol::http::{HeldSession, SignInOffer, SignInRequest, SignInStart};
use vestibule_protocol::{ErrorCode, SIGN_IN_NONCE};
use vestibule_vocab::{Redacted, Role, VisitId};

use super::exchange::read;
use super::failure::Failure;
use crate::identity::{Subject, device_key_is_valid, hash_secret, proof_is_valid, sha256};
use crate::limits;
use crate::random;
use crate::shared::Shared;
use crate::sign_in::{Denied, Held, Pending, PublicKey, Returned, SignIn, SignedIn};

/// Where the provider sends people back to.
pub(super) const REDIRECT: &str = "/sign-in";

/// Where pages ask whether there is a provider.
pub(super) const OFFER: &str = "/sign-in/offered";

/// Where the provider finds our key.
pub(super) const KEYS: &str = "/sign-in/keys";

/// `GET /sign-in/offered`.
pub(super) async fn offer(State(shared): State<Arc<Shared>>) -> Json<SignInOffer> {
    Json(SignInOffer {
        offered: shared.sign_in.is_some(),
    })
}

/// `POST /api/v1/sign-ins`.
pub(super) async fn begin(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<SignInStart>, Failure> {
    let request: SignInRequest = read(body).await?;
    let sign_in = provider(&shared)?;
    if !device_key_is_valid(&request.device_key.0) {
        return Err(Failure(ErrorCode::Malformed));
    }
    let (role, held) = comer(&shared, &request).await?;
    let redirect = format!("{}{REDIRECT}", shared.origins.site(&headers));
    let pending = Pending::new(role, held, sha256(&request.device_key.0), redirect)?;
    let state = random::secret()?;
    let now = shared.clock.now();
    let url = sign_in.begin(&state, &pending, now).await?;
    let expires_at = now.plus(limits::SIGN_IN);
    if !shared
        .store
        .begin_sign_in(&state, &pending, expires_at)
        .await?
    {
        tracing::warn!("a sign-in was not begun: too many are under way");
        return Err(Failure(ErrorCode::LimitReached));
    }
    Ok(Json(SignInStart {
        url: Redacted::new(url),
    }))
}

/// As what somebody begins: by the clinic's link, by a link of their own, or as a practitioner.
async fn comer(shared: &Shared, request: &SignInRequest) -> Result<(Role, Option<Held>), Failure> {
    match (&request.link, &request.session) {
        (None, None) => Ok((Role::Practitioner, None)),
        (None, Some(session)) => {
            let held = held(shared, session, &request.device_key.0).await?;
            Ok((Role::Patient, Some(held)))
        }
        (Some(link), None) => {
            let hash = hash_secret(link.expose());
            if !shared.store.is_walk_in_link(&hash).await? {
                return Err(Failure(ErrorCode::TokenInvalid));
            }
            Ok((Role::Patient, None))
        }
        (Some(_), Some(_)) => Err(Failure(ErrorCode::Malformed)),
    }
}

/// The visit of a patient's session, if it is that of the device that asks.
async fn held(shared: &Shared, held: &HeldSession, device: &[u8]) -> Result<Held, Failure> {
    let secret = held.session.expose();
    let session = shared.store.session(&hash_secret(secret)).await?;
    let now = shared.clock.now();
    let session = session.filter(|it| it.expires_at > now);
    let session = session.ok_or(Failure(ErrorCode::SessionUnknown))?;
    let nonce = SIGN_IN_NONCE.as_bytes();
    if session.device_key != device || !proof_is_valid(device, nonce, secret, &held.proof.0) {
        return Err(Failure(ErrorCode::ProofInvalid));
    }
    match session.subject {
        Subject::Patient { patient, visit } => Ok(Held {
            patient,
            visit,
            level: session.level,
        }),
        Subject::Practitioner(_) | Subject::Companion { .. } => {
            Err(Failure(ErrorCode::NotPermitted))
        }
    }
}

/// `GET /sign-in/keys`: by which the provider knows that it is us, as a JSON Web Key Set.
pub(super) async fn keys(State(shared): State<Arc<Shared>>) -> Json<serde_json::Value> {
    let key = shared.sign_in.as_ref().and_then(SignIn::key);
    let keys: Vec<&PublicKey> = key.into_iter().collect();
    Json(serde_json::json!({ "keys": keys }))
}

/// `GET /sign-in`. Where it goes on is one of our own pages, whatever was asked.
pub(super) async fn finish(
    State(shared): State<Arc<Shared>>,
    returned: Result<Query<Returned>, QueryRejection>,
) -> Response {
    let (role, end) = match returned {
        Ok(Query(returned)) => admit(&shared, &returned).await,
        Err(_) => (Role::Patient, Err(Failure(ErrorCode::Malformed))),
    };
    let page = match role {
        Role::Practitioner => "/console",
        Role::Patient | Role::Companion => "/visit",
    };
    let fragment = match end {
        Ok(token) => format!("j={}", token.expose()),
        Err(Failure(code)) => format!("e={}", word(code)),
    };
    let mut response = Redirect::to(&format!("{page}#{fragment}")).into_response();
    let kept = HeaderValue::from_static("no-store");
    response.headers_mut().insert(header::CACHE_CONTROL, kept);
    response
}

/// As what somebody comes back, and with what.
async fn admit(shared: &Shared, returned: &Returned) -> (Role, Result<Redacted<String>, Failure>) {
    // Taken before anything else is looked at: whatever comes of it, it is not tried twice.
    let taken = shared
        .store
        .take_sign_in(&returned.state, shared.clock.now())
        .await;
    match taken {
        Ok(Some(pending)) => (pending.role, grant(shared, returned, &pending).await),
        Ok(None) => (Role::Patient, Err(Failure(ErrorCode::SignInExpired))),
        Err(error) => (Role::Patient, Err(error.into())),
    }
}

async fn grant(
    shared: &Shared,
    returned: &Returned,
    pending: &Pending,
) -> Result<Redacted<String>, Failure> {
    let sign_in = provider(shared)?;
    let now = shared.clock.now();
    let signed_in = sign_in.finish(returned, pending, now).await?;
    let known = match pending.role {
        Role::Practitioner => {
            let subject = practitioner(shared, sign_in, &signed_in).await?;
            (subject, signed_in.level)
        }
        Role::Patient | Role::Companion => {
            patient(shared, sign_in, &signed_in, pending.held).await?
        }
    };
    // Asking the provider took its time.
    let now = shared.clock.now();
    let expires_at = now.plus(limits::WALK_IN_TOKEN);
    let token = shared
        .tokens
        .issue_to(&pending.device, known, now, expires_at);
    token.map_err(|_| Failure(ErrorCode::Unavailable))
}

/// The same patient each time. Whoever has come already, or has an appointment soon, goes on with that visit on this device;
/// whoever has the link of one stays with it, and finds it from now on by signing in.
async fn patient(
    shared: &Shared,
    sign_in: &SignIn,
    signed_in: &SignedIn,
    held: Option<Held>,
) -> Result<(Subject, IdentityLevel), Failure> {
    let named = (sign_in.issuer(), signed_in.subject.expose().as_str());
    if let Some(Held {
        patient,
        visit,
        level,
    }) = held
    {
        shared.store.note_identity(named, visit).await?;
        let subject = Subject::Patient { patient, visit };
        return Ok((subject, signed_in.level.max(level)));
    }
    let until = shared.clock.now().plus(limits::APPOINTMENT_FOUND);
    let (patient, visit) = match shared.store.visit_of(named, until).await? {
        Some(found) => found,
        None => (
            shared.store.patient_of(named.0, named.1).await?,
            VisitId::from_random(random::bits()?),
        ),
    };
    Ok((Subject::Patient { patient, visit }, signed_in.level))
}

async fn practitioner(
    shared: &Shared,
    sign_in: &SignIn,
    signed_in: &SignedIn,
) -> Result<Subject, Failure> {
    let subject = signed_in.subject.expose();
    let known = shared
        .store
        .practitioner_of(sign_in.issuer(), subject)
        .await?;
    let practitioner = known.ok_or(Failure(ErrorCode::SignInUnknown))?;
    if !signed_in.second_factor {
        tracing::info!(
            practitioner = %practitioner.loggable(),
            "a practitioner's sign-in was refused: it had no second factor"
        );
        return Err(Failure(ErrorCode::SecondFactorMissing));
    }
    Ok(Subject::Practitioner(practitioner))
}

fn provider(shared: &Shared) -> Result<&SignIn, Failure> {
    let provider = shared.sign_in.as_ref();
    provider.ok_or(Failure(ErrorCode::NotFound))
}

/// The code as it is written.
fn word(code: ErrorCode) -> String {
    let word = serde_json::to_value(code).ok();
    let word = word.and_then(|it| it.as_str().map(str::to_owned));
    word.unwrap_or_default()
}

impl From<Denied> for Failure {
    fn from(denied: Denied) -> Self {
        let Denied(why) = denied;
        tracing::warn!(%why, "somebody was not signed in");
        Self(if denied.is_outage() {
            ErrorCode::SignInUnavailable
        } else {
            ErrorCode::SignInRefused
        })
    }
}
