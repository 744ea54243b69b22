//! What a service says of itself to somebody who has not arrived: why it takes nobody in, and when it does again.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use support::{
    World, admission, another_visit, arrival, end, leave, minutes, practitioner, service, text,
};
use vestibule_clinic::calendar::OpeningHours;
use vestibule_clinic::shield::{QueueClosedReason, Roster, ShieldPolicy, Shift};
use vestibule_clinic::{Cap, ClosedReason, Input, Practitioner, Refusal, Service, ShiftPromise};
use vestibule_vocab::{Millis, Timestamp};

/// Thursday 26 November 2026, noon in Brussels.
const NOON: Timestamp = Timestamp(1_795_690_800_000);

fn set(world: &mut World, change: impl FnOnce(&mut Service)) {
    let mut set = world.clinic.service(service(1)).unwrap().clone();
    change(&mut set);
    let service = Box::new(set);
    let outputs = world
        .clinic
        .handle(world.now, Input::SetService { service });
    assert_eq!(outputs.answer, Ok(()));
}

fn at_noon() -> World {
    let mut world = World::new();
    world.now = NOON;
    world
}

fn hours(text: &str) -> OpeningHours {
    serde_json::from_str(text).unwrap()
}

#[test]
fn m19_an_open_service_says_nothing_and_an_unknown_one_neither() {
    let world = at_noon();
    assert_eq!(world.clinic.closed(NOON, service(1)), None);
    assert_eq!(world.clinic.closed(NOON, service(99)), None);
}

#[test]
fn m19_a_service_that_the_clinic_closed_does_not_say_when_it_opens() {
    let mut world = at_noon();
    set(&mut world, |service| service.open = false);
    let closed = world.clinic.closed(NOON, service(1)).unwrap();
    assert_eq!(
        (closed.reason, closed.opens_at),
        (ClosedReason::Closed, None)
    );
}

#[test]
fn m19_hours_and_a_closures_words_are_told() {
    let mut world = at_noon();
    let evenings = r#"{ "regular": { "weekly": { "thursday": [{ "from": "20:00", "to": "22:00" }] } },
        "closures": [{ "extent": { "days": { "first": "2026-11-26", "last": "2026-11-26" } },
                       "reason": "A holiday" }] }"#;
    set(&mut world, |service| service.hours = hours(evenings));
    let closed = world.clinic.closed(NOON, service(1)).unwrap();
    let outside = ClosedReason::Queue(QueueClosedReason::OutsideHours);
    assert_eq!((closed.reason, closed.words), (outside, text("A holiday")));
    let week = Millis(7 * 24 * 60 * 60 * 1000 + 8 * 60 * 60 * 1000);
    assert_eq!(closed.opens_at, Some(NOON.plus(week)));
}

/// The services take in as many as fit into one hour's shift of one practitioner, at half an hour each.
fn with_one_shift(world: &mut World) {
    let shift = format!(
        r#"[{{ "from": {}, "to": {} }}]"#,
        NOON.0,
        NOON.plus(minutes(60)).0
    );
    let roster: Roster = serde_json::from_str(&shift).unwrap();
    let empty: Roster = serde_json::from_str("[]").unwrap();
    let cards: Vec<Practitioner> = world.clinic.registered().cloned().collect();
    for (place, card) in cards.into_iter().enumerate() {
        let roster = Some(if place == 0 {
            roster.clone()
        } else {
            empty.clone()
        });
        let practitioner = Box::new(Practitioner { roster, ..card });
        let outputs = world
            .clinic
            .handle(NOON, Input::SetPractitioner { practitioner });
        assert_eq!(outputs.answer, Ok(()));
    }
    set(world, |service| {
        service.promise = Some(ShiftPromise {
            typical: minutes(30),
            lead: Millis(0),
        });
    });
}

#[test]
fn m15_what_is_said_before_arriving_is_what_is_decided_on_arrival() {
    let mut world = at_noon();
    with_one_shift(&mut world);
    let mut arrived = 0;
    for number in 1..=4 {
        let said = world
            .clinic
            .closed(NOON, service(1))
            .map(|closed| closed.reason);
        let answer = world.tell(arrival(number)).answer;
        match said {
            None => assert_eq!(answer, Ok(())),
            Some(reason) => {
                assert_eq!(reason, ClosedReason::Queue(QueueClosedReason::ShiftsFull));
                assert_eq!(answer, Err(Refusal::QueueClosed { opens_at: None }));
            }
        }
        arrived += u32::from(said.is_none());
    }
    assert_eq!(arrived, 2, "two half hours are in the shift");
}

