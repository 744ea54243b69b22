//! Consent: what a visit's patient said to the clinic's text, and all that became of it.

use serde_json::{Value, json};
use vestibule_clinic::{ConsentAct, ConsentEntry, Visit};

use super::names::OURS;
use super::{Found, Names, Resource, When, concept, instant};

const SCOPE: &str = "http://terminology.hl7.org/CodeSystem/consentscope";
const LOINC: &str = "http://loinc.org";

/// What a visit's patient said about consent, when they said anything.
pub(super) fn consent(names: &Names, visit: &Visit) -> Option<Found> {
    let history = visit.consent.history();
    let last = history.last()?;
    let status = status(last.act);
    let resource = json!({
        "resourceType": "Consent",
        "id": visit.id,
        "extension": history.iter().map(said).collect::<Vec<_>>(),
        "status": status,
        "scope": concept(SCOPE, "patient-privacy", "Privacy Consent"),
        "category": [concept(LOINC, "59284-0", "Patient Consent")],
        "patient": names.patient(visit.patient),
        "dateTime": instant(last.at),
        "performer": [names.patient(visit.patient)],
        "organization": [names.organization()],
        "policyRule": concept(&names.system(), last.version.as_str(), "The clinic's text for patients"),
        "provision": provision(history, last),
    });
    Some(Found {
        resource: Resource::of(resource),
        id: visit.id.to_text(),
        status,
        patient: Some(visit.patient),
        practitioner: None,
        visit: Some(visit.id),
        when: Some(When::at(last.at)),
    })
}

/// The code (R4, consent-state-codes).
fn status(act: ConsentAct) -> &'static str {
    match act {
        ConsentAct::Given => "active",
        ConsentAct::Refused => "rejected",
        ConsentAct::Revoked => "inactive",
    }
}

/// What is permitted, from when to when; or denied.
fn provision(history: &[ConsentEntry], last: &ConsentEntry) -> Value {
    let given = history.iter().rev();
    let mut given = given.filter(|entry| entry.act == ConsentAct::Given);
    let given = given.next().map(|entry| instant(entry.at));
    match last.act {
        ConsentAct::Given => json!({ "type": "permit", "period": { "start": given } }),
        ConsentAct::Revoked => json!({
            "type": "permit",
            "period": { "start": given, "end": instant(last.at) },
        }),
        ConsentAct::Refused => {
            json!({ "type": "deny", "period": { "start": instant(last.at) } })
        }
    }
}

/// One thing that the patient said.
fn said(entry: &ConsentEntry) -> Value {
    let act = match entry.act {
        ConsentAct::Given => "given",
        ConsentAct::Refused => "refused",
        ConsentAct::Revoked => "revoked",
    };
    json!({
        "url": format!("{OURS}consent-act"),
        "extension": [
            { "url": "act", "valueCode": act },
            { "url": "at", "valueInstant": instant(entry.at) },
            { "url": "version", "valueCode": entry.version },
        ],
    })
}
