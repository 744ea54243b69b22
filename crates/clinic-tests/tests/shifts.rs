//! What planned shifts, and who practises what, mean for those who book and those who wait.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod support;

use support::{
    World, answers, arrival, arrival_for, booking, duty, is_asked, minutes, own, patient, pool,
    practitioner, service, text, transfer, visit,
};
use vestibule_clinic::calendar::Interval;
use vestibule_clinic::shield::{Roster, Shift};
use vestibule_clinic::{
    Answer, Arriving, Booking, Choice, Clinic, ClosedReason, Duty, Input, Missed, Policy,
    Practitioner, Refusal, Service, ShiftPromise,
};
use vestibule_vocab::Timestamp;

/// So many minutes from when a world begins.
fn at(number: u64) -> Timestamp {
    Timestamp(1_000_000_000).plus(minutes(number))
}

fn shift(from: u64, to: u64, breaks: &[(u64, u64)]) -> Shift {
    let breaks = breaks.iter();
    Shift {
        from: at(from),
        to: at(to),
        breaks: breaks
            .map(|(from, to)| Interval::new(at(*from), at(*to)))
            .collect(),
    }
}

/// From now on practitioner `number` works in these shifts.
fn works(world: &mut World, number: u32, shifts: Vec<Shift>) {
    let known = world.clinic.practitioner(practitioner(number)).unwrap();
    let card = Practitioner {
        roster: Some(Roster::new(shifts).unwrap()),
        ..known.clone()
    };
    world.ok(Input::SetPractitioner {
        practitioner: Box::new(card),
    });
}

fn book(number: u32, of: Option<u32>, from: u64) -> Input {
    Input::Book(Box::new(Booking {
        choice: of.map_or(Choice::Next, |of| Choice::Named(practitioner(of))),
        ..booking(number, at(from))
    }))
}

fn off_shift(opens_at: Option<u64>) -> Refusal {
    Refusal::OffShift {
        opens_at: opens_at.map(at),
    }
}

#[test]
fn m15_an_appointment_with_a_practitioner_lies_within_a_shift_and_in_none_of_its_breaks() {
    let mut world = World::new();
    works(
        &mut world,
        1,
        vec![shift(60, 180, &[(120, 130)]), shift(300, 360, &[])],
    );
    world.refused(book(1, Some(1), 10), off_shift(Some(60)));
    world.refused(book(1, Some(1), 50), off_shift(Some(60)));
    world.refused(book(1, Some(1), 110), off_shift(Some(130)));
    world.refused(book(1, Some(1), 170), off_shift(Some(300)));
    world.refused(book(1, Some(1), 400), off_shift(None));
    world.ok(book(1, Some(1), 60));
    world.ok(book(2, Some(1), 105));
    world.ok(book(3, Some(1), 130));
    world.ok(book(4, Some(1), 345));
}

#[test]
fn m15_an_appointment_with_whoever_is_free_needs_one_of_them_at_work() {
    let mut world = World::new();
    world.ok(book(1, None, 10));
    works(&mut world, 1, vec![shift(60, 120, &[])]);
    works(&mut world, 2, vec![shift(90, 150, &[])]);
    // The third plans no shifts, and so their times are free.
    world.ok(book(2, None, 400));
    works(&mut world, 3, vec![]);
    world.refused(book(3, None, 10), off_shift(Some(60)));
    world.ok(book(3, None, 60));
    world.ok(book(4, None, 130));
    world.refused(book(5, None, 140), off_shift(None));
    world.refused(book(5, Some(3), 60), off_shift(None));
}

#[test]
fn m01_nobody_is_booked_or_waits_for_what_the_practitioner_does_not_practise() {
    let mut world = World::new();
    let booking = Booking {
        service: service(2),
        choice: Choice::Named(practitioner(1)),
        ..booking(1, at(10))
    };
    world.refused(Input::Book(Box::new(booking)), Refusal::NotPractised);
    let arriving = Arriving {
        service: service(2),
        choice: Choice::Named(practitioner(1)),
        ..support::arriving(1)
    };
    world.refused(Input::Arrive(Box::new(arriving)), Refusal::NotPractised);
    world.refused(book(1, Some(9), 10), Refusal::NotFound);
}

/// A service that nobody practises.
fn with_an_orphan(world: &mut World) {
    world.ok(Input::SetService {
        service: Box::new(Service::named(service(3), "Psychiatry")),
    });
}

