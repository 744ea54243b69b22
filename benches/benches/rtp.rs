//! What the packet path does with each packet beside SRTP and forwarding. The floors copy the same bytes and do no
//! more; beside what is told of packets, they put an entry for each into a ring and look at it again.

#![allow(missing_docs, reason = "criterion's macros make undocumented items")]

use std::hint::black_box;

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main};
use vestibule_rtp::header::{Element, Fixed, write};
use vestibule_rtp::rtcp::{ArrivalClock, Compound, Packet as Rtcp, packets};
use vestibule_rtp::{Arrivals, Facts, FeedbackBuilder, History, Moment, Via, rtx};
use vestibule_srtp::Rtp;

const FIXED: Fixed = Fixed {
    marker: true,
    payload_type: 96,
    sequence: 1,
    timestamp: 90_000,
    ssrc: 7,
};

/// What a picture's packet carries: transport-wide number, orientation, mid.
const ELEMENTS: [Element<'static>; 3] = [
    Element {
        id: 3,
        value: &[0, 7],
    },
    Element { id: 4, value: &[1] },
    Element { id: 9, value: b"1" },
];

const HEADER: usize = 24;
const PAYLOAD: [u8; 1_100] = [0xa5; 1_100];

type Group<'a> = BenchmarkGroup<'a, WallTime>;

fn floor(group: &mut Group<'_>, name: &str, bytes: &[u8]) {
    let mut copy = bytes.to_vec();
    group.bench_function(name, |bench| {
        bench.iter(|| {
            copy.copy_from_slice(black_box(bytes));
            black_box(&copy);
        });
    });
}

/// What is noted of 100 packets, and looked at again.
fn ring_floor(group: &mut Group<'_>) {
    let (mut ring, mut next) = ([0_u64; 1024], 0_usize);
    group.bench_function("floor: 100 entries into a ring and out", |bench| {
        bench.iter(|| {
            for packet in next..next + 100 {
                if let Some(place) = ring.get_mut(packet % 1024) {
                    *place = black_box(packet as u64);
                }
            }
            let entries = (next..next + 100).filter_map(|packet| ring.get(packet % 1024));
            next += 100;
            entries.fold(0_u64, |sum, entry| sum.wrapping_add(*black_box(entry)))
        });
    });
}

fn packet() -> Vec<u8> {
    let mut buffer = vec![0; 1_500];
    let length = write(&FIXED, &ELEMENTS, &mut buffer).unwrap_or_default();
    buffer.truncate(length);
    buffer.extend(PAYLOAD);
    buffer
}

/// As the SFU does it: the parts, and each element. How many elements there are.
fn read(packet: &[u8]) -> Option<usize> {
    let parts = Rtp::parse(packet).ok()?;
    let elements = parts.extension?.elements(packet);
    Some(elements.map(|(id, value)| black_box((id, value))).count())
}

fn headers(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("rtp header");
    group.throughput(Throughput::Elements(1));
    let packet = packet();
    assert_eq!(read(&packet), Some(3), "each element is read");
    group.bench_function("parse", |bench| bench.iter(|| read(black_box(&packet))));
    let mut buffer = [0; 1_500];
    group.bench_function("write with 3 elements", |bench| {
        bench.iter(|| {
            let length = write(black_box(&FIXED), black_box(&ELEMENTS), &mut buffer);
            black_box(&buffer);
            length
        });
    });
    let header = packet.get(..HEADER).unwrap_or_default();
    floor(&mut group, "floor: copy 24 bytes", header);
    group.bench_function("rtx::write 1,100 bytes", |bench| {
        bench.iter(|| {
            let length = rtx::write(
                black_box(&FIXED),
                &ELEMENTS,
                9,
                black_box(&PAYLOAD),
                &mut buffer,
            );
            black_box(&buffer);
            length
        });
    });
    floor(&mut group, "floor: copy 1,126 bytes", &[0xa5; 1_126]);
    group.finish();
}

/// 1.5 Mbit/s, so that chunks are filled, found old and written anew.
fn history(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("History");
    group.throughput(Throughput::Elements(1));
    let (mut history, mut number) = (History::default(), 100_u64);
    group.bench_function("store 1,100 bytes", |bench| {
        bench.iter(|| {
            number += 1;
            let facts = Facts {
                sequence: number,
                timestamp: 0,
                marker: false,
                orientation: None,
            };
            let now = Moment::from_micros(number * 5_867);
            history.store(now, facts, black_box(&PAYLOAD));
        });
    });
    let now = Moment::from_micros(number * 5_867);
    group.bench_function("find", |bench| {
        bench.iter(|| history.find(now, black_box(number - 50)));
    });
    let places: Vec<(u64, [u8; 24])> = (0..256).map(|number| (number, [0; 24])).collect();
    group.bench_function("floor: read one of 256 places", |bench| {
        bench.iter(|| places.get(black_box(number - 50) as usize % 256).copied());
    });
    // As the history does it: each copy to another place of 160 KB.
    let mut ring = vec![0; 160 * 1024];
    let mut at = 0;
    group.bench_function("floor: copy 1,100 bytes into 160 KB", |bench| {
        bench.iter(|| {
            at = if at + 2 * PAYLOAD.len() > ring.len() {
                0
            } else {
                at + PAYLOAD.len()
            };
            if let Some(place) = ring.get_mut(at..at + PAYLOAD.len()) {
                place.copy_from_slice(black_box(&PAYLOAD));
                black_box(place);
            }
        });
    });
    group.finish();
}

