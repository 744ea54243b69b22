//! Who and what is named in resources: by ids that the clinic gave, never by a name.

use serde_json::{Value, json};
use vestibule_clinic::Service;
use vestibule_vocab::{ApiKeyId, ParticipantId, PatientId, PractitionerId, VisitId};

use crate::store::ClinicRow;

/// Where our own extensions and codes are defined: docs/fhir.md. Not an address, as the project has no domain of its own.
pub(super) const OURS: &str = "urn:vestibule:fhir:";

/// The clinic, in whose system its ids are.
#[derive(Clone, Debug)]
pub(crate) struct Names(pub(crate) ClinicRow);

impl Names {
    /// The system of the ids that this clinic gave: no other clinic's.
    pub(super) fn system(&self) -> String {
        format!("urn:uuid:{}", self.0.id.to_text())
    }

    /// A patient: the pseudonym.
    pub(super) fn patient(&self, id: PatientId) -> Value {
        self.named("Patient", &id.to_text())
    }

    /// A practitioner.
    pub(super) fn practitioner(&self, id: PractitionerId) -> Value {
        self.named("Practitioner", &id.to_text())
    }

    /// Somebody who comes along with a patient.
    pub(super) fn companion(&self, id: ParticipantId) -> Value {
        self.named("RelatedPerson", &id.to_text())
    }

    /// Another system, by the API key that it has.
    pub(super) fn system_of(&self, key: ApiKeyId) -> Value {
        self.named("Device", &key.to_text())
    }

    /// A service, which has a name that everybody may read.
    pub(super) fn service(&self, service: &Service) -> Value {
        let mut named = self.named("HealthcareService", &service.id.to_text());
        if let Value::Object(members) = &mut named {
            members.insert("display".to_owned(), json!(super::words(&service.name)));
        }
        named
    }

    /// A service as a concept.
    pub(super) fn service_type(&self, service: &Service) -> Value {
        super::concept(
            &self.system(),
            &service.id.to_text(),
            &super::words(&service.name),
        )
    }

    /// A visit, which is no resource itself.
    pub(super) fn visit(&self, id: VisitId) -> Value {
        json!({ "identifier": self.identifier(&id.to_text()) })
    }

    /// The clinic itself.
    pub(super) fn organization(&self) -> Value {
        json!({
            "type": "Organization",
            "identifier": { "system": "urn:ietf:rfc:3986", "value": self.system() },
            "display": super::words(&self.0.name),
        })
    }

    /// A logical reference (R4, section 2.3.0.2): there is nothing to be read behind it.
    fn named(&self, kind: &str, id: &str) -> Value {
        json!({ "type": kind, "identifier": self.identifier(id) })
    }

    /// An id in the clinic's system.
    pub(super) fn identifier(&self, id: &str) -> Value {
        json!({ "system": self.system(), "value": id })
    }
}
