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
use vestibule_protocol::ErrorCode;
use vestibule_protocol::http::{SignInOffer, SignInRequest, SignInStart};
use vestibule_vocab::{Redacted, Role, VisitId};

use super::exchange::read;
use super::failure::Failure;
use crate::identity::{Subject, device_key_is_valid, hash_secret, sha256};
use crate::limits;
use crate::random;
use crate::shared::Shared;
use crate::sign_in::{Denied, Pending, Returned, SignIn, SignedIn};

/// Where the provider sends people back to.
pub(super) const REDIRECT: &str = "/sign-in";

/// Where pages ask whether there is a provider.
pub(super) const OFFER: &str = "/sign-in/offered";

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
    let role = match &request.link {
        Some(link)
            if shared
                .store
                .is_walk_in_link(&hash_secret(link.expose()))
                .await? =>
        {
            Role::Patient
        }
        Some(_) => return Err(Failure(ErrorCode::TokenInvalid)),
        None => Role::Practitioner,
    };
    let redirect = format!("{}{REDIRECT}", shared.origins.site(&headers));
    let pending = Pending::new(role, sha256(&request.device_key.0), redirect)?;
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
    let subject = match pending.role {
        Role::Practitioner => practitioner(shared, sign_in, &signed_in).await?,
        Role::Patient | Role::Companion => patient(shared, sign_in, &signed_in).await?,
    };
    // Asking the provider took its time.
    let now = shared.clock.now();
    let expires_at = now.plus(limits::WALK_IN_TOKEN);
    let known = (subject, signed_in.level);
    let token = shared
        .tokens
        .issue_to(&pending.device, known, now, expires_at);
    token.map_err(|_| Failure(ErrorCode::Unavailable))
}

/// The same patient each time. Whoever waits already goes on with their visit, on this device.
async fn patient(
    shared: &Shared,
    sign_in: &SignIn,
    signed_in: &SignedIn,
) -> Result<Subject, Failure> {
    let issuer = sign_in.issuer();
    let patient = shared.store.patient_of(issuer, signed_in.subject.expose());
    let visit = match shared.store.active_visit(patient).await? {
        Some(visit) => visit,
        None => VisitId::from_random(random::bits()?),
    };
    Ok(Subject::Patient { patient, visit })
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
