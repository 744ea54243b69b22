//! What a line does, in virtual time: each setting by itself.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "in a test a panic is the verdict"
)]

mod support;

use std::time::Duration;

use support::{Event, at, change, departures, drain, line, ms, play, stream};
use vestibule_impair::limits::PACKETS_UNDER_WAY;
use vestibule_impair::{Direction, Line, Moment};

const MANY: u64 = 100_000;

/// Which of a stream of packets did not come, by their numbers.
fn lost(settings: &str) -> Vec<u64> {
    let mut line = line(7, settings);
    let passed = play(&mut line, &stream(MANY, 1_000, 100));
    let mut came = vec![false; usize::try_from(MANY).unwrap()];
    for one in passed {
        came[usize::try_from(one.ordinal).unwrap()] = true;
    }
    (0..MANY)
        .filter(|ordinal| !came[usize::try_from(*ordinal).unwrap()])
        .collect()
}

fn bursts(lost: &[u64]) -> usize {
    let begins = |pair: &[u64]| pair[1] != pair[0] + 1;
    1 + lost.windows(2).filter(|pair| begins(pair)).count()
}

#[test]
fn a_clean_line_changes_nothing() {
    let passed = play(&mut line(7, "loss=0%"), &stream(1_000, 250, 1_200));
    assert_eq!(passed.len(), 1_000);
    assert!(passed.iter().all(|one| one.due == one.packet));
}

#[test]
fn independent_loss_has_its_share_and_no_long_bursts() {
    let lost = lost("loss=5%");
    assert!((4_800..=5_200).contains(&lost.len()), "{}", lost.len());
    let mean = lost.len() as f64 / bursts(&lost) as f64;
    assert!((1.0..1.1).contains(&mean), "{mean}");
}

#[test]
fn bursty_loss_has_its_share_and_its_length() {
    let lost = lost("loss=5%/4");
    assert!((4_500..=5_500).contains(&lost.len()), "{}", lost.len());
    let mean = lost.len() as f64 / bursts(&lost) as f64;
    assert!((3.7..4.3).contains(&mean), "{mean}");
}

#[test]
fn the_gilbert_elliott_model_can_lose_in_both_states() {
    // Bad one fifth of the time: 0.8 * 1 % + 0.2 * 50 %.
    let lost = lost("loss=5%,20%,1%,50%");
    assert!((10_000..=11_700).contains(&lost.len()), "{}", lost.len());
}

#[test]
fn all_and_nothing_are_exact() {
    assert!(lost("loss=0%").is_empty());
    assert_eq!(lost("loss=100%").len() as u64, MANY);
}

#[test]
fn the_directions_have_fates_of_their_own() {
    let mut line = line(7, "loss=50%");
    let both = |index: u64| {
        let direction = if index.is_multiple_of(2) {
            Direction::Up
        } else {
            Direction::Down
        };
        (1_000, Event::Packet(direction, 100))
    };
    let events: Vec<_> = (0..400).map(both).collect();
    let passed = play(&mut line, &events);
    let of = |direction| {
        let passed = passed.iter().filter(|one| one.direction == direction);
        passed.map(|one| one.ordinal).collect::<Vec<_>>()
    };
    assert_ne!(of(Direction::Up), of(Direction::Down));
    assert_eq!(line.counters(Direction::Up).received, 200);
    assert_eq!(line.counters(Direction::Down).received, 200);
}

#[test]
fn one_direction_can_be_changed_alone() {
    let mut line = line(7, "up loss=100%");
    let events: Vec<_> = Direction::BOTH
        .map(|direction| (0, Event::Packet(direction, 100)))
        .to_vec();
    let passed = play(&mut line, &events);
    assert_eq!(passed.len(), 1);
    assert_eq!(passed[0].direction, Direction::Down);
}

#[test]
fn held_back_packets_are_overtaken_by_those_that_come_meanwhile() {
    let mut line = line(7, "delay=40ms reorder=10%/20ms");
    let passed = play(&mut line, &stream(1_000, 5_000, 100));
    let late: Vec<_> = passed
        .iter()
        .filter(|one| one.due.since(one.packet) == ms(60))
        .collect();
    let punctual = passed
        .iter()
        .filter(|one| one.due.since(one.packet) == ms(40));
    assert_eq!(late.len() + punctual.count(), 1_000);
    assert!((70..=130).contains(&late.len()), "{}", late.len());
    // At most those at the very end have nobody behind them.
    let reordered = line.counters(Direction::Up).reordered;
    assert!(reordered <= late.len() as u64 && reordered + 5 > late.len() as u64);
}

#[test]
fn copies_come_right_behind_their_packets() {
    let mut line = line(7, "duplicate=10%");
    let passed = play(&mut line, &stream(1_000, 1_000, 100));
    let counters = line.counters(Direction::Up);
    assert!((70..=130).contains(&counters.duplicated));
    assert_eq!(counters.delivered, 1_000 + counters.duplicated);
    assert_eq!(counters.reordered, 0);
    assert!(passed.is_sorted_by_key(|one| one.ordinal));
}

#[test]
fn a_rate_sends_one_packet_after_the_other() {
    // 1,250 bytes are 10,000 bits: 10 ms at 1 Mbit/s.
    let mut line = line(7, "rate=1M queue=30ms");
    let passed = play(&mut line, &stream(6, 0, 1_250));
    let dues: Vec<_> = passed.iter().map(|one| one.due).collect();
    // The fifth would have waited 40 ms.
    assert_eq!(dues, [at(10), at(20), at(30), at(40)]);
    assert_eq!(line.counters(Direction::Up).queue_drops, 2);
}

