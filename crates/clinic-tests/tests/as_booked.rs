//! What somebody may still wish for who comes to an appointment. Nothing that they ask for is dropped in silence.

#![allow(clippy::expect_used, reason = "a test fails by panicking")]

mod support;

use support::*;
use vestibule_clinic::audit::{Entry, Replay};
use vestibule_clinic::shield::{Roster, Shift};
use vestibule_clinic::{
    Answer, Arriving, Booking, Choice, Clinic, Decision, Duty, Input, Policy, Practitioner, Refusal,
};

const NEXT: Choice = Choice::Next;

fn named(number: u32) -> Choice {
    Choice::Named(practitioner(number))
}

fn regular(number: u32) -> Choice {
    Choice::Regular(practitioner(number))
}

/// Practitioner 2 is the regular one of patient 1, who has an appointment in half an hour, for service 1 with this choice.
fn booked(choice: Choice) -> World {
    let mut world = World::waiting([]);
    world.ok(Input::SetRegular {
        patient: patient(1),
        regular: Some(practitioner(2)),
    });
    let at = world.now.plus(minutes(30));
    world.ok(Input::Book(Box::new(Booking {
        choice,
        ..booking(1, at)
    })));
    world
}

/// Patient 1 comes and wishes for this.
fn comes(of: u32, choice: Choice) -> Input {
    Input::Arrive(Box::new(Arriving {
        service: service(of),
        choice,
        ..arriving(1)
    }))
}

/// With whom the visit of patient 1 is now.
fn with(world: &World) -> Choice {
    let view = world.clinic.visit(visit(1)).expect("remembered");
    assert_eq!(
        view.visit.waiting_room,
        view.visit.choice.waiting_room(view.visit.service)
    );
    view.visit.choice
}

#[test]
fn m01_a_wish_of_whoever_comes_to_an_appointment_is_kept_or_refused_and_never_dropped() {
    let (booked_otherwise, not_practised) = (Refusal::BookedOtherwise, Refusal::NotPractised);
    // What was booked, what is wished for, and with whom the visit is then.
    let table = [
        (NEXT, NEXT, Ok(NEXT)),
        (NEXT, named(1), Ok(named(1))),
        (NEXT, regular(2), Ok(regular(2))),
        (NEXT, regular(1), Err(Refusal::NoRegular)),
        (NEXT, named(4), Err(not_practised)),
        (NEXT, named(9), Err(Refusal::NotFound)),
        (named(1), NEXT, Ok(named(1))),
        (named(1), named(1), Ok(named(1))),
        (named(1), named(2), Err(booked_otherwise)),
        (named(1), regular(2), Err(booked_otherwise)),
        (named(2), regular(2), Ok(named(2))),
        (regular(2), NEXT, Ok(regular(2))),
        (regular(2), named(2), Ok(regular(2))),
        (regular(2), named(3), Err(booked_otherwise)),
    ];
    for (choice, wish, becomes) in table {
        let mut world = booked(choice);
        let of_another_service = Practitioner::named(practitioner(4), "Dr Peeters", [service(2)]);
        world.ok(Input::SetPractitioner {
            practitioner: Box::new(of_another_service),
        });
        match becomes {
            Ok(becomes) => {
                world.ok(comes(1, wish));
                assert_eq!(with(&world), becomes, "{choice:?} and {wish:?}");
            }
            Err(refusal) => {
                world.refused(comes(1, wish), refusal);
                // Without the wish the appointment is what it was.
                world.ok(comes(1, NEXT));
                assert_eq!(with(&world), choice);
            }
        }
    }
}

#[test]
fn m01_an_appointment_is_for_the_service_that_was_booked_and_no_other() {
    for choice in [NEXT, named(2)] {
        let mut world = booked(choice);
        world.refused(comes(2, NEXT), Refusal::BookedOtherwise);
        world.refused(comes(9, NEXT), Refusal::BookedOtherwise);
        world.ok(comes(1, NEXT));
    }
}

#[test]
fn m01_whoever_wishes_for_a_doctor_when_coming_is_seen_by_that_one_alone_in_their_turn() {
    let mut world = booked(NEXT);
    world.pass(minutes(30));
    world.ok(arrival_for(2, 1));
    world.ok(comes(1, named(1)));
    assert_eq!(world.order_for(2), []);
    assert_eq!(world.order(), [visit(1), visit(2)], "by its time");
    world.refused(admission(2, 1), Refusal::NotFound);
    world.ok(admission(1, 1));
}