#[test]
fn m01_a_service_that_nobody_practises_takes_nobody_in() {
    let mut world = World::waiting([1]);
    with_an_orphan(&mut world);
    let orphan = service(3);
    let closed = world.clinic.closed(world.now, orphan).unwrap();
    assert_eq!(
        (closed.reason, closed.opens_at),
        (ClosedReason::NobodyPractises, None)
    );
    let arriving = Arriving {
        service: orphan,
        ..support::arriving(2)
    };
    let arrives = Input::Arrive(Box::new(arriving));
    world.refused(arrives.clone(), Refusal::NobodyPractises);
    let booking = Booking {
        service: orphan,
        ..booking(3, at(10))
    };
    world.refused(Input::Book(Box::new(booking)), Refusal::NobodyPractises);
    world.refused(transfer(1, 1, pool(3)), Refusal::NobodyPractises);

    // Somebody practises it and is off duty: whoever comes waits.
    let card = Practitioner::named(practitioner(4), "Dr Peeters", [orphan]);
    world.ok(Input::SetPractitioner {
        practitioner: Box::new(card),
    });
    world.ok(duty(4, Duty::Off));
    assert_eq!(world.clinic.closed(world.now, orphan), None);
    world.ok(arrives);
}

#[test]
fn m01_nobody_takes_the_next_of_a_service_that_nobody_practises_any_more() {
    let mut world = World::waiting([]);
    world.ok(arrival_for(1, 1));
    world.ok(duty(1, Duty::Off));
    for number in 1..=3 {
        world.ok(Input::SetPractitioner {
            practitioner: Box::new(Practitioner {
                duty: Duty::Off,
                ..Practitioner::named(practitioner(number), "Dr Martin", [service(2)])
            }),
        });
    }
    let next = Input::Answer {
        patient: patient(1),
        visit: visit(1),
        answer: Answer::TakeNext,
    };
    world.refused(next, Refusal::NobodyPractises);
}

#[test]
fn m15_a_break_ends_in_the_future() {
    let mut world = World::new();
    let until = |until| Duty::Break { until: Some(until) };
    let past = Timestamp(world.now.0 - 1);
    world.refused(duty(1, until(past)), Refusal::InvalidBreak);
    world.refused(duty(1, until(world.now)), Refusal::InvalidBreak);
    world.ok(duty(1, until(world.now.plus(minutes(1)))));
    world.pass(minutes(1));
    let back = world.clinic.practitioner(practitioner(1)).unwrap();
    assert_eq!(back.duty, Duty::On);
}

#[test]
fn m01_whoever_waits_for_a_doctor_whose_shift_lapses_is_offered_a_choice_and_never_dropped() {
    let mut world = World::waiting([]);
    works(&mut world, 1, vec![shift(0, 60, &[]), shift(600, 660, &[])]);
    (1..=3).for_each(|number| world.ok(arrival_for(number, 1)));
    world.ok(arrival(4));
    world.pass(minutes(59));
    assert!(!is_asked(&world, 1));

    // Nobody does anything: the shift ends, and its patients are told.
    assert_eq!(world.clinic.next_timeout(), Some(at(60)));
    world.now = at(60);
    let outputs = world.outputs(Input::Timeout);
    for number in 1..=3 {
        assert!(is_asked(&world, number), "{number}");
        assert!(outputs.changed.patients.contains(&patient(number)));
    }
    assert!(!is_asked(&world, 4), "they wait for whoever is free");
    world.ok(answers(1, Answer::TakeNext));
    world.ok(answers(2, Answer::WaitOn));
    assert!(!is_asked(&world, 2) && is_asked(&world, 3));
    let of = |number| world.clinic.visit(visit(number)).unwrap().visit;
    assert_eq!(of(1).waiting_room, pool(1));
    assert_eq!(of(2).waiting_room, own(1));
    // Whoever comes in the meantime is asked at once.
    world.ok(arrival_for(5, 1));
    assert!(is_asked(&world, 5));
}

#[test]
fn m15_the_end_of_a_shift_has_the_doors_looked_at_although_nobody_waits() {
    let mut world = World::waiting([]);
    let known = world.clinic.service(service(1)).unwrap();
    let held = Service {
        promise: Some(ShiftPromise {
            typical: minutes(20),
            lead: minutes(0),
        }),
        ..known.clone()
    };
    world.ok(Input::SetService {
        service: Box::new(held),
    });
    works(&mut world, 1, vec![shift(0, 60, &[])]);
    world.now = at(60);
    let outputs = world.outputs(Input::Timeout);
    let doors = world.clinic.held_to_shifts(&outputs.changed);
    assert!(doors.contains(&service(1)), "{doors:?}");
}

