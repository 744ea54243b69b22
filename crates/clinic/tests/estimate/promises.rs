//! What is promised to one patient, and what is shown of it.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::FileFailurePersistence;
use vestibule_clinic::estimate::{Counts, Estimator, Interval, Minutes, Promise, Server};
use vestibule_clinic::limits::{COVERAGE_COUNT, COVERAGE_COUNTS, ESTIMATED_WAIT, NEEDED_LENGTHS};
use vestibule_vocab::{Millis, Timestamp};

const NOW: Timestamp = Timestamp(1_800_000_000_000);
const MINUTE: u64 = 60_000;

fn minutes(count: u64) -> Millis {
    Millis(count * MINUTE)
}

fn ago(length: Millis) -> Timestamp {
    Timestamp(NOW.0 - length.0)
}

/// Consultations of 8 to 12 minutes and pauses of 1: so many of each.
fn estimator(observed: usize) -> Estimator {
    let mut estimator = Estimator::default();
    for number in 0..observed as u64 {
        estimator.admitted(minutes(15), minutes(1));
        estimator.consulted(minutes(8 + number % 5));
    }
    estimator
}

fn interval(place: u32, servers: &[Server]) -> Option<Interval> {
    estimator(60).interval(NOW, place, servers)
}

/// The middle of an interval that there is, in minutes.
fn about(place: u32, servers: &[Server]) -> u64 {
    let interval = interval(place, servers).unwrap();
    u64::midpoint(interval.low.0, interval.high.0) / MINUTE
}

#[test]
fn nothing_is_promised_from_too_few_observations() {
    let servers = [Server::free(NOW)];
    assert_eq!(
        estimator(NEEDED_LENGTHS - 1).interval(NOW, 1, &servers),
        None
    );
    assert!(
        estimator(NEEDED_LENGTHS)
            .interval(NOW, 1, &servers)
            .is_some()
    );
}

#[test]
fn nothing_is_promised_when_nobody_is_on_duty() {
    assert_eq!(interval(1, &[]), None);
}

#[test]
fn the_head_of_the_queue_waits_for_the_pause_of_a_free_practitioner() {
    assert_eq!(about(1, &[Server::free(NOW)]), 1);
}

#[test]
fn a_consultation_under_way_is_waited_for() {
    assert!((6..=8).contains(&about(1, &[Server::busy(ago(minutes(4)))])));
}

#[test]
fn a_consultation_longer_than_any_before_is_not_promised_to_end_at_once() {
    let interval = interval(1, &[Server::busy(ago(minutes(60)))]).unwrap();
    assert!(interval.low >= Millis(MINUTE / 2));
    assert!(interval.high > minutes(2));
}

#[test]
fn two_practitioners_are_twice_as_fast_as_one() {
    let one = about(9, &[Server::free(NOW)]);
    let two = about(9, &[Server::free(NOW), Server::free(NOW)]);
    assert!((85..=95).contains(&one), "{one} minutes");
    assert!((40..=48).contains(&two), "{two} minutes");
}

#[test]
fn a_thousand_practitioners_are_a_thousand_times_as_fast_as_one() {
    let servers = vec![Server::free(NOW); 1_000];
    let about = about(5_001, &servers);
    assert!((50..=60).contains(&about), "{about} minutes");
}

#[test]
fn the_one_who_is_free_in_a_large_pool_is_not_overlooked() {
    let mut servers = vec![Server::busy(ago(minutes(4))); 30];
    servers[17] = Server::free(NOW);
    assert_eq!(about(1, &servers), 1);
}

#[test]
fn in_a_large_pool_somebody_ahead_is_somebody_ahead() {
    let servers = vec![Server::busy(ago(minutes(4))); 30];
    let first = interval(1, &servers).unwrap();
    let second = interval(2, &servers).unwrap();
    assert!(second.high > first.high);
}

#[test]
fn a_long_queue_is_a_long_sum() {
    let about = about(41, &[Server::free(NOW)]);
    assert!((420..=460).contains(&about), "{about} minutes");
}

#[test]
fn a_break_is_waited_for() {
    let server = Server {
        from: NOW.plus(minutes(30)),
        ..Server::busy(ago(minutes(4)))
    };
    assert_eq!(about(1, &[server]), 31);
    assert_eq!(about(1, &[Server::coming(NOW.plus(minutes(45)))]), 46);
}

#[test]
fn nothing_is_promised_past_the_end_of_the_shift() {
    let server = Server::free(NOW).leaving(NOW.plus(minutes(60)));
    assert!(interval(3, &[server]).is_some());
    assert_eq!(interval(9, &[server]), None);
}

#[test]
fn the_next_shift_takes_over() {
    let leaving = Server::free(NOW).leaving(NOW.plus(minutes(25)));
    let next = Server::coming(NOW.plus(minutes(120)));
    assert!(about(2, &[leaving, next]) < 15);
    assert!(about(9, &[leaving, next]) > 120);
}

