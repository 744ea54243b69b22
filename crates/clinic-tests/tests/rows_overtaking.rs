//! Whom a practitioner may see before others, row by row, and what is written down of it.

#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "a test names the acts that it is about"
)]

mod support;

use support::*;
use vestibule_clinic::audit::{Act, Hindered, Hindrance, OneHindered, Overtaking, Passed};
use vestibule_clinic::{
    Arriving, Booking, Choice, Decision, Input, Overtake, Refusal, Urgency, WaitingRoom,
};

impl World {
    /// Whom an accepted input overtakes and why, as the audit log has it.
    fn overtaking(&mut self, input: Input) -> Option<Overtaking> {
        let outputs = self.outputs(input);
        outputs.audit.into_iter().find_map(|entry| match entry.act {
            Act::Moved { overtook, .. } => overtook,
            _ => None,
        })
    }

    /// The first in practitioner 1's list who could be admitted now.
    fn first_who_is_there(&self) -> Option<u32> {
        let mut list = self.clinic.waiting_for(practitioner(1));
        let first = list.find(|line| line.connected && line.ready)?.visit.id;
        (1..).find(|number| visit(*number) == first)
    }
}

fn because(reason: Overtake, passed: Vec<Passed>) -> Option<Overtaking> {
    because_of_these(reason, passed, [])
}

/// Some of those who are passed could not be admitted.
fn because_of_these<const N: usize>(
    reason: Overtake,
    passed: Vec<Passed>,
    hindered: [(u32, Hindrance); N],
) -> Option<Overtaking> {
    let visits = hindered.map(|(number, why)| OneHindered {
        visit: visit(number),
        why,
    });
    Some(Overtaking {
        reason,
        passed,
        hindered: Some(Hindered {
            visits: visits.into(),
            not_looked_at: 0,
        }),
    })
}

fn line(waiting_room: WaitingRoom, earlier: u32, before: u32) -> Passed {
    Passed {
        waiting_room,
        earlier,
        before,
    }
}

fn urgency(of: u32, urgency: Urgency) -> Input {
    let visit = visit(of);
    decided(1, Decision::SetUrgency { visit, urgency })
}

#[test]
fn m06_an_urgent_visit_comes_before_those_who_did_not_come_much_earlier() {
    let mut world = World::waiting([1]);
    world.pass(minutes(100));
    world.ok(arrival(2));
    world.ok(arrival(3));
    world.ok(urgency(3, Urgency::Urgent));
    assert_eq!(world.order(), [visit(1), visit(3), visit(2)]);
    world.ok(admission(1, 1));
    world.ok(end(1, 1));
    let passed = vec![line(pool(1), 1, 0)];
    assert_eq!(
        world.overtaking(admission(1, 3)),
        because(Overtake::Urgency, passed)
    );
}

#[test]
fn m06_whoever_has_an_appointment_and_so_is_first_is_admitted_unasked() {
    let mut world = World::waiting([]);
    let at = world.now.plus(minutes(15));
    world.ok(Input::Book(Box::new(booking(1, at))));
    world.pass(minutes(6));
    world.ok(arrival(2));
    world.pass(minutes(1));
    world.ok(arrival(1));
    assert_eq!(world.order(), [visit(1), visit(2)]);
    world.refused(admission(1, 2), Refusal::OvertakeNeedsAReason);
    let said = because(Overtake::Appointment, vec![line(pool(1), 1, 0)]);
    assert_eq!(world.overtaking(admission(1, 1)), said);
}

#[test]
fn m06_whoever_has_waited_longer_than_urgency_is_worth_is_admitted_unasked_and_passes_nobody() {
    let mut world = World::waiting([1]);
    world.pass(minutes(91));
    world.ok(arrival(2));
    world.ok(urgency(2, Urgency::Urgent));
    assert_eq!(world.order(), [visit(1), visit(2)]);
    world.refused(admission(1, 2), Refusal::OvertakeNeedsAReason);
    assert_eq!(world.overtaking(admission(1, 1)), None);
}

