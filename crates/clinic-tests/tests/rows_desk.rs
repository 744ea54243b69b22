//! What people must be able to do at the desk, row by row: whom they ask for, who comes first, and what practitioners do
//! with those who wait.

#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "a test names the states that it is about"
)]

mod support;

use support::*;
use vestibule_clinic::quota::Had;
use vestibule_clinic::{
    Answer, Appointment, Arriving, Choice, Clinic, Conclusion, ConsultationEnd, Decision, Duty,
    Input, Language, Outcome, Policy, Practitioner, Refusal, VisitState,
};
use vestibule_vocab::{Millis, Timestamp};

fn answer(number: u32, answer: Answer) -> Input {
    Input::Answer {
        patient: patient(number),
        visit: visit(number),
        answer,
    }
}

fn booked(world: &mut World, number: u32, at: Timestamp) {
    world.ok(Input::Book(Box::new(booking(number, at))));
}

#[test]
fn m01_whoever_asks_for_nobody_is_seen_by_everybody_of_the_service_and_by_nobody_else() {
    let mut world = World::new();
    world.ok(Input::Arrive(Box::new(Arriving {
        service: service(2),
        ..arriving(1)
    })));
    assert_eq!(world.order_for(1), []);
    assert_eq!(world.order_for(2), [visit(1)]);
    assert_eq!(world.order_for(3), [visit(1)]);
    world.refused(admission(1, 1), Refusal::NotFound);
    world.ok(admission(3, 1));
}

#[test]
fn m01_whoever_asks_for_a_doctor_waits_for_that_one_alone() {
    let mut world = World::new();
    world.ok(arrival_for(1, 2));
    world.ok(arrival(2));
    assert_eq!(world.order_for(1), [visit(2)]);
    assert_eq!(world.order_for(2), [visit(1), visit(2)]);
    world.refused(admission(1, 1), Refusal::NotFound);
    world.ok(admission(2, 1));
}

#[test]
fn m01_only_those_who_speak_the_language_see_who_asks_for_it() {
    let mut world = World::new();
    let speaks = |number, code| Input::SetPractitioner {
        practitioner: Box::new(Practitioner {
            languages: Language::parse(code).into_iter().collect(),
            ..Practitioner::named(practitioner(number), "Dr Martin", [service(1)])
        }),
    };
    world.ok(speaks(1, "fr"));
    world.ok(speaks(2, "nl"));
    world.ok(Input::Arrive(Box::new(Arriving {
        language: Language::parse("nl").ok(),
        ..arriving(1)
    })));
    assert_eq!(world.order_for(1), []);
    assert_eq!(world.order_for(2), [visit(1)]);
    assert_eq!(
        world.order_for(3),
        [visit(1)],
        "who says nothing is asked for nothing"
    );
}

#[test]
fn m01_a_doctor_or_a_service_that_is_not_there_cannot_be_asked_for() {
    let mut world = World::new();
    world.refused(arrival_for(1, 9), Refusal::NotFound);
    let unknown = Input::Arrive(Box::new(Arriving {
        service: service(9),
        ..arriving(1)
    }));
    world.refused(unknown, Refusal::NotFound);
    let of_another_service = Input::Arrive(Box::new(Arriving {
        service: service(2),
        choice: Choice::Named(practitioner(1)),
        ..arriving(1)
    }));
    world.refused(of_another_service, Refusal::NotPractised);
}

#[test]
fn m01_whoever_waits_for_a_doctor_who_goes_off_duty_is_offered_a_choice_and_never_dropped() {
    let mut world = World::new();
    world.ok(arrival_for(1, 2));
    world.ok(arrival_for(2, 2));
    world.ok(arrival(3));
    world.refused(answer(1, Answer::TakeNext), Refusal::NothingToChoose);
    world.ok(duty(2, Duty::Off));
    let asked = |world: &World, number| {
        world
            .clinic
            .visit(visit(number))
            .expect("waits")
            .visit
            .asked
    };
    assert!(asked(&world, 1) && asked(&world, 2) && !asked(&world, 3));
    world.ok(answer(1, Answer::TakeNext));
    assert_eq!(
        world.order_for(1),
        [visit(1), visit(3)],
        "the place goes by arrival"
    );
    world.ok(answer(2, Answer::WaitOn));
    assert!(!asked(&world, 2));
    assert_eq!(world.order_for(2), [visit(1), visit(2), visit(3)]);
}