/// As if it had been booked so.
#[test]
fn m01_a_doctor_who_could_not_have_been_booked_cannot_be_wished_for_when_coming() {
    let mut world = booked(NEXT);
    let at = world.now.plus(minutes(40));
    let with_2 = Booking {
        choice: named(2),
        ..booking(2, at)
    };
    world.ok(Input::Book(Box::new(with_2)));
    let shift = Shift {
        from: at,
        to: at.plus(minutes(60)),
        breaks: Vec::new(),
    };
    let from_then = Practitioner {
        roster: Roster::new(vec![shift]).ok(),
        ..Practitioner::named(practitioner(3), "Dr Peeters", [service(1)])
    };
    world.ok(Input::SetPractitioner {
        practitioner: Box::new(from_then),
    });
    let could_keep = |world: &World, number| {
        let view = world.clinic.visit(visit(1)).expect("expected");
        world.clinic.could_keep(practitioner(number), view.visit)
    };
    let could = [1, 2, 3, 9].map(|number| could_keep(&world, number));
    assert_eq!(could, [true, false, false, false]);
    world.refused(comes(1, named(2)), Refusal::AppointmentOverlaps);
    world.refused(comes(1, regular(2)), Refusal::AppointmentOverlaps);
    let opens_at = Some(at);
    world.refused(comes(1, named(3)), Refusal::OffShift { opens_at });
    world.ok(comes(1, named(1)));
    // From now on the time is taken of the one who keeps it.
    let beside = Booking {
        choice: named(1),
        ..booking(4, at)
    };
    world.refused(Input::Book(Box::new(beside)), Refusal::AppointmentOverlaps);
}

#[test]
fn m01_whoever_wishes_for_a_doctor_who_is_off_duty_is_asked_as_anybody_who_waits_for_one() {
    let mut world = booked(NEXT);
    world.ok(duty(1, Duty::Off));
    world.ok(comes(1, named(1)));
    assert!(is_asked(&world, 1));
    world.ok(answers(1, Answer::TakeNext));
    assert_eq!(with(&world), NEXT);
}

#[test]
fn m01_arriving_again_while_waiting_changes_nothing_whatever_was_wished_for_before() {
    let mut world = booked(NEXT);
    world.ok(comes(1, named(1)));
    world.practitioner_comes(2);
    world.ok(transfer(1, 1, own(2)));
    let before = world.clinic.clone();
    world.ok(comes(1, named(1)));
    assert_eq!(world.clinic, before);
}

#[test]
fn m01_what_was_wished_for_when_coming_stands_for_whoever_goes_and_comes_again() {
    let mut world = booked(NEXT);
    world.ok(comes(1, named(1)));
    world.patient_goes(1);
    world.pass(GRACE);
    assert_eq!(world.order(), []);
    world.ok(comes(1, NEXT));
    assert_eq!(world.order(), [visit(1)]);
    assert_eq!(with(&world), named(1));
}

#[test]
fn a_wish_that_was_taken_is_in_the_log_and_with_a_server_that_begins_anew() {
    let mut world = booked(NEXT);
    let mut log: Vec<Entry> = Vec::new();
    let at = world.now.plus(minutes(60));
    log.extend(world.outputs(Input::Book(Box::new(booking(2, at)))).audit);
    let coming = Arriving {
        choice: named(2),
        ..arriving(2)
    };
    log.extend(world.outputs(Input::Arrive(Box::new(coming))).audit);
    let mut replay = Replay::new();
    for entry in &log {
        replay.read(entry).expect("it leads on");
    }
    let replayed = replay.visit(visit(2)).expect("it is known");
    assert_eq!(replayed.standing.waiting_room, own(2));
    let policy = Policy {
        grace: GRACE,
        keep_place: GRACE,
        ..Policy::default()
    };
    let restored = Clinic::restore(policy, world.clinic.state(), world.now);
    world.clinic = restored.expect("what was stored");
    world.practitioner_comes(2);
    world.patient_comes_back(2);
    let (visit, consultation) = (visit(2), consultation(2));
    world.ok(decided(
        2,
        Decision::Admit {
            visit,
            consultation,
            overtake: None,
        },
    ));
}
