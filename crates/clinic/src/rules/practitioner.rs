//! What practitioners ask for.

use vestibule_vocab::{ConsultationId, PractitionerId, Redacted, Timestamp, VisitId};

use super::Effects;
use crate::absence::Absent;
use crate::{
    Clinic, Consultation, ConsultationEnd, DeclineReason, Event, Refusal, Visit, VisitState, text,
};

impl Clinic {
    pub(crate) fn admit(
        &mut self,
        now: Timestamp,
        practitioner: PractitionerId,
        visit: VisitId,
        id: ConsultationId,
        effects: &mut Effects,
    ) -> Result<(), Refusal> {
        self.may_admit(practitioner, visit)?;
        if self.consultations.contains_key(&id) {
            return Err(Refusal::Unavailable);
        }
        let waiting = self.waiting_visit(visit)?;
        let consultation = Consultation {
            id,
            number: self.admissions.saturating_add(1),
            visit,
            patient: waiting.patient,
            name: waiting.name.clone(),
            practitioner,
            started_at: now.max(waiting.arrived_at),
            ended: None,
        };
        self.begin(now, consultation, effects);
        Ok(())
    }

    pub(crate) fn decline(
        &mut self,
        now: Timestamp,
        visit: VisitId,
        reason: DeclineReason,
        message: &Redacted<String>,
        effects: &mut Effects,
    ) -> Result<(), Refusal> {
        self.waiting_visit(visit)?;
        let message = text::decline_message(message)?;
        self.end_visit(now, visit, Event::Declined { reason, message }, effects);
        Ok(())
    }

    pub(crate) fn end(
        &mut self,
        now: Timestamp,
        practitioner: PractitionerId,
        consultation: ConsultationId,
        effects: &mut Effects,
    ) -> Result<(), Refusal> {
        let own = self
            .consultation_of(practitioner)
            .filter(|own| own.id == consultation);
        let visit = own.ok_or(Refusal::NotInConsultation)?.visit;
        self.end_consultation(now, consultation, ConsultationEnd::Completed, effects);
        self.end_visit(now, visit, Event::Completed, effects);
        Ok(())
    }

    fn may_admit(&self, practitioner: PractitionerId, visit: VisitId) -> Result<(), Refusal> {
        self.waiting_visit(visit)?;
        if self.practitioners.consultation(practitioner).is_some() {
            return Err(Refusal::PractitionerBusy);
        }
        if self.absences.contains(Absent::Patient(visit)) {
            return Err(Refusal::PatientAway);
        }
        self.practitioners.admits_one_more(practitioner)
    }

    fn waiting_visit(&self, visit: VisitId) -> Result<&Visit, Refusal> {
        let visit = self.visits.get(&visit).ok_or(Refusal::NotFound)?;
        match visit.state {
            VisitState::Waiting => Ok(visit),
            VisitState::InConsultation { .. } | VisitState::Ended { .. } => {
                Err(Refusal::VisitNotWaiting)
            }
        }
    }

    /// A practitioner whose socket closed in the same instant counts as away from the start, so
    /// that the patient is not left alone for good.
    fn begin(&mut self, now: Timestamp, consultation: Consultation, effects: &mut Effects) {
        self.admissions = consultation.number;
        self.move_visit(
            now,
            consultation.visit,
            Event::Admitted {
                consultation: consultation.id,
            },
            effects,
        );
        self.practitioners
            .engage(consultation.practitioner, consultation.id);
        if !self.practitioners.is_connected(consultation.practitioner) {
            self.absences
                .begin(Absent::Practitioner(consultation.id), now);
        }
        effects.consultation(&consultation);
        self.consultations.insert(consultation.id, consultation);
    }
}
