//! The clinic as it is stored, and the way back from it.

use thiserror::Error;
use vestibule_vocab::Timestamp;

use crate::absence::Absent;
use crate::{Arrival, Clinic, Consultation, Policy, Visit, VisitState};

/// All that is stored: the rows that the [`Record`](crate::Record)s made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// Every visit that is not forgotten, in any order.
    pub visits: Vec<Visit>,
    /// The consultations of these visits, in any order: all that are under way, and at least the
    /// last of each practitioner.
    pub consultations: Vec<Consultation>,
}

/// Why stored rows are not a clinic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum RestoreError {
    /// Two rows have one id, one arrival or one number.
    #[error("two stored visits or consultations have the same id or rank")]
    Duplicate,
    /// A patient has two active visits.
    #[error("a patient has two active visits in the store")]
    TwoActiveVisits,
    /// A practitioner has two consultations under way.
    #[error("a practitioner has two consultations under way in the store")]
    TwoConsultations,
    /// A consultation and its visit disagree.
    #[error("a stored consultation and its visit disagree")]
    Mismatch,
}

impl Clinic {
    /// The clinic that was stored. Everybody is away as of `now`, and the grace begins.
    pub fn restore(policy: Policy, state: State, now: Timestamp) -> Result<Self, RestoreError> {
        let State {
            mut visits,
            mut consultations,
        } = state;
        visits.sort_by_key(|visit| visit.arrival);
        consultations.sort_by_key(|consultation| consultation.number);
        let mut clinic = Self::new(policy);
        for visit in visits {
            clinic.restore_visit(visit, now)?;
        }
        for consultation in consultations {
            clinic.restore_consultation(consultation, now)?;
        }
        clinic.every_visit_has_its_consultation()?;
        Ok(clinic)
    }

    /// What is to be stored, all of it, in order of arrival and of number.
    #[must_use]
    pub fn state(&self) -> State {
        let mut visits: Vec<_> = self.visits.values().cloned().collect();
        visits.sort_by_key(|visit| visit.arrival);
        let under_way = self.consultations.values();
        let mut consultations: Vec<_> = under_way
            .chain(self.practitioners.all_last())
            .cloned()
            .collect();
        consultations.sort_by_key(|consultation| consultation.number);
        State {
            visits,
            consultations,
        }
    }

    /// In order of arrival.
    fn restore_visit(&mut self, visit: Visit, now: Timestamp) -> Result<(), RestoreError> {
        if self.visits.contains_key(&visit.id) || visit.arrival <= Arrival(self.arrivals) {
            return Err(RestoreError::Duplicate);
        }
        self.arrivals = visit.arrival.0;
        if visit.state.is_active() {
            self.absences.begin(Absent::Patient(visit.id), now);
        }
        match visit.state {
            VisitState::Waiting => self.waiting.insert(visit.arrival, visit.id),
            VisitState::InConsultation { .. } => {}
            VisitState::Ended { at, .. } => _ = self.ended.insert((at, visit.id)),
        }
        let earlier = self.latest.insert(visit.patient, visit.id);
        let earlier = earlier.and_then(|id| self.visits.get(&id));
        if earlier.is_some_and(|earlier| earlier.state.is_active()) {
            return Err(RestoreError::TwoActiveVisits);
        }
        self.visits.insert(visit.id, visit);
        Ok(())
    }

    /// In order of number.
    fn restore_consultation(
        &mut self,
        consultation: Consultation,
        now: Timestamp,
    ) -> Result<(), RestoreError> {
        if consultation.number <= self.admissions {
            return Err(RestoreError::Duplicate);
        }
        if self
            .practitioners
            .consultation(consultation.practitioner)
            .is_some()
        {
            return Err(RestoreError::TwoConsultations);
        }
        self.admissions = consultation.number;
        let visit = self
            .visits
            .get(&consultation.visit)
            .ok_or(RestoreError::Mismatch)?;
        let in_it = visit.state
            == VisitState::InConsultation {
                consultation: consultation.id,
            };
        if visit.patient != consultation.patient || in_it == consultation.ended.is_some() {
            return Err(RestoreError::Mismatch);
        }
        if consultation.ended.is_some() {
            self.practitioners.release(consultation);
            return Ok(());
        }
        self.absences
            .begin(Absent::Practitioner(consultation.id), now);
        self.practitioners
            .engage(consultation.practitioner, consultation.id);
        let earlier = self.consultations.insert(consultation.id, consultation);
        if earlier.is_some() {
            Err(RestoreError::Duplicate)
        } else {
            Ok(())
        }
    }

    fn every_visit_has_its_consultation(&self) -> Result<(), RestoreError> {
        let told = self.visits.values().filter(|visit| match visit.state {
            VisitState::InConsultation { .. } => true,
            VisitState::Waiting | VisitState::Ended { .. } => false,
        });
        // Each consultation under way was seen to be its visit's, so equal numbers leave none over.
        if told.count() == self.consultations.len() {
            Ok(())
        } else {
            Err(RestoreError::Mismatch)
        }
    }
}
