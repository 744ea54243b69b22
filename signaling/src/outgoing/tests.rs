//! What a clinic decides is told to other systems, in codes and ids.

#[path = "../../../crates/clinic-tests/tests/support/mod.rs"]
#[allow(unreachable_pub, reason = "shared with the clinic's own tests")]
mod support;

use serde_json::{Value, json};
use support::{
    World, admission, admission_because, arrival, booking, call, decline, end, hold, leave,
    minutes, patient, pool, practitioner, resume, service, transfer, visit,
};
use vestibule_clinic::{
    AfterWait, AnsweredBy, Code, GateAnswer, GateException, GateKind, GateReason, GateRule,
    GateRules, Input, Knowledge, Learning, OpenedBy, Outputs, Overtake, Relation, Requirement,
    Service, Teller,
};
use vestibule_vocab::{Millis, Redacted};

use super::{EventKind, events};
use crate::store::Write;

/// As the desk hands a decision to the store: rows, then what is written down of them.
fn writes(outputs: Outputs) -> Vec<Write> {
    let records = outputs.records.into_iter().map(Write::Record);
    records
        .chain(outputs.audit.into_iter().map(Write::Audit))
        .collect()
}

/// What other systems are told of an input.
fn told(world: &mut World, input: Input) -> Vec<Value> {
    let outputs = world.outputs(input);
    let events = events(&writes(outputs));
    let bodies = events.iter().map(|event| event.body().unwrap());
    let told: Vec<Value> = bodies
        .map(|body| serde_json::from_str(&body).unwrap())
        .collect();
    world.now = world.now.plus(minutes(1));
    told
}

fn kinds(told: &[Value]) -> Vec<&str> {
    told.iter().map(|it| it["type"].as_str().unwrap()).collect()
}

#[test]
fn an_event_says_what_happened_when_to_whom_and_by_whom() {
    let mut world = World::waiting([]);
    let told = told(&mut world, arrival(1));
    let expected = json!({
        "type": "visit.arrived",
        "timestamp": "1970-01-12T13:46:40Z",
        "data": {
            "visit": visit(1),
            "patient": patient(1),
            "service": service(1),
            "by": { "type": "patient", "id": patient(1) },
            "waiting_room": { "service": service(1) },
            "appointment": false,
        },
    });
    assert_eq!(told, [expected]);
}

#[test]
fn m20_a_consultation_is_told_with_the_times_of_its_receipt_and_its_outcome() {
    let mut world = World::waiting([1, 2]);
    let began = told(
        &mut world,
        admission_because(1, 2, Some(Overtake::ClinicalNeed)),
    );
    assert_eq!(kinds(&began), ["consultation.started"]);
    assert_eq!(began[0]["data"]["overtook"], "clinical_need");
    assert_eq!(began[0]["data"]["practitioner"], json!(practitioner(1)));
    assert_eq!(kinds(&told(&mut world, hold(1, 2))), ["consultation.held"]);
    assert_eq!(
        kinds(&told(&mut world, resume(1, 2))),
        ["consultation.resumed"]
    );
    let ended = told(&mut world, end(1, 2));
    assert_eq!(kinds(&ended), ["consultation.ended", "visit.completed"]);
    let data = &ended[0]["data"];
    assert_eq!(data["started_at"], "1970-01-12T13:46:40Z");
    assert_eq!(data["ended_at"], "1970-01-12T13:49:40Z");
    assert_eq!(data["seconds"], 180);
    assert_eq!(
        (&data["how"], &data["conclusion"]),
        (&json!("completed"), &json!("done"))
    );
    assert_eq!(data["by"]["type"], "practitioner");
}

#[test]
fn every_way_that_a_visit_may_go_is_told() {
    let mut world = World::waiting(1..=5);
    assert_eq!(kinds(&told(&mut world, leave(1))), ["visit.left"]);
    let declined = told(&mut world, decline(2));
    assert_eq!(kinds(&declined), ["visit.declined"]);
    assert_eq!(declined[0]["data"]["reason"], "emergency");
    world.patient_goes(3);
    assert_eq!(kinds(&told(&mut world, call(1, 3))), ["visit.called"]);
    let patient = patient(3);
    let back = told(&mut world, Input::PatientConnected { patient });
    assert_eq!(kinds(&back), ["visit.returned"]);
    told(&mut world, admission(1, 3));
    let moved = told(&mut world, transfer(1, 3, pool(2)));
    assert_eq!(kinds(&moved), ["consultation.ended", "visit.transferred"]);
    assert_eq!(moved[0]["data"]["how"], "transferred");
    assert_eq!(
        moved[1]["data"]["waiting_room"],
        json!({ "service": service(2) })
    );
    world.patient_goes(4);
    world.now = world.now.plus(minutes(20));
    assert_eq!(
        kinds(&told(&mut world, Input::Timeout)),
        ["visit.connection_lost"]
    );
    world.patient_goes(5);
    told(&mut world, call(1, 5));
    world.now = world.now.plus(minutes(20));
    assert_eq!(kinds(&told(&mut world, Input::Timeout)), ["visit.no_show"]);
}