/// Over all their waiting rooms, and whatever brought each to their place.
#[test]
fn m06_whoever_is_first_of_those_who_are_there_is_admitted_unasked_until_nobody_waits() {
    let mut world = World::waiting([1, 2]);
    let at = world.now.plus(minutes(5));
    world.ok(Input::Book(Box::new(booking(3, at))));
    world.ok(arrival_for(4, 1));
    world.ok(arrival_for(5, 1));
    for number in [3, 6, 7] {
        world.pass(minutes(2));
        world.ok(arrival(number));
    }
    world.ok(urgency(5, Urgency::Soon));
    world.ok(urgency(7, Urgency::Urgent));
    world.patient_goes(6);
    world.ok(call(1, 6));
    world.patient_comes_back(6);
    world.patient_goes(1);
    let mut seen = Vec::new();
    while let Some(next) = world.first_who_is_there() {
        world.ok(admission(1, next));
        world.ok(end(1, next));
        seen.push(next);
    }
    assert_eq!(seen, [6, 7, 5, 3, 2, 4]);
}

#[test]
fn m06_a_doctor_who_takes_somebody_out_of_turn_says_why_and_nothing_is_done_before_they_do() {
    let mut world = World::waiting(1..=3);
    let before = world.clinic.clone();
    world.refused(admission(1, 3), Refusal::OvertakeNeedsAReason);
    for not_theirs_to_say in [Overtake::Called, Overtake::Named] {
        let admission = admission_because(1, 3, Some(not_theirs_to_say));
        world.refused(admission, Refusal::NotAChoice);
    }
    assert_eq!(world.clinic, before);
    let admission_of_3 = admission_because(1, 3, Some(Overtake::ClinicalNeed));
    let passed = vec![line(pool(1), 2, 2)];
    let said = because(Overtake::ClinicalNeed, passed);
    assert_eq!(world.overtaking(admission_of_3), said);
    world.ok(end(1, 3));
    world.patient_goes(1);
    // Nobody who could be admitted is before: there is nothing to ask.
    let passed = vec![line(pool(1), 1, 1)];
    let away = [(1, Hindrance::Away)];
    let said = because_of_these(Overtake::NobodyBeforeWasReady, passed, away);
    assert_eq!(world.overtaking(admission(1, 2)), said);
}

#[test]
fn m06_whoever_is_first_needs_no_reason_and_one_that_is_given_is_not_written_down() {
    let mut world = World::waiting(1..=2);
    let first = admission_because(1, 1, Some(Overtake::QuickMatter));
    assert_eq!(world.overtaking(first), None);
}

#[test]
fn m06_nobody_is_passed_over_once_they_have_waited_for_the_ageing_bound() {
    let mut world = World::waiting([1]);
    world.pass(minutes(119));
    world.ok(arrival(2));
    let because = |of| admission_because(1, of, Some(Overtake::ClinicalNeed));
    world.ok(because(2));
    world.ok(end(1, 2));
    world.ok(arrival(3));
    world.pass(minutes(1));
    world.refused(because(3), Refusal::OthersWaitTooLong);
    world.patient_goes(1);
    world.ok(because(3));
}

#[test]
fn m06_nobody_is_passed_over_for_somebody_in_another_waiting_room_of_the_same_practitioner() {
    let mut world = World::waiting([1]);
    world.pass(minutes(60));
    world.ok(arrival_for(2, 1));
    world.ok(arrival_for(3, 2));
    world.practitioner_comes(2);
    // Until the bound it is the practitioner's choice.
    world.pass(minutes(59));
    world.ok(admission(1, 2));
    world.ok(end(1, 2));
    world.ok(another_visit_for(2, 20, 1));
    world.pass(minutes(1));
    world.refused(admission(1, 20), Refusal::OthersWaitTooLong);
    world.refused(
        admission_because(2, 3, Some(Overtake::ClinicalNeed)),
        Refusal::OthersWaitTooLong,
    );
    // Nobody waits for somebody who is away, or whom they do not see.
    world.patient_goes(1);
    world.ok(admission(1, 20));
    world.patient_comes_back(1);
    world.ok(admission(2, 1));
    world.ok(end(2, 1));
    world.ok(admission(2, 3));
}

