//! Appointment: a visit that is, or was, planned.

use serde_json::{Value, json};
use vestibule_clinic::{Conclusion, DeclineReason, Outcome, Service, Visit, VisitState};

use super::{Found, Names, Resource, When, concept, instant};

/// Why an appointment was not kept (R4, appointment-cancellation-reason).
const REASONS: &str = "http://terminology.hl7.org/CodeSystem/appointment-cancellation-reason";

/// A visit as its appointment, when it has one. `seen`: a practitioner began a consultation in it.
pub(super) fn appointment(
    names: &Names,
    visit: &Visit,
    service: Option<&Service>,
    seen: bool,
) -> Option<Found> {
    let planned = visit.appointment?;
    let status = status(&visit.state, seen);
    let resource = json!({
        "resourceType": "Appointment",
        "id": visit.id,
        "status": status,
        "cancelationReason": reason(&visit.state).filter(|_| status == "cancelled"),
        "serviceType": [service.map(|service| names.service_type(service))],
        "start": instant(planned.at),
        "end": instant(planned.ends_at()),
        "minutesDuration": planned.length.0.div_ceil(60_000),
        "participant": participants(names, visit, service),
    });
    Some(Found {
        resource: Resource::of(resource),
        id: visit.id.to_text(),
        status,
        patient: Some(visit.patient),
        practitioner: visit.choice.practitioner(),
        visit: Some(visit.id),
        when: Some(When::at(planned.at)),
    })
}

fn participants(names: &Names, visit: &Visit, service: Option<&Service>) -> Vec<Value> {
    let practitioner = visit.choice.practitioner();
    let actors = [
        Some(names.patient(visit.patient)),
        practitioner.map(|id| names.practitioner(id)),
        service.map(|service| names.service(service)),
    ];
    let actors = actors.into_iter().flatten();
    actors
        .map(|actor| json!({ "actor": actor, "required": "required", "status": "accepted" }))
        .collect()
}

/// The code (R4, appointmentstatus). Once a practitioner has begun, the encounter tells how it goes on.
fn status(state: &VisitState, seen: bool) -> &'static str {
    match state {
        VisitState::Expected => "booked",
        VisitState::Waiting | VisitState::Admitted { .. } => "arrived",
        VisitState::InConsultation { .. } | VisitState::OnHold { .. } => "fulfilled",
        VisitState::Ended { outcome, .. } => match outcome {
            // The practitioner took in somebody who was not there: it comes to the same.
            Outcome::NoShow
            | Outcome::Completed {
                conclusion: Conclusion::NoShow,
            } => "noshow",
            Outcome::Completed { .. } => "fulfilled",
            Outcome::Left
            | Outcome::ConnectionLost
            | Outcome::Declined { .. }
            | Outcome::Emergency
            | Outcome::Cancelled => {
                if seen {
                    "fulfilled"
                } else {
                    "cancelled"
                }
            }
        },
    }
}

/// Why it ended, in codes: nobody's words.
fn reason(state: &VisitState) -> Option<Value> {
    let VisitState::Ended { outcome, .. } = state else {
        return None;
    };
    let told = |code, display, text: &str| {
        let mut reason = concept(REASONS, code, display);
        if let Value::Object(members) = &mut reason {
            members.insert("text".to_owned(), json!(text));
        }
        Some(reason)
    };
    match outcome {
        Outcome::Left => told("pat", "Patient", "left"),
        Outcome::ConnectionLost => told("other", "Other", "connection_lost"),
        Outcome::Declined { reason, .. } => told("prov", "Provider", declined(*reason)),
        Outcome::Emergency => told("other", "Other", "emergency"),
        Outcome::Completed { .. } | Outcome::NoShow | Outcome::Cancelled => None,
    }
}

fn declined(reason: DeclineReason) -> &'static str {
    match reason {
        DeclineReason::InPersonNeeded => "declined: in_person_needed",
        DeclineReason::WrongService => "declined: wrong_service",
        DeclineReason::NoTimeLeft => "declined: no_time_left",
        DeclineReason::Emergency => "declined: emergency",
        DeclineReason::QuotaReached => "declined: quota_reached",
        DeclineReason::Other => "declined: other",
    }
}
