//! A defect that panics ends the call that it is in and nothing else, and another call takes its place.

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

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use support::metrics::sum;
use support::{World, call, leg};
use vestibule_control::{CallPlan, FromSfu, LegState, OfferRefusal, ToSfu};
use vestibule_sfu::{CallId, Forwarded, Packet, Seat, Source, Tap};

/// Panics once, at a packet of the first call, when it is told to.
#[derive(Clone, Default)]
struct Defect(Arc<AtomicBool>);

impl Tap for Defect {
    fn received(&self, of: CallId, _: (Seat, Source), packet: &Packet<'_>, _: bool) {
        if of == call(1) && self.0.swap(false, Ordering::Relaxed) {
            panic!("{:?} is nobody's business", packet.payload);
        }
    }

    fn sent(&self, _: CallId, _: &Forwarded, _: &Packet<'_>, _: bool) {}
}

/// Connects two clients, which send, to a call.
fn connect(world: &mut World, number: u128, legs: [u128; 2], connection: u32) {
    for person in legs {
        let client = world.add_client();
        let offer = world.clients[client].offer();
        let answer = world.offer_to(call(number), person, connection, &offer);
        world.clients[client].accept(&answer.unwrap());
        world.until("a leg is connected", |world| {
            let up = (connection, LegState::Connected);
            world.states(person).contains(&up) && world.clients[client].connected
        });
        world.clients[client].sending = true;
    }
}

fn plan(world: &mut World, number: u128, legs: [u128; 2]) {
    world.tell(ToSfu::SetCall(CallPlan {
        call: call(number),
        legs: legs.map(leg).to_vec(),
        open: true,
    }));
}

fn media_flows(world: &mut World, clients: [usize; 2]) {
    let before = clients.map(|client| world.clients[client].got.len());
    world.until("media flows", |world| {
        let mut both = clients.into_iter().zip(before);
        both.all(|(client, before)| world.clients[client].got.len() > before + 40)
    });
}

#[test]
fn a_panic_ends_its_call_alone_and_signaling_is_told_to_make_another() {
    a_panic_ends_its_call_alone(1);
}

#[test]
fn a_panic_ends_nothing_at_another_worker() {
    a_panic_ends_its_call_alone(2);
}

/// With one worker both calls are its own; with two each has one.
fn a_panic_ends_its_call_alone(workers: usize) {
    let defect = Defect::default();
    let mut world = World::start_with_workers(workers, defect.clone());
    plan(&mut world, 1, [1, 2]);
    plan(&mut world, 2, [11, 12]);
    connect(&mut world, 1, [1, 2], 1);
    connect(&mut world, 2, [11, 12], 1);
    media_flows(&mut world, [0, 1]);

    defect.0.store(true, Ordering::Relaxed);
    world.until("both of the call are told", |world| {
        let closed = |person| world.states(person).last() == Some(&(1, LegState::Closed));
        closed(1) && closed(2) && world.has_failed(call(1))
    });
    assert!(!world.has_failed(call(2)));
    media_flows(&mut world, [2, 3]);
    for person in [11, 12] {
        assert_eq!(world.states(person), [(1, LegState::Connected)]);
    }
    let page = world.metrics();
    for (name, value) in [("panics_total", 1.0), ("peers", 2.0), ("calls", 1.0)] {
        assert_eq!(
            sum(&page, &format!("vestibule_sfu_{name}")),
            value,
            "{name}"
        );
    }

    // What it panicked at is lost.
    assert_eq!(world.dropped("call_failed"), 1);

    // Nobody goes on with a connection whose keys are gone: a browser would take its own for the same and send in vain.
    let offer = world.clients[0].offer();
    let answer = world.offer_to(call(1), 1, 1, &offer);
    assert_eq!(answer, Err(OfferRefusal::UnknownLeg));

    plan(&mut world, 3, [21, 22]);
    connect(&mut world, 3, [21, 22], 1);
    media_flows(&mut world, [4, 5]);
    assert_eq!(sum(&world.metrics(), "vestibule_sfu_peers"), 4.0);
}

/// Which calls there are, as the link that was made last was told, without those that failed since.
fn calls(world: &World) -> Option<Vec<CallId>> {
    let hello = world.told.iter().rev().find_map(|message| match message {
        FromSfu::Hello { calls, .. } => Some(calls.clone()),
        _ => None,
    });
    let calls = hello?.into_iter().filter(|call| !world.has_failed(*call));
    Some(calls.collect())
}

#[test]
fn a_call_that_fails_while_nobody_is_linked_is_told_to_the_next_link() {
    let defect = Defect::default();
    let mut world = World::start_tapped(defect.clone());
    plan(&mut world, 1, [1, 2]);
    plan(&mut world, 2, [11, 12]);
    connect(&mut world, 1, [1, 2], 1);
    media_flows(&mut world, [0, 1]);
    world.disconnect();
    defect.0.store(true, Ordering::Relaxed);
    world.until("it panicked", |world| {
        sum(&world.metrics(), "vestibule_sfu_panics_total") == 1.0
    });
    world.told.clear();
    world.connect();
    world.until("the next link knows", |world| {
        calls(world) == Some(vec![call(2)])
    });
}
