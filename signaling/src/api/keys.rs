//! Keys of other systems: made, listed and revoked beside a server that runs or not.

use std::path::Path;

use vestibule_clinic::Code;
use vestibule_vocab::{ApiKeyId, Redacted, Timestamp};

use super::Scopes;
use crate::administration::STORE_FILE;
use crate::clock::{Clock as _, SystemClock};
use crate::identity::hash_secret;
use crate::limits::KEY_LABEL_CHARS;
use crate::random::{self, NoRandomness};
use crate::store::{ApiKeyRow, PostgresUrl, Store, StoreError};

/// What every key begins with, so that one that was left lying about is recognised.
const MARK: &str = "vestibule_";

/// Why a key was not made, or its list not read.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// There is no store to be opened.
    #[error(
        "there is no clinic in {0}; start the server there once, or name its directory with --data"
    )]
    NoClinic(String),
    /// The label does not fit a list.
    #[error("a label of 1 to {KEY_LABEL_CHARS} characters is needed, without control characters")]
    BadLabel,
    /// The system's name is none.
    #[error(
        "a system's name is 1 to 40 small letters, digits, `_`, `-` and `.`, as the service's gates name it"
    )]
    BadSystem,
    /// There is no such key.
    #[error(
        "there is no key {0}, or it is revoked already; `vestibule api-key list` shows those that there are"
    )]
    NoKey(String),
    /// No key could be made.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
}

/// A key as it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeySummary {
    /// Its id, by which it is revoked. It opens nothing.
    pub id: String,
    /// What the clinic calls it.
    pub label: String,
    /// The name in which it answers gates.
    pub system: Option<String>,
    /// What it may do.
    pub scopes: Scopes,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was used last, to the hour.
    pub used_at: Option<Timestamp>,
    /// Since when it is good for nothing.
    pub revoked_at: Option<Timestamp>,
}

/// A key that was just made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewKey {
    /// Its id.
    pub id: String,
    /// The key itself, which is stored nowhere.
    pub secret: Redacted<String>,
}

/// The keys of one clinic.
#[derive(Debug)]
pub struct ApiKeys {
    store: Store,
}

impl ApiKeys {
    /// Opens the keys of the clinic in this data directory, or in this database. A server may be running on it.
    ///
    /// # Errors
    /// [`KeyError`], with a sentence that says what to do.
    pub async fn open(data: &Path, store: Option<&PostgresUrl>) -> Result<Self, KeyError> {
        let store = match store {
            Some(url) => Store::connect(url).await?,
            None => {
                let file = data.join(STORE_FILE);
                if !file.exists() {
                    return Err(KeyError::NoClinic(data.display().to_string()));
                }
                Store::open_beside(&file).await?
            }
        };
        Ok(Self { store })
    }

    /// Makes a key. What comes back is the only time that it is shown.
    ///
    /// # Errors
    /// [`KeyError`].
    pub async fn add(
        &self,
        label: &str,
        system: Option<&str>,
        scopes: &Scopes,
    ) -> Result<NewKey, KeyError> {
        let label = label.trim();
        let fits = (1..=KEY_LABEL_CHARS).contains(&label.chars().count());
        if !fits || label.chars().any(char::is_control) {
            return Err(KeyError::BadLabel);
        }
        let system = system.map(Code::new).transpose();
        let secret = format!("{MARK}{}", random::secret()?);
        let key = ApiKeyRow {
            id: ApiKeyId::from_random(random::bits()?),
            label: label.to_owned(),
            system: system.map_err(|_| KeyError::BadSystem)?,
            scopes: scopes.to_string(),
            created_at: SystemClock.now(),
            used_at: None,
            revoked_at: None,
        };
        self.store.add_api_key(&hash_secret(&secret), &key).await?;
        Ok(NewKey {
            id: key.id.to_text(),
            secret: Redacted::new(secret),
        })
    }

    /// All keys, the oldest first, also those that are revoked.
    ///
    /// # Errors
    /// [`KeyError`].
    pub async fn list(&self) -> Result<Vec<KeySummary>, KeyError> {
        let keys = self.store.api_keys().await?;
        Ok(keys.into_iter().map(summary).collect())
    }

    /// Makes a key good for nothing, at once.
    ///
    /// # Errors
    /// [`KeyError::NoKey`] when there is none that was good.
    pub async fn revoke(&self, id: &str) -> Result<(), KeyError> {
        let no_key = || KeyError::NoKey(id.to_owned());
        let key = ApiKeyId::parse(id).ok_or_else(no_key)?;
        if self.store.revoke_api_key(key, SystemClock.now()).await? {
            Ok(())
        } else {
            Err(no_key())
        }
    }

    /// Lets go of the store.
    ///
    /// # Errors
    /// [`KeyError`]; nothing is lost then.
    pub async fn close(self) -> Result<(), KeyError> {
        Ok(self.store.close().await?)
    }
}

fn summary(key: ApiKeyRow) -> KeySummary {
    KeySummary {
        id: key.id.to_text(),
        label: key.label,
        system: key.system.map(String::from),
        scopes: Scopes::stored(&key.scopes),
        created_at: key.created_at,
        used_at: key.used_at,
        revoked_at: key.revoked_at,
    }
}
