//! What a commit touched, packed into one column: a letter and sixteen bytes for each.

use std::collections::BTreeSet;

use vestibule_clinic::{Record, WaitingRoom};
use vestibule_vocab::{
    ConsultationId, ParticipantId, PatientId, PractitionerId, ServiceId, VisitId,
};

use super::Write;
use super::writings::WritingKind;

/// The rows that commits touched.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Touched {
    pub(super) services: BTreeSet<ServiceId>,
    pub(super) practitioners: BTreeSet<PractitionerId>,
    /// Patients who have another regular practitioner, or none, or who were erased.
    pub(super) patients: BTreeSet<PatientId>,
    /// Of which waiting rooms the pace is known better.
    pub(super) estimators: BTreeSet<WaitingRoom>,
    pub(super) visits: BTreeSet<VisitId>,
    pub(super) consultations: BTreeSet<ConsultationId>,
    /// Consultations whose logs changed.
    pub(super) logs: BTreeSet<ConsultationId>,
    /// Consultations of which a patient told something.
    pub(super) told: BTreeSet<ConsultationId>,
    /// People who came or went.
    pub(super) people: BTreeSet<ParticipantId>,
}

impl Touched {
    pub(super) fn by(writes: &[Write]) -> Self {
        let mut touched = Self::default();
        for write in writes {
            touched.add(write);
        }
        touched
    }

    fn add(&mut self, write: &Write) {
        match write {
            Write::Record(Record::Service(it)) => _ = self.services.insert(it.id),
            Write::Record(Record::Practitioner(it)) => _ = self.practitioners.insert(it.id),
            Write::Record(Record::Estimator(of, _)) => _ = self.estimators.insert(*of),
            Write::Record(Record::Regular(patient, _)) => _ = self.patients.insert(*patient),
            Write::Record(Record::Visit(visit)) => _ = self.visits.insert(visit.id),
            Write::Record(Record::Forget(visit)) => _ = self.visits.insert(*visit),
            Write::Record(Record::Consultation(it)) => _ = self.consultations.insert(it.id),
            Write::Call(consultation, _) => _ = self.consultations.insert(*consultation),
            Write::Log(entry) => _ = self.logs.insert(entry.consultation),
            Write::DropLog(consultation, _) | Write::CloseLog(consultation) => {
                self.logs.insert(*consultation);
            }
            Write::Writing(it) => match it.kind {
                WritingKind::Feedback => _ = self.told.insert(it.consultation),
                WritingKind::Note => {}
            },
            Write::Present(subject) => _ = self.people.insert(subject.participant()),
            Write::Gone(participant, _) => _ = self.people.insert(*participant),
            // The others take it from the file at their own start.
            Write::Unchosen(_)
            | Write::Audit(_)
            | Write::Answer(_)
            | Write::Talk(..)
            | Write::Bury(_) => {}
        }
    }

    /// How many rows there are to be read.
    pub(super) fn len(&self) -> usize {
        let catalogue = self.services.len() + self.practitioners.len() + self.estimators.len();
        let course =
            self.visits.len() + self.consultations.len() + self.logs.len() + self.told.len();
        catalogue + course + self.people.len() + self.patients.len()
    }

    pub(super) fn pack(&self) -> Vec<u8> {
        let services = self.services.iter().map(|id| (b's', *id.as_bytes()));
        let practitioners = self.practitioners.iter().map(|id| (b'd', *id.as_bytes()));
        let estimators = self.estimators.iter().map(|of| match of {
            WaitingRoom::Service(id) => (b'e', *id.as_bytes()),
            WaitingRoom::Practitioner(id) => (b'f', *id.as_bytes()),
        });
        let catalogue = services.chain(practitioners).chain(estimators);
        let visits = self.visits.iter().map(|id| (b'v', *id.as_bytes()));
        let consultations = self.consultations.iter().map(|id| (b'c', *id.as_bytes()));
        let logs = self.logs.iter().map(|id| (b'l', *id.as_bytes()));
        let told = self.told.iter().map(|id| (b't', *id.as_bytes()));
        let people = self.people.iter().map(|id| (b'p', *id.as_bytes()));
        let patients = self.patients.iter().map(|id| (b'r', *id.as_bytes()));
        let all = catalogue
            .chain(patients)
            .chain(visits)
            .chain(consultations)
            .chain(logs)
            .chain(told)
            .chain(people);
        all.flat_map(|(letter, id)| std::iter::once(letter).chain(id))
            .collect()
    }

    /// Adds what was packed; `None` when it was not packed here.
    pub(super) fn unpack(&mut self, packed: &[u8]) -> Option<()> {
        for one in packed.chunks(17) {
            let (letter, id) = one.split_first()?;
            let id = id.try_into().ok()?;
            match letter {
                b's' => _ = self.services.insert(ServiceId::from_bytes(id)),
                b'd' => _ = self.practitioners.insert(PractitionerId::from_bytes(id)),
                b'r' => _ = self.patients.insert(PatientId::from_bytes(id)),
                b'e' => {
                    let of = WaitingRoom::Service(ServiceId::from_bytes(id));
                    self.estimators.insert(of);
                }
                b'f' => {
                    let of = WaitingRoom::Practitioner(PractitionerId::from_bytes(id));
                    self.estimators.insert(of);
                }
                b'v' => _ = self.visits.insert(VisitId::from_bytes(id)),
                b'c' => _ = self.consultations.insert(ConsultationId::from_bytes(id)),
                b'l' => _ = self.logs.insert(ConsultationId::from_bytes(id)),
                b't' => _ = self.told.insert(ConsultationId::from_bytes(id)),
                b'p' => _ = self.people.insert(ParticipantId::from_bytes(id)),
                _ => return None,
            }
        }
        Some(())
    }
}
