//! The step before a packet is forwarded, as the SFU's peers do it: SRTP is taken off, the stream found, the arrival noted. The
//! floor beside it is what the cryptographic library alone takes for the same bytes: AES-256-GCM, opened in place under a key
//! that is ready.

#![allow(missing_docs, reason = "criterion's macros make undocumented items")]
#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "a benchmark fails by panicking"
)]

mod support;

use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main};
use support::{Arriving, Floor, PACKETS, PICTURE_BYTES, Room, VOICE_BYTES};

/// A function of its own: `make instructions` counts from here on, and not what the clients do.
#[inline(never)]
fn measured(room: &mut Room, wakes: &mut [Arriving]) -> usize {
    room.open(wakes)
}

fn step(
    group: &mut BenchmarkGroup<'_, WallTime>,
    name: &str,
    packets: fn(&mut Room) -> Vec<Arriving>,
) {
    let mut room = Room::new();
    group.bench_function(name, |bench| {
        bench.iter_custom(|rounds| {
            let mut spent = Duration::ZERO;
            for _ in 0..rounds {
                let mut wakes = packets(&mut room);
                let start = Instant::now();
                let opened = measured(&mut room, &mut wakes);
                spent += start.elapsed();
                assert_eq!(opened, PACKETS);
                room.rest();
            }
            spent
        });
    });
}

fn floor(group: &mut BenchmarkGroup<'_, WallTime>, name: &str, bytes: usize) {
    let floor = Floor::of(bytes);
    group.bench_function(name, |bench| {
        bench.iter_custom(|rounds| {
            let mut spent = Duration::ZERO;
            for _ in 0..rounds {
                let mut packets = [(); PACKETS].map(|()| floor.packet());
                let start = Instant::now();
                for packet in &mut packets {
                    black_box(floor.open(packet));
                }
                spent += start.elapsed();
            }
            spent
        });
    });
}

fn open(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("Peer opens");
    group.throughput(Throughput::Elements(PACKETS as u64));
    step(&mut group, "a picture's packet", |room| room.pictures(1));
    floor(&mut group, "floor: a picture's bytes", PICTURE_BYTES);
    step(&mut group, "a voice's packet", Room::voice);
    floor(&mut group, "floor: a voice's bytes", VOICE_BYTES);
    group.finish();
}

criterion_group!(benches, open);
criterion_main!(benches);