#[test]
fn m15_a_full_queue_says_when_it_opens_again_to_whoever_looks_and_to_whoever_comes() {
    let mut world = at_noon();
    with_one_shift(&mut world);
    let evening = Shift {
        from: NOON.plus(minutes(360)),
        to: NOON.plus(minutes(420)),
        breaks: Vec::new(),
    };
    let known = world.clinic.practitioner(practitioner(2)).unwrap().clone();
    let practitioner = Box::new(Practitioner {
        roster: Roster::new(vec![evening]).ok(),
        ..known
    });
    world.ok(Input::SetPractitioner { practitioner });
    (1..=2).for_each(|number| world.ok(arrival(number)));
    let opens_at = Some(NOON.plus(minutes(360)));
    let closed = world.clinic.closed(NOON, service(1)).unwrap();
    assert_eq!(closed.opens_at, opens_at);
    world.refused(arrival(3), Refusal::QueueClosed { opens_at });
    world.practitioner_comes(1);
    for number in 1..=2 {
        world.ok(admission(1, number));
        world.ok(end(1, number));
    }
    // Whom the clinic is done with early makes room in the same shift.
    world.ok(arrival(3));
    world.ok(leave(3));
    world.now = NOON.plus(minutes(359));
    world.refused(another_visit(3, 4), Refusal::QueueClosed { opens_at });
    world.now = NOON.plus(minutes(360));
    world.ok(another_visit(3, 4));
}

/// The first practises service 1 alone, on no planned shifts, and sees two people a day.
fn with_a_cap_of_the_day(world: &mut World) {
    for number in 1..=3 {
        let services = if number == 1 {
            vec![service(1)]
        } else {
            Vec::new()
        };
        let shield = ShieldPolicy {
            day: Cap::new(2).ok(),
            ..ShieldPolicy::default()
        };
        let practitioner = Box::new(Practitioner {
            shield,
            ..Practitioner::named(practitioner(number), "Dr Martin", services)
        });
        world.ok(Input::SetPractitioner { practitioner });
    }
    set(world, |service| {
        service.promise = Some(ShiftPromise {
            typical: minutes(30),
            lead: Millis(0),
        });
    });
}

#[test]
fn m15_a_cap_that_is_reached_opens_the_queue_again_when_it_ends() {
    let mut world = at_noon();
    with_a_cap_of_the_day(&mut world);
    world.practitioner_comes(1);
    world.ok(arrival(1));
    world.ok(arrival(2));
    let closed = world.clinic.closed(world.now, service(1)).unwrap();
    // Tomorrow begins in twelve hours.
    let midnight = NOON.plus(minutes(12 * 60));
    let opens_at = closed.opens_at;
    assert_eq!(opens_at, Some(midnight));
    world.refused(arrival(3), Refusal::QueueClosed { opens_at });
    for number in 1..=2 {
        world.ok(admission(1, number));
        world.ok(end(1, number));
    }
    let closed = world.clinic.closed(world.now, service(1)).unwrap();
    assert_eq!(closed.opens_at, Some(midnight));
    world.now = Timestamp(midnight.0 - 1);
    let still = world.clinic.closed(world.now, service(1));
    assert_eq!(still, Some(closed.clone()));
    world.now = closed.opens_at.unwrap();
    assert_eq!(world.clinic.closed(world.now, service(1)), None);
}

#[test]
fn m15_a_cap_of_the_day_keeps_a_queue_shut_until_the_next_day_is_near() {
    let mut world = at_noon();
    with_a_cap_of_the_day(&mut world);
    set(&mut world, |service| {
        service.promise = Some(ShiftPromise {
            typical: minutes(10),
            lead: minutes(60),
        });
    });
    world.practitioner_comes(1);
    // A quarter to one in the morning.
    world.now = NOON.plus(minutes(12 * 60 + 45));
    for number in 1..=2 {
        world.ok(arrival(number));
        world.ok(admission(1, number));
        world.ok(end(1, number));
    }
    let near = NOON.plus(minutes(35 * 60));
    for now in [world.now, NOON.plus(minutes(34 * 60 + 59))] {
        world.now = now;
        let closed = world.clinic.closed(now, service(1)).unwrap();
        let full = ClosedReason::Queue(QueueClosedReason::ShiftsFull);
        assert_eq!((closed.reason, closed.opens_at), (full, Some(near)));
    }
    world.now = near;
    world.ok(arrival(3));
}
