//! Consultations: how they begin and end, and what becomes of the visit.

#![allow(clippy::expect_used, reason = "a test fails by panicking")]
#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "a test names the states that it is about"
)]

mod support;

use support::*;
use vestibule_clinic::{
    Arriving, Clinic, Conclusion, ConsultationEnd, Decision, Input, Outcome, Overtake, Policy,
    Record, Refusal, RestoreError, State, VisitState, limits,
};
use vestibule_vocab::Millis;

fn ended(world: &World, number: u32) -> Option<Outcome> {
    match world.state(number) {
        VisitState::Ended { outcome, .. } => Some(outcome),
        _ => None,
    }
}

fn last_end(world: &World, by: u32) -> Option<ConsultationEnd> {
    world
        .clinic
        .ended_of(practitioner(by))?
        .ended
        .map(|ended| ended.how)
}

#[test]
fn admission_takes_the_visit_out_of_the_waiting_room() {
    let world = World::consulting();
    assert_eq!(world.order(), [visit(2), visit(3)]);
    assert_eq!(
        world.state(1),
        VisitState::InConsultation {
            consultation: consultation(1)
        }
    );
    let consultation = world
        .clinic
        .consultation_of(practitioner(1))
        .expect("it is under way");
    assert_eq!(
        (consultation.visit, consultation.patient),
        (visit(1), patient(1))
    );
    assert_eq!(consultation.started_at, world.now);
}

#[test]
fn anybody_who_waits_can_be_admitted_not_only_the_head_of_the_queue() {
    let mut world = World::waiting(1..=3);
    world.ok(admission_because(1, 2, Some(Overtake::QuickMatter)));
    assert_eq!(world.order(), [visit(1), visit(3)]);
}

#[test]
fn a_practitioner_is_in_one_consultation() {
    let mut world = World::consulting();
    world.refused(admission(1, 2), Refusal::PractitionerBusy);
}

#[test]
fn a_visit_is_admitted_once() {
    let mut world = World::consulting();
    world.practitioner_comes(2);
    world.refused(admission(2, 1), Refusal::VisitNotWaiting);
    world.refused(admission(2, 9), Refusal::NotFound);
}

#[test]
fn a_patient_who_is_away_cannot_be_admitted_until_back() {
    let mut world = World::waiting([1]);
    world.patient_goes(1);
    world.refused(admission(1, 1), Refusal::PatientAway);
    world.patient_comes_back(1);
    world.ok(admission(1, 1));
}

#[test]
fn an_id_that_is_in_use_begins_no_consultation() {
    let mut world = World::consulting();
    world.practitioner_comes(2);
    let admit = Decision::Admit {
        visit: visit(2),
        consultation: consultation(1),
        overtake: None,
    };
    world.refused(decided(2, admit), Refusal::Unavailable);
}

#[test]
fn the_practitioner_ends_it_and_the_visit_is_completed() {
    let mut world = World::consulting();
    world.ok(end(1, 1));
    assert_eq!(ended(&world, 1), Some(done()));
    assert_eq!(
        last_end(&world, 1),
        Some(ConsultationEnd::Completed(Conclusion::Done))
    );
    assert!(world.clinic.consultation_of(practitioner(1)).is_none());
    world.refused(end(1, 1), Refusal::NotInConsultation);
}

#[test]
fn only_the_own_consultation_can_be_ended() {
    let mut world = World::consulting();
    world.practitioner_comes(2);
    world.refused(end(2, 1), Refusal::NotInConsultation);
    world.ok(admission(2, 2));
    world.refused(end(2, 1), Refusal::NotInConsultation);
    world.refused(end(1, 9), Refusal::NotInConsultation);
}

#[test]
fn a_patient_who_leaves_ends_it() {
    let mut world = World::consulting();
    let outputs = world.outputs(leave(1));
    assert_eq!(ended(&world, 1), Some(Outcome::Left));
    assert_eq!(last_end(&world, 1), Some(ConsultationEnd::PatientLeft));
    assert!(
        world
            .clinic
            .changed_practitioners(&outputs.changed)
            .contains(&practitioner(1))
    );
    world.refused(leave(1), Refusal::VisitEnded);
}

