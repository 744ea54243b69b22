//! The MLS logs of consultations under way.

use std::collections::HashMap;

use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;
use vestibule_delivery::{LogEntry, LogKind, Message};
use vestibule_vocab::ConsultationId;

use super::StoreError;
use super::commit::Open;
use super::convert::{Columns, Word, integer};

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
    sqlx::query(
        "INSERT INTO mls_log (consultation, sequence, sender, kind, generation, epoch, message) \
         VALUES (?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(entry.consultation.as_bytes().as_slice())
    .bind(integer(entry.sequence))
    .bind(entry.sender.as_bytes().as_slice())
    .bind(entry.kind.word())
    .bind(entry.generation)
    .bind(integer(entry.epoch))
    .bind(entry.message.as_bytes())
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

pub(super) async fn drop_log_entries(
    transaction: Open<'_>,
    consultation: ConsultationId,
    sequences: &[u64],
) -> Result<(), sqlx::Error> {
    for sequence in sequences {
        sqlx::query("DELETE FROM mls_log WHERE consultation = ? AND sequence = ?")
            .bind(consultation.as_bytes().as_slice())
            .bind(integer(*sequence))
            .execute(&mut **transaction)
            .await?;
    }
    Ok(())
}

pub(super) async fn close_log(
    transaction: Open<'_>,
    consultation: ConsultationId,
) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM mls_log WHERE consultation = ?")
        .bind(consultation.as_bytes().as_slice())
        .execute(&mut **transaction)
        .await?;
    Ok(())
}

/// Sorts rows, which come in order of sequence, by consultation.
pub(super) fn read_logs(
    rows: &[SqliteRow],
) -> Result<HashMap<ConsultationId, Vec<LogEntry>>, StoreError> {
    let mut logs: HashMap<_, Vec<LogEntry>> = HashMap::new();
    for row in rows {
        let entry = read_entry(&Columns::of("mls_log", row), row)?;
        logs.entry(entry.consultation).or_default().push(entry);
    }
    Ok(logs)
}

fn read_entry(columns: &Columns<'_>, row: &SqliteRow) -> Result<LogEntry, StoreError> {
    let kind = columns.text("kind")?;
    Ok(LogEntry {
        consultation: columns.id("consultation")?,
        sequence: columns.number("sequence")?,
        sender: columns.id("sender")?,
        kind: LogKind::from_word(&kind).ok_or(columns.corrupt())?,
        generation: row.try_get("generation").map_err(|_| columns.corrupt())?,
        epoch: columns.number("epoch")?,
        message: Message::from(columns.bytes("message")?),
    })
}
