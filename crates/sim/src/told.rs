//! What the clinic was told and what people were promised, for the invariants: no machine is asked for it.

use std::collections::{BTreeMap, BTreeSet};

use vestibule_clinic::audit::Act;
use vestibule_clinic::quota::{Counted, Had, History};
use vestibule_clinic::{
    Arriving, Conclusion, Consultation, ConsultationEnd, Event, GateKind, Input, Policy,
    Practitioner, Record, Service, Visit, VisitState, WaitingRoom,
};
use vestibule_vocab::{
    ConsultationId, Millis, PatientId, PractitionerId, ServiceId, Timestamp, VisitId,
};

use crate::form;
use crate::rows::Rows;
use crate::store::Commit;

/// One consultation that began.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Begun {
    pub(crate) practitioner: PractitionerId,
    pub(crate) visit: VisitId,
    pub(crate) patient: PatientId,
    /// What it is for.
    pub(crate) service: ServiceId,
    /// When, by the clock of the node that decided.
    pub(crate) at: Timestamp,
    /// When it ended or was put on hold, likewise.
    pub(crate) left: Option<Timestamp>,
    /// It counts for the patient's quota.
    pub(crate) counts: bool,
}

#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) policy: Policy,
    /// The clocks of the nodes go like the world's.
    pub(crate) steady: bool,
    pub(crate) services: BTreeMap<ServiceId, Service>,
    pub(crate) practitioners: BTreeMap<PractitionerId, Practitioner>,
    /// The widest ageing bound that was ever in force: the order of those who wait stays as it was.
    pub(crate) widest: BTreeMap<ServiceId, Millis>,
    /// Visits whose patient read that they arrived.
    pub(crate) arrived: BTreeSet<VisitId>,
    /// The gates that a visit is to pass.
    pub(crate) gates: BTreeMap<VisitId, Vec<GateKind>>,
    /// The service whose gates these are.
    pub(crate) of: BTreeMap<VisitId, ServiceId>,
    /// Visits of which an answer meant an emergency.
    pub(crate) flagged: BTreeSet<VisitId>,
    /// When somebody was called last, by the clock of the node that decided.
    pub(crate) called: BTreeMap<VisitId, Timestamp>,
    pub(crate) begun: BTreeMap<ConsultationId, Begun>,
    /// Visits that had ended and were deleted as the clinic said.
    pub(crate) forgotten: BTreeSet<VisitId>,
}

impl Told {
    pub(crate) fn new(policy: Policy, steady: bool) -> Self {
        Self {
            policy,
            steady,
            services: BTreeMap::new(),
            practitioners: BTreeMap::new(),
            widest: BTreeMap::new(),
            arrived: BTreeSet::new(),
            gates: BTreeMap::new(),
            of: BTreeMap::new(),
            flagged: BTreeSet::new(),
            called: BTreeMap::new(),
            begun: BTreeMap::new(),
            forgotten: BTreeSet::new(),
        }
    }

    /// The ageing bound of a service.
    pub(crate) fn bound(&self, service: ServiceId) -> Millis {
        let service = self.services.get(&service);
        service.map(|it| it.order.bound).unwrap_or_default()
    }

    /// What a server reads from the store of somebody who arrives.
    pub(crate) fn complete(&self, arriving: &mut Arriving, known: Option<ServiceId>) {
        arriving.had = self.had(arriving.patient, known.unwrap_or(arriving.service));
    }

    /// What a server reads from the store of somebody whose visit is for a service.
    pub(crate) fn had(&self, patient: PatientId, service: ServiceId) -> Had {
        let others = self.services.keys().filter(|other| **other != service);
        let others = others.map(|other| (*other, self.history(patient, *other)));
        Had {
            here: self.history(patient, service),
            elsewhere: others.collect(),
        }
    }

    /// The patient's consultations that count for the quota of a service, as a server reads them from the store.
    pub(crate) fn history(&self, patient: PatientId, service: ServiceId) -> History {
        let of = |one: &Begun| one.patient == patient && one.service == service;
        let counted = self.begun.iter().filter(|(_, one)| of(one) && one.counts);
        let counted = counted.map(|(id, one)| Counted {
            consultation: *id,
            begun_at: one.at,
        });
        counted.collect::<Vec<_>>().into()
    }

