//! The store: SQLite or PostgreSQL through `sqlx`. What a client was told is on the disk before it was told.
//!
//! One set of statements serves both (`statement`), over one face of the two (`database`); where they differ, it is in
//! `database` and in the schema.

mod answers;
mod api_keys;
mod audit;
mod calls;
mod clinic;
mod commit;
mod convert;
mod database;
mod erasure;
mod gathered;
mod identities;
mod joined;
mod log;
mod nodes;
mod outbox;
mod pages;
mod patients;
mod place;
mod receipts;
mod retention;
mod rows;
mod sessions;
mod setup;
mod shape;
mod sign_ins;
mod statement;
#[cfg(test)]
pub(crate) mod tests;
mod touched;
mod turn;
mod vault;
mod views;
mod webhooks;
mod writings;

use std::path::Path;
use std::sync::Arc;

use tokio::sync::Notify;

pub(crate) use answers::{IdempotencyKey, KeptAnswer, Recalled, StoredAnswer};
pub(crate) use api_keys::ApiKeyRow;
pub(crate) use audit::Line;
pub(crate) use clinic::Loaded;
pub(crate) use commit::{CommitError, Write};
pub(crate) use erasure::Dossier;
pub use erasure::EraseError;
pub(crate) use nodes::{Attendance, NodeId};
pub use place::{BadStore, PostgresUrl};
pub(crate) use receipts::Receipt;
pub(crate) use rows::CallIds;
pub(crate) use sessions::{ClaimError, NewSession, SessionRow};
pub(crate) use setup::ClinicRow;
pub(crate) use turn::{BatchKey, Delta, News, Turn};
pub use vault::BadServerKey;
pub(crate) use vault::Vault;
pub(crate) use views::{EncounterRow, Encounters, VisitRow};
pub use webhooks::WebhookId;
pub(crate) use webhooks::{Backlog, Claimed, Registration, Settled};
pub(crate) use writings::{NoteSize, Writing, WritingKind};

use database::Database;

/// The file of the data directory that has the key which personal data are sealed under, by way of the patients' keys.
pub(crate) const SERVER_KEY_FILE: &str = "personal-data.key";

/// The file of the data directory that has the key which links are signed with.
pub(crate) const TOKEN_KEY_FILE: &str = "token-key.p8";

/// The store failed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// What the database said. Its messages name tables and columns, never values.
    #[error("the store failed: {0}")]
    Database(#[from] sqlx::Error),
    /// The schema could not be brought up to date.
    #[error(
        "the store's schema could not be brought up to date: {0}. If an unreleased version made the store, begin with an \
         empty data directory or database"
    )]
    Migration(#[from] sqlx::migrate::MigrateError),
    /// A row that this program never writes.
    #[error("the store holds a row of table {0} that cannot be read")]
    Corrupt(&'static str),
    /// The database refused us, or is not there.
    #[error(
        "the store at {0} cannot be reached: {1}; is PostgreSQL running there, and may we enter?"
    )]
    Unreachable(String, sqlx::Error),
    /// No name for this server could be made.
    #[error(transparent)]
    NoRandomness(#[from] crate::random::NoRandomness),
    /// The server's key is not the one that the store was made with.
    #[error(
        "what people wrote in this store is sealed under another key: copy {SERVER_KEY_FILE} from the data directory of \
         the server that made the store, or from its backup"
    )]
    OtherKey,
    /// The key that links are signed with is not the one that the store knows.
    #[error(
        "the links of this clinic are signed with another key: copy {TOKEN_KEY_FILE} from the data directory of a server on \
         this store, or from its backup. Is it lost, or to be changed, start once with --renew-token-key; links that were \
         given out are then good no more"
    )]
    OtherTokenKey,
    /// Nothing came back.
    #[error("the store at {0} does not answer; is PostgreSQL running there?")]
    Silent(String),
}

/// The store of one clinic, as one server has it open.
#[derive(Clone)]
pub(crate) struct Store {
    database: Database,
    node: NodeId,
    /// Rung when a batch of this server left something to be sent out.
    outgoing: Arc<Notify>,
    vault: Arc<Vault>,
}

impl Store {
    /// Opens or makes the file and brings its schema up to date.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) async fn open(path: &Path, vault: Vault) -> Result<Self, StoreError> {
        let database = Database::open_file(path).await?;
        // Nobody else has the file open: whoever was here is gone.
        for sql in [
            "DELETE FROM attendance",
            "DELETE FROM nodes",
            "UPDATE deliveries SET leased_until = 0 WHERE leased_until > 0",
        ] {
            statement::statement(sql).run(&database).await?;
        }
        Self::on(database, vault).await
    }

    /// Connects to PostgreSQL and brings the schema up to date.
    ///
    /// # Errors
    /// [`StoreError`], with a sentence that says what to look at.
    pub(crate) async fn connect(url: &PostgresUrl, vault: Vault) -> Result<Self, StoreError> {
        Self::on(Database::connect(url).await?, vault).await
    }

    /// Opens the file that a server made, also while one has it open.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) async fn open_beside(path: &Path, vault: Vault) -> Result<Self, StoreError> {
        Self::on(Database::open_beside(path).await?, vault).await
    }

    async fn on(database: Database, vault: Vault) -> Result<Self, StoreError> {
        let mut transaction = database.begin().await?;
        vault::prove(&mut transaction, &vault).await?;
        transaction.commit().await?;
        Ok(Self {
            database,
            node: NodeId::new()?,
            outgoing: Arc::default(),
            vault: Arc::new(vault),
        })
    }

    /// Waits until a batch of this server left something to be sent out.
    pub(crate) async fn outgoing(&self) {
        self.outgoing.notified().await;
    }

    /// This server.
    pub(crate) fn node(&self) -> NodeId {
        self.node
    }

    /// Whether other servers may write to it.
    pub(crate) fn is_shared(&self) -> bool {
        matches!(self.database, Database::Postgres(_))
    }

    /// Whether a write would be taken now.
    ///
    /// # Errors
    /// [`StoreError`] with the reason why not.
    pub(crate) async fn probe(&self) -> Result<(), StoreError> {
        Ok(self.database.begin().await?.rollback().await?)
    }

    /// Lets go of the database; of a file, the journal is moved into it first.
    ///
    /// # Errors
    /// [`StoreError`]; nothing is lost then, the journal is read at the next start.
    pub(crate) async fn close(&self) -> Result<(), StoreError> {
        Ok(self.database.close().await?)
    }
}
