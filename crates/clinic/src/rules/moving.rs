//! How visits move on and consultations end, whatever the cause.

use vestibule_vocab::{ConsultationId, Millis, Redacted, Timestamp, VisitId};

use super::Effects;
use super::returning::borne_since;
use super::standing::standing;
use crate::absence::Absent;
use crate::audit::{Act, Overtaking};
use crate::clinic::Alarm;
use crate::limits::ENDED_VISITS;
use crate::{
    Answers, Clinic, Consultation, ConsultationEnd, Ended, Event, Policy, Turn, Visit, VisitState,
};

impl Clinic {
    /// Moves a visit by the table of its states, and the waiting room, the absences and what is remembered with it.
    pub(super) fn move_visit(
        &mut self,
        now: Timestamp,
        id: VisitId,
        event: Event,
        effects: &mut Effects,
    ) {
        self.advance(now, id, event, None, effects);
    }

    /// Moves a visit that is seen before others who came earlier, if it is.
    pub(super) fn advance(
        &mut self,
        now: Timestamp,
        id: VisitId,
        event: Event,
        overtook: Option<Overtaking>,
        effects: &mut Effects,
    ) {
        let Some(visit) = self.visits.get(&id) else {
            return;
        };
        let at = now.max(visit.arrived_at);
        let Some(state) = visit.state.after(event.clone(), at) else {
            return;
        };
        let asked = state == VisitState::Waiting
            && self.nobody_comes(now, visit.waiting_room, visit.language);
        let Some(visit) = self.visits.get_mut(&id) else {
            return;
        };
        let unanswered = visit.gates.next_timeout();
        let company = visit.companions.clone();
        let before = std::mem::replace(&mut visit.state, state);
        if event == Event::CameBack {
            visit.rank.turn = Turn::Called;
        }
        visit.asked = asked;
        match visit.state {
            // Whether all are open was looked at before.
            VisitState::InConsultation { consultation } => {
                let _ = visit.gates.admit();
                if before == VisitState::Waiting {
                    visit.history.begin(consultation, now);
                }
            }
            VisitState::Waiting => visit.gates.wait_again(),
            VisitState::Expected => visit.gates.rest(),
            VisitState::Admitted { .. } | VisitState::OnHold { .. } | VisitState::Ended { .. } => {}
        }
        if !visit.state.is_active() {
            // Nobody is shown it any more, so nobody needs to have it.
            visit.reason = Redacted::default();
            visit.message = Redacted::default();
            visit.answers = Answers::default();
            visit.companions.end(at);
            effects.company(&company);
        }
        // As it is now it is looked at below, and stored when all that follows from it is known.
        let Some(visit) = self.visits.shared(&id) else {
            return;
        };
        let stored = effects.visit_to_come(&visit);
        if before == VisitState::Expected || visit.state == VisitState::Expected {
            effects.booked(visit.waiting_room);
        }
        let learnt = without_words(event);
        effects.did(Act::Moved {
            visit: id,
            event: learnt.clone(),
            standing: (visit.state == VisitState::Waiting).then(|| standing(&visit)),
            overtook,
        });
        self.learn_from(now, &visit, &before, &learnt);
        self.follow_gates(&visit, unanswered);
        self.follow_company(id, &company, &visit.companions);
        self.requeue(&visit, &before, effects);
        if self
            .absentees
            .follow(&visit, Some(&before), Some(&visit.state))
        {
            effects.line(visit.waiting_room);
        }
        self.attend(&visit);
        self.follow_appointment_of(&visit);
        self.remember(&visit, &before, effects);
        let waits = visit.state == VisitState::Waiting;
        effects.visit_came(stored, visit);
        if waits {
            self.learn_company(now, id, effects);
        }
    }

    /// Ends a consultation; what becomes of its visit is the caller's business.
    pub(super) fn end_consultation(
        &mut self,
        now: Timestamp,
        id: ConsultationId,
        how: ConsultationEnd,
        effects: &mut Effects,
    ) {
        let Some(mut consultation) = self.consultations.remove(&id) else {
            return;
        };
        let at = now.max(consultation.started_at);
        self.endings = self.endings.saturating_add(1);
        let number = self.endings;
        consultation.ended = Some(Ended { how, at, number });
        self.absences.end(Absent::Practitioner(id));
        self.count(&consultation, effects);
        self.learn_length(&consultation, effects);
        let (practitioner, held) = (consultation.practitioner, consultation.held_since.is_some());
        effects.consultation(&consultation);
        self.practitioners.release(consultation);
        if !held {
            self.work_ends(now, practitioner, effects);
        }
    }

