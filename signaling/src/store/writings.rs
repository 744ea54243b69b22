//! What people wrote after a consultation.

use std::collections::BTreeSet;

use vestibule_clinic::Consultation;
use vestibule_vocab::{
    ConsultationId, PatientId, PractitionerId, Redacted, ServiceId, Timestamp, VisitId,
};

use super::clinic::read_all;
use super::commit::Open;
use super::convert::Columns;
use super::database::Transaction;
use super::statement::statement;
use super::vault::{Keys, SEAL, Vault};
use super::{Store, StoreError};

/// Who wrote it to whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WritingKind {
    /// The patient to the practitioner.
    Feedback,
    /// The practitioner to the patient's regular one.
    Note,
}

impl WritingKind {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Feedback => "feedback",
            Self::Note => "note",
        }
    }

    fn from_word(word: &str) -> Option<Self> {
        [Self::Feedback, Self::Note]
            .into_iter()
            .find(|kind| kind.word() == word)
    }
}

/// What somebody wrote after a consultation. There is one of each kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Writing {
    pub consultation: ConsultationId,
    pub kind: WritingKind,
    pub visit: VisitId,
    pub patient: PatientId,
    pub practitioner: PractitionerId,
    pub service: ServiceId,
    pub at: Timestamp,
    pub text: Redacted<String>,
}

impl Writing {
    /// Written about this consultation.
    pub(crate) fn about(
        it: &Consultation,
        kind: WritingKind,
        at: Timestamp,
        text: Redacted<String>,
    ) -> Self {
        Self {
            consultation: it.id,
            kind,
            visit: it.visit,
            patient: it.patient,
            practitioner: it.practitioner,
            service: it.service,
            at,
            text,
        }
    }
}

/// That there is a note, without what it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NoteSize {
    pub consultation: ConsultationId,
    pub at: Timestamp,
    /// How long it is in UTF-8.
    pub bytes: u64,
}

impl Store {
    /// What patients told a practitioner, the latest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) async fn told(
        &self,
        practitioner: PractitionerId,
        most: usize,
    ) -> Result<Vec<Writing>, StoreError> {
        let rows = statement(
            "SELECT writings.*, patient_keys.wrapped FROM writings \
             JOIN patient_keys ON patient_keys.patient = writings.patient \
             WHERE practitioner = $1 AND kind = 'feedback' ORDER BY at DESC LIMIT $2",
        )
        .bind(practitioner)
        .bind(u32::try_from(most).unwrap_or(u32::MAX))
        .fetch(&mut self.database.look().await?)
        .await?;
        read_all("writings", &rows, |it| read_writing(&self.vault, it))
    }

    /// What patients told a practitioner, in the order in which they wrote it, behind this place.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) async fn feedback_after(
        &self,
        practitioner: PractitionerId,
        after: Option<(Timestamp, ConsultationId)>,
        limit: u32,
    ) -> Result<Vec<Writing>, StoreError> {
        let first = (Timestamp(0), ConsultationId::from_bytes([0; 16]));
        let (at, consultation) = after.unwrap_or(first);
        let rows = statement(
            "SELECT writings.*, patient_keys.wrapped FROM writings \
             JOIN patient_keys ON patient_keys.patient = writings.patient \
             WHERE practitioner = $1 AND kind = 'feedback' AND (at, consultation) > ($2, $3) \
             ORDER BY at, consultation LIMIT $4",
        )
        .bind(practitioner)
        .bind(at)
        .bind(consultation)
        .bind(limit)
        .fetch(&mut self.database.look().await?)
        .await?;
        read_all("writings", &rows, |it| read_writing(&self.vault, it))
    }

    /// The notes about the consultations of a visit, without what they say.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) async fn note_sizes(&self, visit: VisitId) -> Result<Vec<NoteSize>, StoreError> {
        let rows = statement(
            "SELECT consultation, at, CAST(LENGTH(body) AS BIGINT) AS size FROM writings \
             WHERE visit = $1 AND kind = 'note' ORDER BY at, consultation",
        )
        .bind(visit)
        .fetch(&mut self.database.look().await?)
        .await?;
        read_all("writings", &rows, |columns| {
            Ok(NoteSize {
                consultation: columns.id("consultation")?,
                at: Timestamp(columns.number("at")?),
                bytes: columns.number("size")?.saturating_sub(SEAL),
            })
        })
    }

    /// The note about a consultation.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) async fn note(
        &self,
        consultation: ConsultationId,
    ) -> Result<Option<Writing>, StoreError> {
        let row = statement(
            "SELECT writings.*, patient_keys.wrapped FROM writings \
             JOIN patient_keys ON patient_keys.patient = writings.patient \
             WHERE consultation = $1 AND kind = 'note'",
        )
        .bind(consultation)
        .find(&self.database)
        .await?;
        row.map(|row| read_writing(&self.vault, &Columns::of("writings", &row)))
            .transpose()
    }
}

