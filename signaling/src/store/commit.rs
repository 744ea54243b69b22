//! One batch, one transaction.

use std::mem::take;

use vestibule_clinic::audit::Entry;
use vestibule_clinic::estimate::Estimator;
use vestibule_clinic::{Consultation, Practitioner, Record, Service, Visit, WaitingRoom};
use vestibule_control::Talk;
use vestibule_delivery::LogEntry;
use vestibule_vocab::{
    CallId, ConsultationId, ParticipantId, PatientId, PractitionerId, ServiceId, VisitId,
};

use super::answers::KeptAnswer;
use super::audit::append;
use super::database::Transaction;
use super::gathered::{Gathered, Latest};
use super::nodes::NodeId;
use super::outbox::put_outgoing;
use super::receipts::{RECEIPTS, receipt_row};
use super::rows::{CallIds, document, is_active, nameless, split, state_word};
use super::shape::{Shape, row};
use super::statement::statement;
use super::touched::Touched;
use super::vault::Keys;
use super::writings::Writing;
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
    /// What is consulted for from now on when nobody says.
    Unchosen(ServiceId),
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
        self.store(writes).await?;
        let entries = writes.iter().filter_map(entry);
        append(&mut self.transaction, entries).await?;
        let left = put_outgoing(&mut self.transaction, batch, writes).await?;
        self.note(batch, &Touched::by(writes)).await?;
        let done = self.transaction.commit().await;
        if left {
            self.outgoing.notify_one();
        }
        done.map_err(CommitError::Unanswered)
    }

    /// Writes rows many at a time. A visit that is forgotten takes with it what was written before, and not what comes
    /// after.
    async fn store(&mut self, writes: &[Write]) -> Result<(), sqlx::Error> {
        let mut gathered = Gathered::default();
        for write in writes {
            if let Some(visit) = gathered.add(write) {
                self.store_gathered(take(&mut gathered)).await?;
                forget(&mut self.transaction, visit).await?;
            }
        }
        self.store_gathered(gathered).await
    }

    async fn store_gathered(&mut self, gathered: Gathered<'_>) -> Result<(), sqlx::Error> {
        let within = (&mut self.transaction, &*self.vault);
        gathered.write(within, self.node).await
    }

    /// Notes which batch made the version and what it touched, and forgets what was noted long ago.
    pub(super) async fn note(
        &mut self,
        batch: BatchKey,
        touched: &Touched,
    ) -> Result<(), sqlx::Error> {
        let version = self.version.saturating_add(1);
        statement("INSERT INTO commits (version, batch, node, touched) VALUES ($1, $2, $3, $4)")
            .bind(version)
            .bind(batch)
            .bind(self.node)
            .bind(touched.pack().as_slice())
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
        | Write::Unchosen(_)
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

static SERVICES: Shape = Shape::new(
    "INSERT INTO services (id, body) VALUES",
    2,
    "ON CONFLICT (id) DO UPDATE SET body = excluded.body",
);

static PRACTITIONERS: Shape = Shape::new(
    "INSERT INTO practitioners (id, body) VALUES",
    2,
    "ON CONFLICT (id) DO UPDATE SET body = excluded.body",
);

static REGULARS: Shape = Shape::new(
    "INSERT INTO regulars (patient, practitioner) VALUES",
    2,
    "ON CONFLICT (patient) DO UPDATE SET practitioner = excluded.practitioner",
);

static NO_REGULARS: Shape = Shape::new("DELETE FROM regulars WHERE patient IN (VALUES", 1, ")");

static ESTIMATORS: Shape = Shape::new(
    "INSERT INTO estimators (waiting_room, body) VALUES",
    2,
    "ON CONFLICT (waiting_room) DO UPDATE SET body = excluded.body",
);

static VISITS: Shape = Shape::new(
    "INSERT INTO visits (id, patient, active, arrival, body) VALUES",
    5,
    "ON CONFLICT (id) DO UPDATE SET active = excluded.active, arrival = excluded.arrival, body = excluded.body",
);

static PERSONAL: Shape = Shape::new(
    "INSERT INTO personal (visit, body) VALUES",
    2,
    "ON CONFLICT (visit) DO UPDATE SET body = excluded.body",
);

/// A consultation keeps its call when it is written without one.
static CONSULTATIONS: Shape = Shape::new(
    "INSERT INTO consultations (id, number, visit, practitioner, state, end_number, body, call) VALUES",
    8,
    "ON CONFLICT (id) DO UPDATE SET state = excluded.state, end_number = excluded.end_number, body = excluded.body, \
     call = COALESCE(excluded.call, consultations.call)",
);

/// The call of a consultation that is not written otherwise.
static CALLS: Shape = Shape::new(
    "UPDATE consultations SET call = given.column2 FROM (VALUES",
    2,
    ") AS given WHERE consultations.id = given.column1",
);

/// Says what is consulted for when nobody says.
pub(super) async fn put_unchosen(
    transaction: Open<'_>,
    service: ServiceId,
) -> Result<(), sqlx::Error> {
    statement("UPDATE clinic SET service = $1")
        .bind(service)
        .execute(transaction)
        .await?;
    Ok(())
}

pub(super) async fn put_services(
    transaction: Open<'_>,
    services: &[&Service],
) -> Result<(), sqlx::Error> {
    let rows = services.iter().map(|it| Ok(row![it.id, document(it)?]));
    let rows: Result<_, sqlx::Error> = rows.collect();
    SERVICES.execute(rows?, transaction).await?;
    Ok(())
}

pub(super) async fn put_practitioners(
    transaction: Open<'_>,
    cards: &[&Practitioner],
) -> Result<(), sqlx::Error> {
    let rows = cards.iter().map(|it| Ok(row![it.id, document(it)?]));
    let rows: Result<_, sqlx::Error> = rows.collect();
    PRACTITIONERS.execute(rows?, transaction).await?;
    Ok(())
}

/// Says who is whose regular practitioner, and who has none any more.
pub(super) async fn put_regulars(
    transaction: Open<'_>,
    regulars: &[(PatientId, Option<PractitionerId>)],
) -> Result<(), sqlx::Error> {
    let set = regulars
        .iter()
        .filter_map(|(patient, who)| Some(row![*patient, (*who)?]));
    REGULARS.execute(set.collect(), transaction).await?;
    let ended = regulars.iter().filter(|(_, who)| who.is_none());
    let ended = ended.map(|(patient, _)| row![*patient]);
    NO_REGULARS.execute(ended.collect(), transaction).await?;
    Ok(())
}

pub(super) async fn put_estimators(
    transaction: Open<'_>,
    estimators: &[(WaitingRoom, &Estimator)],
) -> Result<(), sqlx::Error> {
    let rows = estimators
        .iter()
        .map(|(of, estimator)| Ok(row![document(of)?, document(estimator)?]));
    let rows: Result<_, sqlx::Error> = rows.collect();
    ESTIMATORS.execute(rows?, transaction).await?;
    Ok(())
}

/// A patient has one active visit, also between two rows: those that ended come first.
pub(super) async fn put_visits(
    (transaction, keys): (Open<'_>, &Keys),
    mut visits: Vec<&Visit>,
) -> Result<(), sqlx::Error> {
    visits.sort_by_key(|it| is_active(it));
    let (mut courses, mut personal) = (Vec::new(), Vec::new());
    for visit in visits {
        let active = u32::from(is_active(visit));
        let (course, words) = split(visit.clone());
        courses.push(row![
            course.id,
            course.patient,
            active,
            course.rank.arrival.0,
            document(&course)?
        ]);
        let sealed = keys.seal(course.patient, course.id, &document(&words)?)?;
        personal.push(row![course.id, sealed]);
    }
    VISITS.execute(courses, transaction).await?;
    PERSONAL.execute(personal, transaction).await?;
    Ok(())
}

/// With their calls and receipts. A practitioner has one that is active, and a visit one that is under way, also between two
/// rows: those that ended come first, and those that are held next.
pub(super) async fn put_consultations(
    transaction: Open<'_>,
    consultations: &Latest<ConsultationId, &Consultation>,
    calls: &Latest<ConsultationId, (ConsultationId, &CallIds)>,
) -> Result<(), sqlx::Error> {
    let mut ordered: Vec<&Consultation> = consultations.values.clone();
    ordered.sort_by_key(|it| (it.ended.is_none(), it.held_since.is_none()));
    let (mut rows, mut receipts) = (Vec::new(), Vec::new());
    for it in ordered {
        let body = document(&nameless(it))?;
        let call = calls.get(&it.id).map(|(_, ids)| ids.call);
        receipts.push(receipt_row(it, body.clone()));
        rows.push(row![
            it.id,
            it.number,
            it.visit,
            it.practitioner,
            state_word(it),
            it.ended.map(|ended| ended.number),
            body,
            call
        ]);
    }
    CONSULTATIONS.execute(rows, transaction).await?;
    RECEIPTS.execute(receipts, transaction).await?;
    let others = calls.values.iter();
    let others = others.filter(|(consultation, _)| consultations.get(consultation).is_none());
    let others = others.map(|(consultation, ids)| row![*consultation, ids.call]);
    CALLS.execute(others.collect(), transaction).await?;
    Ok(())
}

/// The rows that hang on the visit go with it, but for receipts; its sessions must not begin it again.
async fn forget(transaction: Open<'_>, visit: VisitId) -> Result<(), sqlx::Error> {
    statement("DELETE FROM sessions WHERE visit = $1")
        .bind(visit)
        .execute(transaction)
        .await?;
    // With the last visit goes the key, so that nothing of it can be read in a copy either that has no keys.
    statement(
        "DELETE FROM patient_keys WHERE patient IN (SELECT patient FROM visits AS gone WHERE gone.id = $1) \
         AND NOT EXISTS (SELECT 1 FROM visits WHERE visits.patient = patient_keys.patient AND visits.id <> $1) \
         AND NOT EXISTS (SELECT 1 FROM writings WHERE writings.patient = patient_keys.patient)",
    )
    .bind(visit)
    .execute(transaction)
    .await?;
    statement("DELETE FROM visits WHERE id = $1")
        .bind(visit)
        .execute(transaction)
        .await?;
    Ok(())
}