    /// What counts of a consultation for the patient's quota.
    fn count(&mut self, consultation: &Consultation, effects: &mut Effects) {
        let Some(Ended { how, at, .. }) = consultation.ended else {
            return;
        };
        let quota = self.services.get(&consultation.service);
        let Some(after) = quota.and_then(|it| it.quota.as_ref().map(|quota| quota.counts_after))
        else {
            return;
        };
        let lasted = at.since(consultation.started_at);
        if let Some(visit) = self.visits.get_mut(&consultation.visit) {
            visit.history.end(consultation.id, how, lasted, after);
            effects.visit(visit);
        }
    }

    /// Forgets the ended visit that is the first to be forgotten.
    pub(super) fn forget_first(&mut self, effects: &mut Effects) {
        if let Some((_, id)) = self.ended.pop_first() {
            self.forget(id, effects);
        }
    }

    /// Forgets an ended visit.
    pub(crate) fn forget(&mut self, id: VisitId, effects: &mut Effects) {
        let Some(visit) = self.visits.remove(&id) else {
            return;
        };
        if self.latest.get(&visit.patient) == Some(&id) {
            self.latest.remove(&visit.patient);
        }
        if self.absentees.follow(&visit, Some(&visit.state), None) {
            effects.line(visit.waiting_room);
        }
        effects.patient(visit.patient);
        effects.company(&visit.companions);
        for practitioner in self.practitioners.showing(id) {
            effects.practitioner(practitioner);
        }
        self.practitioners.forget(id);
        effects.forget(id);
        effects.did(Act::Forgotten { visit: id });
    }

    fn requeue(&mut self, visit: &Visit, before: &VisitState, effects: &mut Effects) {
        let (waiting_room, rank) = (visit.waiting_room, visit.rank);
        match (
            *before == VisitState::Waiting,
            visit.state == VisitState::Waiting,
        ) {
            (true, false) => self.waiting.remove(waiting_room, rank),
            (false, true) => {
                let one = (visit.id, visit.urgency);
                self.waiting.insert(waiting_room, rank, one);
            }
            (true, true) | (false, false) => return,
        }
        effects.places_from(waiting_room, rank);
    }

    /// Nobody waits for an answer once the visit is over or admitted.
    fn follow_gates(&mut self, visit: &Visit, unanswered: Option<Timestamp>) {
        if let Some(at) = unanswered {
            self.alarms.remove(&(at, Alarm::GateUnanswered(visit.id)));
        }
        if visit.state.is_active() {
            self.set_gate_alarm(visit);
        }
    }

    /// How long an absence is borne depends on what the patient is away from.
    fn attend(&mut self, visit: &Visit) {
        let who = Absent::Patient(visit.id);
        let borne = |since| borne_since(&self.policy, visit, since);
        match self.absences.since(who).map(borne) {
            None => {}
            Some(Some(borne)) => self.absences.bear(who, borne),
            Some(None) => _ = self.absences.end(who),
        }
    }

    fn remember(&mut self, visit: &Visit, before: &VisitState, effects: &mut Effects) {
        if let VisitState::Ended { at, .. } = before {
            self.ended.remove(&(*at, visit.id));
        }
        if let VisitState::Ended { at, .. } = visit.state {
            self.ended.insert((at, visit.id));
            self.latest.entry(visit.patient).or_insert(visit.id);
        }
        while self.ended.len() > ENDED_VISITS {
            self.forget_first(effects);
        }
    }
}

/// How long the patient of such a visit may be away; `None` when nobody waits for them.
pub(crate) fn borne(policy: &Policy, state: &VisitState) -> Option<Millis> {
    match state {
        VisitState::Waiting | VisitState::OnHold { .. } => Some(policy.keep_place),
        VisitState::Admitted { .. } => Some(policy.called),
        VisitState::InConsultation { .. } => Some(policy.grace),
        VisitState::Expected | VisitState::Ended { .. } => None,
    }
}

/// What people wrote is no part of the audit log.
fn without_words(mut event: Event) -> Event {
    if let Event::Declined { message, .. } = &mut event {
        *message = Redacted::default();
    }
    event
}
