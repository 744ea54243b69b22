//! The clinic as it is stored, and the way back from it.

use thiserror::Error;
use vestibule_vocab::{PatientId, PractitionerId, Timestamp};

use crate::absence::Absent;
use crate::clinic::Alarm;
use crate::estimate::Estimator;
use crate::rules::borne_since;
use crate::{
    Arrival, Clinic, Companions, Consultation, Policy, Practitioner, Service, Visit, VisitState,
    WaitingRoom,
};

/// All that is stored: the rows that the [`Record`](crate::Record)s made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// Every service, in any order.
    pub services: Vec<Service>,
    /// Each patient who has a regular practitioner, in any order.
    pub regulars: Vec<(PatientId, PractitionerId)>,
    /// Each patient who was erased, in any order.
    pub erased: Vec<PatientId>,
    /// Every practitioner, in any order.
    pub practitioners: Vec<Practitioner>,
    /// What is known of the pace of waiting rooms, in any order.
    pub estimators: Vec<(WaitingRoom, Estimator)>,
    /// Every visit that is not forgotten, in any order.
    pub visits: Vec<Visit>,
    /// The consultations of these visits, in any order.
    pub consultations: Vec<Consultation>,
}

/// Why stored rows are not a clinic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum RestoreError {
    /// Two rows have one id, one arrival, one number or one companion.
    #[error("two stored rows have the same id, rank, companion or patient")]
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
            services,
            regulars,
            erased,
            practitioners,
            estimators,
            mut visits,
            mut consultations,
        } = state;
        visits.sort_by_key(|visit| visit.rank.arrival);
        consultations.sort_by_key(|consultation| consultation.number);
        let mut clinic = Self::new(policy);
        for service in services {
            clinic.services.insert(service.id, service);
        }
        clinic.estimators = estimators.into_iter().collect();
        clinic.restore_patients(regulars, erased)?;
        for card in practitioners {
            clinic.restore_practitioner(card, now);
        }
        for visit in visits {
            clinic.restore_visit(visit, now)?;
        }
        let mut ended = Vec::new();
        for consultation in consultations {
            ended.extend(clinic.restore_consultation(consultation, now)?);
        }
        clinic.restore_ended(ended);
        clinic.every_visit_has_its_consultation()?;
        Ok(clinic)
    }

    /// What is stored, all of it, in order of arrival and of number.
    #[must_use]
    pub fn state(&self) -> State {
        let mut visits: Vec<_> = self.visits.values().cloned().collect();
        visits.sort_by_key(|visit| visit.rank.arrival);
        let under_way = self.consultations.values();
        let mut consultations: Vec<_> = under_way
            .chain(self.practitioners.all_ended())
            .cloned()
            .collect();
        consultations.sort_by_key(|consultation| consultation.number);
        State {
            services: self.services.values().cloned().collect(),
            regulars: self.patients.regulars().collect(),
            erased: self.patients.erased().collect(),
            practitioners: self.practitioners.cards().cloned().collect(),
            estimators: self.estimators.clone().into_iter().collect(),
            visits,
            consultations,
        }
    }

    fn restore_patients(
        &mut self,
        regulars: Vec<(PatientId, PractitionerId)>,
        erased: Vec<PatientId>,
    ) -> Result<(), RestoreError> {
        for (patient, practitioner) in regulars {
            let before = self.patients.set_regular(patient, Some(practitioner));
            if before.is_some() {
                return Err(RestoreError::Duplicate);
            }
        }
        for patient in erased {
            self.patients.erase(patient);
        }
        Ok(())
    }

    fn restore_practitioner(&mut self, card: Practitioner, now: Timestamp) {
        self.set_card_alarms(now, &card);
        // A turn that came while no server ran is made up for.
        let last = card.last_turn(now);
        if let Some(turn) = last.filter(|_| last != card.turned) {
            self.alarms.insert((turn, Alarm::ShiftTurns(card.id)));
        }
        self.practitioners.set(card);
    }

    /// In order of arrival.
    fn restore_visit(&mut self, visit: Visit, now: Timestamp) -> Result<(), RestoreError> {
        let arrival = visit.rank.arrival;
        if self.visits.contains_key(&visit.id) || arrival <= Arrival(self.arrivals) {
            return Err(RestoreError::Duplicate);
        }
        self.arrivals = arrival.0;
        if let Some(borne) = borne_since(&self.policy, &visit, now) {
            self.absences.begin(Absent::Patient(visit.id), now, borne);
        }
        match &visit.state {
            VisitState::Expected => self.expect(&visit),
            VisitState::Ended { at, .. } => _ = self.ended.insert((*at, visit.id)),
            VisitState::Waiting => {
                let one = (visit.id, visit.urgency);
                self.waiting.insert(visit.waiting_room, visit.rank, one);
            }
            VisitState::Admitted { .. }
            | VisitState::InConsultation { .. }
            | VisitState::OnHold { .. } => {}
        }
        if visit.state.is_active() {
            self.set_gate_alarm(&visit);
        }
        self.restore_company(&visit, now)?;
        self.absentees.follow(&visit, None, Some(&visit.state));
        self.restore_latest(&visit)?;
        let id = visit.id;
        self.visits.insert(id, visit);
        self.follow_appointment(id);
        Ok(())
    }

    /// Everybody is away, and keeps the seat.
    fn restore_company(&mut self, visit: &Visit, now: Timestamp) -> Result<(), RestoreError> {
        let mut seated = visit.companions.seated();
        if seated.any(|seat| self.seats.contains_key(&seat.who)) {
            return Err(RestoreError::Duplicate);
        }
        let nobody = Companions::default();
        self.follow_company(visit.id, &nobody, &visit.companions);
        self.suppose_away(now, &nobody, &visit.companions);
        Ok(())
    }

    /// The latest is the last that came, unless an earlier one is active.
    fn restore_latest(&mut self, visit: &Visit) -> Result<(), RestoreError> {
        if visit.state == VisitState::Expected {
            return Ok(());
        }
        self.latest_arrival = self.latest_arrival.max(visit.arrived_at);
        let earlier = self.latest.get(&visit.patient);
        let earlier = earlier.and_then(|id| self.visits.get(id));
        if earlier.is_some_and(|earlier| earlier.state.is_active()) {
            if visit.state.is_active() {
                return Err(RestoreError::TwoActiveVisits);
            }
            return Ok(());
        }
        if visit.came() {
            self.latest.insert(visit.patient, visit.id);
        } else {
            self.latest.entry(visit.patient).or_insert(visit.id);
        }
        Ok(())
    }

    /// In order of number. One that has ended comes back, to be taken up in order of the ends.
    fn restore_consultation(
        &mut self,
        consultation: Consultation,
        now: Timestamp,
    ) -> Result<Option<Consultation>, RestoreError> {
        if consultation.number <= self.admissions {
            return Err(RestoreError::Duplicate);
        }
        let practitioner = consultation.practitioner;
        let busy = self.practitioners.consultation(practitioner).is_some();
        if busy && consultation.ended.is_none() && consultation.held_since.is_none() {
            return Err(RestoreError::TwoConsultations);
        }
        self.admissions = consultation.number;
        let visit = self
            .visits
            .get(&consultation.visit)
            .ok_or(RestoreError::Mismatch)?;
        let in_it = visit.state.consultation() == Some(consultation.id);
        let held = matches!(visit.state, VisitState::OnHold { .. });
        if visit.patient != consultation.patient
            || in_it == consultation.ended.is_some()
            || in_it && held != consultation.held_since.is_some()
        {
            return Err(RestoreError::Mismatch);
        }
        if consultation.ended.is_some() {
            return Ok(Some(consultation));
        }
        let who = Absent::Practitioner(consultation.id);
        self.absences.begin(who, now, self.policy.grace);
        if held {
            self.practitioners.hold(practitioner, consultation.id);
        } else {
            self.practitioners.engage(practitioner, consultation.id);
        }
        let visit = consultation.visit;
        let earlier = self.consultations.insert(consultation.id, consultation);
        self.follow_appointment(visit);
        if earlier.is_some() {
            Err(RestoreError::Duplicate)
        } else {
            Ok(None)
        }
    }

    fn restore_ended(&mut self, ended: Vec<Consultation>) {
        for consultation in ended {
            let number = consultation.ended.map_or(0, |ended| ended.number);
            self.endings = self.endings.max(number);
            self.practitioners.release(consultation);
        }
    }

    fn every_visit_has_its_consultation(&self) -> Result<(), RestoreError> {
        let told = self.visits.values();
        let told = told.filter(|visit| visit.state.consultation().is_some());
        // Each consultation under way was seen to be its visit's, so equal numbers leave none over.
        if told.count() == self.consultations.len() {
            Ok(())
        } else {
            Err(RestoreError::Mismatch)
        }
    }
}