#[test]
fn m01_nobody_is_asked_any_more_once_the_next_shift_is_near() {
    let mut world = World::waiting([]);
    works(&mut world, 1, vec![shift(600, 660, &[])]);
    world.ok(arrival_for(1, 1));
    assert!(is_asked(&world, 1));
    assert_eq!(world.clinic.next_timeout(), Some(at(540)));
    world.now = at(540);
    world.ok(Input::Timeout);
    assert!(!is_asked(&world, 1), "they come within the hour");
    world.ok(arrival_for(2, 1));
    assert!(!is_asked(&world, 2));
    // A shift that is planned at once is as good.
    world.now = at(660);
    world.ok(Input::Timeout);
    assert!(is_asked(&world, 1) && is_asked(&world, 2));
    works(&mut world, 1, vec![shift(670, 700, &[])]);
    assert!(!is_asked(&world, 1) && !is_asked(&world, 2));
}

#[test]
fn m01_a_shift_that_is_made_longer_ends_once() {
    let mut world = World::waiting([]);
    works(&mut world, 1, vec![shift(0, 60, &[])]);
    assert_eq!(world.clinic.next_timeout(), Some(at(60)));
    works(&mut world, 1, vec![shift(0, 120, &[])]);
    assert_eq!(world.clinic.next_timeout(), Some(at(120)));
}

#[test]
fn m01_a_shift_that_was_planned_at_another_server_lapses_at_this_one_too() {
    let mut leader = World::waiting([]);
    works(&mut leader, 1, vec![shift(0, 60, &[])]);
    leader.ok(arrival_for(1, 1));
    let mut follower = World {
        clinic: Clinic::new(Policy::default()),
        now: leader.now,
    };
    let missed = Missed {
        rows: leader.clinic.state(),
        forgotten: Vec::new(),
        left: Vec::new(),
    };
    let _ = follower.clinic.catch_up(follower.now, missed);
    follower.patient_comes_back(1);
    assert_eq!(follower.clinic.next_timeout(), Some(at(60)));
    follower.now = at(60);
    follower.ok(Input::Timeout);
    assert!(is_asked(&follower, 1));
}

#[test]
fn m01_a_shift_that_lapses_while_no_server_runs_is_noticed_after() {
    let mut world = World::waiting([]);
    works(&mut world, 1, vec![shift(0, 60, &[])]);
    world.ok(arrival_for(1, 1));
    world.now = at(90);
    let policy = Policy::default();
    let clinic = Clinic::restore(policy, world.clinic.state(), world.now);
    world.clinic = clinic.expect("what was stored");
    assert!(world.clinic.next_timeout() <= Some(world.now));
    world.ok(Input::Timeout);
    assert!(is_asked(&world, 1));
    let later = world.clinic.next_timeout();
    assert!(later > Some(world.now), "it is noticed once");
    world.patient_comes_back(1);
    world.ok(answers(1, Answer::WaitOn));
    assert_eq!(
        text("Ada"),
        world.clinic.visit(visit(1)).unwrap().visit.name
    );
    // Nor does a server ask again that starts after that.
    let clinic = Clinic::restore(policy, world.clinic.state(), world.now);
    world.clinic = clinic.expect("what was stored");
    world.ok(Input::Timeout);
    assert!(!is_asked(&world, 1));
}

#[test]
fn m01_a_shift_that_lapsed_at_another_server_does_not_lapse_again_at_this_one() {
    let mut leader = World::waiting([]);
    works(
        &mut leader,
        1,
        vec![shift(0, 60, &[]), shift(180, 240, &[])],
    );
    leader.ok(arrival_for(1, 1));
    let mut follower = World {
        clinic: Clinic::new(Policy::default()),
        now: leader.now,
    };
    let follow = |follower: &mut World, leader: &World| {
        let missed = Missed {
            rows: leader.clinic.state(),
            forgotten: Vec::new(),
            left: Vec::new(),
        };
        let _ = follower.clinic.catch_up(follower.now, missed);
        follower.patient_comes_back(1);
    };
    follow(&mut follower, &leader);
    leader.now = at(60);
    leader.ok(Input::Timeout);
    leader.ok(answers(1, Answer::WaitOn));
    follow(&mut follower, &leader);
    follower.now = at(61);
    follower.ok(Input::Timeout);
    assert!(!is_asked(&follower, 1), "they chose to wait on");
    assert_eq!(follower.clinic.next_timeout(), Some(at(120)));
    // The next one is this server's to see, if it is the first that does.
    follower.now = at(240);
    follower.ok(Input::Timeout);
    assert!(is_asked(&follower, 1));
}
