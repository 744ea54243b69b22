//! The hot path without SRTP: parse the VP8 descriptor, choose who gets it, renumber. It touches nothing of the payload but the
//! descriptor, and so does the floor beside it: it hands each receiver the numbers of a packet, moved on. Beside the
//! descriptor the floor copies the descriptor's bytes.

#![allow(missing_docs, reason = "criterion's macros make undocumented items")]
#![allow(clippy::expect_used, reason = "a benchmark fails by panicking")]

use std::hint::black_box;

use criterion::measurement::WallTime;
use criterion::{
    BenchmarkGroup, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main,
};
use vestibule_forwarding::{Call, Forwarded, Moment, Packet, Seat, Source, vp8};
use vestibule_vocab::LegId;

type Group<'a> = BenchmarkGroup<'a, WallTime>;

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

/// A call whose first seat publishes a camera that all others see.
struct Camera {
    call: Call,
    publisher: Seat,
    sequence: u64,
    delta: Vec<u8>,
}

impl Camera {
    fn seen_by(receivers: usize) -> Self {
        let [publisher, ..] = Seat::ALL;
        let mut camera = Self {
            call: open_call(receivers + 1),
            publisher,
            sequence: 0,
            delta: key_frame(),
        };
        camera.forward(|_| ());
        camera.delta = payload();
        camera
    }

    fn forward(&mut self, mut to: impl FnMut(Forwarded)) {
        self.sequence += 1;
        let now = Moment::from_micros(self.sequence);
        let packet = packet(self.sequence, &self.delta);
        self.call
            .forward(now, self.publisher, Source::Camera, &packet, |out| {
                to(out);
                true
            });
    }
}

fn forward(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("Call::forward");
    for receivers in [1, 4] {
        let mut camera = Camera::seen_by(receivers);
        let mut forwarded = 0;
        camera.forward(|_| forwarded += 1);
        assert_eq!(forwarded, receivers, "each receiver gets a packet");
        group.throughput(Throughput::Elements(receivers as u64));
        group.bench_function(BenchmarkId::new("video 1 to", receivers), |bench| {
            bench.iter(|| {
                camera.forward(|out| {
                    black_box(out);
                });
            });
        });
    }
    floor(&mut group);
    descriptor(&mut group);
    group.finish();
}

/// What no forwarding does without: the packet's numbers are moved on by the receiver's, and handed over.
fn floor(group: &mut Group<'_>) {
    let mut last = None;
    Camera::seen_by(1).forward(|out| last = Some(out));
    let mut last = last.expect("it is forwarded");
    group.throughput(Throughput::Elements(1));
    group.bench_function("floor: numbers moved on and handed over", |bench| {
        bench.iter(|| {
            last.sequence += black_box(1);
            last.timestamp = last.timestamp.wrapping_add(black_box(3_000));
            black_box(last);
        });
    });
}

fn descriptor(group: &mut Group<'_>) {
    let (delta, mut copy) = (payload(), payload());
    let new = vp8::Rewrite {
        picture_id: Some(7),
        tl0: Some(7),
    };
    let rewrite = |copy: &mut [u8], new| {
        let frame = vp8::Descriptor::parse(black_box(&*copy));
        frame.map(|frame| frame.rewrite(copy, new))
    };
    rewrite(&mut copy, new).expect("a descriptor");
    assert_eq!(copy.get(2..5), Some(&[0x80, 7, 7][..]), "it is rewritten");
    group.bench_function("VP8 descriptor, parsed and rewritten", |bench| {
        bench.iter(|| rewrite(&mut copy, black_box(new)));
    });
    let descriptor = delta.get(..6).unwrap_or_default();
    let mut copy = descriptor.to_vec();
    group.bench_function("floor: copy 6 bytes", |bench| {
        bench.iter(|| {
            copy.copy_from_slice(black_box(descriptor));
            black_box(&copy);
        });
    });
}

criterion_group!(benches, forward);
criterion_main!(benches);
