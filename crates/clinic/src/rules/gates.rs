//! Gates: what opens and shuts them, and the answers that stop a visit.

use std::collections::BTreeMap;

use vestibule_vocab::{PatientId, Redacted, ServiceId, Timestamp, VisitId};

use super::Effects;
use crate::audit::{Act, Actor, GateOutcome};
use crate::clinic::Alarm;
use crate::{
    AnsweredBy, Clinic, Code, ConsentAct, ConsentChange, Event, Evidence, FormAnswer, FormRefusal,
    Gate, GateAnswer, GateKind, GateRefusal, GateState, Gates, Knowledge, Known, Learning, Refusal,
    Screening, Teller, Visit, VisitState,
};

impl Clinic {
    pub(crate) fn answer_form(
        &mut self,
        now: Timestamp,
        (patient, id): (PatientId, VisitId),
        given: &Redacted<BTreeMap<Code, FormAnswer>>,
        effects: &mut Effects,
    ) -> Result<(), Refusal> {
        let visit = self.own(patient, id)?;
        is_waiting(visit)?;
        let form = self.services.get(&visit.service);
        let form = form.and_then(|service| service.form.as_ref());
        let form = form.ok_or(Refusal::NoForm)?;
        let mut gates = visit.gates.clone();
        let screening = gates.answer_form(form, given, now).map_err(form_refusal)?;
        match screening {
            Screening::Clear { answers, .. } => {
                self.set_answers(id, answers, effects);
                self.set_gates(id, gates, effects);
            }
            Screening::Emergency(_) => {
                self.set_gates(id, gates, effects);
                self.move_visit(now, id, Event::Stopped, effects);
            }
        }
        Ok(())
    }

    pub(crate) fn consent(
        &mut self,
        now: Timestamp,
        (patient, id): (PatientId, VisitId),
        act: ConsentAct,
        version: &Code,
        effects: &mut Effects,
    ) -> Result<(), Refusal> {
        let visit = self.own(patient, id)?;
        if !visit.state.is_active() {
            return Err(Refusal::VisitEnded);
        }
        let asked = visit.gates.consent_asked();
        let taken = visit.consent.may_say(act, version, asked);
        taken.map_err(Refusal::Consent)?;
        let consulting = visit.state.consultation();
        let mut consent = visit.consent.clone();
        let change = match act {
            ConsentAct::Given => consent.give(version, now),
            ConsentAct::Refused => consent.refuse(version, consulting.is_some(), now),
            ConsentAct::Revoked => consent.revoke(consulting.is_some(), now),
        };
        if change.map_err(Refusal::Consent)? == ConsentChange::Unchanged {
            return Ok(());
        }
        let mut gates = visit.gates.clone();
        // A service that asks for no consent has no gate that follows, and after admission none moves.
        let _ = gates.learn(&Evidence::Consent(&consent), now);
        // Refusing what one consented to is to take it back, and that is of the version that was consented to.
        if let Some(said) = consent.history().last() {
            effects.did(Act::Consented {
                visit: id,
                consent: said.act,
                version: said.version.clone(),
            });
        }
        if let Some(visit) = self.visits.get_mut(&id) {
            visit.consent = consent;
            effects.visit(visit);
            effects.line(visit.waiting_room);
        }
        if let Some(consultation) = consulting.and_then(|it| self.consultations.get(&it)) {
            effects.both(consultation);
        }
        self.set_gates(id, gates, effects);
        self.asks_for_the_text_of_now(id, effects);
        Ok(())
    }

    pub(crate) fn learn(
        &mut self,
        now: Timestamp,
        learning: &Learning,
        effects: &mut Effects,
    ) -> Result<(), Refusal> {
        let id = learning.visit;
        let visit = self.visits.get(&id).ok_or(Refusal::NotFound)?;
        if learning.from == Teller::Patient {
            effects.done_by(Actor::Patient(visit.patient));
        }
        let known = visit.known.with(&learning.knowledge, learning.from);
        let evidence = match &learning.knowledge {
            Knowledge::Identity { level } => Evidence::Identity(*level),
            // What the clinic said counts when the patient claims something, and what they claimed when it says nothing of it.
            Knowledge::Eligibility { .. } => Evidence::Eligibility {
                relations: &known.relations,
                claimed: known.claimed,
            },
            Knowledge::Device { suitable } => Evidence::Device {
                suitable: *suitable,
            },
        };
        let learnt =
            self.change_gates(id, effects, |gates| gates.learn(&evidence, now).map(|_| ()));
        self.keep_in_mind(id, known, learnt, effects)
    }

