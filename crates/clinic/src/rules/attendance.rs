//! Who comes and goes.

use vestibule_vocab::{PatientId, PractitionerId, Timestamp};

use super::Effects;
use crate::absence::Absent;
use crate::{Clinic, Refusal, Visit, VisitState};

impl Clinic {
    pub(crate) fn patient_connected(&mut self, patient: PatientId, effects: &mut Effects) {
        let Some(visit) = self.active_visit(patient) else {
            return;
        };
        let who = Absent::Patient(visit.id);
        if self.absences.end(who) {
            self.attendance_shows(patient, effects);
        }
    }

    pub(crate) fn patient_disconnected(
        &mut self,
        now: Timestamp,
        patient: PatientId,
        effects: &mut Effects,
    ) {
        let Some(visit) = self.active_visit(patient) else {
            return;
        };
        let who = Absent::Patient(visit.id);
        if self.absences.begin(who, now) {
            self.attendance_shows(patient, effects);
        }
    }

    pub(crate) fn practitioner_connected(
        &mut self,
        practitioner: PractitionerId,
        effects: &mut Effects,
    ) -> Result<(), Refusal> {
        if self.practitioners.is_connected(practitioner) {
            return Ok(());
        }
        self.practitioners.admits_one_more(practitioner)?;
        self.practitioners.connect(practitioner);
        if let Some(consultation) = self.consultation_of(practitioner) {
            effects.both(consultation);
            self.absences.end(Absent::Practitioner(consultation.id));
        }
        Ok(())
    }

    pub(crate) fn practitioner_disconnected(
        &mut self,
        now: Timestamp,
        practitioner: PractitionerId,
        effects: &mut Effects,
    ) {
        if !self.practitioners.is_connected(practitioner) {
            return;
        }
        self.practitioners.disconnect(practitioner);
        if let Some(consultation) = self.consultation_of(practitioner) {
            effects.both(consultation);
            self.absences
                .begin(Absent::Practitioner(consultation.id), now);
        }
    }

    fn active_visit(&self, patient: PatientId) -> Option<&Visit> {
        let visit = self.visits.get(self.latest.get(&patient)?)?;
        visit.state.is_active().then_some(visit)
    }

    /// Whether a patient is there shows in the waiting room, or to both in the consultation.
    fn attendance_shows(&self, patient: PatientId, effects: &mut Effects) {
        let Some(visit) = self.active_visit(patient) else {
            return;
        };
        effects.patient(patient);
        match visit.state {
            VisitState::Waiting => effects.waiting_room(),
            VisitState::InConsultation { consultation } => {
                if let Some(consultation) = self.consultation(consultation) {
                    effects.both(consultation);
                }
            }
            VisitState::Ended { .. } => {}
        }
    }
}
