//! What patients ask for.

use vestibule_vocab::{PatientId, Redacted, Timestamp, VisitId};

use super::Effects;
use super::standing::{first_rank, standing};
use crate::audit::{Act, Actor};
use crate::input::Arriving;
use crate::{
    Answer, Answers, Choice, Clinic, Companions, Consent, ConsultationEnd, DeclineReason, Event,
    Known, Refusal, Urgency, Visit, VisitState, WaitingRoom, text,
};

impl Clinic {
    pub(crate) fn arrive(
        &mut self,
        now: Timestamp,
        arriving: &Arriving,
        effects: &mut Effects,
    ) -> Result<(), Refusal> {
        match self.visits.get(&arriving.visit) {
            None => self.walk_in(now, arriving, effects),
            Some(known) if known.patient != arriving.patient => Err(Refusal::NotFound),
            Some(known) => match known.state {
                VisitState::Expected => self.come(now, arriving, effects),
                // A join token stands for one visit: repeated while it waits, arriving changes nothing; once it has
                // ended, it does not begin again.
                VisitState::Waiting | VisitState::Admitted { .. } => Ok(()),
                VisitState::InConsultation { .. } | VisitState::OnHold { .. } => {
                    Err(Refusal::VisitActive)
                }
                VisitState::Ended { .. } => Err(Refusal::VisitEnded),
            },
        }
    }

    pub(crate) fn leave(
        &mut self,
        now: Timestamp,
        patient: PatientId,
        visit: VisitId,
        effects: &mut Effects,
    ) -> Result<(), Refusal> {
        let state = self.own(patient, visit)?.state.clone();
        match state {
            VisitState::Ended { .. } => return Err(Refusal::VisitEnded),
            VisitState::Expected => return self.cancel(now, visit, effects),
            VisitState::InConsultation { consultation } | VisitState::OnHold { consultation } => {
                self.end_consultation(now, consultation, ConsultationEnd::PatientLeft, effects);
            }
            VisitState::Waiting | VisitState::Admitted { .. } => {}
        }
        self.move_visit(now, visit, Event::Left, effects);
        Ok(())
    }

    /// A patient answers what they were asked when their practitioner went off duty, or nobody speaks their language any more.
    pub(crate) fn answered(
        &mut self,
        patient: PatientId,
        id: VisitId,
        answer: Answer,
        effects: &mut Effects,
    ) -> Result<(), Refusal> {
        let visit = self.own(patient, id)?;
        if !visit.asked || visit.state != VisitState::Waiting {
            return Err(Refusal::NothingToChoose);
        }
        match answer {
            Answer::WaitOn => self.waits_on(id, effects),
            Answer::TakeNext if !self.practitioners.practise(visit.service) => {
                return Err(Refusal::NobodyPractises);
            }
            Answer::TakeNext => {
                let standing = self.restand(id, effects, |visit| {
                    // Whoever waited for no one practitioner waited for a language.
                    if visit.choice == Choice::Next {
                        visit.language = None;
                    }
                    visit.choice = Choice::Next;
                    visit.waiting_room = WaitingRoom::Service(visit.service);
                });
                if let Some(standing) = standing {
                    effects.did(Act::Redirected {
                        visit: id,
                        standing,
                    });
                }
            }
        }
        Ok(())
    }

    fn waits_on(&mut self, id: VisitId, effects: &mut Effects) {
        if let Some(visit) = self.visits.get_mut(&id) {
            visit.asked = false;
            effects.visit(visit);
            effects.line(visit.waiting_room);
            effects.did(Act::WaitedOn { visit: id });
        }
    }

    pub(crate) fn own(&self, patient: PatientId, visit: VisitId) -> Result<&Visit, Refusal> {
        self.visits
            .get(&visit)
            .filter(|visit| visit.patient == patient)
            .ok_or(Refusal::NotFound)
    }