#[test]
fn m01_the_offer_is_withdrawn_when_the_doctor_is_back() {
    let mut world = World::new();
    world.ok(duty(2, Duty::Off));
    world.ok(arrival_for(1, 2));
    assert!(world.clinic.visit(visit(1)).expect("waits").visit.asked);
    world.ok(duty(2, Duty::On));
    assert!(!world.clinic.visit(visit(1)).expect("waits").visit.asked);
}

#[test]
fn m02_whoever_comes_early_for_an_appointment_waits_and_counts_from_its_time() {
    let mut world = World::new();
    let at = world.now.plus(minutes(60));
    booked(&mut world, 1, at);
    assert_eq!(world.state(1), VisitState::Expected);
    assert_eq!(world.order(), []);
    world.ok(arrival(1));
    assert_eq!(world.order(), [visit(1)]);
    world.pass(minutes(30));
    world.ok(arrival(2));
    assert_eq!(
        world.order(),
        [visit(2), visit(1)],
        "a walk-in is before it until its time is near"
    );
    world.pass(minutes(25));
    world.ok(arrival(3));
    assert_eq!(world.order(), [visit(2), visit(1), visit(3)]);
}

#[test]
fn m02_whoever_is_a_little_late_for_an_appointment_has_its_place_and_whoever_is_later_has_not() {
    let mut world = World::new();
    let at = world.now.plus(minutes(60));
    let later = Appointment {
        at: at.plus(minutes(15)),
        length: minutes(15),
    };
    booked(&mut world, 1, at);
    booked(&mut world, 2, later.at);
    world.pass(minutes(61));
    world.ok(arrival(3));
    world.pass(minutes(8));
    world.ok(arrival(1));
    assert_eq!(world.order(), [visit(1), visit(3)], "nine minutes late");
    world.pass(minutes(32));
    world.ok(arrival(4));
    world.ok(arrival(2));
    let order = world.order();
    assert_eq!(
        order,
        [visit(1), visit(3), visit(2), visit(4)],
        "it counts from when it came, less its credit"
    );
}

#[test]
fn m02_an_appointment_is_let_into_a_full_waiting_room() {
    let mut world = World::with(Policy {
        waiting: 1,
        ..Policy::default()
    });
    let at = world.now.plus(minutes(5));
    booked(&mut world, 2, at);
    world.ok(arrival(1));
    world.refused(arrival(3), Refusal::WaitingRoomFull);
    world.ok(arrival(2));
}

#[test]
fn m02_appointments_of_one_patient_or_one_doctor_do_not_overlap() {
    let mut world = World::new();
    let at = world.now.plus(minutes(60));
    let with = |number, at, of| {
        let mut booking = booking(number, at);
        booking.choice = Choice::Named(practitioner(of));
        booking
    };
    world.ok(Input::Book(Box::new(with(1, at, 1))));
    let of_doctor = with(2, at.plus(minutes(10)), 1);
    world.refused(
        Input::Book(Box::new(of_doctor)),
        Refusal::AppointmentOverlaps,
    );
    let mut of_patient = with(3, at.plus(minutes(10)), 2);
    of_patient.patient = patient(1);
    world.refused(
        Input::Book(Box::new(of_patient)),
        Refusal::AppointmentOverlaps,
    );
    world.ok(Input::Book(Box::new(with(2, at.plus(minutes(15)), 1))));
    let past = with(4, Timestamp(world.now.0 - 3_600_000), 3);
    world.refused(Input::Book(Box::new(past)), Refusal::InvalidTime);
}

#[test]
fn m02_an_appointment_that_nobody_comes_to_is_a_no_show_and_one_that_is_called_off_is_none() {
    let mut world = World::new();
    let at = world.now.plus(minutes(60));
    booked(&mut world, 1, at);
    booked(&mut world, 2, at);
    world.ok(Input::Cancel { visit: visit(2) });
    let ended = |world: &World, number| match world.state(number) {
        VisitState::Ended { outcome, .. } => Some(outcome),
        _ => None,
    };
    assert_eq!(ended(&world, 2), Some(Outcome::Cancelled));
    world.pass(minutes(89));
    assert_eq!(ended(&world, 1), None);
    world.pass(minutes(1));
    assert_eq!(ended(&world, 1), Some(Outcome::NoShow));
    world.refused(arrival(1), Refusal::VisitEnded);
}

