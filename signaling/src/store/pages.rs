//! Rows for other systems, one page at a time. Each list is ordered by what never changes of a row, or only grows, so that
//! nothing is left out when rows are added between two pages.

use vestibule_clinic::{Practitioner, Service, Visit};
use vestibule_vocab::{PractitionerId, ServiceId, VisitId};

use super::audit::Line;
use super::clinic::read_all;
use super::convert::Columns;
use super::database::Row;
use super::rows::{read_document, read_visit};
use super::statement::{Statement, statement};
use super::{Store, StoreError};

const FIRST: [u8; 16] = [0; 16];

impl Store {
    /// Services by id, those behind `after`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) async fn services_after(
        &self,
        after: Option<ServiceId>,
        limit: u32,
    ) -> Result<Vec<Service>, StoreError> {
        let page = statement("SELECT body FROM services WHERE id > $1 ORDER BY id LIMIT $2")
            .bind(after.unwrap_or(ServiceId::from_bytes(FIRST)))
            .bind(limit);
        read_all("services", &self.page(page).await?, read_document)
    }

    /// One service.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) async fn service(&self, id: ServiceId) -> Result<Option<Service>, StoreError> {
        let one = statement("SELECT body FROM services WHERE id = $1").bind(id);
        let found = read_all("services", &self.page(one).await?, read_document)?;
        Ok(found.into_iter().next())
    }

    /// Practitioners by id, those behind `after`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) async fn practitioners_after(
        &self,
        after: Option<PractitionerId>,
        limit: u32,
    ) -> Result<Vec<Practitioner>, StoreError> {
        let page = statement("SELECT body FROM practitioners WHERE id > $1 ORDER BY id LIMIT $2")
            .bind(after.unwrap_or(PractitionerId::from_bytes(FIRST)))
            .bind(limit);
        read_all("practitioners", &self.page(page).await?, read_document)
    }

    /// One practitioner.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) async fn practitioner(
        &self,
        id: PractitionerId,
    ) -> Result<Option<Practitioner>, StoreError> {
        let one = statement("SELECT body FROM practitioners WHERE id = $1").bind(id);
        let found = read_all("practitioners", &self.page(one).await?, read_document)?;
        Ok(found.into_iter().next())
    }

    /// Visits by arrival, those behind the arrival `after`. One that is booked and comes later arrives anew.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) async fn visits_after(
        &self,
        after: Option<u64>,
        limit: u32,
    ) -> Result<Vec<Visit>, StoreError> {
        // Arrivals are counted from zero: the first one is behind nothing.
        let page = match after {
            Some(after) => statement(
                "SELECT visits.body, personal.body AS personal FROM visits \
                 JOIN personal ON personal.visit = visits.id WHERE visits.arrival > $1 \
                 ORDER BY visits.arrival LIMIT $2",
            )
            .bind(after)
            .bind(limit),
            None => statement(
                "SELECT visits.body, personal.body AS personal FROM visits \
                 JOIN personal ON personal.visit = visits.id ORDER BY visits.arrival LIMIT $1",
            )
            .bind(limit),
        };
        read_all("visits", &self.page(page).await?, read_visit)
    }

    /// One visit.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) async fn visit(&self, id: VisitId) -> Result<Option<Visit>, StoreError> {
        let one = statement(
            "SELECT visits.body, personal.body AS personal FROM visits \
             JOIN personal ON personal.visit = visits.id WHERE visits.id = $1",
        );
        let found = read_all("visits", &self.page(one.bind(id)).await?, read_visit)?;
        Ok(found.into_iter().next())
    }

    /// Lines of the audit log behind the line `after`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) async fn audit_after(
        &self,
        after: u64,
        limit: u32,
    ) -> Result<Vec<Line>, StoreError> {
        let page = statement(
            "SELECT sequence, hash, entry FROM audit WHERE sequence > $1 ORDER BY sequence LIMIT $2",
        )
        .bind(after)
        .bind(limit);
        read_all("audit", &self.page(page).await?, read_line)
    }

    async fn page(&self, page: Statement) -> Result<Vec<Row>, StoreError> {
        Ok(page.fetch(&mut self.database.look().await?).await?)
    }
}

fn read_line(columns: &Columns<'_>) -> Result<Line, StoreError> {
    Ok(Line {
        sequence: columns.number("sequence")?,
        hash: columns.bytes("hash")?,
        entry: columns.text("entry")?,
    })
}
