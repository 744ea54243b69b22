//! The keys of other systems. What is stored of a key opens nothing.

use vestibule_clinic::Code;
use vestibule_vocab::{ApiKeyId, Timestamp};

use super::convert::Columns;
use super::statement::statement;
use super::{Store, StoreError};
use crate::identity::SecretHash;

/// A key as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ApiKeyRow {
    /// Its id.
    pub id: ApiKeyId,
    /// What the clinic calls it.
    pub label: String,
    /// The name in which it answers gates.
    pub system: Option<Code>,
    /// Words with a space between.
    pub scopes: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was used last, to the hour.
    pub used_at: Option<Timestamp>,
    /// Since when it is good for nothing.
    pub revoked_at: Option<Timestamp>,
}

impl Store {
    /// Keeps a new key.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) async fn add_api_key(
        &self,
        hash: &SecretHash,
        key: &ApiKeyRow,
    ) -> Result<(), StoreError> {
        statement(
            "INSERT INTO api_keys (id, hash, label, system, scopes, created_at) \
             VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(key.id)
        .bind(hash.as_slice())
        .bind(key.label.as_str())
        .bind(key.system.as_ref().map(Code::as_str))
        .bind(key.scopes.as_str())
        .bind(key.created_at)
        .run(&self.database)
        .await?;
        Ok(())
    }

    /// The key of this hash, revoked or not.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) async fn api_key(&self, hash: &SecretHash) -> Result<Option<ApiKeyRow>, StoreError> {
        let row = statement("SELECT * FROM api_keys WHERE hash = $1")
            .bind(hash.as_slice())
            .find(&self.database)
            .await?;
        row.map(|row| read(&Columns::of("api_keys", &row)))
            .transpose()
    }

    /// All keys, the oldest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) async fn api_keys(&self) -> Result<Vec<ApiKeyRow>, StoreError> {
        let rows = statement("SELECT * FROM api_keys ORDER BY created_at, id")
            .fetch(&mut self.database.look().await?)
            .await?;
        rows.iter()
            .map(|row| read(&Columns::of("api_keys", row)))
            .collect()
    }

    /// Makes a key good for nothing; false when there is no such key, or it is so already.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) async fn revoke_api_key(
        &self,
        id: ApiKeyId,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut transaction = self.database.begin().await?;
        let revoked =
            statement("UPDATE api_keys SET revoked_at = $1 WHERE id = $2 AND revoked_at IS NULL")
                .bind(now)
                .bind(id)
                .execute(&mut transaction)
                .await?;
        transaction.commit().await?;
        Ok(revoked == 1)
    }

    /// Notes that a key was used.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) async fn note_api_key(
        &self,
        id: ApiKeyId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        statement("UPDATE api_keys SET used_at = $1 WHERE id = $2")
            .bind(now)
            .bind(id)
            .run(&self.database)
            .await?;
        Ok(())
    }
}

fn read(columns: &Columns<'_>) -> Result<ApiKeyRow, StoreError> {
    let system = columns.optional_text("system")?;
    let system = system.map(|name| Code::new(&name)).transpose();
    Ok(ApiKeyRow {
        id: columns.id("id")?,
        label: columns.text("label")?,
        system: system.map_err(|_| columns.corrupt())?,
        scopes: columns.text("scopes")?,
        created_at: Timestamp(columns.number("created_at")?),
        used_at: columns.optional_number("used_at")?.map(Timestamp),
        revoked_at: columns.optional_number("revoked_at")?.map(Timestamp),
    })
}