    /// Who somebody is may be asked by another service, whether it is asked now or not.
    fn keep_in_mind(
        &mut self,
        id: VisitId,
        known: Known,
        learnt: Result<(), Refusal>,
        effects: &mut Effects,
    ) -> Result<(), Refusal> {
        let Some(visit) = self.visits.get_mut(&id) else {
            return learnt;
        };
        let asked_elsewhere = known.level != visit.known.level && visit.state.is_active();
        if learnt.is_err() && !asked_elsewhere {
            return learnt;
        }
        if visit.known != known {
            visit.known = known;
            effects.visit(visit);
        }
        Ok(())
    }

    pub(crate) fn answer_gate(
        &mut self,
        now: Timestamp,
        id: VisitId,
        (gate, by): (&GateKind, &AnsweredBy),
        answer: GateAnswer,
        effects: &mut Effects,
    ) -> Result<(), Refusal> {
        let visit = self.visits.get(&id).ok_or(Refusal::NotFound)?;
        if *by == AnsweredBy::Patient {
            effects.done_by(Actor::Patient(visit.patient));
        }
        self.change_gates(id, effects, |gates| {
            match answer {
                GateAnswer::Open { exception } => gates.open(gate, by.clone(), exception, now),
                GateAnswer::Refuse { reason, message } => {
                    gates.refuse(gate, by.clone(), reason, &message, now)
                }
                GateAnswer::AskAgain => gates.ask_again(gate, by, now),
            }
            .map(|_| ())
        })
    }

    /// A service may ask for consent to another version of its text: so does every visit of it whose patient did not consent
    /// to what was asked before.
    pub(super) fn its_text_changed(&mut self, service: ServiceId, effects: &mut Effects) {
        let visits = self.visits.values();
        let visits = visits.filter(|it| it.service == service && it.state.is_active());
        let visits: Vec<VisitId> = visits.map(|visit| visit.id).collect();
        for id in visits {
            self.asks_for_the_text_of_now(id, effects);
        }
    }

    /// A visit that asks for consent asks for it to the version that its service has now, unless it was given.
    pub(super) fn asks_for_the_text_of_now(&mut self, id: VisitId, effects: &mut Effects) {
        let Some(visit) = self.visits.get(&id) else {
            return;
        };
        let service = self.services.get(&visit.service);
        let Some(version) = service.and_then(|service| service.gates.consent_asked()) else {
            return;
        };
        let mut gates = visit.gates.clone();
        gates.ask_consent_to(version, &visit.consent, effects.now());
        self.set_gates(id, gates, effects);
    }

    /// A service may have lost its form: whoever waits in it is not held up by what there is not.
    pub(super) fn lost_form_holds_up_nobody(&mut self, service: ServiceId, effects: &mut Effects) {
        if self.has_a_form(service) {
            return;
        }
        let waiting = self.visits.values();
        let waiting = waiting.filter(|it| it.service == service && is_waiting(it).is_ok());
        let waiting: Vec<VisitId> = waiting.map(|visit| visit.id).collect();
        for id in waiting {
            self.form_holds_up_nobody(id, effects);
        }
    }

    /// A visit waits in a service that may have no form, with the gates of one that had.
    pub(super) fn form_holds_up_nobody(&mut self, id: VisitId, effects: &mut Effects) {
        let service = self.visits.get(&id).map(|visit| visit.service);
        if service.is_none_or(|service| self.has_a_form(service)) {
            return;
        }
        let now = effects.now();
        // Refused to nobody but a visit that has ended, which waits for nothing.
        let _ = self.change_gates(id, effects, |gates| {
            gates.without_a_form(now);
            Ok(())
        });
    }

    fn has_a_form(&self, service: ServiceId) -> bool {
        let service = self.services.get(&service);
        service.is_some_and(|service| service.form.is_some())
    }

    /// Nobody answered in time.
    pub(super) fn expire_gates(&mut self, now: Timestamp, id: VisitId, effects: &mut Effects) {
        let _ = self.change_gates(id, effects, |gates| {
            gates.expire(now);
            Ok(())
        });
    }

    fn change_gates(
        &mut self,
        id: VisitId,
        effects: &mut Effects,
        change: impl FnOnce(&mut Gates) -> Result<(), GateRefusal>,
    ) -> Result<(), Refusal> {
        let visit = self.visits.get(&id).ok_or(Refusal::NotFound)?;
        if !visit.state.is_active() {
            return Err(Refusal::VisitEnded);
        }
        let mut gates = visit.gates.clone();
        change(&mut gates).map_err(Refusal::Gate)?;
        self.set_gates(id, gates, effects);
        Ok(())
    }

