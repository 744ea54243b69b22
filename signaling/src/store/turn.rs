//! A server's turn: the right to write the next version, and what others wrote since its last one.
//!
//! The clinic's row is locked *before* the machines decide, so that they decide on the newest state and a decision never
//! has to be taken back. It is held for as long as a decision and its writes take.

use std::collections::HashMap;
use std::sync::Arc;

use tokio::sync::Notify;
use vestibule_clinic::{Missed, State};
use vestibule_delivery::LogEntry;
use vestibule_vocab::{ConsultationId, ParticipantId};

use super::clinic::{Loaded, load, read_all};
use super::convert::Columns;
use super::database::{Row, Transaction};
use super::joined::{CONSULTATION, VISIT};
use super::log::read_logs;
use super::nodes::{Attendance, NodeId, read_attendance};
use super::patients::read_patients;
use super::rows::{
    CallIds, document, read_calls, read_consultation, read_document, read_estimator, read_visit,
};
use super::statement::{Value, statement};
use super::touched::Touched;
use super::vault::Vault;
use super::writings::{Writing, read_told};
use super::{Store, StoreError};
use crate::limits;
use crate::random::{self, NoRandomness};

/// What a batch is found again by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BatchKey([u8; 16]);

impl BatchKey {
    pub(crate) fn new() -> Result<Self, NoRandomness> {
        Ok(Self(random::bytes()?))
    }

    /// The name of an event of the batch, by its place: the same however often it is sent.
    pub(super) fn event_id(self, place: usize) -> String {
        let batch = u128::from_be_bytes(self.0);
        format!("evt_{batch:032x}_{place}")
    }
}

impl From<BatchKey> for Value {
    fn from(key: BatchKey) -> Self {
        key.0.as_slice().into()
    }
}

/// The right to write the next version. Dropped, it is given back.
pub(crate) struct Turn {
    pub(super) transaction: Transaction,
    pub(super) node: NodeId,
    pub(super) outgoing: Arc<Notify>,
    pub(super) vault: Arc<Vault>,
    /// The version that is there now.
    pub(crate) version: u64,
}

/// What others wrote.
#[derive(Debug)]
pub(crate) enum News {
    /// Nothing.
    Nothing,
    /// Some rows.
    Rows(Box<Delta>),
    /// More than is worth reading row by row, or than is still noted.
    Everything(Box<Loaded>),
}

/// The rows that others wrote, as they are now.
#[derive(Debug)]
pub(crate) struct Delta {
    /// The version that the clinic then stands at.
    pub(crate) version: u64,
    pub(crate) missed: Missed,
    /// The calls of consultations that go on.
    pub(crate) calls: HashMap<ConsultationId, CallIds>,
    /// Whole logs of consultations that go on, of those that changed.
    pub(crate) logs: HashMap<ConsultationId, Vec<LogEntry>>,
    /// What patients told practitioners, the latest last.
    pub(crate) told: Vec<Writing>,
    /// Who came, and who went.
    pub(crate) people: Vec<(ParticipantId, Option<Attendance>)>,
}

impl Store {
    /// Waits for this server's turn.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) async fn turn(&self) -> Result<Turn, StoreError> {
        let mut transaction = self.database.begin().await?;
        let row = transaction.lock_version().await?;
        Ok(Turn {
            version: version_of(&row)?,
            node: self.node,
            outgoing: self.outgoing.clone(),
            vault: self.vault.clone(),
            transaction,
        })
    }

    /// What others wrote after a version, as of now.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) async fn news(&self, since: u64) -> Result<News, StoreError> {
        let mut transaction = self.database.look().await?;
        let row = statement("SELECT version FROM clinic")
            .first(&mut transaction)
            .await?;
        read_news((&mut transaction, &self.vault), since, version_of(&row)?).await
    }

    /// The version that a batch made, if it was written. Whoever is about to write it is waited for.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) async fn outcome_of(&self, batch: BatchKey) -> Result<Option<u64>, StoreError> {
        let mut turn = self.turn().await?;
        let rows = statement("SELECT version FROM commits WHERE batch = $1")
            .bind(batch)
            .fetch(&mut turn.transaction)
            .await?;
        rows.first().map(version_of).transpose()
    }
}

