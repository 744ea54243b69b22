//! `Idempotency-Key`: a write that is repeated is not done twice.
//!
//! The answer is stored in the transaction of what it answers, and looked for while this server has its turn: whatever was
//! lost between the two sides, the next request under the same name finds either nothing or all of it. A refusal is not
//! kept: nothing was done, and the request may be mended and sent under the same name.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use axum::http::Method;
use axum::http::request::Parts;
use vestibule_vocab::ApiKeyId;

use super::{Code, Problem};
use crate::identity::{SecretHash, sha256};
use crate::limits::IDEMPOTENCY_KEY_CHARS;

/// The header.
pub(super) const HEADER: &str = "idempotency-key";

/// The names under which something is being done at this server.
#[derive(Clone, Debug, Default)]
pub(super) struct InProgress(Arc<Mutex<BTreeSet<Name>>>);

/// Whose name it is, and the name.
type Name = (ApiKeyId, String);

/// Something is being done under a name, until this is dropped.
#[derive(Debug)]
pub(crate) struct Underway {
    all: InProgress,
    name: Name,
}

impl InProgress {
    /// Takes a name.
    pub(super) fn begin(&self, by: ApiKeyId, name: &str) -> Result<Underway, Problem> {
        let name = (by, name.to_owned());
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !all.insert(name.clone()) {
            return Err(Problem::of(Code::InProgress));
        }
        drop(all);
        Ok(Underway {
            all: self.clone(),
            name,
        })
    }
}

impl Drop for Underway {
    fn drop(&mut self) {
        let mut all = self.all.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.remove(&self.name);
    }
}

/// The name that a write was given. What makes something new has one.
pub(super) fn name_of(parts: &Parts) -> Result<Option<String>, Problem> {
    let wrong = || Problem::of(Code::IdempotencyKeyMissing);
    let mut values = parts.headers.get_all(HEADER).iter();
    let Some(value) = values.next() else {
        return if parts.method == Method::POST {
            Err(wrong())
        } else {
            Ok(None)
        };
    };
    let name = value.to_str().map_err(|_| wrong())?;
    let fits = (1..=IDEMPOTENCY_KEY_CHARS).contains(&name.len());
    let plain = name.bytes().all(|byte| byte.is_ascii_graphic());
    if fits && plain && values.next().is_none() {
        Ok(Some(name.to_owned()))
    } else {
        Err(wrong())
    }
}

/// What two requests have in common that ask for the same.
pub(super) fn sameness(parts: &Parts, body: &[u8]) -> SecretHash {
    let head = format!("{} {}\n", parts.method, parts.uri);
    sha256(&[head.as_bytes(), body].concat())
}
