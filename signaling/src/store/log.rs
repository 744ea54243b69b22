//! The MLS logs of consultations under way.

use std::collections::HashMap;

use vestibule_delivery::{LogEntry, LogKind, Message};
use vestibule_vocab::ConsultationId;

use super::StoreError;
use super::commit::Open;
use super::convert::{Columns, Word};
use super::database::Row;
use super::statement::statement;

impl Word for LogKind {
    const WORDS: &'static [(Self, &'static str)] = &[
        (Self::Commit, "commit"),
        (Self::Welcome, "welcome"),
        (Self::Application, "application"),
    ];
}

pub(super) async fn put_log_entry(
    transaction: Open<'_>,
    entry: &LogEntry,
) -> Result<(), sqlx::Error> {
    statement(
        "INSERT INTO mls_log (consultation, sequence, sender, kind, generation, epoch, message) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(entry.consultation)
    .bind(entry.sequence)
    .bind(entry.sender)
    .bind(entry.kind.word())
    .bind(entry.generation)
    .bind(entry.epoch)
    .bind(entry.message.as_bytes())
    .execute(transaction)
    .await?;
    Ok(())
}

pub(super) async fn drop_log_entries(
    transaction: Open<'_>,
    consultation: ConsultationId,
    sequences: &[u64],
) -> Result<(), sqlx::Error> {
    for sequence in sequences {
        statement("DELETE FROM mls_log WHERE consultation = $1 AND sequence = $2")
            .bind(consultation)
            .bind(*sequence)
            .execute(transaction)
            .await?;
    }
    Ok(())
}

pub(super) async fn close_log(
    transaction: Open<'_>,
    consultation: ConsultationId,
) -> Result<(), sqlx::Error> {
    statement("DELETE FROM mls_log WHERE consultation = $1")
        .bind(consultation)
        .execute(transaction)
        .await?;
    Ok(())
}

/// Sorts rows, which come in order of sequence, by consultation.
pub(super) fn read_logs(
    rows: &[Row],
) -> Result<HashMap<ConsultationId, Vec<LogEntry>>, StoreError> {
    let mut logs: HashMap<_, Vec<LogEntry>> = HashMap::new();
    for row in rows {
        let entry = read_entry(&Columns::of("mls_log", row))?;
        logs.entry(entry.consultation).or_default().push(entry);
    }
    Ok(logs)
}

fn read_entry(columns: &Columns<'_>) -> Result<LogEntry, StoreError> {
    let kind = columns.text("kind")?;
    Ok(LogEntry {
        consultation: columns.id("consultation")?,
        sequence: columns.number("sequence")?,
        sender: columns.id("sender")?,
        kind: LogKind::from_word(&kind).ok_or(columns.corrupt())?,
        generation: u32::try_from(columns.number("generation")?).map_err(|_| columns.corrupt())?,
        epoch: columns.number("epoch")?,
        message: Message::from(columns.bytes("message")?),
    })
}
