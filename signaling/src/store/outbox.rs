//! What goes out to other systems: written with the batch that it follows from.

use super::database::Transaction;
use super::shape::{Shape, row};
use super::{BatchKey, Write};
use crate::outgoing::events;

/// Their numbers follow the order of the rows.
static EVENTS: Shape = Shape::new(
    "INSERT INTO outbox (id, visit, at, kind, body) VALUES",
    5,
    "",
);

/// To everybody who wants such events.
static DELIVERIES: Shape = Shape::new(
    "INSERT INTO deliveries (webhook, event, visit, state, attempts, due_at, leased_until) \
     SELECT webhooks.id, outbox.sequence, outbox.visit, 'due', 0, 0, 0 FROM outbox JOIN webhooks \
     ON webhooks.enabled = 1 AND (webhooks.kinds = '' OR webhooks.kinds LIKE '% ' || outbox.kind || ' %') \
     WHERE outbox.id IN (VALUES",
    1,
    ")",
);

/// Writes what a batch tells other systems, and to whom it is to be sent. Whether there is anything to be sent.
pub(super) async fn put_outgoing(
    transaction: &mut Transaction,
    batch: BatchKey,
    writes: &[Write],
) -> Result<bool, sqlx::Error> {
    let (mut rows, mut ids) = (Vec::new(), Vec::new());
    for (place, event) in events(writes).iter().enumerate() {
        let id = batch.event_id(place);
        let body = event
            .body()
            .map_err(|why| sqlx::Error::Encode(why.into()))?;
        ids.push(row![id.as_str()]);
        rows.push(row![id, event.visit, event.at, event.kind.name(), body]);
    }
    EVENTS.execute(rows, transaction).await?;
    Ok(DELIVERIES.execute(ids, transaction).await? > 0)
}
