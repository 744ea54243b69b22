//! What the estimation makes of lines, in virtual time: the table that documents quote.
//!
//! `cargo run -p vestibule-congestion --example lines`
#![allow(
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a table for people"
)]

#[path = "../tests/support/mod.rs"]
mod support;

use support::path::Path;
use support::{World, mean, most};

const SEEDS: u64 = 50;
const WANTED: u64 = 4000;

/// One line of the table: its name, and what one seed gives.
type Row = (&'static str, &'static str, fn(u64) -> f64);

fn world(seed: u64, path: Path) -> World {
    World::with_flow(seed, path, WANTED)
}

fn steady(seed: u64, path: Path) -> f64 {
    let mut world = world(seed, path);
    world.run(60.0);
    mean(world.last(50.0).iter().map(|sample| sample.target_kbps))
}

fn lossy(seed: u64, loss: f64) -> f64 {
    let path = Path {
        loss,
        ..Path::default()
    };
    steady(seed, path)
}

/// The line after 20 seconds at 3 Mbit/s became one of 150 kbit/s.
fn narrowed(seed: u64) -> World {
    let mut world = world(seed, Path::default());
    world.run(20.0);
    world.path().kbps = 150.0;
    world
}

/// Seconds until the queue is below 100 ms and stays there for half a second.
fn emptied(seed: u64) -> f64 {
    let mut world = narrowed(seed);
    world.run(1.0);
    let calm = |world: &World| {
        let queue = world.last(0.5).iter().map(|sample| sample.queue_ms);
        world.flows[0].samples.len() > 5 && most(queue) < 100.0
    };
    world
        .run_until(10.0, calm)
        .map_or(f64::NAN, |time| time + 0.5)
}

fn widened(seed: u64) -> f64 {
    let path = Path {
        kbps: 150.0,
        ..Path::default()
    };
    let mut world = world(seed, path);
    world.run(30.0);
    world.path().kbps = 3000.0;
    let wide = world.run_until(20.0, |world| world.target() >= 2000.0);
    wide.unwrap_or(f64::NAN)
}

fn after_blackout(seed: u64) -> f64 {
    let mut world = world(seed, Path::default());
    world.run(20.0);
    world.path().dark = true;
    world.run(5.0);
    world.path().dark = false;
    let back = world.run_until(20.0, |world| world.target() >= 2000.0);
    back.unwrap_or(f64::NAN)
}

fn shared(seed: u64) -> f64 {
    let mut world = world(seed, Path::default());
    world.run(10.0);
    world.join(WANTED);
    world.run(60.0);
    let [first, second] = [0, 1].map(|flow: usize| {
        let samples = world.flows[flow].last(30.0);
        mean(samples.iter().map(|sample| sample.arrived_kbps))
    });
    first.max(second) / first.min(second)
}

const ROWS: [Row; 14] = [
    ("3 Mbit/s, start to 2 Mbit/s", "s", |seed| {
        let mut world = world(seed, Path::default());
        let found = world.run_until(20.0, |world| world.target() >= 2000.0);
        found.unwrap_or(f64::NAN)
    }),
    ("3 Mbit/s, steady", "kbit/s", |seed| {
        steady(seed, Path::default())
    }),
    ("  its queue", "ms", |seed| {
        let mut world = world(seed, Path::default());
        world.run(60.0);
        mean(world.last(50.0).iter().map(|sample| sample.queue_ms))
    }),
    ("3 Mbit/s to 150 kbit/s, target below", "s", |seed| {
        let below = narrowed(seed).run_until(10.0, |world| world.target() < 150.0);
        below.unwrap_or(f64::NAN)
    }),
    ("  its queue below 100 ms", "s", emptied),
    ("150 kbit/s to 3 Mbit/s, at 2 Mbit/s", "s", widened),
    ("1 % random loss", "kbit/s", |seed| lossy(seed, 0.01)),
    ("5 % random loss", "kbit/s", |seed| lossy(seed, 0.05)),
    ("10 % random loss", "kbit/s", |seed| lossy(seed, 0.10)),
    ("20 % random loss", "kbit/s", |seed| lossy(seed, 0.20)),
    ("10 % loss, both ways", "kbit/s", |seed| {
        let path = Path {
            loss: 0.1,
            feedback_loss: 0.1,
            ..Path::default()
        };
        steady(seed, path)
    }),
    ("50 ms jitter, 5 % reordered", "kbit/s", |seed| {
        let path = Path {
            jitter: 50_000,
            reordered: 0.05,
            ..Path::default()
        };
        steady(seed, path)
    }),
    ("5 s blackout, back at 2 Mbit/s", "s", after_blackout),
    (
        "two share 3 Mbit/s, the one's over the other's",
        "×",
        shared,
    ),
];

fn main() {
    println!(
        "{:48} {:>8} {:>8} {:>8}",
        "of 50 seeds", "median", "best", "worst"
    );
    for (name, unit, row) in ROWS {
        let mut values: Vec<f64> = (1..=SEEDS).map(row).collect();
        values.sort_by(f64::total_cmp);
        let (low, high) = (values[0], values[values.len() - 1]);
        let (best, worst) = if unit == "kbit/s" {
            (high, low)
        } else {
            (low, high)
        };
        let median = values[values.len() / 2];
        let places = if unit == "kbit/s" || unit == "ms" {
            0
        } else {
            2
        };
        println!("{name:48} {median:8.places$} {best:8.places$} {worst:8.places$} {unit}");
    }
}
