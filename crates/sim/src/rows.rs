//! The rows of the store.

use std::collections::BTreeMap;
use std::sync::Arc;

use vestibule_clinic::estimate::Estimator;
use vestibule_clinic::{
    Consultation, Practitioner, Record, Service, State, Visit, VisitState, WaitingRoom,
};
use vestibule_delivery::LogEntry;
use vestibule_vocab::{ConsultationId, PatientId, PractitionerId, ServiceId, VisitId};

/// What a store holds that does nothing but write what it is told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Rows {
    pub(crate) services: BTreeMap<ServiceId, Service>,
    pub(crate) practitioners: BTreeMap<PractitionerId, Practitioner>,
    pub(crate) regulars: BTreeMap<PatientId, PractitionerId>,
    pub(crate) estimators: BTreeMap<WaitingRoom, Estimator>,
    pub(crate) visits: BTreeMap<VisitId, Visit>,
    pub(crate) consultations: BTreeMap<ConsultationId, Consultation>,
    pub(crate) logs: BTreeMap<ConsultationId, Vec<LogEntry>>,
}

impl Rows {
    pub(crate) fn write(&mut self, record: Record) {
        match record {
            Record::Service(one) => _ = self.services.insert(one.id, *one),
            Record::Practitioner(one) => {
                _ = self.practitioners.insert(one.id, Arc::unwrap_or_clone(one))
            }
            Record::Regular(patient, Some(who)) => _ = self.regulars.insert(patient, who),
            Record::Regular(patient, None) => _ = self.regulars.remove(&patient),
            Record::Estimator(of, one) => _ = self.estimators.insert(of, *one),
            Record::Visit(one) => _ = self.visits.insert(one.id, Arc::unwrap_or_clone(one)),
            Record::Consultation(one) => {
                if one.ended.is_some() {
                    self.logs.remove(&one.id);
                }
                self.consultations.insert(one.id, *one);
            }
            Record::Forget(visit) => self.forget(visit),
        }
    }

    pub(crate) fn write_log(&mut self, entry: LogEntry) {
        self.logs.entry(entry.consultation).or_default().push(entry);
    }

    fn forget(&mut self, visit: VisitId) {
        self.visits.remove(&visit);
        self.consultations.retain(|_, one| one.visit != visit);
    }

    /// Consultations that have not ended.
    pub(crate) fn under_way(&self) -> impl Iterator<Item = &Consultation> {
        self.consultations
            .values()
            .filter(|one| one.ended.is_none())
    }

    /// With whom a visit is: who has it in a consultation, or called it.
    pub(crate) fn with_whom(&self, visit: &Visit) -> Option<PractitionerId> {
        if let VisitState::Admitted { practitioner } = visit.state {
            return Some(practitioner);
        }
        let consultation = self.consultations.get(&visit.state.consultation()?)?;
        Some(consultation.practitioner)
    }

    pub(crate) fn state(&self) -> State {
        State {
            services: self.services.values().cloned().collect(),
            practitioners: self.practitioners.values().cloned().collect(),
            regulars: self.regulars.clone().into_iter().collect(),
            erased: Vec::new(),
            estimators: self.estimators.clone().into_iter().collect(),
            visits: self.visits.values().cloned().collect(),
            consultations: self.consultations.values().cloned().collect(),
        }
    }
}
