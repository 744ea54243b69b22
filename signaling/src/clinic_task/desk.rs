//! The front desk: the machines, what is not stored, and what each event leads to.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use vestibule_clinic::{
    Clinic, Consultation, Input, Outputs, Policy, Record, Refusal, Visit, Warm,
};
use vestibule_delivery::Delivery;
use vestibule_vocab::{ApiKeyId, ParticipantId, PractitionerId, Role, ServiceId, Timestamp};

use super::batch::Batch;
use super::calls::Calls;
use super::catalogue::Catalogue;
use super::doors::Doors;
use super::duty::Duty;
use super::event::Event;
use super::neighbours::Neighbours;
use super::offers::Offers;
use super::pace::Pace;
use super::past::Past;
use super::presence::Presences;
use super::steps::Steps;
use super::writings::Told;
use crate::clock::Clock;
use crate::identity::{Subject, TokenKey};
use crate::metrics::{Census, Counters};
use crate::sfu::SfuHandle;
use crate::socket::Registry;
use crate::store::{Store, Write};

/// What the desk works with.
#[derive(Clone)]
pub(crate) struct Surroundings {
    pub(crate) store: Store,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) registry: Arc<Registry>,
    pub(crate) sfu: SfuHandle,
    /// Makes the tokens of those who are invited.
    pub(crate) tokens: Arc<TokenKey>,
    pub(crate) policy: Policy,
    pub(crate) counters: Arc<Counters>,
    /// What the clinic is called.
    pub(crate) name: String,
    /// What is consulted for when nobody says.
    pub(crate) service: ServiceId,
}

/// All that the clinic task owns.
pub(super) struct Desk {
    pub(super) around: Surroundings,
    pub(super) clinic: Clinic,
    pub(super) delivery: Delivery,
    /// The version of the store that the machines stand at, and the revision of snapshots.
    pub(super) version: u64,
    pub(super) presences: Presences,
    pub(super) neighbours: Neighbours,
    pub(super) duty: Duty,
    pub(super) steps: Steps,
    pub(super) calls: Calls,
    pub(super) offers: Offers,
    /// Who was told of their place a moment ago.
    pub(super) pace: Pace,
    /// What patients who are here had before.
    pub(super) past: Past,
    /// What patients told practitioners who are here.
    pub(super) told: Told,
    /// What is offered, for people.
    pub(super) catalogue: Catalogue,
    /// Which of it takes nobody in now.
    pub(super) doors: Doors,
}

impl Desk {
    /// Takes in one event.
    pub(super) fn take(&mut self, event: Event, batch: &mut Batch) {
        match event {
            Event::Opened(opening) => self.opened(*opening, batch),
            Event::Closed {
                participant,
                socket,
            } => self.closed(participant, socket, batch),
            Event::Request { asker, request } => self.request(asker, *request, batch),
            Event::Api(request) => self.api(request, batch),
            Event::Look(look) => self.look(*look),
            Event::LookAtDoor { service, reply } => {
                // Whoever asked may have gone.
                let _ = reply.send(self.door_now(service));
            }
            Event::Count(reply) => {
                // Whoever asked may have gone.
                let _ = reply.send(Census::of(&self.clinic));
            }
            Event::SfuUp { link, calls } => self.sfu_up(link, &calls, batch),
            Event::SfuDown => self.sfu_down(),
            Event::Sfu(message) => self.sfu_said(*message, batch),
            Event::Missing(people) => self.missing(people, batch),
            Event::Stop => {}
        }
    }

    /// Lets time pass.
    pub(super) fn pass_time(&mut self, batch: &mut Batch) {
        let now = self.mind_the_clock(batch);
        if self.next_timeout().is_some_and(|due| due <= now) {
            // Nobody asked for it, and so nobody waits for the answer.
            let _ = self.decide_at(now, Input::Timeout, None, batch);
        }
        batch.moved.extend(self.pace.over(self.around.clock.now()));
        self.mind_the_doors(batch);
        self.offers.expire();
    }

    /// When this server does next what time brings.
    pub(super) fn next_timeout(&self) -> Option<Timestamp> {
        let due = self.clinic.next_timeout()?;
        Some(due.plus(self.duty.lag()))
    }

    /// Time has brought something, or the clock was set.
    pub(super) fn is_due(&self) -> bool {
        let now = self.around.clock.now();
        self.is_behind_the_clock() || self.next_timeout().is_some_and(|due| due <= now)
    }

    /// When to let time pass although nobody says anything.
    pub(super) fn next_due(&self) -> Option<Timestamp> {
        let shown = self.pace.next().into_iter().chain(self.doors.next());
        self.next_timeout().into_iter().chain(shown).min()
    }

    /// Asks the clinic, and takes up what follows.
    pub(super) fn decide(&mut self, input: Input, batch: &mut Batch) -> Result<(), Refusal> {
        self.decide_for(input, None, batch)
    }

    /// The same, for another system that came with this key.
    pub(super) fn decide_for(
        &mut self,
        input: Input,
        system: Option<ApiKeyId>,
        batch: &mut Batch,
    ) -> Result<(), Refusal> {
        self.decide_at(self.around.clock.now(), input, system, batch)
    }

    /// The same, at a moment that was looked at before.
    pub(super) fn decide_at(
        &mut self,
        now: Timestamp,
        input: Input,
        system: Option<ApiKeyId>,
        batch: &mut Batch,
    ) -> Result<(), Refusal> {
        let Outputs {
            answer,
            records,
            audit,
            changed,
        } = self.clinic.handle_for(now, input, system);
        batch.changed.merge(changed);
        for record in records {
            self.record(record, batch);
        }
        batch.writes.extend(audit.into_iter().map(Write::Audit));
        answer
    }

