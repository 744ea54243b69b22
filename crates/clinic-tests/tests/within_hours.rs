//! Appointments lie within the service's hours from their beginning to their end.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod support;

use std::collections::BTreeMap;

use support::*;
use vestibule_clinic::calendar::{
    Closure, Extent, LocalTime, OpeningHours, Regular, Span, Timetable, Weekday,
};
use vestibule_clinic::shield::{Roster, Shift};
use vestibule_clinic::{Appointment, Booking, Input, Practitioner, Refusal, Service};
use vestibule_vocab::{Millis, Redacted, Timestamp};

/// A moment by its offset from UTC, such as `2026-11-26T09:00+01`.
fn at(text: &str) -> Timestamp {
    let instant: jiff::Timestamp = text.parse().unwrap();
    Timestamp(instant.as_millisecond().try_into().unwrap())
}

fn hours(number: u64) -> Millis {
    Millis::from_secs(number * 60 * 60)
}

fn weekly(days: &[Weekday], from: &str, to: &str) -> Regular {
    let time = |text| LocalTime::parse(text).unwrap();
    let span = Span::new(time(from), time(to)).unwrap();
    Regular::Weekly(
        days.iter()
            .map(|day| (*day, vec![span]))
            .collect::<BTreeMap<_, _>>(),
    )
}

const WEEKDAYS: [Weekday; 5] = [
    Weekday::Monday,
    Weekday::Tuesday,
    Weekday::Wednesday,
    Weekday::Thursday,
    Weekday::Friday,
];

/// A clinic whose only service has these hours, at a moment.
fn open(now: &str, regular: Regular, closures: &[&str]) -> World {
    let mut world = World::waiting([]);
    world.now = at(now);
    let closures = closures.iter().map(|day| {
        let day = day.parse().unwrap();
        Closure {
            extent: Extent::Days {
                first: day,
                last: day,
            },
            reason: Redacted::default(),
        }
    });
    let timetable = Timetable {
        regular,
        closures: closures.collect(),
        ..Timetable::default()
    };
    world.ok(Input::SetService {
        service: Box::new(Service {
            hours: OpeningHours::new(timetable).unwrap(),
            ..Service::named(service(1), "General practice")
        }),
    });
    world
}

fn book(number: u32, at: Timestamp, length: Millis) -> Input {
    Input::Book(Box::new(Booking {
        appointment: Appointment { at, length },
        ..booking(number, at)
    }))
}

fn refused(world: &mut World, from: &str, length: Millis, opens_at: Option<&str>) {
    let opens_at = opens_at.map(at);
    world.refused(
        book(9, at(from), length),
        Refusal::ServiceClosed { opens_at },
    );
}

#[test]
fn m19_an_appointment_ends_when_the_service_closes_at_the_latest() {
    let mut world = open(
        "2026-11-20T12:00+01",
        weekly(&WEEKDAYS, "08:00", "18:00"),
        &[],
    );
    let tuesday = Some("2026-11-24T08:00+01");
    refused(&mut world, "2026-11-23T17:59+01", hours(8), tuesday);
    refused(&mut world, "2026-11-23T10:00:00.001+01", hours(8), tuesday);
    // Before it opens, the day itself is told.
    refused(
        &mut world,
        "2026-11-23T07:59+01",
        hours(8),
        Some("2026-11-23T08:00+01"),
    );
    world.ok(book(1, at("2026-11-23T10:00+01"), hours(8)));
    world.ok(book(2, at("2026-11-23T17:45+01"), minutes(15)));
}

#[test]
fn m19_an_appointment_reaches_into_no_closure() {
    let mut world = open("2026-12-20T12:00+01", Regular::Always, &["2026-12-25"]);
    let after = Some("2026-12-26T00:00+01");
    refused(&mut world, "2026-12-24T23:30+01", hours(8), after);
    refused(
        &mut world,
        "2026-12-24T23:30+01",
        Millis(30 * 60_000 + 1),
        after,
    );
    world.ok(book(1, at("2026-12-24T23:30+01"), minutes(30)));
}

