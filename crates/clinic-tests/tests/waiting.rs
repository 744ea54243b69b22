//! The waiting room: who has which place, and how one gets out of it.

#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "a test names the states that it is about"
)]

mod support;

use support::*;
use vestibule_clinic::{
    Arriving, Decision, DeclineReason, Input, Outcome, Policy, Record, Refusal, VisitState, Warm,
};
use vestibule_vocab::{Millis, VisitId};

fn outcome(world: &World, number: u32) -> Option<Outcome> {
    match &world.clinic.visit(visit(number))?.visit.state {
        VisitState::Ended { outcome, .. } => Some(outcome.clone()),
        _ => None,
    }
}

#[test]
fn places_follow_arrival() {
    let world = World::waiting([3, 1, 2]);
    assert_eq!(world.order(), [visit(3), visit(1), visit(2)]);
    assert_eq!(world.clinic.place(visit(3)), Some(1));
    assert_eq!(world.clinic.place(visit(2)), Some(3));
}

#[test]
fn a_clock_that_steps_back_lets_nobody_overtake() {
    let mut world = World::waiting([1]);
    world.now = seconds(10);
    world.ok(arrival(2));
    assert_eq!(world.order(), [visit(1), visit(2)]);
}

#[test]
fn arriving_again_while_waiting_changes_nothing() {
    let mut world = World::waiting([1, 2]);
    let before = world.clinic.clone();
    let outputs = world.outputs(Input::Arrive(Box::new(Arriving {
        name: text("Somebody else"),
        ..arriving(1)
    })));
    assert!(world.clinic == before);
    assert!(outputs.records.is_empty() && outputs.changed.is_empty());
}

#[test]
fn leaving_and_coming_back_does_not_keep_the_place_nor_begin_the_same_visit_again() {
    let mut world = World::waiting([1, 2]);
    world.ok(leave(1));
    assert_eq!(outcome(&world, 1), Some(Outcome::Left));
    world.refused(arrival(1), Refusal::VisitEnded);
    world.ok(another_visit(1, 11));
    assert_eq!(world.clinic.place(visit(11)), Some(2));
}

#[test]
fn a_patient_has_one_active_visit() {
    let mut world = World::waiting([1]);
    let second = another_visit(1, 11);
    world.refused(second.clone(), Refusal::VisitActive);
    world.ok(admission(1, 1));
    world.refused(second, Refusal::VisitActive);
    world.refused(arrival(1), Refusal::VisitActive);
}

#[test]
fn somebody_elses_visit_does_not_exist() {
    let mut world = World::waiting([1]);
    world.refused(another_visit(2, 1), Refusal::NotFound);
    world.refused(
        Input::Leave {
            patient: patient(2),
            visit: visit(1),
        },
        Refusal::NotFound,
    );
    world.refused(leave(7), Refusal::NotFound);
}

#[test]
fn a_name_is_needed_and_a_reason_has_an_end() {
    let mut world = World::new();
    let arrive = |name: &str, reason: &str| {
        Input::Arrive(Box::new(Arriving {
            name: text(name),
            reason: text(reason),
            ..arriving(1)
        }))
    };
    world.refused(arrive("  ", ""), Refusal::InvalidName);
    world.refused(arrive("Ada", &"x".repeat(501)), Refusal::InvalidText);
    world.ok(arrive("  Ada ", " a cough\n"));
    let view = world.clinic.visit(visit(1)).expect("the visit is there");
    assert_eq!(view.visit.name.expose(), "Ada");
    assert_eq!(view.visit.reason.expose(), "a cough");
}

#[test]
fn a_full_waiting_room_lets_nobody_in_and_keeps_who_is_there() {
    let mut world = World::with(Policy {
        waiting: 2,
        ..Policy::default()
    });
    world.ok(arrival(1));
    world.ok(arrival(2));
    world.refused(arrival(3), Refusal::WaitingRoomFull);
    world.ok(arrival(2));
    world.ok(leave(1));
    world.ok(arrival(3));
}

#[test]
fn an_absent_patient_keeps_the_place_for_the_grace_and_not_longer() {
    let mut world = World::waiting([1, 2]);
    world.patient_goes(1);
    assert_eq!(world.clinic.next_timeout(), Some(world.now.plus(GRACE)));
    world.pass(Millis(GRACE.0 - 1));
    assert_eq!(world.clinic.place(visit(1)), Some(1));
    assert!(!world.clinic.visit(visit(1)).expect("waiting").connected);
    world.pass(Millis(1));
    assert_eq!(outcome(&world, 1), Some(Outcome::ConnectionLost));
    assert_eq!(world.order(), [visit(2)]);
}

#[test]
fn coming_back_within_the_grace_stops_the_clock() {
    let mut world = World::waiting([1]);
    world.patient_goes(1);
    world.pass(Millis(GRACE.0 - 1));
    world.patient_comes_back(1);
    world.pass(Millis::from_secs(3_600));
    assert_eq!(world.clinic.place(visit(1)), Some(1));
}

#[test]
fn a_second_sign_of_absence_does_not_begin_the_grace_again() {
    let mut world = World::waiting([1]);
    world.patient_goes(1);
    world.pass(Millis(GRACE.0 - 1));
    world.patient_goes(1);
    world.pass(Millis(1));
    assert_eq!(outcome(&world, 1), Some(Outcome::ConnectionLost));
}