fn arrivals(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("Arrivals");
    group.throughput(Throughput::Elements(1));
    let (mut arrivals, mut number) = (Arrivals::asking(90_000), 0_u64);
    group.bench_function("note", |bench| {
        bench.iter(|| {
            number += 1;
            let now = Moment::from_micros(number * 5_000);
            arrivals.note(now, (number & 0xffff) as u16, 0, Via::Stream)
        });
    });
    let (mut ring, mut number) = ([0_u64; 1024], 0_usize);
    group.bench_function("floor: an entry into a ring", |bench| {
        bench.iter(|| {
            number += 1;
            if let Some(place) = ring.get_mut(number % 1024) {
                *place = black_box(number as u64);
            }
            black_box(&ring);
        });
    });
    // Half of 200 packets are lost, each second one; all that are missing are asked for in one NACK.
    let mut buffer = [0; 1_200];
    group.bench_function("100 losses, noted, asked for and written", |bench| {
        bench.iter(|| {
            let mut arrivals = Arrivals::asking(90_000);
            for number in 0..=100 {
                let _ = arrivals.note(Moment::from_micros(0), 2 * number, 0, Via::Stream);
            }
            let requests = arrivals.requests(Moment::from_micros(10_000));
            let mut compound = Compound::new(&mut buffer);
            compound.nack(1, 2, requests.iter().copied())
        });
    });
    let burst: Vec<u16> = (0..100).map(|number| 2 * number).collect();
    let mut length = 0;
    group.bench_function("a NACK of 100 numbers", |bench| {
        bench.iter(|| {
            let mut compound = Compound::new(&mut buffer);
            let written = compound.nack(1, 2, black_box(&burst).iter().copied());
            length = written.unwrap_or_default();
            black_box(&buffer);
        });
    });
    let nack = buffer.get(..length).unwrap_or_default().to_vec();
    ring_floor(&mut group);
    group.bench_function("floor: write 100 numbers", |bench| {
        bench.iter(|| {
            for (place, number) in buffer.chunks_exact_mut(2).zip(black_box(&burst)) {
                place.copy_from_slice(&number.to_be_bytes());
            }
            black_box(&buffer);
        });
    });
    group.bench_function("a NACK of 100 numbers, read", |bench| {
        bench.iter(|| {
            let sequences = packets(black_box(&nack)).flatten().map(|packet| {
                if let Rtcp::Nack(nack) = packet {
                    nack.sequences().map(u64::from).sum::<u64>()
                } else {
                    0
                }
            });
            sequences.sum::<u64>()
        });
    });
    group.finish();
}

fn feedback(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("FeedbackBuilder");
    group.throughput(Throughput::Elements(100));
    let (mut builder, mut number) = (FeedbackBuilder::default(), 0_u64);
    let mut buffer = [0; 1_200];
    let mut length = 0;
    group.bench_function("note and build 100 packets, one in 20 lost", |bench| {
        bench.iter(|| {
            for _ in 0..100 {
                number += if number.is_multiple_of(20) { 2 } else { 1 };
                let now = Moment::from_micros(number * 500);
                builder.note((number & 0xffff) as u16, now);
            }
            let now = Moment::from_micros(number * 500);
            while let Some(written) = builder.build(now, 1, 2, &mut buffer) {
                length = written;
            }
            black_box(&buffer);
        });
    });
    let feedback = buffer.get(..length).unwrap_or_default().to_vec();
    ring_floor(&mut group);
    let mut clock = ArrivalClock::default();
    group.bench_function("read 100 packets", |bench| {
        bench.iter(|| {
            let mut arrived = 0;
            for packet in packets(black_box(&feedback)).flatten() {
                if let Rtcp::TransportFeedback(feedback) = packet {
                    let read = clock.read(&feedback);
                    arrived += read.filter(|(_, arrived)| arrived.is_some()).count();
                }
            }
            arrived
        });
    });
    group.finish();
}

criterion_group!(benches, headers, history, arrivals, feedback);
criterion_main!(benches);
