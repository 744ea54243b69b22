//! Receipts: that a consultation took place, from when to when, and how long people saw or heard one another. Nothing of
//! what was said. They outlive the visits.

use vestibule_clinic::Consultation;
use vestibule_clinic::limits::CAP;
use vestibule_control::Talk;
use vestibule_vocab::{CallId, ConsultationId, PatientId};

use super::clinic::read_all;
use super::commit::Open;
use super::convert::Columns;
use super::rows::{document, nameless, read_document};
use super::statement::statement;
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
const RECEIPTS: &str = "SELECT receipts.body, \
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

impl Store {
    /// The receipt of a consultation, under way or ended.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) async fn receipt(
        &self,
        consultation: ConsultationId,
    ) -> Result<Option<Receipt>, StoreError> {
        let row = statement(RECEIPTS)
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
        let rows = statement(
            "SELECT body FROM receipts WHERE patient = $1 ORDER BY started_at DESC LIMIT $2",
        )
        .bind(patient)
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

/// Writes down how a consultation stands.
pub(super) async fn put_receipt(
    transaction: Open<'_>,
    it: &Consultation,
) -> Result<(), sqlx::Error> {
    statement(
        "INSERT INTO receipts (consultation, patient, practitioner, started_at, end_number, body) \
         VALUES ($1, $2, $3, $4, $5, $6) \
         ON CONFLICT (consultation) \
         DO UPDATE SET end_number = excluded.end_number, body = excluded.body",
    )
    .bind(it.id)
    .bind(it.patient)
    .bind(it.practitioner)
    .bind(it.started_at)
    .bind(it.ended.map(|ended| ended.number))
    .bind(document(&nameless(it))?.as_str())
    .execute(transaction)
    .await?;
    Ok(())
}

/// Writes down whose call it is; nothing has flowed there yet.
pub(super) async fn put_receipt_call(
    transaction: Open<'_>,
    consultation: ConsultationId,
    call: CallId,
) -> Result<(), sqlx::Error> {
    statement(
        "INSERT INTO talks (call, consultation, video, audio, neither) VALUES ($1, $2, 0, 0, 0) \
         ON CONFLICT (call) DO NOTHING",
    )
    .bind(call)
    .bind(consultation)
    .execute(transaction)
    .await?;
    Ok(())
}

/// Writes down what flowed in a call until now. A call that was only warm has nobody's receipt.
pub(super) async fn put_talk(
    transaction: Open<'_>,
    call: CallId,
    talk: Talk,
) -> Result<(), sqlx::Error> {
    statement("UPDATE talks SET video = $1, audio = $2, neither = $3 WHERE call = $4")
        .bind(talk.video_ms)
        .bind(talk.audio_ms)
        .bind(talk.neither_ms)
        .bind(call)
        .execute(transaction)
        .await?;
    Ok(())
}
