//! What a publisher is told to send at most (REMB), as its receiver's line is known.

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

use support::World;
use support::publisher::{Publisher, TRACKS};

const PATIENT: u128 = 1;
const PRACTITIONER: u128 = 2;

/// Four cameras and a screen at their best: nobody's line is known.
const NO_LIMIT: u64 = 12_000_000;

/// The camera's largest layer, and its stream.
const CAMERA: u32 = 12;

#[test]
fn a_publisher_is_told_what_its_receivers_line_takes() {
    let mut world = World::start();
    world.plan(&[PATIENT, PRACTITIONER], true);
    let mut publisher = Publisher::join(&mut world, PATIENT);
    world.join(PRACTITIONER, 1);
    let mut sequence = 0_u16;
    world.until("a limit is told", |_| {
        publisher.send(&TRACKS[2..=2], [sequence]);
        sequence = sequence.wrapping_add(1);
        publisher.raw.run();
        let limits = publisher.limits(CAMERA);
        limits
            .into_iter()
            .any(|it| (40_000..NO_LIMIT).contains(&it))
    });
}
