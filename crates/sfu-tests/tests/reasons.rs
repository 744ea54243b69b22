//! Why packets are dropped, as it is counted.

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

use std::sync::Mutex;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use support::publisher::{Publisher, TRACKS, Track};
use support::raw::extension;
use support::{World, metrics};
use vestibule_rtp::rtcp::{Compound, FeedbackHead, Packet, packets};
use vestibule_sfu::{CallId, Forwarded, Packet as Media, Seat, Source, Tap};

const PATIENT: u128 = 1;
const PRACTITIONER: u128 = 2;
const INTERPRETER: u128 = 3;

/// The patient, in a call that is open.
fn publisher(world: &mut World) -> Publisher {
    world.plan(&[PATIENT, PRACTITIONER], true);
    Publisher::join(world, PATIENT)
}

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

/// It arrived all the same. A worker that did not tell would look whether it could again and again.
#[test]
fn whoever_sends_what_is_of_no_track_is_told_that_it_came() {
    let mut world = World::start();
    world.plan(&[PATIENT, PRACTITIONER], true);
    let (mut raw, offer) = world.join_raw_with_layers(PATIENT, 1);
    let number = extension(&offer, "transport-wide-cc-extensions-01");
    let head = [0x90, 96, 0, 1, 0, 0, 0, 1, 9, 9, 9, 9, 0xbe, 0xde, 0, 1];
    raw.send_rtp(&[&head[..], &[number << 4 | 1, 0, 7, 0], &[1; 20]].concat());
    world.until("it is told", |_| {
        raw.run();
        let told = raw.told.iter().flat_map(|told| packets(told));
        let mut feedback = told.filter_map(|part| match part.unwrap() {
            Packet::TransportFeedback(feedback) => feedback.statuses().next(),
            _ => None,
        });
        feedback.any(|it| it.sequence == 7 && it.delta.is_some())
    });
    assert_eq!(world.dropped("unknown_stream"), 1);
}

/// Four octets tell of thousands of packets, and each is looked at.
#[test]
fn one_datagram_tells_of_so_many_packets_and_no_more() {
    let mut world = World::start();
    world.plan(&[PATIENT, PRACTITIONER], true);
    let mut raw = world.join_raw(PATIENT, 1);
    // 4,096 that did not arrive (draft-holmer-rmcat-transport-wide-cc-extensions-01 section 3.1).
    let run = [
        0x8f, 205, 0, 5, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0x10, 0, 0, 0, 1, 0, 0x10, 0, 0, 0,
    ];
    raw.send_rtcp(&run);
    raw.send_rtcp(&run.repeat(2));
    world.until("it is counted", |world| {
        raw.run();
        world.dropped("rtcp_malformed") > 0
    });
    assert_eq!(world.dropped("rtcp_malformed"), 1);
}

#[test]
fn what_one_report_asks_for_beyond_the_limit_is_counted() {
    let mut world = World::start();
    let mut publisher = publisher(&mut world);
    let mut raw = world.join_raw(PRACTITIONER, 1);
    for from in (0..700).step_by(20) {
        publisher.send(&TRACKS[2..=2], from..from + 20);
        world.until("pictures come", |_| {
            raw.run();
            publisher.raw.run();
            raw.media.len() == usize::from(from) + 20
        });
    }
    let came = raw.media.iter();
    let sequences: Vec<_> = came.map(|it| u16::from_be_bytes([it[2], it[3]])).collect();
    let stream = u32::from_be_bytes(*raw.media[0][8..].first_chunk().unwrap());
    let mut buffer = [0; 512];
    let mut compound = Compound::new(&mut buffer);
    for part in [&sequences[..400], &sequences[400..600], &sequences[600..]] {
        compound.nack(1, stream, part.iter().copied()).unwrap();
    }
    raw.send_rtcp(compound.octets());
    world.until("it is answered", |world| {
        raw.run();
        world.dropped("asked_too_much") > 0
    });
    // The limit is 512.
    assert_eq!(world.dropped("asked_too_much"), 700 - 512);
    let page = world.metrics();
    let told = |what| {
        let name = format!("vestibule_sfu_retransmissions_{what}_total");
        metrics::sum(&page, &name)
    };
    assert_eq!(told("asked"), 700.0);
    assert_eq!(told("sent") + told("refused"), 700.0);
}

