//! Every state of a visit and every end of a consultation, as resources.

use serde_json::{Value, json};
use vestibule_clinic::quota::History;
use vestibule_clinic::{
    Appointment, Booking, Choice, Clinic, Conclusion, Consultation, ConsultationEnd, DeclineReason,
    Ended, Input, Outcome, Policy, Practitioner, Visit, VisitState,
};
use vestibule_control::Talk;
use vestibule_vocab::{Millis, Redacted, Timestamp};

use super::assert_current;
use super::story::{START, clinic, consultation, doctor, patient, service, visit};
use crate::fhir::Names;
use crate::fhir::appointment::appointment;
use crate::fhir::encounter::encounter;

fn names() -> Names {
    Names(clinic())
}

/// A visit that is booked.
fn booked() -> Visit {
    let mut clinic = Clinic::new(Policy::default());
    let service = Box::new(service());
    let practitioner = Practitioner::named(doctor(1), "Dr Martin", [service.id]);
    let practitioner = Box::new(practitioner);
    let booking = Booking {
        visit: visit(1),
        patient: patient(1),
        service: service.id,
        choice: Choice::Next,
        language: None,
        name: Redacted::new("Ada".to_owned()),
        appointment: Appointment {
            at: START,
            length: Millis(61_000),
        },
        history: History::default(),
    };
    for input in [
        Input::SetService { service },
        Input::SetPractitioner { practitioner },
        Input::Book(Box::new(booking)),
    ] {
        assert_eq!(clinic.handle(START, input).answer, Ok(()));
    }
    clinic.state().visits.remove(0)
}

fn ended(outcome: Outcome) -> VisitState {
    VisitState::Ended {
        outcome,
        at: START.plus(Millis(1)),
    }
}

fn declined(reason: DeclineReason) -> VisitState {
    ended(Outcome::Declined {
        reason,
        message: Redacted::new("words to one patient".to_owned()),
    })
}

fn completed(conclusion: Conclusion) -> VisitState {
    ended(Outcome::Completed { conclusion })
}

#[test]
fn every_state_of_a_visit_has_its_code() {
    let consultation = consultation(1);
    let called = VisitState::Admitted {
        practitioner: doctor(1),
    };
    let states = [
        (VisitState::Expected, "booked", "booked"),
        (VisitState::Waiting, "arrived", "arrived"),
        (called, "arrived", "arrived"),
        (
            VisitState::InConsultation { consultation },
            "fulfilled",
            "fulfilled",
        ),
        (
            VisitState::OnHold { consultation },
            "fulfilled",
            "fulfilled",
        ),
        (completed(Conclusion::Done), "fulfilled", "fulfilled"),
        (completed(Conclusion::NoShow), "noshow", "noshow"),
        (ended(Outcome::Left), "cancelled", "fulfilled"),
        (ended(Outcome::ConnectionLost), "cancelled", "fulfilled"),
        (ended(Outcome::NoShow), "noshow", "noshow"),
        (ended(Outcome::Cancelled), "cancelled", "fulfilled"),
        (ended(Outcome::Emergency), "cancelled", "fulfilled"),
        (
            declined(DeclineReason::InPersonNeeded),
            "cancelled",
            "fulfilled",
        ),
        (
            declined(DeclineReason::WrongService),
            "cancelled",
            "fulfilled",
        ),
        (
            declined(DeclineReason::NoTimeLeft),
            "cancelled",
            "fulfilled",
        ),
        (declined(DeclineReason::Emergency), "cancelled", "fulfilled"),
        (
            declined(DeclineReason::QuotaReached),
            "cancelled",
            "fulfilled",
        ),
        (declined(DeclineReason::Other), "cancelled", "fulfilled"),
    ];
    let service = service();
    let mut shown = Vec::new();
    for (state, unseen, seen) in states {
        let mut visit = booked();
        visit.state = state;
        for (expected, seen) in [(unseen, false), (seen, true)] {
            let found = appointment(&names(), &visit, Some(&service), seen).unwrap();
            assert_eq!(found.status, expected, "{:?}", visit.state);
            let resource = found.resource.into_exposed();
            let reason = resource.get("cancelationReason").is_some();
            assert!(expected == "cancelled" || !reason);
            assert!(!resource.to_string().contains("words to one patient"));
            assert_eq!(
                resource["minutesDuration"], 2,
                "rounded up: it is a positive number"
            );
            shown.push(resource);
        }
    }
    assert_current("every-appointment.json", &collection(shown));
}

#[test]
fn every_end_of_a_consultation_has_its_code() {
    let conclusions = [
        (Conclusion::Done, "finished"),
        (Conclusion::InPersonNeeded, "finished"),
        (Conclusion::SentToEmergency, "finished"),
        (Conclusion::NoShow, "cancelled"),
    ];
    let completed = conclusions
        .map(|(conclusion, status)| (Some(ConsultationEnd::Completed(conclusion)), None, status));
    let others = [
        (Some(ConsultationEnd::Transferred), None, "finished"),
        (Some(ConsultationEnd::PatientLeft), None, "finished"),
        (Some(ConsultationEnd::PatientLost), None, "finished"),
        (Some(ConsultationEnd::PractitionerLost), None, "finished"),
        (None, Some(START), "onleave"),
        (None, None, "in-progress"),
    ];
    let mut shown = Vec::new();
    for (how, held_since, status) in completed.into_iter().chain(others) {
        let ended = how.map(|how| Ended {
            how,
            at: Timestamp(START.0 + 90_000),
            number: 1,
        });
        let it = Consultation {
            id: consultation(1),
            number: 1,
            visit: visit(1),
            patient: patient(1),
            name: Redacted::new("Ada".to_owned()),
            service: service().id,
            practitioner: doctor(1),
            started_at: START,
            held_since,
            ended,
        };
        let found = encounter(&names(), &it, Talk::default(), None, None);
        assert_eq!(found.status, status, "{how:?}");
        let resource = found.resource.into_exposed();
        assert_eq!(resource.get("length").is_some(), how.is_some());
        shown.push(resource);
    }
    assert_current("every-encounter.json", &collection(shown));
}

fn collection(resources: Vec<Value>) -> Value {
    let entries = resources.into_iter();
    let entries: Vec<Value> = entries.map(|it| json!({ "resource": it })).collect();
    json!({ "resourceType": "Bundle", "type": "collection", "entry": entries })
}
