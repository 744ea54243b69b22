//! Opening and sealing a packet. The floor beside it is what the cryptographic library alone takes for the same
//! bytes: AES-128-GCM in place under a key that is ready.

#![allow(missing_docs, reason = "criterion's macros make undocumented items")]
#![allow(clippy::expect_used, reason = "a benchmark fails by panicking")]

use std::hint::black_box;

use aws_lc_rs::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use vestibule_srtp::{Inbound, KeyingMaterial, MasterKey, Opened, Outbound, Profile};

/// Whole packets before they are sealed: a picture's and a voice's.
const PACKET_BYTES: [usize; 2] = [1_100, 100];
const HEADER_BYTES: usize = 12;
const ROOM: usize = 16;

fn key(profile: Profile) -> MasterKey {
    let exported = vec![7; profile.keying_material_bytes()];
    let keys = KeyingMaterial::split(profile, &exported).expect("the length is the profile's");
    keys.client
}

/// A packet with room for the tag.
fn packet(bytes: usize) -> Vec<u8> {
    let mut packet = vec![0xa5; bytes + ROOM];
    let header = [0x80, 96, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7];
    packet.splice(..HEADER_BYTES, header);
    packet
}

fn number(packet: &mut [u8], index: u64) {
    if let Some(place) = packet.get_mut(2..4) {
        place.copy_from_slice(&(index as u16).to_be_bytes());
    }
}

fn seal(criterion: &mut Criterion) {
    for bytes in PACKET_BYTES {
        let mut group = criterion.benchmark_group(format!("seal {bytes} bytes"));
        group.throughput(Throughput::Bytes(bytes as u64));
        floor(&mut group, bytes);
        for profile in Profile::ALL {
            let mut outbound = Outbound::new(&key(profile)).expect("keys");
            let (mut buffer, mut index) = (packet(bytes), 0);
            group.bench_function(
                BenchmarkId::from_parameter(format!("{profile:?}")),
                |bench| {
                    bench.iter(|| {
                        index += 1;
                        number(&mut buffer, index);
                        black_box(outbound.seal_rtp(&mut buffer, bytes, index)).expect("sealed")
                    });
                },
            );
        }
        group.finish();
    }
}

fn floor(
    group: &mut criterion::BenchmarkGroup<'_, criterion::measurement::WallTime>,
    bytes: usize,
) {
    let key = UnboundKey::new(&AES_128_GCM, &[7; 16]).expect("a key");
    let (key, mut buffer) = (LessSafeKey::new(key), packet(bytes));
    let mut counter = 0_u64;
    group.bench_function(BenchmarkId::from_parameter("floor"), |bench| {
        bench.iter(|| {
            counter += 1;
            let mut nonce = [0; 12];
            nonce[4..].copy_from_slice(&counter.to_be_bytes());
            let (header, rest) = buffer.split_at_mut(HEADER_BYTES);
            let (text, _) = rest.split_at_mut(bytes - HEADER_BYTES);
            let nonce = Nonce::assume_unique_for_key(nonce);
            let tag = key.seal_in_place_separate_tag(nonce, Aad::from(header), text);
            black_box(tag).expect("sealed")
        });
    });
}

/// A function of its own: `make instructions` counts from here on, and not what is sealed to be opened.
#[inline(never)]
fn measured(inbound: &mut Inbound, buffer: &mut [u8]) -> Opened {
    black_box(inbound.open_rtp(buffer)).expect("opened")
}

fn open(criterion: &mut Criterion) {
    for bytes in PACKET_BYTES {
        let mut group = criterion.benchmark_group(format!("open {bytes} bytes"));
        group.throughput(Throughput::Bytes(bytes as u64));
        floor_open(&mut group, bytes);
        for profile in Profile::ALL {
            let key = key(profile);
            let mut outbound = Outbound::new(&key).expect("keys");
            let mut inbound = Inbound::new(&key).expect("keys");
            let mut index = 0;
            group.bench_function(
                BenchmarkId::from_parameter(format!("{profile:?}")),
                |bench| {
                    bench.iter_batched_ref(
                        || {
                            index += 1;
                            let mut buffer = packet(bytes);
                            number(&mut buffer, index);
                            let length = outbound.seal_rtp(&mut buffer, bytes, index);
                            buffer.truncate(length.expect("sealed"));
                            buffer
                        },
                        |buffer| measured(&mut inbound, buffer),
                        BatchSize::NumIterations(32),
                    );
                },
            );
        }
        group.finish();
    }
}

/// The same, in batches as the opening that it stands beside.
fn floor_open(
    group: &mut criterion::BenchmarkGroup<'_, criterion::measurement::WallTime>,
    bytes: usize,
) {
    let key = UnboundKey::new(&AES_128_GCM, &[7; 16]).expect("a key");
    let key = LessSafeKey::new(key);
    let nonce = || Nonce::assume_unique_for_key([7; 12]);
    let mut sealed = packet(bytes);
    sealed.truncate(bytes);
    let (header, text) = sealed.split_at_mut(HEADER_BYTES);
    let tag = key.seal_in_place_separate_tag(nonce(), Aad::from(header), text);
    sealed.extend(tag.expect("sealed").as_ref());
    group.bench_function(BenchmarkId::from_parameter("floor"), |bench| {
        bench.iter_batched_ref(
            || sealed.clone(),
            |buffer| {
                let (header, rest) = buffer.split_at_mut(HEADER_BYTES);
                let opened = key.open_in_place(nonce(), Aad::from(header), rest);
                black_box(opened).expect("opened").len()
            },
            BatchSize::NumIterations(32),
        );
    });
}

criterion_group!(benches, seal, open);
criterion_main!(benches);
