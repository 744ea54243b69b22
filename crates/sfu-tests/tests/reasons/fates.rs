//! Packets that go to nobody, not to somebody, or not now.

use super::support::publisher::{Publisher, TRACKS, Track};
use super::support::{World, metrics};
use super::{INTERPRETER, PATIENT, PRACTITIONER, feedback, publisher};

/// Why a packet goes to nobody, or not to somebody.
const FATES: [&str; 6] = [
    "call_closed",
    "picture_malformed",
    "another_presents",
    "no_key_frame",
    "before_joining",
    "came_before",
];

/// How many packets were dropped for each of these reasons, and how many left.
fn fates(world: &World) -> [u64; FATES.len() + 1] {
    let page = world.metrics();
    let mut counts = [0; FATES.len() + 1];
    for (count, reason) in counts.iter_mut().zip(FATES) {
        *count = world.dropped(reason);
    }
    counts[FATES.len()] = metrics::sum(&page, "vestibule_sfu_packets_out_total") as u64;
    counts
}

/// The beginning of a picture, which is whole or is not.
fn picture(whole: bool) -> [u8; 10] {
    [0x90, 0xe0, 0x80, 1, 1, 0x20, u8::from(!whole), 0, 0, 0]
}

#[test]
fn why_a_packet_goes_to_nobody_is_counted_under_its_own_reason() {
    let mut world = World::start();
    world.plan(&[PATIENT, PRACTITIONER, INTERPRETER], true);
    let mut patient = Publisher::join(&mut world, PATIENT);
    let mut interpreter = Publisher::join(&mut world, INTERPRETER);
    let mut practitioner = world.join_raw(PRACTITIONER, 1);
    let [.., camera, screen] = TRACKS;
    let another: Track = (camera.0, camera.1, camera.2 + 1);
    let (whole, part) = (picture(true), picture(false));
    let mut expected = fates(&world);
    let mut then = |world: &mut World, each: [u64; FATES.len() + 1]| {
        for (expected, more) in expected.iter_mut().zip(each) {
            *expected += more;
        }
        world.until("it is counted", |world| {
            practitioner.run();
            fates(world).iter().sum::<u64>() >= expected.iter().sum()
        });
        assert_eq!(fates(world), expected);
    };
    // To the two others.
    patient.send_payload(camera, 5, &whole);
    then(&mut world, [0, 0, 0, 0, 0, 0, 2]);
    patient.send_payload(camera, 6, &whole[..3]);
    then(&mut world, [0, 1, 0, 0, 0, 0, 0]);
    patient.send_payload(another, 14, &part);
    then(&mut world, [0, 0, 0, 2, 0, 0, 0]);
    patient.send_payload(another, 15, &whole);
    then(&mut world, [0, 0, 0, 0, 0, 0, 2]);
    patient.send_payload(another, 13, &part);
    then(&mut world, [0, 0, 0, 0, 2, 0, 0]);
    patient.send_payload(screen, 1, &whole);
    then(&mut world, [0, 0, 0, 0, 0, 0, 2]);
    interpreter.send_payload(screen, 1, &whole);
    then(&mut world, [0, 0, 1, 0, 0, 0, 0]);
    world.plan(&[PATIENT, PRACTITIONER, INTERPRETER], false);
    // What is planned is done before what is offered after it.
    let offer = world.add_client();
    let offer = world.clients[offer].offer();
    assert!(world.offer(4, 1, &offer).is_err());
    patient.send_payload(another, 16, &whole);
    then(&mut world, [1, 0, 0, 0, 0, 0, 0]);
}

/// Sound waits for nobody's line: who sends it without end would take it from all pictures.
#[test]
fn sound_beyond_what_a_voice_takes_goes_to_nobody_and_a_voice_does() {
    let mut world = World::start();
    let mut publisher = publisher(&mut world);
    let mut raw = world.join_raw(PRACTITIONER, 1);
    let mut sequence = 0;
    world.until("some is dropped", |world| {
        raw.run();
        for _ in 0..20 {
            publisher.send_sound(30, sequence, &[1; 1300]);
            sequence += 1;
        }
        world.dropped("too_much_sound") > 0
    });
    world.until("a voice comes", |_| {
        raw.run();
        publisher.send_sound(30, sequence, &[1; 3]);
        sequence += 1;
        raw.media.iter().any(|it| it.len() < 100)
    });
}

/// More than may wait for a line of which nothing is known but that it tells what arrives.
#[test]
fn what_finds_no_place_among_what_waits_is_counted() {
    let mut world = World::start();
    let mut publisher = publisher(&mut world);
    let mut raw = world.join_raw(PRACTITIONER, 1);
    raw.send_rtcp(&feedback());
    // All comes within a wake or some, and what waits for a line may be 128 packets.
    publisher.send_padded(&TRACKS[..1], 0..400, 1000);
    world.until("it is counted", |world| {
        raw.run();
        publisher.raw.run();
        world.dropped("pacer_full") > 0
    });
    world.until("what found one comes", |_| {
        raw.run();
        publisher.raw.run();
        !raw.media.is_empty()
    });
}

#[test]
fn what_waits_for_somebody_who_goes_is_counted() {
    let mut world = World::start();
    let mut publisher = publisher(&mut world);
    let mut connection = 0;
    let mut from = 0;
    // On a busy machine all may have left before the SFU hears that they go.
    while world.dropped("no_connection") == 0 {
        connection += 1;
        assert!(connection < 50, "nothing waited for anybody");
        world.plan(&[PATIENT, PRACTITIONER], true);
        let mut raw = world.join_raw(PRACTITIONER, connection);
        raw.send_rtcp(&feedback());
        publisher.send_padded(&TRACKS[..1], from..from + 100, 1000);
        from += 100;
        world.until("the first comes", |_| {
            raw.run();
            publisher.raw.run();
            !raw.media.is_empty()
        });
        world.plan(&[PATIENT], true);
        // What is planned is done before what is offered after it.
        let offer = world.add_client();
        let offer = world.clients[offer].offer();
        assert!(world.offer(PRACTITIONER, connection + 1, &offer).is_err());
        world.clients.pop();
    }
    assert!(world.dropped("no_connection") < 100);
}
