//! What follows from an input.

use std::collections::BTreeSet;

use vestibule_vocab::{PatientId, PractitionerId, VisitId};

use crate::{Arrival, Consultation, Refusal, Visit};

/// All that follows from one input.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "records must be stored before anybody is told"]
pub struct Outputs {
    /// The answer to whoever asked. Refused: nothing changed, and the rest is empty.
    pub answer: Result<(), Refusal>,
    /// What to store, in this order.
    pub records: Vec<Record>,
    /// Whose picture of the clinic changed.
    pub changed: Changed,
}

/// One row to store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Record {
    /// Insert the visit, or replace the one of the same id.
    Visit(Visit),
    /// Insert the consultation, or replace the one of the same id.
    Consultation(Consultation),
    /// The visit is forgotten: delete it with its consultations, and end the sessions that were
    /// made for it, because its join token must not begin it again.
    Forget(VisitId),
}

/// Whose picture changed. A few words rather than a list: when the first of 5,000 is admitted,
/// 4,999 places change. [`Clinic::changed_patients`](crate::Clinic::changed_patients) and
/// [`Clinic::changed_practitioners`](crate::Clinic::changed_practitioners) spell it out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changed {
    /// Patients whose own visit, warm leg or consultation changed.
    pub patients: BTreeSet<PatientId>,
    /// Practitioners whose consultation or warm leg changed.
    pub practitioners: BTreeSet<PractitionerId>,
    /// The waiting room changed, and every connected practitioner sees it.
    pub waiting_room: bool,
    /// All who wait and arrived then or later have another place.
    pub places_from: Option<Arrival>,
}

impl Changed {
    /// Adds what another input of the same batch changed.
    pub fn merge(&mut self, other: Self) {
        self.patients.extend(other.patients);
        self.practitioners.extend(other.practitioners);
        self.waiting_room |= other.waiting_room;
        self.places_from = match (self.places_from, other.places_from) {
            (Some(mine), Some(theirs)) => Some(mine.min(theirs)),
            (mine, theirs) => mine.or(theirs),
        };
    }

    /// Nobody's picture changed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_batch_changed_is_all_that_its_inputs_changed() {
        let patients = BTreeSet::from([PatientId::from_random(1)]);
        let practitioners = BTreeSet::from([PractitionerId::from_random(2)]);
        let one = Changed {
            patients,
            places_from: Some(Arrival(7)),
            ..Changed::default()
        };
        let other = Changed {
            practitioners,
            waiting_room: true,
            places_from: Some(Arrival(5)),
            ..Changed::default()
        };
        let all = Changed {
            patients: one.patients.clone(),
            ..other.clone()
        };
        for (mut first, second) in [(one.clone(), other.clone()), (other, one)] {
            first.merge(second);
            assert_eq!(first, all);
            first.merge(Changed::default());
            assert_eq!(first, all);
        }
        assert!(!all.is_empty() && Changed::default().is_empty());
    }
}