#[test]
fn the_end_shows_until_the_next_consultation_begins() {
    let mut world = World::consulting();
    world.ok(end(1, 1));
    world.ok(admission(1, 2));
    assert_eq!(last_end(&world, 1), None);
}

#[test]
fn a_patient_who_is_lost_ends_it() {
    let mut world = World::consulting();
    world.patient_goes(1);
    world.pass(Millis(GRACE.0 - 1));
    assert_eq!(ended(&world, 1), None);
    world.pass(Millis(1));
    assert_eq!(ended(&world, 1), Some(Outcome::ConnectionLost));
    assert_eq!(last_end(&world, 1), Some(ConsultationEnd::PatientLost));
}

#[test]
fn when_the_practitioner_is_lost_the_visit_waits_again_at_its_old_place() {
    let mut world = World::consulting();
    world.practitioner_goes(1);
    world.pass(Millis(GRACE.0 - 1));
    assert!(world.clinic.consultation(consultation(1)).is_some());
    world.pass(Millis(1));
    assert!(world.clinic.consultation(consultation(1)).is_none());
    assert_eq!(world.order(), [visit(1), visit(2), visit(3)]);
    assert!(world.clinic.visit(visit(1)).expect("waiting").connected);
    assert_eq!(last_end(&world, 1), Some(ConsultationEnd::PractitionerLost));
}

#[test]
fn a_visit_that_waits_again_can_be_admitted_again() {
    let mut world = World::consulting();
    world.practitioner_goes(1);
    world.pass(GRACE);
    world.practitioner_comes(1);
    let admit = Decision::Admit {
        visit: visit(1),
        consultation: consultation(100),
        overtake: None,
    };
    world.ok(decided(1, admit));
    assert_eq!(world.order(), [visit(2), visit(3)]);
}

#[test]
fn a_visit_that_waits_again_is_let_into_a_full_waiting_room() {
    let mut world = World::with(Policy {
        waiting: 1,
        grace: GRACE,
        ..Policy::default()
    });
    world.practitioner_comes(1);
    world.ok(arrival(1));
    world.ok(admission(1, 1));
    world.ok(arrival(2));
    world.practitioner_goes(1);
    world.pass(GRACE);
    assert_eq!(world.order(), [visit(1), visit(2)]);
}

#[test]
fn a_practitioner_who_comes_back_in_time_goes_on() {
    let mut world = World::consulting();
    world.practitioner_goes(1);
    world.pass(Millis(GRACE.0 - 1));
    world.practitioner_comes(1);
    world.pass(GRACE);
    assert!(world.clinic.consultation(consultation(1)).is_some());
}

#[test]
fn nobody_waits_for_a_practitioner_whose_consultation_is_over() {
    let mut world = World::consulting();
    world.practitioner_goes(1);
    world.ok(leave(1));
    assert_eq!(
        world.clinic.next_timeout(),
        Some(world.now.plus(Policy::default().remember))
    );
}

#[test]
fn when_both_are_lost_the_visit_ends_and_nobody_waits_for_nobody() {
    for patient_first in [true, false] {
        let mut world = World::consulting();
        if patient_first {
            world.patient_goes(1);
        }
        world.now = world.now.plus(Millis(1));
        world.practitioner_goes(1);
        world.now = world.now.plus(Millis(1));
        world.patient_goes(1);
        world.pass(GRACE);
        assert_eq!(ended(&world, 1), Some(Outcome::ConnectionLost));
        assert_eq!(world.order(), [visit(2), visit(3)]);
    }
}

#[test]
fn a_practitioner_whose_socket_closed_while_admitting_counts_as_away() {
    let mut world = World::waiting([1]);
    world.practitioner_goes(1);
    world.ok(admission(1, 1));
    world.pass(GRACE);
    assert_eq!(world.order(), [visit(1)]);
}

