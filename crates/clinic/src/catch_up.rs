//! What another server decided in the meantime, taken up row by row as it was stored.

use vestibule_vocab::{PatientId, Timestamp, VisitId};

use crate::absence::Absent;
use crate::clinic::Alarm;
use crate::rules::{Effects, borne_since};
use crate::{
    Changed, Clinic, Companions, Consultation, Input, Practitioner, Service, State, Visit,
    VisitState,
};

/// The rows that another server wrote, as they are now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Missed {
    /// Rows that are there, in any order.
    pub rows: State,
    /// Visits that are not there any more.
    pub forgotten: Vec<VisitId>,
    /// Patients who have no regular practitioner any more.
    pub left: Vec<PatientId>,
}

impl Clinic {
    /// Takes up what another server decided. Whoever entered counts as away as of `now`, until
    /// [`Input::PatientConnected`](crate::Input::PatientConnected) says otherwise.
    #[must_use = "somebody's picture changed"]
    pub fn catch_up(&mut self, now: Timestamp, missed: Missed) -> Changed {
        let mut effects = Effects::new(now, &Input::Timeout, None);
        let State {
            services,
            regulars,
            erased,
            practitioners,
            estimators,
            visits,
            mut consultations,
        } = missed.rows;
        // First, because a server that began again in between counts the ends of consultations anew from those that are
        // remembered.
        for visit in missed.forgotten {
            self.forget_wherever(visit, &mut effects);
        }
        for service in services {
            self.take_up_service(service, &mut effects);
        }
        for card in practitioners {
            self.take_up_practitioner(now, card, &mut effects);
        }
        self.estimators.extend(estimators);
        // Those that ended first, so that one under way is never hidden behind them.
        consultations.sort_by_key(|one| match one.ended {
            Some(ended) => (false, ended.number),
            None => (true, one.number),
        });
        for consultation in consultations {
            self.take_up_consultation(now, consultation, &mut effects);
        }
        for visit in visits {
            self.take_up_visit(now, visit, &mut effects);
        }
        // Last, because whoever has a visit on their screen sees the change.
        for patient in missed.left {
            self.keep_regular(patient, None, &mut effects);
        }
        for (patient, practitioner) in regulars {
            self.keep_regular(patient, Some(practitioner), &mut effects);
        }
        for patient in erased {
            self.take_up_erased(patient, &mut effects);
        }
        self.keep_warm(&mut effects);
        effects.into_outputs(Ok(())).changed
    }

    fn take_up_service(&mut self, service: Service, effects: &mut Effects) {
        effects.service(&service);
        self.services.insert(service.id, service);
    }

    fn take_up_practitioner(&mut self, now: Timestamp, card: Practitioner, effects: &mut Effects) {
        self.set_card_alarms(now, &card);
        for waiting_room in self.practitioners.waiting_rooms(card.id) {
            effects.line(waiting_room);
        }
        effects.card(&card);
        self.practitioners.set(card);
    }

    fn take_up_visit(&mut self, now: Timestamp, visit: Visit, effects: &mut Effects) {
        self.arrivals = self.arrivals.max(visit.rank.arrival.0);
        if visit.came() {
            self.latest_arrival = self.latest_arrival.max(visit.arrived_at);
        }
        let before = self.visits.remove(&visit.id);
        if let Some(before) = &before {
            self.detach(before, effects);
        }
        self.follow(now, &visit, before.as_deref());
        let company = before.map(|it| it.companions.clone()).unwrap_or_default();
        self.follow_company(visit.id, &company, &visit.companions);
        self.suppose_away(now, &company, &visit.companions);
        effects.company(&company);
        effects.company(&visit.companions);
        match &visit.state {
            VisitState::Expected => self.expect(&visit),
            VisitState::Waiting => {
                self.waiting
                    .insert(visit.waiting_room, visit.rank, (visit.id, visit.urgency));
                effects.places_from(visit.waiting_room, visit.rank);
            }
            VisitState::Ended { at, .. } => _ = self.ended.insert((*at, visit.id)),
            VisitState::Admitted { .. }
            | VisitState::InConsultation { .. }
            | VisitState::OnHold { .. } => {}
        }
        if visit.state.is_active() {
            self.set_gate_alarm(&visit);
        }
        self.absentees.follow(&visit, None, Some(&visit.state));
        self.take_up_latest(&visit);
        effects.patient(visit.patient);
        effects.line(visit.waiting_room);
        let id = visit.id;
        self.visits.insert(id, visit);
        self.follow_appointment(id);
    }

