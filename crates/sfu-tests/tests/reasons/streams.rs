//! Packets of the wrong stream, at the wrong time, or too large.

use super::support::World;
use super::support::publisher::TRACKS;
use super::support::raw::extension;
use super::{PATIENT, PRACTITIONER, publisher};
use vestibule_rtp::rtcp::{Packet, packets};

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

/// One octet more than the largest payload that is forwarded.
const TOO_LARGE: usize = 1351;

#[test]
fn a_payload_that_is_too_large_goes_to_nobody_and_the_largest_does() {
    let mut world = World::start();
    let mut publisher = publisher(&mut world);
    let mut raw = world.join_raw(PRACTITIONER, 1);
    let mut payload = vec![0; TOO_LARGE];
    payload[..7].copy_from_slice(&[0x90, 0xe0, 0x80, 1, 1, 0x20, 0]);
    publisher.send_payload(TRACKS[3], 1, &payload);
    publisher.send_payload(TRACKS[3], 2, &payload[..TOO_LARGE - 1]);
    world.until("the largest comes", |_| {
        raw.run();
        !raw.media.is_empty()
    });
    assert_eq!(world.dropped("too_large"), 1);
    assert_eq!(raw.media.len(), 1);
}

/// The stream that repairs the screen.
const REPAIRS: u32 = 21;

#[test]
fn a_repair_of_nothing_of_what_came_or_of_what_is_long_gone_is_counted_and_others_go_on() {
    let mut world = World::start();
    let mut publisher = publisher(&mut world);
    let mut raw = world.join_raw(PRACTITIONER, 1);
    let mut comes = |world: &mut World, packets| {
        world.until("it comes", |_| {
            raw.run();
            raw.media.len() == packets
        });
    };
    let screen = &TRACKS[3..];
    // The furthest back that a packet is known is 1,023 before the newest.
    publisher.send(screen, [0, 1, 1_500, 1_502]);
    comes(&mut world, 4);
    let picture = [0x80, 0xe0, 0x80, 1, 1, 0x20, 1, 0, 0, 0];
    let repair = |of: u16| [&of.to_be_bytes()[..], &picture].concat();
    // Without the number of what it repairs, and with nothing behind it.
    for (sequence, payload) in [(1, &[][..]), (2, &[5]), (3, &[5, 0])] {
        publisher.send_repair(REPAIRS, sequence, payload);
    }
    world.until("they are counted", |world| world.dropped("padding") == 3);
    publisher.send_repair(REPAIRS, 4, &repair(1_500));
    world.until("it is counted", |world| world.dropped("repeated") == 1);
    publisher.send_repair(REPAIRS, 5, &repair(2));
    world.until("it is counted", |world| world.dropped("too_old") == 1);
    publisher.send_repair(REPAIRS, 6, &repair(1_501));
    comes(&mut world, 5);
    assert_eq!(world.dropped("unknown_stream"), 0);
}

#[test]
fn media_ahead_of_the_keys_is_counted() {
    let mut world = World::start();
    world.plan(&[PATIENT, PRACTITIONER], true);
    let mut raw = world.begin_raw(PATIENT, 1);
    raw.mute = true;
    world.until("the address is proved", |_| {
        raw.run();
        raw.received > 0
    });
    for kind in [96, 201] {
        raw.send(&[&[0x80, kind][..], &[0; 60]].concat());
    }
    world.until("both are counted", |world| {
        world.dropped("media_before_handshake") == 2
    });
    raw.mute = false;
    world.until("the handshakes are through all the same", |_| {
        raw.run();
        raw.is_up()
    });
}

/// The bit that says that a report is encrypted, four octets before its end under GCM (RFC 7714 section 9).
const ENCRYPTED: u8 = 0x80;

#[test]
fn a_report_that_says_that_it_is_not_encrypted_is_counted() {
    let mut world = World::start();
    world.plan(&[PATIENT, PRACTITIONER], true);
    let mut raw = world.join_raw(PATIENT, 1);
    let mut sealed = raw.seal_rtcp(&[0x80, 201, 0, 1, 0, 0, 0, 1]);
    let flags = sealed.len() - 4;
    assert_eq!(sealed[flags] & ENCRYPTED, ENCRYPTED);
    sealed[flags] &= !ENCRYPTED;
    raw.send(&sealed);
    world.until("it is counted", |world| {
        world.dropped("srtp_not_encrypted") == 1
    });
}
