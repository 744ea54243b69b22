//! Who comes and goes.

use vestibule_vocab::{ConsultationId, PatientId, PractitionerId, Timestamp};

use super::Effects;
use super::returning::borne_since;
use crate::absence::Absent;
use crate::{Clinic, Event, Refusal, Visit, VisitState};

impl Clinic {
    pub(crate) fn patient_connected(
        &mut self,
        now: Timestamp,
        patient: PatientId,
        effects: &mut Effects,
    ) {
        let Some(visit) = self.active_visit(patient) else {
            return;
        };
        let (id, called) = (visit.id, matches!(visit.state, VisitState::Admitted { .. }));
        if self.absences.end(Absent::Patient(id)) {
            self.attendance_shows(patient, effects);
        }
        if called {
            self.move_visit(now, id, Event::CameBack, effects);
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
        let Some(borne) = borne_since(&self.policy, visit, now) else {
            return;
        };
        if self.absences.begin(who, now, borne) {
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
        effects.practitioner(practitioner);
        for id in self.with(practitioner) {
            self.absences.end(Absent::Practitioner(id));
            self.partner_shows(id, effects);
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
        effects.practitioner(practitioner);
        for id in self.with(practitioner) {
            let who = Absent::Practitioner(id);
            self.absences.begin(who, now, self.policy.grace);
            self.partner_shows(id, effects);
        }
    }

    /// The clock may have stepped back.
    pub(crate) fn step_back(&mut self, now: Timestamp, effects: &mut Effects) {
        let ahead = self.absences.step_back(now);
        self.absences_show(ahead, effects);
    }

    /// The consultations of a practitioner, the one under way and those on hold.
    fn with(&self, practitioner: PractitionerId) -> Vec<ConsultationId> {
        let active = self.practitioners.consultation(practitioner);
        let held = self.practitioners.held(practitioner);
        active.into_iter().chain(held).collect()
    }

    pub(super) fn partner_shows(&self, id: ConsultationId, effects: &mut Effects) {
        if let Some(consultation) = self.consultation(id) {
            effects.both(consultation);
        }
    }

    pub(super) fn active_visit(&self, patient: PatientId) -> Option<&Visit> {
        let visit = self.visits.get(self.latest.get(&patient)?)?;
        visit.state.is_active().then_some(visit)
    }

    /// Whether a patient is there shows in the waiting room, or to both in the consultation.
    fn attendance_shows(&self, patient: PatientId, effects: &mut Effects) {
        let Some(visit) = self.active_visit(patient) else {
            return;
        };
        effects.patient(patient);
        match visit.state.consultation() {
            Some(consultation) => self.partner_shows(consultation, effects),
            None => effects.line(visit.waiting_room),
        }
    }
}
