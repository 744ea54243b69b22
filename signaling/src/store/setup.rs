//! The schema, and the rows that stand there from the first start.

use std::borrow::Cow;

use sqlx::SqlSafeStr as _;
use sqlx::migrate::{Migration, MigrationType, Migrator};
use vestibule_clinic::{Practitioner, Service};
use vestibule_vocab::{ClinicId, PractitionerId, ServiceId};

use super::commit::{put_practitioners, put_services};
use super::convert::Columns;
use super::database::Transaction;
use super::rows::read_document;
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
        (
            "receipts",
            include_str!("../../migrations/sqlite/0003_receipts.sql"),
        ),
        ("api", include_str!("../../migrations/sqlite/0004_api.sql")),
        (
            "outbox",
            include_str!("../../migrations/sqlite/0005_outbox.sql"),
        ),
        (
            "writings",
            include_str!("../../migrations/sqlite/0006_writings.sql"),
        ),
        (
            "companions",
            include_str!("../../migrations/sqlite/0007_companions.sql"),
        ),
        (
            "personal",
            include_str!("../../migrations/sqlite/0008_personal.sql"),
        ),
        (
            "open",
            include_str!("../../migrations/sqlite/0009_open.sql"),
        ),
        (
            "sign_in",
            include_str!("../../migrations/sqlite/0010_sign_in.sql"),
        ),
        (
            "known",
            include_str!("../../migrations/sqlite/0011_known.sql"),
        ),
        (
            "regular",
            include_str!("../../migrations/sqlite/0012_regular.sql"),
        ),
        (
            "answered",
            include_str!("../../migrations/sqlite/0013_answered.sql"),
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
        (
            "receipts",
            include_str!("../../migrations/postgres/0003_receipts.sql"),
        ),
        (
            "api",
            include_str!("../../migrations/postgres/0004_api.sql"),
        ),
        (
            "outbox",
            include_str!("../../migrations/postgres/0005_outbox.sql"),
        ),
        (
            "writings",
            include_str!("../../migrations/postgres/0006_writings.sql"),
        ),
        (
            "companions",
            include_str!("../../migrations/postgres/0007_companions.sql"),
        ),
        (
            "personal",
            include_str!("../../migrations/postgres/0008_personal.sql"),
        ),
        (
            "open",
            include_str!("../../migrations/postgres/0009_open.sql"),
        ),
        (
            "sign_in",
            include_str!("../../migrations/postgres/0010_sign_in.sql"),
        ),
        (
            "known",
            include_str!("../../migrations/postgres/0011_known.sql"),
        ),
        (
            "regular",
            include_str!("../../migrations/postgres/0012_regular.sql"),
        ),
        (
            "answered",
            include_str!("../../migrations/postgres/0013_answered.sql"),
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
    /// What is consulted for when nobody says.
    pub service: ServiceId,
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

    /// The clinic, made as `first` with this service when the store is new.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) async fn clinic_or(
        &self,
        first: &ClinicRow,
        service: &Service,
    ) -> Result<ClinicRow, StoreError> {
        let mut transaction = self.database.begin().await?;
        let made = statement(
            "INSERT INTO clinic (id, name, service, version) \
             SELECT $1, $2, $3, 0 WHERE NOT EXISTS (SELECT 1 FROM clinic) \
             ON CONFLICT DO NOTHING",
        )
        .bind(first.id)
        .bind(first.name.as_str())
        .bind(first.service)
        .execute(&mut transaction)
        .await?;
        if made == 1 {
            put_services(&mut transaction, &[service]).await?;
        }
        let row = statement("SELECT id, name, service FROM clinic")
            .first(&mut transaction)
            .await?;
        transaction.commit().await?;
        let columns = Columns::of("clinic", &row);
        Ok(ClinicRow {
            id: columns.id("id")?,
            name: columns.text("name")?,
            service: columns.id("service")?,
        })
    }

    /// Sees to it that links are signed with the key that the store knows. A store that knows none is told this one, and one
    /// that is to be `renewed` as well: then what was signed before is good no more.
    ///
    /// # Errors
    /// [`StoreError::OtherTokenKey`] when it is another one.
    pub(crate) async fn prove_token_key(
        &self,
        public: &[u8],
        renewed: bool,
    ) -> Result<(), StoreError> {
        let mut transaction = self.database.begin().await?;
        statement("UPDATE clinic SET token_key = $1 WHERE token_key IS NULL OR $2 = 1")
            .bind(public)
            .bind(u32::from(renewed))
            .execute(&mut transaction)
            .await?;
        let row = statement("SELECT token_key FROM clinic")
            .first(&mut transaction)
            .await?;
        transaction.commit().await?;
        if Columns::of("clinic", &row).bytes("token_key")? == public {
            Ok(())
        } else {
            Err(StoreError::OtherTokenKey)
        }
    }

    /// Gives the clinic and the service that it began with other names, if there are any to give. The version moves on, so
    /// that whoever holds the clinic in memory reads it again.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) async fn rename_clinic(
        &self,
        name: Option<&str>,
        service_name: Option<&str>,
    ) -> Result<(), StoreError> {
        if name.is_none() && service_name.is_none() {
            return Ok(());
        }
        let mut transaction = self.database.begin().await?;
        statement("UPDATE clinic SET name = COALESCE($1, name), version = version + 1")
            .bind(name)
            .execute(&mut transaction)
            .await?;
        let rows = statement("SELECT body FROM services WHERE id = (SELECT service FROM clinic)")
            .fetch(&mut transaction)
            .await?;
        if let (Some(row), Some(name)) = (rows.first(), service_name) {
            let service: Service = read_document(&Columns::of("services", row))?;
            let name = name.to_owned();
            put_services(&mut transaction, &[&Service { name, ..service }]).await?;
        }
        Ok(transaction.commit().await?)
    }

    /// Gives practitioners these names: sessions stay theirs. Those that are not there are made for this service, all or
    /// none. The version moves on when anything changes.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) async fn name_practitioners(
        &self,
        named: &[(PractitionerId, &str)],
        service: ServiceId,
    ) -> Result<(), StoreError> {
        let mut transaction = self.database.begin().await?;
        let mut changed = false;
        for (id, name) in named {
            let rows = statement("SELECT body FROM practitioners WHERE id = $1")
                .bind(*id)
                .fetch(&mut transaction)
                .await?;
            let mut card = match rows.first() {
                Some(row) => read_document(&Columns::of("practitioners", row))?,
                None => Practitioner::named(*id, "", [service]),
            };
            if card.name != *name {
                (*name).clone_into(&mut card.name);
                put_practitioners(&mut transaction, &[&card]).await?;
                changed = true;
            }
        }
        if changed {
            statement("UPDATE clinic SET version = version + 1")
                .execute(&mut transaction)
                .await?;
        }
        Ok(transaction.commit().await?)
    }

    /// Everybody who works here, the first made first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) async fn practitioners(&self) -> Result<Vec<Practitioner>, StoreError> {
        let rows = statement("SELECT body FROM practitioners ORDER BY rowid")
            .fetch(&mut self.database.look().await?)
            .await?;
        rows.iter()
            .map(|row| read_document(&Columns::of("practitioners", row)))
            .collect()
    }

    /// Whether a visit is known, or a receipt of one.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) async fn was_somebody_here(&self) -> Result<bool, StoreError> {
        for sql in [
            "SELECT 1 FROM visits LIMIT 1",
            "SELECT 1 FROM receipts LIMIT 1",
        ] {
            if statement(sql).find(&self.database).await?.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether a device of this practitioner has a session.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) async fn has_session(&self, of: PractitionerId) -> Result<bool, StoreError> {
        let sql = "SELECT 1 FROM sessions WHERE role = 'practitioner' AND subject = $1 LIMIT 1";
        let found = statement(sql).bind(of).find(&self.database).await?;
        Ok(found.is_some())
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
