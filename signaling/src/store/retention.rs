//! What is kept for a time, and then no more. Each sweep deletes a bounded number of rows, so that nobody waits for it.

use serde::Deserialize;
use vestibule_vocab::{Millis, Timestamp};

use super::audit::read_line;
use super::convert::Columns;
use super::statement::statement;
use super::{Store, StoreError};
use crate::limits;
use crate::settings::Retention;

/// All that is looked at of an entry of the audit log.
#[derive(Deserialize)]
struct Dated {
    at: Timestamp,
}

impl Store {
    /// Deletes what is past its period, as much as one sweep may.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) async fn retain(
        &self,
        now: Timestamp,
        retention: &Retention,
    ) -> Result<(), StoreError> {
        let before = |period: Millis| Timestamp(now.0.saturating_sub(period.0));
        for (sql, since) in [
            (
                "DELETE FROM outbox WHERE sequence IN \
                 (SELECT sequence FROM outbox WHERE at < $1 ORDER BY at LIMIT $2)",
                before(retention.events),
            ),
            (
                "DELETE FROM receipts WHERE consultation IN \
                 (SELECT consultation FROM receipts WHERE ended_at < $1 ORDER BY ended_at LIMIT $2)",
                before(retention.receipts),
            ),
            (
                "DELETE FROM writings WHERE consultation IN \
                 (SELECT consultation FROM writings WHERE at < $1 ORDER BY at LIMIT $2)",
                before(retention.receipts),
            ),
        ] {
            statement(sql)
                .bind(since)
                .bind(limits::SWEPT_ROWS)
                .run(&self.database)
                .await?;
        }
        self.drop_idle_keys().await?;
        self.shorten_audit(before(retention.audit)).await
    }

    /// Deletes the keys of patients of whom nothing is sealed any more. With the turn, nobody comes back meanwhile and has
    /// something sealed under a key that goes.
    async fn drop_idle_keys(&self) -> Result<(), StoreError> {
        let mut turn = self.turn().await?;
        statement(
            "DELETE FROM patient_keys \
             WHERE NOT EXISTS (SELECT 1 FROM visits WHERE visits.patient = patient_keys.patient) \
             AND NOT EXISTS (SELECT 1 FROM writings WHERE writings.patient = patient_keys.patient)",
        )
        .execute(&mut turn.transaction)
        .await?;
        Ok(turn.transaction.commit().await?)
    }

    /// Deletes the oldest entries of the audit log, and notes where its chain goes on from.
    async fn shorten_audit(&self, before: Timestamp) -> Result<(), StoreError> {
        let first = statement("SELECT entry FROM audit ORDER BY sequence LIMIT 1")
            .find(&self.database)
            .await?;
        let Some(first) = first else {
            return Ok(());
        };
        if dated(&Columns::of("audit", &first).text("entry")?)? >= before {
            return Ok(());
        }
        // With the turn, nobody adds a line meanwhile.
        let mut turn = self.turn().await?;
        let rows = statement("SELECT sequence, hash, entry FROM audit ORDER BY sequence LIMIT $1")
            .bind(limits::SWEPT_ROWS)
            .fetch(&mut turn.transaction)
            .await?;
        let mut last = None;
        for row in &rows {
            let line = read_line(row)?;
            if dated(&line.entry)? >= before {
                break;
            }
            last = Some(line);
        }
        let Some(last) = last else {
            turn.give_back().await;
            return Ok(());
        };
        statement(
            "INSERT INTO audit_base (id, sequence, hash) VALUES (1, $1, $2) \
             ON CONFLICT (id) DO UPDATE SET sequence = excluded.sequence, hash = excluded.hash",
        )
        .bind(last.sequence)
        .bind(last.hash.as_slice())
        .execute(&mut turn.transaction)
        .await?;
        statement("DELETE FROM audit WHERE sequence <= $1")
            .bind(last.sequence)
            .execute(&mut turn.transaction)
            .await?;
        Ok(turn.transaction.commit().await?)
    }
}

fn dated(entry: &str) -> Result<Timestamp, StoreError> {
    let dated: Dated = serde_json::from_str(entry).map_err(|_| StoreError::Corrupt("audit"))?;
    Ok(dated.at)
}
