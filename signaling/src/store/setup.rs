//! The schema, and the rows that stand there from the first start.

use std::borrow::Cow;

use sqlx::SqlSafeStr as _;
use sqlx::migrate::{Migration, MigrationType, Migrator};
use vestibule_vocab::{ClinicId, PractitionerId, ServiceId};

use super::clinic::read_practitioner;
use super::convert::Columns;
use super::database::Transaction;
use super::statement::statement;
use super::{Store, StoreError};
use crate::identity::SecretHash;

/// The steps of SQLite's schema, oldest first. One that was released is never changed.
pub(super) fn sqlite_migrations() -> Migrator {
    migrator(&[
        (
            "first",
            include_str!("../../migrations/sqlite/0001_first.sql"),
        ),
        (
            "nodes",
            include_str!("../../migrations/sqlite/0002_nodes.sql"),
        ),
    ])
}

/// The steps of PostgreSQL's schema, likewise.
pub(super) fn postgres_migrations() -> Migrator {
    migrator(&[
        (
            "first",
            include_str!("../../migrations/postgres/0001_first.sql"),
        ),
        (
            "nodes",
            include_str!("../../migrations/postgres/0002_nodes.sql"),
        ),
    ])
}

fn migrator(steps: &[(&'static str, &'static str)]) -> Migrator {
    let migrations = (1..).zip(steps).map(|(version, (description, sql))| {
        Migration::new(
            version,
            Cow::Borrowed(*description),
            MigrationType::Simple,
            sql.into_sql_str(),
            false,
        )
    });
    Migrator::with_migrations(migrations.collect())
}

/// The clinic of this store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ClinicRow {
    /// Its id.
    pub id: ClinicId,
    /// Its name.
    pub name: String,
    /// Its service.
    pub service: ServiceId,
    /// What the service is called.
    pub service_name: String,
}

/// Nobody else founds the clinic while this is there.
pub(crate) struct Alone(
    #[expect(dead_code, reason = "it is held, and not looked at")] Option<Transaction>,
);

impl Store {
    /// Waits until this server alone may find or make what stands there from the first start.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) async fn found_alone(&self) -> Result<Alone, StoreError> {
        Ok(Alone(self.database.found_alone().await?))
    }

    /// The clinic, made as `first` when the store is new.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) async fn clinic_or(&self, first: &ClinicRow) -> Result<ClinicRow, StoreError> {
        statement(
            "INSERT INTO clinic (id, name, service, service_name, version) \
             SELECT $1, $2, $3, $4, 0 WHERE NOT EXISTS (SELECT 1 FROM clinic) \
             ON CONFLICT DO NOTHING",
        )
        .bind(first.id)
        .bind(first.name.as_str())
        .bind(first.service)
        .bind(first.service_name.as_str())
        .run(&self.database)
        .await?;
        let row = statement("SELECT id, name, service, service_name FROM clinic")
            .find(&self.database)
            .await?
            .ok_or(StoreError::Corrupt("clinic"))?;
        let columns = Columns::of("clinic", &row);
        Ok(ClinicRow {
            id: columns.id("id")?,
            name: columns.text("name")?,
            service: columns.id("service")?,
            service_name: columns.text("service_name")?,
        })
    }

    /// Gives the clinic and its service other names, if there are any to give and to be given.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) async fn rename_clinic(
        &self,
        name: Option<&str>,
        service: Option<&str>,
    ) -> Result<(), StoreError> {
        statement(
            "UPDATE clinic SET name = COALESCE($1, name), service_name = COALESCE($2, service_name)",
        )
        .bind(name)
        .bind(service)
        .run(&self.database)
        .await?;
        Ok(())
    }

    /// Gives practitioners these names: sessions stay theirs. Those that are not there are made, all or none.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) async fn name_practitioners(
        &self,
        named: &[(PractitionerId, &str)],
    ) -> Result<(), StoreError> {
        let mut transaction = self.database.begin().await?;
        for (id, name) in named {
            statement(
                "INSERT INTO practitioners (id, name) VALUES ($1, $2) \
                 ON CONFLICT (id) DO UPDATE SET name = excluded.name",
            )
            .bind(*id)
            .bind(*name)
            .execute(&mut transaction)
            .await?;
        }
        Ok(transaction.commit().await?)
    }

    /// Everybody who works here, the first made first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) async fn practitioners(&self) -> Result<Vec<(PractitionerId, String)>, StoreError> {
        let rows = statement("SELECT id, name FROM practitioners ORDER BY rowid")
            .fetch(&mut self.database.look().await?)
            .await?;
        rows.iter()
            .map(|row| read_practitioner(&Columns::of("practitioners", row)))
            .collect()
    }

    /// Makes a walk-in link good.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) async fn add_walk_in_link(&self, hash: &SecretHash) -> Result<(), StoreError> {
        statement("INSERT INTO walk_in_links (hash) VALUES ($1) ON CONFLICT DO NOTHING")
            .bind(hash.as_slice())
            .run(&self.database)
            .await?;
        Ok(())
    }

    /// Whether this is the hash of a walk-in link.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) async fn is_walk_in_link(&self, hash: &SecretHash) -> Result<bool, StoreError> {
        let found = statement("SELECT 1 FROM walk_in_links WHERE hash = $1")
            .bind(hash.as_slice())
            .find(&self.database)
            .await?;
        Ok(found.is_some())
    }
}
