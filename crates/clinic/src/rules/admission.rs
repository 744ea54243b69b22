//! How a consultation begins and ends.

use vestibule_vocab::{ConsultationId, PractitionerId, Timestamp, VisitId};

use super::Effects;
use crate::absence::Absent;
use crate::audit::Overtaking;
use crate::{
    Clinic, Conclusion, Consultation, ConsultationEnd, Event, Overtake, Practitioner, Refusal,
    Turn, Urgency, Visit, VisitState,
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
        if let Some(visit) = self.visits.get(&consultation.visit).cloned() {
            self.learn_pause(now, &visit, consultation.practitioner);
        }
        self.work_begins(now, consultation.practitioner, effects);
        self.practitioners
            .engage(consultation.practitioner, consultation.id);
        if !self.practitioners.is_connected(consultation.practitioner) {
            let who = Absent::Practitioner(consultation.id);
            self.absences.begin(who, now, self.policy.grace);
        }
        effects.consultation(&consultation);
        self.consultations.insert(consultation.id, consultation);
    }

    /// Whom a visit overtakes when it is admitted now, and why; refused when somebody before has waited too long.
    fn overtaking(
        &self,
        now: Timestamp,
        practitioner: PractitionerId,
        visit: &Visit,
        given: Option<Overtake>,
    ) -> Result<Option<Overtaking>, Refusal> {
        if given.is_some_and(|reason| !reason.is_a_choice()) {
            return Err(Refusal::NotAChoice);
        }
        let card = self.practitioners.card(practitioner);
        let card = card.ok_or(Refusal::NotFound)?;
        let mut before = Before::default();
        for (_, id) in self.waiting.before(visit.waiting_room, visit.rank) {
            if let Some(other) = self.visits.get(&id) {
                self.look_at(now, card, visit, other, &mut before)?;
            }
        }
        let earlier = self
            .waiting
            .came_before(visit.waiting_room, visit.rank.arrival);
        let passed = earlier.saturating_add(before.later_but_there);
        let reason = reason(visit, &before, given);
        Ok((passed > 0).then(|| Overtaking {
            passed: u32::try_from(passed).unwrap_or(u32::MAX),
            reason,
        }))
    }

    fn look_at(
        &self,
        now: Timestamp,
        card: &Practitioner,
        visit: &Visit,
        other: &Visit,
        before: &mut Before,
    ) -> Result<(), Refusal> {
        before.anybody = true;
        if !self.is_there(other) || !other.gates.ready() || !card.may_see(other) {
            return Ok(());
        }
        let bound = self.order_of(other.service).bound;
        if now >= other.counts_from.plus(bound) {
            return Err(Refusal::OthersWaitTooLong);
        }
        before.there = true;
        if other.rank.arrival > visit.rank.arrival {
            before.later_but_there = before.later_but_there.saturating_add(1);
        }
        Ok(())
    }
}

/// Those who are before a visit by rank.
#[derive(Default)]
struct Before {
    anybody: bool,
    /// Somebody could have been admitted.
    there: bool,
    /// So many could have been admitted who came later.
    later_but_there: usize,
}

fn reason(visit: &Visit, before: &Before, given: Option<Overtake>) -> Overtake {
    if before.there {
        given.unwrap_or(Overtake::Unsaid)
    } else if visit.rank.turn == Turn::Called {
        Overtake::Called
    } else if before.anybody {
        Overtake::NobodyBeforeWasReady
    } else if visit.urgency != Urgency::Routine {
        Overtake::Urgency
    } else {
        Overtake::Appointment
    }
}