impl Turn {
    /// What others wrote after a version.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) async fn news(&mut self, since: u64) -> Result<News, StoreError> {
        read_news((&mut self.transaction, &self.vault), since, self.version).await
    }

    /// Lets others write: there is nothing to be written.
    pub(crate) async fn give_back(self) {
        if let Err(why) = self.transaction.rollback().await {
            tracing::debug!(%why, "a turn was not given back in the ordinary way");
        }
    }
}

fn version_of(row: &Row) -> Result<u64, StoreError> {
    Columns::of("clinic", row).number("version")
}

async fn read_news(
    (transaction, vault): (&mut Transaction, &Vault),
    since: u64,
    version: u64,
) -> Result<News, StoreError> {
    if version == since {
        return Ok(News::Nothing);
    }
    let commits = statement("SELECT touched FROM commits WHERE version > $1 AND version <= $2")
        .bind(since)
        .bind(version)
        .fetch(transaction)
        .await?;
    let all_noted = version.checked_sub(since) == u64::try_from(commits.len()).ok();
    let mut touched = Touched::default();
    for row in &commits {
        let columns = Columns::of("commits", row);
        let packed = columns.bytes("touched")?;
        touched.unpack(&packed).ok_or(columns.corrupt())?;
    }
    if !all_noted || touched.len() > limits::MISSED_ROWS {
        return Ok(News::Everything(Box::new(load(transaction, vault).await?)));
    }
    let delta = read_delta((transaction, vault), version, &touched).await?;
    Ok(News::Rows(Box::new(delta)))
}

async fn read_delta(
    (transaction, vault): (&mut Transaction, &Vault),
    version: u64,
    touched: &Touched,
) -> Result<Delta, StoreError> {
    let mut services = Vec::new();
    for id in &touched.services {
        let found = statement("SELECT body FROM services WHERE id = $1");
        services.extend(found.bind(*id).fetch(transaction).await?);
    }
    let mut practitioners = Vec::new();
    for id in &touched.practitioners {
        let found = statement("SELECT body FROM practitioners WHERE id = $1");
        practitioners.extend(found.bind(*id).fetch(transaction).await?);
    }
    let mut estimators = Vec::new();
    for of in &touched.estimators {
        let found = statement("SELECT waiting_room, body FROM estimators WHERE waiting_room = $1");
        let key = document(of)?;
        estimators.extend(found.bind(key.as_str()).fetch(transaction).await?);
    }
    let patients = read_patients(transaction, &touched.patients).await?;
    let mut visits = Vec::new();
    for id in &touched.visits {
        let found = statement(VISIT);
        visits.extend(found.bind(*id).fetch(transaction).await?);
    }
    let (mut consultations, mut legs) = (Vec::new(), Vec::new());
    for id in &touched.consultations {
        let found = statement(CONSULTATION);
        consultations.extend(found.bind(*id).fetch(transaction).await?);
        let found = statement("SELECT * FROM legs WHERE consultation = $1");
        legs.extend(found.bind(*id).fetch(transaction).await?);
    }
    let mut logs = Vec::new();
    for id in &touched.logs {
        let found = statement("SELECT * FROM mls_log WHERE consultation = $1 ORDER BY sequence");
        logs.extend(found.bind(*id).fetch(transaction).await?);
    }
    let told = read_told((transaction, vault), &touched.told).await?;
    let mut people = Vec::new();
    for participant in &touched.people {
        let found = statement("SELECT * FROM attendance WHERE participant = $1");
        let rows = found.bind(*participant).fetch(transaction).await?;
        let there = read_all("attendance", &rows, read_attendance)?;
        people.push((*participant, there.first().copied()));
    }
    let rows = State {
        services: read_all("services", &services, read_document)?,
        practitioners: read_all("practitioners", &practitioners, read_document)?,
        regulars: patients.regulars,
        erased: patients.erased,
        estimators: read_all("estimators", &estimators, read_estimator)?,
        visits: read_all("visits", &visits, |it| read_visit(vault, it))?,
        consultations: read_all("consultations", &consultations, |it| {
            read_consultation(vault, it)
        })?,
    };
    let there = rows.visits.iter().map(|it| it.id).collect();
    let forgotten = touched.visits.difference(&there).copied().collect();
    Ok(Delta {
        version,
        missed: Missed {
            rows,
            forgotten,
            left: patients.left,
        },
        calls: read_calls(&consultations, &legs)?,
        logs: read_logs(&logs)?,
        told,
        people,
    })
}
