//! How long people saw or heard one another, as a receipt says it.
#![allow(clippy::unwrap_used, reason = "in a test a panic is the verdict")]

mod support;

use std::time::Duration;

use support::{PATIENT, PRACTITIONER, at, consultation, outputs, picture, plan, send, sound, vp8};
use vestibule_forwarding::{Call, Flow, Output, Seat, Source, Talk};

const SECOND: u64 = 1000;

/// The sums that a call tells, and the seconds since when something flows.
fn tellings(call: &mut Call) -> (Option<Talk>, Option<(Flow, u64)>) {
    let (mut talk, mut flow) = (None, None);
    for output in outputs(call) {
        match output {
            Output::Talk(told) => talk = Some(told),
            Output::Flow(told) => flow = Some((told.flow, told.lasts.as_secs())),
            Output::Link { .. }
            | Output::Slots { .. }
            | Output::KeyFrame { .. }
            | Output::Layers { .. }
            | Output::Redundancy { .. } => {}
        }
    }
    (talk, flow)
}

fn told(call: &mut Call) -> Option<Talk> {
    tellings(call).0
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
    flows: Vec<(Flow, u64)>,
}

impl Scene {
    fn open() -> Self {
        let (call, patient, practitioner) = consultation();
        Self {
            call,
            people: [patient, practitioner],
            now: 0,
            told: None,
            flows: Vec::new(),
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
            let (talk, flow) = tellings(&mut self.call);
            self.told = talk.or(self.told);
            self.flows.extend(flow);
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

#[test]
fn what_flows_is_told_once_it_lasts_and_once_only() {
    let mut scene = Scene::open();
    scene.pass(20, &[0, 1], &[0, 1]);
    assert_eq!(scene.flows, [(Flow::Video, 3)]);
    scene.pass(2, &[0, 1], &[0]);
    scene.pass(20, &[0, 1], &[0, 1]);
    assert_eq!(scene.flows.len(), 1, "a hiccup");
    scene.pass(30, &[0, 1], &[0]);
    assert_eq!(scene.flows.get(1..), Some([(Flow::Audio, 3)].as_slice()));
    let flowing = scene.call.flowing().unwrap();
    assert_eq!(flowing.flow, Flow::Audio);
    assert!(flowing.lasts >= Duration::from_secs(25), "{flowing:?}");
    scene.pass(10, &[0, 1], &[0, 1]);
    assert_eq!(scene.flows.get(2..), Some([(Flow::Video, 3)].as_slice()));
}

#[test]
fn what_flows_after_a_hold_is_told_anew() {
    let mut scene = Scene::open();
    let people = [PATIENT, PRACTITIONER];
    scene.pass(10, &[0, 1], &[]);
    plan(&mut scene.call, at(scene.now), &people, false);
    scene.pass(10, &[0, 1], &[]);
    assert_eq!((scene.flows.len(), scene.call.flowing()), (1, None));
    plan(&mut scene.call, at(scene.now), &people, true);
    scene.pass(10, &[0, 1], &[]);
    assert_eq!(scene.flows, [(Flow::Audio, 3); 2]);
}
