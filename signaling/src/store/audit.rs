//! The audit log: only ever added to, each line bound to the one before by its hash.

use vestibule_clinic::audit::Entry;

use super::commit::Open;
use super::convert::Columns;
use super::rows::document;
use super::statement::statement;
use super::{Store, StoreError};
use crate::identity::{SecretHash, sha256};

/// The hash before the first line.
const BEGINNING: SecretHash = [0; 32];

/// One line of the log as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    /// From 1, without gaps.
    pub sequence: u64,
    /// SHA-256 over the hash of the line before and the entry's text.
    pub hash: Vec<u8>,
    /// The entry as it was written (JSON).
    pub entry: String,
}

/// Adds entries behind the last line. The clinic's row is locked by the batch, so nobody else adds meanwhile.
pub(super) async fn append(
    transaction: Open<'_>,
    entries: impl Iterator<Item = &Entry>,
) -> Result<(), sqlx::Error> {
    let mut entries = entries.peekable();
    if entries.peek().is_none() {
        return Ok(());
    }
    let last = statement("SELECT sequence, hash FROM audit ORDER BY sequence DESC LIMIT 1")
        .fetch(transaction)
        .await?;
    let (mut sequence, mut hash) = match last.first() {
        None => (0, BEGINNING.to_vec()),
        Some(row) => {
            let columns = Columns::of("audit", row);
            let decode = |error: StoreError| sqlx::Error::Decode(error.into());
            let sequence = columns.number("sequence").map_err(decode)?;
            (sequence, columns.bytes("hash").map_err(decode)?)
        }
    };
    for entry in entries {
        let text = document(entry)?;
        sequence = sequence.saturating_add(1);
        hash = chain(&hash, &text);
        statement("INSERT INTO audit (sequence, hash, entry) VALUES ($1, $2, $3)")
            .bind(sequence)
            .bind(hash.as_slice())
            .bind(text.as_str())
            .execute(transaction)
            .await?;
    }
    Ok(())
}

/// The hash of a line.
fn chain(before: &[u8], entry: &str) -> Vec<u8> {
    let mut bytes = before.to_vec();
    bytes.extend_from_slice(entry.as_bytes());
    sha256(&bytes).to_vec()
}

/// The first line that does not follow from the one before, if any: it, or what stood before it, was altered.
#[cfg_attr(
    not(test),
    expect(dead_code, reason = "`vestibule audit` is to read it")
)]
pub(crate) fn first_broken(lines: &[Line]) -> Option<u64> {
    let mut before = BEGINNING.to_vec();
    for (expected, line) in (1..).zip(lines) {
        if line.sequence != expected || line.hash != chain(&before, &line.entry) {
            return Some(expected);
        }
        before.clone_from(&line.hash);
    }
    None
}

impl Store {
    /// The whole log, in order.
    ///
    /// # Errors
    /// [`StoreError`].
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "`vestibule audit` is to read it")
    )]
    pub(crate) async fn audit(&self) -> Result<Vec<Line>, StoreError> {
        let rows = statement("SELECT sequence, hash, entry FROM audit ORDER BY sequence")
            .fetch(&mut self.database.look().await?)
            .await?;
        rows.iter()
            .map(|row| {
                let columns = Columns::of("audit", row);
                Ok(Line {
                    sequence: columns.number("sequence")?,
                    hash: columns.bytes("hash")?,
                    entry: columns.text("entry")?,
                })
            })
            .collect()
    }
}
