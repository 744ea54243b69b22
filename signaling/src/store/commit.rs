//! One batch, one transaction.

use serde::Serialize;
use vestibule_clinic::audit::Entry;
use vestibule_clinic::estimate::Estimator;
use vestibule_clinic::{Consultation, Practitioner, Record, Service, Visit, WaitingRoom};
use vestibule_control::Talk;
use vestibule_delivery::LogEntry;
use vestibule_vocab::{CallId, ConsultationId, ParticipantId, VisitId};

use super::answers::{KeptAnswer, put_answer};
use super::audit::append;
use super::database::Transaction;
use super::log::{close_log, drop_log_entries, put_log_entry};
use super::nodes::{Attendance, NodeId, bury, put_gone, put_present};
use super::outbox::put_outgoing;
use super::receipts::{put_receipt, put_receipt_call, put_talk};
use super::rows::{CallIds, document, is_active, nameless, split, state_word};
use super::statement::{Value, statement};
use super::touched::Touched;
use super::writings::{Writing, put_writing};
use super::{BatchKey, StoreError, Turn};
use crate::identity::Subject;
use crate::limits;

/// One row to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Write {
    /// What the clinic decided.
    Record(Record),
    /// What is written down of it.
    Audit(Entry),
    /// What is answered to another system.
    Answer(Box<KeptAnswer>),
    /// The call of a consultation under way.
    Call(ConsultationId, CallIds),
    /// How long people in a call saw or heard one another.
    Talk(CallId, Talk),
    /// What somebody wrote after a consultation.
    Writing(Box<Writing>),
    /// An entry of a consultation's MLS log.
    Log(LogEntry),
    /// Entries that fell out of a log.
    DropLog(ConsultationId, Vec<u64>),
    /// A consultation is over, and its log with it.
    CloseLog(ConsultationId),
    /// Somebody's socket is open here.
    Present(Subject),
    /// Somebody's socket at this server is gone.
    Gone(ParticipantId, NodeId),
    /// A server is gone, and everybody's socket there.
    Bury(NodeId),
}

/// Why a batch was not written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CommitError {
    /// Somebody else has written in between, and nothing was written.
    #[error("the store holds another version of the clinic")]
    Conflict,
    /// The store failed, and nothing was written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The store did not answer the commit: whether it was written is to be asked, by the batch's key.
    #[error("the store did not say whether it wrote the batch: {0}")]
    Unanswered(sqlx::Error),
}

impl From<sqlx::Error> for CommitError {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

/// An open transaction.
pub(super) type Open<'t> = &'t mut Transaction;

impl Turn {
    /// Writes a batch, which becomes the next version.
    ///
    /// # Errors
    /// [`CommitError`].
    pub(crate) async fn commit(
        mut self,
        batch: BatchKey,
        writes: &[Write],
    ) -> Result<(), CommitError> {
        let fenced = statement("UPDATE clinic SET version = version + 1 WHERE version = $1")
            .bind(self.version)
            .execute(&mut self.transaction)
            .await?;
        if fenced != 1 {
            return Err(CommitError::Conflict);
        }
        for write in writes {
            apply(&mut self.transaction, self.node, write).await?;
        }
        let entries = writes.iter().filter_map(entry);
        append(&mut self.transaction, entries).await?;
        let left = put_outgoing(&mut self.transaction, batch, writes).await?;
        self.note(batch, writes).await?;
        let done = self.transaction.commit().await;
        if left {
            self.outgoing.notify_one();
        }
        done.map_err(CommitError::Unanswered)
    }

