//! Whoever comes early to an appointment, goes, and comes again when it is time.

#![allow(clippy::expect_used, reason = "a test fails by panicking")]
#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "a test names the states that it is about"
)]

mod support;

use support::*;
use vestibule_clinic::audit::{Act, Explanation};
use vestibule_clinic::calendar::Zone;
use vestibule_clinic::{
    AfterWait, AnsweredBy, Code, Event, Gate, GateAnswer, GateKind, GateReason, GateRule,
    GateRules, GateState, Input, OpenedBy, Outcome, Policy, Refusal, Requirement, Service,
    VisitState,
};
use vestibule_vocab::{Millis, Redacted, Timestamp};

const HOUR: u64 = 60;

/// Patient 1 has an appointment in two hours.
fn booked() -> (World, Timestamp) {
    let mut world = World::waiting([]);
    let at = world.now.plus(minutes(2 * HOUR));
    world.ok(Input::Book(Box::new(booking(1, at))));
    (world, at)
}

/// Until when the patient of an appointment is expected.
fn expected_until(at: Timestamp) -> Timestamp {
    at.plus(Policy::default().expected)
}

fn pass_to(world: &mut World, moment: Timestamp) {
    let time = moment.since(world.now);
    world.pass(time);
}

fn outcome(world: &World, number: u32) -> Option<Outcome> {
    match world.state(number) {
        VisitState::Ended { outcome, .. } => Some(outcome),
        _ => None,
    }
}

#[test]
fn m02_whoever_comes_early_and_goes_is_expected_again_and_keeps_the_appointment() {
    let (mut world, at) = booked();
    world.ok(arrival(1));
    world.patient_goes(1);
    world.now = world.now.plus(GRACE);
    let outputs = world.outputs(Input::Timeout);
    assert_eq!(world.state(1), VisitState::Expected);
    assert!(world.order().is_empty());
    let [entry] = outputs.audit.as_slice() else {
        panic!("one thing happened");
    };
    let Act::Moved {
        visit: of, event, ..
    } = &entry.act
    else {
        panic!("a visit moved");
    };
    assert_eq!((*of, event), (visit(1), &Event::ExpectedAgain));

    // Others come meanwhile, and the place of the appointment is by its time all the same.
    pass_to(&mut world, at);
    world.ok(arrival(2));
    world.ok(arrival(1));
    assert_eq!(world.order(), [visit(1), visit(2)]);
}

#[test]
fn m02_they_may_go_and_come_again_as_often_as_they_like() {
    let (mut world, at) = booked();
    for _ in 0..3 {
        world.ok(arrival(1));
        world.patient_goes(1);
        world.pass(GRACE);
        assert_eq!(world.state(1), VisitState::Expected);
    }
    pass_to(&mut world, expected_until(at));
    assert_eq!(outcome(&world, 1), Some(Outcome::NoShow));
}

#[test]
fn m02_once_it_is_time_whoever_is_away_keeps_the_place_until_they_would_not_have_come() {
    let (mut world, at) = booked();
    pass_to(&mut world, at);
    world.ok(arrival(1));
    world.patient_goes(1);
    assert_eq!(world.clinic.next_timeout(), Some(expected_until(at)));
    pass_to(&mut world, Timestamp(expected_until(at).0 - 1));
    assert_eq!(world.order(), [visit(1)]);
    world.pass(Millis(1));
    assert_eq!(outcome(&world, 1), Some(Outcome::ConnectionLost));
    world.refused(arrival(1), Refusal::VisitEnded);
}

#[test]
fn m02_going_just_before_it_is_time_keeps_the_place_as_well() {
    let (mut world, at) = booked();
    pass_to(&mut world, Timestamp(at.0 - 1));
    world.ok(arrival(1));
    world.patient_goes(1);
    pass_to(&mut world, at.plus(GRACE));
    assert_eq!(world.order(), [visit(1)]);
    world.patient_comes_back(1);
    pass_to(&mut world, expected_until(at).plus(minutes(HOUR)));
    assert_eq!(world.order(), [visit(1)]);
}

