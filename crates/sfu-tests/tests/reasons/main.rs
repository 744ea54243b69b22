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

#[path = "../support/mod.rs"]
mod support;

mod asked;
mod fates;
mod handshakes;
mod held;
mod labels;
mod streams;

use support::World;
use support::metrics::sum;
use support::publisher::Publisher;
use vestibule_rtp::rtcp::{Compound, FeedbackHead};

const PATIENT: u128 = 1;
const PRACTITIONER: u128 = 2;
const INTERPRETER: u128 = 3;

/// The patient, in a call that is open.
fn publisher(world: &mut World) -> Publisher {
    world.plan(&[PATIENT, PRACTITIONER], true);
    Publisher::join(world, PATIENT)
}

/// What the SFU counts by a name, over all workers.
fn counted(world: &World, name: &str) -> u64 {
    sum(&world.metrics(), &format!("vestibule_sfu_{name}_total")) as u64
}

/// What somebody tells who knows what arrives: from then on pictures wait for their turn.
fn feedback() -> Vec<u8> {
    let mut buffer = [0; 64];
    let mut heard = Compound::new(&mut buffer);
    let arrived = [Some(0)].into_iter();
    heard
        .transport_feedback(&FeedbackHead::default(), arrived)
        .unwrap();
    heard.octets().to_vec()
}

/// A request for packets of a stream.
fn nack(stream: u32, sequences: &[u16]) -> Vec<u8> {
    let mut buffer = [0; 1200];
    let mut compound = Compound::new(&mut buffer);
    compound
        .nack(REPORTER, stream, sequences.iter().copied())
        .unwrap();
    compound.octets().to_vec()
}

/// Whom reports are from.
const REPORTER: u32 = 1;
