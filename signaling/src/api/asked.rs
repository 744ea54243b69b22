//! What is asked: ids in the path, words behind the `?`, and bodies of bounded size.

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Number, Value};
use tokio::time::timeout;
use vestibule_vocab::{
    ApiKeyId, ConsultationId, InvitationId, PatientId, PractitionerId, ServiceId, VisitId,
};

use super::caller::Caller;
use super::idempotency::{Underway, name_of, sameness};
use super::scope::Needs;
use super::{Code, Problem};
use crate::limits;
use crate::shared::Shared;
use crate::store::IdempotencyKey;

/// An id that stands in a path.
pub(super) trait PathId: Sized {
    fn read(text: &str) -> Option<Self>;

    /// The id of nothing: no id that is made has only zeros.
    fn of_nothing() -> Self;
}

macro_rules! path_ids {
    ($($id:ident),*) => {
        $(impl PathId for $id {
            fn read(text: &str) -> Option<Self> {
                Self::parse(text)
            }

            fn of_nothing() -> Self {
                Self::from_bytes([0; 16])
            }
        })*
    };
}

path_ids!(
    ConsultationId,
    InvitationId,
    PatientId,
    PractitionerId,
    ServiceId,
    VisitId
);

/// The one id in the path. What is no id is that of nothing, and so is not found, once it is known who asks.
pub(super) struct Id<T>(pub(super) T);

impl<T: PathId> FromRequestParts<Arc<Shared>> for Id<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, shared: &Arc<Shared>) -> Result<Self, Problem> {
        let text = Path::<String>::from_request_parts(parts, shared).await;
        let id = text.ok().and_then(|Path(text)| T::read(&text));
        Ok(Self(id.unwrap_or_else(T::of_nothing)))
    }
}

/// The two ids in the path, read alike.
pub(super) struct Ids<A, B>(pub(super) A, pub(super) B);

impl<A: PathId, B: PathId> FromRequestParts<Arc<Shared>> for Ids<A, B> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, shared: &Arc<Shared>) -> Result<Self, Problem> {
        let texts = Path::<(String, String)>::from_request_parts(parts, shared).await;
        let ids = texts.ok();
        let ids = ids.and_then(|Path((one, other))| Some((A::read(&one)?, B::read(&other)?)));
        let (one, other) = ids.unwrap_or_else(|| (A::of_nothing(), B::of_nothing()));
        Ok(Self(one, other))
    }
}

/// What stands behind the `?`.
pub(super) struct Asked<T>(pub(super) T);

impl<T: DeserializeOwned> FromRequestParts<Arc<Shared>> for Asked<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<Shared>) -> Result<Self, Problem> {
        Query::try_from_uri(&parts.uri)
            .map(|Query(asked)| Self(asked))
            .map_err(|error| Problem::because(Code::Malformed, &error.body_text()))
    }
}

/// A write with a body, by a system whose key has the scope `N`.
pub(super) struct Write<N, T> {
    pub(super) caller: Caller<N>,
    pub(super) once: Once,
    pub(super) body: T,
}

/// A write without one.
pub(super) struct Act<N> {
    pub(super) once: Once,
    _caller: Caller<N>,
}

/// By what a write is done once, when it has a name.
pub(super) struct Once {
    /// Whose key it came with.
    pub(super) by: ApiKeyId,
    pub(super) key: Option<IdempotencyKey>,
    pub(super) underway: Option<Underway>,
}

impl<N: Needs, T: DeserializeOwned + Serialize> FromRequest<Arc<Shared>> for Write<N, T> {
    type Rejection = Problem;

    async fn from_request(request: Request, shared: &Arc<Shared>) -> Result<Self, Problem> {
        let (mut parts, body) = request.into_parts();
        let caller = Caller::from_request_parts(&mut parts, shared).await?;
        let name = name_of(&parts)?;
        is_json(&parts.headers)?;
        let bytes = read(body).await?;
        let body = parse(&bytes).map_err(|error| Problem::because(Code::Malformed, &error))?;
        let once = once(shared, &caller, name, &parts, &bytes)?;
        Ok(Self { caller, once, body })
    }
}

impl<N: Needs> FromRequest<Arc<Shared>> for Act<N> {
    type Rejection = Problem;

    async fn from_request(request: Request, shared: &Arc<Shared>) -> Result<Self, Problem> {
        let (mut parts, body) = request.into_parts();
        let caller = Caller::from_request_parts(&mut parts, shared).await?;
        let name = name_of(&parts)?;
        says_nothing(&parts.headers, body).await?;
        let once = once(shared, &caller, name, &parts, &[])?;
        Ok(Self {
            once,
            _caller: caller,
        })
    }
}

