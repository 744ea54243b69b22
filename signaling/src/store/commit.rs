//! One batch, one transaction.

use vestibule_clinic::{Consultation, Record, Visit};
use vestibule_delivery::LogEntry;
use vestibule_vocab::{ConsultationId, ParticipantId, VisitId};

use super::convert::Word as _;
use super::database::Transaction;
use super::log::{close_log, drop_log_entries, put_log_entry};
use super::nodes::{Attendance, NodeId, bury, put_gone, put_present};
use super::rows::{CallIds, decline_message, state_columns};
use super::statement::statement;
use super::touched::Touched;
use super::{BatchKey, StoreError, Turn};
use crate::identity::Subject;
use crate::limits;

/// One row to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Write {
    /// What the clinic decided.
    Record(Record),
    /// The call of a consultation under way.
    Call(ConsultationId, CallIds),
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
        self.note(batch, writes).await?;
        let done = self.transaction.commit().await;
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

async fn apply(transaction: Open<'_>, node: NodeId, write: &Write) -> Result<(), sqlx::Error> {
    match write {
        Write::Record(Record::Visit(visit)) => put_visit(transaction, visit).await,
        Write::Record(Record::Consultation(it)) => put_consultation(transaction, it).await,
        Write::Record(Record::Forget(visit)) => forget(transaction, *visit).await,
        Write::Call(consultation, call) => put_call(transaction, *consultation, *call).await,
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

async fn put_visit(transaction: Open<'_>, visit: &Visit) -> Result<(), sqlx::Error> {
    let columns = state_columns(&visit.state);
    statement(
        "INSERT INTO visits (id, patient, arrival, arrived_at, state, consultation, outcome, \
         decline_reason, ended_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) \
         ON CONFLICT (id) DO UPDATE SET state = excluded.state, \
         consultation = excluded.consultation, outcome = excluded.outcome, \
         decline_reason = excluded.decline_reason, ended_at = excluded.ended_at",
    )
    .bind(visit.id)
    .bind(visit.patient)
    .bind(visit.arrival.0)
    .bind(visit.arrived_at)
    .bind(columns.state)
    .bind(columns.consultation)
    .bind(columns.outcome)
    .bind(columns.decline_reason)
    .bind(columns.ended_at)
    .execute(transaction)
    .await?;
    put_personal(transaction, visit).await
}

async fn put_personal(transaction: Open<'_>, visit: &Visit) -> Result<(), sqlx::Error> {
    statement(
        "INSERT INTO personal (visit, name, reason, decline_message) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (visit) DO UPDATE SET name = excluded.name, reason = excluded.reason, \
         decline_message = excluded.decline_message",
    )
    .bind(visit.id)
    .bind(visit.name.expose().as_str())
    .bind(visit.reason.expose().as_str())
    .bind(decline_message(&visit.state))
    .execute(transaction)
    .await?;
    Ok(())
}

async fn put_consultation(transaction: Open<'_>, it: &Consultation) -> Result<(), sqlx::Error> {
    statement(
        "INSERT INTO consultations (id, number, visit, patient, practitioner, started_at, ended, \
         ended_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) \
         ON CONFLICT (id) DO UPDATE SET ended = excluded.ended, ended_at = excluded.ended_at",
    )
    .bind(it.id)
    .bind(it.number)
    .bind(it.visit)
    .bind(it.patient)
    .bind(it.practitioner)
    .bind(it.started_at)
    .bind(it.ended.map(|ended| ended.how.word()))
    .bind(it.ended.map(|ended| ended.at))
    .execute(transaction)
    .await?;
    Ok(())
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
    ids: CallIds,
) -> Result<(), sqlx::Error> {
    statement(
        "UPDATE consultations SET call = $1, patient_leg = $2, practitioner_leg = $3 WHERE id = $4",
    )
    .bind(ids.call)
    .bind(ids.patient)
    .bind(ids.practitioner)
    .bind(consultation)
    .execute(transaction)
    .await?;
    Ok(())
}
