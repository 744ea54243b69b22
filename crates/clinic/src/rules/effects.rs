//! What a rule leaves behind, collected while it acts.

use vestibule_vocab::{PatientId, PractitionerId, VisitId};

use crate::{Arrival, Changed, Consultation, Outputs, Record, Refusal, Visit, Warm};

/// The outputs in the making.
#[derive(Default)]
pub(crate) struct Effects {
    records: Vec<Record>,
    changed: Changed,
}

impl Effects {
    pub(super) fn visit(&mut self, visit: &Visit) {
        self.records.push(Record::Visit(visit.clone()));
        self.patient(visit.patient);
    }

    pub(super) fn consultation(&mut self, consultation: &Consultation) {
        self.records
            .push(Record::Consultation(consultation.clone()));
        self.both(consultation);
    }

    pub(super) fn forget(&mut self, visit: VisitId) {
        self.records.push(Record::Forget(visit));
    }

    pub(crate) fn patient(&mut self, patient: PatientId) {
        self.changed.patients.insert(patient);
    }

    pub(super) fn practitioner(&mut self, practitioner: PractitionerId) {
        self.changed.practitioners.insert(practitioner);
    }

    /// Both people in a consultation see a change.
    pub(crate) fn both(&mut self, consultation: &Consultation) {
        self.patient(consultation.patient);
        self.practitioner(consultation.practitioner);
    }

    /// A line of the waiting room changed, no place did.
    pub(super) fn waiting_room(&mut self) {
        self.changed.waiting_room = true;
    }

    /// Somebody entered or left the waiting room at this rank: all behind have another place.
    pub(super) fn places_from(&mut self, arrival: Arrival) {
        self.waiting_room();
        self.changed.merge(Changed {
            places_from: Some(arrival),
            ..Changed::default()
        });
    }

    /// Those whose leg is not kept warm any more, and those whose leg now is.
    pub(crate) fn warm(&mut self, before: Option<Warm>, after: Option<Warm>) {
        if before == after {
            return;
        }
        for warm in before.into_iter().chain(after) {
            self.patient(warm.patient);
            self.practitioner(warm.practitioner);
        }
    }

    pub(crate) fn into_outputs(self, answer: Result<(), Refusal>) -> Outputs {
        Outputs {
            answer,
            records: self.records,
            changed: self.changed,
        }
    }
}
