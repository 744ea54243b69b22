//! What a line's estimation costs each packet: its departure, and its share of the feedback that comes
//! every 20 packets or so. The floors beside it write eight bytes for each packet into a ring and read them again, compare
//! the moment when a line is free and move it on, put a packet's ticket into a ring and take out the one before, and look
//! once at each layer.

#![allow(missing_docs, reason = "criterion's macros make undocumented items")]
#![allow(clippy::indexing_slicing, reason = "a benchmark fails by panicking")]

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use vestibule_congestion::{
    Allocation, Bitrate, Kind, Line, Moment, Pacer, Report, Settings, Verdict, Wish, Wishes,
};

/// Microseconds between packets: 2.6 Mbit/s of 1,100-byte packets, in frames of ten.
const FRAME: u64 = 33_000;
const PACKETS_A_FRAME: u64 = 10;

/// A line in its steady state, and the packets of one feedback.
struct Steady {
    line: Line,
    now: u64,
    numbers: [u16; 2 * PACKETS_A_FRAME as usize],
}

impl Steady {
    fn new() -> Self {
        let start = Moment::from_micros(1_000_000);
        let mut steady = Self {
            line: Line::new(start, Settings::default()),
            now: 1_000_000,
            numbers: [0; 2 * PACKETS_A_FRAME as usize],
        };
        for _ in 0..500 {
            steady.two_frames();
        }
        steady
    }

    /// Two frames leave, and their feedback comes.
    fn two_frames(&mut self) {
        let began = self.now;
        for (index, number) in (0_u64..).zip(&mut self.numbers) {
            let at = began + index / PACKETS_A_FRAME * FRAME + index % PACKETS_A_FRAME * 20;
            *number = self.line.on_sent(Moment::from_micros(at), 1100);
        }
        self.now += 2 * FRAME;
        let reports = (0_u64..).zip(&self.numbers).map(|(index, number)| Report {
            number: *number,
            arrived: Some(Moment::from_micros(
                began + 20_000 + index / PACKETS_A_FRAME * FRAME + index % PACKETS_A_FRAME * 3000,
            )),
        });
        self.line
            .on_feedback(Moment::from_micros(self.now), reports);
    }
}

fn line(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("Line");
    let mut steady = Steady::new();
    group.throughput(Throughput::Elements(2 * PACKETS_A_FRAME));
    group.bench_function("20 packets and their feedback", |bench| {
        bench.iter(|| {
            steady.two_frames();
            black_box(steady.line.target());
        });
    });
    let mut ring = [0_u64; 1024];
    let mut next = 0_usize;
    group.bench_function("floor: 20 entries into a ring and out", |bench| {
        bench.iter(|| {
            for packet in next..next + 20 {
                if let Some(place) = ring.get_mut(packet % 1024) {
                    *place = black_box(packet as u64);
                }
            }
            let sum: u64 = (next..next + 20)
                .filter_map(|packet| ring.get(packet % 1024))
                .sum();
            next += 20;
            black_box(sum)
        });
    });
    group.finish();
}

/// A pacer, and the moment.
struct Paced {
    pacer: Pacer<u32, 256>,
    now: u64,
}

impl Paced {
    fn new() -> Self {
        Self {
            pacer: Pacer::new(Bitrate::kbps(3000)),
            now: 1_000_000,
        }
    }

    /// A packet comes so many microseconds after the last.
    fn submit(&mut self, later: u64) -> Verdict<u32> {
        self.now += later;
        let now = Moment::from_micros(self.now);
        self.pacer.submit(now, Kind::Video, 1100, black_box(7))
    }

    /// One that waits, and the turn of the one before it: there is always one more.
    fn wait_and_turn(&mut self) -> (Verdict<u32>, Option<u32>) {
        let verdict = self.submit(FRAME);
        (verdict, self.pacer.poll(Moment::from_micros(self.now)))
    }
}

fn pacer(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("Pacer");
    group.throughput(Throughput::Elements(1));
    let mut paced = Paced::new();
    assert_eq!(paced.submit(FRAME), Verdict::Now(7));
    group.bench_function("a packet that leaves at once", |bench| {
        bench.iter(|| paced.submit(FRAME));
    });
    let (mut free_at, mut now) = (0_u64, 0);
    group.bench_function("floor: a moment compared and moved on", |bench| {
        bench.iter(|| {
            now += black_box(FRAME);
            let free = free_at <= now;
            free_at = free_at.max(now) + black_box(1_173);
            free
        });
    });
    let mut paced = Paced::new();
    while paced.submit(0) != Verdict::Waits {}
    assert_eq!(paced.wait_and_turn(), (Verdict::Waits, Some(7)));
    group.bench_function("a packet that waits, and its turn", |bench| {
        bench.iter(|| paced.wait_and_turn());
    });
    assert_eq!(paced.pacer.len(), 1, "each that waited had its turn");
    let (mut ring, mut next) = ([7_u32; 256], 0_usize);
    group.bench_function(
        "floor: a ticket into a ring, and the one before out",
        |bench| {
            bench.iter(|| {
                ring[(next + 1) % 256] = black_box(7);
                let ticket = ring[next % 256];
                next += 1;
                black_box(&ring);
                ticket
            });
        },
    );
    group.finish();
}

fn allocation(criterion: &mut Criterion) {
    let mut allocation = Allocation::default();
    let layers = [150, 500, 1500].map(|kbps| Some(Bitrate::kbps(kbps)));
    let wishes: Wishes = [Some(Wish {
        priority: 1,
        layers,
        useful: 3,
    }); 5];
    let mut now = 0;
    let mut group = criterion.benchmark_group("Allocation");
    group.bench_function("update, five cameras", |bench| {
        bench.iter(|| {
            now += 100_000;
            let target = Bitrate::kbps(2000 + now % 1000);
            allocation.update(
                Moment::from_micros(now),
                black_box(target),
                Bitrate::kbps(40),
                &wishes,
            )
        });
    });
    group.bench_function("floor: look at each layer", |bench| {
        bench.iter(|| {
            let layers = black_box(&wishes).iter().flatten().flat_map(|it| it.layers);
            layers.flatten().max()
        });
    });
    group.finish();
}

criterion_group!(benches, line, pacer, allocation);
criterion_main!(benches);
