//! The step behind a packet's forwarding, as the SFU's peers do it: it is decided that it leaves, its header is written with its
//! new numbers, its payload copied behind it, and SRTP put on. The floor beside it is what the cryptographic library alone takes
//! for the same bytes: AES-256-GCM, sealed in place under a key that is ready.

#![allow(missing_docs, reason = "criterion's macros make undocumented items")]
#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "a benchmark fails by panicking"
)]

mod support;

use std::time::{Duration, Instant};

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main};
use support::{Floor, Going, PACKETS, PICTURE_BYTES, Room, VOICE_BYTES};
use vestibule_forwarding::Slot;

/// A function of its own: `make instructions` counts from here on, and not what the clients do.
#[inline(never)]
fn measured(room: &mut Room, going: &[Going]) -> usize {
    room.seal(going)
}

fn step(group: &mut BenchmarkGroup<'_, WallTime>, name: &str, slot: Option<Slot>) {
    let slot = slot.expect("a slot");
    let mut room = Room::new();
    group.bench_function(name, |bench| {
        bench.iter_custom(|rounds| {
            let mut spent = Duration::ZERO;
            for _ in 0..rounds {
                let going = room.going(slot);
                let start = Instant::now();
                let sealed = measured(&mut room, &going);
                spent += start.elapsed();
                assert_eq!(sealed, PACKETS);
                room.rest();
            }
            spent
        });
    });
}

fn floor(group: &mut BenchmarkGroup<'_, WallTime>, name: &str, bytes: usize) {
    let floor = Floor::of(bytes);
    let mut packet = floor.packet();
    group.bench_function(name, |bench| {
        bench.iter_custom(|rounds| {
            let start = Instant::now();
            for _ in 0..rounds {
                (0..PACKETS).for_each(|_| floor.seal(&mut packet));
            }
            start.elapsed()
        });
    });
}

fn seal(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("Peer seals");
    group.throughput(Throughput::Elements(PACKETS as u64));
    step(&mut group, "a picture's packet", Slot::video(0));
    floor(&mut group, "floor: a picture's bytes", PICTURE_BYTES);
    step(&mut group, "a voice's packet", Slot::audio(0));
    floor(&mut group, "floor: a voice's bytes", VOICE_BYTES);
    group.finish();
}

criterion_group!(benches, seal);
criterion_main!(benches);
