//! What whoever runs the server does to the store from the command line, also while the server runs.

mod audit;
mod patient;
mod webhooks;

use std::path::{Path, PathBuf};

pub use crate::store::EraseError;
pub use audit::AuditCheck;
pub use patient::Erasure;
pub use vestibule_clinic::audit::Sentence;
pub use vestibule_clinic::calendar::Zone;
pub use webhooks::{NewWebhook, ReplayFrom, WebhookError, WebhookStanding};

use crate::identity::{KeyFileError, private_file};
use crate::store::{BadServerKey, PostgresUrl, SERVER_KEY_FILE, Store, StoreError, Vault};

/// The store's file in the data directory.
pub(crate) const STORE_FILE: &str = "vestibule.sqlite3";

/// The store cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum AdministrationError {
    /// No server has been here.
    #[error(
        "there is no store in {}; start the server there once, or name its data directory with --data, or its database with --store",
        .0.display()
    )]
    NoStore(PathBuf),
    /// The key of personal data cannot be read.
    #[error(transparent)]
    Key(#[from] ServerKeyError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The key of personal data cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ServerKeyError {
    /// There is no such file, where there is to be one.
    #[error(
        "there is no {SERVER_KEY_FILE} in {}; name the data directory of the server with --data",
        .0.display()
    )]
    Missing(PathBuf),
    /// The file cannot be read or made.
    #[error(transparent)]
    File(#[from] KeyFileError),
    /// The file holds something else.
    #[error(transparent)]
    Bad(#[from] BadServerKey),
}

/// The key of personal data in a data directory, made when there is none.
pub(crate) fn server_key(data: &Path) -> Result<Vault, ServerKeyError> {
    let make = || Vault::generate().map_err(std::io::Error::other);
    let key = private_file(&data.join(SERVER_KEY_FILE), make)?;
    Ok(Vault::of(&key)?)
}

/// The store, opened beside the server.
pub struct Administration {
    pub(crate) store: Store,
}

impl Administration {
    /// Opens the store that the server has with this data directory, or at this address.
    ///
    /// # Errors
    /// [`AdministrationError`], with a sentence that says what to look at.
    pub async fn open(
        data: &Path,
        store: Option<&PostgresUrl>,
    ) -> Result<Self, AdministrationError> {
        let file = data.join(STORE_FILE);
        if store.is_none() && !file.is_file() {
            return Err(AdministrationError::NoStore(data.to_owned()));
        }
        if !data.join(SERVER_KEY_FILE).is_file() {
            return Err(ServerKeyError::Missing(data.to_owned()).into());
        }
        let key = server_key(data)?;
        let store = match store {
            Some(url) => Store::connect(url, key).await?,
            None => Store::open_beside(&file, key).await?,
        };
        Ok(Self { store })
    }

    /// Lets go of the store.
    ///
    /// # Errors
    /// [`StoreError`]; nothing is lost then.
    pub async fn close(self) -> Result<(), StoreError> {
        self.store.close().await
    }
}
