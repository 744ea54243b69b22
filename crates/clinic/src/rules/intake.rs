//! Whether a service takes somebody in, and what they are to pass.

use vestibule_vocab::{ServiceId, Timestamp, VisitId};

use super::Effects;
use crate::clinic::Alarm;
use crate::input::{Arriving, Booking};
use crate::quota::{Had, History, Quota};
use crate::{
    Answers, Clinic, Closed, ClosedReason, Evidence, GateRules, Gates, Refusal, Requirement,
    Service, Visit, WaitingRoom,
};

impl Clinic {
    /// A walk-in may enter: the service is open, the patient's quota is not reached, the waiting room is not full, and the
    /// shifts hold one more.
    pub(super) fn takes_in(
        &self,
        now: Timestamp,
        arriving: &Arriving,
        waiting_room: WaitingRoom,
    ) -> Result<(), Refusal> {
        let service = self.services.get(&arriving.service);
        let service = service.ok_or(Refusal::NotFound)?;
        if let Some(closed) = self.shut(now, service) {
            return Err(closed.refusal());
        }
        within_quota(now, service, &arriving.had.here)?;
        if self.waiting.len(waiting_room) >= self.policy.waiting {
            return Err(Refusal::WaitingRoomFull);
        }
        match self.full(now, service, waiting_room) {
            Some(full) => Err(full.refusal()),
            None => Ok(()),
        }
    }

    /// The gates of a visit that begins. That of the quota is judged here: what the patient had before is known now.
    pub(super) fn gates_of(
        &self,
        service: ServiceId,
        history: &History,
        (now, seen): (Timestamp, Timestamp),
    ) -> Gates {
        let Some(service) = self.services.get(&service) else {
            return Gates::new(GateRules::default(), now);
        };
        let mut gates = Gates::new(service.gates.clone(), now);
        // A service without this gate has nothing to learn.
        let _ = gates.learn(&quota_of(seen, service, history), now);
        gates
    }

    /// The gates of somebody who comes to an appointment, or comes back. Whoever came before has answered some of them.
    pub(super) fn gates_to_pass(&self, visit: &Visit, history: &History, now: Timestamp) -> Gates {
        let service = self.services.get(&visit.service);
        if visit.gates.gates().is_empty() {
            return self.gates_of(visit.service, history, (now, when_seen(now, visit)));
        }
        let mut gates = visit.gates.clone();
        gates.ask_anew(now);
        if let Some(service) = service {
            // What they had since then may be all that their quota holds.
            let _ = gates.learn(&quota_of(when_seen(now, visit), service, history), now);
        }
        gates
    }

    /// A visit may be handed on to another service: its patient's quota there is not reached.
    pub(super) fn has_room_in_the_quota(
        &self,
        now: Timestamp,
        visit: &Visit,
        service: ServiceId,
    ) -> Result<(), Refusal> {
        let service = self.services.get(&service).ok_or(Refusal::NotFound)?;
        match visit.elsewhere.get(&service.id) {
            Some(history) => within_quota(when_seen(now, visit), service, history),
            None => Ok(()),
        }
    }

    /// A visit was handed on to another service than this: it asks what that one asks, and what was answered to the same
    /// question stands. Answers to a form are none to another.
    pub(super) fn asks_what_another_service_asks(
        &mut self,
        id: VisitId,
        before: ServiceId,
        effects: &mut Effects,
    ) {
        let now = effects.now();
        let Some(visit) = self.visits.get_mut(&id) else {
            return;
        };
        let Some(service) = self.services.get(&visit.service) else {
            return;
        };
        let form = self.services.get(&before).and_then(|it| it.form.as_ref());
        let same_form = form == service.form.as_ref();
        if !same_form {
            visit.answers = Answers::default();
        }
        let rules = service.gates.clone();
        let mut gates = visit.gates.handed_on(rules, same_form, now);
        gates.learn_what_is_known(&visit.known, &visit.consent, now);
        // A service without this gate has nothing to learn.
        let _ = gates.learn(
            &quota_of(when_seen(now, visit), service, &visit.history),
            now,
        );
        effects.visit(visit);
        self.set_gates(id, gates, effects);
        self.learn_company(now, id, effects);
    }

    /// Somebody who is called back after nobody came is asked what they would have been on coming.
    pub(super) fn asks_whoever_did_not_come(
        &mut self,
        id: VisitId,
        had: Had,
        effects: &mut Effects,
    ) {
        let now = effects.now();
        let Some(visit) = self.visits.get(&id) else {
            return;
        };
        let mut gates = self.gates_to_pass(visit, &had.here, now);
        gates.learn_what_is_known(&visit.known, &visit.consent, now);
        if let Some(visit) = self.visits.get_mut(&id) {
            visit.brings(had);
            effects.visit(visit);
        }
        self.set_gates(id, gates, effects);
        self.learn_company(now, id, effects);
    }