#[test]
fn m19_an_appointment_passes_midnight_where_the_service_is_open_then() {
    // Every night is one stretch, and so are days that touch.
    let nights = weekly(&WEEKDAYS, "22:00", "06:00");
    let mut world = open("2026-11-20T12:00+01", nights, &[]);
    refused(
        &mut world,
        "2026-11-24T00:00+01",
        hours(7),
        Some("2026-11-24T22:00+01"),
    );
    world.ok(book(1, at("2026-11-23T22:00+01"), hours(8)));
    let days = weekly(&WEEKDAYS, "00:00", "24:00");
    let mut world = open("2026-11-20T12:00+01", days, &[]);
    world.ok(book(1, at("2026-11-23T20:00+01"), hours(8)));
    refused(
        &mut world,
        "2026-11-27T20:00+01",
        hours(8),
        Some("2026-11-30T00:00+01"),
    );
}

#[test]
fn m19_a_night_on_which_the_clock_is_set_is_as_long_as_it_is() {
    let every_night = [WEEKDAYS.as_slice(), &[Weekday::Saturday, Weekday::Sunday]].concat();
    let nights = || weekly(&every_night, "00:00", "06:00");
    // Seven hours when the clock is set back, five when it is set forward.
    let mut world = open("2026-10-20T12:00+02", nights(), &[]);
    refused(
        &mut world,
        "2026-10-24T00:00+02",
        hours(7),
        Some("2026-10-25T00:00+02"),
    );
    world.ok(book(1, at("2026-10-25T00:00+02"), hours(7)));
    let mut world = open("2026-03-20T12:00+01", nights(), &[]);
    refused(
        &mut world,
        "2026-03-29T00:00+01",
        hours(6),
        Some("2026-03-30T00:00+02"),
    );
    world.ok(book(1, at("2026-03-29T00:00+01"), hours(5)));
}

#[test]
fn m19_what_no_stretch_holds_has_no_time_to_be_told() {
    let mornings = weekly(&WEEKDAYS, "08:00", "12:00");
    let mut world = open("2026-11-20T12:00+01", mornings, &[]);
    refused(&mut world, "2026-11-23T08:00+01", hours(5), None);
}

#[test]
fn m19_what_is_told_of_the_next_time_lies_within_the_hours_and_within_a_shift() {
    let mut world = open(
        "2026-11-20T12:00+01",
        weekly(&WEEKDAYS, "08:00", "18:00"),
        &[],
    );
    let shift = |from, to| Shift {
        from: at(from),
        to: at(to),
        breaks: Vec::new(),
    };
    // On Sunday nobody comes; on Wednesday the shift begins before the service opens.
    let shifts = [
        shift("2026-11-22T08:00+01", "2026-11-22T12:00+01"),
        shift("2026-11-24T14:00+01", "2026-11-24T17:00+01"),
        shift("2026-11-25T06:00+01", "2026-11-25T10:00+01"),
    ];
    let everybody: Vec<_> = (1..)
        .map_while(|it| world.clinic.practitioner(practitioner(it)).cloned())
        .collect();
    assert!(!everybody.is_empty());
    for card in everybody {
        world.ok(Input::SetPractitioner {
            practitioner: Box::new(Practitioner {
                roster: Some(Roster::new(shifts.to_vec()).unwrap()),
                ..card
            }),
        });
    }
    let tuesday = Some("2026-11-24T14:00+01");
    refused(&mut world, "2026-11-22T09:00+01", hours(1), tuesday);
    let off_shift = |text| Refusal::OffShift {
        opens_at: Some(at(text)),
    };
    let monday = at("2026-11-23T09:00+01");
    world.refused(book(9, monday, hours(1)), off_shift("2026-11-24T14:00+01"));
    let late = at("2026-11-24T16:30+01");
    world.refused(book(9, late, hours(1)), off_shift("2026-11-25T08:00+01"));
    refused(&mut world, "2026-11-26T07:00+01", hours(1), None);
    world.ok(book(1, at("2026-11-25T08:00+01"), hours(1)));
}
