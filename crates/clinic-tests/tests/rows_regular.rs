//! Row M1 of the mission: one's own regular practitioner.

#![allow(clippy::expect_used, reason = "a test fails by panicking")]

mod support;

use support::*;
use vestibule_clinic::audit::{Act, Actor, Entry, Replay};
use vestibule_clinic::{
    Answer, Arriving, Booking, Choice, Clinic, Decision, Duty, Input, Missed, Policy, Refusal,
    State,
};
use vestibule_vocab::{ApiKeyId, Millis};

fn regular(of: u32, who: Option<u32>) -> Input {
    Input::SetRegular {
        patient: patient(of),
        regular: who.map(practitioner),
    }
}

/// Practitioner `by` takes the patient of consultation `which` on, or gives them up.
fn takes_on(by: u32, which: u32, regular: bool) -> Input {
    let consultation = consultation(which);
    decided(
        by,
        Decision::TakeOn {
            consultation,
            regular,
        },
    )
}

/// Patient `number` begins visit `id` and wishes for whoever is their regular practitioner now.
fn asks_for_their_own(world: &World, number: u32, id: u32) -> Result<Input, Refusal> {
    let choice = world.clinic.choice_of(patient(number), None, true)?;
    Ok(Input::Arrive(Box::new(Arriving {
        visit: visit(id),
        choice,
        ..arriving(number)
    })))
}

#[test]
fn m01_a_regular_doctor_is_known_without_a_name_and_kept_across_visits() {
    let mut world = World::new();
    world.ok(regular(1, Some(2)));
    let first = asks_for_their_own(&world, 1, 1).expect("they have one");
    world.ok(first);
    let view = world.clinic.visit(visit(1)).expect("it waits");
    assert_eq!(view.visit.choice, Choice::Regular(practitioner(2)));
    assert_eq!(view.visit.waiting_room, own(2));
    assert_eq!(world.order_for(2), [visit(1)]);
    assert_eq!(world.order_for(1), []);
    world.practitioner_comes(2);
    world.ok(admission(2, 1));
    world.ok(end(2, 1));
    world.pass(Millis(Policy::default().remember.0 + 60_000));
    assert_eq!(world.clinic.visit(visit(1)), None, "the visit is forgotten");
    let state = world.clinic.state();
    world.clinic = Clinic::restore(Policy::default(), state, world.now).expect("what was stored");
    let second = asks_for_their_own(&world, 1, 11).expect("they have one still");
    world.ok(second);
    assert_eq!(world.order_for(2), [visit(11)]);
}

#[test]
fn m01_whoever_has_no_regular_doctor_or_names_another_is_told_so() {
    let mut world = World::new();
    let nobody = asks_for_their_own(&world, 1, 1);
    assert_eq!(nobody.err(), Some(Refusal::NoRegular));
    world.ok(regular(1, Some(2)));
    let theirs = world
        .clinic
        .choice_of(patient(1), Some(practitioner(2)), true);
    assert_eq!(theirs, Ok(Choice::Regular(practitioner(2))));
    let other = world
        .clinic
        .choice_of(patient(1), Some(practitioner(3)), true);
    assert_eq!(other, Err(Refusal::NoRegular));
    // Nor does saying so make it so.
    let claimed = Choice::Regular(practitioner(3));
    let arriving = Arriving {
        choice: claimed,
        ..arriving(1)
    };
    world.refused(Input::Arrive(Box::new(arriving)), Refusal::NoRegular);
    let at = world.now.plus(minutes(30));
    let booking = Booking {
        choice: claimed,
        ..booking(1, at)
    };
    world.refused(Input::Book(Box::new(booking)), Refusal::NoRegular);
}

#[test]
fn m01_a_regular_doctor_of_another_service_cannot_be_asked_for_there() {
    let mut world = World::new();
    world.ok(regular(1, Some(1)));
    let arriving = Arriving {
        service: service(2),
        choice: Choice::Regular(practitioner(1)),
        ..arriving(1)
    };
    world.refused(Input::Arrive(Box::new(arriving)), Refusal::NotPractised);
}

#[test]
fn m01_a_patient_has_one_regular_doctor_at_most() {
    let mut world = World::new();
    world.refused(regular(1, Some(9)), Refusal::NotFound);
    world.ok(regular(1, Some(2)));
    world.ok(regular(1, Some(3)));
    assert_eq!(
        world.clinic.regulars().collect::<Vec<_>>(),
        [(patient(1), practitioner(3))]
    );
    let again = world.outputs(regular(1, Some(3)));
    assert!(again.records.is_empty() && again.audit.is_empty());
    world.ok(regular(1, None));
    assert_eq!(world.clinic.regulars().count(), 0);
}

#[test]
fn m01_a_doctor_takes_on_whom_they_see_or_saw_and_nobody_else() {
    let mut world = World::consulting();
    world.refused(takes_on(2, 1, true), Refusal::NotInConsultation);
    world.refused(takes_on(1, 2, true), Refusal::NotInConsultation);
    world.ok(takes_on(1, 1, true));
    assert_eq!(world.clinic.regular_of(patient(1)), Some(practitioner(1)));
    world.ok(takes_on(1, 1, false));
    assert_eq!(world.clinic.regular_of(patient(1)), None);
    world.ok(hold(1, 1));
    world.ok(takes_on(1, 1, true));
    world.ok(takes_on(1, 1, false));
    world.ok(resume(1, 1));
    world.ok(end(1, 1));
    world.ok(takes_on(1, 1, true));
    assert_eq!(world.clinic.regular_of(patient(1)), Some(practitioner(1)));
    world.pass(Millis(Policy::default().remember.0 + 60_000));
    world.refused(takes_on(1, 1, false), Refusal::NotInConsultation);
    assert_eq!(world.clinic.regular_of(patient(1)), Some(practitioner(1)));
}