/// What was told of these consultations, the latest last.
pub(super) async fn read_told(
    (transaction, vault): (&mut Transaction, &Vault),
    consultations: &BTreeSet<ConsultationId>,
) -> Result<Vec<Writing>, StoreError> {
    let mut rows = Vec::new();
    for consultation in consultations {
        let found = statement(
            "SELECT writings.*, patient_keys.wrapped FROM writings \
             JOIN patient_keys ON patient_keys.patient = writings.patient \
             WHERE consultation = $1 AND kind = 'feedback'",
        );
        rows.extend(found.bind(*consultation).fetch(transaction).await?);
    }
    let mut told = read_all("writings", &rows, |it| read_writing(vault, it))?;
    told.sort_by_key(|it| it.at);
    Ok(told)
}

/// Those by a patient, and about them.
pub(super) const WRITINGS_OF_PATIENT: &str = "SELECT writings.*, patient_keys.wrapped FROM writings \
     JOIN patient_keys ON patient_keys.patient = writings.patient \
     WHERE writings.patient = $1 ORDER BY at";

/// Reads one joined with the key that it is sealed under.
pub(super) fn read_writing(vault: &Vault, columns: &Columns<'_>) -> Result<Writing, StoreError> {
    let (patient, visit): (PatientId, VisitId) = (columns.id("patient")?, columns.id("visit")?);
    let (wrapped, sealed) = (columns.bytes("wrapped")?, columns.bytes("body")?);
    let key = vault.unwrap(patient, &wrapped);
    let opened = key.and_then(|key| key.open(visit, &sealed));
    let text = String::from_utf8(opened.map_err(|_| columns.corrupt())?);
    let kind = WritingKind::from_word(&columns.text("kind")?);
    Ok(Writing {
        consultation: columns.id("consultation")?,
        kind: kind.ok_or(columns.corrupt())?,
        visit,
        patient,
        practitioner: columns.id("practitioner")?,
        service: columns.id("service")?,
        at: Timestamp(columns.number("at")?),
        text: Redacted::new(text.map_err(|_| columns.corrupt())?),
    })
}

/// Writes it down, in the place of the one before.
pub(super) async fn put_writing(
    (transaction, keys): (Open<'_>, &Keys),
    writing: &Writing,
) -> Result<(), sqlx::Error> {
    let sealed = keys.seal(writing.patient, writing.visit, writing.text.expose())?;
    statement(
        "INSERT INTO writings (consultation, kind, visit, patient, practitioner, service, at, body) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) \
         ON CONFLICT (consultation, kind) DO UPDATE SET at = excluded.at, body = excluded.body",
    )
    .bind(writing.consultation)
    .bind(writing.kind.word())
    .bind(writing.visit)
    .bind(writing.patient)
    .bind(writing.practitioner)
    .bind(writing.service)
    .bind(writing.at)
    .bind(sealed)
    .execute(transaction)
    .await?;
    Ok(())
}
