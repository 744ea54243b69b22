//! Receipts: that a consultation took place, from when to when, and how long people saw or heard one another. Nothing of
//! what was said. They outlive the visits.

use vestibule_clinic::Consultation;
use vestibule_clinic::limits::CAP;
use vestibule_control::Talk;
use vestibule_vocab::{ConsultationId, PatientId, VisitId};

use super::clinic::read_all;
use super::convert::Columns;
use super::database::Transaction;
use super::rows::read_document;
use super::shape::{Shape, Values, row};
use super::statement::{Statement, statement};
use super::{Store, StoreError};

/// What is written down of a consultation for billing and attestation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Receipt {
    /// The consultation, without the patient's name.
    pub consultation: Consultation,
    /// What flowed in all of its calls.
    pub talk: Talk,
}

/// The course of a consultation, and the sums of its calls.
const RECEIPT: &str = "SELECT receipts.body, \
     CAST(COALESCE(SUM(talks.video), 0) AS BIGINT) AS video, \
     CAST(COALESCE(SUM(talks.audio), 0) AS BIGINT) AS audio, \
     CAST(COALESCE(SUM(talks.neither), 0) AS BIGINT) AS neither \
     FROM receipts LEFT JOIN talks ON talks.consultation = receipts.consultation \
     WHERE receipts.consultation = $1 GROUP BY receipts.consultation, receipts.body";

/// The same of those that ended behind one.
const ENDED: &str = "SELECT receipts.body, \
     CAST(COALESCE(SUM(talks.video), 0) AS BIGINT) AS video, \
     CAST(COALESCE(SUM(talks.audio), 0) AS BIGINT) AS audio, \
     CAST(COALESCE(SUM(talks.neither), 0) AS BIGINT) AS neither \
     FROM receipts LEFT JOIN talks ON talks.consultation = receipts.consultation \
     WHERE receipts.end_number > $1 \
     GROUP BY receipts.consultation, receipts.body, receipts.end_number \
     ORDER BY receipts.end_number LIMIT $2";

/// The same of one patient.
const OF_PATIENT: &str = "SELECT receipts.body, \
     CAST(COALESCE(SUM(talks.video), 0) AS BIGINT) AS video, \
     CAST(COALESCE(SUM(talks.audio), 0) AS BIGINT) AS audio, \
     CAST(COALESCE(SUM(talks.neither), 0) AS BIGINT) AS neither \
     FROM receipts LEFT JOIN talks ON talks.consultation = receipts.consultation \
     WHERE receipts.patient = $1 \
     GROUP BY receipts.consultation, receipts.body, receipts.started_at \
     ORDER BY receipts.started_at, receipts.consultation";

/// All the receipts of a patient, in order.
pub(super) async fn receipts_of(
    transaction: &mut Transaction,
    patient: PatientId,
) -> Result<Vec<Receipt>, StoreError> {
    let rows = statement(OF_PATIENT).bind(patient);
    read_all("receipts", &rows.fetch(transaction).await?, read_receipt)
}

impl Store {
    /// The receipt of a consultation, under way or ended.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) async fn receipt(
        &self,
        consultation: ConsultationId,
    ) -> Result<Option<Receipt>, StoreError> {
        let row = statement(RECEIPT)
            .bind(consultation)
            .find(&self.database)
            .await?;
        row.map(|row| read_receipt(&Columns::of("receipts", &row)))
            .transpose()
    }
}

impl Store {
    /// Receipts of consultations that ended behind the one of this number, in that order.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) async fn receipts_after(
        &self,
        after: Option<u64>,
        limit: u32,
    ) -> Result<Vec<Receipt>, StoreError> {
        let rows = statement(ENDED)
            .bind(after.unwrap_or_default())
            .bind(limit)
            .fetch(&mut self.database.look().await?)
            .await?;
        read_all("receipts", &rows, read_receipt)
    }

    /// The latest consultations of a patient, as many as any quota could count.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) async fn past(&self, patient: PatientId) -> Result<Vec<Consultation>, StoreError> {
        let sql = "SELECT body FROM receipts WHERE patient = $1 ORDER BY started_at DESC LIMIT $2";
        self.latest_consultations(statement(sql).bind(patient))
            .await
    }

    /// Those of the patient whose visit this is; none when there is no such visit.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) async fn past_of_visit(
        &self,
        visit: VisitId,
    ) -> Result<Vec<Consultation>, StoreError> {
        let sql = "SELECT body FROM receipts WHERE patient = (SELECT patient FROM visits WHERE id = $1) \
             ORDER BY started_at DESC LIMIT $2";
        self.latest_consultations(statement(sql).bind(visit)).await
    }

    async fn latest_consultations(&self, of: Statement) -> Result<Vec<Consultation>, StoreError> {
        let rows = of
            .bind(u32::from(CAP))
            .fetch(&mut self.database.look().await?)
            .await?;
        read_all("receipts", &rows, read_document)
    }
}

fn read_receipt(columns: &Columns<'_>) -> Result<Receipt, StoreError> {
    Ok(Receipt {
        consultation: read_document(columns)?,
        talk: Talk {
            video_ms: columns.number("video")?,
            audio_ms: columns.number("audio")?,
            neither_ms: columns.number("neither")?,
        },
    })
}

/// How consultations stand.
pub(super) static RECEIPTS: Shape = Shape::new(
    "INSERT INTO receipts (consultation, patient, practitioner, started_at, end_number, ended_at, body) VALUES",
    7,
    "ON CONFLICT (consultation) \
     DO UPDATE SET end_number = excluded.end_number, ended_at = excluded.ended_at, body = excluded.body",
);

/// The row of one, whose document this is.
pub(super) fn receipt_row(it: &Consultation, body: String) -> Values {
    row![
        it.id,
        it.patient,
        it.practitioner,
        it.started_at,
        it.ended.map(|ended| ended.number),
        it.ended.map(|ended| ended.at),
        body
    ]
}
