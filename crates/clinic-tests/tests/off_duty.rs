//! Practitioners who said that they see nobody now.

mod support;

use support::*;
use vestibule_clinic::{Duty, Input, Refusal};
use vestibule_vocab::Millis;

#[test]
fn m15_nobody_is_admitted_by_whoever_is_off_duty_before_they_are_on_duty_again() {
    let mut world = World::waiting([1, 2]);
    world.ok(duty(1, Duty::Off));
    world.refused(admission(1, 1), Refusal::OffDuty);
    world.ok(duty(1, Duty::On));
    world.ok(admission(1, 1));
}

#[test]
fn m15_a_break_that_somebody_set_by_hand_is_held_as_long_as_they_said() {
    let mut world = World::waiting([1]);
    let until = Some(world.now.plus(minutes(60)));
    world.ok(duty(1, Duty::Break { until }));
    world.refused(admission(1, 1), Refusal::OffDuty);
    world.now = world.now.plus(Millis(minutes(60).0 - 1));
    world.refused(admission(1, 1), Refusal::OffDuty);
    // The moment itself is enough, whether the clinic has been told of it or not.
    world.now = world.now.plus(Millis(1));
    world.ok(admission(1, 1));
}

#[test]
fn m15_nobody_is_called_by_whoever_could_not_admit_them() {
    let mut world = World::waiting([1]);
    world.patient_goes(1);
    world.ok(duty(1, Duty::Off));
    world.refused(call(1, 1), Refusal::OffDuty);
    world.ok(duty(1, Duty::On));
    world.ok(call(1, 1));
}

#[test]
fn a_break_without_an_end_lasts_until_they_say_so() {
    let mut world = World::waiting([1]);
    world.ok(duty(1, Duty::Break { until: None }));
    world.pass(minutes(24 * 60));
    world.refused(admission(1, 1), Refusal::OffDuty);
    world.ok(duty(1, Duty::On));
    world.ok(admission(1, 1));
}

#[test]
fn a_consultation_that_began_on_duty_is_ended_and_gone_on_with_off_duty() {
    let mut world = World::consulting();
    world.ok(hold(1, 1));
    world.ok(duty(1, Duty::Off));
    world.ok(resume(1, 1));
    world.ok(end(1, 1));
}

#[test]
fn whoever_never_said_anything_of_duty_admits() {
    let mut world = World::waiting([1]);
    world.ok(Input::PractitionerDisconnected {
        practitioner: practitioner(1),
    });
    world.practitioner_comes(1);
    world.ok(admission(1, 1));
}