#[test]
fn a_queue_in_bytes_holds_so_many_behind_the_one_that_is_sent() {
    let mut line = line(7, "rate=1M queue=2.5kB");
    let passed = play(&mut line, &stream(6, 0, 1_250));
    assert_eq!(passed.len(), 3);
}

#[test]
fn a_fall_of_the_rate_drops_what_would_wait_too_long() {
    let mut line = line(7, "rate=1M queue=30ms");
    for _ in 0..4 {
        line.arrive(at(0), Direction::Up, 1_250, at(0));
    }
    // Half of the first has been sent; the other half takes 50 ms now, longer than the queue is.
    line.change(at(5), &change("rate=100k"));
    let passed = drain(&mut line);
    assert_eq!(passed.len(), 1);
    assert_eq!(passed[0].due, at(55));
    assert_eq!(line.counters(Direction::Up).queue_drops, 3);
}

#[test]
fn rate_and_queue_change_together() {
    let mut line = line(7, "rate=1M queue=30ms");
    for _ in 0..4 {
        line.arrive(at(0), Direction::Up, 1_250, at(0));
    }
    line.change(at(5), &change("rate=100k queue=1s"));
    let dues: Vec<_> = drain(&mut line).iter().map(|one| one.due).collect();
    assert_eq!(dues, [at(55), at(155), at(255), at(355)]);
}

#[test]
fn the_squeeze_squeezes_in_its_time() {
    let preset: vestibule_impair::Preset = "squeeze".parse().unwrap();
    let mut line = Line::new(7);
    line.change(at(0), &preset.change().unwrap());
    line.follow(at(0), &preset.schedule().unwrap());
    // 1,250 bytes each 4 ms are 2.5 Mbit/s.
    let passed = play(&mut line, &stream(17_500, 4_000, 1_250));
    let bits = |from: u64, to: u64| {
        let within =
            |one: &&support::Passed| at(from * 1_000) < one.due && one.due <= at(to * 1_000);
        passed.iter().filter(within).count() * 10_000 / usize::try_from(to - from).unwrap()
    };
    assert_eq!(bits(5, 20), 2_500_000);
    assert_eq!(bits(21, 50), 150_000);
    assert_eq!(bits(51, 70), 2_500_000);
}

#[test]
fn a_blackout_without_end_is_ended() {
    let mut line = line(7, "blackout=on");
    line.arrive(at(1_000_000), Direction::Up, 100, at(0));
    line.change(at(1_000_001), &change("blackout=off"));
    line.arrive(at(1_000_001), Direction::Up, 100, at(0));
    assert_eq!(departures(&mut line, at(1_000_001)).len(), 1);
    assert_eq!(line.counters(Direction::Up).blacked_out, 1);
}

#[test]
fn what_is_under_way_in_a_blackout_arrives() {
    let mut line = line(7, "delay=20ms");
    line.arrive(at(0), Direction::Up, 100, at(0));
    line.change(at(10), &change("blackout=5s"));
    assert_eq!(drain(&mut line).len(), 1);
}

#[test]
fn what_is_under_way_is_bounded() {
    for settings in ["delay=60s", "rate=1k queue=60s", "delay=60s duplicate=100%"] {
        let mut line = line(7, settings);
        let count = PACKETS_UNDER_WAY as u64 + 1_000;
        for _ in 0..count {
            line.arrive(at(0), Direction::Up, 1, at(0));
        }
        let under_way = line.packets_under_way(Direction::Up);
        assert!(under_way <= PACKETS_UNDER_WAY, "{settings}");
        let counters = line.counters(Direction::Up);
        assert_eq!(
            counters.received + counters.duplicated,
            counters.queue_drops + under_way as u64,
            "{settings}"
        );
    }
}

#[test]
fn a_line_with_nothing_to_do_waits_for_ever() {
    let mut line = line(7, "delay=20ms");
    assert_eq!(line.next_event(), None);
    line.arrive(at(5), Direction::Down, 100, at(5));
    assert_eq!(line.next_event(), Some(at(25)));
    assert_eq!(line.depart(at(24)), None);
    assert!(line.depart(at(25)).is_some());
    assert_eq!(line.next_event(), None);
}

#[test]
fn a_new_schedule_replaces_the_old_one_and_counts_from_now() {
    let mut line = line(7, "delay=0ms");
    line.follow(at(0), &"1s blackout=on".parse().unwrap());
    line.follow(at(500), &"1s delay=10ms".parse().unwrap());
    assert_eq!(line.next_event(), Some(at(1_500)));
    line.arrive(at(1_200), Direction::Up, 100, at(0));
    line.arrive(at(1_600), Direction::Up, 100, at(0));
    let dues: Vec<Moment> = drain(&mut line).iter().map(|one| one.due).collect();
    assert_eq!(dues, [at(1_200), at(1_610)]);
    assert_eq!(line.next_event(), None);
}

#[test]
fn the_longest_line_does_not_overflow() {
    let mut line = line(7, "delay=60s jitter=60s rate=1k queue=60s");
    line.arrive(Moment::NEVER, Direction::Up, usize::MAX, Moment::NEVER);
    line.change(Moment::NEVER, &change("rate=100G delay=1ms"));
    assert_eq!(line.counters(Direction::Up).received, 1);
    assert_eq!(
        Moment::NEVER.since(Moment::default()),
        Duration::from_nanos(u64::MAX)
    );
}
