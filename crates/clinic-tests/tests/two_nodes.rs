//! Two memories of one clinic: what one decided, the other takes up, and both remember the same.

mod support;

use support::*;
use vestibule_clinic::{Clinic, Input, Policy};
use vestibule_vocab::Timestamp;

/// Practitioner 1 has seen patient 1, has patient 2 on hold, and patient 3 waits.
fn morning() -> World {
    let mut world = World::consulting();
    world.ok(end(1, 1));
    world.ok(admission(1, 2));
    world.ok(hold(1, 2));
    world
}

#[test]
fn whoever_holds_somebody_and_is_in_no_consultation_is_shown_their_last_as_after_a_restart() {
    let world = morning();
    let shown = |clinic: &Clinic| clinic.ended_of(practitioner(1)).map(|one| one.id);
    assert_eq!(shown(&world.clinic), Some(consultation(1)));
    let stored = world.clinic.state();
    let restored = Clinic::restore(Policy::default(), stored, world.now).expect("it was stored");
    assert_eq!(shown(&restored), Some(consultation(1)));
}

#[test]
fn a_consultation_that_ended_while_its_practitioner_saw_somebody_else_is_remembered() {
    let mut world = morning();
    world.ok(admission(1, 3));
    world.ok(end(1, 2));
    let remembered = world.clinic.state().consultations;
    assert!(remembered.iter().any(|one| one.id == consultation(2)));
}

#[test]
fn a_last_consultation_that_is_forgotten_first_leaves_the_one_before_it_shown() {
    let mut world = World::consulting();
    world.pass(minutes(10));
    world.ok(end(1, 1));
    // The clock steps back, so that the second consultation ends before the first, and is forgotten first.
    world.now = Timestamp(world.now.0 - 300_000);
    world.ok(admission(1, 2));
    world.ok(end(1, 2));
    let shown = |world: &World| world.clinic.ended_of(practitioner(1)).map(|one| one.visit);
    assert_eq!(shown(&world), Some(visit(2)));
    world.now = world
        .clinic
        .next_timeout()
        .expect("a visit is to be forgotten");
    world.ok(Input::Timeout);
    assert!(world.clinic.visit(visit(2)).is_none());
    assert_eq!(shown(&world), Some(visit(1)));
}

#[test]
fn a_clock_that_steps_back_is_told_when_it_begins_a_grace_again() {
    let mut world = World::waiting([1, 2]);
    world.patient_goes(1);
    world.now = Timestamp(world.now.0 - 60_000);
    let outputs = world.outputs(Input::Timeout);
    assert!(outputs.changed.patients.contains(&patient(1)));
    assert!(!outputs.changed.patients.contains(&patient(2)));
    assert!(world.outputs(Input::Timeout).changed.is_empty());
}
