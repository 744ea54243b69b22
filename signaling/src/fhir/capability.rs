//! CapabilityStatement: what can be read here, and how.

use serde_json::{Value, json};

use super::kind::{Appointment, AuditEvent, Consent, Encounter, Kind, QuestionnaireResponse};
use super::search::Meaning;
use super::{MEDIA_TYPE, Resource};

/// When what is stated here changed last.
const DATE: &str = "2026-11-26";

/// What can be read below this address.
pub(super) fn statement(base: &str) -> Resource {
    Resource::of(json!({
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": DATE,
        "kind": "instance",
        "software": { "name": "Vestibule", "version": env!("CARGO_PKG_VERSION") },
        "implementation": {
            "description": "Read views of one clinic's teleconsultations",
            "url": base,
        },
        "fhirVersion": "4.0.1",
        "format": [MEDIA_TYPE],
        "rest": [{
            "mode": "server",
            "security": {
                "description": "Authorization: Bearer with a key of the clinic that has the scope of the resource.",
            },
            "resource": [
                resource::<Appointment>(),
                resource::<AuditEvent>(),
                resource::<Consent>(),
                resource::<Encounter>(),
                resource::<QuestionnaireResponse>(),
            ],
        }],
    }))
}

fn resource<K: Kind>() -> Value {
    let parameters = K::PARAMETERS.iter();
    let parameters: Vec<Value> = parameters
        .map(|(name, meaning)| json!({ "name": name, "type": kind(*meaning) }))
        .collect();
    json!({
        "type": K::NAME,
        "documentation": format!("Needs the scope {}.", <K::Needs as crate::api::Needs>::SCOPE.word()),
        "interaction": [{ "code": "read" }, { "code": "search-type" }],
        "versioning": "no-version",
        "readHistory": false,
        "conditionalCreate": false,
        "conditionalUpdate": false,
        "conditionalDelete": "not-supported",
        "referencePolicy": ["logical"],
        "searchParam": parameters,
    })
}

/// The kind of parameter (R4, search-param-type).
fn kind(meaning: Meaning) -> &'static str {
    match meaning {
        Meaning::Patient | Meaning::Practitioner | Meaning::Person | Meaning::Visit => "reference",
        Meaning::Status(_) => "token",
        Meaning::Date => "date",
    }
}