#[test]
fn m06_a_message_to_somebody_who_waits_stands_until_another_and_not_beyond_the_visit() {
    let mut world = World::waiting([1]);
    let write = |words: &str| {
        let (visit, text) = (visit(1), text(words));
        decided(1, Decision::Message { visit, text })
    };
    let message = |world: &World| {
        let view = world.clinic.visit(visit(1)).expect("remembered");
        view.visit.message.expose().clone()
    };
    world.ok(write(" I am ten minutes late. "));
    assert_eq!(message(&world), "I am ten minutes late.");
    world.refused(write(&"x".repeat(301)), Refusal::InvalidText);
    world.ok(write(""));
    assert_eq!(message(&world), "");
    world.ok(write("Now."));
    world.ok(leave(1));
    assert_eq!(message(&world), "");
}

#[test]
fn m06_whoever_is_called_while_away_comes_first_when_back_in_time() {
    let mut world = World::waiting(1..=3);
    world.refused(call(1, 3), Refusal::PatientThere);
    world.patient_goes(3);
    world.ok(call(1, 3));
    assert_eq!(world.order(), [visit(1), visit(2)]);
    world.pass(Millis(Policy::default().called.0 - 1));
    world.patient_comes_back(3);
    assert_eq!(world.order(), [visit(3), visit(1), visit(2)]);
    world.ok(admission(1, 3));
}

#[test]
fn m06_whoever_was_called_and_does_not_come_is_a_no_show_that_can_be_called_back() {
    let mut world = World::waiting([1, 2]);
    world.patient_goes(1);
    world.ok(call(1, 1));
    world.pass(Policy::default().called);
    let no_show = |world: &World| {
        matches!(
            world.state(1),
            VisitState::Ended {
                outcome: Outcome::NoShow,
                ..
            }
        )
    };
    assert!(no_show(&world));
    world.ok(call(1, 1));
    world.patient_comes_back(1);
    assert_eq!(world.order(), [visit(1), visit(2)]);
    world.refused(call(1, 1), Refusal::PatientThere);
}

#[test]
fn m06_somebody_whose_page_is_open_and_who_is_called_back_waits_at_once() {
    let mut world = World::waiting([1, 2]);
    world.patient_goes(1);
    world.ok(call(1, 1));
    world.pass(Policy::default().called);
    let call = Decision::Call {
        visit: visit(1),
        connected: true,
        had: Had::default(),
    };
    world.ok(decided(1, call));
    assert_eq!(world.clinic.place(visit(1)), Some(1));
}

#[test]
fn m06_whoever_began_another_visit_is_not_called_back_to_the_old_one() {
    let mut world = World::waiting([1, 2]);
    world.patient_goes(1);
    world.ok(call(1, 1));
    world.pass(Policy::default().called);
    world.ok(another_visit(1, 11));
    world.refused(call(1, 1), Refusal::VisitActive);
}

#[test]
fn m06_a_consultation_on_hold_leaves_the_doctor_free_and_goes_on_where_it_was() {
    let mut world = World::consulting();
    world.ok(hold(1, 1));
    let consultation = consultation(1);
    assert_eq!(world.state(1), VisitState::OnHold { consultation });
    assert!(world.clinic.consultation_of(practitioner(1)).is_none());
    world.ok(admission(1, 2));
    world.refused(resume(1, 1), Refusal::PractitionerBusy);
    world.ok(end(1, 2));
    world.ok(resume(1, 1));
    assert_eq!(world.state(1), VisitState::InConsultation { consultation });
    let going_on = world
        .clinic
        .consultation_of(practitioner(1))
        .expect("under way");
    assert_eq!((going_on.id, going_on.held_since), (consultation, None));
    world.refused(resume(2, 1), Refusal::NotInConsultation);
}

#[test]
fn m06_a_doctor_holds_five_and_not_one_more() {
    let mut world = World::waiting(1..=6);
    for number in 1..=5 {
        world.ok(admission(1, number));
        world.ok(hold(1, number));
    }
    world.ok(admission(1, 6));
    world.refused(hold(1, 6), Refusal::TooMany);
}

#[test]
fn m06_on_hold_the_place_is_kept_and_a_doctor_who_is_lost_sends_all_back_to_wait() {
    let mut world = World::consulting();
    world.ok(hold(1, 1));
    world.ok(admission(1, 2));
    world.practitioner_goes(1);
    world.pass(GRACE);
    assert_eq!(world.order(), [visit(1), visit(2), visit(3)]);
}

