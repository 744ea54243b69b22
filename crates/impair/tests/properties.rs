//! What holds for a line whatever comes and whenever it changes.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "in a test a panic is the verdict"
)]

mod support;

use std::time::Duration;

use proptest::prelude::*;
use support::{Event, Passed, departures, drain, happen, line, ms, play};
use vestibule_impair::{Direction, Moment};

fn direction() -> impl Strategy<Value = Direction> {
    prop_oneof![Just(Direction::Up), Just(Direction::Down)]
}

fn packet() -> impl Strategy<Value = Event> {
    (direction(), 20_usize..1_500).prop_map(|(direction, bytes)| Event::Packet(direction, bytes))
}

/// One setting as it would be written. Without `disorder`, none that changes the order of packets.
fn setting(disorder: bool) -> impl Strategy<Value = String> {
    let word = prop_oneof![
        (0_u32..300).prop_map(|delay| format!("delay={delay}ms")),
        (0_u32..100).prop_map(|jitter| format!("jitter={jitter}ms")),
        (0_u32..60).prop_map(|share| format!("loss={share}%")),
        (0_u32..40, 1_u32..9).prop_map(|(share, burst)| format!("loss={share}%/{burst}")),
        (0_u32..30).prop_map(|share| format!("duplicate={share}%")),
        (10_u32..5_000).prop_map(|rate| format!("rate={rate}k")),
        Just("rate=none".to_owned()),
        (0_u32..300).prop_map(|queue| format!("queue={queue}ms")),
        (0_u32..100).prop_map(|queue| format!("queue={queue}kB")),
        (0_u32..200).prop_map(|dark| format!("blackout={dark}ms")),
    ];
    let disorderly = prop_oneof![
        (0_u32..50, 0_u32..60).prop_map(|(share, hold)| format!("reorder={share}%/{hold}ms")),
        (0_u32..100).prop_map(|jitter| format!("jitter={jitter}ms/overtake")),
    ];
    let weight = u32::from(disorder) * 2;
    let way = prop_oneof![Just("up "), Just("down "), Just("")];
    (way, prop_oneof![8 => word, weight => disorderly])
        .prop_map(|(way, word)| format!("{way}{word}"))
}

/// Packets and changes, each so many microseconds after the one before.
fn events(disorder: bool) -> impl Strategy<Value = Vec<(u64, Event)>> {
    let change = setting(disorder).prop_map(Event::Change);
    let event = prop_oneof![12 => packet(), 1 => change];
    let gap = prop_oneof![3 => 0_u64..3_000, 1 => 0_u64..60_000];
    prop::collection::vec((gap, event), 1..300)
}

fn of(passed: &[Passed], direction: Direction) -> impl Iterator<Item = &Passed> {
    passed.iter().filter(move |one| one.direction == direction)
}