#[test]
fn whoever_goes_long_after_their_time_is_waited_for_as_anybody_is() {
    let (mut world, at) = booked();
    pass_to(&mut world, at);
    world.ok(arrival(1));
    pass_to(&mut world, expected_until(at));
    world.patient_goes(1);
    assert_eq!(world.clinic.next_timeout(), Some(world.now.plus(GRACE)));
    world.pass(GRACE);
    assert_eq!(outcome(&world, 1), Some(Outcome::ConnectionLost));
}

#[test]
fn m02_being_called_before_ones_time_and_not_coming_costs_no_appointment() {
    let (mut world, at) = booked();
    world.ok(arrival(1));
    world.patient_goes(1);
    world.ok(call(1, 1));
    world.pass(Policy::default().called);
    assert_eq!(world.state(1), VisitState::Expected);
    assert!(world.clinic.missed_by(practitioner(1)).is_empty());
    pass_to(&mut world, at);
    world.ok(arrival(1));
    assert_eq!(world.order(), [visit(1)]);
}

#[test]
fn whoever_is_expected_again_may_walk_in_and_comes_to_the_appointment_afterwards() {
    let (mut world, at) = booked();
    world.ok(arrival(1));
    world.patient_goes(1);
    world.pass(GRACE);
    world.ok(another_visit(1, 11));
    world.refused(arrival(1), Refusal::VisitActive);
    world.ok(Input::Leave {
        patient: patient(1),
        visit: visit(11),
    });
    pass_to(&mut world, at);
    world.ok(arrival(1));
}

#[test]
fn an_appointment_to_which_somebody_came_early_can_be_called_off() {
    let (mut world, _) = booked();
    world.ok(arrival(1));
    world.patient_goes(1);
    world.pass(GRACE);
    world.ok(Input::Cancel { visit: visit(1) });
    assert_eq!(outcome(&world, 1), Some(Outcome::Cancelled));
}

#[test]
fn whoever_says_that_they_leave_calls_the_appointment_off_before_its_time_too() {
    let (mut world, _) = booked();
    world.ok(arrival(1));
    world.ok(Input::Leave {
        patient: patient(1),
        visit: visit(1),
    });
    assert_eq!(outcome(&world, 1), Some(Outcome::Left));
    world.refused(arrival(1), Refusal::VisitEnded);
}

#[test]
fn a_server_that_begins_again_expects_them_as_well() {
    let (mut world, at) = booked();
    world.ok(arrival(1));
    world.patient_goes(1);
    world.pass(GRACE);
    let policy = Policy {
        grace: GRACE,
        keep_place: GRACE,
        ..Policy::default()
    };
    let restored = vestibule_clinic::Clinic::restore(policy, world.clinic.state(), world.now);
    world.clinic = restored.expect("what was stored");
    assert_eq!(world.clinic.next_timeout(), Some(expected_until(at)));
    // And a place that is kept until then is kept by it too.
    pass_to(&mut world, at);
    world.ok(arrival(1));
    let restored = vestibule_clinic::Clinic::restore(policy, world.clinic.state(), world.now);
    world.clinic = restored.expect("what was stored");
    assert_eq!(world.clinic.next_timeout(), Some(expected_until(at)));
}

/// A payment that another system takes within ten minutes.
fn payment() -> (GateKind, AnsweredBy, GateRules) {
    let system = Code::new("till").expect("a code");
    let rule = GateRule {
        requires: Requirement::Payment,
        opened_by: OpenedBy::System {
            system: system.clone(),
            wait: minutes(10),
            then: AfterWait::AskAgain,
        },
        exceptions: std::collections::BTreeSet::new(),
    };
    let by = AnsweredBy::System { system };
    let rules = GateRules::new(vec![rule]).expect("one rule");
    (GateKind::Payment, by, rules)
}

