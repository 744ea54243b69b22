//! What is booked is promised: walk-ins are let in to what the shifts hold beside it.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use support::{World, arrival, arrival_for, booking, leave, minutes, practitioner, service, visit};
use vestibule_clinic::shield::{QueueClosedReason, Roster, Shift};
use vestibule_clinic::{
    Appointment, Booking, Choice, ClosedReason, Input, Practitioner, Refusal, Service, ShiftPromise,
};
use vestibule_vocab::Timestamp;

/// So many minutes from when a world begins.
fn at(number: u64) -> Timestamp {
    Timestamp(1_000_000_000).plus(minutes(number))
}

/// Practitioner `number` practises these services, in shifts between these minutes.
fn works(world: &mut World, number: u32, services: &[u32], shifts: &[(u64, u64)]) {
    let shifts = shifts.iter().map(|&(from, to)| Shift {
        from: at(from),
        to: at(to),
        breaks: Vec::new(),
    });
    let services = services.iter().copied().map(service);
    world.ok(Input::SetPractitioner {
        practitioner: Box::new(Practitioner {
            roster: Some(Roster::new(shifts.collect()).unwrap()),
            ..Practitioner::named(practitioner(number), "Dr Martin", services)
        }),
    });
}

/// The services promise consultations of ten minutes. The first practitioner alone practises the first one, for 36 minutes, and
/// nobody else works.
fn with_36_minutes() -> World {
    let mut world = World::new();
    for number in 1..=2 {
        let promise = ShiftPromise {
            typical: minutes(10),
            lead: minutes(0),
        };
        let known = world.clinic.service(service(number)).unwrap();
        let service = Box::new(Service {
            promise: Some(promise),
            ..known.clone()
        });
        world.ok(Input::SetService { service });
    }
    works(&mut world, 1, &[1], &[(0, 36)]);
    works(&mut world, 2, &[2], &[]);
    works(&mut world, 3, &[2], &[]);
    world
}

fn appointment(number: u32, of: Option<u32>, from: u64, length: u64) -> Booking {
    Booking {
        choice: of.map_or(Choice::Next, |of| Choice::Named(practitioner(of))),
        appointment: Appointment {
            at: at(from),
            length: minutes(length),
        },
        ..booking(number, at(from))
    }
}

fn books(world: &mut World, booking: Booking) {
    world.ok(Input::Book(Box::new(booking)));
}

/// Why the service takes nobody in, and when it opens.
fn closed(world: &World, number: u32) -> Option<(ClosedReason, Option<Timestamp>)> {
    let closed = world.clinic.closed(world.now, service(number));
    closed.map(|closed| (closed.reason, closed.opens_at))
}

const FULL: ClosedReason = ClosedReason::Queue(QueueClosedReason::ShiftsFull);

#[test]
fn m15_a_shift_that_is_booked_takes_no_walk_in() {
    let mut world = with_36_minutes();
    books(&mut world, appointment(1, Some(1), 0, 10));
    books(&mut world, appointment(2, None, 10, 10));
    assert_eq!(closed(&world, 1), None, "the third place is free");
    books(&mut world, appointment(3, Some(1), 20, 10));
    assert_eq!(closed(&world, 1), Some((FULL, None)));
    let refusal = Refusal::QueueClosed { opens_at: None };
    world.refused(arrival(4), refusal);
    world.refused(arrival_for(4, 1), refusal);
    // Whoever is booked comes all the same, and takes no second place.
    world.ok(arrival(1));
    assert_eq!(closed(&world, 1), Some((FULL, None)));
    world.ok(leave(1));
    world.ok(arrival(4));
    world.refused(arrival(5), refusal);
}

