//! The two databases behind one face: pools, transactions and rows.
//!
//! What waits for a database is [`Boxed`].

use std::path::Path;
use std::time::Duration;

use sqlx::pool::PoolOptions;
use sqlx::postgres::{PgConnection, PgPool, PgRow, Postgres};
use sqlx::sqlite::{
    Sqlite, SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqliteRow, SqliteSynchronous,
};
use sqlx::{Connection as _, Row as _};
use tokio::time::timeout;

use super::statement::{Statement, statement};
use super::{PostgresUrl, StoreError, setup};
use crate::boxed::Boxed;
use crate::limits;

/// An open database.
#[derive(Clone, Debug)]
pub(super) enum Database {
    /// One file. All writes go through one connection, so that none ever waits for a lock that another of ours holds;
    /// readers have their own.
    Sqlite { write: SqlitePool, read: SqlitePool },
    /// A server, which others may write to as well.
    Postgres(PgPool),
}

impl Database {
    /// Opens or makes the file and brings its schema up to date.
    pub(super) fn open_file(path: &Path) -> Boxed<'_, Result<Self, StoreError>> {
        Box::pin(async move {
            let options = file_options(path);
            let write = pool(1).connect_with(options.clone()).await?;
            setup::sqlite_migrations().run(&write).await?;
            let read = pool(limits::STORE_READERS)
                .connect_with(options.create_if_missing(false))
                .await?;
            Ok(Self::Sqlite { write, read })
        })
    }

    /// Opens the file that a server made, also while one has it open, and brings its schema up to date.
    pub(super) fn open_beside(path: &Path) -> Boxed<'_, Result<Self, StoreError>> {
        Box::pin(async move {
            let options = file_options(path).create_if_missing(false);
            let write = pool(1).connect_with(options.clone()).await?;
            setup::sqlite_migrations().run(&write).await?;
            let read = pool(1).connect_with(options).await?;
            Ok(Self::Sqlite { write, read })
        })
    }

    /// Connects to the server and brings the schema up to date.
    pub(super) fn connect(url: &PostgresUrl) -> Boxed<'_, Result<Self, StoreError>> {
        Box::pin(async move {
            // A pool would try for its whole patience, and say only that it lasted too long.
            let first = timeout(
                limits::STORE_WAIT,
                PgConnection::connect_with(&url.options()),
            )
            .await
            .map_err(|_| StoreError::Silent(url.to_string()))?
            .map_err(|why| StoreError::Unreachable(url.to_string(), why))?;
            first.close().await?;
            let pool = pool(limits::STORE_CONNECTIONS)
                .connect_with(url.options())
                .await?;
            setup::postgres_migrations().run(&pool).await?;
            Ok(Self::Postgres(pool))
        })
    }

    /// Begins a transaction that will write.
    pub(super) fn begin(&self) -> Boxed<'_, Result<Transaction, sqlx::Error>> {
        Box::pin(async move {
            match self {
                Self::Sqlite { write, .. } => {
                    let begun = write.begin_with("BEGIN IMMEDIATE").await?;
                    Ok(Transaction::Sqlite(begun))
                }
                Self::Postgres(pool) => {
                    let begun = pool.begin_with("BEGIN READ WRITE").await?;
                    Ok(Transaction::Postgres(begun))
                }
            }
        })
    }

    /// Begins a transaction that sees one moment and writes nothing.
    pub(super) fn look(&self) -> Boxed<'_, Result<Transaction, sqlx::Error>> {
        Box::pin(async move {
            match self {
                Self::Sqlite { read, .. } => Ok(Transaction::Sqlite(read.begin().await?)),
                Self::Postgres(pool) => {
                    let begun = pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
                    Ok(Transaction::Postgres(begun.await?))
                }
            }
        })
    }

    /// Waits until no other server founds the clinic; this one may, until what comes back is dropped. A file is one
    /// server's anyway.
    pub(super) async fn found_alone(&self) -> Result<Option<Transaction>, sqlx::Error> {
        let Self::Postgres(_) = self else {
            return Ok(None);
        };
        let mut alone = self.begin().await?;
        // The number is nobody else's here: the migrations' lock is on one made from the database's name.
        statement("SELECT 1 FROM (SELECT pg_advisory_xact_lock(1)) AS alone")
            .fetch(&mut alone)
            .await?;
        Ok(Some(alone))
    }

    /// Closes; of a file, the journal is moved into it first.
    pub(super) fn close(&self) -> Boxed<'_, Result<(), sqlx::Error>> {
        Box::pin(async move {
            match self {
                Self::Sqlite { write, read } => {
                    read.close().await;
                    let moved = sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)")
                        .execute(write)
                        .await;
                    write.close().await;
                    moved.map(drop)
                }
                Self::Postgres(pool) => {
                    pool.close().await;
                    Ok(())
                }
            }
        })
    }
}