#[test]
fn m01_a_doctor_gives_up_their_own_patients_alone() {
    let mut world = World::consulting();
    world.ok(regular(1, Some(2)));
    world.ok(takes_on(1, 1, false));
    assert_eq!(world.clinic.regular_of(patient(1)), Some(practitioner(2)));
}

#[test]
fn m01_whoever_waits_for_their_regular_doctor_who_goes_off_duty_is_offered_a_choice() {
    let mut world = World::new();
    world.ok(regular(1, Some(2)));
    let arrival = asks_for_their_own(&world, 1, 1).expect("they have one");
    world.ok(arrival);
    world.ok(duty(2, Duty::Off));
    let view = world.clinic.visit(visit(1)).expect("it is not dropped");
    assert!(view.visit.asked);
    world.ok(Input::Answer {
        patient: patient(1),
        visit: visit(1),
        answer: Answer::TakeNext,
    });
    assert_eq!(world.order_for(1), [visit(1)]);
    assert_eq!(
        world.clinic.regular_of(patient(1)),
        Some(practitioner(2)),
        "somebody else for once is no change for good"
    );
}

#[test]
fn m01_whoever_waits_for_their_regular_doctor_waits_on_when_it_is_somebody_else_from_now_on() {
    let mut world = World::new();
    world.ok(regular(1, Some(2)));
    let arrival = asks_for_their_own(&world, 1, 1).expect("they have one");
    world.ok(arrival);
    world.ok(regular(1, Some(3)));
    assert_eq!(world.order_for(2), [visit(1)]);
}

#[test]
fn m01_the_patient_and_both_doctors_see_that_it_is_another_one() {
    let mut world = World::consulting();
    world.ok(regular(1, Some(2)));
    let outputs = world.outputs(regular(1, Some(3)));
    assert!(outputs.changed.patients.contains(&patient(1)));
    // The one who has the patient in a consultation reads it too.
    for who in 1..=3 {
        assert!(outputs.changed.practitioners.contains(&practitioner(who)));
    }
    world.ok(end(1, 1));
    let outputs = world.outputs(regular(1, Some(2)));
    // So does the one who saw them last.
    assert!(outputs.changed.practitioners.contains(&practitioner(1)));
    let outputs = world.outputs(regular(2, Some(1)));
    assert!(outputs.changed.waiting_rooms.contains(&pool(1)));
}

#[test]
fn m01_the_log_tells_who_said_so_and_leads_to_the_same() {
    let mut world = World::consulting();
    let mut log = world.outputs(takes_on(1, 1, true)).audit;
    let key = ApiKeyId::from_random(7);
    let by_a_system = world
        .clinic
        .handle_for(world.now, regular(2, Some(3)), Some(key));
    log.extend(by_a_system.audit);
    log.extend(world.outputs(regular(3, Some(2))).audit);
    log.extend(world.outputs(regular(3, None)).audit);
    let actors: Vec<Actor> = log.iter().map(|entry| entry.actor).collect();
    assert_eq!(
        actors,
        [
            Actor::Practitioner(practitioner(1)),
            Actor::System(key),
            Actor::Administration,
            Actor::Administration
        ]
    );
    let mut replay = Replay::new();
    for entry in &log {
        replay.read(entry).expect("the log of a clinic");
    }
    assert!(replay.regulars().eq(world.clinic.regulars()));
    assert_eq!(replay.regulars().count(), 2);
    let erased = Entry {
        at: world.now,
        actor: Actor::Administration,
        act: Act::Erased {
            patient: patient(1),
        },
    };
    replay.read(&erased).expect("the log of a clinic");
    assert!(replay.regulars().eq([(patient(2), practitioner(3))]));
}

#[test]
fn m01_whoever_was_erased_has_no_regular_doctor_and_their_id_begins_nothing_again() {
    let mut world = World::consulting();
    world.ok(regular(1, Some(2)));
    world.ok(end(1, 1));
    let changed = world.clinic.catch_up(
        world.now,
        Missed {
            rows: State {
                erased: vec![patient(1)],
                ..State::default()
            },
            ..Missed::default()
        },
    );
    assert!(changed.practitioners.contains(&practitioner(2)));
    assert_eq!(world.clinic.regular_of(patient(1)), None);
    let state = world.clinic.state();
    world.clinic = Clinic::restore(Policy::default(), state, world.now).expect("what was stored");
    world.refused(regular(1, Some(2)), Refusal::UnknownPatient);
    world.refused(takes_on(1, 1, true), Refusal::UnknownPatient);
    world.refused(another_visit(1, 11), Refusal::UnknownPatient);
    let at = world.now.plus(minutes(30));
    let booking = Booking {
        visit: visit(11),
        ..booking(1, at)
    };
    world.refused(Input::Book(Box::new(booking)), Refusal::UnknownPatient);
}

#[test]
fn a_server_that_is_behind_reads_who_has_a_regular_doctor_and_who_has_none_any_more() {
    let mut leader = World::new();
    leader.ok(regular(1, Some(2)));
    let mut follower = World::new();
    let rows = leader.clinic.state();
    let missed = Missed {
        rows: State {
            regulars: rows.regulars,
            ..State::default()
        },
        ..Missed::default()
    };
    let changed = follower.clinic.catch_up(follower.now, missed);
    assert!(changed.patients.contains(&patient(1)));
    assert!(follower.clinic.regulars().eq(leader.clinic.regulars()));
    let missed = Missed {
        left: vec![patient(1)],
        ..Missed::default()
    };
    let changed = follower.clinic.catch_up(follower.now, missed);
    assert!(changed.practitioners.contains(&practitioner(2)));
    assert_eq!(follower.clinic.regular_of(patient(1)), None);
}
