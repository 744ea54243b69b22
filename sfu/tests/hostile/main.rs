//! What must not work: offers without authorisation or of another form, and datagrams of strangers and of people with
//! keys. Each test has its row of `docs/threats.md` in its name.

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

#[path = "../support/mod.rs"]
mod support;

mod addresses;
mod checks;
mod handshakes;
mod offers;
mod packets;
mod streams;

use std::net::UdpSocket;

use support::World;
use vestibule_control::LegState;

const PATIENT: u128 = 1;
const PRACTITIONER: u128 = 2;

/// Two clients in an open call, both sending.
fn consultation() -> World {
    let mut world = World::start();
    world.plan(&[PATIENT, PRACTITIONER], true);
    for person in [PATIENT, PRACTITIONER] {
        let client = world.join(person, 1);
        world.clients[client].sending = true;
    }
    undisturbed(&mut world);
    world
}

/// The call goes on as it was: all clients get more, on the connections that they have.
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
}

/// Somebody at another address.
fn stranger() -> UdpSocket {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.set_nonblocking(true).unwrap();
    socket
}

/// How many bytes came to somebody.
fn received(socket: &UdpSocket) -> usize {
    let mut buffer = [0; 2000];
    std::iter::from_fn(|| socket.recv(&mut buffer).ok()).sum()
}
