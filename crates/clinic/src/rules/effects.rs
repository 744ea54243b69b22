//! What a rule leaves behind, collected while it acts.

use std::sync::Arc;

use vestibule_vocab::{ApiKeyId, PatientId, PractitionerId, Timestamp, VisitId};

use crate::audit::{Act, Actor, Entry};
use crate::estimate::Estimator;
use crate::{
    AnsweredBy, Changed, Companions, Consultation, Declining, Host, Input, Inviting, Outputs,
    Practitioner, Rank, Record, Refusal, Service, Visit, WaitingRoom, Warm, Withdrawing,
};

/// The outputs in the making.
pub(crate) struct Effects {
    now: Timestamp,
    actor: Actor,
    records: Vec<Record>,
    audit: Vec<Entry>,
    changed: Changed,
}

impl Effects {
    pub(crate) fn new(now: Timestamp, input: &Input, system: Option<ApiKeyId>) -> Self {
        // Also when it acts upon somebody, as when it sets a practitioner's duty: they did not do it.
        let actor = system.map_or_else(|| actor(input), Actor::System);
        Self {
            now,
            actor,
            records: Vec::new(),
            audit: Vec::new(),
            changed: Changed::default(),
        }
    }

    /// Who does it is known by the visit alone.
    pub(super) fn done_by(&mut self, actor: Actor) {
        self.actor = actor;
    }

    /// Writes down what somebody else had done before, or the clinic's rules do.
    pub(super) fn somebody_did(&mut self, actor: Actor, act: Act) {
        self.audit.push(Entry {
            at: self.now,
            actor,
            act,
        });
    }

    pub(super) fn now(&self) -> Timestamp {
        self.now
    }

    pub(crate) fn changed(&self) -> &Changed {
        &self.changed
    }

    /// Writes down what is done.
    pub(super) fn did(&mut self, act: Act) {
        self.audit.push(Entry {
            at: self.now,
            actor: self.actor,
            act,
        });
    }

    pub(crate) fn service(&mut self, service: &Service) {
        self.records
            .push(Record::Service(Box::new(service.clone())));
        self.changed.catalogue = true;
    }

    pub(crate) fn card(&mut self, card: &Practitioner) {
        self.records
            .push(Record::Practitioner(Arc::new(card.clone())));
        self.practitioner(card.id);
        self.changed.catalogue = true;
    }

    /// What a practitioner has done is stored; nobody sees it.
    pub(super) fn worked(&mut self, card: &Arc<Practitioner>) {
        self.records.push(Record::Practitioner(card.clone()));
    }

    pub(super) fn visit(&mut self, visit: &Visit) {
        self.records.push(Record::Visit(Arc::new(visit.clone())));
        self.patient(visit.patient);
        self.company(&visit.companions);
    }

    /// The same of a copy that is stored later. Returns its place among the records, for [`Self::visit_came`].
    pub(super) fn visit_to_come(&mut self, visit: &Visit) -> usize {
        self.patient(visit.patient);
        self.company(&visit.companions);
        self.records.len()
    }

    /// Stores it before all that was recorded since.
    pub(super) fn visit_came(&mut self, place: usize, visit: Arc<Visit>) {
        let place = place.min(self.records.len());
        self.records.insert(place, Record::Visit(visit));
    }

    /// Whoever was invited sees a change.
    pub(crate) fn company(&mut self, companions: &Companions) {
        self.changed.companions.extend(companions.people());
        let colleagues = companions.colleagues().map(|(who, _)| who);
        self.changed.practitioners.extend(colleagues);
    }

    pub(super) fn consultation(&mut self, consultation: &Consultation) {
        self.records
            .push(Record::Consultation(Box::new(consultation.clone())));
        self.both(consultation);
    }

    /// What is known of the pace of a waiting room is stored; nobody sees it by itself.
    pub(super) fn estimator(&mut self, of: WaitingRoom, estimator: &Estimator) {
        let estimator = Box::new(estimator.clone());
        self.records.push(Record::Estimator(of, estimator));
    }

