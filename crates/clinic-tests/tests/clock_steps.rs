//! A clock that is set forward: so much of the time that it shows did not pass, and nobody is given up for it.

#![allow(clippy::expect_used, reason = "a test fails by panicking")]

mod support;

use std::collections::BTreeSet;

use support::*;
use vestibule_clinic::audit::Act;
use vestibule_clinic::{
    AfterWait, Clinic, Code, CompanionRole, GateRule, GateRules, Input, Missed, OpenedBy, Outputs,
    Policy, Record, Requirement, Service, VisitState,
};
use vestibule_vocab::{Millis, Timestamp};

const STEP: Millis = Millis::from_secs(20 * 60);

/// The clock is set forward, and the clinic is told when next something happens.
fn set_forward(world: &mut World, by: Millis) -> Outputs {
    world.now = world.now.plus(by);
    world.outputs(Input::ClockSetForward { by })
}

/// What happens by itself happens so much later and not before.
fn comes_after(world: &World, left: Millis) {
    assert_eq!(world.clinic.next_timeout(), Some(world.now.plus(left)));
}

fn is_written_down(outputs: &Outputs) -> bool {
    let step = |act: &Act| matches!(act, Act::ClockSetForward { by } if *by == STEP);
    outputs.audit.iter().any(|entry| step(&entry.act))
}

#[test]
fn whoever_is_away_has_of_the_grace_what_they_had_before() {
    let mut world = World::waiting([1, 2]);
    world.patient_goes(1);
    world.pass(Millis(1_000));
    let outputs = set_forward(&mut world, STEP);
    assert!(is_written_down(&outputs));
    let told = world.clinic.changed_patients(&outputs.changed);
    assert_eq!(Vec::from_iter(told), [patient(1)]);
    comes_after(&world, Millis(GRACE.0 - 1_000));
    world.ok(Input::Timeout);
    assert_eq!(world.order(), [visit(1), visit(2)]);
}

#[test]
fn whoever_was_called_has_the_time_to_come() {
    let mut world = World::waiting([1]);
    world.patient_goes(1);
    world.ok(call(1, 1));
    let _ = set_forward(&mut world, STEP);
    comes_after(&world, Policy::default().called);
    world.patient_comes_back(1);
    assert_eq!(world.state(1), VisitState::Waiting);
}

#[test]
fn a_consultation_goes_on_from_which_both_are_away_and_so_does_one_on_hold() {
    let mut world = World::consulting();
    world.patient_goes(1);
    let _ = set_forward(&mut world, STEP);
    comes_after(&world, GRACE);
    world.patient_comes_back(1);
    world.practitioner_goes(1);
    let _ = set_forward(&mut world, STEP);
    comes_after(&world, GRACE);
    world.practitioner_comes(1);
    world.ok(hold(1, 1));
    world.patient_goes(1);
    let _ = set_forward(&mut world, STEP);
    comes_after(&world, GRACE);
    world.ok(Input::Timeout);
    assert!(matches!(world.state(1), VisitState::OnHold { .. }));
}

#[test]
fn a_companion_who_is_away_for_a_moment_is_not_lost() {
    let mut world = World::consulting();
    world.ok(invites(1, 1, CompanionRole::Interpreter));
    world.ok(accepts(1, 1));
    world.ok(Input::CompanionDisconnected {
        companion: companion(1),
    });
    let _ = set_forward(&mut world, STEP);
    comes_after(&world, GRACE);
}

/// The patient of an appointment that was an hour's fraction ago is still expected.
fn expected() -> World {
    let mut world = World::waiting([]);
    let at = world.now.plus(minutes(5));
    world.ok(Input::Book(Box::new(booking(1, at))));
    world
}

#[test]
fn whoever_is_expected_has_the_time_to_come_that_they_had() {
    let mut world = expected();
    world.pass(minutes(15));
    let outputs = set_forward(&mut world, STEP);
    assert!(is_written_down(&outputs));
    comes_after(&world, minutes(20));
    // A server that begins again knows it, and so does one that reads the row.
    let rows = world.clinic.state();
    let restored = Clinic::restore(Policy::default(), rows, world.now).expect("what was stored");
    assert_eq!(restored.next_timeout(), world.clinic.next_timeout());
    world.ok(arrival(1));
    assert_eq!(world.order(), [visit(1)]);
}

