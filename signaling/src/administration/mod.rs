//! What whoever runs the server does to the store from the command line, also while the server runs.

mod audit;
mod webhooks;

use std::path::{Path, PathBuf};

pub use audit::AuditCheck;
pub use vestibule_clinic::audit::Sentence;
pub use vestibule_clinic::calendar::Zone;
pub use webhooks::{NewWebhook, ReplayFrom, WebhookError, WebhookStanding};

use crate::store::{PostgresUrl, Store, StoreError};

/// The store's file in the data directory.
pub(crate) const STORE_FILE: &str = "vestibule.sqlite3";

/// The store cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum AdministrationError {
    /// No server has been here.
    #[error(
        "there is no store in {}; name the data directory of the server with --data, or its database with --store",
        .0.display()
    )]
    NoStore(PathBuf),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
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
        let store = match store {
            Some(url) => Store::connect(url).await?,
            None => {
                let file = data.join(STORE_FILE);
                if !file.is_file() {
                    return Err(AdministrationError::NoStore(data.to_owned()));
                }
                Store::open_beside(&file).await?
            }
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
