//! The control link: it may come and go, and calls are the better for not noticing.

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

use std::cell::Cell;
use std::rc::Rc;

use support::client::{Filter, is_rtp};
use support::link::Link;
use support::{World, call};
use vestibule_control::{CONTROL_VERSION, FromSfu, LegState, ToSfu};

const PATIENT: u128 = 1;
const PRACTITIONER: u128 = 2;

fn consultation() -> World {
    let mut world = World::start();
    world.plan(&[PATIENT, PRACTITIONER], true);
    for person in [PATIENT, PRACTITIONER] {
        let client = world.join(person, 1);
        world.clients[client].sending = true;
    }
    flows(&mut world);
    world
}

fn flows(world: &mut World) {
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
}

fn closes(world: &mut World) {
    world.until("the link is closed", |world| {
        world.link.as_ref().is_none_or(Link::closed)
    });
}

#[test]
fn media_flows_on_without_a_link_and_the_next_one_is_told_everything() {
    let mut world = consultation();
    world.disconnect();
    flows(&mut world);
    world.told.clear();
    world.connect();
    let hello = world.told.iter().find_map(|message| match message {
        FromSfu::Hello {
            version,
            pid,
            calls,
        } => Some((*version, *pid, calls.clone())),
        _ => None,
    });
    assert_eq!(
        hello,
        Some((CONTROL_VERSION, std::process::id(), vec![call(1)]))
    );
    for person in [PATIENT, PRACTITIONER] {
        world.until("states and slots are told", |world| {
            world
                .slots(person)
                .is_some_and(|(_, bound)| bound.len() == 2)
                && world.states(person) == [(1, LegState::Connected)]
        });
    }
    world.plan(&[PATIENT, PRACTITIONER], true);
    flows(&mut world);
    assert!(world.clients.iter().all(|client| !client.closed));
}

#[test]
fn what_is_no_message_closes_the_link_and_touches_no_call() {
    let mut world = consultation();
    let frames: [&[u8]; 5] = [
        &u32::MAX.to_be_bytes(),
        &[0, 0, 0, 4, b'n', b'u', b'l', b'l'],
        &[0, 0, 0, 2, b'{', b'}'],
        &[0, 0, 0, 1, 0xff],
        &[0, 0, 0, 0],
    ];
    for frame in frames {
        world.link.as_mut().unwrap().write_bytes(frame);
        closes(&mut world);
        world.connect();
    }
    world.tell(ToSfu::Hello {
        version: CONTROL_VERSION,
    });
    closes(&mut world);
    world.connect();
    flows(&mut world);
    assert_eq!(
        world.states(PATIENT).first(),
        Some(&(1, LegState::Connected))
    );
    assert!(world.clients.iter().all(|client| !client.closed));
}

#[test]
fn a_newer_link_replaces_an_older_one() {
    let mut world = World::start();
    let older = world.link.take();
    world.connect();
    let newer = std::mem::replace(&mut world.link, older);
    closes(&mut world);
    world.link = newer;
    world.plan(&[PATIENT], false);
    world.join(PATIENT, 1);
}

#[test]
fn a_signaling_process_of_another_version_can_only_shut_down() {
    let mut world = World::start();
    world.tell(ToSfu::CloseCall { call: call(1) });
    world.disconnect();
    world.connect();
    world.link = None;
    world.connect_as(CONTROL_VERSION + 1);
    world.plan(&[PATIENT], true);
    closes(&mut world);
    world.connect_as(CONTROL_VERSION + 1);
    world.tell(ToSfu::Shutdown);
    world.ended().unwrap();
}

#[test]
fn shutting_down_says_goodbye_to_everybody() {
    let mut world = consultation();
    world.tell(ToSfu::Shutdown);
    world.ended().unwrap();
    world.until("the clients are told", |world| {
        world.clients.iter().all(|client| client.closed)
    });
}

#[test]
fn counters_are_told_while_there_is_traffic() {
    let mut world = World::start();
    world.plan(&[PATIENT, PRACTITIONER], true);
    let sent = Rc::new(Cell::new(0));
    for person in [PATIENT, PRACTITIONER] {
        let client = world.add_client();
        world.clients[client].outgoing = count_rtp(Rc::clone(&sent));
        world.connect_client(client, person, 1);
        world.clients[client].sending = true;
    }
    flows(&mut world);
    let got: u64 = world.clients.iter().map(|it| it.got.len() as u64).sum();
    let stats = world.wait("what came and went is told", |world| {
        world.told.iter().find_map(|message| match message {
            FromSfu::Stats(stats) if stats.packets_out >= got => Some(*stats),
            _ => None,
        })
    });
    assert_eq!((stats.calls, stats.peers), (1, 2));
    assert!((1..=sent.get()).contains(&stats.packets_in), "{stats:?}");
    assert!(stats.cpu_micros > 0);
}

/// Lets everything through, and counts the packets of RTP.
fn count_rtp(count: Rc<Cell<u64>>) -> Filter {
    Box::new(move |datagram| {
        count.set(count.get() + u64::from(is_rtp(datagram)));
        true
    })
}
