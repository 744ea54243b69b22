//! The audit log: only ever added to, each line bound to the one before by its hash.

use std::ops::ControlFlow;

use vestibule_clinic::audit::Entry;

use super::commit::Open;
use super::convert::Columns;
use super::database::{Row, Transaction};
use super::rows::document;
use super::shape::{Shape, row};
use super::statement::statement;
use super::{Store, StoreError};
use crate::identity::{SecretHash, sha256};
use crate::limits;

/// The hash before the first line.
const BEGINNING: SecretHash = [0; 32];

static LINES: Shape = Shape::new("INSERT INTO audit (sequence, hash, entry) VALUES", 3, "");

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
    let decode = |error: StoreError| sqlx::Error::Decode(error.into());
    let last = match last.first() {
        Some(row) => read_end(row).map_err(decode)?,
        None => base(transaction).await.map_err(decode)?,
    };
    let Chain {
        mut sequence,
        mut hash,
    } = last;
    let mut lines = Vec::new();
    for entry in entries {
        let text = document(entry)?;
        sequence = sequence.saturating_add(1);
        hash = chain(&hash, &text);
        lines.push(row![sequence, hash.as_slice(), text]);
    }
    LINES.execute(lines, transaction).await?;
    Ok(())
}

/// Where the chain begins: before the first line, or behind the last one that is not kept any more.
async fn base(transaction: &mut Transaction) -> Result<Chain, StoreError> {
    let rows = statement("SELECT sequence, hash FROM audit_base")
        .fetch(transaction)
        .await?;
    match rows.first() {
        Some(row) => read_end(row),
        None => Ok(Chain {
            sequence: 0,
            hash: BEGINNING.to_vec(),
        }),
    }
}

fn read_end(row: &Row) -> Result<Chain, StoreError> {
    let columns = Columns::of("audit", row);
    Ok(Chain {
        sequence: columns.number("sequence")?,
        hash: columns.bytes("hash")?,
    })
}

/// The hash of a line.
fn chain(before: &[u8], entry: &str) -> Vec<u8> {
    let mut bytes = before.to_vec();
    bytes.extend_from_slice(entry.as_bytes());
    sha256(&bytes).to_vec()
}

/// The end of a chain that was followed so far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Chain {
    /// The number of the last line.
    pub sequence: u64,
    /// Its hash.
    pub hash: Vec<u8>,
}

impl Chain {
    /// Goes on to the next line. False when it does not follow: it, or what stood before it, was altered.
    pub(crate) fn follow(&mut self, line: &Line) -> bool {
        let next = self.sequence.saturating_add(1);
        let follows = line.sequence == next && line.hash == chain(&self.hash, &line.entry);
        self.sequence = next;
        self.hash.clone_from(&line.hash);
        follows
    }
}

impl Store {
    /// Follows the chain of the log, from what is kept of it: where it begins and where it ends, or the number of the first
    /// line that does not follow.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) async fn follow_audit(&self) -> Result<Result<(Chain, Chain), u64>, StoreError> {
        let mut look = self.database.look().await?;
        let first = base(&mut look).await?;
        let mut chain = first.clone();
        let mut broken = false;
        let see = |line: &Line| {
            broken = !chain.follow(line);
            if broken {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        };
        read(&mut look, see).await?;
        Ok(if broken {
            Err(chain.sequence)
        } else {
            Ok((first, chain))
        })
    }

    /// Shows the log line by line, all of one moment, until `see` says to stop. It is read in parts, as it may be long.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) async fn read_audit(
        &self,
        see: impl FnMut(&Line) -> ControlFlow<()>,
    ) -> Result<(), StoreError> {
        read(&mut self.database.look().await?, see).await
    }
}

async fn read(
    look: &mut Transaction,
    mut see: impl FnMut(&Line) -> ControlFlow<()>,
) -> Result<(), StoreError> {
    let mut last = 0;
    loop {
        let rows = statement(
            "SELECT sequence, hash, entry FROM audit WHERE sequence > $1 ORDER BY sequence LIMIT $2",
        )
        .bind(last)
        .bind(limits::AUDIT_LINES)
        .fetch(look)
        .await?;
        for row in &rows {
            let line = read_line(row)?;
            last = line.sequence;
            if see(&line).is_break() {
                return Ok(());
            }
        }
        if rows.is_empty() {
            return Ok(());
        }
    }
}

pub(super) fn read_line(row: &Row) -> Result<Line, StoreError> {
    let columns = Columns::of("audit", row);
    Ok(Line {
        sequence: columns.number("sequence")?,
        hash: columns.bytes("hash")?,
        entry: columns.text("entry")?,
    })
}
