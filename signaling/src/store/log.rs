//! The MLS logs of consultations under way.

use std::collections::HashMap;
use std::ptr;

use vestibule_delivery::{LogEntry, LogKind, Message};
use vestibule_vocab::ConsultationId;

use super::StoreError;
use super::commit::Open;
use super::convert::{Columns, Word};
use super::database::Row;
use super::shape::{Shape, Values, row};

impl Word for LogKind {
    const WORDS: &'static [(Self, &'static str)] = &[
        (Self::Commit, "commit"),
        (Self::Welcome, "welcome"),
        (Self::Application, "application"),
    ];
}

/// A change to the logs.
#[derive(Clone, Copy)]
pub(super) enum LogChange<'w> {
    /// An entry more.
    Added(&'w LogEntry),
    /// The entry of this number fell out.
    Dropped(ConsultationId, u64),
    /// The log goes with its consultation.
    Closed(ConsultationId),
}

static ADDED: Shape = Shape::new(
    "INSERT INTO mls_log (consultation, sequence, sender, kind, generation, epoch, message) VALUES",
    7,
    "",
);

static DROPPED: Shape = Shape::new(
    "DELETE FROM mls_log WHERE (consultation, sequence) IN (VALUES",
    2,
    ")",
);

static CLOSED: Shape = Shape::new("DELETE FROM mls_log WHERE consultation IN (VALUES", 1, ")");

impl LogChange<'_> {
    fn shape(self) -> &'static Shape {
        match self {
            Self::Added(_) => &ADDED,
            Self::Dropped(..) => &DROPPED,
            Self::Closed(_) => &CLOSED,
        }
    }

    fn row(self) -> Values {
        match self {
            Self::Added(entry) => row![
                entry.consultation,
                entry.sequence,
                entry.sender,
                entry.kind.word(),
                entry.generation,
                entry.epoch,
                entry.message.as_bytes()
            ],
            Self::Dropped(consultation, sequence) => row![consultation, sequence],
            Self::Closed(consultation) => row![consultation],
        }
    }
}

/// Carries out changes in their order, those of one kind that follow one another at once.
pub(super) async fn change_logs(
    transaction: Open<'_>,
    changes: &[LogChange<'_>],
) -> Result<(), sqlx::Error> {
    for run in changes.chunk_by(|one, next| ptr::eq(one.shape(), next.shape())) {
        if let Some(first) = run.first() {
            let rows = run.iter().map(|it| it.row()).collect();
            first.shape().execute(rows, transaction).await?;
        }
    }
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