#[test]
fn a_thousand_practitioners_at_once_and_not_one_more() {
    let mut world = World::waiting([1]);
    let limit = u32::try_from(limits::PRACTITIONERS).expect("a small limit");
    for number in 2..=limit {
        world.practitioner_comes(number);
    }
    let one_more = practitioner(limit + 1);
    let connect = Input::PractitionerConnected {
        practitioner: one_more,
    };
    world.refused(connect, Refusal::LimitReached);
    world.practitioner_goes(limit);
    world.practitioner_comes(limit + 1);
}

#[test]
fn whoever_holds_a_consultation_keeps_their_place_among_the_thousand() {
    let mut world = World::waiting([1]);
    world.ok(admission(1, 1));
    world.ok(hold(1, 1));
    world.practitioner_goes(1);
    let limit = u32::try_from(limits::PRACTITIONERS).expect("a small limit");
    for number in 2..=limit {
        world.practitioner_comes(number);
    }
    let connect = Input::PractitionerConnected {
        practitioner: practitioner(limit + 1),
    };
    world.refused(connect, Refusal::LimitReached);
    world.practitioner_comes(1);
}

#[test]
fn what_is_stored_never_ends_before_it_began() {
    let mut world = World::waiting([1]);
    world.now = seconds(10);
    world.ok(admission(1, 1));
    world.now = seconds(5);
    world.ok(end(1, 1));
    let view = world.clinic.visit(visit(1)).expect("remembered");
    let consultation = world
        .clinic
        .ended_of(practitioner(1))
        .expect("it has ended");
    let over = consultation.ended.expect("it has ended").at;
    assert!(view.visit.arrived_at <= consultation.started_at);
    assert!(consultation.started_at <= over);
    let outcome = done();
    assert_eq!(
        view.visit.state,
        VisitState::Ended {
            outcome,
            at: view.visit.arrived_at
        }
    );
}

#[test]
fn after_a_restart_everybody_is_away_from_that_moment_and_the_grace_begins() {
    let world = World::consulting();
    let now = world.now.plus(Millis::from_secs(3_600));
    let policy = Policy {
        grace: GRACE,
        keep_place: GRACE,
        ..Policy::default()
    };
    let clinic = Clinic::restore(policy, world.clinic.state(), now).expect("what was stored");
    let mut world = World { clinic, now };
    assert_eq!(world.order(), [visit(2), visit(3)]);
    assert_eq!(world.clinic.next_timeout(), Some(now.plus(GRACE)));
    world.patient_comes_back(1);
    world.patient_comes_back(3);
    world.practitioner_comes(1);
    world.pass(GRACE);
    assert_eq!(ended(&world, 2), Some(Outcome::ConnectionLost));
    assert_eq!(world.order(), [visit(3)]);
    assert!(world.clinic.consultation(consultation(1)).is_some());
}

#[test]
fn after_a_restart_a_practitioner_who_does_not_come_back_is_lost() {
    let world = World::consulting();
    let policy = Policy {
        grace: GRACE,
        keep_place: GRACE,
        ..Policy::default()
    };
    let clinic = Clinic::restore(policy, world.clinic.state(), world.now);
    let mut world = World {
        clinic: clinic.expect("what was stored"),
        now: world.now,
    };
    (1..=3).for_each(|number| world.patient_comes_back(number));
    world.pass(GRACE);
    assert_eq!(world.order(), [visit(1), visit(2), visit(3)]);
}

#[test]
fn arrivals_after_a_restart_stand_behind_those_before() {
    let world = World::waiting([1, 2]);
    let clinic = Clinic::restore(Policy::default(), world.clinic.state(), world.now);
    let mut world = World {
        clinic: clinic.expect("what was stored"),
        now: world.now,
    };
    world.ok(arrival(3));
    assert_eq!(world.order(), [visit(1), visit(2), visit(3)]);
}

