//! The appointments whose time is taken: those of visits that have not ended, whether the patient has come or not.

use std::collections::{BTreeMap, BTreeSet};

use vestibule_vocab::{PatientId, PractitionerId, Timestamp, VisitId};

use crate::{Appointment, Visit, VisitState, WaitingRoom};

/// Visits with an appointment that have not ended, by patient and by practitioner.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Appointments {
    of_patient: BTreeSet<(PatientId, VisitId)>,
    of_practitioner: BTreeSet<(PractitionerId, VisitId)>,
    /// Whose time each takes, if it is somebody's.
    kept_by: BTreeMap<VisitId, PractitionerId>,
    /// Of those whose patient is expected or waits: by waiting room and time, so that those of a shift are found without the others.
    due: BTreeMap<(WaitingRoom, Timestamp, VisitId), Due>,
    due_at: BTreeMap<VisitId, (WaitingRoom, Timestamp)>,
}

/// An appointment that was not begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Due {
    pub(crate) appointment: Appointment,
    /// Its patient is expected, and has not come.
    pub(crate) expected: bool,
}

impl Appointments {
    /// The time of a visit's appointment is taken until it has ended, of its patient and of that practitioner, if there is one.
    pub(crate) fn follow(&mut self, visit: &Visit, practitioner: Option<PractitionerId>) {
        match visit.appointment.filter(|_| visit.state.is_active()) {
            Some(appointment) => self.take(visit, appointment, practitioner),
            None => self.leave(visit.id, visit.patient),
        }
    }

    /// The visit takes its patient's time, and that practitioner's, if it is anybody's.
    fn take(
        &mut self,
        visit: &Visit,
        appointment: Appointment,
        practitioner: Option<PractitionerId>,
    ) {
        self.of_patient.insert((visit.patient, visit.id));
        self.leave_practitioner(visit.id);
        self.leave_waiting_room(visit.id);
        if let Some(practitioner) = practitioner {
            self.of_practitioner.insert((practitioner, visit.id));
            self.kept_by.insert(visit.id, practitioner);
        }
        let expected = visit.state == VisitState::Expected;
        if expected || visit.state == VisitState::Waiting {
            let (waiting_room, at) = (visit.waiting_room, appointment.at);
            let due = Due {
                appointment,
                expected,
            };
            self.due.insert((waiting_room, at, visit.id), due);
            self.due_at.insert(visit.id, (waiting_room, at));
        }
    }

    /// The visit takes nobody's time any more.
    pub(crate) fn leave(&mut self, visit: VisitId, patient: PatientId) {
        self.of_patient.remove(&(patient, visit));
        self.leave_practitioner(visit);
        self.leave_waiting_room(visit);
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

    /// Those of a waiting room that were not begun and whose time is before `until`, in order.
    pub(crate) fn due(
        &self,
        waiting_room: WaitingRoom,
        until: Timestamp,
    ) -> impl Iterator<Item = Due> + '_ {
        let from = (waiting_room, Timestamp(0), first());
        let due = self.due.range(from..(waiting_room, until, first()));
        due.map(|(_, due)| *due)
    }

    fn leave_waiting_room(&mut self, visit: VisitId) {
        if let Some((waiting_room, at)) = self.due_at.remove(&visit) {
            self.due.remove(&(waiting_room, at, visit));
        }
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
