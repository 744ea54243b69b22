//! The hot path without SRTP: parse the VP8 descriptor, choose who gets it, renumber. The floor
//! beside it copies the same bytes and no more; beside the descriptor, the descriptor's.

#![allow(missing_docs, reason = "criterion's macros make undocumented items")]

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use vestibule_forwarding::{Call, Moment, Packet, Seat, Source, vp8};
use vestibule_vocab::LegId;

/// A delta frame's packet: descriptor with 15-bit PictureID, TL0PICIDX and TID, then sealed bytes.
fn payload() -> Vec<u8> {
    let mut payload = vec![0x90, 0xe0, 0x80, 1, 1, 0x00, 0x01];
    payload.resize(1_100, 0xa5);
    payload
}

fn key_frame() -> Vec<u8> {
    let mut payload = payload();
    if let Some(first) = payload.get_mut(6) {
        *first = 0;
    }
    payload
}

fn open_call(legs: usize) -> Call {
    let mut call = Call::default();
    let plan: Vec<LegId> = (0..legs)
        .map(|leg| LegId::from_random(leg as u128))
        .collect();
    let start = Moment::from_micros(0);
    let _ = call.set_plan(start, &plan, true, |_| {});
    for seat in Seat::ALL.into_iter().take(legs) {
        call.attach(start, seat, 1);
        call.connected(start, seat);
    }
    call
}

fn packet(sequence: u64, payload: &[u8]) -> Packet<'_> {
    Packet {
        ssrc: 7,
        layer: 0,
        sequence,
        timestamp: 0,
        payload,
    }
}

fn forward(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("Call::forward");
    let [publisher, ..] = Seat::ALL;
    let delta = payload();
    for receivers in [1, 4] {
        let mut call = open_call(receivers + 1);
        let mut sequence = 1;
        let key = key_frame();
        call.forward(
            Moment::from_micros(1),
            publisher,
            Source::Camera,
            &packet(sequence, &key),
            |_| true,
        );
        group.throughput(Throughput::Elements(receivers as u64));
        group.bench_function(BenchmarkId::new("video 1 to", receivers), |bench| {
            bench.iter(|| {
                sequence += 1;
                let now = Moment::from_micros(sequence);
                call.forward(
                    now,
                    publisher,
                    Source::Camera,
                    &packet(sequence, &delta),
                    |out| {
                        black_box(out);
                        true
                    },
                );
            });
        });
    }
    group.throughput(Throughput::Elements(1));
    let mut copy = delta.clone();
    group.bench_function("VP8 descriptor, parsed and rewritten", |bench| {
        bench.iter(|| {
            let new = vp8::Rewrite {
                picture_id: Some(7),
                tl0: Some(7),
            };
            if let Some(frame) = vp8::Descriptor::parse(black_box(&copy)) {
                frame.rewrite(&mut copy, black_box(new));
            }
        });
    });
    group.bench_function("floor: copy 1,100 bytes", |bench| {
        bench.iter(|| {
            copy.copy_from_slice(black_box(&delta));
            black_box(&copy);
        });
    });
    let descriptor = delta.get(..6).unwrap_or_default();
    let mut copy = descriptor.to_vec();
    group.bench_function("floor: copy 6 bytes", |bench| {
        bench.iter(|| {
            copy.copy_from_slice(black_box(descriptor));
            black_box(&copy);
        });
    });
    group.finish();
}

criterion_group!(benches, forward);
criterion_main!(benches);