proptest! {
    #[test]
    fn the_same_seed_and_arrivals_have_the_same_fates(seed: u64, events in events(true)) {
        let once = play(&mut line(seed, "loss=5%"), &events);
        let again = play(&mut line(seed, "loss=5%"), &events);
        prop_assert_eq!(once, again);
    }

    #[test]
    fn how_often_the_line_is_looked_at_changes_nothing(seed: u64, events in events(true)) {
        let scheduled = || {
            let mut line = line(seed, "loss=5%");
            let schedule = "20ms blackout=15ms\n40ms rate=300k\n120ms rate=none delay=5ms";
            line.follow(Moment::default(), &schedule.parse().unwrap());
            line
        };
        let eager = play(&mut scheduled(), &events);
        let mut lazy_line = scheduled();
        let mut now = Moment::default();
        for (gap, event) in &events {
            now = now.plus(Duration::from_micros(*gap));
            happen(&mut lazy_line, now, event);
        }
        let later = now.plus(Duration::from_secs(1_000_000));
        let lazy = departures(&mut lazy_line, later);
        // Those of different directions that are due at once may come in either order.
        for direction in Direction::BOTH {
            prop_assert!(of(&eager, direction).eq(of(&lazy, direction)));
        }
        for direction in Direction::BOTH {
            prop_assert_eq!(lazy_line.packets_under_way(direction), 0);
        }
    }

    #[test]
    fn every_packet_has_one_fate(seed: u64, events in events(true)) {
        let mut line = line(seed, "loss=5%");
        let passed = play(&mut line, &events);
        for direction in Direction::BOTH {
            let counters = line.counters(direction);
            let came = events.iter().filter(|(_, event)| {
                matches!(event, Event::Packet(way, _) if *way == direction)
            });
            prop_assert_eq!(counters.received, came.count() as u64);
            prop_assert_eq!(counters.delivered, of(&passed, direction).count() as u64);
            let gone = counters.lost + counters.blacked_out + counters.queue_drops;
            prop_assert_eq!(counters.received + counters.duplicated, counters.delivered + gone);
        }
    }

    #[test]
    fn nothing_is_due_before_it_came_or_delivered_before_it_is_due(seed: u64, events in events(true)) {
        let passed = play(&mut line(seed, "delay=1ms"), &events);
        for one in &passed {
            prop_assert!(one.due >= one.packet);
        }
        prop_assert!(passed.is_sorted_by_key(|one| one.due));
    }

    #[test]
    fn the_order_is_kept_when_no_other_is_asked_for(seed: u64, events in events(false)) {
        let mut line = line(seed, "jitter=20ms");
        let passed = play(&mut line, &events);
        for direction in Direction::BOTH {
            prop_assert!(of(&passed, direction).is_sorted_by_key(|one| one.ordinal));
            prop_assert_eq!(line.counters(direction).reordered, 0);
        }
    }

    #[test]
    fn a_packet_counts_as_reordered_when_a_later_one_came_before(seed: u64, events in events(true)) {
        let mut line = line(seed, "reorder=20%/10ms");
        let passed = play(&mut line, &events);
        for direction in Direction::BOTH {
            let mut seen = std::collections::HashSet::new();
            let firsts = of(&passed, direction).filter(|one| seen.insert(one.ordinal));
            let mut latest = 0;
            let mut reordered = 0;
            for one in firsts {
                reordered += u64::from(one.ordinal < latest);
                latest = latest.max(one.ordinal);
            }
            prop_assert_eq!(line.counters(direction).reordered, reordered);
        }
    }

    #[test]
    fn the_delay_is_within_the_jitter(seed: u64, delay in 0_u64..200, jitter in 0_u64..200, events in events_of_packets()) {
        let settings = format!("delay={delay}ms jitter={jitter}ms/overtake");
        for one in play(&mut line(seed, &settings), &events) {
            let took = one.due.since(one.packet);
            prop_assert!(took >= ms(delay.saturating_sub(jitter)));
            prop_assert!(took <= ms(delay + jitter));
        }
    }

    #[test]
    fn no_more_than_the_rate_gets_through(seed: u64, rate in 10_u64..5_000, queue in 0_u64..500, events in events_of_packets()) {
        let settings = format!("up rate={rate}k queue={queue}ms delay=7ms");
        let passed = play(&mut line(seed, &settings), &events);
        let up: Vec<_> = of(&passed, Direction::Up).collect();
        let sizes = sizes(&events);
        for first in 0..up.len() {
            let mut bits = 0;
            for last in first + 1..up.len() {
                bits += sizes[usize::try_from(up[last].ordinal).unwrap()] * 8;
                let nanos = up[last].due.since(up[first].due).as_nanos();
                prop_assert!(u128::from(bits) * 1_000_000 <= nanos * u128::from(rate));
            }
        }
    }

    #[test]
    fn nobody_waits_longer_than_the_queue_is_also_when_the_rate_falls(
        seed: u64,
        rates in (10_u64..5_000, 10_u64..5_000),
        fall in 0_u64..300,
        queue in 0_u64..500,
        events in events_of_packets(),
    ) {
        let (before, after) = (rates.0.max(rates.1), rates.0.min(rates.1));
        let mut line = line(seed, &format!("rate={before}k queue={queue}ms"));
        line.follow(Moment::default(), &format!("{fall}ms rate={after}k").parse().unwrap());
        let fall = Moment::default().plus(ms(fall));
        for one in play(&mut line, &events) {
            let sending = |rate| Duration::from_nanos((1_500 * 8 * 1_000_000_u64).div_ceil(rate));
            let bound = |from: Moment, rate| from.plus(ms(queue)).plus(sending(rate));
            let in_time = one.due <= bound(one.packet, before) && one.due <= fall;
            prop_assert!(in_time || one.due <= bound(one.packet.max(fall), after));
        }
    }

    #[test]
    fn a_blackout_takes_just_what_comes_in_it(seed: u64, start in 0_u64..300, length in 0_u64..300, events in events_of_packets()) {
        let mut line = line(seed, "delay=30ms");
        let schedule = format!("{start}ms blackout={length}ms").parse().unwrap();
        line.follow(Moment::default(), &schedule);
        let passed = play(&mut line, &events);
        let dark = ms(start)..ms(start + length);
        let mut now = Duration::ZERO;
        let came = events.iter().filter(|(gap, _)| {
            now += Duration::from_micros(*gap);
            !dark.contains(&now)
        });
        prop_assert_eq!(passed.len(), came.count());
        for one in passed {
            prop_assert!(!dark.contains(&one.packet.since(Moment::default())));
        }
    }

    #[test]
    fn the_time_decides_nothing_about_loss(seed: u64, gaps in prop::collection::vec(0_u64..50_000, 100)) {
        let steady: Vec<_> = support::stream(100, 1_000, 100);
        let other: Vec<_> = gaps.into_iter().zip(&steady).map(|(gap, (_, event))| (gap, event.clone())).collect();
        for settings in ["loss=30%", "loss=20%/3", "loss=10%,40%,5%,90%"] {
            prop_assert_eq!(survivors(seed, settings, &steady), survivors(seed, settings, &other));
        }
    }

    #[test]
    fn what_a_good_line_loses_a_worse_one_loses_too(seed: u64, share in 0_u64..100) {
        let events = support::stream(100, 1_000, 100);
        let better = survivors(seed, &format!("loss={share}%"), &events);
        let worse = survivors(seed, &format!("loss={}%", share + 1), &events);
        prop_assert!(worse.iter().all(|ordinal| better.contains(ordinal)));
    }

    #[test]
    fn a_preset_leaves_nothing_of_what_was_before(seed: u64, settings in prop::collection::vec(setting(true), 1..6), events in events_of_packets()) {
        let preset: vestibule_impair::Preset = "satellite".parse().unwrap();
        let mut used = line(seed, &settings[0]);
        for setting in &settings {
            used.change(Moment::default(), &setting.parse().unwrap());
        }
        used.change(Moment::default(), &preset.change().unwrap());
        let mut fresh = line(seed, "delay=0ms");
        fresh.change(Moment::default(), &preset.change().unwrap());
        prop_assert_eq!(play(&mut used, &events), play(&mut fresh, &events));
    }
}

fn events_of_packets() -> impl Strategy<Value = Vec<(u64, Event)>> {
    prop::collection::vec((0_u64..5_000, packet()), 1..150)
}

/// The sizes of the packets that went up.
fn sizes(events: &[(u64, Event)]) -> Vec<u64> {
    let up = events.iter().filter_map(|(_, event)| match event {
        Event::Packet(Direction::Up, bytes) => Some(*bytes as u64),
        Event::Packet(Direction::Down, _) | Event::Change(_) => None,
    });
    up.collect()
}

fn survivors(seed: u64, settings: &str, events: &[(u64, Event)]) -> Vec<u64> {
    let mut line = line(seed, settings);
    let mut passed = play(&mut line, events);
    passed.extend(drain(&mut line));
    passed.into_iter().map(|one| one.ordinal).collect()
}
