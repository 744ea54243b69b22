//! What is kept of patients beyond their visits: who their regular practitioner is, and that they were erased.

use std::collections::{BTreeMap, BTreeSet};

use vestibule_vocab::{PatientId, PractitionerId};

use crate::limits::REGULARS;

/// The patients of whom something is kept beyond their visits. Nobody is in both.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Patients {
    /// Each patient's regular practitioner: at most one.
    regulars: BTreeMap<PatientId, PractitionerId>,
    /// Ids that lead to nobody any more, and never will again.
    erased: BTreeSet<PatientId>,
}

impl Patients {
    /// Who is the patient's regular practitioner.
    pub(crate) fn regular(&self, patient: PatientId) -> Option<PractitionerId> {
        self.regulars.get(&patient).copied()
    }

    /// Each patient who has a regular practitioner, by id.
    pub(crate) fn regulars(&self) -> impl Iterator<Item = (PatientId, PractitionerId)> + '_ {
        self.regulars
            .iter()
            .map(|(patient, practitioner)| (*patient, *practitioner))
    }

    /// Whether one more patient may have a regular practitioner.
    pub(crate) fn holds_one_more(&self, patient: PatientId) -> bool {
        self.regulars.contains_key(&patient) || self.regulars.len() < REGULARS
    }

    /// From now on it is this one, or nobody; who it was before.
    pub(crate) fn set_regular(
        &mut self,
        patient: PatientId,
        practitioner: Option<PractitionerId>,
    ) -> Option<PractitionerId> {
        match practitioner {
            Some(practitioner) => self.regulars.insert(patient, practitioner),
            None => self.regulars.remove(&patient),
        }
    }

    /// The id leads to nobody any more.
    pub(crate) fn is_erased(&self, patient: PatientId) -> bool {
        self.erased.contains(&patient)
    }

    /// Ids that lead to nobody any more.
    pub(crate) fn erased(&self) -> impl Iterator<Item = PatientId> + '_ {
        self.erased.iter().copied()
    }

    /// From now on the id leads to nobody.
    pub(crate) fn erase(&mut self, patient: PatientId) {
        self.erased.insert(patient);
    }
}