    /// Takes a visit out of everything that is kept in order beside it.
    fn detach(&mut self, visit: &Visit, effects: &mut Effects) {
        match &visit.state {
            VisitState::Expected => self.expect_no_more(visit),
            VisitState::Waiting => {
                self.waiting.remove(visit.waiting_room, visit.rank);
                effects.places_from(visit.waiting_room, visit.rank);
            }
            VisitState::Ended { at, .. } => _ = self.ended.remove(&(*at, visit.id)),
            VisitState::Admitted { .. }
            | VisitState::InConsultation { .. }
            | VisitState::OnHold { .. } => {}
        }
        self.absentees.follow(visit, Some(&visit.state), None);
        self.appointments.leave(visit.id, visit.patient);
        if let Some(at) = visit.gates.next_timeout() {
            self.alarms.remove(&(at, Alarm::GateUnanswered(visit.id)));
        }
    }

    /// Whether the patient is there is known of a visit that was followed before. Where it waits for them in another way
    /// than before, or they were called, perhaps once more, that began now: when it did is not stored, and nobody shall be
    /// given up for what they were away from before.
    fn follow(&mut self, now: Timestamp, visit: &Visit, before: Option<&Visit>) {
        let who = Absent::Patient(visit.id);
        let Some(most) = borne_since(&self.policy, visit, now) else {
            self.absences.end(who);
            return;
        };
        let followed = before.filter(|it| borne_since(&self.policy, it, now).is_some());
        let called = matches!(visit.state, VisitState::Admitted { .. });
        match followed {
            None => _ = self.absences.begin(who, now, most),
            Some(before) if before.state == visit.state && !called => {
                let since = self.absences.since(who);
                let borne = since.and_then(|it| borne_since(&self.policy, visit, it));
                borne.into_iter().for_each(|it| self.absences.bear(who, it));
            }
            Some(_) => self.absences.anew(who, now, most),
        }
    }

    fn take_up_latest(&mut self, visit: &Visit) {
        if visit.state == VisitState::Expected {
            if self.latest.get(&visit.patient) == Some(&visit.id) {
                self.latest.remove(&visit.patient);
            }
            return;
        }
        let latest = self.latest.get(&visit.patient);
        let latest = latest.and_then(|id| self.visits.get(id));
        let later = latest.is_none_or(|latest| {
            visit.state.is_active()
                || !latest.state.is_active() && latest.rank.arrival <= visit.rank.arrival
        });
        if later && (visit.came() || latest.is_none()) {
            self.latest.insert(visit.patient, visit.id);
        }
    }

    /// A visit may have ended and been forgotten since it was last seen active.
    fn forget_wherever(&mut self, id: VisitId, effects: &mut Effects) {
        let Some(visit) = self.visits.get(&id).cloned() else {
            return;
        };
        self.detach(&visit, effects);
        let consultation = visit.state.consultation();
        if let Some(consultation) = consultation.and_then(|it| self.consultations.remove(&it)) {
            effects.both(&consultation);
            self.absences.end(Absent::Practitioner(consultation.id));
            self.practitioners.release(consultation);
        }
        self.absences.end(Absent::Patient(id));
        self.follow_company(id, &visit.companions, &Companions::default());
        self.forget(id, effects);
    }

    fn take_up_consultation(
        &mut self,
        now: Timestamp,
        consultation: Consultation,
        effects: &mut Effects,
    ) {
        self.admissions = self.admissions.max(consultation.number);
        let (id, practitioner) = (consultation.id, consultation.practitioner);
        effects.both(&consultation);
        if let Some(ended) = consultation.ended {
            self.endings = self.endings.max(ended.number);
            self.absences.end(Absent::Practitioner(id));
            self.consultations.remove(&id);
            self.practitioners.release(consultation);
            return;
        }
        if consultation.held_since.is_some() {
            self.practitioners.hold(practitioner, id);
        } else {
            self.practitioners.engage(practitioner, id);
        }
        if !self.practitioners.is_connected(practitioner) {
            let who = Absent::Practitioner(id);
            self.absences.begin(who, now, self.policy.grace);
        }
        self.consultations.insert(id, consultation);
    }
}
