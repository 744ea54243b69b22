//! A service that the clinic closed by hand: for the rest of the day, and for nobody who was promised to be seen.

#![allow(clippy::expect_used, reason = "a test fails by panicking")]

mod support;

use support::*;
use vestibule_clinic::calendar::{OpeningHours, Period, Timetable, Zone};
use vestibule_clinic::{Input, Refusal, Service, VisitState};
use vestibule_vocab::{Millis, Timestamp};

/// Half past ten in the evening in Brussels, which is not yet the next day there and none in Tokyo any more.
const EVENING: Timestamp = Timestamp(1_768_512_600_000);

fn closed(zone: &str) -> World {
    let mut world = World::waiting([]);
    world.now = EVENING;
    let zone = Zone::parse(zone).expect("a zone");
    let hours = OpeningHours::new(Timetable {
        zone,
        ..Timetable::default()
    });
    world.ok(Input::SetService {
        service: Box::new(Service {
            open: false,
            hours: hours.expect("hours"),
            ..Service::named(service(1), "General practice")
        }),
    });
    world
}

fn book(number: u32, at: Timestamp) -> Input {
    Input::Book(Box::new(booking(number, at)))
}

/// When the day is over there.
fn midnight(zone: &str) -> Timestamp {
    let zone = Zone::parse(zone).expect("a zone");
    Period::Day.around(EVENING, &zone).to
}

#[test]
fn m19_nobody_is_booked_for_the_rest_of_the_day_and_anybody_for_the_days_after() {
    for zone in ["Europe/Brussels", "Asia/Tokyo"] {
        let mut world = closed(zone);
        let tomorrow = midnight(zone);
        let opens_at = Some(tomorrow);
        for at in [EVENING.plus(minutes(2)), Timestamp(tomorrow.0 - 1)] {
            world.refused(book(1, at), Refusal::ServiceClosed { opens_at });
        }
        world.ok(book(1, tomorrow));
    }
}

#[test]
fn m19_whoever_has_an_appointment_already_is_let_in_and_a_walk_in_is_not() {
    let mut world = closed("Europe/Brussels");
    let service_of = |open| Input::SetService {
        service: Box::new(Service {
            open,
            ..Service::named(service(1), "General practice")
        }),
    };
    world.ok(service_of(true));
    world.ok(book(1, EVENING.plus(minutes(2))));
    world.ok(service_of(false));
    world.ok(arrival(1));
    assert_eq!(world.state(1), VisitState::Waiting);
    let opens_at = None;
    world.refused(arrival(2), Refusal::ServiceClosed { opens_at });
    world.pass(Millis(1));
    world.ok(admission(1, 1));
}
