//! What people on bad lines would notice, in virtual time. Rates are kbit/s.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "in a test a panic is the verdict"
)]

mod support;

use std::time::Duration;

use vestibule_congestion::{Bitrate, Line, Moment, Report, Settings};

use support::path::Path;
use support::{World, least, mean, most};

/// What each receiver would like: more than any line here takes.
const WANTED: u64 = 4000;

fn world(seed: u64) -> World {
    World::with_flow(seed, Path::default(), WANTED)
}

fn targets(samples: &[support::flow::Sample]) -> impl Iterator<Item = f64> + Clone + '_ {
    samples.iter().map(|sample| sample.target_kbps)
}

fn seeds() -> std::ops::Range<u64> {
    1..9
}

#[test]
fn a_good_line_is_found_within_a_second_and_used() {
    for seed in seeds() {
        let mut world = world(seed);
        let found = world.run_until(5.0, |world| world.target() > 2000.0);
        assert!(found.unwrap() < 1.0, "seed {seed}: {found:?}");
        world.run(60.0);
        let used = mean(targets(world.last(50.0)));
        assert!((2300.0..3100.0).contains(&used), "seed {seed}: {used}");
        let queue = mean(world.last(50.0).iter().map(|sample| sample.queue_ms));
        assert!(queue < 60.0, "seed {seed}: {queue} ms");
    }
}

#[test]
fn a_line_that_broke_down_takes_little_until_it_is_found_to_take_more() {
    for seed in seeds() {
        let mut world = world(seed);
        world.run(20.0);
        world.break_down();
        assert!(world.target() > 1500.0, "seed {seed}: it is heard of");
        world.path().loss = 1.0;
        world.run(0.7);
        world.break_down();
        world.path().loss = 0.0;
        assert!(world.target() <= 150.0, "seed {seed}: {}", world.target());
        assert!(world.is_congested(), "seed {seed}");
        world.run(2.0);
        assert!(!world.is_congested(), "seed {seed}");
        let back = world.run_until(30.0, |world| world.target() > 1500.0);
        assert!(back.unwrap() < 30.0, "seed {seed}: {back:?}");
    }
}

/// What comes from the other side is lost: where the line is full this way as well, that is no chance.
#[test]
fn a_line_that_fills_is_left_at_once_when_the_other_way_is_seen_to_break() {
    let signs = [World::suspect, World::break_down];
    for (sign, seed) in signs
        .into_iter()
        .flat_map(|it| seeds().map(move |n| (it, n)))
    {
        let mut world = world(seed);
        world.run(20.0);
        sign(&mut world);
        assert!(world.target() > 1500.0, "seed {seed}: nothing waits");
        world.path().kbps = 150.0;
        let fills = world.run_until(1.0, World::is_congested);
        assert!(fills.is_some(), "seed {seed}");
        assert!(world.target() > 150.0, "seed {seed}: {}", world.target());
        sign(&mut world);
        assert!(world.target() <= 150.0, "seed {seed}: {}", world.target());
    }
}

#[test]
fn another_way_that_takes_longer_is_no_queue() {
    for (more, seed) in [50_000, 90_000, 250_000, 500_000]
        .into_iter()
        .flat_map(|more| seeds().map(move |seed| (more, seed)))
    {
        let mut world = world(seed);
        world.path().jitter = 20_000;
        world.run(20.0);
        let before = world.target();
        world.path().delay += more;
        world.go_another_way();
        let calm = world.run_until(2.0, |world| !world.is_congested());
        assert!(calm.is_some(), "{more}, seed {seed}");
        let mut congested = 0;
        for second in 0..30 {
            world.run(1.0);
            let target = world.target();
            assert!(
                target > before * 0.6,
                "{more}, seed {seed}: {before} became {target} after {second} s"
            );
            congested += u32::from(world.is_congested());
        }
        // More is wanted than the line takes: now and then it is full.
        assert!(congested <= 3, "{more}, seed {seed}: {congested} times");
    }
}

