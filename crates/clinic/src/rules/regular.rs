//! One's regular practitioner: who it is, who says so, and what asking for them means.

use vestibule_vocab::{ConsultationId, PatientId, PractitionerId};

use super::Effects;
use crate::audit::Act;
use crate::{Choice, Clinic, Consultation, Refusal, VisitState};

impl Clinic {
    /// The patient's regular practitioner, if they have one.
    #[must_use]
    pub fn regular_of(&self, patient: PatientId) -> Option<PractitionerId> {
        self.patients.regular(patient)
    }

    /// Each patient who has a regular practitioner, by id.
    pub fn regulars(&self) -> impl Iterator<Item = (PatientId, PractitionerId)> + '_ {
        self.patients.regulars()
    }

    /// The patient was erased: the id leads to nobody, and nothing more is kept under it.
    #[must_use]
    pub fn is_erased(&self, patient: PatientId) -> bool {
        self.patients.is_erased(patient)
    }

    /// Whom a patient asks for who says a name, that they wish for their regular practitioner, both, or neither.
    ///
    /// # Errors
    /// [`Refusal::NoRegular`] when they have none, or name another one.
    pub fn choice_of(
        &self,
        patient: PatientId,
        named: Option<PractitionerId>,
        regular: bool,
    ) -> Result<Choice, Refusal> {
        if !regular {
            return Ok(named.map_or(Choice::Next, Choice::Named));
        }
        let theirs = self.regular_of(patient).ok_or(Refusal::NoRegular)?;
        if named.is_some_and(|named| named != theirs) {
            return Err(Refusal::NoRegular);
        }
        Ok(Choice::Regular(theirs))
    }

    /// A visit may begin for this patient, and whoever is called their regular practitioner is.
    pub(super) fn may_ask_for(&self, patient: PatientId, choice: Choice) -> Result<(), Refusal> {
        if self.is_erased(patient) {
            return Err(Refusal::UnknownPatient);
        }
        match choice {
            Choice::Regular(who) if self.regular_of(patient) != Some(who) => {
                Err(Refusal::NoRegular)
            }
            Choice::Next | Choice::Named(_) | Choice::Regular(_) => Ok(()),
        }
    }

    /// The clinic, or a system in its name, says who it is. Said again it changes nothing.
    pub(crate) fn set_regular(
        &mut self,
        patient: PatientId,
        practitioner: Option<PractitionerId>,
        effects: &mut Effects,
    ) -> Result<(), Refusal> {
        if self.is_erased(patient) {
            return Err(Refusal::UnknownPatient);
        }
        if let Some(who) = practitioner {
            self.practitioners.card(who).ok_or(Refusal::NotFound)?;
            if !self.patients.holds_one_more(patient) {
                return Err(Refusal::TooMany);
            }
        }
        if self.regular_of(patient) == practitioner {
            return Ok(());
        }
        self.keep_regular(patient, practitioner, effects);
        effects.did(Act::RegularSet {
            patient,
            practitioner,
        });
        Ok(())
    }

    /// A practitioner takes a patient on, or gives them up, whom they have in a consultation or had in one that is
    /// remembered. Whose patient somebody is who is not theirs, they do not change by giving up.
    pub(crate) fn take_on(
        &mut self,
        practitioner: PractitionerId,
        consultation: ConsultationId,
        regular: bool,
        effects: &mut Effects,
    ) -> Result<(), Refusal> {
        let had = self.had_by(practitioner, consultation);
        let patient = had.ok_or(Refusal::NotInConsultation)?.patient;
        match (regular, self.regular_of(patient) == Some(practitioner)) {
            (true, _) => self.set_regular(patient, Some(practitioner), effects),
            (false, true) => self.set_regular(patient, None, effects),
            (false, false) => Ok(()),
        }
    }

    /// What changes when it does, whoever decided it.
    pub(crate) fn keep_regular(
        &mut self,
        patient: PatientId,
        practitioner: Option<PractitionerId>,
        effects: &mut Effects,
    ) {
        let before = self.patients.set_regular(patient, practitioner);
        effects.regular(patient, practitioner);
        for who in before.into_iter().chain(practitioner) {
            effects.practitioner(who);
        }
        for who in self.practitioners.showing_any_of(patient) {
            effects.practitioner(who);
        }
        let visit = self.latest.get(&patient);
        let Some(visit) = visit.and_then(|id| self.visits.get(id)) else {
            return;
        };
        if visit.state == VisitState::Waiting {
            effects.line(visit.waiting_room);
        }
        let consultation = visit.state.consultation();
        if let Some(consultation) = consultation.and_then(|it| self.consultations.get(&it)) {
            effects.practitioner(consultation.practitioner);
        }
    }

    /// Another server erased them.
    pub(crate) fn take_up_erased(&mut self, patient: PatientId, effects: &mut Effects) {
        self.patients.erase(patient);
        self.keep_regular(patient, None, effects);
    }

    /// A consultation that a practitioner is in, has on hold, or had, as long as its visit is remembered.
    #[must_use]
    pub fn had_by(
        &self,
        practitioner: PractitionerId,
        consultation: ConsultationId,
    ) -> Option<&Consultation> {
        let under_way = self.consultations.get(&consultation);
        let under_way = under_way.filter(|it| it.practitioner == practitioner);
        under_way.or_else(|| {
            let mut ended = self.practitioners.ended_by(practitioner);
            ended.find(|it| it.id == consultation)
        })
    }
}
