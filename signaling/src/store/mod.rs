//! The store: SQLite through `sqlx`. What a client was told is on the disk before it was told.

mod clinic;
mod commit;
mod convert;
mod log;
mod rows;
mod sessions;
mod setup;

use std::path::Path;
use std::time::Duration;

use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};

pub(crate) use clinic::Loaded;
pub(crate) use commit::{CommitError, Write};
pub(crate) use rows::CallIds;
pub(crate) use sessions::{ClaimError, NewSession, SessionRow};
pub(crate) use setup::ClinicRow;

use crate::limits;

/// The store failed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// What SQLite said. Its messages name tables and columns, never values.
    #[error("the store failed: {0}")]
    Database(#[from] sqlx::Error),
    /// The schema could not be brought up to date.
    #[error("the store's schema could not be brought up to date: {0}")]
    Migration(#[from] sqlx::migrate::MigrateError),
    /// A row that this program never writes.
    #[error("the store holds a row of table {0} that cannot be read")]
    Corrupt(&'static str),
}

/// One SQLite file. All writes go through one connection, so that none ever waits for a lock that
/// another of ours holds; readers have their own.
#[derive(Clone, Debug)]
pub(crate) struct Store {
    write: SqlitePool,
    read: SqlitePool,
}

impl Store {
    /// Opens or makes the file and brings its schema up to date.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) async fn open(path: &Path) -> Result<Self, StoreError> {
        let options = options(path);
        let write = pool(1).connect_with(options.clone()).await?;
        setup::migrations().run(&write).await?;
        let read = pool(limits::STORE_READERS)
            .connect_with(options.create_if_missing(false))
            .await?;
        Ok(Self { write, read })
    }

    /// Whether a write would be taken now.
    ///
    /// # Errors
    /// [`StoreError`] with the reason why not.
    pub(crate) async fn probe(&self) -> Result<(), StoreError> {
        let transaction = self.write.begin_with("BEGIN IMMEDIATE").await?;
        Ok(transaction.rollback().await?)
    }

    /// Moves the journal into the database file and closes it.
    ///
    /// # Errors
    /// [`StoreError`]; nothing is lost then, the journal is read at the next start.
    pub(crate) async fn close(&self) -> Result<(), StoreError> {
        self.read.close().await;
        let moved = sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)")
            .execute(&self.write)
            .await;
        self.write.close().await;
        moved?;
        Ok(())
    }
}

/// `FULL` makes each commit outlive a loss of power; `secure_delete` overwrites what is deleted,
/// so that a name that was removed is not left in a free page.
fn options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(limits::STORE_BUSY)
        .pragma("secure_delete", "on")
}

fn pool(connections: u32) -> SqlitePoolOptions {
    SqlitePoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(limits::STORE_WAIT)
        .idle_timeout(None::<Duration>)
        .max_lifetime(None::<Duration>)
}
