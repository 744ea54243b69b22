//! All of one patient: read whole, or erased.

use std::collections::BTreeSet;

use serde::ser::Error as _;
use serde::{Serialize, Serializer};
use serde_json::Value as Json;
use vestibule_clinic::audit::{Act, Actor, Entry};
use vestibule_clinic::{Consultation, Ended, IdentityLevel, Visit};
use vestibule_vocab::{
    ConsultationId, PatientId, PractitionerId, Redacted, ServiceId, SessionId, Timestamp, VisitId,
};

use super::audit::append;
use super::clinic::read_all;
use super::convert::{Columns, Word as _};
use super::database::{Row, Transaction};
use super::joined::{CONSULTATIONS_OF_PATIENT, VISITS_OF_PATIENT};
use super::patients::{note_erased, regular_of};
use super::receipts::{Receipt, receipts_of};
use super::rows::{read_consultation, read_document, read_visit};
use super::statement::statement;
use super::touched::Touched;
use super::vault::Vault;
use super::writings::{WRITINGS_OF_PATIENT, read_writing};
use super::{BatchKey, Store, StoreError};

/// All that the store has of a patient, but for the audit log.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Dossier {
    /// Visits that are remembered, with what people wrote.
    #[serde(serialize_with = "as_they_came")]
    pub(crate) visits: Vec<Visit>,
    /// Their consultations.
    pub(crate) consultations: Vec<Consultation>,
    /// That they took place, also of visits that are forgotten.
    pub(crate) receipts: Vec<ReceiptOfPatient>,
    /// What was written after consultations, by them and about them.
    pub(crate) writings: Vec<Written>,
    pub(crate) sessions: Vec<Session>,
    /// Their regular practitioner.
    pub(crate) regular: Option<PractitionerId>,
    /// What other systems were told, as it was sent.
    pub(crate) events: Vec<Json>,
}

/// Of a visit that is planned the moment of its booking is kept until the patient comes. They did not come then, and read that.
fn as_they_came<S: Serializer>(visits: &[Visit], to: S) -> Result<S::Ok, S::Error> {
    let told = visits.iter().map(|visit| {
        let mut told = serde_json::to_value(visit)?;
        if let Some(arrived_at) = told.get_mut("arrived_at") {
            *arrived_at = serde_json::to_value(visit.came_at())?;
        }
        Ok(told)
    });
    let told: Result<Vec<Json>, serde_json::Error> = told.collect();
    told.map_err(S::Error::custom)?.serialize(to)
}

/// That a consultation took place, and what flowed in it.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct ReceiptOfPatient {
    consultation: ConsultationId,
    pub(crate) visit: VisitId,
    practitioner: PractitionerId,
    service: ServiceId,
    started_at: Timestamp,
    /// Absent while it goes on.
    ended: Option<Ended>,
    video_ms: u64,
    audio_ms: u64,
    neither_ms: u64,
}

impl From<Receipt> for ReceiptOfPatient {
    fn from(Receipt { consultation, talk }: Receipt) -> Self {
        Self {
            consultation: consultation.id,
            visit: consultation.visit,
            practitioner: consultation.practitioner,
            service: consultation.service,
            started_at: consultation.started_at,
            ended: consultation.ended,
            video_ms: talk.video_ms,
            audio_ms: talk.audio_ms,
            neither_ms: talk.neither_ms,
        }
    }
}

/// What was written after a consultation.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Written {
    consultation: ConsultationId,
    /// `feedback` or `note`.
    kind: &'static str,
    at: Timestamp,
    text: Redacted<String>,
}

/// A session, without its secret.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Session {
    session: SessionId,
    visit: VisitId,
    /// How surely it is known who has it.
    level: IdentityLevel,
    expires_at: Timestamp,
}