    /// Takes in a commit that is about to be written over these rows.
    pub(crate) fn hear(&mut self, commit: &Commit, rows: &Rows) {
        for input in &commit.heard {
            self.hear_input(input, rows);
        }
        for record in &commit.records {
            if let Record::Consultation(one) = record {
                self.hear_consultation(one, rows, commit.now);
            }
            if let Record::Forget(visit) = record {
                let known = rows.visits.get(visit);
                let ended = known.is_some_and(|visit| !visit.state.is_active());
                self.forgotten.extend(ended.then_some(*visit));
            }
        }
        for entry in &commit.audit {
            self.hear_of_handing_on(&entry.act, commit);
            if let Act::Moved {
                visit,
                event: Event::Called { .. },
                ..
            } = &entry.act
            {
                self.called.insert(*visit, commit.now);
                self.hear_of_calling_back(*visit, rows);
            }
        }
    }

    fn hear_input(&mut self, input: &Input, rows: &Rows) {
        if let Input::SetService { service } = input {
            let widest = self.widest.entry(service.id).or_default();
            *widest = (*widest).max(service.order.bound);
            self.services.insert(service.id, (**service).clone());
        }
        if let Input::SetPractitioner { practitioner } = input {
            let card = (**practitioner).clone();
            self.practitioners.insert(card.id, card);
        }
        if let Input::AnswerForm { visit, answers, .. } = input
            && form::means_an_emergency(answers.expose())
        {
            self.flagged.insert(*visit);
        }
        if let Input::Arrive(arriving) = input {
            let known = rows.visits.get(&arriving.visit);
            let service = known.map_or(arriving.service, |visit| visit.service);
            // Who comes again to an appointment passes the gates of the first time.
            let first = |visit: &Visit| {
                visit.state == VisitState::Expected && visit.gates.gates().is_empty()
            };
            if known.is_none_or(first) {
                self.asked_of(arriving.visit, service);
            }
        }
    }

    /// Somebody who never came, and was asked nothing so far, is to pass the gates of their service when they are called back.
    fn hear_of_calling_back(&mut self, visit: VisitId, rows: &Rows) {
        if let Some(row) = rows.visits.get(&visit)
            && !self.of.contains_key(&visit)
        {
            self.asked_of(visit, row.service);
        }
    }

    /// A visit that is handed on to another service is to pass the gates of that one.
    fn hear_of_handing_on(&mut self, act: &Act, commit: &Commit) {
        let Act::Moved {
            visit,
            event: Event::Transferred { to },
            ..
        } = act
        else {
            return;
        };
        let mut rows = commit.records.iter().rev();
        let row = rows.find_map(|record| {
            if let Record::Visit(row) = record {
                (row.id == *visit).then_some(row.service)
            } else {
                None
            }
        });
        let service = match to {
            WaitingRoom::Service(service) => Some(*service),
            // Which of theirs it is for, the clinic says.
            WaitingRoom::Practitioner(_) => row,
        };
        if let Some(service) = service.filter(|it| self.of.get(visit) != Some(it)) {
            self.asked_of(*visit, service);
        }
    }

    /// A visit began, and is to pass the gates of a service.
    fn asked_of(&mut self, visit: VisitId, service: ServiceId) {
        self.of.insert(visit, service);
        let rules = self.services.get(&service).map(|it| it.gates.rules());
        let kinds = rules.unwrap_or_default().iter();
        let kinds = kinds.map(|rule| rule.requires.kind()).collect();
        self.gates.insert(visit, kinds);
    }

    fn hear_consultation(&mut self, one: &Consultation, rows: &Rows, now: Timestamp) {
        let begun = self.begun.entry(one.id).or_insert(Begun {
            practitioner: one.practitioner,
            visit: one.visit,
            patient: one.patient,
            service: one.service,
            at: now,
            left: None,
            counts: true,
        });
        let held = |one: &Consultation| one.ended.is_some() || one.held_since.is_some();
        let before = rows.consultations.get(&one.id).is_some_and(held);
        if held(one) && !before {
            begun.left = Some(now);
        }
        let quota = self.services.get(&one.service);
        let quota = quota.and_then(|service| service.quota.as_ref());
        if let (Some(ended), Some(quota)) = (one.ended, quota) {
            let lasted = ended.at.since(one.started_at);
            begun.counts = match ended.how {
                ConsultationEnd::Completed(conclusion) => conclusion != Conclusion::NoShow,
                ConsultationEnd::PatientLeft | ConsultationEnd::PatientLost => {
                    lasted >= quota.counts_after
                }
                ConsultationEnd::Transferred | ConsultationEnd::PractitionerLost => false,
            };
        }
    }
}
