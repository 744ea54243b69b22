//! What another server wrote into a log in the meantime.

use crate::restore::restored;
use crate::{Delivery, LogEntry, RestoreError, StoredConsultation};

impl Delivery {
    /// Takes up a consultation as it is stored now, in place of what was known of it. The entries that are new come back,
    /// for the pages that are here.
    pub fn catch_up(&mut self, stored: StoredConsultation) -> Result<Vec<LogEntry>, RestoreError> {
        let consultation = restored(stored)?;
        let id = consultation.id();
        let known = self.consultations.get(&id).map_or(0, |it| it.last());
        let new = consultation.entries().filter(|it| it.sequence > known);
        let new = new.cloned().collect();
        self.consultations.insert(id, consultation);
        Ok(new)
    }
}
