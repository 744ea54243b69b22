//! The way of a decision to the disk, which stands alone: whoever measures it measures this, and no copy of it.

use std::error::Error;
use std::path::Path;
use std::time::{Duration, Instant};

use vestibule_clinic::quota::Had;
use vestibule_clinic::{
    Arriving, Choice, Clinic, Conclusion, Decision, Input, Policy, Practitioner, Record, Service,
};
use vestibule_vocab::{
    ClinicId, ConsultationId, PatientId, PractitionerId, Redacted, ServiceId, Timestamp, VisitId,
};

use crate::random;
use crate::store::{BatchKey, CallIds, ClinicRow, Store, Vault, Write};

/// Why nothing could be measured.
pub type WardError = Box<dyn Error + Send + Sync>;

/// A clinic on a store of its own, in which every practitioner admits somebody at once, again and again.
pub struct Ward {
    store: Store,
    clinic: Clinic,
    service: ServiceId,
    practitioners: Vec<PractitionerId>,
    now: Timestamp,
}

impl Ward {
    /// Makes one with so many practitioners on a new SQLite file in this directory.
    ///
    /// # Errors
    /// When the store cannot be made.
    pub async fn open(directory: &Path, practitioners: u32) -> Result<Self, WardError> {
        let vault = Vault::of(&Vault::generate()?)?;
        let store = Store::open(&directory.join("store"), vault).await?;
        let service = ServiceId::from_random(random::bits()?);
        let card = Service::named(service, "General practice");
        let row = ClinicRow {
            id: ClinicId::from_random(random::bits()?),
            name: "Clinic".to_owned(),
            service,
        };
        store.clinic_or(&row, &card).await?;
        let mut ward = Self {
            store,
            clinic: Clinic::new(Policy::default()),
            service,
            practitioners: Vec::new(),
            now: Timestamp(1),
        };
        let mut inputs = vec![Input::SetService {
            service: Box::new(card),
        }];
        for _ in 0..practitioners {
            let practitioner = PractitionerId::from_random(random::bits()?);
            ward.practitioners.push(practitioner);
            let card = Practitioner::named(practitioner, "Dr Martin", [service]);
            let practitioner_card = Box::new(card);
            inputs.push(Input::SetPractitioner {
                practitioner: practitioner_card,
            });
            inputs.push(Input::PractitionerConnected { practitioner });
        }
        ward.commit(inputs).await?;
        Ok(ward)
    }

    /// Every practitioner admits somebody, all in one batch: how long it took until the disk had it. Before that they
    /// arrive, and afterwards they go, which does not count.
    ///
    /// # Errors
    /// When the store fails, or a rule forbids it.
    pub async fn admit_all(&mut self) -> Result<Duration, WardError> {
        let (mut arrivals, mut admissions, mut endings) = (Vec::new(), Vec::new(), Vec::new());
        for practitioner in self.practitioners.clone() {
            let (visit, consultation) = (
                VisitId::from_random(random::bits()?),
                ConsultationId::from_random(random::bits()?),
            );
            let patient = PatientId::from_random(random::bits()?);
            arrivals.push(self.arrival(patient, visit));
            arrivals.push(Input::PatientConnected { patient });
            let decided = |decision| Input::Decided {
                practitioner,
                decision,
            };
            admissions.push(decided(Decision::Admit {
                visit,
                consultation,
                overtake: None,
            }));
            endings.push(decided(Decision::End {
                consultation,
                conclusion: Conclusion::Done,
            }));
        }
        self.commit(arrivals).await?;
        let begin = Instant::now();
        self.commit(admissions).await?;
        let spent = begin.elapsed();
        self.commit(endings).await?;
        Ok(spent)
    }

    fn arrival(&self, patient: PatientId, visit: VisitId) -> Input {
        Input::Arrive(Box::new(Arriving {
            patient,
            visit,
            service: self.service,
            choice: Choice::Next,
            language: None,
            name: Redacted::new("Ada Peeters".to_owned()),
            reason: Redacted::new("A cough for three days".to_owned()),
            had: Had::default(),
        }))
    }

    /// Decides all of these and stores what follows, in one transaction.
    async fn commit(&mut self, inputs: Vec<Input>) -> Result<(), WardError> {
        let turn = self.store.turn().await?;
        self.now = self.now.plus(vestibule_vocab::Millis(1));
        let mut writes = Vec::new();
        for input in inputs {
            let outputs = self.clinic.handle(self.now, input);
            outputs.answer?;
            for record in outputs.records {
                let began = match &record {
                    Record::Consultation(it) if it.ended.is_none() => {
                        let people = [it.patient.into(), it.practitioner.into()];
                        Some((it.id, CallIds::new(people)?))
                    }
                    Record::Consultation(_)
                    | Record::Service(_)
                    | Record::Practitioner(_)
                    | Record::Estimator(..)
                    | Record::Regular(..)
                    | Record::Visit(_)
                    | Record::Forget(_) => None,
                };
                writes.push(Write::Record(record));
                if let Some((consultation, call)) = began {
                    writes.push(Write::Call(consultation, call));
                }
            }
            writes.extend(outputs.audit.into_iter().map(Write::Audit));
        }
        Ok(turn.commit(BatchKey::new()?, &writes).await?)
    }
}