    fn record(&mut self, record: Record, batch: &mut Batch) {
        batch.writes.push(Write::Record(record.clone()));
        match record {
            Record::Service(_)
            | Record::Practitioner(_)
            | Record::Estimator(..)
            | Record::Regular(..) => {}
            Record::Visit(visit) => {
                self.page_follows(visit.patient);
                self.company_follows(&visit, batch);
            }
            Record::Consultation(consultation) => match consultation.ended {
                None => self.consultation_goes_on(&consultation, batch),
                Some(_) => self.consultation_ended(&consultation, batch),
            },
            Record::Forget(visit) => batch.forgotten.push(visit),
        }
    }

    /// Whoever came along, or went, is in the consultation's call and roster from now on, or is not.
    fn company_follows(&mut self, visit: &Visit, batch: &mut Batch) {
        let consultation = visit.state.consultation();
        let consultation = consultation.and_then(|it| self.clinic.consultation(it));
        let begun = consultation.filter(|it| self.calls.has(it.id)).cloned();
        if let Some(consultation) = begun {
            self.consultation_goes_on(&consultation, batch);
        }
    }

    /// A consultation begins, is put on hold, or goes on.
    fn consultation_goes_on(&mut self, consultation: &Consultation, batch: &mut Batch) {
        let roster = roster(&self.clinic, consultation);
        let people: BTreeSet<_> = roster.iter().map(|(who, _)| *who).collect();
        let before = self.calls.people_in(consultation.id);
        for gone in before.into_iter().filter(|who| !people.contains(who)) {
            self.presences.forget(gone);
        }
        match self.calls.go_on(consultation, &people) {
            Ok(Some(ids)) => {
                batch.writes.push(Write::Call(consultation.id, ids));
                if let Err(error) = self.delivery.open(consultation.id, &roster) {
                    batch.fail(&error);
                }
            }
            Ok(None) => {}
            Err(error) => batch.fail(&error),
        }
        batch.affected.extend(people);
    }

    fn consultation_ended(&mut self, consultation: &Consultation, batch: &mut Batch) {
        self.past.ended(consultation);
        let people = self.calls.end(consultation.id);
        self.delivery.close(consultation.id);
        batch.writes.push(Write::CloseLog(consultation.id));
        for participant in people {
            self.presences.forget(participant);
            batch.affected.insert(participant);
        }
    }

    /// Keeps the warm calls in step with the waiting rooms. One that was made outlives a short absence of either, so that a
    /// reload on one side costs the other nothing.
    pub(super) fn keep_warm(&mut self, batch: &mut Batch) {
        let mut wanted: BTreeMap<PractitionerId, Warm> = BTreeMap::new();
        let kept: Vec<Warm> = self.calls.warm().filter(|it| self.stays_warm(it)).collect();
        let new = self.clinic.warm().filter(|warm| self.are_both_here(*warm));
        for warm in kept.into_iter().chain(new) {
            wanted.insert(warm.practitioner, warm);
        }
        match self.calls.keep_warm(&wanted) {
            Ok(changed) => {
                for warm in changed {
                    batch.affected.insert(warm.patient.into());
                    batch.affected.insert(warm.practitioner.into());
                }
            }
            Err(error) => batch.fail(&error),
        }
    }

    fn stays_warm(&self, warm: &Warm) -> bool {
        self.clinic.place(warm.visit) == Some(1)
            && self.clinic.consultation_of(warm.practitioner).is_none()
    }

    /// A call is at one server, and so are its legs.
    fn are_both_here(&self, warm: Warm) -> bool {
        let [patient, practitioner] = [warm.patient.into(), warm.practitioner.into()];
        !self.neighbours.has(patient) && !self.neighbours.has(practitioner)
    }

    /// The consultation that a participant is in.
    pub(super) fn consultation_of(&self, subject: Subject) -> Option<&Consultation> {
        match subject {
            Subject::Practitioner(practitioner) => self.clinic.consultation_of(practitioner),
            Subject::Patient { visit, .. } => {
                let view = self.clinic.visit(visit)?;
                self.clinic.consultation(view.visit.state.consultation()?)
            }
            Subject::Companion { invitation, visit } => {
                let view = self.clinic.visit(visit)?;
                let consultation = self.clinic.consultation(view.visit.state.consultation()?)?;
                let mut seats = self.clinic.companions_in(consultation);
                seats
                    .any(|seat| seat.who == invitation.into())
                    .then_some(consultation)
            }
        }
    }

    /// Marks a participant and whoever is in a consultation with them.
    pub(super) fn affect_with_others(&self, participant: ParticipantId, batch: &mut Batch) {
        batch.affected.insert(participant);
        let presence = self.presences.get(participant);
        let consultation = presence.and_then(|it| self.consultation_of(it.subject));
        if let Some(consultation) = consultation {
            batch.affected.extend(self.people_in(consultation));
        }
    }

    /// Everybody who is in a consultation.
    pub(super) fn people_in(&self, consultation: &Consultation) -> Vec<ParticipantId> {
        let roster = roster(&self.clinic, consultation).into_iter();
        roster.map(|(who, _)| who).collect()
    }
}

/// Who is in a consultation, and as what.
pub(super) fn roster(clinic: &Clinic, consultation: &Consultation) -> Vec<(ParticipantId, Role)> {
    let companions = clinic.companions_in(consultation);
    let companions = companions.map(|seat| (seat.who, Role::Companion));
    let two = [
        (consultation.patient.into(), Role::Patient),
        (consultation.practitioner.into(), Role::Practitioner),
    ];
    two.into_iter().chain(companions).collect()
}
