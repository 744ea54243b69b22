//! Sound with redundancy: who may send it, and when they are told.
#![allow(clippy::unwrap_used, reason = "in a test a panic is the verdict")]

mod support;

use support::{INTERPRETER, PATIENT, PRACTITIONER, at, consultation, leg, outputs, plan};
use vestibule_forwarding::{Call, Output, Seat};

/// What everybody's blocks name Opus by, and what a stranger's do.
const OPUS: u8 = 111;
const OTHER: u8 = 109;

fn told(call: &mut Call) -> Vec<(Seat, bool)> {
    let told = outputs(call).into_iter();
    told.filter_map(|output| match output {
        Output::Redundancy { seat, allowed, .. } => Some((seat, allowed)),
        Output::Layers { .. }
        | Output::KeyFrame { .. }
        | Output::Link { .. }
        | Output::Slots { .. }
        | Output::Talk(_)
        | Output::Flow(_) => None,
    })
    .collect()
}

/// A consultation in which both take it, and both were told so.
fn both_take_it() -> (Call, Seat, Seat) {
    let (mut call, patient, practitioner) = consultation();
    call.set_redundancy(patient, Some(OPUS));
    assert_eq!(told(&mut call), [], "the other takes none");
    call.set_redundancy(practitioner, Some(OPUS));
    let expected = [(patient, true), (practitioner, true)];
    assert_eq!(told(&mut call), expected);
    (call, patient, practitioner)
}

/// A third person's offer comes.
fn interpreter_comes(call: &mut Call, redundancy: Option<u8>) -> Seat {
    plan(call, at(10), &[PATIENT, PRACTITIONER, INTERPRETER], true);
    let seat = call.seat_of(leg(INTERPRETER)).unwrap();
    call.attach(at(10), seat, 1);
    call.set_redundancy(seat, redundancy);
    seat
}

#[test]
fn whoever_is_alone_sends_none() {
    let mut call = Call::default();
    plan(&mut call, at(0), &[PATIENT, PRACTITIONER], true);
    let patient = call.seat_of(leg(PATIENT)).unwrap();
    call.attach(at(0), patient, 1);
    call.set_redundancy(patient, Some(OPUS));
    assert!(!call.may_send_redundancy(patient));
    assert_eq!(told(&mut call), []);
}

#[test]
fn a_newcomer_who_takes_none_ends_it_before_the_connection_is_up_and_it_returns_when_they_leave() {
    let (mut call, patient, practitioner) = both_take_it();
    interpreter_comes(&mut call, None);
    let off = [(patient, false), (practitioner, false)];
    assert_eq!(told(&mut call), off);
    plan(&mut call, at(20), &[PATIENT, PRACTITIONER], true);
    let on = [(patient, true), (practitioner, true)];
    assert_eq!(told(&mut call), on);
}

#[test]
fn a_newcomer_who_takes_it_changes_nothing_for_the_others() {
    let (mut call, _, _) = both_take_it();
    let interpreter = interpreter_comes(&mut call, Some(OPUS));
    assert_eq!(told(&mut call), [(interpreter, true)]);
}

#[test]
fn blocks_that_name_opus_otherwise_are_not_understood() {
    let (mut call, patient, practitioner) = both_take_it();
    let interpreter = interpreter_comes(&mut call, Some(OTHER));
    let off = [(patient, false), (practitioner, false)];
    assert_eq!(told(&mut call), off);
    assert!(!call.may_send_redundancy(interpreter));
}

#[test]
fn a_connection_that_ends_asks_nothing_of_the_others_and_a_new_one_is_told_anew() {
    let (mut call, patient, practitioner) = both_take_it();
    call.disconnected(practitioner);
    assert_eq!(told(&mut call), [(patient, false)], "nobody is left");
    call.attach(at(30), practitioner, 2);
    assert_eq!(
        told(&mut call),
        [],
        "a connection takes none until it says so"
    );
    call.set_redundancy(practitioner, Some(OPUS));
    let on = [(patient, true), (practitioner, true)];
    assert_eq!(told(&mut call), on);
}