fn gate(world: &World) -> Gate {
    let view = world.clinic.visit(visit(1)).expect("remembered");
    let gate = view.visit.gates.gates().first();
    gate.expect("a gate").clone()
}

fn with_a_payment() -> (World, Timestamp, GateKind, AnsweredBy) {
    let (mut world, at) = booked();
    let (kind, by, gates) = payment();
    world.ok(Input::SetService {
        service: Box::new(Service {
            gates,
            ..Service::named(service(1), "General practice")
        }),
    });
    world.ok(arrival(1));
    (world, at, kind, by)
}

#[test]
fn m18_what_was_paid_by_whoever_came_early_stays_paid() {
    let (mut world, at, gate, by) = with_a_payment();
    world.ok(Input::Gate {
        visit: visit(1),
        gate,
        by,
        answer: GateAnswer::Open { exception: None },
    });
    world.patient_goes(1);
    world.pass(GRACE);
    pass_to(&mut world, at);
    world.ok(arrival(1));
    world.ok(admission(1, 1));
}

#[test]
fn m18_nobody_is_hurried_by_a_gate_while_they_are_expected_and_it_is_asked_anew_when_they_come() {
    let (mut world, at, kind, by) = with_a_payment();
    world.patient_goes(1);
    world.pass(GRACE);
    assert_eq!(world.clinic.next_timeout(), Some(expected_until(at)));
    pass_to(&mut world, at);
    world.ok(arrival(1));
    let now = world.now;
    let asked = GateState::Pending {
        since: now,
        expires_at: Some(now.plus(minutes(10))),
    };
    assert_eq!(gate(&world).state, asked);

    world.ok(Input::Gate {
        visit: visit(1),
        gate: kind,
        by,
        answer: GateAnswer::Open { exception: None },
    });
    world.ok(admission(1, 1));
}

#[test]
fn the_log_says_that_they_are_expected_again() {
    let (mut world, _) = booked();
    let mut explanation = Explanation::of(visit(1), Zone::default());
    let mut told = world.outputs(arrival(1)).audit;
    world.patient_goes(1);
    world.now = world.now.plus(GRACE);
    told.extend(world.outputs(Input::Timeout).audit);
    told.iter().for_each(|entry| explanation.take(entry));
    let last = explanation.sentences().pop().expect("a sentence").text;
    assert_eq!(
        last,
        "The patient was away for too long before the appointment's time was over, and is expected again \
         (`expected_again`)."
    );
}

#[test]
fn m18_whoever_was_refused_and_comes_again_is_refused_until_staff_have_it_asked_again() {
    let (mut world, at, kind, by) = with_a_payment();
    let answer = |by: &AnsweredBy, answer| Input::Gate {
        visit: visit(1),
        gate: kind.clone(),
        by: by.clone(),
        answer,
    };
    let refusal = GateAnswer::Refuse {
        reason: GateReason::NotPaid,
        message: Redacted::default(),
    };
    let refused = |world: &World| matches!(gate(world).state, GateState::Refused { .. });
    world.ok(answer(&by, refusal));
    world.patient_goes(1);
    world.pass(GRACE);
    world.ok(arrival(1));
    assert!(refused(&world), "nothing is asked again by itself");
    world.patient_goes(1);
    world.pass(GRACE);
    assert_eq!(world.state(1), VisitState::Expected);
    world.ok(answer(&AnsweredBy::Staff, GateAnswer::AskAgain));
    let GateState::Pending { expires_at, .. } = gate(&world).state else {
        panic!("it is asked");
    };
    assert_eq!(expires_at, None, "nobody hurries who is not waited for");
    pass_to(&mut world, at);
    world.ok(arrival(1));
    world.ok(answer(&by, GateAnswer::Open { exception: None }));
    world.ok(admission(1, 1));
}
