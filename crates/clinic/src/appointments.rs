//! The appointments whose time is taken: those of visits that have not ended, whether the patient has come or not.

use std::collections::{BTreeMap, BTreeSet};

use vestibule_vocab::{PatientId, PractitionerId, VisitId};

/// Visits with an appointment that have not ended, by patient and by practitioner.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Appointments {
    of_patient: BTreeSet<(PatientId, VisitId)>,
    of_practitioner: BTreeSet<(PractitionerId, VisitId)>,
    /// Whose time each takes, if it is somebody's.
    kept_by: BTreeMap<VisitId, PractitionerId>,
}

impl Appointments {
    /// The visit takes this patient's time, and that practitioner's, if it is anybody's.
    pub(crate) fn take(
        &mut self,
        visit: VisitId,
        patient: PatientId,
        practitioner: Option<PractitionerId>,
    ) {
        self.of_patient.insert((patient, visit));
        self.leave_practitioner(visit);
        if let Some(practitioner) = practitioner {
            self.of_practitioner.insert((practitioner, visit));
            self.kept_by.insert(visit, practitioner);
        }
    }

    /// The visit takes nobody's time any more.
    pub(crate) fn leave(&mut self, visit: VisitId, patient: PatientId) {
        self.of_patient.remove(&(patient, visit));
        self.leave_practitioner(visit);
    }

    /// All of these visits.
    pub(crate) fn all(&self) -> impl Iterator<Item = VisitId> + '_ {
        self.of_patient.iter().map(|(_, visit)| *visit)
    }

    /// The visits that take this patient's time.
    pub(crate) fn of_patient(&self, patient: PatientId) -> impl Iterator<Item = VisitId> + '_ {
        let of_patient = self
            .of_patient
            .range((patient, first())..=(patient, last()));
        of_patient.map(|(_, visit)| *visit)
    }

    /// The visits that take this practitioner's time.
    pub(crate) fn of_practitioner(
        &self,
        practitioner: PractitionerId,
    ) -> impl Iterator<Item = VisitId> + '_ {
        let theirs = (practitioner, first())..=(practitioner, last());
        let of_practitioner = self.of_practitioner.range(theirs);
        of_practitioner.map(|(_, visit)| *visit)
    }

    fn leave_practitioner(&mut self, visit: VisitId) {
        if let Some(practitioner) = self.kept_by.remove(&visit) {
            self.of_practitioner.remove(&(practitioner, visit));
        }
    }
}

fn first() -> VisitId {
    VisitId::from_bytes([0; 16])
}

fn last() -> VisitId {
    VisitId::from_bytes([0xff; 16])
}