/// What goes on asking gets what a camera sends in a while, however little each report asks for.
#[test]
fn what_many_reports_ask_for_beyond_the_limit_is_counted() {
    let mut world = World::start();
    let mut publisher = publisher(&mut world);
    let mut raw = world.join_raw(PRACTITIONER, 1);
    publisher.send(&TRACKS[2..=2], 0..100);
    world.until("pictures come", |_| {
        raw.run();
        publisher.raw.run();
        raw.media.len() == 100
    });
    let came = raw.media.iter();
    let sequences: Vec<_> = came.map(|it| u16::from_be_bytes([it[2], it[3]])).collect();
    let stream = u32::from_be_bytes(*raw.media[0][8..].first_chunk().unwrap());
    let mut buffer = [0; 512];
    let mut compound = Compound::new(&mut buffer);
    compound.nack(1, stream, sequences.iter().copied()).unwrap();
    world.until("some is refused", |world| {
        raw.run();
        (0..20).for_each(|_| raw.send_rtcp(compound.octets()));
        world.dropped("asked_too_much") > 0
    });
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

#[test]
fn what_waits_for_somebody_who_goes_is_counted() {
    let mut world = World::start();
    let mut publisher = publisher(&mut world);
    let mut buffer = [0; 64];
    let mut heard = Compound::new(&mut buffer);
    let arrived = [Some(0)].into_iter();
    heard
        .transport_feedback(&FeedbackHead::default(), arrived)
        .unwrap();
    let mut connection = 0;
    let mut from = 0;
    // On a busy machine all may have left before the SFU hears that they go.
    while world.dropped("no_connection") == 0 {
        connection += 1;
        assert!(connection < 50, "nothing waited for anybody");
        world.plan(&[PATIENT, PRACTITIONER], true);
        let mut raw = world.join_raw(PRACTITIONER, connection);
        raw.send_rtcp(heard.octets());
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

/// A handshake's parts in plain text may be kept until others come; what is of no use before its end and cannot be kept is
/// counted.
#[test]
fn what_dtls_cannot_use_while_its_handshake_goes_on_is_counted() {
    let mut world = World::start();
    world.plan(&[PATIENT, PRACTITIONER], true);
    let mut raw = world.begin_raw(PATIENT, 1);
    raw.mute = true;
    world.until("the address is proved", |_| {
        raw.run();
        raw.received > 0
    });
    // A record of a handshake that is encrypted, ahead of the keys; and a change of ciphers with half a header behind it.
    let encrypted = [22, 254, 253, 0, 1, 0, 0, 0, 0, 0, 0, 0, 4, 7, 7, 7, 7];
    let change = [20, 254, 253, 0, 0, 0, 0, 0, 0, 0, 9, 0, 1, 1];
    raw.send(&encrypted);
    raw.send(&[&change[..], &encrypted[..6]].concat());
    world.until("it is counted", |world| {
        raw.run();
        world.dropped("dtls_unused") + world.dropped("dtls_malformed") >= 2
    });
    assert_eq!(world.dropped("dtls_unused"), 1);
    assert_eq!(world.dropped("dtls_malformed"), 1);
    raw.mute = false;
    world.until("the handshakes are through all the same", |_| {
        raw.run();
        raw.is_up()
    });
}

/// Lets a worker go on behind each packet of media only when it is told to, or nobody is there to tell.
struct Permits(Mutex<Receiver<()>>);

impl Tap for Permits {
    fn received(&self, _: CallId, _: (Seat, Source), _: &Media<'_>, _: bool) {
        let _ = self.0.lock().unwrap().recv();
    }

    fn sent(&self, _: CallId, _: &Forwarded, _: &Media<'_>, _: bool) {}
}

/// So long a worker finds more than it takes before it is behind, and so many datagrams it takes in one wake.
const BEHIND_FOR: Duration = Duration::from_millis(20);
const DATAGRAMS_PER_WAKE: usize = 64;

#[test]
fn what_is_asked_for_again_of_a_worker_that_is_behind_is_counted() {
    let (permits, taken) = channel();
    let mut world = World::start_tapped(Permits(Mutex::new(taken)));
    let mut publisher = publisher(&mut world);
    let mut raw = world.join_raw(PRACTITIONER, 1);
    let told = |world: &World, what: &str| {
        let name = format!("vestibule_sfu_{what}_total");
        metrics::sum(&world.metrics(), &name)
    };
    permits.send(()).unwrap();
    publisher.send(&TRACKS[2..=2], 0..1);
    world.until("a picture comes", |_| {
        raw.run();
        !raw.media.is_empty()
    });
    let came = raw.media[0].as_slice();
    let sequence = u16::from_be_bytes([came[2], came[3]]);
    let stream = u32::from_be_bytes(*came[8..].first_chunk().unwrap());
    let mut buffer = [0; 64];
    let mut compound = Compound::new(&mut buffer);
    compound.nack(1, stream, [sequence]).unwrap();
    let asked = compound.octets();

    // In one wake all that is needed for the others comes.
    publisher.send(&TRACKS[2..=2], 1..2);
    world.until("the worker is held", |world| {
        told(world, "packets_in") == 2.0
    });
    publisher.send(&TRACKS[2..=2], 2..3);
    // In the next it is held until it is late, and is found to be so in the one after; in a later one it is asked.
    (0..3 * DATAGRAMS_PER_WAKE).for_each(|_| raw.send(&[OF_NO_PROTOCOL]));
    raw.send_rtcp(asked);
    permits.send(()).unwrap();
    world.until("the worker is held again", |world| {
        told(world, "packets_in") == 3.0
    });
    let held = Instant::now();
    world.until("it is late", |_| held.elapsed() > BEHIND_FOR);
    drop(permits);
    world.until("the request is answered", |world| {
        told(world, "retransmissions_sent") + told(world, "retransmissions_refused") == 1.0
    });
    assert_eq!(told(&world, "fallen_behind"), 1.0);
    assert_eq!(told(&world, "retransmissions_refused"), 1.0);
    assert_eq!(world.dropped("behind"), 1);
    assert_eq!(told(&world, "retransmissions_sent"), 0.0);
}

/// The first byte of a datagram that is neither STUN nor DTLS nor media (RFC 7983 section 7).
const OF_NO_PROTOCOL: u8 = 100;