/// Its first packets tell how long it takes, and those behind them that it is full.
#[test]
fn another_way_that_takes_longer_and_less_is_left_room() {
    for seed in seeds() {
        let mut world = world(seed);
        world.run(20.0);
        world.path().delay += 200_000;
        world.path().kbps = 300.0;
        world.go_another_way();
        let full = world.run_until(1.5, World::is_congested);
        assert!(full.is_some(), "seed {seed}");
        let fallen = world.run_until(3.0, |world| world.target() < 300.0);
        assert!(fallen.is_some(), "seed {seed}: {}", world.target());
        world.run(5.0);
        world.run(20.0);
        let waits = mean(world.last(20.0).iter().map(|sample| sample.queue_ms));
        assert!(waits < 60.0, "seed {seed}: {waits} ms");
        let used = mean(targets(world.last(20.0)));
        assert!(used > 180.0, "seed {seed}: {used}");
    }
}

/// A shorter way is known at once.
#[test]
fn another_way_that_takes_less_time_is_no_hindrance() {
    for seed in seeds() {
        let mut world = world(seed);
        world.path().delay = 300_000;
        world.run(20.0);
        let before = world.target();
        world.path().delay = 20_000;
        world.go_another_way();
        world.run(10.0);
        let lowest = least(targets(world.last(10.0)));
        assert!(lowest > before * 0.6, "seed {seed}: {before}, {lowest}");
    }
}

#[test]
fn a_way_that_becomes_longer_unnoticed_is_no_queue_that_grew() {
    for seed in seeds() {
        let mut world = world(seed);
        world.run(20.0);
        world.path().delay += 90_000;
        world.run(5.0);
        let before = world.target();
        assert!(
            world.is_congested() && before > 150.0,
            "seed {seed}: {before}"
        );
        world.suspect();
        assert_eq!(world.target(), before, "seed {seed}");
    }
}

/// As behind the same address from one network to another: how long it takes at best is known only a minute later.
#[test]
fn a_way_that_becomes_longer_unnoticed_is_used_all_the_same() {
    let ways = [(200_000, 2_000), (250_000, 2_000), (200_000, 20_000)];
    for ((more, jitter), seed) in ways
        .into_iter()
        .flat_map(|way| seeds().map(move |seed| (way, seed)))
    {
        let mut world = world(seed);
        world.path().jitter = jitter;
        world.run(20.0);
        world.path().delay += more;
        world.run(40.0);
        let lowest = least(targets(world.last(30.0)));
        let used = mean(targets(world.last(30.0)));
        assert!(
            lowest > 300.0 && used > 700.0,
            "{more}, {jitter}, seed {seed}: {lowest}, {used}"
        );
    }
}

#[test]
fn a_line_that_becomes_narrow_is_left_room_within_two_seconds() {
    for seed in seeds() {
        let mut world = world(seed);
        world.run(20.0);
        world.path().kbps = 150.0;
        world.run(2.0);
        assert!(world.target() < 150.0, "seed {seed}: {}", world.target());
        world.run(1.0);
        world.run(20.0);
        let after = world.last(20.0);
        let waits = mean(after.iter().map(|sample| sample.queue_ms));
        assert!(waits < 60.0, "seed {seed}: {waits} ms");
        let long = after.iter().filter(|sample| sample.queue_ms > 100.0);
        assert!(long.count() <= 20, "seed {seed}: {after:?}");
        let used = mean(targets(after));
        assert!(used > 90.0, "seed {seed}: {used}");
    }
}

#[test]
fn the_queue_of_a_line_that_became_narrow_is_gone_after_three_seconds() {
    for seed in seeds() {
        let mut world = world(seed);
        world.run(20.0);
        world.path().kbps = 150.0;
        world.run(3.0);
        world.run(1.0);
        let longest = most(world.last(1.0).iter().map(|sample| sample.queue_ms));
        assert!(longest < 100.0, "seed {seed}: {longest} ms");
    }
}

