//! The schema, and the rows that stand there from the first start.

use std::borrow::Cow;

use sqlx::SqlSafeStr as _;
use sqlx::migrate::{Migration, MigrationType, Migrator};
use vestibule_vocab::{ClinicId, PractitionerId, ServiceId};

use super::clinic::read_practitioner;
use super::convert::Columns;
use super::{Store, StoreError};
use crate::identity::SecretHash;

/// The steps of the schema, oldest first. One that was released is never changed.
pub(super) fn migrations() -> Migrator {
    let steps = [("first", include_str!("../../migrations/0001_first.sql"))];
    let migrations = (1..).zip(steps).map(|(version, (description, sql))| {
        Migration::new(
            version,
            Cow::Borrowed(description),
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

impl Store {
    /// The clinic, made as `first` when the store is new.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) async fn clinic_or(&self, first: &ClinicRow) -> Result<ClinicRow, StoreError> {
        sqlx::query(
            "INSERT INTO clinic (id, name, service, service_name, version) \
             SELECT ?, ?, ?, ?, 0 WHERE NOT EXISTS (SELECT 1 FROM clinic)",
        )
        .bind(first.id.as_bytes().as_slice())
        .bind(&first.name)
        .bind(first.service.as_bytes().as_slice())
        .bind(&first.service_name)
        .execute(&self.write)
        .await?;
        let row = sqlx::query("SELECT id, name, service, service_name FROM clinic")
            .fetch_one(&self.write)
            .await?;
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
        sqlx::query(
            "UPDATE clinic SET name = COALESCE(?, name), service_name = COALESCE(?, service_name)",
        )
        .bind(name)
        .bind(service)
        .execute(&self.write)
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
        let mut transaction = self.write.begin_with("BEGIN IMMEDIATE").await?;
        for (id, name) in named {
            sqlx::query(
                "INSERT INTO practitioners (id, name) VALUES (?, ?) \
                 ON CONFLICT (id) DO UPDATE SET name = excluded.name",
            )
            .bind(id.as_bytes().as_slice())
            .bind(*name)
            .execute(&mut *transaction)
            .await?;
        }
        Ok(transaction.commit().await?)
    }

    /// Everybody who works here, the first made first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) async fn practitioners(&self) -> Result<Vec<(PractitionerId, String)>, StoreError> {
        let rows = sqlx::query("SELECT id, name FROM practitioners ORDER BY rowid")
            .fetch_all(&self.write)
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
        sqlx::query("INSERT OR IGNORE INTO walk_in_links (hash) VALUES (?)")
            .bind(hash.as_slice())
            .execute(&self.write)
            .await?;
        Ok(())
    }

    /// Whether this is the hash of a walk-in link.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) async fn is_walk_in_link(&self, hash: &SecretHash) -> Result<bool, StoreError> {
        let found = sqlx::query("SELECT 1 FROM walk_in_links WHERE hash = ?")
            .bind(hash.as_slice())
            .fetch_optional(&self.read)
            .await?;
        Ok(found.is_some())
    }
}
