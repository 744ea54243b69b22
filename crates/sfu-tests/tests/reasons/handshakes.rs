//! Checks of ICE, and DTLS, that are of no use.

use super::support::World;
use super::{PATIENT, PRACTITIONER, counted};

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

/// What a check or an answer begins with (RFC 8489 section 5): its kind, its length, the cookie, and a transaction.
fn message(kind: u16, length: u16) -> Vec<u8> {
    let cookie = [0x21, 0x12, 0xa4, 0x42];
    [
        &kind.to_be_bytes()[..],
        &length.to_be_bytes(),
        &cookie,
        &[7; 12],
    ]
    .concat()
}

const ANSWER: u16 = 0x0101;

#[test]
fn an_answer_to_a_check_that_nobody_sent_is_counted() {
    let mut world = World::start();
    world.plan(&[PATIENT, PRACTITIONER], true);
    let mut raw = world.join_raw(PATIENT, 1);
    raw.send(&message(ANSWER, 0));
    world.until("it is counted", |world| world.dropped("stun_unasked") == 1);
}

#[test]
fn a_check_that_is_cut_short_behind_its_name_is_counted() {
    let mut world = World::start();
    world.plan(&[PATIENT, PRACTITIONER], true);
    let mut raw = world.join_raw(PATIENT, 1);
    let check = raw.last_check();
    raw.send(&check[..check.len() - 4]);
    world.until("it is counted", |world| {
        world.dropped("stun_malformed") == 1
    });
}

/// Addresses that are remembered of one person.
const ADDRESSES: usize = 32;

#[test]
fn a_check_from_one_address_too_many_is_counted_and_met_with_silence() {
    let mut world = World::start();
    world.plan(&[PATIENT, PRACTITIONER], true);
    let (mut raws, _) = world.begin_raws(PATIENT, 1, ADDRESSES + 1);
    let mut last = raws.pop().unwrap();
    for raw in &mut raws {
        raw.mute = true;
        world.until("a check is answered", |_| {
            raw.run();
            !raw.answers.is_empty()
        });
    }
    assert_eq!(world.dropped("too_many_addresses"), 0);
    last.mute = true;
    world.until("it is counted", |world| {
        last.run();
        world.dropped("too_many_addresses") > 0
    });
    assert_eq!(last.received, 0);
}

/// A record of DTLS with nothing in it (RFC 6347 section 4.1).
const RECORD: [u8; 13] = [22, 254, 253, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

/// The same offer with ICE begun anew.
fn restarted(offer: &str) -> String {
    let line = |line: &str| match line.split_once(':') {
        Some(("a=ice-ufrag", _)) => "a=ice-ufrag:another".to_owned(),
        Some(("a=ice-pwd", _)) => "a=ice-pwd:oftwoandtwentyletters1".to_owned(),
        _ => line.to_owned(),
    };
    offer.lines().map(|it| line(it) + "\r\n").collect()
}

/// Where ICE is begun anew before it chose a way, nobody is known to be anywhere any more.
#[test]
fn dtls_ahead_of_its_checks_is_counted() {
    let mut world = World::start();
    world.plan(&[PATIENT, PRACTITIONER], true);
    let (mut raws, offer) = world.begin_raws(PATIENT, 1, 1);
    let raw = &mut raws[0];
    world.until("a check is sent", |_| {
        raw.run();
        !raw.sent.is_empty()
    });
    // What it would do next is to choose the way.
    world.until("the check is answered", |world| {
        counted(world, "datagrams_out") > 0
    });
    let answer = world.offer(PATIENT, 1, &restarted(&offer));
    assert!(answer.is_ok());
    raw.send(&RECORD);
    world.until("it is counted", |world| world.dropped("dtls_unproved") == 1);
}