    /// Notes which batch made the version and what it touched, and forgets what was noted long ago.
    async fn note(&mut self, batch: BatchKey, writes: &[Write]) -> Result<(), sqlx::Error> {
        let version = self.version.saturating_add(1);
        statement("INSERT INTO commits (version, batch, node, touched) VALUES ($1, $2, $3, $4)")
            .bind(version)
            .bind(batch)
            .bind(self.node)
            .bind(Touched::by(writes).pack().as_slice())
            .execute(&mut self.transaction)
            .await?;
        if version.is_multiple_of(limits::VERSIONS_SWEPT) {
            statement("DELETE FROM commits WHERE version <= $1")
                .bind(version.saturating_sub(limits::VERSIONS))
                .execute(&mut self.transaction)
                .await?;
        }
        Ok(())
    }
}

fn entry(write: &Write) -> Option<&Entry> {
    match write {
        Write::Audit(entry) => Some(entry),
        Write::Record(_)
        | Write::Answer(_)
        | Write::Call(..)
        | Write::Talk(..)
        | Write::Writing(_)
        | Write::Log(_)
        | Write::DropLog(..)
        | Write::CloseLog(_)
        | Write::Present(_)
        | Write::Gone(..)
        | Write::Bury(_) => None,
    }
}

async fn apply(transaction: Open<'_>, node: NodeId, write: &Write) -> Result<(), sqlx::Error> {
    match write {
        Write::Record(record) => put(transaction, record).await,
        // All of a batch are added at its end, in one go.
        Write::Audit(_) => Ok(()),
        Write::Answer(kept) => put_answer(transaction, kept).await,
        Write::Call(consultation, call) => put_call(transaction, *consultation, call).await,
        Write::Talk(call, talk) => put_talk(transaction, *call, *talk).await,
        Write::Writing(writing) => put_writing(transaction, writing).await,
        Write::Log(entry) => put_log_entry(transaction, entry).await,
        Write::DropLog(consultation, sequences) => {
            drop_log_entries(transaction, *consultation, sequences).await
        }
        Write::CloseLog(consultation) => close_log(transaction, *consultation).await,
        Write::Present(subject) => put_present(transaction, Attendance::of(*subject, node)).await,
        Write::Gone(participant, node) => put_gone(transaction, *participant, *node).await,
        Write::Bury(node) => bury(transaction, *node).await,
    }
}

async fn put(transaction: Open<'_>, record: &Record) -> Result<(), sqlx::Error> {
    match record {
        Record::Service(service) => put_service(transaction, service).await,
        Record::Practitioner(card) => put_practitioner(transaction, card).await,
        Record::Estimator(of, estimator) => put_estimator(transaction, *of, estimator).await,
        Record::Visit(visit) => put_visit(transaction, visit).await,
        Record::Consultation(it) => put_consultation(transaction, it).await,
        Record::Forget(visit) => forget(transaction, *visit).await,
    }
}

pub(super) async fn put_service(
    transaction: Open<'_>,
    service: &Service,
) -> Result<(), sqlx::Error> {
    let put = "INSERT INTO services (id, body) VALUES ($1, $2) \
               ON CONFLICT (id) DO UPDATE SET body = excluded.body";
    put_document(transaction, put, service.id, service).await
}

pub(super) async fn put_practitioner(
    transaction: Open<'_>,
    card: &Practitioner,
) -> Result<(), sqlx::Error> {
    let put = "INSERT INTO practitioners (id, body) VALUES ($1, $2) \
               ON CONFLICT (id) DO UPDATE SET body = excluded.body";
    put_document(transaction, put, card.id, card).await
}

async fn put_estimator(
    transaction: Open<'_>,
    of: WaitingRoom,
    estimator: &Estimator,
) -> Result<(), sqlx::Error> {
    let put = "INSERT INTO estimators (waiting_room, body) VALUES ($1, $2) \
               ON CONFLICT (waiting_room) DO UPDATE SET body = excluded.body";
    put_document(transaction, put, document(&of)?.as_str(), estimator).await
}

/// Inserts a document, or replaces the one of the same key.
async fn put_document(
    transaction: Open<'_>,
    put: &'static str,
    key: impl Into<Value>,
    value: &impl Serialize,
) -> Result<(), sqlx::Error> {
    let put = statement(put).bind(key).bind(document(value)?.as_str());
    put.execute(transaction).await?;
    Ok(())
}

async fn put_visit(transaction: Open<'_>, visit: &Visit) -> Result<(), sqlx::Error> {
    let active = u32::from(is_active(visit));
    let (course, personal) = split(visit.clone());
    statement(
        "INSERT INTO visits (id, patient, active, arrival, body) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (id) DO UPDATE SET active = excluded.active, arrival = excluded.arrival, \
         body = excluded.body",
    )
    .bind(course.id)
    .bind(course.patient)
    .bind(active)
    .bind(course.rank.arrival.0)
    .bind(document(&course)?.as_str())
    .execute(transaction)
    .await?;
    statement(
        "INSERT INTO personal (visit, body) VALUES ($1, $2) \
         ON CONFLICT (visit) DO UPDATE SET body = excluded.body",
    )
    .bind(course.id)
    .bind(document(&personal)?.as_str())
    .execute(transaction)
    .await?;
    Ok(())
}

async fn put_consultation(transaction: Open<'_>, it: &Consultation) -> Result<(), sqlx::Error> {
    statement(
        "INSERT INTO consultations (id, number, visit, practitioner, state, end_number, body) \
         VALUES ($1, $2, $3, $4, $5, $6, $7) \
         ON CONFLICT (id) DO UPDATE SET state = excluded.state, end_number = excluded.end_number, \
         body = excluded.body",
    )
    .bind(it.id)
    .bind(it.number)
    .bind(it.visit)
    .bind(it.practitioner)
    .bind(state_word(it))
    .bind(it.ended.map(|ended| ended.number))
    .bind(document(&nameless(it))?.as_str())
    .execute(&mut *transaction)
    .await?;
    put_receipt(transaction, it).await
}

/// The rows that hang on the visit go with it; its sessions must not begin it again.
async fn forget(transaction: Open<'_>, visit: VisitId) -> Result<(), sqlx::Error> {
    statement("DELETE FROM sessions WHERE visit = $1")
        .bind(visit)
        .execute(transaction)
        .await?;
    statement("DELETE FROM visits WHERE id = $1")
        .bind(visit)
        .execute(transaction)
        .await?;
    Ok(())
}

async fn put_call(
    transaction: Open<'_>,
    consultation: ConsultationId,
    ids: &CallIds,
) -> Result<(), sqlx::Error> {
    statement("UPDATE consultations SET call = $1 WHERE id = $2")
        .bind(ids.call)
        .bind(consultation)
        .execute(&mut *transaction)
        .await?;
    statement("DELETE FROM legs WHERE consultation = $1")
        .bind(consultation)
        .execute(&mut *transaction)
        .await?;
    for (participant, leg) in &ids.legs {
        statement("INSERT INTO legs (consultation, participant, leg) VALUES ($1, $2, $3)")
            .bind(consultation)
            .bind(*participant)
            .bind(*leg)
            .execute(&mut *transaction)
            .await?;
    }
    put_receipt_call(transaction, consultation, ids.call).await
}