#[test]
fn nobody_is_asked_to_wait_past_a_working_day() {
    let shift = Server::coming(NOW.plus(ESTIMATED_WAIT));
    assert_eq!(interval(1, &[shift]), None);
    assert_eq!(interval(5_000, &[Server::free(NOW)]), None);
}

#[test]
fn places_that_take_no_time_shorten_the_wait() {
    let servers = [Server::free(NOW)];
    let mut estimator = estimator(60);
    let before = estimator.interval(NOW, 9, &servers).unwrap();
    for _ in 0..20 {
        estimator.no_show(minutes(15));
    }
    let with_no_shows = estimator.interval(NOW, 9, &servers).unwrap();
    for _ in 0..20 {
        estimator.left(minutes(5));
    }
    let with_leavers = estimator.interval(NOW, 9, &servers).unwrap();
    assert!(with_no_shows.low < before.low);
    assert!(with_leavers.low < with_no_shows.low);
}

#[test]
fn a_new_pace_is_followed_within_a_few_dozen_consultations() {
    let servers = [Server::free(NOW)];
    let mut estimator = estimator(100);
    let before = estimator.interval(NOW, 6, &servers).unwrap();
    assert!(before.high < minutes(70));
    for _ in 0..64 {
        estimator.consulted(minutes(20));
    }
    let after = estimator.interval(NOW, 6, &servers).unwrap();
    assert!(after.low > minutes(85), "{after:?}");
}

#[test]
fn a_consultation_begun_by_mistake_hardly_moves_the_next_promise() {
    let servers = [Server::free(NOW)];
    let mut estimator = estimator(100);
    let before = estimator.interval(NOW, 6, &servers).unwrap();
    estimator.consulted(Millis(900));
    let after = estimator.interval(NOW, 6, &servers).unwrap();
    assert!(after.low.0 * 10 > before.low.0 * 8, "{before:?} {after:?}");
}

#[test]
fn a_forgotten_consultation_is_not_an_observation() {
    let servers = [Server::busy(ago(minutes(4)))];
    let mut estimator = estimator(60);
    let before = estimator.interval(NOW, 3, &servers);
    estimator.consulted(Millis::from_secs(20 * 60 * 60));
    assert_eq!(estimator.interval(NOW, 3, &servers), before);
}

#[test]
fn broken_promises_widen_the_next_and_kept_ones_narrow_it() {
    let servers = [Server::busy(ago(minutes(4)))];
    let mut estimator = estimator(60);
    let first = estimator.interval(NOW, 3, &servers).unwrap();
    let promise = Promise {
        at: NOW,
        interval: first,
    };
    for _ in 0..50 {
        estimator.resolve(promise, NOW.plus(first.high).plus(Millis(1)));
    }
    let wider = estimator.interval(NOW, 3, &servers).unwrap();
    assert!(wider.high > first.high);
    for _ in 0..500 {
        estimator.resolve(promise, NOW.plus(first.high));
    }
    let narrower = estimator.interval(NOW, 3, &servers).unwrap();
    assert!(narrower.high < first.high);
}

#[test]
fn coverage_counts_the_recent_promises() {
    let mut estimator = Estimator::default();
    assert_eq!(estimator.coverage().recent().share(), None);
    let promise = Promise {
        at: NOW,
        interval: Interval {
            low: minutes(5),
            high: minutes(10),
        },
    };
    for waited in [4, 5, 10, 11, 11] {
        estimator.resolve(promise, NOW.plus(minutes(waited)));
    }
    let counts = estimator.coverage().recent();
    assert_eq!((counts.earlier, counts.within, counts.later), (1, 2, 2));
    assert_eq!(counts.share(), Some(0.4));

    for _ in 0..COVERAGE_COUNT * COVERAGE_COUNTS as u32 {
        estimator.resolve(promise, NOW.plus(minutes(7)));
    }
    let counts = estimator.coverage().recent();
    assert_eq!((counts.earlier, counts.later), (0, 0));
    assert_eq!(counts.share(), Some(1.0));
}

#[test]
fn an_interval_is_shown_rounded_outward() {
    let shown = |low, high| {
        Interval {
            low: Millis(low),
            high: Millis(high),
        }
        .minutes()
    };
    assert_eq!(shown(299_999, 840_001), Minutes { low: 4, high: 15 });
    assert_eq!(shown(300_000, 840_000), Minutes { low: 5, high: 14 });
    assert_eq!(shown(0, 0), Minutes { low: 0, high: 1 });
}

#[test]
fn a_wait_since_the_arrival_does_not_end_before_now() {
    let rest = Interval {
        low: minutes(0),
        high: minutes(4),
    };
    let whole = rest.since_arrival(minutes(20));
    assert_eq!((whole.low, whole.high), (minutes(20), minutes(24)));
}

