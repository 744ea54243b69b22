//! What people wrote after a consultation.

use vestibule_clinic::Consultation;
use vestibule_vocab::{
    ConsultationId, PatientId, PractitionerId, Redacted, ServiceId, Timestamp, VisitId,
};

use super::clinic::read_all;
use super::commit::Open;
use super::convert::Columns;
use super::statement::statement;
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
    fn word(self) -> &'static str {
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
            "SELECT * FROM writings WHERE practitioner = $1 AND kind = 'feedback' \
             ORDER BY at DESC LIMIT $2",
        )
        .bind(practitioner)
        .bind(u32::try_from(most).unwrap_or(u32::MAX))
        .fetch(&mut self.database.look().await?)
        .await?;
        read_all("writings", &rows, read)
    }

    /// The note about a consultation.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) async fn note(
        &self,
        consultation: ConsultationId,
    ) -> Result<Option<Writing>, StoreError> {
        let row = statement("SELECT * FROM writings WHERE consultation = $1 AND kind = 'note'")
            .bind(consultation)
            .find(&self.database)
            .await?;
        row.map(|row| read(&Columns::of("writings", &row)))
            .transpose()
    }
}

fn read(columns: &Columns<'_>) -> Result<Writing, StoreError> {
    let kind = WritingKind::from_word(&columns.text("kind")?);
    Ok(Writing {
        consultation: columns.id("consultation")?,
        kind: kind.ok_or(columns.corrupt())?,
        visit: columns.id("visit")?,
        patient: columns.id("patient")?,
        practitioner: columns.id("practitioner")?,
        service: columns.id("service")?,
        at: Timestamp(columns.number("at")?),
        text: Redacted::new(columns.text("body")?),
    })
}

/// Writes it down, in the place of the one before.
pub(super) async fn put_writing(
    transaction: Open<'_>,
    writing: &Writing,
) -> Result<(), sqlx::Error> {
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
    .bind(writing.text.expose().as_str())
    .execute(transaction)
    .await?;
    Ok(())
}
