//! AuditEvent: one line of the audit log, with its place in the chain.

use serde::Deserialize;
use serde_json::{Value, json};
use vestibule_clinic::audit::{Act, Actor, Entry};
use vestibule_vocab::{PatientId, PractitionerId, VisitId};

use super::names::OURS;
use super::{Found, Names, Resource, When, coding, instant};
use crate::store::Line as AuditLine;

const DICOM: &str = "http://dicom.nema.org/resources/ontology/DCM";
const SOURCE: &str = "http://terminology.hl7.org/CodeSystem/security-source-type";

/// The word of an act, as the log has it.
#[derive(Deserialize)]
struct Tagged {
    act: Tag,
}

#[derive(Deserialize)]
struct Tag {
    #[serde(rename = "type")]
    kind: String,
    event: Option<EventTag>,
    step: Option<String>,
}

#[derive(Deserialize)]
struct EventTag {
    #[serde(rename = "type")]
    kind: String,
}

/// A line of the log; none for one that this program cannot read, which a later version wrote.
pub(super) fn audit_event(names: &Names, line: &AuditLine) -> Option<Found> {
    let entry: Entry = serde_json::from_str(&line.entry).ok()?;
    let Tagged { act } = serde_json::from_str(&line.entry).ok()?;
    let about = About::of(&entry.act);
    let (acting, by) = people(entry.actor);
    let patient = about.patient.or(acting);
    let practitioner = by.or(about.practitioner);
    let event = act.event.map(|event| event.kind);
    let words = [Some(act.kind), event, act.step];
    let words = words.into_iter().flatten();
    let subtype: Vec<Value> = words.map(|word| act_code(&word)).collect();
    let resource = json!({
        "resourceType": "AuditEvent",
        "id": line.sequence.to_string(),
        "type": about.kind(),
        "subtype": subtype,
        "action": about.action,
        "recorded": instant(entry.at),
        "outcome": "0",
        "agent": [agent(names, entry.actor)],
        "source": {
            "observer": names.organization(),
            "type": [coding(SOURCE, "4", "Application Server")],
        },
        "entity": entities(names, &about, line),
    });
    Some(Found {
        resource: Resource::of(resource),
        id: line.sequence.to_string(),
        status: "",
        patient,
        practitioner,
        visit: about.visit,
        when: Some(When::at(entry.at)),
    })
}

fn act_code(word: &str) -> Value {
    json!({ "system": format!("{OURS}act"), "code": word })
}

/// What an act is about, and whether it makes, changes or removes it (R4, audit-event-action).
struct About {
    visit: Option<VisitId>,
    /// Whose data it is about, when it is about no visit.
    patient: Option<PatientId>,
    practitioner: Option<PractitionerId>,
    action: &'static str,
}

impl About {
    fn of(act: &Act) -> Self {
        let of_visit = |visit: &VisitId, action| Self {
            visit: Some(*visit),
            patient: None,
            practitioner: None,
            action,
        };
        let of_practitioner = |practitioner: &PractitionerId| Self {
            visit: None,
            patient: None,
            practitioner: Some(*practitioner),
            action: "U",
        };
        match act {
            Act::ServiceSet { .. } | Act::ClockSetForward { .. } => Self {
                visit: None,
                patient: None,
                practitioner: None,
                action: "U",
            },
            Act::PractitionerSet { practitioner } | Act::DutySet { practitioner, .. } => {
                of_practitioner(practitioner)
            }
            Act::Booked { visit, .. } | Act::WalkedIn { visit, .. } => of_visit(visit, "C"),
            Act::Moved { visit, .. }
            | Act::Ranked { visit, .. }
            | Act::Redirected { visit, .. }
            | Act::WaitedOn { visit }
            | Act::Gated { visit, .. }
            | Act::Consented { visit, .. }
            | Act::Accompanied { visit, .. } => of_visit(visit, "U"),
            Act::Forgotten { visit } => of_visit(visit, "D"),
            Act::RegularSet {
                patient,
                practitioner,
            } => Self {
                visit: None,
                patient: Some(*patient),
                practitioner: *practitioner,
                action: "U",
            },
            Act::Erased { patient } => Self {
                visit: None,
                patient: Some(*patient),
                practitioner: None,
                action: "D",
            },
        }
    }

    /// Of a patient's passage, or of the clinic itself.
    fn kind(&self) -> Value {
        match (self.visit, self.patient) {
            (Some(_), _) | (_, Some(_)) => coding(DICOM, "110110", "Patient Record"),
            (None, None) => coding(DICOM, "110100", "Application Activity"),
        }
    }
}

fn people(actor: Actor) -> (Option<PatientId>, Option<PractitionerId>) {
    match actor {
        Actor::Patient(patient) => (Some(patient), None),
        Actor::Practitioner(practitioner) => (None, Some(practitioner)),
        Actor::Companion(_) | Actor::Administration | Actor::System(_) | Actor::Time => {
            (None, None)
        }
    }
}

fn agent(names: &Names, actor: Actor) -> Value {
    let (role, who) = match actor {
        Actor::Patient(id) => ("patient", names.patient(id)),
        Actor::Practitioner(id) => ("practitioner", names.practitioner(id)),
        Actor::Companion(id) => ("companion", names.companion(id)),
        Actor::Administration => ("administration", names.organization()),
        Actor::System(id) => ("system", names.system_of(id)),
        Actor::Time => ("time", names.organization()),
    };
    let code = json!({ "system": format!("{OURS}actor"), "code": role });
    json!({ "role": [{ "coding": [code] }], "who": who, "requestor": true })
}

/// What it was about, and the line as it was hashed: with those before it the chain can be checked.
fn entities(names: &Names, about: &About, line: &AuditLine) -> Vec<Value> {
    let visit = about
        .visit
        .map(|visit| json!({ "what": names.visit(visit) }));
    let patient = about.patient;
    let patient = patient.map(|id| json!({ "what": names.patient(id) }));
    let practitioner = about.practitioner;
    let practitioner = practitioner.map(|id| json!({ "what": names.practitioner(id) }));
    let hash = line.hash.iter().map(|byte| format!("{byte:02x}"));
    let hash: String = hash.collect();
    let detail = |kind: &str, value: &str| json!({ "type": kind, "valueString": value });
    let chain = json!({
        "name": format!("line {} of the audit log", line.sequence),
        "detail": [detail("entry", &line.entry), detail("sha256", &hash)],
    });
    let all = [visit, patient, practitioner, Some(chain)];
    all.into_iter().flatten().collect()
}
