//! People and things with numbers for names.

use vestibule_clinic::{Code, Language, WaitingRoom};
use vestibule_vocab::{
    ConsultationId, InstanceId, PatientId, PractitionerId, Redacted, ServiceId, VisitId,
};

use crate::store::{Key, Run};

/// Random bits that show as a number.
fn bits(number: u32) -> u128 {
    u128::from(number) << 96
}

pub(crate) fn patient(number: u32) -> PatientId {
    PatientId::from_random(bits(number))
}

pub(crate) fn practitioner(number: u32) -> PractitionerId {
    // Apart from the patients, who are participants beside them.
    PractitionerId::from_random(bits(0xd0c0_0000 + number))
}

pub(crate) fn service(number: u32) -> ServiceId {
    ServiceId::from_random(bits(number))
}

pub(crate) fn pool(number: u32) -> WaitingRoom {
    WaitingRoom::Service(service(number))
}

pub(crate) fn own(number: u32) -> WaitingRoom {
    WaitingRoom::Practitioner(practitioner(number))
}

pub(crate) fn french() -> Option<Language> {
    Language::parse("fr").ok()
}

pub(crate) fn words(text: &str) -> Redacted<String> {
    Redacted::new(text.to_owned())
}

/// The version of the text that people consent to.
pub(crate) fn version() -> Option<Code> {
    Code::new("v1").ok()
}

/// The outside system that knows who has paid.
pub(crate) fn bank() -> Option<Code> {
    Code::new("bank").ok()
}

/// Ids that were never given before.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ids(u32);

impl Ids {
    fn number(&mut self) -> u32 {
        self.0 = self.0.saturating_add(1);
        self.0
    }

    fn next(&mut self) -> u128 {
        bits(self.number())
    }

    pub(crate) fn visit(&mut self) -> VisitId {
        VisitId::from_random(self.next())
    }

    pub(crate) fn consultation(&mut self) -> ConsultationId {
        ConsultationId::from_random(self.next())
    }

    pub(crate) fn page(&mut self) -> InstanceId {
        InstanceId::from_random(self.next())
    }

    pub(crate) fn run(&mut self) -> Run {
        Run(self.number())
    }

    pub(crate) fn key(&mut self) -> Key {
        Key(self.number())
    }
}
