//! How a consultation begins and ends.

use vestibule_vocab::{ConsultationId, PractitionerId, Timestamp, VisitId};

use super::Effects;
use crate::absence::Absent;
use crate::audit::Overtaking;
use crate::{
    Clinic, Conclusion, Consultation, ConsultationEnd, Event, Overtake, Refusal, Visit, VisitState,
};

impl Clinic {
    pub(crate) fn admit(
        &mut self,
        now: Timestamp,
        practitioner: PractitionerId,
        (visit, id): (VisitId, ConsultationId),
        given: Option<Overtake>,
        effects: &mut Effects,
    ) -> Result<(), Refusal> {
        let waiting = self.waiting_visit(practitioner, visit)?;
        if self.practitioners.consultation(practitioner).is_some() {
            return Err(Refusal::PractitionerBusy);
        }
        self.accompanies_nobody(practitioner)?;
        self.is_on_duty(now, practitioner)?;
        if self.absences.contains(Absent::Patient(visit)) {
            return Err(Refusal::PatientAway);
        }
        self.practitioners.admits_one_more(practitioner)?;
        if self.consultations.contains_key(&id) {
            return Err(Refusal::Unavailable);
        }
        if !waiting.gates.ready() {
            return Err(Refusal::GatesShut);
        }
        self.shield_allows(now, practitioner, waiting.service)?;
        let overtook = self.overtaking(now, practitioner, waiting, given)?;
        let consultation = Consultation {
            id,
            number: self.admissions.saturating_add(1),
            visit,
            patient: waiting.patient,
            name: waiting.name.clone(),
            service: waiting.service,
            practitioner,
            started_at: now.max(waiting.arrived_at),
            held_since: None,
            ended: None,
        };
        self.begin(now, consultation, overtook, effects);
        Ok(())
    }

    pub(crate) fn end(
        &mut self,
        now: Timestamp,
        practitioner: PractitionerId,
        id: ConsultationId,
        conclusion: Conclusion,
        effects: &mut Effects,
    ) -> Result<(), Refusal> {
        let visit = self.own_consultation(practitioner, id)?.visit;
        let how = ConsultationEnd::Completed(conclusion);
        self.end_consultation(now, id, how, effects);
        self.move_visit(now, visit, Event::Completed { conclusion }, effects);
        Ok(())
    }

    /// A consultation that a practitioner is in, or has on hold.
    pub(super) fn own_consultation(
        &self,
        practitioner: PractitionerId,
        id: ConsultationId,
    ) -> Result<&Consultation, Refusal> {
        self.consultation(id)
            .filter(|one| one.practitioner == practitioner)
            .ok_or(Refusal::NotInConsultation)
    }

    /// A visit that this practitioner sees waiting. To anybody else it does not exist.
    pub(super) fn waiting_visit(
        &self,
        practitioner: PractitionerId,
        visit: VisitId,
    ) -> Result<&Visit, Refusal> {
        let visit = self.seen_visit(practitioner, visit)?;
        if visit.state == VisitState::Waiting {
            return Ok(visit);
        }
        Err(Refusal::VisitNotWaiting)
    }

    pub(super) fn seen_visit(
        &self,
        practitioner: PractitionerId,
        visit: VisitId,
    ) -> Result<&Visit, Refusal> {
        let visit = self.visits.get(&visit).ok_or(Refusal::NotFound)?;
        let card = self.practitioners.card(practitioner);
        card.filter(|card| card.may_see(visit))
            .map(|_| visit)
            .ok_or(Refusal::NotFound)
    }

    /// A practitioner whose socket closed in the same instant counts as away from the start, so
    /// that the patient is not left alone for good.
    fn begin(
        &mut self,
        now: Timestamp,
        consultation: Consultation,
        overtook: Option<Overtaking>,
        effects: &mut Effects,
    ) {
        self.admissions = consultation.number;
        let event = Event::Admitted {
            consultation: consultation.id,
        };
        self.advance(now, consultation.visit, event, overtook, effects);
        self.learn_pause(now, consultation.visit, consultation.practitioner);
        self.work_begins(now, consultation.practitioner, effects);
        self.practitioners
            .engage(consultation.practitioner, consultation.id);
        if !self.practitioners.is_connected(consultation.practitioner) {
            let who = Absent::Practitioner(consultation.id);
            self.absences.begin(who, now, self.policy.grace);
        }
        effects.consultation(&consultation);
        let visit = consultation.visit;
        self.consultations.insert(consultation.id, consultation);
        self.follow_appointment(visit);
    }
}
