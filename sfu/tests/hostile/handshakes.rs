//! Handshakes that never end, and those of somebody else.

use std::fs;

use vestibule_control::LegState;

use super::support::World;
use super::support::metrics::sum;
use super::{PATIENT, PRACTITIONER, consultation, undisturbed};

/// A DTLS 1.2 record with a fragment of a handshake message of 64 KB (RFC 6347 section 4.2.2).
fn fragment(record: u16, message: u16, offset: u32, body: &[u8]) -> Vec<u8> {
    const MESSAGE_BYTES: u32 = 0xffff;
    let mut bytes = vec![22, 254, 253, 0, 0, 0, 0, 0, 0];
    bytes.extend(record.to_be_bytes());
    bytes.extend((body.len() as u16 + 12).to_be_bytes());
    bytes.push(1);
    bytes.extend(&MESSAGE_BYTES.to_be_bytes()[1..]);
    bytes.extend(message.to_be_bytes());
    bytes.extend(&offset.to_be_bytes()[1..]);
    bytes.extend(&(body.len() as u32).to_be_bytes()[1..]);
    bytes.extend(body);
    bytes
}

/// The memory of this process, the SFU's with it, in bytes.
fn resident() -> usize {
    let statm = fs::read_to_string("/proc/self/statm").unwrap();
    let pages: usize = statm.split(' ').nth(1).unwrap().parse().unwrap();
    pages * 4096
}

const DATAGRAMS: u16 = 20_000;

/// Somebody who proved their address sends fragments that never become a message; the others go on.
fn endless(make: impl Fn(u16) -> Vec<u8>) {
    let mut world = consultation();
    world.plan(&[PATIENT, PRACTITIONER, 3], true);
    let mut raw = world.begin_raw(3, 1);
    raw.mute = true;
    world.until("the address is proved", |_| {
        raw.run();
        raw.received > 0
    });
    let cpu = |world: &World| sum(&world.metrics(), "vestibule_sfu_cpu_seconds_total");
    let (memory, before) = (resident(), cpu(&world));
    for number in 0..DATAGRAMS {
        raw.send(&make(number));
        if number % 50 == 49 {
            raw.sent.clear();
            let seen = world.clients[1].got.len();
            world.until("media flows", |world| world.clients[1].got.len() > seen);
        }
    }
    let grown = resident().saturating_sub(memory);
    assert!(grown < 8 << 20, "{grown} bytes more");
    let spent = cpu(&world) - before;
    // This thread's work is in it, and that of the clients.
    assert!(spent < 20.0, "{spent} s for {DATAGRAMS} datagrams");
    undisturbed(&mut world);
}

#[test]
fn attack_13_zero_length_fragments_cost_a_bounded_share() {
    endless(|number| fragment(number, 0, 0, &[]));
}

#[test]
fn attack_13_a_handshake_message_without_end_costs_a_bounded_share() {
    endless(|number| {
        // No two alike: of 334 messages the first 60,000 bytes each.
        let offset = u32::from(number % 60) * 1000;
        fragment(number, number / 60, offset, &[7; 1000])
    });
}

#[test]
fn attack_14_a_certificate_that_was_not_announced_gets_no_media() {
    let mut world = World::start();
    world.plan(&[PATIENT, PRACTITIONER], true);
    let practitioner = world.join(PRACTITIONER, 1);
    world.clients[practitioner].sending = true;
    let patient = world.add_client();
    let offer = world.clients[patient].offer();
    let announced = offer
        .lines()
        .find(|line| line.starts_with("a=fingerprint"))
        .unwrap();
    let other = announced.rsplit_once(':').map(|(rest, last)| {
        let last = if last == "00" { "01" } else { "00" };
        format!("{rest}:{last}")
    });
    let forged = offer.replace(announced, &other.unwrap());
    let answer = world.offer(PATIENT, 1, &forged).unwrap();
    world.clients[patient].accept(&answer);
    let sent = world.clients[practitioner].sent;
    world.until("the peer is given up", |world| {
        world.states(PATIENT).last() == Some(&(1, LegState::Closed))
    });
    assert_eq!(
        world.states(PATIENT),
        [(1, LegState::Closed)],
        "it was never up"
    );
    world.until("media was sent", |world| {
        world.clients[practitioner].sent > sent
    });
    assert!(world.clients[patient].got.is_empty());
}
