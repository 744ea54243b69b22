//! What another server decided in the meantime, taken up row by row as it was stored.

use vestibule_vocab::{Timestamp, VisitId};

use crate::absence::Absent;
use crate::rules::Effects;
use crate::{Arrival, Changed, Clinic, Consultation, State, Visit, VisitState};

/// The rows that another server wrote, as they are now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Missed {
    /// Visits and consultations that are there, in any order.
    pub rows: State,
    /// Visits that are not there any more.
    pub forgotten: Vec<VisitId>,
}

impl Clinic {
    /// Takes up what another server decided. Whoever entered counts as away as of `now`, until
    /// [`Input::PatientConnected`](crate::Input::PatientConnected) says otherwise.
    #[must_use = "somebody's picture changed"]
    pub fn catch_up(&mut self, now: Timestamp, missed: Missed) -> Changed {
        let warm = self.warm();
        let mut effects = Effects::default();
        let mut consultations = missed.rows.consultations;
        consultations.sort_by_key(|consultation| consultation.number);
        for consultation in consultations {
            self.take_up_consultation(now, consultation, &mut effects);
        }
        for visit in missed.rows.visits {
            self.take_up_visit(now, visit, &mut effects);
        }
        for visit in missed.forgotten {
            self.forget_wherever(visit, &mut effects);
        }
        effects.warm(warm, self.warm());
        effects.into_outputs(Ok(())).changed
    }

    fn take_up_visit(&mut self, now: Timestamp, visit: Visit, effects: &mut Effects) {
        self.arrivals = self.arrivals.max(visit.arrival.0);
        let known = self.visits.get(&visit.id);
        if known.is_some_and(|known| known.arrival != visit.arrival) {
            // It was forgotten, and another one has come under its id.
            self.forget_wherever(visit.id, effects);
        }
        let before = self.visits.get(&visit.id).map(|it| it.state.clone());
        let (waited, waits) = (
            before == Some(VisitState::Waiting),
            visit.state == VisitState::Waiting,
        );
        self.move_in_waiting_room(visit.id, visit.arrival, waited, waits, effects);
        let was_active = before.is_some_and(|state| state.is_active());
        let who = Absent::Patient(visit.id);
        match visit.state {
            VisitState::Ended { at, .. } => {
                self.absences.end(who);
                self.ended.insert((at, visit.id));
            }
            VisitState::Waiting | VisitState::InConsultation { .. } if !was_active => {
                self.absences.begin(who, now);
            }
            VisitState::Waiting | VisitState::InConsultation { .. } => {}
        }
        if visit.arrival >= self.latest_arrival(&visit) {
            self.latest.insert(visit.patient, visit.id);
        }
        effects.patient(visit.patient);
        self.visits.insert(visit.id, visit);
    }

    /// A visit may have ended and been forgotten since it was last seen active.
    fn forget_wherever(&mut self, id: VisitId, effects: &mut Effects) {
        let seen = self.visits.get(&id);
        let Some((arrival, state)) = seen.map(|it| (it.arrival, it.state.clone())) else {
            return;
        };
        match state {
            VisitState::Waiting => {
                self.move_in_waiting_room(id, arrival, true, false, effects);
            }
            VisitState::InConsultation { consultation } => {
                if let Some(consultation) = self.consultations.remove(&consultation) {
                    effects.both(&consultation);
                    self.absences.end(Absent::Practitioner(consultation.id));
                    self.practitioners.release(consultation);
                }
            }
            VisitState::Ended { .. } => {}
        }
        self.absences.end(Absent::Patient(id));
        self.forget(id, effects);
    }

    fn latest_arrival(&self, visit: &Visit) -> Arrival {
        let latest = self.latest.get(&visit.patient);
        let latest = latest.and_then(|id| self.visits.get(id));
        latest.map_or(Arrival(0), |latest| latest.arrival)
    }

    /// In order of number.
    fn take_up_consultation(
        &mut self,
        now: Timestamp,
        consultation: Consultation,
        effects: &mut Effects,
    ) {
        self.admissions = self.admissions.max(consultation.number);
        let (id, practitioner) = (consultation.id, consultation.practitioner);
        effects.both(&consultation);
        if consultation.ended.is_some() {
            self.absences.end(Absent::Practitioner(id));
            self.consultations.remove(&id);
            let other = self.practitioners.consultation(practitioner);
            let later = self.practitioners.last(practitioner);
            let later = later.is_some_and(|last| last.number > consultation.number);
            if other.is_none_or(|other| other == id) && !later {
                self.practitioners.release(consultation);
            }
            return;
        }
        if self.consultations.contains_key(&id) {
            return;
        }
        self.practitioners.engage(practitioner, id);
        if !self.practitioners.is_connected(practitioner) {
            self.absences.begin(Absent::Practitioner(id), now);
        }
        self.consultations.insert(id, consultation);
    }
}
