//! The rows of a batch by their tables, until they are written: one statement for many rows, and a row that was decided twice
//! is written once.

use std::collections::HashMap;
use std::hash::Hash;

use vestibule_clinic::estimate::Estimator;
use vestibule_clinic::{Consultation, Practitioner, Record, Service, Visit, WaitingRoom};
use vestibule_control::Talk;
use vestibule_vocab::{CallId, ConsultationId, PatientId, PractitionerId, ServiceId, VisitId};

use super::answers::{KeptAnswer, put_answer};
use super::calls::{put_calls, put_talk_rows, put_talks};
use super::commit::{
    Open, Write, put_consultations, put_estimators, put_practitioners, put_regulars, put_services,
    put_unchosen, put_visits,
};
use super::log::{LogChange, change_logs};
use super::nodes::{Coming, NodeId, change_attendance};
use super::rows::CallIds;
use super::vault::{Vault, keys_of};
use super::writings::{Writing, put_writing};

/// The last of each key, in the order in which the keys first came.
pub(super) struct Latest<K, V> {
    places: HashMap<K, usize>,
    pub(super) values: Vec<V>,
}

impl<K, V> Default for Latest<K, V> {
    fn default() -> Self {
        Self {
            places: HashMap::new(),
            values: Vec::new(),
        }
    }
}

impl<K: Eq + Hash, V> Latest<K, V> {
    pub(super) fn put(&mut self, key: K, value: V) {
        let next = self.values.len();
        let place = *self.places.entry(key).or_insert(next);
        match self.values.get_mut(place) {
            Some(before) => *before = value,
            None => self.values.push(value),
        }
    }

    pub(super) fn get(&self, key: &K) -> Option<&V> {
        self.values.get(*self.places.get(key)?)
    }
}

/// The rows of a batch.
#[derive(Default)]
pub(super) struct Gathered<'w> {
    services: Latest<ServiceId, &'w Service>,
    /// What is consulted for from now on when nobody says.
    unchosen: Option<ServiceId>,
    practitioners: Latest<PractitionerId, &'w Practitioner>,
    regulars: Latest<PatientId, (PatientId, Option<PractitionerId>)>,
    estimators: Latest<WaitingRoom, (WaitingRoom, &'w Estimator)>,
    visits: Latest<VisitId, &'w Visit>,
    consultations: Latest<ConsultationId, &'w Consultation>,
    calls: Latest<ConsultationId, (ConsultationId, &'w CallIds)>,
    /// Every call that any consultation had, also those that were followed by another.
    talk_rows: Vec<(CallId, ConsultationId)>,
    talks: Latest<CallId, (CallId, Talk)>,
    writings: Vec<&'w Writing>,
    logs: Vec<LogChange<'w>>,
    people: Vec<Coming>,
    answers: Vec<&'w KeptAnswer>,
}

impl<'w> Gathered<'w> {
    /// Adds what a decision writes. What it deletes comes back: it goes after all that was gathered before.
    pub(super) fn add(&mut self, write: &'w Write) -> Option<VisitId> {
        match write {
            Write::Record(record) => return self.record(record),
            // All of a batch are added at its end, in one go.
            Write::Audit(_) => {}
            Write::Unchosen(service) => self.unchosen = Some(*service),
            Write::Answer(kept) => self.answers.push(kept),
            Write::Call(consultation, call) => {
                self.calls.put(*consultation, (*consultation, call));
                self.talk_rows.push((call.call, *consultation));
            }
            Write::Talk(call, talk) => self.talks.put(*call, (*call, *talk)),
            Write::Writing(writing) => self.writings.push(writing),
            Write::Log(entry) => self.logs.push(LogChange::Added(entry)),
            Write::DropLog(consultation, sequences) => {
                let dropped = sequences
                    .iter()
                    .map(|it| LogChange::Dropped(*consultation, *it));
                self.logs.extend(dropped);
            }
            Write::CloseLog(consultation) => self.logs.push(LogChange::Closed(*consultation)),
            Write::Present(subject) => self.people.push(Coming::Here(*subject)),
            Write::Gone(participant, node) => self.people.push(Coming::Gone(*participant, *node)),
            Write::Bury(node) => self.people.push(Coming::Buried(*node)),
        }
        None
    }

    fn record(&mut self, record: &'w Record) -> Option<VisitId> {
        match record {
            Record::Service(service) => self.services.put(service.id, service),
            Record::Practitioner(card) => self.practitioners.put(card.id, card),
            Record::Estimator(of, estimator) => self.estimators.put(*of, (*of, estimator)),
            Record::Regular(patient, who) => self.regulars.put(*patient, (*patient, *who)),
            Record::Visit(visit) => self.visits.put(visit.id, visit),
            Record::Consultation(it) => self.consultations.put(it.id, it),
            Record::Forget(visit) => return Some(*visit),
        }
        None
    }

    /// Writes all: what others refer to comes first.
    pub(super) async fn write(
        self,
        (transaction, vault): (Open<'_>, &Vault),
        node: NodeId,
    ) -> Result<(), sqlx::Error> {
        let keys = keys_of(transaction, vault, self.patients()).await?;
        put_services(transaction, &self.services.values).await?;
        if let Some(service) = self.unchosen {
            put_unchosen(transaction, service).await?;
        }
        put_practitioners(transaction, &self.practitioners.values).await?;
        put_regulars(transaction, &self.regulars.values).await?;
        put_estimators(transaction, &self.estimators.values).await?;
        put_visits((transaction, &keys), self.visits.values).await?;
        put_consultations(transaction, &self.consultations, &self.calls).await?;
        put_calls(transaction, &self.calls.values).await?;
        put_talk_rows(transaction, &self.talk_rows).await?;
        put_talks(transaction, &self.talks.values).await?;
        for writing in self.writings {
            put_writing((transaction, &keys), writing).await?;
        }
        change_logs(transaction, &self.logs).await?;
        change_attendance(transaction, &self.people, node).await?;
        for answer in self.answers {
            put_answer(transaction, answer).await?;
        }
        Ok(())
    }

    /// Those of whom something is sealed.
    fn patients(&self) -> Vec<PatientId> {
        let visits = self.visits.values.iter().map(|it| it.patient);
        let writings = self.writings.iter().map(|it| it.patient);
        visits.chain(writings).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_of_each_key_stands_where_the_first_did() {
        let mut latest = Latest::default();
        for (key, value) in [('b', 1), ('a', 2), ('b', 3)] {
            latest.put(key, value);
        }
        assert_eq!(latest.values, [3, 2]);
        assert_eq!((latest.get(&'a'), latest.get(&'c')), (Some(&2), None));
    }
}