/// What is sent with a write that has no body would be lost without a word. Some programs send an empty
/// object, or null.
async fn says_nothing(headers: &HeaderMap, body: Body) -> Result<(), Problem> {
    let bytes = read(body).await?;
    if bytes.is_empty() {
        return Ok(());
    }
    is_json(headers)?;
    let sent: Option<Map<String, Value>> = serde_json::from_slice(&bytes)
        .map_err(|error| Problem::because(Code::Malformed, &error))?;
    match sent.unwrap_or_default().keys().next() {
        None => Ok(()),
        Some(field) => {
            let what = format!("this takes no body, and so no `{}`", short(field));
            Err(Problem::because(Code::Malformed, &what))
        }
    }
}

/// As much of a field's name as is repeated.
fn short(field: &str) -> String {
    field.chars().take(crate::limits::FIELD_CHARS).collect()
}

fn once<N>(
    shared: &Shared,
    caller: &Caller<N>,
    name: Option<String>,
    parts: &Parts,
    body: &[u8],
) -> Result<Once, Problem> {
    let Some(name) = name else {
        return Ok(Once {
            by: caller.key,
            key: None,
            underway: None,
        });
    };
    let underway = shared.api.begin(caller.key, &name)?;
    Ok(Once {
        by: caller.key,
        key: Some(IdempotencyKey {
            by: caller.key,
            name,
            request: sameness(parts, body),
        }),
        underway: Some(underway),
    })
}

fn is_json(headers: &HeaderMap) -> Result<(), Problem> {
    let kind = headers.get(header::CONTENT_TYPE);
    let kind = kind.and_then(|it| it.to_str().ok()).unwrap_or_default();
    let essence = kind.split(';').next().unwrap_or_default().trim();
    if essence.eq_ignore_ascii_case("application/json") {
        Ok(())
    } else {
        Err(Problem::of(Code::WrongMediaType))
    }
}

/// Reads JSON. To JSON, `3.0` is as whole a number as `3`, and some programs write it so.
fn parse<T: DeserializeOwned + Serialize>(bytes: &[u8]) -> Result<T, serde_json::Error> {
    let mut sent: Value = serde_json::from_slice(bytes)?;
    let read: T = serde_json::from_slice(bytes).or_else(|error| {
        if make_whole(&mut sent) {
            serde_json::from_value(sent.clone())
        } else {
            Err(error)
        }
    })?;
    if has_form_of(&sent, &serde_json::to_value(&read)?) {
        Ok(read)
    } else {
        Err(serde::de::Error::custom(
            "a list stands where an object belongs",
        ))
    }
}

/// What was sent has an object wherever one was read. Left to itself, serde takes a list of an object's fields for it.
fn has_form_of(sent: &Value, read: &Value) -> bool {
    match (sent, read) {
        (Value::Object(sent), Value::Object(read)) => sent
            .iter()
            .all(|(name, sent)| read.get(name).is_none_or(|read| has_form_of(sent, read))),
        (Value::Array(sent), Value::Array(read)) => sent
            .iter()
            .zip(read)
            .all(|(sent, read)| has_form_of(sent, read)),
        (_, Value::Object(_)) => false,
        _ => true,
    }
}

/// Writes whole numbers without a fraction; whether there were any to be written so.
fn make_whole(value: &mut Value) -> bool {
    match value {
        Value::Number(number) => {
            let whole = whole(number);
            let changed = whole.is_some();
            *number = whole.unwrap_or_else(|| number.clone());
            changed
        }
        Value::Array(items) => items.iter_mut().map(make_whole).fold(false, |a, b| a | b),
        Value::Object(fields) => fields
            .values_mut()
            .map(make_whole)
            .fold(false, |a, b| a | b),
        Value::Null | Value::Bool(_) | Value::String(_) => false,
    }
}

/// The whole number that stands there with a fraction of nothing.
fn whole(number: &Number) -> Option<Number> {
    if !number.is_f64() {
        return None;
    }
    // As text: a cast would make something of what does not fit.
    let text = format!("{:.1}", number.as_f64()?);
    let integer: i64 = text.strip_suffix(".0")?.parse().ok()?;
    let exact = number.as_f64()?.fract() == 0.0;
    exact.then(|| integer.into())
}

/// Reads a body within a size and a time.
async fn read(body: Body) -> Result<axum::body::Bytes, Problem> {
    timeout(limits::REQUEST, to_bytes(body, limits::API_BODY_BYTES))
        .await
        .map_err(|_| Problem::because(Code::Malformed, &"the body did not come in time"))?
        .map_err(|_| Problem::of(Code::TooLarge))
}
