//! Who is known: a patient is, for as long as something of theirs is kept and they were not erased. And what is kept of them
//! beyond their visits.

use std::collections::BTreeSet;

use vestibule_vocab::{PatientId, PractitionerId, Timestamp};

use super::clinic::read_all;
use super::convert::Columns;
use super::database::Transaction;
use super::statement::statement;
use super::{Store, StoreError};

/// Each patient who has a regular practitioner.
pub(super) const REGULARS: &str = "SELECT patient, practitioner FROM regulars";

/// Each patient who was erased.
pub(super) const ERASED: &str = "SELECT patient FROM erased";

/// What is kept of some patients beyond their visits, as it is now.
pub(super) struct Kept {
    pub(super) regulars: Vec<(PatientId, PractitionerId)>,
    pub(super) erased: Vec<PatientId>,
    /// Those who have no regular practitioner.
    pub(super) left: Vec<PatientId>,
}

impl Store {
    /// Something of the patient is kept: a visit, a receipt, what was written, the key that it is sealed under, or who their
    /// regular practitioner is. Whoever was erased is not known, although the course of their visits is kept without a name.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) async fn knows_patient(&self, patient: PatientId) -> Result<bool, StoreError> {
        let known = statement(
            "SELECT 1 AS known WHERE NOT EXISTS (SELECT 1 FROM erased WHERE patient = $1) \
             AND (EXISTS (SELECT 1 FROM visits WHERE patient = $1) \
             OR EXISTS (SELECT 1 FROM receipts WHERE patient = $1) \
             OR EXISTS (SELECT 1 FROM writings WHERE patient = $1) \
             OR EXISTS (SELECT 1 FROM regulars WHERE patient = $1) \
             OR EXISTS (SELECT 1 FROM patient_keys WHERE patient = $1))",
        );
        let known = known.bind(patient).find(&self.database).await?;
        Ok(known.is_some())
    }

    /// Whether the patient was erased.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(super) async fn was_erased(&self, patient: PatientId) -> Result<bool, StoreError> {
        Ok(is_erased(&mut self.database.look().await?, patient).await?)
    }

    /// The regular practitioner of a patient, if they have one.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) async fn regular_of(
        &self,
        patient: PatientId,
    ) -> Result<Option<PractitionerId>, StoreError> {
        regular_of(&mut self.database.look().await?, patient).await
    }
}

pub(super) async fn regular_of(
    transaction: &mut Transaction,
    patient: PatientId,
) -> Result<Option<PractitionerId>, StoreError> {
    let found = statement("SELECT patient, practitioner FROM regulars WHERE patient = $1");
    let found = found.bind(patient).fetch(transaction).await?;
    let found = read_all("regulars", &found, read_regular)?;
    Ok(found.first().map(|(_, practitioner)| *practitioner))
}

pub(super) async fn is_erased(
    transaction: &mut Transaction,
    patient: PatientId,
) -> Result<bool, sqlx::Error> {
    let found = statement("SELECT patient FROM erased WHERE patient = $1");
    let found = found.bind(patient).fetch(transaction).await?;
    Ok(!found.is_empty())
}

/// From now on the id leads to nobody. It is kept for good: nothing else could tell it from one that was never used.
pub(super) async fn note_erased(
    transaction: &mut Transaction,
    patient: PatientId,
    at: Timestamp,
) -> Result<(), sqlx::Error> {
    statement("INSERT INTO erased (patient, at) VALUES ($1, $2) ON CONFLICT DO NOTHING")
        .bind(patient)
        .bind(at)
        .execute(transaction)
        .await?;
    Ok(())
}

/// What is kept of these patients.
pub(super) async fn read_patients(
    transaction: &mut Transaction,
    patients: &BTreeSet<PatientId>,
) -> Result<Kept, StoreError> {
    let (mut regulars, mut erased, mut left) = (Vec::new(), Vec::new(), Vec::new());
    for patient in patients {
        match regular_of(transaction, *patient).await? {
            Some(practitioner) => regulars.push((*patient, practitioner)),
            None => left.push(*patient),
        }
        if is_erased(transaction, *patient).await? {
            erased.push(*patient);
        }
    }
    Ok(Kept {
        regulars,
        erased,
        left,
    })
}

pub(super) fn read_regular(
    columns: &Columns<'_>,
) -> Result<(PatientId, PractitionerId), StoreError> {
    Ok((columns.id("patient")?, columns.id("practitioner")?))
}
