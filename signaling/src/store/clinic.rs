//! Reading the clinic back.

use std::collections::HashMap;

use vestibule_clinic::State;
use vestibule_delivery::LogEntry;
use vestibule_vocab::ConsultationId;

use super::convert::Columns;
use super::database::{Row, Transaction};
use super::joined::{CONSULTATIONS, VISITS};
use super::log::read_logs;
use super::nodes::{Attendance, read_attendance};
use super::patients::{ERASED, REGULARS, read_regular};
use super::rows::{
    CallIds, read_calls, read_consultation, read_document, read_estimator, read_visit,
};
use super::statement::statement;
use super::vault::Vault;
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
    /// Whose socket is open, at any server.
    pub attendance: Vec<Attendance>,
}

impl Store {
    /// Reads the whole state, of one moment.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) async fn load(&self) -> Result<Loaded, StoreError> {
        load(&mut self.database.look().await?, &self.vault).await
    }
}

/// Reads the whole state, within a transaction that sees one moment.
pub(super) async fn load(
    transaction: &mut Transaction,
    vault: &Vault,
) -> Result<Loaded, StoreError> {
    let version = statement("SELECT version FROM clinic")
        .first(transaction)
        .await?;
    let services = statement("SELECT body FROM services")
        .fetch(transaction)
        .await?;
    let practitioners = statement("SELECT body FROM practitioners")
        .fetch(transaction)
        .await?;
    let regulars = statement(REGULARS).fetch(transaction).await?;
    let erased = statement(ERASED).fetch(transaction).await?;
    let estimators = statement("SELECT waiting_room, body FROM estimators")
        .fetch(transaction)
        .await?;
    let visits = statement(VISITS).fetch(transaction).await?;
    let consultations = statement(CONSULTATIONS).fetch(transaction).await?;
    let legs = statement("SELECT * FROM legs").fetch(transaction).await?;
    let log = statement("SELECT * FROM mls_log ORDER BY consultation, sequence")
        .fetch(transaction)
        .await?;
    let attendance = statement("SELECT * FROM attendance")
        .fetch(transaction)
        .await?;
    Ok(Loaded {
        attendance: read_all("attendance", &attendance, read_attendance)?,
        version: Columns::of("clinic", &version).number("version")?,
        state: State {
            services: read_all("services", &services, read_document)?,
            practitioners: read_all("practitioners", &practitioners, read_document)?,
            regulars: read_all("regulars", &regulars, read_regular)?,
            erased: read_all("erased", &erased, |it| it.id("patient"))?,
            estimators: read_all("estimators", &estimators, read_estimator)?,
            visits: read_all("visits", &visits, |it| read_visit(vault, it))?,
            consultations: read_all("consultations", &consultations, |it| {
                read_consultation(vault, it)
            })?,
        },
        calls: read_calls(&consultations, &legs)?,
        log: read_logs(&log)?,
    })
}

pub(super) fn read_all<T>(
    table: &'static str,
    rows: &[Row],
    read: impl Fn(&Columns<'_>) -> Result<T, StoreError>,
) -> Result<Vec<T>, StoreError> {
    rows.iter()
        .map(|row| read(&Columns::of(table, row)))
        .collect()
}
