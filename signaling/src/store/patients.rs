//! Who is known: a patient is, for as long as something of theirs is kept.

use vestibule_vocab::PatientId;

use super::statement::statement;
use super::{Store, StoreError};

impl Store {
    /// Something of the patient is kept: a visit, a receipt, what was written, or the key that it is sealed under.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) async fn knows_patient(&self, patient: PatientId) -> Result<bool, StoreError> {
        let known = statement(
            "SELECT 1 AS known WHERE EXISTS (SELECT 1 FROM visits WHERE patient = $1) \
             OR EXISTS (SELECT 1 FROM receipts WHERE patient = $1) \
             OR EXISTS (SELECT 1 FROM writings WHERE patient = $1) \
             OR EXISTS (SELECT 1 FROM patient_keys WHERE patient = $1)",
        );
        let known = known.bind(patient).find(&self.database).await?;
        Ok(known.is_some())
    }
}
