//! What goes out to other systems: written with the batch that it follows from.

use super::convert::Columns;
use super::database::Transaction;
use super::statement::statement;
use super::{BatchKey, StoreError, Write};
use crate::outgoing::{Outgoing, events};

/// Writes what a batch tells other systems, and to whom it is to be sent. Whether there is anything.
pub(super) async fn put_outgoing(
    transaction: &mut Transaction,
    batch: BatchKey,
    writes: &[Write],
) -> Result<bool, sqlx::Error> {
    let events = events(writes);
    if events.is_empty() {
        return Ok(false);
    }
    let somebody = statement("SELECT 1 FROM webhooks WHERE enabled = 1 LIMIT 1")
        .fetch(transaction)
        .await?;
    for (place, event) in events.iter().enumerate() {
        let sequence = put(transaction, &batch.event_id(place), event).await?;
        if !somebody.is_empty() {
            address(transaction, sequence, event).await?;
        }
    }
    Ok(!somebody.is_empty())
}

async fn put(
    transaction: &mut Transaction,
    id: &str,
    event: &Outgoing,
) -> Result<u64, sqlx::Error> {
    let body = event
        .body()
        .map_err(|why| sqlx::Error::Encode(why.into()))?;
    let row = statement(
        "INSERT INTO outbox (id, visit, at, kind, body) VALUES ($1, $2, $3, $4, $5) RETURNING sequence",
    )
    .bind(id)
    .bind(event.visit)
    .bind(event.at)
    .bind(event.kind.name())
    .bind(body.as_str())
    .first(transaction)
    .await?;
    let decode = |error: StoreError| sqlx::Error::Decode(error.into());
    Columns::of("outbox", &row)
        .number("sequence")
        .map_err(decode)
}

/// To everybody who wants such events.
async fn address(
    transaction: &mut Transaction,
    sequence: u64,
    event: &Outgoing,
) -> Result<(), sqlx::Error> {
    statement(
        "INSERT INTO deliveries (webhook, event, visit, state, attempts, due_at, leased_until) \
         SELECT id, $1, $2, 'due', 0, 0, 0 FROM webhooks \
         WHERE enabled = 1 AND (kinds = '' OR kinds LIKE $3)",
    )
    .bind(sequence)
    .bind(event.visit)
    .bind(format!("% {} %", event.kind.name()).as_str())
    .execute(transaction)
    .await?;
    Ok(())
}
