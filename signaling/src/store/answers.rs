//! What was answered to the writes of other systems, kept so that one that is repeated is not done twice.

use vestibule_vocab::{ApiKeyId, Timestamp};

use super::commit::Open;
use super::convert::Columns;
use super::statement::statement;
use super::{Store, StoreError, Turn};
use crate::identity::SecretHash;

/// The name that a system gave to one write, and what it asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct IdempotencyKey {
    /// Whose name it is.
    pub by: ApiKeyId,
    /// The name.
    pub name: String,
    /// SHA-256 of what is asked.
    pub request: SecretHash,
}

/// An answer as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StoredAnswer {
    /// The status.
    pub status: u16,
    /// Where what was made is found.
    pub location: Option<String>,
    /// The body (JSON).
    pub body: String,
}

/// What is known of a write that was asked for before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Recalled {
    /// Nothing.
    Nothing,
    /// It was done, and this was answered.
    Done(StoredAnswer),
    /// The name was given to something else.
    Otherwise,
}

/// An answer to be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct KeptAnswer {
    /// What it answers.
    pub key: IdempotencyKey,
    /// The answer.
    pub answer: StoredAnswer,
    /// When.
    pub at: Timestamp,
}

pub(super) async fn put_answer(
    transaction: Open<'_>,
    kept: &KeptAnswer,
) -> Result<(), sqlx::Error> {
    statement(
        "INSERT INTO api_answers (api_key, name, request, status, location, body, at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(kept.key.by)
    .bind(kept.key.name.as_str())
    .bind(kept.key.request.as_slice())
    .bind(u32::from(kept.answer.status))
    .bind(kept.answer.location.as_deref())
    .bind(kept.answer.body.as_str())
    .bind(kept.at)
    .execute(transaction)
    .await?;
    Ok(())
}

impl Turn {
    /// What was answered before. Nobody else answers it while the turn is held.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) async fn recall(&mut self, key: &IdempotencyKey) -> Result<Recalled, StoreError> {
        let rows = statement(
            "SELECT request, status, location, body FROM api_answers WHERE api_key = $1 AND name = $2",
        )
        .bind(key.by)
        .bind(key.name.as_str())
        .fetch(&mut self.transaction)
        .await?;
        let Some(row) = rows.first() else {
            return Ok(Recalled::Nothing);
        };
        let columns = Columns::of("api_answers", row);
        if columns.bytes("request")? != key.request {
            return Ok(Recalled::Otherwise);
        }
        let status = columns.number("status")?;
        Ok(Recalled::Done(StoredAnswer {
            status: u16::try_from(status).map_err(|_| columns.corrupt())?,
            location: columns.optional_text("location")?,
            body: columns.text("body")?,
        }))
    }
}

impl Store {
    /// Forgets the answers that were given until then.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) async fn forget_answers(&self, until: Timestamp) -> Result<(), StoreError> {
        statement("DELETE FROM api_answers WHERE at <= $1")
            .bind(until)
            .run(&self.database)
            .await?;
        Ok(())
    }
}