#[test]
fn a_line_that_becomes_wide_is_used_within_eight_seconds() {
    for seed in seeds() {
        let mut world = world(seed);
        world.path().kbps = 150.0;
        world.run(30.0);
        world.path().kbps = 3000.0;
        let found = world.run_until(8.0, |world| world.target() >= 2000.0);
        assert!(found.is_some(), "seed {seed}: {}", world.target());
        world.run(10.0);
        let kept = mean(targets(world.last(10.0)));
        assert!(kept > 1800.0, "seed {seed}: {kept}");
    }
}

/// A radio that loses packets whatever is sent: with less sent nobody would see more.
#[test]
fn loss_without_delay_does_not_take_the_picture_away() {
    for (loss, bound) in [(0.01, 1500.0), (0.05, 1200.0), (0.10, 800.0), (0.20, 400.0)] {
        for seed in seeds() {
            let mut world = world(seed);
            world.path().loss = loss;
            world.run(60.0);
            let lowest = least(targets(world.last(50.0)));
            assert!(lowest >= bound, "{loss}, seed {seed}: {lowest}");
        }
    }
}

#[test]
fn packets_lost_in_rows_are_no_congestion() {
    for seed in seeds() {
        let mut world = world(seed);
        world.path().loss = 0.08;
        world.path().burst = 6;
        world.run(60.0);
        let lowest = least(targets(world.last(50.0)));
        assert!(lowest >= 800.0, "seed {seed}: {lowest}");
    }
}

/// A radio that changes its cell keeps all packets for a moment and then gives them out.
#[test]
fn a_pause_of_the_radio_costs_the_picture_only_seconds() {
    for seed in seeds() {
        let mut world = world(seed);
        world.run(20.0);
        world.path().held = true;
        world.run(0.6);
        world.path().held = false;
        world.run(1.5);
        let back = world.run_until(5.0, |world| world.target() >= 1500.0);
        assert!(back.is_some(), "seed {seed}: {}", world.target());
    }
}

/// Nobody speaks and no camera is on; then one is.
#[test]
fn a_line_that_was_idle_is_as_wide_as_before() {
    for seed in seeds() {
        let mut world = world(seed);
        world.run(20.0);
        let before = world.target();
        world.flows[0].mute(world.now + 30_000_000);
        world.run(31.0);
        let after = world.target();
        assert!(after > before * 0.8, "seed {seed}: {before} became {after}");
        assert!(!world.flows[0].line.is_silent());
    }
}

/// A radio loses what comes back too: what no report spoke of is not lost.
#[test]
fn lost_reports_are_no_lost_packets() {
    for seed in seeds() {
        let mut world = world(seed);
        world.path().feedback_loss = 0.2;
        world.path().loss = 0.05;
        world.run(60.0);
        let after = world.last(50.0);
        let lost = mean(after.iter().map(|sample| sample.loss));
        assert!((0.03..0.07).contains(&lost), "seed {seed}: {lost}");
        let lowest = least(targets(after));
        assert!(lowest >= 1200.0, "seed {seed}: {lowest}");
    }
}

/// A policer drops what is too much at once: there loss is all that tells.
#[test]
fn loss_that_less_helps_against_is_the_limit_of_the_line() {
    for seed in seeds() {
        let mut world = world(seed);
        world.path().queue = 0;
        world.path().kbps = 1000.0;
        world.run(60.0);
        let after = world.last(40.0);
        let used = mean(targets(after));
        assert!((600.0..1150.0).contains(&used), "seed {seed}: {used}");
        let lost = mean(after.iter().map(|sample| sample.loss));
        assert!(lost < 0.10, "seed {seed}: {lost}");
    }
}

#[test]
fn jitter_and_reordering_are_no_congestion() {
    for seed in seeds() {
        let mut world = world(seed);
        world.path().jitter = 50_000;
        world.path().reordered = 0.05;
        world.run(60.0);
        let lowest = least(targets(world.last(50.0)));
        assert!(lowest >= 800.0, "seed {seed}: {lowest}");
    }
}