    fn walk_in(
        &mut self,
        now: Timestamp,
        arriving: &Arriving,
        effects: &mut Effects,
    ) -> Result<(), Refusal> {
        self.may_begin_a_visit(arriving.patient)?;
        self.may_ask_for(arriving.patient, arriving.choice)?;
        let (name, reason) = (text::name(&arriving.name)?, text::reason(&arriving.reason)?);
        let waiting_room = self.waiting_room(arriving.service, arriving.choice)?;
        self.takes_in(now, arriving, waiting_room)?;
        self.is_spoken(arriving.service, arriving.language)?;
        let counts_from = self.arrival_counts_from(now);
        let visit = Visit {
            id: arriving.visit,
            patient: arriving.patient,
            service: arriving.service,
            choice: arriving.choice,
            language: arriving.language,
            name,
            reason,
            message: Redacted::default(),
            appointment: None,
            extension: None,
            urgency: Urgency::Routine,
            waiting_room,
            rank: first_rank(self.next_arrival(), counts_from),
            counts_from,
            arrived_at: now,
            asked: self.nobody_comes(now, waiting_room, arriving.language),
            promise: None,
            gates: self.gates_of(arriving.service, &arriving.had.here, (now, now)),
            answers: Answers::default(),
            consent: Consent::default(),
            companions: Companions::default(),
            history: arriving.had.here.clone(),
            elsewhere: arriving.had.elsewhere.clone(),
            known: Known::default(),
            state: VisitState::Waiting,
        };
        effects.did(Act::WalkedIn {
            visit: visit.id,
            standing: standing(&visit),
        });
        effects.places_from(waiting_room, visit.rank);
        self.latest.insert(visit.patient, visit.id);
        let one = (visit.id, visit.urgency);
        self.waiting.insert(waiting_room, visit.rank, one);
        self.set_gate_alarm(&visit);
        self.visits.insert(visit.id, visit);
        self.promise(now, arriving.visit);
        if let Some(visit) = self.visits.get(&arriving.visit) {
            effects.visit(visit);
        }
        Ok(())
    }

    /// Somebody comes who was expected. They are let in although the waiting room may be full: they were promised. What
    /// they had since may be all that their quota holds, and then their visit ends as one that was turned away.
    fn come(
        &mut self,
        now: Timestamp,
        arriving: &Arriving,
        effects: &mut Effects,
    ) -> Result<(), Refusal> {
        self.may_begin_a_visit(arriving.patient)?;
        let (name, reason) = (text::name(&arriving.name)?, text::reason(&arriving.reason)?);
        let Some(mut visit) = self.visits.get(&arriving.visit).cloned() else {
            return Err(Refusal::NotFound);
        };
        visit.choice = self.choice_on_coming(&visit, arriving)?;
        visit.waiting_room = visit.choice.waiting_room(visit.service);
        let quota = self.takes_in_whoever_was_expected(now, &visit, &arriving.had.here);
        // In the language that was promised they are let in, and asked; another one is a new wish.
        let wished = arriving.language.filter(|it| visit.language != Some(*it));
        self.is_spoken(visit.service, wished)?;
        self.expect_no_more(&visit);
        if quota.is_err() {
            self.turn_away(now, visit.id, effects);
            return Ok(());
        }
        let came = self.arrival_counts_from(now);
        visit.rank = first_rank(self.next_arrival(), came);
        if let Some(appointment) = visit.appointment {
            let from = self
                .order_of(visit.service)
                .counts_from(now, appointment.at);
            // Counted from when they came, which a clock that stepped cannot disturb.
            let early = from.since(now);
            let late = now.since(from);
            visit.counts_from = Timestamp(came.plus(early).0.saturating_sub(late.0));
        }
        visit.rank = self.rank(visit.service, &visit);
        visit.arrived_at = now;
        visit.language = arriving.language.or(visit.language);
        visit.asked = self.nobody_comes(now, visit.waiting_room, visit.language);
        (visit.name, visit.reason) = (name, reason);
        visit.gates = self.gates_to_pass(&visit, &arriving.had.here, now);
        visit.brings(arriving.had.clone());
        self.set_gate_alarm(&visit);
        self.latest.insert(visit.patient, visit.id);
        self.visits.insert(visit.id, visit);
        self.move_visit(now, arriving.visit, Event::Arrived, effects);
        Ok(())
    }

    /// Whoever came to what their quota does not hold is not one who never came.
    fn turn_away(&mut self, now: Timestamp, id: VisitId, effects: &mut Effects) {
        // By the clinic's rules, and not by the patient.
        effects.done_by(Actor::Administration);
        let turned_away = Event::Declined {
            reason: DeclineReason::QuotaReached,
            message: Redacted::default(),
        };
        self.move_visit(now, id, turned_away, effects);
    }

    pub(super) fn may_begin_a_visit(&self, patient: PatientId) -> Result<(), Refusal> {
        match self.active_visit(patient) {
            Some(_) => Err(Refusal::VisitActive),
            None => Ok(()),
        }
    }
}