#[test]
fn m06_whoever_was_called_comes_before_those_who_wait_too_long_elsewhere() {
    let mut world = World::waiting([1]);
    world.ok(arrival_for(2, 1));
    world.pass(minutes(120));
    world.patient_goes(2);
    world.ok(call(1, 2));
    world.patient_comes_back(2);
    let said = because(Overtake::Called, vec![line(pool(1), 1, 0)]);
    assert_eq!(world.overtaking(admission(1, 2)), said);
}

#[test]
fn m06_a_practitioner_of_another_service_passes_nobody_whom_they_do_not_see() {
    let mut world = World::waiting([]);
    let elsewhere = Arriving {
        service: service(2),
        ..arriving(1)
    };
    world.ok(Input::Arrive(Box::new(elsewhere)));
    world.pass(minutes(121));
    world.ok(arrival_for(2, 1));
    world.ok(admission(1, 2));
}

#[test]
fn m06_a_doctors_own_patient_comes_before_those_who_wait_for_whoever_is_free_and_it_is_written_down()
 {
    let mut world = World::waiting([1, 2]);
    world.ok(arrival_for(3, 1));
    let said = because(Overtake::Named, vec![line(pool(1), 2, 2)]);
    assert_eq!(world.overtaking(admission(1, 3)), said);
}

#[test]
fn m06_a_doctors_own_patient_does_not_come_by_itself_before_one_who_is_more_urgent_or_was_called() {
    let mut world = World::waiting([1, 2]);
    world.ok(arrival_for(3, 1));
    world.ok(urgency(2, Urgency::Soon));
    world.refused(admission(1, 3), Refusal::OvertakeNeedsAReason);
    world.ok(urgency(3, Urgency::Soon));
    world.ok(admission(1, 3));
    world.ok(end(1, 3));
    world.ok(another_visit_for(3, 30, 1));
    world.ok(urgency(2, Urgency::Routine));
    world.patient_goes(2);
    world.ok(call(1, 2));
    world.patient_comes_back(2);
    world.refused(admission(1, 30), Refusal::OvertakeNeedsAReason);
    world.ok(admission_because(1, 30, Some(Overtake::ByAgreement)));
}

#[test]
fn m06_a_doctors_own_patient_does_not_come_by_itself_before_one_who_is_more_urgent_and_not_the_next()
 {
    let mut world = World::waiting([1]);
    world.pass(minutes(40));
    world.ok(arrival(2));
    world.ok(urgency(2, Urgency::Soon));
    world.ok(arrival_for(3, 1));
    assert_eq!(world.order(), [visit(1), visit(2), visit(3)]);
    world.refused(admission(1, 3), Refusal::OvertakeNeedsAReason);
    let mut away = world.clone();
    let need = Some(Overtake::ClinicalNeed);
    let said = because(Overtake::ClinicalNeed, vec![line(pool(1), 2, 2)]);
    assert_eq!(world.overtaking(admission_because(1, 3, need)), said);
    // Nobody asks about one who could not be admitted, and a reason that nobody asked for is not written down.
    away.patient_goes(2);
    let said = because_of_these(
        Overtake::Named,
        vec![line(pool(1), 2, 2)],
        [(2, Hindrance::Away)],
    );
    assert_eq!(away.overtaking(admission_because(1, 3, need)), said);
}