#[test]
fn a_round_trip_of_half_a_second_is_no_hindrance() {
    for seed in seeds() {
        let mut world = world(seed);
        world.path().delay = 250_000;
        world.run(60.0);
        let used = mean(targets(world.last(50.0)));
        assert!((1800.0..3200.0).contains(&used), "seed {seed}: {used}");
    }
}

#[test]
fn after_a_blackout_the_line_is_used_again_at_once() {
    for seed in seeds() {
        let mut world = world(seed);
        world.run(20.0);
        world.path().dark = true;
        world.run(5.0);
        assert!(world.target() < 400.0, "seed {seed}: {}", world.target());
        world.path().dark = false;
        let back = world.run_until(5.0, |world| world.target() >= 2000.0);
        assert!(back.is_some(), "seed {seed}: {}", world.target());
    }
}

#[test]
fn two_who_share_a_line_share_it_fairly() {
    for seed in seeds() {
        let mut world = world(seed);
        world.run(10.0);
        world.join(WANTED);
        world.run(60.0);
        let [first, second] = [0, 1].map(|flow: usize| {
            let samples = world.flows[flow].last(30.0);
            mean(samples.iter().map(|sample| sample.arrived_kbps))
        });
        let ratio = first.max(second) / first.min(second);
        assert!(ratio < 2.5, "seed {seed}: {first} and {second}");
        let both = first + second;
        assert!(both > 2000.0, "seed {seed}: only {both}");
    }
}

/// Somebody's upload takes a third of the line and leaves again.
#[test]
fn other_traffic_is_given_way_and_its_place_taken_back() {
    for seed in seeds() {
        let mut world = world(seed);
        world.run(20.0);
        world.path().cross_kbps = 1500.0;
        world.run(10.0);
        let queue = mean(world.last(7.0).iter().map(|sample| sample.queue_ms));
        assert!(queue < 120.0, "seed {seed}: {queue} ms");
        let used = mean(targets(world.last(7.0)));
        assert!((800.0..1650.0).contains(&used), "seed {seed}: {used}");
        world.path().cross_kbps = 0.0;
        let back = world.run_until(10.0, |world| world.target() > 2200.0);
        assert!(back.is_some(), "seed {seed}: {}", world.target());
    }
}

/// What a line over which nothing goes but its own probes wants to have sent within a time. All of it arrives, or nothing.
fn probes(line: &mut Line, from: Moment, seconds: u64, arrives: bool) -> Vec<Moment> {
    let (end, mut now) = (from.plus(Duration::from_secs(seconds)), from);
    let mut left = Vec::new();
    while let Some(next) = line.next_timeout().filter(|next| *next < end) {
        now = now.max(next);
        line.handle_timeout(now);
        while let Some(padding) = line.want_padding(now) {
            let number = line.on_sent(now, padding.bytes as u16);
            left.push(now);
            let arrived = arrives.then(|| now.plus(Duration::from_millis(20)));
            line.on_feedback(
                now.plus(Duration::from_millis(40)),
                [Report { number, arrived }],
            );
        }
    }
    left
}

#[test]
fn a_line_over_which_nothing_is_sent_is_probed_until_it_takes_what_is_wanted() {
    let start = Moment::from_micros(1_000_000);
    let settings = Settings {
        start: Bitrate::kbps(40),
        ..Settings::default()
    };
    let mut line = Line::new(start, settings);
    line.set_wanted(Bitrate::kbps(2_000));
    let later = |seconds| start.plus(Duration::from_secs(seconds));
    let unanswered = probes(&mut line, start, 30, false);
    assert!(unanswered.iter().any(|at| *at > later(20)), "it goes on");
    assert!(line.target() <= Bitrate::kbps(40));
    probes(&mut line, later(30), 30, true);
    assert!(line.target() >= Bitrate::kbps(1_600), "{:?}", line.target());
    assert_eq!(probes(&mut line, later(60), 60, true), [], "it is enough");
}
