//! What must not work: offers without authorisation or of another form, and datagrams of strangers and of people with
//! keys. Each test has its row of `docs/threats.md` in its name.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "in a test a panic is the verdict"
)]
#![allow(unsafe_code, reason = "a global allocator is unsafe to implement")]
#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "a test looks at what it asks for"
)]

#[path = "../support/mod.rs"]
mod support;

mod addresses;
mod checks;
mod handshakes;
mod meter;
mod offers;
mod packets;
mod replays;
mod streams;

use std::net::UdpSocket;

use support::World;
use support::metrics::sum;
use vestibule_control::LegState;

const PATIENT: u128 = 1;
const PRACTITIONER: u128 = 2;

/// Two clients in an open call, both sending.
fn consultation() -> World {
    consultation_in(World::start())
}

fn consultation_in(mut world: World) -> World {
    world.plan(&[PATIENT, PRACTITIONER], true);
    for person in [PATIENT, PRACTITIONER] {
        let client = world.join(person, 1);
        world.clients[client].sending = true;
    }
    undisturbed(&mut world);
    world
}

/// The call goes on as it was: all clients get more, on the connections that they have, and nothing panicked.
fn undisturbed(world: &mut World) {
    let before: Vec<_> = world
        .clients
        .iter()
        .map(|client| client.got.len())
        .collect();
    world.until("media flows", |world| {
        world
            .clients
            .iter()
            .zip(&before)
            .all(|(client, before)| client.got.len() > before + 40)
    });
    for person in [PATIENT, PRACTITIONER] {
        assert_eq!(world.states(person), [(1, LegState::Connected)]);
    }
    assert!(world.clients.iter().all(|client| !client.closed));
    let panics = sum(&world.metrics(), "vestibule_sfu_panics_total");
    assert!(panics < 1.0, "{panics} panics");
}

/// Somebody at another address.
fn stranger() -> UdpSocket {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.set_nonblocking(true).unwrap();
    socket
}

/// How many datagrams came to the SFU, or would have if its socket had had room for them: a row that the kernel carries as
/// one is dropped as one.
fn arrived(world: &World) -> u64 {
    let page = world.metrics();
    let came = sum(&page, "vestibule_sfu_datagrams_in_total");
    came as u64 + ROW * world.dropped("queue_full")
}

/// The most datagrams that the kernel carries as one.
const ROW: u64 = 64;

/// How many bytes came to somebody.
fn received(socket: &UdpSocket) -> usize {
    let mut buffer = [0; 2000];
    std::iter::from_fn(|| socket.recv(&mut buffer).ok()).sum()
}
