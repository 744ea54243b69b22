//! What a commit touched, and what a node reads that is behind.

use std::collections::{BTreeMap, BTreeSet};

use vestibule_clinic::{Missed, Record, WaitingRoom};
use vestibule_delivery::LogEntry;
use vestibule_vocab::{ConsultationId, PatientId, PractitionerId, ServiceId, VisitId};

use crate::rows::Rows;
use crate::sessions::Person;
use crate::store::{Attendance, Commit, Run};

/// One row that was written or deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Row {
    Service(ServiceId),
    Practitioner(PractitionerId),
    Estimator(WaitingRoom),
    Regular(PatientId),
    Visit(VisitId),
    Consultation(ConsultationId),
    Log(ConsultationId),
    Person(Person),
}

impl Row {
    /// All that a commit touches.
    pub(crate) fn all_of(commit: &Commit) -> Vec<Self> {
        let records = commit.records.iter().map(|record| match record {
            Record::Service(it) => Self::Service(it.id),
            Record::Practitioner(it) => Self::Practitioner(it.id),
            Record::Estimator(of, _) => Self::Estimator(*of),
            Record::Regular(patient, _) => Self::Regular(*patient),
            Record::Visit(it) => Self::Visit(it.id),
            Record::Forget(visit) => Self::Visit(*visit),
            Record::Consultation(it) => Self::Consultation(it.id),
        });
        let logs = commit.log.iter().map(|entry| Self::Log(entry.consultation));
        let people = commit.people.iter().map(|one| match one {
            Attendance::Present(who, _) | Attendance::Gone(who, _) => Self::Person(*who),
        });
        records.chain(logs).chain(people).collect()
    }
}

/// The rows that others wrote, as they are now.
#[derive(Debug, Default)]
pub(crate) struct Delta {
    pub(crate) missed: Missed,
    /// Whole logs, of those that changed.
    pub(crate) logs: BTreeMap<ConsultationId, Vec<LogEntry>>,
    /// Who came, and who went.
    pub(crate) people: Vec<(Person, Option<Run>)>,
}

impl Delta {
    pub(crate) fn read(
        touched: &BTreeSet<Row>,
        rows: &Rows,
        attendance: &BTreeMap<Person, Run>,
    ) -> Self {
        let mut delta = Self::default();
        for row in touched {
            delta.add(*row, rows, attendance);
        }
        delta
    }

    fn add(&mut self, row: Row, rows: &Rows, attendance: &BTreeMap<Person, Run>) {
        let missed = &mut self.missed.rows;
        match row {
            Row::Service(id) => missed.services.extend(rows.services.get(&id).cloned()),
            Row::Practitioner(id) => {
                let found = rows.practitioners.get(&id).cloned();
                missed.practitioners.extend(found);
            }
            Row::Estimator(of) => {
                let found = rows.estimators.get(&of).cloned();
                missed.estimators.extend(found.map(|it| (of, it)));
            }
            Row::Regular(patient) => match rows.regulars.get(&patient) {
                Some(who) => missed.regulars.push((patient, *who)),
                None => self.missed.left.push(patient),
            },
            Row::Visit(id) => match rows.visits.get(&id) {
                Some(visit) => missed.visits.push(visit.clone()),
                None => self.missed.forgotten.push(id),
            },
            Row::Consultation(id) => {
                let found = rows.consultations.get(&id).cloned();
                missed.consultations.extend(found);
            }
            Row::Log(id) => {
                if let Some(log) = rows.logs.get(&id) {
                    self.logs.insert(id, log.clone());
                }
            }
            Row::Person(who) => self.people.push((who, attendance.get(&who).copied())),
        }
    }
}
