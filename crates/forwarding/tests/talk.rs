//! How long people saw or heard one another, as a receipt says it.
#![allow(clippy::unwrap_used, reason = "in a test a panic is the verdict")]

mod support;

use std::time::Duration;

use support::{PATIENT, PRACTITIONER, at, consultation, outputs, picture, plan, send, sound, vp8};
use vestibule_forwarding::{Call, Output, Seat, Source, Talk};

const SECOND: u64 = 1000;

fn told(call: &mut Call) -> Option<Talk> {
    let told = outputs(call).into_iter().rev();
    told.filter_map(|output| match output {
        Output::Talk(talk) => Some(talk),
        Output::Link { .. }
        | Output::Slots { .. }
        | Output::KeyFrame { .. }
        | Output::Layers { .. }
        | Output::Redundancy { .. } => None,
    })
    .next()
}

fn seconds(video: u64, audio: u64, neither: u64) -> Talk {
    Talk {
        video: Duration::from_secs(video),
        audio: Duration::from_secs(audio),
        neither: Duration::from_secs(neither),
    }
}

/// Some seconds in which these people send sound, and those a picture too; all are heard of.
struct Scene {
    call: Call,
    people: [Seat; 2],
    now: u64,
    told: Option<Talk>,
}

impl Scene {
    fn open() -> Self {
        let (call, patient, practitioner) = consultation();
        Self {
            call,
            people: [patient, practitioner],
            now: 0,
            told: None,
        }
    }

    fn pass(&mut self, seconds: u64, sound_of: &[usize], picture_of: &[usize]) {
        let payload = vp8(true, true, 1, 1);
        for _ in 0..seconds * 10 {
            self.now += 100;
            let now = at(self.now);
            for (index, seat) in self.people.into_iter().enumerate() {
                self.call.heard(now, seat);
                if sound_of.contains(&index) {
                    let packet = sound(self.now / 20);
                    send(&mut self.call, now, seat, Source::Microphone, packet);
                }
                if picture_of.contains(&index) {
                    let packet = picture(20, self.now / 33, &payload);
                    send(&mut self.call, now, seat, Source::Camera, packet);
                }
            }
            if self.call.next_timeout().is_some_and(|due| due <= now) {
                self.call.handle_timeout(now);
            }
            self.told = told(&mut self.call).or(self.told);
        }
    }
}

#[test]
fn m20_what_flowed_both_ways_is_told_and_the_rest_at_the_end() {
    let mut scene = Scene::open();
    scene.pass(20, &[0, 1], &[0, 1]);
    assert_eq!(scene.told, Some(seconds(15, 0, 0)), "so far");
    scene.pass(20, &[0, 1], &[0]);
    scene.pass(7, &[0], &[]);
    scene.call.hang_up(at(scene.now));
    assert_eq!(told(&mut scene.call), Some(seconds(20, 27, 0)));
    assert_eq!(scene.call.talk(), seconds(20, 27, 0));
}

#[test]
fn one_who_is_alone_talks_to_nobody_however_much_they_send() {
    let mut scene = Scene::open();
    scene.pass(10, &[0], &[0]);
    scene.call.hang_up(at(scene.now));
    assert_eq!(told(&mut scene.call), Some(seconds(0, 0, 10)));
}

#[test]
fn while_it_is_on_hold_nothing_counts_and_it_goes_on_from_there() {
    let mut scene = Scene::open();
    scene.pass(4, &[0, 1], &[0, 1]);
    plan(
        &mut scene.call,
        at(scene.now),
        &[PATIENT, PRACTITIONER],
        false,
    );
    assert_eq!(told(&mut scene.call), Some(seconds(4, 0, 0)));
    scene.pass(60, &[0, 1], &[0, 1]);
    assert_eq!(scene.call.talk(), seconds(4, 0, 0));
    plan(
        &mut scene.call,
        at(scene.now),
        &[PATIENT, PRACTITIONER],
        true,
    );
    scene.pass(2, &[0, 1], &[0, 1]);
    scene.call.hang_up(at(scene.now));
    assert_eq!(told(&mut scene.call), Some(seconds(6, 0, 0)));
    scene.call.hang_up(at(scene.now + SECOND));
    assert_eq!(told(&mut scene.call), None, "once");
}