    /// Somebody who was expected, or is called back after nobody came, may enter: their quota is not reached.
    pub(super) fn takes_in_whoever_was_expected(
        &self,
        now: Timestamp,
        visit: &Visit,
        history: &History,
    ) -> Result<(), Refusal> {
        let service = self.services.get(&visit.service).ok_or(Refusal::NotFound)?;
        within_quota(when_seen(now, visit), service, history)
    }

    /// The quota holds one more at the time of an appointment, beside what its patient had and what they wait for or is booked.
    /// Where a gate stands for the quota, staff may let them pass.
    pub(super) fn is_within_the_quota(&self, booking: &Booking) -> Result<(), Refusal> {
        let service = self.services.get(&booking.service);
        let service = service.ok_or(Refusal::NotFound)?;
        let Some(quota) = quota_without_a_gate(service) else {
            return Ok(());
        };
        let mut history = booking.history.clone();
        let mut planned = Vec::new();
        let under_way = self.active_visit(booking.patient).into_iter();
        let of_service = |visit: &&Visit| visit.service == service.id;
        for visit in under_way.chain(self.expected_of(booking.patient)) {
            match visit.state.consultation() {
                _ if !of_service(&visit) => {}
                Some(consultation) => {
                    let begun = self.consultation(consultation);
                    let at = begun.map_or(visit.arrived_at, |it| it.started_at);
                    history.begin(consultation, at);
                }
                None => planned.push(when_seen(visit.arrived_at, visit)),
            }
        }
        let zone = &service.hours.timetable().zone;
        let held = quota.holds_one_more(booking.appointment.at, zone, &history, &planned);
        held.map_err(Refusal::from)
    }

    /// A gate that nobody answers has an end.
    pub(crate) fn set_gate_alarm(&mut self, visit: &Visit) {
        if let Some(at) = visit.gates.next_timeout() {
            self.alarms.insert((at, Alarm::GateUnanswered(visit.id)));
        }
    }

    /// Whether a service takes nobody in now who comes for whoever is free next, and then why and until when. Costs a look
    /// at the shifts of its practitioners, and where it is closed at those of the days to come.
    #[must_use]
    pub fn closed(&self, now: Timestamp, service: ServiceId) -> Option<Closed> {
        let service = self.services.get(&service)?;
        let waiting_room = WaitingRoom::Service(service.id);
        let shut = self.shut(now, service);
        shut.or_else(|| self.full(now, service, waiting_room))
    }

    /// Why a service takes nobody in, whoever waits there.
    fn shut(&self, now: Timestamp, service: &Service) -> Option<Closed> {
        if !service.open {
            return Some(Closed::as_set(ClosedReason::Closed));
        }
        if !self.practitioners.practise(service.id) {
            return Some(Closed::as_set(ClosedReason::NobodyPractises));
        }
        if service.hours.is_open(now) {
            return None;
        }
        let with_shifts = self.full(now, service, WaitingRoom::Service(service.id));
        with_shifts.or_else(|| Some(Closed::outside_hours(service, now)))
    }
}

/// When somebody is seen at the soonest: whoever comes early to an appointment is not hurried by that.
fn when_seen(now: Timestamp, visit: &Visit) -> Timestamp {
    visit.appointment.map_or(now, |it| now.max(it.at))
}

/// Where a gate stands for the quota, nobody is turned away: staff may open it.
fn quota_without_a_gate(service: &Service) -> Option<&Quota> {
    let rules = service.gates.rules();
    let gate = rules.iter().any(|rule| rule.requires == Requirement::Quota);
    service.quota.as_ref().filter(|_| !gate)
}

fn within_quota(now: Timestamp, service: &Service, history: &History) -> Result<(), Refusal> {
    let Some(quota) = quota_without_a_gate(service) else {
        return Ok(());
    };
    let zone = &service.hours.timetable().zone;
    let admitted = quota.admits(now, zone, history);
    admitted.map_err(Refusal::from)
}

/// A service that sets no quota allows one more.
fn quota_of(now: Timestamp, service: &Service, history: &History) -> Evidence<'static> {
    let zone = &service.hours.timetable().zone;
    let quota = service.quota.as_ref();
    let stands = quota.and_then(|quota| quota.stands(now, zone, history));
    let (used, allowed) = stands.unwrap_or((0, 1));
    Evidence::Quota { used, allowed }
}