#[test]
fn a_promise_shrinks_with_the_wait_and_is_withdrawn_when_it_is_broken() {
    let promise = Promise {
        at: NOW,
        interval: Interval {
            low: minutes(5),
            high: minutes(10),
        },
    };
    let after = |length| promise.remaining(NOW.plus(minutes(length)));
    let left = |low, high| {
        Some(Interval {
            low: minutes(low),
            high: minutes(high),
        })
    };
    assert_eq!(after(2), left(3, 8));
    assert_eq!(after(7), left(0, 3));
    assert_eq!(after(10), left(0, 0));
    assert_eq!(after(11), None);
    assert_eq!(promise.remaining(ago(minutes(60))), left(5, 10));
}

#[test]
fn a_stored_estimator_comes_back_and_takes_a_few_kilobytes() {
    let mut estimator = estimator(1_000);
    let servers = [Server::busy(ago(minutes(4))), Server::free(NOW)];
    let interval = estimator.interval(NOW, 4, &servers).unwrap();
    for _ in 0..5_000 {
        estimator.resolve(Promise { at: NOW, interval }, NOW.plus(interval.high));
    }
    let stored = serde_json::to_string(&estimator).unwrap();
    assert!(stored.len() < 4_096, "{} bytes", stored.len());
    let restored: Estimator = serde_json::from_str(&stored).unwrap();
    assert_eq!(restored, estimator);
    assert_eq!(
        restored.interval(NOW, 4, &servers),
        estimator.interval(NOW, 4, &servers)
    );
}

/// Something that an estimator is told.
#[derive(Clone, Debug)]
enum Told {
    Consulted(u64),
    Admitted(u64, u64),
    NoShow(u64),
    Left(u64),
    Resolved(u64, u64, u64, u64),
}

fn told() -> impl Strategy<Value = Told> {
    let any_length = || prop_oneof![0..3_600_000_u64, any::<u64>()];
    prop_oneof![
        4 => any_length().prop_map(Told::Consulted),
        4 => (any_length(), any_length()).prop_map(|(waited, pause)| Told::Admitted(waited, pause)),
        1 => any_length().prop_map(Told::NoShow),
        1 => any_length().prop_map(Told::Left),
        1 => (any_length(), any_length(), any_length(), any_length())
            .prop_map(|(at, low, high, admitted)| Told::Resolved(at, low, high, admitted)),
    ]
}

fn tell(estimator: &mut Estimator, told: &Told) {
    match *told {
        Told::Consulted(length) => estimator.consulted(Millis(length)),
        Told::Admitted(waited, pause) => estimator.admitted(Millis(waited), Millis(pause)),
        Told::NoShow(waited) => estimator.no_show(Millis(waited)),
        Told::Left(waited) => estimator.left(Millis(waited)),
        Told::Resolved(at, low, high, admitted) => {
            let promise = Promise {
                at: Timestamp(at),
                interval: Interval {
                    low: Millis(low),
                    high: Millis(high),
                },
            };
            estimator.resolve(promise, Timestamp(admitted));
        }
    }
}

fn server() -> impl Strategy<Value = Server> {
    let any_time = || prop_oneof![NOW.0 - 7_200_000..NOW.0 + 7_200_000, any::<u64>()];
    (
        any::<bool>(),
        any_time(),
        any_time(),
        prop::option::of(any_time()),
    )
        .prop_map(|(busy, since, from, until)| Server {
            from: Timestamp(from),
            until: until.map(Timestamp),
            ..if busy {
                Server::busy(Timestamp(since))
            } else {
                Server::free(Timestamp(since))
            }
        })
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 200,
        failure_persistence: Some(Box::new(FileFailurePersistence::Off)),
        ..ProptestConfig::default()
    })]

    #[test]
    fn whatever_it_is_told_an_interval_is_in_order_and_the_same_again(
        history in vec(told(), 0..200),
        servers in vec(server(), 0..20),
        place in prop_oneof![0..50_u32, any::<u32>()],
        now in prop_oneof![Just(NOW.0), any::<u64>()],
    ) {
        let mut estimator = Estimator::default();
        for told in &history {
            tell(&mut estimator, told);
        }
        let interval = estimator.interval(Timestamp(now), place, &servers);
        if let Some(Interval { low, high }) = interval {
            prop_assert!(low <= high && high <= ESTIMATED_WAIT);
        }
        let stored = serde_json::to_string(&estimator).unwrap();
        let restored: Estimator = serde_json::from_str(&stored).unwrap();
        prop_assert_eq!(restored.interval(Timestamp(now), place, &servers), interval);
        let counts: Counts = estimator.coverage().recent();
        prop_assert!(counts.all() <= COVERAGE_COUNT * COVERAGE_COUNTS as u32);
    }
}