#[test]
fn m15_a_queue_opens_when_an_appointment_is_cancelled_or_its_patient_does_not_come() {
    let mut world = with_36_minutes();
    let book = |number, from| Input::Book(Box::new(appointment(number, Some(1), from, 10)));
    let touches = |world: &mut World, input| {
        let outputs = world.outputs(input);
        let doors = world.clinic.held_to_shifts(&outputs.changed);
        assert!(doors.contains(&service(1)), "{doors:?}");
    };
    for (number, from) in [(1, 0), (2, 10), (3, 20)] {
        touches(&mut world, book(number, from));
    }
    assert_eq!(closed(&world, 1), Some((FULL, None)));
    touches(&mut world, Input::Cancel { visit: visit(3) });
    assert_eq!(closed(&world, 1), None);
    books(&mut world, appointment(4, Some(1), 20, 10));
    works(&mut world, 1, &[1], &[(0, 60)]);
    for number in [5, 6, 7] {
        world.ok(arrival(number));
    }
    assert_eq!(closed(&world, 1), Some((FULL, None)));
    (5..=7).for_each(|number| world.ok(leave(number)));
    // Half an hour after the first was to come nobody counts on them, nor before that on anybody else.
    world.now = at(30);
    assert_eq!(closed(&world, 1), Some((FULL, None)));
    touches(&mut world, Input::Timeout);
    assert_eq!(closed(&world, 1), None);
}

#[test]
fn m15_an_appointment_takes_as_many_places_as_it_is_long_also_when_its_patient_waits() {
    let mut world = with_36_minutes();
    books(&mut world, appointment(1, Some(1), 0, 21));
    assert_eq!(closed(&world, 1), Some((FULL, None)));
    world.ok(arrival(1));
    assert_eq!(closed(&world, 1), Some((FULL, None)));
    world.ok(leave(1));
    books(&mut world, appointment(2, Some(1), 0, 20));
    assert_eq!(closed(&world, 1), None);
}

#[test]
fn m15_a_full_queue_opens_with_the_first_shift_that_is_not_booked_too() {
    let mut world = with_36_minutes();
    works(&mut world, 1, &[1], &[(0, 36), (100, 120), (200, 220)]);
    for (number, from) in [(1, 0), (2, 10), (3, 20), (4, 100), (5, 110)] {
        books(&mut world, appointment(number, Some(1), from, 10));
    }
    let opens_at = Some(at(200));
    assert_eq!(closed(&world, 1), Some((FULL, opens_at)));
    world.refused(arrival(9), Refusal::QueueClosed { opens_at });
    world.ok(Input::Cancel { visit: visit(5) });
    assert_eq!(closed(&world, 1), Some((FULL, Some(at(100)))));
    // Those of a later shift are no burden to this one.
    world.ok(Input::Cancel { visit: visit(1) });
    assert_eq!(closed(&world, 1), None);
}

#[test]
fn m15_what_is_booked_with_one_or_kept_by_others_takes_no_time_of_another() {
    let mut world = with_36_minutes();
    // A colleague has a late shift that is booked, and is not counted on yet.
    works(&mut world, 1, &[1], &[(0, 90)]);
    works(&mut world, 2, &[1, 2], &[(60, 90)]);
    for (number, from) in [(1, 60), (2, 70), (3, 80)] {
        books(&mut world, appointment(number, Some(2), from, 10));
    }
    for number in 11..=19 {
        assert_eq!(closed(&world, 1), None, "{number}");
        world.ok(arrival(number));
    }
    assert!(closed(&world, 1).is_some());
    (11..=19).for_each(|number| world.ok(leave(number)));
    // Of the other service the third takes care, while they work.
    let other = |number, from| Booking {
        service: service(2),
        ..appointment(number, None, from, 10)
    };
    works(&mut world, 1, &[1, 2], &[(0, 36)]);
    works(&mut world, 2, &[], &[]);
    works(&mut world, 3, &[2], &[(0, 36)]);
    for (number, from) in [(4, 0), (5, 10), (6, 20)] {
        books(&mut world, other(number, from));
    }
    assert_eq!(closed(&world, 1), None);
    works(&mut world, 3, &[2], &[]);
    assert_eq!(closed(&world, 1), Some((FULL, None)));
    let refusal = Refusal::QueueClosed { opens_at: None };
    world.refused(arrival_for(7, 1), refusal);
}
