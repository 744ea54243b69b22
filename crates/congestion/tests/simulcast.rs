//! Line, pacer and allocation together, as a forwarding server uses them: video in steps.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "in a test a panic is the verdict"
)]

mod support;

use support::path::Path;
use support::{SECOND, World, mean};

fn seeds() -> std::ops::Range<u64> {
    1..9
}

/// A consultation of two: one camera of 150, 500 and 1,500 kbit/s over a line of so many kbit/s.
fn consultation(seed: u64, kbps: f64) -> World {
    let path = Path {
        kbps,
        ..Path::default()
    };
    World::with_cameras(seed, path, 1)
}

fn layer(world: &World) -> Option<u8> {
    world.flows[0].simulcast.as_ref().unwrap().layer()
}

/// Changes of layers in the last so many seconds.
fn switches(world: &World, seconds: u64) -> usize {
    let from = world.now - seconds * SECOND;
    let all = &world.flows[0].simulcast.as_ref().unwrap().switches;
    all.iter().filter(|at| **at >= from).count()
}

#[test]
fn each_line_gets_the_layer_that_it_takes_and_keeps_it() {
    for (kbps, expected) in [
        (3000.0, Some(2)),
        (1200.0, Some(1)),
        (800.0, Some(1)),
        (400.0, Some(0)),
    ] {
        for seed in seeds() {
            let mut world = consultation(seed, kbps);
            world.run(10.0);
            assert_eq!(layer(&world), expected, "{kbps}, seed {seed}");
            world.run(60.0);
            assert_eq!(layer(&world), expected, "{kbps}, seed {seed}");
            let changes = switches(&world, 60);
            assert!(changes <= 2, "{kbps}, seed {seed}: {changes}");
            let queue = mean(world.last(60.0).iter().map(|sample| sample.queue_ms));
            assert!(queue < 40.0, "{kbps}, seed {seed}: {queue} ms");
        }
    }
}

#[test]
fn a_line_at_the_edge_of_a_layer_does_not_flap() {
    for kbps in [180.0, 220.0, 550.0, 600.0, 650.0, 1550.0, 1650.0, 1800.0] {
        for seed in seeds() {
            let mut world = consultation(seed, kbps);
            world.run(120.0);
            let changes = switches(&world, 100);
            assert!(changes <= 7, "{kbps}, seed {seed}: {changes} in 100 s");
        }
    }
}

#[test]
fn a_lossy_radio_keeps_its_large_picture() {
    for loss in [0.05, 0.10, 0.20] {
        for seed in seeds() {
            let mut world = consultation(seed, 3000.0);
            world.path().loss = loss;
            world.run(70.0);
            assert!(layer(&world) >= Some(1), "{loss}, seed {seed}");
            let changes = switches(&world, 60);
            assert!(changes <= 4, "{loss}, seed {seed}: {changes}");
        }
    }
}

#[test]
fn a_picture_that_a_narrow_line_took_comes_back_with_a_wide_one() {
    for seed in seeds() {
        let mut world = consultation(seed, 3000.0);
        world.run(10.0);
        world.path().kbps = 100.0;
        world.run(4.0);
        assert_eq!(layer(&world), None, "seed {seed}: sound alone fits");
        let queue = world.last(0.1)[0].queue_ms;
        assert!(queue < 100.0, "seed {seed}: {queue} ms");
        world.path().kbps = 3000.0;
        let back = world.run_until(12.0, |world| layer(world) == Some(2));
        assert!(back.is_some(), "seed {seed}: {:?}", layer(&world));
    }
}

#[test]
fn after_a_blackout_the_picture_is_back_within_five_seconds() {
    for seed in seeds() {
        let mut world = consultation(seed, 3000.0);
        world.run(10.0);
        world.path().dark = true;
        world.run(5.0);
        world.path().dark = false;
        let back = world.run_until(5.0, |world| layer(world) == Some(2));
        assert!(back.is_some(), "seed {seed}: {:?}", layer(&world));
    }
}

/// Less is sent for a while, as if it were the line's limit; and what the line goes on losing is no reason to believe that it is.
#[test]
fn a_picture_comes_back_soon_after_a_burst_of_loss_on_a_wide_line() {
    for left in [0.0, 0.02, 0.05] {
        for seed in seeds() {
            let mut world = consultation(seed, 6000.0);
            world.run(10.0);
            world.path().loss = 0.5;
            world.run(1.5);
            world.path().loss = left;
            let back = world.run_until(20.0, |world| layer(world) == Some(2));
            assert!(back.is_some(), "{left}, seed {seed}: {:?}", layer(&world));
        }
    }
}

#[test]
fn a_way_that_becomes_longer_gets_its_picture_back_soon() {
    for seed in seeds() {
        let mut world = consultation(seed, 6000.0);
        world.run(10.0);
        world.path().delay += 100_000;
        world.run(3.0);
        let back = world.run_until(12.0, |world| layer(world) == Some(2));
        assert!(back.is_some(), "seed {seed}: {:?}", layer(&world));
        world.run(30.0);
        assert_eq!(layer(&world), Some(2), "seed {seed}");
    }
}

/// Three others over a line that takes one large picture or three small ones and a little.
#[test]
fn three_cameras_share_a_line_in_steps() {
    for seed in seeds() {
        let path = Path {
            kbps: 1500.0,
            ..Path::default()
        };
        let mut world = World::with_cameras(seed, path, 3);
        world.run(70.0);
        let kbps = world.flows[0].simulcast.as_ref().unwrap().kbps();
        assert!((450.0..1500.0).contains(&kbps), "seed {seed}: {kbps}");
        let changes = switches(&world, 60);
        assert!(changes <= 4, "seed {seed}: {changes}");
    }
}

#[test]
fn on_a_line_with_room_the_pacer_holds_nothing_for_long() {
    for seed in seeds() {
        let mut world = consultation(seed, 6000.0);
        world.run(60.0);
        assert_eq!(world.flows[0].refused, 0, "seed {seed}");
        assert_eq!(world.flows[0].too_long, 0, "seed {seed}");
    }
}