    /// The patient has another regular practitioner, or none.
    pub(super) fn regular(&mut self, patient: PatientId, practitioner: Option<PractitionerId>) {
        self.records.push(Record::Regular(patient, practitioner));
        self.patient(patient);
    }

    pub(super) fn forget(&mut self, visit: VisitId) {
        self.records.push(Record::Forget(visit));
    }

    pub(crate) fn patient(&mut self, patient: PatientId) {
        self.changed.patients.insert(patient);
    }

    pub(super) fn practitioner(&mut self, practitioner: PractitionerId) {
        self.changed.practitioners.insert(practitioner);
    }

    /// Both people in a consultation see a change.
    pub(crate) fn both(&mut self, consultation: &Consultation) {
        self.patient(consultation.patient);
        self.practitioner(consultation.practitioner);
    }

    /// A line of the waiting room changed, no place did.
    pub(crate) fn line(&mut self, waiting_room: WaitingRoom) {
        self.changed.waiting_rooms.insert(waiting_room);
    }

    /// Somebody is expected there from now on, or not any more; nobody's line changed.
    pub(super) fn booked(&mut self, waiting_room: WaitingRoom) {
        self.changed.booked.insert(waiting_room);
    }

    /// Somebody entered or left the waiting room at this rank: all behind have another place.
    pub(crate) fn places_from(&mut self, waiting_room: WaitingRoom, rank: Rank) {
        self.line(waiting_room);
        self.changed.places_change(waiting_room, rank);
    }

    /// Those whose leg is not kept warm any more, and those whose leg now is.
    pub(crate) fn warm(&mut self, changed: impl IntoIterator<Item = Warm>) {
        for warm in changed {
            self.patient(warm.patient);
            self.practitioner(warm.practitioner);
        }
    }

    pub(crate) fn into_outputs(self, answer: Result<(), Refusal>) -> Outputs {
        Outputs {
            answer,
            records: self.records,
            audit: self.audit,
            changed: self.changed,
        }
    }
}

/// Who does what an input says.
fn actor(input: &Input) -> Actor {
    match input {
        Input::SetService { .. }
        | Input::SetPractitioner { .. }
        | Input::SetRegular { .. }
        | Input::Book(_)
        | Input::Cancel { .. }
        | Input::Learn(_) => Actor::Administration,
        Input::Gate { by, .. } => answerer(by),
        Input::PatientConnected { patient }
        | Input::PatientDisconnected { patient }
        | Input::Leave { patient, .. }
        | Input::AnswerForm { patient, .. }
        | Input::Consent { patient, .. }
        | Input::Answer { patient, .. } => Actor::Patient(*patient),
        Input::Arrive(arriving) => Actor::Patient(arriving.patient),
        Input::PractitionerConnected { practitioner }
        | Input::PractitionerDisconnected { practitioner }
        | Input::SetDuty { practitioner, .. }
        | Input::DeclineInvitation(Declining { practitioner, .. })
        | Input::Decided { practitioner, .. } => Actor::Practitioner(*practitioner),
        Input::Invite(Inviting { by, .. }) | Input::WithdrawInvitation(Withdrawing { by, .. }) => {
            host(*by)
        }
        Input::AcceptInvitation(accepting) => Actor::Companion(accepting.companion),
        Input::CompanionLeaves { companion }
        | Input::CompanionConnected { companion }
        | Input::CompanionDisconnected { companion } => Actor::Companion(*companion),
        Input::ClockSetForward { .. } | Input::Timeout => Actor::Time,
    }
}

fn host(by: Host) -> Actor {
    match by {
        Host::Administration => Actor::Administration,
        Host::Patient { patient } => Actor::Patient(patient),
        Host::Practitioner { practitioner } => Actor::Practitioner(practitioner),
    }
}

fn answerer(by: &AnsweredBy) -> Actor {
    match by {
        AnsweredBy::Practitioner { practitioner } => Actor::Practitioner(*practitioner),
        AnsweredBy::BuiltIn
        | AnsweredBy::Patient
        | AnsweredBy::Staff
        | AnsweredBy::System { .. } => Actor::Administration,
    }
}