    fn set_answers(&mut self, id: VisitId, answers: crate::Answers, effects: &mut Effects) {
        let Some(visit) = self.visits.get_mut(&id) else {
            return;
        };
        if visit.answers != answers {
            visit.answers = answers;
            effects.visit(visit);
            effects.line(visit.waiting_room);
        }
    }

    /// The visit's gates stand so now. What changed is written down and seen, and the alarm follows.
    /// Who is only expected is hurried by none.
    pub(super) fn set_gates(&mut self, id: VisitId, mut gates: Gates, effects: &mut Effects) {
        let Some(visit) = self.visits.get_mut(&id) else {
            return;
        };
        if visit.state == VisitState::Expected {
            gates.rest();
        }
        if visit.gates == gates {
            return;
        }
        let before = std::mem::replace(&mut visit.gates, gates);
        note_gates(visit, &before, effects);
        effects.visit(visit);
        effects.line(visit.waiting_room);
        let alarm = Alarm::GateUnanswered(id);
        if let Some(at) = before.next_timeout() {
            self.alarms.remove(&(at, alarm));
        }
        if let Some(at) = visit.gates.next_timeout() {
            self.alarms.insert((at, alarm));
        }
    }
}

/// What became of each gate, for the log.
fn note_gates(visit: &Visit, before: &Gates, effects: &mut Effects) {
    for new in visit.gates.gates() {
        let old = before.gates().iter().find(|old| old.kind() == new.kind());
        match old {
            Some(old) if old.state == new.state => {}
            Some(_) => effects.did(gated(visit, new, outcome_of(&new.state))),
            None => note_another_gate(visit, new, effects),
        }
    }
    for old in before.gates() {
        let asked = |new: &Gate| new.kind() == old.kind();
        if !old.is_open() && !visit.gates.gates().iter().any(asked) {
            effects.did(gated(visit, old, GateOutcome::Dropped));
        }
    }
}

/// Whoever handed the visit on did not answer what follows from what was known.
fn note_another_gate(visit: &Visit, gate: &Gate, effects: &mut Effects) {
    let by = match &gate.state {
        GateState::Pending { .. } | GateState::Expired { .. } => {
            return effects.did(gated(visit, gate, GateOutcome::Asked));
        }
        GateState::Open { by, .. } | GateState::Refused { by, .. } => by,
    };
    let actor = match by {
        AnsweredBy::Patient => Actor::Patient(visit.patient),
        AnsweredBy::BuiltIn
        | AnsweredBy::Practitioner { .. }
        | AnsweredBy::Staff
        | AnsweredBy::System { .. } => Actor::Administration,
    };
    effects.somebody_did(actor, gated(visit, gate, outcome_of(&gate.state)));
}

/// Why a gate stands so that is not asked any more is nobody's concern.
fn gated(visit: &Visit, gate: &Gate, outcome: GateOutcome) -> Act {
    let (exception, reason) = match (&gate.state, outcome) {
        (GateState::Open { exception, .. }, GateOutcome::Open) => (*exception, None),
        (GateState::Refused { reason, .. }, GateOutcome::Refused) => (None, Some(*reason)),
        (
            GateState::Open { .. }
            | GateState::Pending { .. }
            | GateState::Refused { .. }
            | GateState::Expired { .. },
            _,
        ) => (None, None),
    };
    Act::Gated {
        visit: visit.id,
        gate: gate.kind(),
        outcome,
        exception,
        reason,
    }
}

fn is_waiting(visit: &Visit) -> Result<(), Refusal> {
    match visit.state {
        VisitState::Waiting | VisitState::Admitted { .. } => Ok(()),
        VisitState::Ended { .. } => Err(Refusal::VisitEnded),
        VisitState::Expected | VisitState::InConsultation { .. } | VisitState::OnHold { .. } => {
            Err(Refusal::VisitNotWaiting)
        }
    }
}

fn form_refusal(refusal: FormRefusal) -> Refusal {
    match refusal {
        FormRefusal::Gate(gate) => Refusal::Gate(gate),
        FormRefusal::Answer(answer) => Refusal::Answer(answer.fault),
    }
}

fn outcome_of(state: &GateState) -> GateOutcome {
    match state {
        GateState::Pending { .. } => GateOutcome::Pending,
        GateState::Open { .. } => GateOutcome::Open,
        GateState::Refused { .. } => GateOutcome::Refused,
        GateState::Expired { .. } => GateOutcome::Expired,
    }
}