/// An open transaction. Dropped, it is rolled back.
pub(super) enum Transaction {
    Sqlite(sqlx::Transaction<'static, Sqlite>),
    Postgres(sqlx::Transaction<'static, Postgres>),
}

impl Transaction {
    /// The clinic's version. Nobody else writes a next one until this transaction ends.
    pub(super) async fn lock_version(&mut self) -> Result<Row, sqlx::Error> {
        let sql = match self {
            // The transaction began as one that writes, and there is only one of those.
            Self::Sqlite(_) => "SELECT version FROM clinic",
            Self::Postgres(_) => "SELECT version FROM clinic FOR UPDATE",
        };
        statement(sql).first(self).await
    }

    pub(super) fn commit(self) -> Boxed<'static, Result<(), sqlx::Error>> {
        Box::pin(async move {
            match self {
                Self::Sqlite(open) => open.commit().await,
                Self::Postgres(open) => open.commit().await,
            }
        })
    }

    pub(super) fn rollback(self) -> Boxed<'static, Result<(), sqlx::Error>> {
        Box::pin(async move {
            match self {
                Self::Sqlite(open) => open.rollback().await,
                Self::Postgres(open) => open.rollback().await,
            }
        })
    }
}

impl Statement {
    /// Carries it out; how many rows it touched.
    pub(super) fn execute(self, within: &mut Transaction) -> Boxed<'_, Result<u64, sqlx::Error>> {
        Box::pin(async move {
            match within {
                Transaction::Sqlite(open) => {
                    let done = self.sqlite().execute(&mut **open).await?;
                    Ok(done.rows_affected())
                }
                Transaction::Postgres(open) => {
                    let done = self.postgres().execute(&mut **open).await?;
                    Ok(done.rows_affected())
                }
            }
        })
    }

    /// All its rows.
    pub(super) fn fetch(
        self,
        within: &mut Transaction,
    ) -> Boxed<'_, Result<Vec<Row>, sqlx::Error>> {
        Box::pin(async move {
            match within {
                Transaction::Sqlite(open) => {
                    let rows = self.sqlite().fetch_all(&mut **open).await?;
                    Ok(rows.into_iter().map(Row::Sqlite).collect())
                }
                Transaction::Postgres(open) => {
                    let rows = self.postgres().fetch_all(&mut **open).await?;
                    Ok(rows.into_iter().map(Row::Postgres).collect())
                }
            }
        })
    }

    /// Carries it out by itself.
    pub(super) fn run(self, on: &Database) -> Boxed<'_, Result<(), sqlx::Error>> {
        Box::pin(async move {
            match on {
                Database::Sqlite { write, .. } => self.sqlite().execute(write).await.map(drop),
                Database::Postgres(pool) => self.postgres().execute(pool).await.map(drop),
            }
        })
    }

    /// Its one row, if there is one, of one that only reads.
    pub(super) fn find(self, on: &Database) -> Boxed<'_, Result<Option<Row>, sqlx::Error>> {
        Box::pin(async move {
            match on {
                Database::Sqlite { read, .. } => {
                    let row = self.sqlite().fetch_optional(read).await?;
                    Ok(row.map(Row::Sqlite))
                }
                Database::Postgres(pool) => {
                    let row = self.postgres().fetch_optional(pool).await?;
                    Ok(row.map(Row::Postgres))
                }
            }
        })
    }

    /// The first row of one that has some.
    pub(super) async fn first(self, within: &mut Transaction) -> Result<Row, sqlx::Error> {
        let rows = self.fetch(within).await?;
        rows.into_iter().next().ok_or(sqlx::Error::RowNotFound)
    }
}

/// One row.
pub(super) enum Row {
    Sqlite(SqliteRow),
    Postgres(PgRow),
}

impl Row {
    pub(super) fn integer(&self, column: &str) -> Result<Option<i64>, sqlx::Error> {
        match self {
            Self::Sqlite(row) => row.try_get(column),
            Self::Postgres(row) => row.try_get(column),
        }
    }

    pub(super) fn text(&self, column: &str) -> Result<Option<String>, sqlx::Error> {
        match self {
            Self::Sqlite(row) => row.try_get(column),
            Self::Postgres(row) => row.try_get(column),
        }
    }

    pub(super) fn bytes(&self, column: &str) -> Result<Option<Vec<u8>>, sqlx::Error> {
        match self {
            Self::Sqlite(row) => row.try_get(column),
            Self::Postgres(row) => row.try_get(column),
        }
    }
}

/// `FULL` makes each commit outlive a loss of power; `secure_delete` overwrites what is deleted, so that a name that
/// was removed is not left in a free page.
fn file_options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(limits::STORE_BUSY)
        .statement_cache_capacity(limits::STORE_STATEMENTS)
        .pragma("secure_delete", "on")
}

fn pool<DB: sqlx::Database>(connections: u32) -> PoolOptions<DB> {
    PoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(limits::STORE_WAIT)
        .idle_timeout(None::<Duration>)
        .max_lifetime(None::<Duration>)
}