/// Why a patient was not erased; nothing changed.
#[derive(Debug, thiserror::Error)]
pub enum EraseError {
    /// A visit of theirs goes on, or is expected.
    #[error(
        "visit {} of this patient goes on or is expected: end or cancel it first, then erase",
        .0.to_text()
    )]
    VisitGoesOn(VisitId),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<sqlx::Error> for EraseError {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

impl Store {
    /// All of a patient.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) async fn dossier(&self, patient: PatientId) -> Result<Dossier, StoreError> {
        let mut look = self.database.look().await?;
        let visits = visits(&mut look, &self.vault, patient).await?;
        let consultations = statement(CONSULTATIONS_OF_PATIENT);
        let consultations = consultations.bind(patient).fetch(&mut look).await?;
        let receipts = receipts_of(&mut look, patient).await?;
        let sessions = statement(
            "SELECT id, visit, level, expires_at FROM sessions WHERE role = 'patient' AND subject = $1",
        );
        let sessions = sessions.bind(patient).fetch(&mut look).await?;
        let known = visits.iter().map(|it| it.id);
        let known: BTreeSet<VisitId> = known
            .chain(receipts.iter().map(|it| it.consultation.visit))
            .collect();
        Ok(Dossier {
            events: events(&mut look, &known).await?,
            visits,
            consultations: read_all("consultations", &consultations, |it| {
                read_consultation(&self.vault, it)
            })?,
            receipts: receipts.into_iter().map(ReceiptOfPatient::from).collect(),
            regular: regular_of(&mut look, patient).await?,
            writings: writings(&mut look, &self.vault, patient).await?,
            sessions: read_all("sessions", &sessions, read_session)?,
        })
    }

    /// Destroys a patient's key, what is sealed under it, who their regular practitioner is, and their sessions. The course
    /// of their visits stays, without a name, under an id that begins nothing any more. Servers that have it in memory read it again. The audit log says that it was done. How many visits
    /// that were; `None` when there was nothing to destroy.
    ///
    /// # Errors
    /// [`EraseError`].
    pub(crate) async fn erase(
        &self,
        patient: PatientId,
        now: Timestamp,
    ) -> Result<Option<usize>, EraseError> {
        // Of somebody known by nothing but a receipt there is nothing to destroy, and their id is to begin nothing either.
        let known = self.knows_patient(patient).await?;
        let mut turn = self.turn().await?;
        let visits = visits(&mut turn.transaction, &self.vault, patient).await?;
        if let Some(going_on) = visits.iter().find(|it| it.state.is_active()) {
            return Err(EraseError::VisitGoesOn(going_on.id));
        }
        let touched = Touched {
            visits: visits.iter().map(|visit| visit.id).collect(),
            consultations: consultations(&mut turn.transaction, patient).await?,
            patients: BTreeSet::from([patient]),
            ..Touched::default()
        };
        let mut destroyed = 0;
        for sql in [
            "DELETE FROM personal WHERE visit IN (SELECT id FROM visits WHERE patient = $1)",
            "DELETE FROM writings WHERE patient = $1",
            "DELETE FROM visit_identities WHERE visit IN (SELECT id FROM visits WHERE patient = $1)",
            "DELETE FROM patient_keys WHERE patient = $1",
            "DELETE FROM regulars WHERE patient = $1",
            "DELETE FROM sessions WHERE role = 'patient' AND subject = $1",
        ] {
            destroyed += statement(sql)
                .bind(patient)
                .execute(&mut turn.transaction)
                .await?;
        }
        if destroyed == 0 && !known {
            turn.give_back().await;
            return Ok(None);
        }
        note_erased(&mut turn.transaction, patient, now).await?;
        let erased = Entry {
            at: now,
            actor: Actor::Administration,
            act: Act::Erased { patient },
        };
        append(&mut turn.transaction, std::iter::once(&erased)).await?;
        statement("UPDATE clinic SET version = version + 1")
            .execute(&mut turn.transaction)
            .await?;
        let batch = BatchKey::new().map_err(StoreError::from)?;
        turn.note(batch, &touched).await?;
        turn.transaction.commit().await?;
        Ok(Some(visits.len()))
    }
}

async fn visits(
    transaction: &mut Transaction,
    vault: &Vault,
    patient: PatientId,
) -> Result<Vec<Visit>, StoreError> {
    let rows = statement(VISITS_OF_PATIENT);
    let rows = rows.bind(patient).fetch(transaction).await?;
    read_all("visits", &rows, |it| read_visit(vault, it))
}

async fn writings(
    transaction: &mut Transaction,
    vault: &Vault,
    patient: PatientId,
) -> Result<Vec<Written>, StoreError> {
    let rows = statement(WRITINGS_OF_PATIENT);
    let rows = rows.bind(patient).fetch(transaction).await?;
    let read = read_all("writings", &rows, |it| read_writing(vault, it))?;
    let written = read.into_iter().map(|it| Written {
        consultation: it.consultation,
        kind: it.kind.word(),
        at: it.at,
        text: it.text,
    });
    Ok(written.collect())
}

async fn consultations(
    transaction: &mut Transaction,
    patient: PatientId,
) -> Result<BTreeSet<ConsultationId>, StoreError> {
    let rows = statement(
        "SELECT consultations.id FROM consultations JOIN visits ON visits.id = consultations.visit \
         WHERE visits.patient = $1",
    );
    let rows = rows.bind(patient).fetch(transaction).await?;
    let ids = rows
        .iter()
        .map(|row| Columns::of("consultations", row).id("id"));
    ids.collect()
}

async fn events(
    transaction: &mut Transaction,
    visits: &BTreeSet<VisitId>,
) -> Result<Vec<Json>, StoreError> {
    let mut events = Vec::new();
    for visit in visits {
        let rows = statement("SELECT body FROM outbox WHERE visit = $1 ORDER BY sequence");
        let rows: Vec<Row> = rows.bind(*visit).fetch(transaction).await?;
        events.extend(read_all("outbox", &rows, read_document)?);
    }
    Ok(events)
}

fn read_session(columns: &Columns<'_>) -> Result<Session, StoreError> {
    Ok(Session {
        session: columns.id("id")?,
        visit: columns.id("visit")?,
        level: IdentityLevel::from_word(&columns.text("level")?).ok_or(columns.corrupt())?,
        expires_at: Timestamp(columns.number("expires_at")?),
    })
}