#[test]
fn a_clock_that_steps_back_prolongs_nobodys_grace_by_more_than_the_grace() {
    let mut world = World::waiting([1]);
    world.patient_goes(1);
    for input in [Input::Timeout, arrival(2)] {
        world.now = seconds(world.now.0 / 2_000);
        world.ok(input);
        assert_eq!(world.clinic.next_timeout(), Some(world.now.plus(GRACE)));
    }
}

#[test]
fn a_declined_patient_is_told_why_in_the_practitioners_words() {
    let mut world = World::waiting([1, 2]);
    world.ok(decline(1));
    let reason = DeclineReason::Emergency;
    let declined = Outcome::Declined {
        reason,
        message: text("please call 112"),
    };
    assert_eq!(outcome(&world, 1), Some(declined));
    assert_eq!(world.order(), [visit(2)]);
    world.refused(decline(1), Refusal::VisitNotWaiting);
    world.refused(decline(9), Refusal::NotFound);
}

#[test]
fn a_patient_who_is_away_can_be_declined() {
    let mut world = World::waiting([1]);
    world.patient_goes(1);
    world.ok(decline(1));
    assert_eq!(
        world.clinic.next_timeout(),
        Some(world.now.plus(Policy::default().remember))
    );
}

#[test]
fn whether_a_patient_is_there_does_not_matter_once_the_visit_has_ended() {
    let mut world = World::waiting([1]);
    world.ok(leave(1));
    assert!(!world.clinic.visit(visit(1)).expect("remembered").connected);
    let before = world.clinic.clone();
    world.patient_goes(1);
    assert!(world.clinic == before);
    world.patient_comes_back(1);
    assert!(world.clinic == before);
}

#[test]
fn a_decline_with_too_many_words_changes_nothing() {
    let mut world = World::waiting([1]);
    let decline = Decision::Decline {
        visit: visit(1),
        reason: DeclineReason::Other,
        message: text(&"x".repeat(301)),
    };
    world.refused(decided(1, decline), Refusal::InvalidText);
}

#[test]
fn the_reason_for_a_visit_is_not_kept_when_it_has_ended() {
    let mut world = World::waiting([1]);
    let outputs = world.outputs(leave(1));
    let [Record::Visit(stored)] = outputs.records.as_slice() else {
        panic!("one visit is stored");
    };
    assert!(stored.reason.expose().is_empty());
}

#[test]
fn an_ended_visit_is_remembered_for_a_day_and_then_forgotten_with_its_session() {
    let mut world = World::consulting();
    world.ok(end(1, 1));
    let day = Policy::default().remember;
    world.pass(Millis(day.0 - 1));
    assert_eq!(outcome(&world, 1), Some(done()));
    assert!(world.clinic.ended_of(practitioner(1)).is_some());
    world.now = world.now.plus(Millis(1));
    let outputs = world.outputs(Input::Timeout);
    assert_eq!(outputs.records, [Record::Forget(visit(1))]);
    assert!(world.clinic.visit(visit(1)).is_none());
    assert!(world.clinic.visit_of(patient(1)).is_none());
    assert!(world.clinic.ended_of(practitioner(1)).is_none());
}

#[test]
fn the_oldest_ended_visit_makes_room_when_too_many_are_remembered() {
    let mut world = World::new();
    let limit = u32::try_from(vestibule_clinic::limits::ENDED_VISITS).expect("a small limit");
    for number in 0..limit {
        world.now = world.now.plus(Millis(1));
        world.ok(arrival(number));
        world.ok(leave(number));
    }
    assert!(world.clinic.visit(visit(0)).is_some());
    world.now = world.now.plus(Millis(1));
    world.ok(arrival(limit));
    let outputs = world.outputs(leave(limit));
    assert!(outputs.records.contains(&Record::Forget(visit(0))));
    assert!(world.clinic.visit(visit(0)).is_none());
    assert!(world.clinic.visit(visit(1)).is_some());
}

#[test]
fn those_behind_are_told_their_new_place_and_those_in_front_are_not() {
    let mut world = World::waiting(1..=4);
    let outputs = world.outputs(leave(2));
    let told = world.clinic.changed_patients(&outputs.changed);
    assert_eq!(Vec::from_iter(told), [patient(2), patient(3), patient(4)]);
}

fn warm(world: &World) -> Option<VisitId> {
    world.clinic.warm().next().map(|warm| warm.visit)
}

#[test]
fn the_head_of_the_queue_and_the_only_free_practitioner_keep_a_warm_leg() {
    let world = World::waiting([1, 2]);
    let expected = Warm {
        visit: visit(1),
        patient: patient(1),
        practitioner: practitioner(1),
    };
    assert_eq!(Vec::from_iter(world.clinic.warm()), [expected]);
}

#[test]
fn a_warm_leg_moves_on_when_the_head_of_the_queue_leaves() {
    let mut world = World::waiting([1, 2]);
    let outputs = world.outputs(leave(1));
    assert_eq!(warm(&world), Some(visit(2)));
    assert!(
        world
            .clinic
            .changed_practitioners(&outputs.changed)
            .contains(&practitioner(1))
    );
}

#[test]
fn no_leg_is_warm_while_the_head_is_away_or_nobody_or_more_than_one_is_free() {
    let mut world = World::waiting([1, 2]);
    world.patient_goes(1);
    assert_eq!(warm(&world), None);
    world.patient_comes_back(1);
    world.practitioner_comes(2);
    assert_eq!(warm(&world), None);
    world.practitioner_goes(2);
    assert_eq!(warm(&world), Some(visit(1)));
    world.ok(admission(1, 1));
    assert_eq!(warm(&world), None);
    world.practitioner_comes(2);
    assert_eq!(warm(&world), Some(visit(2)));
}
