//! Rows for the FHIR views, one page at a time. Each list is ordered by what never changes of a row, or only grows, so
//! that nothing is left out when rows are added between two pages.

use vestibule_clinic::{Consultation, Visit};
use vestibule_control::Talk;
use vestibule_vocab::{ConsultationId, PatientId, Timestamp, VisitId};

use super::clinic::read_all;
use super::convert::Columns;
use super::database::Row;
use super::rows::{read_document, read_visit};
use super::statement::{Statement, statement};
use super::{ClinicRow, Store, StoreError};

/// Visits with what people wrote, and how many consultations there were in each.
macro_rules! visits {
    ($rest:literal) => {
        concat!(
            "SELECT visits.body, personal.body AS personal, patient_keys.wrapped, \
             (SELECT COUNT(*) FROM consultations WHERE consultations.visit = visits.id) AS seen \
             FROM visits LEFT JOIN personal ON personal.visit = visits.id \
             LEFT JOIN patient_keys ON patient_keys.patient = visits.patient WHERE ",
            $rest
        )
    };
}

/// Receipts with the sums of their calls, and the course of the visit while it is remembered.
macro_rules! receipts {
    ($rest:literal) => {
        concat!(
            "SELECT receipts.body, \
             CAST(COALESCE(SUM(talks.video), 0) AS BIGINT) AS video, \
             CAST(COALESCE(SUM(talks.audio), 0) AS BIGINT) AS audio, \
             CAST(COALESCE(SUM(talks.neither), 0) AS BIGINT) AS neither, \
             (SELECT visits.body FROM visits JOIN consultations ON consultations.visit = visits.id \
             WHERE consultations.id = receipts.consultation) AS visit \
             FROM receipts LEFT JOIN talks ON talks.consultation = receipts.consultation WHERE ",
            $rest
        )
    };
}

/// A visit, and whether a practitioner began a consultation in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct VisitRow {
    /// The visit, with what people wrote.
    pub visit: Visit,
    /// There was, or is, a consultation in it.
    pub seen: bool,
}

/// A consultation with its receipt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct EncounterRow {
    /// The consultation, without the patient's name.
    pub consultation: Consultation,
    /// What flowed in all of its calls.
    pub talk: Talk,
    /// The visit that it belongs to, without what people wrote; absent once it is forgotten.
    pub visit: Option<Visit>,
}

/// Which consultations.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Encounters {
    /// Those behind this one, by their start and id.
    pub after: Option<(Timestamp, ConsultationId)>,
    /// Those that began at this moment or later.
    pub from: Timestamp,
    /// Those that began before this moment.
    pub to: Timestamp,
    /// Only this patient's.
    pub patient: Option<PatientId>,
}

impl Store {
    /// The clinic of this store.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) async fn clinic(&self) -> Result<ClinicRow, StoreError> {
        let row = statement("SELECT id, name, service FROM clinic")
            .find(&self.database)
            .await?
            .ok_or(StoreError::Corrupt("clinic"))?;
        let columns = Columns::of("clinic", &row);
        Ok(ClinicRow {
            id: columns.id("id")?,
            name: columns.text("name")?,
            service: columns.id("service")?,
        })
    }

    /// One visit.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) async fn visit_row(&self, id: VisitId) -> Result<Option<VisitRow>, StoreError> {
        let one = statement(visits!("visits.id = $1")).bind(id);
        let found = read_all("visits", &self.view(one).await?, |it| {
            self.read_visit_row(it)
        })?;
        Ok(found.into_iter().next())
    }

    /// Visits by arrival, those behind the arrival `after`, all or one patient's.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) async fn visit_rows(
        &self,
        after: Option<u64>,
        patient: Option<PatientId>,
        limit: u32,
    ) -> Result<Vec<VisitRow>, StoreError> {
        // Arrivals are counted from zero, and bound as one more: the first one is behind nothing.
        let from = after.map_or(0, |after| after.saturating_add(1));
        let page = statement(visits!(
            "visits.arrival >= $1 AND visits.patient = COALESCE($2, visits.patient) \
             ORDER BY visits.arrival LIMIT $3"
        ));
        let page = page.bind(from).bind(patient).bind(limit);
        read_all("visits", &self.view(page).await?, |it| {
            self.read_visit_row(it)
        })
    }

    /// One consultation with its receipt.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) async fn encounter(
        &self,
        id: ConsultationId,
    ) -> Result<Option<EncounterRow>, StoreError> {
        let one = statement(receipts!(
            "receipts.consultation = $1 GROUP BY receipts.consultation"
        ));
        let rows = self.view(one.bind(id)).await?;
        let found = read_all("receipts", &rows, read_encounter_row)?;
        Ok(found.into_iter().next())
    }

    /// Consultations with their receipts, by their start.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) async fn encounters(
        &self,
        wanted: Encounters,
        limit: u32,
    ) -> Result<Vec<EncounterRow>, StoreError> {
        let first = (Timestamp(0), ConsultationId::from_bytes([0; 16]));
        let (start, id) = wanted.after.unwrap_or(first);
        // Two statements, each with an index of its own.
        let page = match wanted.patient {
            None => statement(receipts!(
                "receipts.started_at >= $1 AND receipts.started_at < $2 \
                 AND (receipts.started_at, receipts.consultation) > ($3, $4) \
                 GROUP BY receipts.consultation \
                 ORDER BY receipts.started_at, receipts.consultation LIMIT $5"
            )),
            Some(patient) => statement(receipts!(
                "receipts.patient = $1 AND receipts.started_at >= $2 AND receipts.started_at < $3 \
                 AND (receipts.started_at, receipts.consultation) > ($4, $5) \
                 GROUP BY receipts.consultation \
                 ORDER BY receipts.started_at, receipts.consultation LIMIT $6"
            ))
            .bind(patient),
        };
        let page = page.bind(wanted.from).bind(wanted.to);
        let page = page.bind(start).bind(id).bind(limit);
        read_all("receipts", &self.view(page).await?, read_encounter_row)
    }

    fn read_visit_row(&self, columns: &Columns<'_>) -> Result<VisitRow, StoreError> {
        Ok(VisitRow {
            visit: read_visit(&self.vault, columns)?,
            seen: columns.number("seen")? > 0,
        })
    }

    async fn view(&self, page: Statement) -> Result<Vec<Row>, StoreError> {
        Ok(page.fetch(&mut self.database.look().await?).await?)
    }
}

fn read_encounter_row(columns: &Columns<'_>) -> Result<EncounterRow, StoreError> {
    let visit = columns.optional_text("visit")?;
    let visit = visit.map(|visit| serde_json::from_str(&visit));
    Ok(EncounterRow {
        consultation: read_document(columns)?,
        talk: Talk {
            video_ms: columns.number("video")?,
            audio_ms: columns.number("audio")?,
            neither_ms: columns.number("neither")?,
        },
        visit: visit.transpose().map_err(|_| columns.corrupt())?,
    })
}
