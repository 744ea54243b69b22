//! The servers that share a store, and whose socket is open at which of them.

use std::collections::BTreeMap;
use std::mem::discriminant;

use vestibule_vocab::{ParticipantId, Role};

use super::convert::{Columns, StoredId, Word as _};
use super::database::Transaction;
use super::gathered::Latest;
use super::shape::{Shape, row};
use super::statement::{Value, statement};
use super::{Store, StoreError};
use crate::identity::Subject;
use crate::random::{self, NoRandomness};

/// One run of a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct NodeId([u8; 16]);

impl NodeId {
    pub(crate) fn new() -> Result<Self, NoRandomness> {
        Ok(Self(random::bytes()?))
    }
}

impl StoredId for NodeId {
    fn from_stored(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }
}

impl From<NodeId> for Value {
    fn from(node: NodeId) -> Self {
        node.0.as_slice().into()
    }
}

/// Somebody whose socket is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Attendance {
    pub participant: ParticipantId,
    pub role: Role,
    /// Where.
    pub node: NodeId,
}

impl Store {
    /// This server is up.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) async fn join(&self) -> Result<(), StoreError> {
        statement("INSERT INTO nodes (id, beats) VALUES ($1, 0) ON CONFLICT DO NOTHING")
            .bind(self.node)
            .run(&self.database)
            .await?;
        Ok(())
    }

    /// This server is up no more. Whom it left behind, others find.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) async fn leave(&self) -> Result<(), StoreError> {
        statement("DELETE FROM nodes WHERE id = $1")
            .bind(self.node)
            .run(&self.database)
            .await?;
        Ok(())
    }

    /// Counts one beat, and reads everybody's: this server is not among them when it was given up by another.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) async fn beat(&self) -> Result<BTreeMap<NodeId, u64>, StoreError> {
        statement("UPDATE nodes SET beats = beats + 1 WHERE id = $1")
            .bind(self.node)
            .run(&self.database)
            .await?;
        let rows = statement("SELECT id, beats FROM nodes")
            .fetch(&mut self.database.look().await?)
            .await?;
        let beats = rows.iter().map(|row| {
            let columns = Columns::of("nodes", row);
            Ok((columns.id("id")?, columns.number("beats")?))
        });
        beats.collect()
    }
}

/// Somebody comes or goes.
#[derive(Clone, Copy)]
pub(super) enum Coming {
    /// A socket is open at this server.
    Here(Subject),
    /// One at that server is gone. Somebody who is at another one meanwhile stays there.
    Gone(ParticipantId, NodeId),
    /// The server is gone, and everybody there.
    Buried(NodeId),
}

static HERE: Shape = Shape::new(
    "INSERT INTO attendance (participant, role, node) VALUES",
    3,
    "ON CONFLICT (participant) DO UPDATE SET node = excluded.node",
);

static GONE: Shape = Shape::new(
    "DELETE FROM attendance WHERE (participant, node) IN (VALUES",
    2,
    ")",
);

/// Carries out what happened in its order, what is of one kind and follows one another at once.
pub(super) async fn change_attendance(
    transaction: &mut Transaction,
    people: &[Coming],
    here: NodeId,
) -> Result<(), sqlx::Error> {
    for run in people.chunk_by(|one, next| discriminant(one) == discriminant(next)) {
        let (mut came, mut went) = (Latest::default(), Vec::new());
        for one in run {
            match *one {
                Coming::Here(subject) => came.put(subject.participant(), subject),
                Coming::Gone(participant, node) => went.push(row![participant, node]),
                Coming::Buried(node) => bury(transaction, node).await?,
            }
        }
        let came = came.values.iter();
        let came = came.map(|it| row![it.participant(), it.role().word(), here]);
        HERE.execute(came.collect(), transaction).await?;
        GONE.execute(went, transaction).await?;
    }
    Ok(())
}

async fn bury(transaction: &mut Transaction, node: NodeId) -> Result<(), sqlx::Error> {
    for sql in [
        "DELETE FROM attendance WHERE node = $1",
        "DELETE FROM nodes WHERE id = $1",
    ] {
        statement(sql).bind(node).execute(transaction).await?;
    }
    Ok(())
}

pub(super) fn read_attendance(columns: &Columns<'_>) -> Result<Attendance, StoreError> {
    Ok(Attendance {
        participant: columns.id("participant")?,
        role: Role::from_word(&columns.text("role")?).ok_or(columns.corrupt())?,
        node: columns.id("node")?,
    })
}
