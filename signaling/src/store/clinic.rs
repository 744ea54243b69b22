//! Reading the clinic back.

use std::collections::HashMap;

use vestibule_clinic::State;
use vestibule_delivery::LogEntry;
use vestibule_vocab::ConsultationId;

use super::convert::Columns;
use super::database::Row;
use super::log::read_logs;
use super::rows::{CallIds, read_call, read_consultation, read_document, read_visit};
use super::statement::statement;
use super::{Store, StoreError};

/// All that is stored of a clinic's course, at one version.
#[derive(Debug)]
pub(crate) struct Loaded {
    /// The version that the next commit is fenced by.
    pub version: u64,
    /// Services, practitioners, visits and consultations.
    pub state: State,
    /// The calls of consultations under way.
    pub calls: HashMap<ConsultationId, CallIds>,
    /// The MLS logs of consultations under way, each in order.
    pub log: HashMap<ConsultationId, Vec<LogEntry>>,
}

impl Store {
    /// Reads the whole state, of one moment.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) async fn load(&self) -> Result<Loaded, StoreError> {
        let mut transaction = self.0.look().await?;
        let version = statement("SELECT version FROM clinic")
            .first(&mut transaction)
            .await?;
        let services = statement("SELECT body FROM services")
            .fetch(&mut transaction)
            .await?;
        let practitioners = statement("SELECT body FROM practitioners")
            .fetch(&mut transaction)
            .await?;
        let visits = statement(
            "SELECT visits.body, personal.body AS personal FROM visits \
             JOIN personal ON personal.visit = visits.id",
        )
        .fetch(&mut transaction)
        .await?;
        let consultations = statement(
            "SELECT consultations.*, personal.body AS personal FROM consultations \
             JOIN personal ON personal.visit = consultations.visit",
        )
        .fetch(&mut transaction)
        .await?;
        let log = statement("SELECT * FROM mls_log ORDER BY consultation, sequence")
            .fetch(&mut transaction)
            .await?;
        Ok(Loaded {
            version: Columns::of("clinic", &version).number("version")?,
            state: State {
                services: read_all("services", &services, read_document)?,
                practitioners: read_all("practitioners", &practitioners, read_document)?,
                visits: read_all("visits", &visits, read_visit)?,
                consultations: read_all("consultations", &consultations, read_consultation)?,
            },
            calls: read_all("consultations", &consultations, read_own_call)?
                .into_iter()
                .flatten()
                .collect(),
            log: read_logs(&log)?,
        })
    }
}

fn read_all<T>(
    table: &'static str,
    rows: &[Row],
    read: impl Fn(&Columns<'_>) -> Result<T, StoreError>,
) -> Result<Vec<T>, StoreError> {
    rows.iter()
        .map(|row| read(&Columns::of(table, row)))
        .collect()
}

fn read_own_call(columns: &Columns<'_>) -> Result<Option<(ConsultationId, CallIds)>, StoreError> {
    let id = columns.id("id")?;
    let lasts = columns.text("state")? != "ended";
    Ok(read_call(columns)?.filter(|_| lasts).map(|call| (id, call)))
}
