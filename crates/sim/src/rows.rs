//! The rows of the store.

use std::collections::{BTreeMap, BTreeSet};

use vestibule_clinic::{Consultation, Practitioner, Record, Service, State, Visit};
use vestibule_delivery::LogEntry;
use vestibule_vocab::{ConsultationId, PractitionerId, ServiceId, VisitId};

/// What a store holds that does nothing but write what it is told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Rows {
    pub(crate) services: BTreeMap<ServiceId, Service>,
    pub(crate) practitioners: BTreeMap<PractitionerId, Practitioner>,
    pub(crate) visits: BTreeMap<VisitId, Visit>,
    pub(crate) consultations: BTreeMap<ConsultationId, Consultation>,
    pub(crate) logs: BTreeMap<ConsultationId, Vec<LogEntry>>,
    /// Visits that had ended and were deleted as the clinic said.
    pub(crate) forgotten: BTreeSet<VisitId>,
}

impl Rows {
    pub(crate) fn write(&mut self, record: Record) {
        match record {
            Record::Service(one) => _ = self.services.insert(one.id, one),
            Record::Practitioner(one) => _ = self.practitioners.insert(one.id, one),
            Record::Visit(one) => _ = self.visits.insert(one.id, one),
            Record::Consultation(one) => {
                if one.ended.is_some() {
                    self.logs.remove(&one.id);
                }
                self.consultations.insert(one.id, one);
            }
            Record::Forget(visit) => self.forget(visit),
        }
    }

    pub(crate) fn write_log(&mut self, entry: LogEntry) {
        self.logs.entry(entry.consultation).or_default().push(entry);
    }

    fn forget(&mut self, visit: VisitId) {
        let ended = self.visits.remove(&visit);
        if ended.is_some_and(|visit| !visit.state.is_active()) {
            self.forgotten.insert(visit);
        }
        self.consultations.retain(|_, one| one.visit != visit);
    }

    /// Consultations that have not ended.
    pub(crate) fn under_way(&self) -> impl Iterator<Item = &Consultation> {
        self.consultations
            .values()
            .filter(|one| one.ended.is_none())
    }

    pub(crate) fn state(&self) -> State {
        State {
            services: self.services.values().cloned().collect(),
            practitioners: self.practitioners.values().cloned().collect(),
            visits: self.visits.values().cloned().collect(),
            consultations: self.consultations.values().cloned().collect(),
        }
    }
}