#[test]
fn m02_whoever_is_early_for_their_doctor_is_not_seen_before_a_walk_in_unless_the_doctor_says_why() {
    let mut world = World::waiting([]);
    let at = world.now.plus(minutes(30));
    let with_their_doctor = Booking {
        choice: Choice::Named(practitioner(1)),
        ..booking(2, at)
    };
    world.ok(Input::Book(Box::new(with_their_doctor)));
    world.ok(arrival(1));
    world.pass(minutes(5));
    world.ok(arrival(2));
    assert_eq!(world.order(), [visit(1), visit(2)]);
    world.refused(admission(1, 2), Refusal::OvertakeNeedsAReason);
    let mut later = world.clone();
    let first = Overtake::WaitingRoomFirst;
    let said = because(first, vec![line(pool(1), 1, 1)]);
    assert_eq!(world.overtaking(admission_because(1, 2, Some(first))), said);
    // With what an appointment is worth it is their turn ten minutes before; until then who comes now comes before.
    later.pass(minutes(14));
    later.refused(admission(1, 2), Refusal::OvertakeNeedsAReason);
    later.pass(minutes(1));
    let said = because(Overtake::Named, vec![line(pool(1), 1, 1)]);
    assert_eq!(later.overtaking(admission(1, 2)), said);
}

#[test]
fn m06_whoever_waits_for_one_doctor_alone_is_not_passed_over_by_them_without_a_reason() {
    let mut world = World::waiting([]);
    world.ok(arrival_for(1, 1));
    world.ok(arrival(2));
    world.refused(admission(1, 2), Refusal::OvertakeNeedsAReason);
    // A colleague does not look there, and passes nobody.
    assert_eq!(world.overtaking(admission(2, 2)), None);
    world.ok(end(2, 2));
    world.ok(another_visit(2, 20));
    let passed = vec![line(own(1), 1, 1)];
    let said = because(Overtake::Continuity, passed);
    let admission = admission_because(1, 20, Some(Overtake::Continuity));
    assert_eq!(world.overtaking(admission), said);
}

#[test]
fn m06_a_doctor_of_two_services_may_see_one_waiting_room_first_but_passes_over_nobody_in_it() {
    let mut world = World::waiting([1, 2]);
    // Practitioner 3 practises both services.
    for number in 3..=4 {
        world.ok(Input::Arrive(Box::new(Arriving {
            service: service(2),
            ..arriving(number)
        })));
    }
    let first = Some(Overtake::WaitingRoomFirst);
    world.refused(admission(3, 3), Refusal::OvertakeNeedsAReason);
    world.refused(admission_because(3, 4, first), Refusal::NotAChoice);
    let said = because(Overtake::WaitingRoomFirst, vec![line(pool(1), 2, 2)]);
    assert_eq!(world.overtaking(admission_because(3, 3, first)), said);
    world.ok(end(3, 3));
    // Both waiting rooms are told, one's own first.
    world.ok(Input::Arrive(Box::new(Arriving {
        service: service(2),
        ..arriving(5)
    })));
    let said = because(
        Overtake::ClinicalNeed,
        vec![line(pool(2), 1, 1), line(pool(1), 2, 2)],
    );
    let need = Some(Overtake::ClinicalNeed);
    assert_eq!(world.overtaking(admission_because(3, 5, need)), said);
}

#[test]
fn m06_whoever_counts_from_earlier_in_another_waiting_room_is_passed_by_the_order_and_it_says_so() {
    let mut world = World::waiting([1]);
    world.ok(arrival_for(2, 1));
    world.ok(urgency(2, Urgency::Urgent));
    let said = because(Overtake::Urgency, vec![line(pool(1), 1, 0)]);
    assert_eq!(world.overtaking(admission(1, 2)), said);
}

#[test]
fn m06_going_on_with_somebody_on_hold_passes_nobody() {
    let mut world = World::consulting();
    world.ok(hold(1, 1));
    assert_eq!(world.overtaking(resume(1, 1)), None);
}
