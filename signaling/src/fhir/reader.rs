//! Who reads, and in which format: the API's keys and scopes, with errors in FHIR's form.

use std::marker::PhantomData;
use std::sync::Arc;

use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};

use super::{Kind, Outcome};
use crate::api::Caller;
use crate::shared::Shared;

/// A system whose key may read resources of the kind `K`.
pub(super) struct Reader<K>(PhantomData<K>);

impl<K: Kind> FromRequestParts<Arc<Shared>> for Reader<K> {
    type Rejection = Outcome;

    async fn from_request_parts(parts: &mut Parts, shared: &Arc<Shared>) -> Result<Self, Outcome> {
        Caller::<K::Needs>::from_request_parts(parts, shared).await?;
        Ok(Self(PhantomData))
    }
}

/// What stands behind the `?`, in order.
pub(super) struct Words(pub(super) Vec<(String, String)>);

impl FromRequestParts<Arc<Shared>> for Words {
    type Rejection = Outcome;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<Shared>) -> Result<Self, Outcome> {
        let words = Query::try_from_uri(&parts.uri);
        words
            .map(|Query(words)| Self(words))
            .map_err(|_| Outcome::malformed("What stands behind the `?` cannot be read"))
    }
}

/// Whoever asks takes FHIR's JSON: by `_format`, which counts before the header `Accept` (R4, section 3.1.0.1.12).
pub(super) struct Format;

impl FromRequestParts<Arc<Shared>> for Format {
    type Rejection = Outcome;

    async fn from_request_parts(parts: &mut Parts, shared: &Arc<Shared>) -> Result<Self, Outcome> {
        let Words(words) = Words::from_request_parts(parts, shared).await?;
        let mut named = words.iter().filter(|(name, _)| name == "_format");
        let takes = match named.next() {
            // A plus sign that was not escaped came as a space.
            Some((_, format)) => is_json(&format.replace(' ', "+")),
            None => accepts(&parts.headers),
        };
        takes.then_some(Self).ok_or_else(Outcome::other_format)
    }
}

fn is_json(format: &str) -> bool {
    let essence = format.split(';').next().unwrap_or_default().trim();
    let known = ["json", "application/json", "text/json", super::MEDIA_TYPE];
    known
        .iter()
        .any(|known| essence.eq_ignore_ascii_case(known))
}

fn accepts(headers: &HeaderMap) -> bool {
    let mut ranges = headers
        .get_all(header::ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .peekable();
    let takes = |range: &str| {
        let essence = range.split(';').next().unwrap_or_default().trim();
        is_json(essence) || ["*/*", "application/*"].contains(&essence)
    };
    ranges.peek().is_none() || ranges.any(takes)
}
