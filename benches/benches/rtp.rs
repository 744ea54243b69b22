//! What the packet path does with each packet beside SRTP and forwarding. The floors copy the same bytes and do no
//! more; beside what is told of packets, they put an entry for each into a ring and look at it again. Beside a NACK, they look
//! at its numbers and copy its bytes.

#![allow(missing_docs, reason = "criterion's macros make undocumented items")]
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a benchmark fails by panicking"
)]

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
    let length = write(&FIXED, &ELEMENTS, &mut buffer);
    assert_eq!(length, Ok(HEADER), "the floor copies as much");
    buffer.truncate(HEADER);
    buffer.extend(PAYLOAD);
    buffer
}

/// As the SFU does it: the parts, and each element. How many elements there are.
fn read(packet: &[u8]) -> Option<usize> {
    let parts = Rtp::parse(packet).ok()?;
    let elements = parts.extension?.elements(packet);
    let count = |count, element| {
        black_box::<(u8, &[u8])>(element);
        count + 1
    };
    Some(elements.fold(0, count))
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
    let mut again = || {
        let payload = black_box(&PAYLOAD);
        let length = rtx::write(black_box(&FIXED), &ELEMENTS, 9, payload, &mut buffer);
        black_box(&buffer);
        length
    };
    assert_eq!(again(), Ok(1_126), "the floor copies as much");
    group.bench_function("rtx::write 1,100 bytes", |bench| bench.iter(&mut again));
    floor(&mut group, "floor: copy 1,126 bytes", &[0xa5; 1_126]);
    group.finish();
}

/// 1.5 Mbit/s, so that chunks are filled, found old and written anew.
struct Stored {
    history: History,
    number: u64,
}

impl Stored {
    fn new() -> Self {
        let (history, number) = (History::default(), 0);
        let mut stored = Self { history, number };
        (0..1_000).for_each(|_| stored.store());
        stored
    }

    fn now(&self) -> Moment {
        Moment::from_micros(self.number * 5_867)
    }

    fn store(&mut self) {
        self.number += 1;
        let facts = Facts {
            sequence: self.number,
            timestamp: 0,
            marker: false,
            orientation: None,
        };
        self.history.store(self.now(), facts, black_box(&PAYLOAD));
    }
}

fn history(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("History");
    group.throughput(Throughput::Elements(1));
    let mut stored = Stored::new();
    group.bench_function("store 1,100 bytes", |bench| bench.iter(|| stored.store()));
    let Stored { history, number } = &stored;
    let now = stored.now();
    let found = history.find(now, number - 50).expect("it was stored");
    assert_eq!(found.payload, PAYLOAD);
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
    nacks(&mut group);
    group.finish();
}

/// Half of 200 packets are lost, each second one; all that are missing are asked for in one NACK: its length.
fn hundred_losses(buffer: &mut [u8]) -> usize {
    let mut arrivals = Arrivals::asking(90_000);
    for number in 0..=100 {
        let _ = arrivals.note(Moment::from_micros(0), 2 * number, 0, Via::Stream);
    }
    let requests = arrivals.requests(Moment::from_micros(10_000));
    let written = Compound::new(buffer).nack(1, 2, requests.iter().copied());
    written.expect("it fits")
}

/// A NACK of these numbers: its length.
fn nack(burst: &[u16], buffer: &mut [u8]) -> usize {
    let written = Compound::new(buffer).nack(1, 2, burst.iter().copied());
    written.expect("it fits")
}

/// The sum of the numbers that are asked for.
fn asked_for(octets: &[u8]) -> u64 {
    let sums = packets(octets).flatten().map(|packet| {
        if let Rtcp::Nack(nack) = packet {
            nack.sequences().map(u64::from).sum::<u64>()
        } else {
            0
        }
    });
    sums.sum()
}

fn nacks(group: &mut Group<'_>) {
    let mut buffer = [0; 1_200];
    let length = hundred_losses(&mut buffer);
    let missing: u64 = (0..100).map(|number| 2 * number + 1).sum();
    assert_eq!(asked_for(&buffer[..length]), missing);
    group.bench_function("100 losses, noted, asked for and written", |bench| {
        bench.iter(|| hundred_losses(&mut buffer));
    });
    ring_floor(group);
    let burst: Vec<u16> = (0..100).map(|number| 2 * number).collect();
    let length = nack(&burst, &mut buffer);
    let written = buffer[..length].to_vec();
    let all: u64 = burst.iter().copied().map(u64::from).sum();
    assert_eq!(asked_for(&written), all);
    group.bench_function("a NACK of 100 numbers", |bench| {
        bench.iter(|| {
            let length = nack(black_box(&burst), &mut buffer);
            black_box(&buffer);
            length
        });
    });
    group.bench_function("a NACK of 100 numbers, read", |bench| {
        bench.iter(|| asked_for(black_box(&written)));
    });
    let mut copy = written.clone();
    group.bench_function("floor: look at 100 numbers, copy their NACK", |bench| {
        bench.iter(|| {
            copy.copy_from_slice(black_box(&written));
            black_box(&copy);
            let numbers = burst.iter().map(|number| u64::from(*black_box(number)));
            numbers.sum::<u64>()
        });
    });
}

/// A connection whose packets are told of: of 100 at a time, with one in 20 numbers left out.
#[derive(Default)]
struct Telling {
    builder: FeedbackBuilder,
    number: u64,
}

impl Telling {
    /// The length of what was built last.
    fn note_and_build(&mut self, buffer: &mut [u8]) -> usize {
        for _ in 0..100 {
            let lost = self.number.is_multiple_of(20);
            self.number += if lost { 2 } else { 1 };
            let now = Moment::from_micros(self.number * 500);
            self.builder.note((self.number & 0xffff) as u16, now);
        }
        let now = Moment::from_micros(self.number * 500);
        let mut length = 0;
        while let Some(written) = self.builder.build(now, 1, 2, buffer) {
            length = written;
        }
        length
    }
}

/// How many packets arrived, by what was told.
fn arrived(clock: &mut ArrivalClock, octets: &[u8]) -> usize {
    let mut arrived = 0;
    for packet in packets(octets).flatten() {
        if let Rtcp::TransportFeedback(feedback) = packet {
            let read = clock.read(&feedback);
            arrived += read.filter(|(_, arrived)| arrived.is_some()).count();
        }
    }
    arrived
}

fn feedback(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("FeedbackBuilder");
    group.throughput(Throughput::Elements(100));
    let (mut telling, mut clock) = (Telling::default(), ArrivalClock::default());
    let mut buffer = [0; 1_200];
    let length = telling.note_and_build(&mut buffer);
    let told = buffer[..length].to_vec();
    assert_eq!(arrived(&mut clock, &told), 100, "all are told of");
    group.bench_function("note and build 100 packets, one in 20 lost", |bench| {
        bench.iter(|| {
            let length = telling.note_and_build(&mut buffer);
            black_box(&buffer);
            length
        });
    });
    ring_floor(&mut group);
    group.bench_function("read 100 packets", |bench| {
        bench.iter(|| arrived(&mut clock, black_box(&told)));
    });
    group.finish();
}

criterion_group!(benches, headers, history, arrivals, feedback);
criterion_main!(benches);
