//! A line in virtual time: senders that follow their targets, one bottleneck, receivers that report.
#![allow(dead_code, reason = "each test file uses its part")]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "in a test a panic is the verdict"
)]

pub(crate) mod flow;
pub(crate) mod path;
pub(crate) mod simulcast;

use flow::{Flow, Sample};
use path::{Bottleneck, Path};
use simulcast::Simulcast;
use vestibule_congestion::{Moment, Settings};

pub(crate) const MILLI: u64 = 1_000;
pub(crate) const SECOND: u64 = 1_000_000;

/// A seeded source of chance (splitmix64).
#[derive(Clone, Debug)]
pub(crate) struct Chance(pub(crate) u64);

impl Chance {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut value = self.0;
        value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        value ^ (value >> 31)
    }

    /// From 0 to 1.
    pub(crate) fn part(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    pub(crate) fn happens(&mut self, probability: f64) -> bool {
        self.part() < probability
    }

    pub(crate) fn between(&mut self, least: f64, most: f64) -> f64 {
        least + (most - least) * self.part()
    }
}

/// One bottleneck and those who send through it.
pub(crate) struct World {
    pub(crate) now: u64,
    pub(crate) bottleneck: Bottleneck,
    pub(crate) flows: Vec<Flow>,
}

impl World {
    pub(crate) fn new(seed: u64, path: Path) -> Self {
        Self {
            // Any origin will do but zero, where differences of time hide mistakes.
            now: 77 * SECOND,
            bottleneck: Bottleneck::new(path, Chance(seed)),
            flows: Vec::new(),
        }
    }

    /// A world with one flow of simulcast cameras.
    pub(crate) fn with_cameras(seed: u64, path: Path, cameras: usize) -> Self {
        let simulcast = Simulcast::new(cameras);
        let mut world = Self::with_flow(seed, path, simulcast.wanted().as_bps() / 1000);
        world.flows[0].simulcast = Some(simulcast);
        world
    }

    /// A world with one flow that wants so many kbit/s.
    pub(crate) fn with_flow(seed: u64, path: Path, wanted_kbps: u64) -> Self {
        let mut world = Self::new(seed, path);
        world.join(wanted_kbps);
        world
    }

    pub(crate) fn join(&mut self, wanted_kbps: u64) {
        let seed = self.bottleneck.chance.next();
        let flow = Flow::new(self.now, seed, Settings::default(), wanted_kbps);
        self.flows.push(flow);
    }

    pub(crate) fn path(&mut self) -> &mut Path {
        &mut self.bottleneck.path
    }

    pub(crate) fn run(&mut self, seconds: f64) {
        let end = self.now + (seconds * SECOND as f64) as u64;
        while self.now < end {
            self.tick();
        }
    }

    /// Runs until the first flow's target is as said, and gives the seconds that took.
    pub(crate) fn run_until(&mut self, most: f64, reached: impl Fn(&World) -> bool) -> Option<f64> {
        let began = self.now;
        while !reached(self) {
            if self.now - began > (most * SECOND as f64) as u64 {
                return None;
            }
            self.tick();
        }
        Some((self.now - began) as f64 / SECOND as f64)
    }

    /// One millisecond, as a worker's wake-up.
    fn tick(&mut self) {
        self.now += MILLI;
        let now = self.now;
        for (index, flow) in self.flows.iter_mut().enumerate() {
            flow.send(now, |packet| self.bottleneck.push(now, index, packet));
        }
        let flows = &mut self.flows;
        self.bottleneck.deliver(now, |index, packet, at| {
            if let Some(flow) = flows.get_mut(index) {
                flow.receiver.arrived(packet, at);
            }
        });
        let back = self.bottleneck.path.clone();
        let chance = &mut self.bottleneck.chance;
        for flow in &mut self.flows {
            flow.feedback(now, &back, chance);
            flow.sample(now, self.bottleneck.queue_micros);
        }
    }

    /// The first flow's target in kbit/s.
    pub(crate) fn target(&self) -> f64 {
        self.flows[0].target_kbps()
    }

    /// The first flow learns otherwise that its line broke down.
    pub(crate) fn break_down(&mut self) {
        let now = moment(self.now);
        self.flows[0].line.break_down(now);
    }

    /// The same of a single sign.
    pub(crate) fn suspect(&mut self) {
        let now = moment(self.now);
        self.flows[0].line.suspect(now);
    }

    /// The first flow's packets go to another address.
    pub(crate) fn go_another_way(&mut self) {
        let now = moment(self.now);
        self.flows[0].line.go_another_way(now);
    }

    /// Whether the first flow's line counts as congested.
    pub(crate) fn is_congested(&self) -> bool {
        self.flows[0].line.is_congested()
    }

    /// The first flow's samples of the last so many seconds.
    pub(crate) fn last(&self, seconds: f64) -> &[Sample] {
        self.flows[0].last(seconds)
    }
}

pub(crate) fn moment(micros: u64) -> Moment {
    Moment::from_micros(micros)
}

pub(crate) fn mean(values: impl Iterator<Item = f64> + Clone) -> f64 {
    let count = values.clone().count().max(1);
    values.sum::<f64>() / count as f64
}

pub(crate) fn least(values: impl Iterator<Item = f64>) -> f64 {
    values.fold(f64::MAX, f64::min)
}

pub(crate) fn most(values: impl Iterator<Item = f64>) -> f64 {
    values.fold(f64::MIN, f64::max)
}