#[test]
fn an_appointment_is_told_from_its_booking_to_its_end() {
    let mut world = World::waiting([]);
    let at = world.now.plus(minutes(60));
    let booked = told(&mut world, Input::Book(Box::new(booking(1, at))));
    assert_eq!(kinds(&booked), ["appointment.booked"]);
    assert_eq!(booked[0]["data"]["starts_at"], "1970-01-12T14:46:40Z");
    assert_eq!(booked[0]["data"]["by"], json!({ "type": "administration" }));
    let cancelled = told(&mut world, Input::Cancel { visit: visit(1) });
    assert_eq!(kinds(&cancelled), ["appointment.cancelled"]);
    told(&mut world, Input::Book(Box::new(booking(2, at))));
    world.now = at.plus(minutes(90));
    assert_eq!(kinds(&told(&mut world, Input::Timeout)), ["visit.no_show"]);
}

/// A service whose payment an outside system answers.
fn paid() -> Service {
    let rule = GateRule {
        requires: Requirement::Payment,
        opened_by: OpenedBy::System {
            system: Code::new("billing").unwrap(),
            wait: Millis::from_secs(300),
            then: AfterWait::AskAgain,
        },
        exceptions: [].into(),
    };
    Service {
        gates: GateRules::new(vec![rule]).unwrap(),
        ..Service::named(service(1), "General practice")
    }
}

fn payment(number: u32, answer: GateAnswer) -> Input {
    Input::Gate {
        visit: visit(number),
        gate: GateKind::Payment,
        by: AnsweredBy::System {
            system: Code::new("billing").unwrap(),
        },
        answer,
    }
}

#[test]
fn m18_an_outside_system_is_asked_and_told_what_became_of_its_gate() {
    let mut world = World::waiting([]);
    world.ok(Input::SetService {
        service: Box::new(paid()),
    });
    let asked = told(&mut world, arrival(1));
    assert_eq!(kinds(&asked), ["visit.arrived", "gate.asked"]);
    let data = &asked[1]["data"];
    assert_eq!(
        (&data["gate"], &data["system"]),
        (&json!("payment"), &json!("billing"))
    );
    assert_eq!(data["expires_at"], "1970-01-12T13:51:40Z");
    let refusal = GateAnswer::Refuse {
        reason: GateReason::NotPaid,
        message: Redacted::new("the card of Ada was declined".to_owned()),
    };
    let refused = told(&mut world, payment(1, refusal));
    assert_eq!(kinds(&refused), ["gate.refused"]);
    assert_eq!(refused[0]["data"]["reason"], "not_paid");
    assert!(!refused[0].to_string().contains("card"));
    let opened = told(&mut world, payment(1, GateAnswer::Open { exception: None }));
    assert_eq!(kinds(&opened), ["gate.opened"]);

    told(&mut world, arrival(2));
    world.now = world.now.plus(minutes(6));
    let expired = told(&mut world, Input::Timeout);
    assert_eq!(kinds(&expired), ["gate.expired"]);
    assert_eq!(expired[0]["data"]["system"], "billing");
    let again = Input::Gate {
        visit: visit(2),
        gate: GateKind::Payment,
        by: AnsweredBy::Staff,
        answer: GateAnswer::AskAgain,
    };
    let again = told(&mut world, again);
    assert_eq!(kinds(&again), ["gate.asked"]);
}

#[test]
fn m14_by_which_exception_an_open_gate_is_open_is_told_when_it_changes() {
    let mut world = World::waiting([]);
    let rule = GateRule {
        requires: Requirement::Eligibility {
            any_of: [Relation::Referred].into(),
            all_of: [].into(),
        },
        opened_by: OpenedBy::BuiltIn,
        exceptions: [GateException::CannotTravel].into(),
    };
    world.ok(Input::SetService {
        service: Box::new(Service {
            gates: GateRules::new(vec![rule]).unwrap(),
            ..Service::named(service(1), "General practice")
        }),
    });
    told(&mut world, arrival(1));
    let referred = || [Relation::Referred].into();
    for (relations, claimed, exception) in [
        (referred(), None, Value::Null),
        (
            [].into(),
            Some(GateException::CannotTravel),
            json!("cannot_travel"),
        ),
        (referred(), None, Value::Null),
    ] {
        let opened = told(
            &mut world,
            Input::Learn(Learning {
                visit: visit(1),
                from: Teller::Clinic,
                knowledge: Knowledge::Eligibility { relations, claimed },
            }),
        );
        assert_eq!(kinds(&opened), ["gate.opened"]);
        assert_eq!(opened[0]["data"]["exception"], exception);
    }
}

#[test]
fn nothing_that_anybody_wrote_is_told() {
    let mut world = World::waiting([]);
    let mut all = told(&mut world, arrival(1));
    all.extend(told(&mut world, decline(1)));
    let all = format!("{all:?}");
    for personal in ["Ada", "cough", "call 112"] {
        assert!(!all.contains(personal), "{personal}");
    }
}

#[test]
fn every_kind_is_found_by_its_name() {
    for kind in EventKind::ALL {
        assert_eq!(EventKind::parse(kind.name()), Some(*kind));
    }
    assert_eq!(EventKind::parse("visit"), None);
}
