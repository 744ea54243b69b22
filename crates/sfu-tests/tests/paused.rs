//! Pictures that nobody is to get: nothing of them is sent again, and nothing asked for again.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "in a test a panic is the verdict"
)]
#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "a test looks at what it asks for"
)]

mod support;

use support::publisher::{Publisher, SCREEN, TRACKS};
use support::raw::Raw;
use support::{World, call, leg, metrics};
use vestibule_control::{ToSfu, Watched};
use vestibule_rtp::rtcp::Compound;
use vestibule_vocab::Source;

const PATIENT: u128 = 1;
const PRACTITIONER: u128 = 2;

/// The patient, in a call that is open.
fn publisher(world: &mut World) -> Publisher {
    world.plan(&[PATIENT, PRACTITIONER], true);
    Publisher::join(world, PATIENT)
}

/// Has the practitioner look at nothing, and waits until the patient is told to stop the camera.
fn look_away(world: &mut World, raw: &mut Raw) {
    world.until("the camera's slot is bound", |world| {
        raw.run();
        mid(world).is_some()
    });
    let mid = mid(world).unwrap();
    world.tell(ToSfu::Watch {
        call: call(1),
        leg: leg(PRACTITIONER),
        connection: 1,
        pictures: vec![Watched { mid, layers: 0 }],
    });
    world.until("the publisher is told to stop", |world| {
        raw.run();
        world.layers(PATIENT) == Some(Vec::new())
    });
}

/// Through which section the patient's camera comes to the practitioner.
fn mid(world: &World) -> Option<String> {
    let (_, bindings) = world.slots(PRACTITIONER)?;
    let bound = bindings
        .into_iter()
        .find(|it| it.source == Source::Camera)?;
    Some(bound.mid)
}

/// How many packets were sent again, and how many were asked for in vain.
fn again(world: &World) -> [f64; 2] {
    let page = world.metrics();
    ["sent", "refused"].map(|what| {
        metrics::sum(
            &page,
            &format!("vestibule_sfu_retransmissions_{what}_total"),
        )
    })
}

/// Asks for a packet again that came; what was sent and refused for it.
fn ask(world: &mut World, raw: &mut Raw, packet: usize) -> [f64; 2] {
    let before = again(world);
    let came = &raw.media[packet];
    let sequence = u16::from_be_bytes([came[2], came[3]]);
    let stream = u32::from_be_bytes(*came[8..].first_chunk().unwrap());
    let mut buffer = [0; 64];
    let mut compound = Compound::new(&mut buffer);
    compound.nack(1, stream, [sequence]).unwrap();
    raw.send_rtcp(compound.octets());
    world.until("it is sent or refused", |world| {
        raw.run();
        again(world) != before
    });
    let after = again(world);
    [after[0] - before[0], after[1] - before[1]]
}

#[test]
fn what_was_lost_of_a_picture_before_nobody_looked_is_not_sent_again() {
    let mut world = World::start();
    let mut publisher = publisher(&mut world);
    let mut raw = world.join_raw(PRACTITIONER, 1);
    // The small picture stands in for the large one until that comes, and can still be asked for then.
    for (layer, all) in [(0, 4), (2, 8)] {
        publisher.send(&TRACKS[layer..=layer], 0..4);
        world.until("pictures come", |_| {
            raw.run();
            raw.media.len() == all
        });
    }
    assert_eq!(ask(&mut world, &mut raw, 1), [1.0, 0.0]);
    look_away(&mut world, &mut raw);
    assert_eq!(ask(&mut world, &mut raw, 2), [0.0, 1.0]);
    assert_eq!(world.dropped("paused"), 1);
}

/// libwebrtc forgets what it lacks when a thousand packets are missing; till then it asks for it again and again.
#[test]
fn who_asks_for_a_picture_that_stopped_is_told_to_forget_it() {
    let mut world = World::start();
    let mut publisher = publisher(&mut world);
    let mut raw = world.join_raw(PRACTITIONER, 1);
    publisher.send(&TRACKS[2..=2], 0..4);
    world.until("pictures come", |_| {
        raw.run();
        raw.media.len() == 4
    });
    look_away(&mut world, &mut raw);
    ask(&mut world, &mut raw, 3);
    world.until("an answer comes", |_| {
        raw.run();
        raw.media.len() == 5
    });
    let (last, told) = (&raw.media[3], &raw.media[4]);
    let number = |packet: &[u8]| u16::from_be_bytes([packet[2], packet[3]]);
    assert!(number(told).wrapping_sub(number(last)) > 1_000);
    assert_eq!(
        told[4..12],
        last[4..12],
        "in the same stream, at the same time"
    );
    // The bit of padding (RFC 3550 section 5.1), and a payload of one byte under the seal.
    assert_eq!(told[0] & 0x20, 0x20);
    assert!(told.len() < 12 + 12 + 1 + 16 + 1, "{} bytes", told.len());
}

#[test]
fn what_is_kept_no_more_has_the_picture_begin_anew() {
    let mut world = World::start();
    let mut publisher = publisher(&mut world);
    let mut raw = world.join_raw(PRACTITIONER, 1);
    let top = &TRACKS[2..=2];
    for from in (0..300).step_by(20) {
        publisher.send(top, from..from + 20);
        world.until("pictures come", |_| {
            raw.run();
            publisher.raw.run();
            raw.media.len() == usize::from(from) + 20
        });
    }
    publisher.raw.told.clear();
    assert_eq!(ask(&mut world, &mut raw, 290), [1.0, 0.0]);
    publisher.raw.run();
    assert!(publisher.wished().is_empty());
    assert_eq!(ask(&mut world, &mut raw, 10), [0.0, 1.0]);
    world.until("a whole picture is asked for", |_| {
        publisher.raw.run();
        publisher.wished() == [12]
    });
}

#[test]
fn what_is_lost_of_a_camera_that_nobody_gets_is_not_asked_for() {
    let mut world = World::start();
    let mut publisher = publisher(&mut world);
    // Of a line that is not known all layers are sent, camera and screen side by side.
    world.join_without_feedback(PRACTITIONER, 1);
    publisher.send(&TRACKS, 0..10);
    publisher.send(&TRACKS, [11, 12]);
    world.until("the gap is noticed", |_| {
        publisher.raw.run();
        publisher.asked(10) == [10, 11, 12, SCREEN]
    });
    look_away(&mut world, &mut publisher.raw);

    publisher.send(&TRACKS, [14, 15]);
    world.until("the screen's gap is noticed", |_| {
        publisher.raw.run();
        publisher.asked(13).contains(&SCREEN)
    });
    assert_eq!(publisher.asked(13), [SCREEN]);
    // With so many packets lost only a whole picture helps.
    publisher.raw.told.clear();
    publisher.send(&TRACKS, [1_000, 1_001]);
    world.until("the screen's is wished for", |_| {
        publisher.raw.run();
        publisher.wished().contains(&SCREEN)
    });
    assert_eq!(publisher.wished(), [SCREEN]);
}
