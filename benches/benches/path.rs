//! The whole way of a packet of a two-party call in memory: what a worker of the SFU does between its system calls. A client
//! with real keys publishes a picture, and the worker's own relay finds its peer, opens, notes, keeps, forwards, writes anew and
//! seals each packet, and does what is due before it would sleep. The floor beside it is what the cryptographic library alone
//! takes for the same bytes: AES-256-GCM, opened and sealed in place under keys that are ready.

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
use support::{Arriving, Floor, PACKETS, PICTURE_BYTES, Room};

/// A function of its own: `make instructions` counts from here on, and not what the clients do.
#[inline(never)]
fn measured(room: &mut Room, wakes: &mut [Arriving]) -> usize {
    room.relay(wakes)
}

fn whole(group: &mut BenchmarkGroup<'_, WallTime>, name: &str, in_each: usize) {
    let mut room = Room::new();
    group.bench_function(name, |bench| {
        bench.iter_custom(|rounds| {
            let mut spent = Duration::ZERO;
            for _ in 0..rounds {
                let mut wakes = room.pictures(in_each);
                let start = Instant::now();
                let left = measured(&mut room, &mut wakes);
                spent += start.elapsed();
                assert_eq!(left, PACKETS, "each packet leaves");
                room.rest();
            }
            spent
        });
    });
}

fn floor(group: &mut BenchmarkGroup<'_, WallTime>) {
    let floor = Floor::of(PICTURE_BYTES);
    group.bench_function("floor: AES-256-GCM, opened and sealed", |bench| {
        bench.iter_custom(|rounds| {
            let mut spent = Duration::ZERO;
            for _ in 0..rounds {
                let mut packets = [(); PACKETS].map(|()| floor.packet());
                let start = Instant::now();
                for packet in &mut packets {
                    floor.open(packet);
                    floor.seal(packet);
                }
                spent += start.elapsed();
            }
            spent
        });
    });
}

fn path(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("path");
    group.throughput(Throughput::Elements(PACKETS as u64));
    whole(&mut group, "open, forward, rewrite, seal", PACKETS);
    whole(&mut group, "the same, a wake for each packet", 1);
    floor(&mut group);
    group.finish();
}

criterion_group!(benches, path);
criterion_main!(benches);
