//! Handshakes that never end, and those of somebody else.

use vestibule_control::LegState;
use vestibule_handshake::limits::DTLS_DATAGRAMS;

use super::meter::{Cost, Meter};
use super::support::World;
use super::support::raw::Raw;
use super::{PATIENT, PRACTITIONER, arrived, consultation_in, undisturbed};

/// A DTLS 1.2 record with a fragment of a handshake message of 16 MB (RFC 6347 section 4.2.2).
fn fragment(record: u16, message: u16, offset: u32, body: &[u8]) -> Vec<u8> {
    const MESSAGE_BYTES: u32 = 0xff_ffff;
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

/// As many datagrams of an attack, and of what it is compared with.
const DATAGRAMS: u32 = 20_000;

/// As much is under way at most, with what the kernel counts for each datagram: the SFU's socket has room for it also where
/// it is granted little.
const UNDER_WAY: usize = 300_000;
const KERNEL_BESIDE: usize = 2000;

/// Sends datagrams, each when there is room for it, until all have come.
pub(super) fn send_all(
    world: &mut World,
    raw: &mut Raw,
    count: u32,
    make: impl Fn(u32) -> Vec<u8>,
) {
    let at_a_time = UNDER_WAY / (make(0).len() + KERNEL_BESIDE);
    for first in (0..count).step_by(at_a_time) {
        let numbers = first..count.min(first + at_a_time as u32);
        let all = arrived(world) + numbers.len() as u64;
        numbers.for_each(|number| raw.send(&make(number)));
        raw.sent.clear();
        world.until("they came", |world| {
            // Whoever is silent would be out some day anyway.
            raw.run();
            arrived(world) >= all
        });
    }
}

/// Somebody who proved their address sends fragments that never become a message; the others go on. What that costs the
/// SFU, and what as many datagrams as long cost it that it throws away after a look at their first byte.
fn endless(count: u32, make: impl Fn(u32) -> Vec<u8>) -> (World, [Cost; 2]) {
    let meter = Meter::default();
    let mut world = consultation_in(World::start_tapped(meter.clone()));
    world.plan(&[PATIENT, PRACTITIONER, 3], true);
    let mut raw = world.begin_raw(3, 1);
    raw.mute = true;
    world.until("the address is proved", |_| {
        raw.run();
        raw.received > 0
    });
    let harmless = |number| {
        let mut datagram = make(number);
        datagram[0] = OF_NO_PROTOCOL;
        datagram
    };
    let before = meter.cost(&mut world, |world| {
        send_all(world, &mut raw, count, harmless);
    });
    let thrown_away = world.dropped("unknown_protocol");
    assert!(thrown_away > u64::from(count) * 9 / 10);
    let attack = meter.cost(&mut world, |world| {
        send_all(world, &mut raw, count, &make);
    });

    assert_eq!(world.dropped("dtls_unproved"), 0);
    undisturbed(&mut world);
    (world, [before, attack])
}

/// The first byte of a datagram that is neither STUN nor DTLS nor media (RFC 7983 section 7).
pub(super) const OF_NO_PROTOCOL: u8 = 100;

/// So many times as much as a datagram that is thrown away at once, one may cost that DTLS has to read.
const TIMES: u64 = 5;

/// What a datagram that is kept takes beside its bytes, at most: its records, read and apart.
const BESIDE: usize = 8192;

/// An attack costs a bounded share of the worker: so many times the time of what is harmless, and the memory of as many
/// datagrams as may wait.
fn bounded([harmless, attack]: [Cost; 2], datagram: usize) {
    assert!(
        attack.nanos < TIMES * harmless.nanos,
        "{attack:?}, where what is thrown away is {harmless:?}"
    );
    let most = (DTLS_DATAGRAMS + 1) * (datagram + BESIDE);
    assert!(
        attack.octets < most.cast_signed(),
        "{attack:?}, and {most} were due"
    );
}

#[test]
fn attack_13_zero_length_fragments_cost_a_bounded_share() {
    // As many as may wait for what is missing, again and again, which are all looked through for each; then no two alike.
    let some = DTLS_DATAGRAMS as u32 - 1;
    let make = |number: u32| {
        let repeated = number < DATAGRAMS / 2;
        let place = if repeated { number % some } else { number };
        fragment(place as u16, 0, place, &[])
    };
    let (world, costs) = endless(DATAGRAMS, make);
    bounded(costs, make(0).len());
    assert_eq!(world.states(3), [(1, LegState::Closed)]);
    let later = world.dropped("unknown_address");
    assert!(later <= u64::from(DATAGRAMS / 2), "{later} were not heard");
}

#[test]
fn attack_13_a_handshake_message_without_end_costs_a_bounded_share() {
    // No two alike: of 334 messages the first 60,000 bytes each.
    let make = |number: u32| {
        let offset = number % 60 * 1000;
        fragment(number as u16, (number / 60) as u16, offset, &[7; 1000])
    };
    let (world, costs) = endless(DATAGRAMS, make);
    bounded(costs, make(0).len());
    assert_eq!(world.states(3), [(1, LegState::Closed)]);
}

#[test]
fn attack_13_the_largest_datagrams_of_a_handshake_are_not_kept_without_end() {
    // Most of what UDP carries, in one record.
    let make = |number: u32| {
        let offset = number % 250 * 60_000;
        fragment(number as u16, (number / 250) as u16, offset, &[7; 60_000])
    };
    let (world, costs) = endless(500, make);
    bounded(costs, make(0).len());
    assert_eq!(world.states(3), [(1, LegState::Closed)]);
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
        let states = world.states(PATIENT);
        assert!(!states.contains(&(1, LegState::Connected)), "it is up");
        states.last() == Some(&(1, LegState::Closed))
    });
    assert_eq!(world.states(PATIENT), [(1, LegState::Closed)]);
    world.until("media was sent", |world| {
        world.clients[practitioner].sent > sent
    });
    assert!(world.clients[patient].got.is_empty());
}
