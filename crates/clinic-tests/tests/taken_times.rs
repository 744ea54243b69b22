//! Whose time is taken by an appointment, and until when.

#![allow(clippy::expect_used, reason = "a test fails by panicking")]

mod support;

use support::*;
use vestibule_clinic::{Answer, Booking, Choice, Clinic, Duty, Input, Missed, Policy, Refusal};
use vestibule_vocab::Timestamp;

const HOUR: u64 = 60;

/// An appointment of this patient's with a practitioner, by the visit of the same number.
fn with(number: u32, of: u32, at: Timestamp) -> Booking {
    Booking {
        choice: Choice::Named(practitioner(of)),
        ..booking(number, at)
    }
}

fn book(booking: Booking) -> Input {
    Input::Book(Box::new(booking))
}

/// The memory of a server that begins now, and that of one which read all rows from another.
fn elsewhere(world: &World) -> [Clinic; 2] {
    let policy = Policy::default();
    let restored = Clinic::restore(policy, world.clinic.state(), world.now);
    let mut caught_up = Clinic::new(policy);
    let rows = world.clinic.state();
    let forgotten = Vec::new();
    let left = Vec::new();
    let missed = Missed {
        rows,
        forgotten,
        left,
    };
    let _ = caught_up.catch_up(world.now, missed);
    [restored.expect("what was stored"), caught_up]
}

/// Whether a practitioner can be booked then, by a patient who has no other appointment: at this server and at others.
fn is_free(world: &World, of: u32, at: Timestamp) -> bool {
    let booked = |clinic: &Clinic| {
        let outputs = clinic.clone().handle(world.now, book(with(99, of, at)));
        if let Err(refusal) = outputs.answer {
            assert_eq!(refusal, Refusal::AppointmentOverlaps);
        }
        outputs.answer.is_ok()
    };
    let here = booked(&world.clinic);
    for clinic in elsewhere(world) {
        assert_eq!(booked(&clinic), here);
    }
    here
}

#[test]
fn the_time_of_whoever_came_early_is_taken_until_their_visit_has_ended() {
    let mut world = World::waiting([]);
    let at = world.now.plus(minutes(HOUR));
    world.ok(book(with(1, 1, at)));
    world.ok(arrival(1));
    assert!(!is_free(&world, 1, at));
    assert!(is_free(&world, 1, at.plus(minutes(15))) && is_free(&world, 2, at));
    // Nor is the patient anywhere else then.
    let again = Booking {
        visit: visit(11),
        ..with(1, 2, at)
    };
    world.refused(book(again.clone()), Refusal::AppointmentOverlaps);
    world.patient_goes(1);
    world.pass(GRACE);
    assert!(!is_free(&world, 1, at), "they are expected again");
    world.ok(arrival(1));
    world.ok(leave(1));
    assert!(is_free(&world, 1, at));
    world.ok(book(again));
}

#[test]
fn a_visit_that_was_handed_on_takes_the_time_of_whoever_it_is_with_now() {
    let mut world = World::waiting([]);
    world.practitioner_comes(2);
    let at = world.now.plus(minutes(HOUR));
    world.ok(book(with(1, 1, at)));
    world.ok(arrival(1));
    world.ok(transfer(1, 1, own(2)));
    assert!(is_free(&world, 1, at) && !is_free(&world, 2, at));
    // For whoever is free next, it is nobody's; and that of whoever took it, as long as they see the patient.
    world.ok(transfer(2, 1, pool(1)));
    assert!(is_free(&world, 1, at) && is_free(&world, 2, at));
    world.ok(admission(1, 1));
    assert!(!is_free(&world, 1, at) && is_free(&world, 2, at));
    world.ok(hold(1, 1));
    assert!(!is_free(&world, 1, at));
    world.ok(end(1, 1));
    assert!(is_free(&world, 1, at));
}

#[test]
fn a_patient_who_takes_whoever_is_free_next_leaves_the_time_of_the_one_they_waited_for() {
    let mut world = World::waiting([]);
    let at = world.now.plus(minutes(HOUR));
    world.ok(book(with(1, 1, at)));
    world.ok(arrival(1));
    world.ok(duty(1, Duty::Off));
    world.ok(Input::Answer {
        patient: patient(1),
        visit: visit(1),
        answer: Answer::TakeNext,
    });
    assert!(is_free(&world, 1, at));
}