#[test]
fn a_clock_that_is_set_beyond_an_appointment_leaves_its_patient_the_whole_grace() {
    let mut world = expected();
    let _ = set_forward(&mut world, STEP);
    comes_after(&world, Policy::default().expected);
}

#[test]
fn an_appointment_of_tomorrow_stays_where_it_is() {
    let mut world = World::waiting([]);
    let at = world.now.plus(minutes(24 * 60));
    world.ok(Input::Book(Box::new(booking(1, at))));
    let until = world.clinic.next_timeout();
    let outputs = set_forward(&mut world, STEP);
    assert!(outputs.records.is_empty() && outputs.audit.is_empty());
    assert_eq!(world.clinic.next_timeout(), until);
}

#[test]
fn m02_the_place_of_whoever_is_away_at_their_time_is_kept_as_long_as_it_was() {
    let mut world = expected();
    world.pass(minutes(6));
    world.ok(arrival(1));
    world.patient_goes(1);
    let _ = set_forward(&mut world, minutes(60));
    comes_after(&world, minutes(29));
    world.ok(Input::Timeout);
    assert_eq!(world.order(), [visit(1)]);
}

#[test]
fn a_gate_that_another_system_answers_is_waited_for_as_long_as_it_was() {
    let mut world = World::waiting([]);
    let rule = GateRule {
        requires: Requirement::Payment,
        opened_by: OpenedBy::System {
            system: Code::new("till").expect("a code"),
            wait: minutes(10),
            then: AfterWait::Refuse,
        },
        exceptions: BTreeSet::new(),
    };
    world.ok(Input::SetService {
        service: Box::new(Service {
            gates: GateRules::new(vec![rule]).expect("one rule"),
            ..Service::named(service(1), "General practice")
        }),
    });
    world.ok(arrival(1));
    world.pass(minutes(4));
    let outputs = set_forward(&mut world, STEP);
    assert!(matches!(outputs.records.as_slice(), [Record::Visit(_)]));
    comes_after(&world, minutes(6));
    // Another server that reads it and notices the same step a moment later counts that moment anew, and not the step.
    world.now = world.now.plus(Millis(500));
    world.ok(Input::ClockSetForward { by: STEP });
    comes_after(&world, minutes(6));
}

/// Two servers on one store notice the same step, one after the other.
#[test]
fn two_servers_that_notice_the_same_step_keep_a_time_once() {
    let mut world = expected();
    world.pass(minutes(15));
    let mut other = world.clinic.clone();
    let outputs = set_forward(&mut world, STEP);
    let mut rows = world.clinic.state();
    rows.services.clear();
    rows.practitioners.clear();
    let _ = other.catch_up(
        world.now,
        Missed {
            rows,
            forgotten: Vec::new(),
            left: Vec::new(),
        },
    );
    assert!(!outputs.records.is_empty());
    let later = world.now.plus(Millis(700));
    let again = other.handle(later, Input::ClockSetForward { by: STEP });
    assert_eq!(again.answer, Ok(()));
    let left = |clinic: &Clinic, from: Timestamp| clinic.next_timeout().map(|at| at.since(from));
    assert_eq!(left(&other, later), left(&world.clinic, world.now));
}

#[test]
fn whoever_went_behind_the_step_has_the_grace_from_now_and_no_more() {
    let mut world = World::waiting([1]);
    world.now = world.now.plus(STEP);
    world.patient_goes(1);
    world.now = world.now.plus(Millis(10));
    world.ok(Input::ClockSetForward { by: STEP });
    comes_after(&world, GRACE);
}

#[test]
fn a_clock_that_is_set_forward_and_back_keeps_nobody_waiting_for_longer_than_the_grace() {
    let mut world = World::waiting([1]);
    world.patient_goes(1);
    let _ = set_forward(&mut world, STEP);
    world.now = Timestamp(world.now.0 - STEP.0);
    world.ok(Input::Timeout);
    comes_after(&world, GRACE);
}