#[test]
fn m07_transfer_keeps_the_place_by_arrival_and_begins_a_new_consultation() {
    let mut world = World::consulting();
    world.ok(arrival_for(4, 2));
    world.ok(transfer(1, 1, own(2)));
    let ended = world
        .clinic
        .ended_of(practitioner(1))
        .expect("it has ended");
    assert_eq!(
        ended.ended.map(|it| it.how),
        Some(ConsultationEnd::Transferred)
    );
    assert_eq!(world.order_for(2), [visit(1), visit(2), visit(3), visit(4)]);
    assert_eq!(world.clinic.visit(visit(1)).expect("waits").place, Some(1));
    let (visit, consultation, overtake) = (visit(1), consultation(100), None);
    let admit = Decision::Admit {
        visit,
        consultation,
        overtake,
    };
    world.ok(decided(2, admit));
}

#[test]
fn m07_somebody_who_waits_is_handed_on_to_another_service_too() {
    let mut world = World::waiting([1, 2]);
    world.ok(transfer(1, 2, pool(2)));
    assert_eq!(world.order_for(1), [visit(1)]);
    let view = world.clinic.visit(visit(2)).expect("it waits");
    assert_eq!((view.visit.service, view.place), (service(2), Some(1)));
    world.refused(transfer(1, 2, pool(1)), Refusal::NotFound);
    world.ok(transfer(3, 2, pool(1)));
    assert_eq!(world.order_for(1), [visit(1), visit(2)]);
}

#[test]
fn m07_a_transfer_to_nowhere_changes_nothing() {
    let mut world = World::consulting();
    world.refused(transfer(1, 1, own(9)), Refusal::NotFound);
    world.refused(transfer(1, 1, pool(9)), Refusal::NotFound);
    world.refused(transfer(2, 1, own(2)), Refusal::NotInConsultation);
}

#[test]
fn m20_the_doctor_says_how_it_ended() {
    let mut world = World::consulting();
    let conclusion = Conclusion::InPersonNeeded;
    let consultation = consultation(1);
    world.ok(decided(
        1,
        Decision::End {
            consultation,
            conclusion,
        },
    ));
    let VisitState::Ended { outcome, .. } = world.state(1) else {
        panic!("it has ended");
    };
    assert_eq!(outcome, Outcome::Completed { conclusion });
}

#[test]
fn whoever_is_on_a_break_is_back_on_duty_when_they_said() {
    let mut world = World::waiting([1]);
    let until = world.now.plus(minutes(10));
    world.ok(duty(1, Duty::Break { until: Some(until) }));
    assert_eq!(world.clinic.warm().count(), 0, "nobody is free");
    world.pass(minutes(10));
    let card = world
        .clinic
        .practitioner(practitioner(1))
        .expect("registered");
    assert_eq!(card.duty, Duty::On);
    assert_eq!(world.clinic.warm().count(), 1);
}

#[test]
fn a_service_that_is_closed_takes_nobody_new_and_keeps_who_waits() {
    let mut world = World::waiting([1]);
    let mut closed = world
        .clinic
        .service(service(1))
        .expect("it is there")
        .clone();
    closed.open = false;
    world.ok(Input::SetService {
        service: Box::new(closed),
    });
    let opens_at = None;
    world.refused(arrival(2), Refusal::ServiceClosed { opens_at });
    world.ok(admission(1, 1));
}

#[test]
fn names_codes_and_lists_of_the_clinic_have_limits() {
    let mut world = World::new();
    let set = |change: &dyn Fn(&mut vestibule_clinic::Service)| {
        let mut service = vestibule_clinic::Service::named(service(1), "General practice");
        change(&mut service);
        Input::SetService {
            service: Box::new(service),
        }
    };
    let long = "🩺".repeat(101);
    world.refused(set(&|it| it.name.clone_from(&long)), Refusal::InvalidName);
    world.ok(set(&|it| it.name = "🩺".repeat(100)));
    world.refused(
        set(&|it| it.specialty = "General practice".into()),
        Refusal::InvalidCode,
    );
    world.refused(set(&|it| it.price = "€".repeat(301)), Refusal::InvalidText);
}

#[test]
fn the_same_inputs_at_the_same_times_lead_to_the_same_clinic() {
    let play = || {
        let mut world = World::consulting();
        world.ok(hold(1, 1));
        world.ok(transfer(1, 2, own(2)));
        world.patient_goes(3);
        world.pass(GRACE);
        world.clinic
    };
    assert!(play() == play());
    let _: Clinic = play();
}