#[test]
fn rows_that_contradict_each_other_are_no_clinic() {
    let stored = World::consulting().clinic.state();
    let restore = |change: &dyn Fn(&mut State)| {
        let mut state = stored.clone();
        change(&mut state);
        Clinic::restore(Policy::default(), state, seconds(0)).err()
    };
    assert_eq!(restore(&|_| ()), None);
    let twice = |state: &mut State| state.visits[2].id = visit(2);
    assert_eq!(restore(&twice), Some(RestoreError::Duplicate));
    let tie = |state: &mut State| state.visits[2].rank = state.visits[1].rank;
    assert_eq!(restore(&tie), Some(RestoreError::Duplicate));
    let two_visits = |state: &mut State| state.visits[2].patient = patient(2);
    assert_eq!(restore(&two_visits), Some(RestoreError::TwoActiveVisits));
    let two_at_once = |state: &mut State| {
        let mut second = state.consultations[0].clone();
        (second.id, second.number) = (consultation(2), 2);
        (second.visit, second.patient) = (visit(2), patient(2));
        state.visits[1].state = VisitState::InConsultation {
            consultation: second.id,
        };
        state.consultations.push(second);
    };
    assert_eq!(restore(&two_at_once), Some(RestoreError::TwoConsultations));
    let no_visit = |state: &mut State| _ = state.visits.remove(0);
    assert_eq!(restore(&no_visit), Some(RestoreError::Mismatch));
    let not_in_it = |state: &mut State| state.visits[0].state = VisitState::Waiting;
    assert_eq!(restore(&not_in_it), Some(RestoreError::Mismatch));
    let same_number = |state: &mut State| state.consultations.push(state.consultations[0].clone());
    assert_eq!(restore(&same_number), Some(RestoreError::Duplicate));
    let of_another = |state: &mut State| state.consultations[0].patient = patient(2);
    assert_eq!(restore(&of_another), Some(RestoreError::Mismatch));
    let crossed = |state: &mut State| state.consultations[0].visit = visit(2);
    assert_eq!(restore(&crossed), Some(RestoreError::Mismatch));
    let swapped = |state: &mut State| {
        state.visits[0].state = VisitState::Waiting;
        state.visits[1].state = VisitState::InConsultation {
            consultation: consultation(9),
        };
    };
    assert_eq!(restore(&swapped), Some(RestoreError::Mismatch));
    let not_there = |state: &mut State| state.consultations.clear();
    assert_eq!(restore(&not_there), Some(RestoreError::Mismatch));
}

#[test]
fn admission_stores_the_visit_and_the_consultation_and_tells_both() {
    let mut world = World::waiting([1, 2]);
    let outputs = world.outputs(admission(1, 1));
    let [
        Record::Visit(stored),
        Record::Practitioner(working),
        Record::Consultation(begun),
    ] = outputs.records.as_slice()
    else {
        panic!("a visit, the practitioner's work and a consultation are stored");
    };
    assert_eq!(working.workday.under_way(), Some(world.now));
    assert_eq!((stored.id, begun.visit), (visit(1), visit(1)));
    let patients = world.clinic.changed_patients(&outputs.changed);
    assert_eq!(Vec::from_iter(patients), [patient(1), patient(2)]);
    let practitioners = world.clinic.changed_practitioners(&outputs.changed);
    assert_eq!(Vec::from_iter(practitioners), [practitioner(1)]);
}

#[test]
fn nothing_that_can_be_printed_names_a_patient() {
    let mut world = World::waiting([]);
    let name = text("Ada Lovelace");
    let arrive = Input::Arrive(Box::new(Arriving {
        name,
        reason: text("fever"),
        ..arriving(1)
    }));
    let mut printed = format!("{arrive:?}");
    let outputs = world.outputs(arrive);
    printed += &format!("{outputs:?} {:?} {:?}", world.clinic, world.clinic.state());
    assert!(!printed.contains("Ada") && !printed.contains("fever"));
}
