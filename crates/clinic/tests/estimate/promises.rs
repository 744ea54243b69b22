//! What is promised to whom.

use vestibule_clinic::estimate::{Estimator, Interval, Promise, Server};
use vestibule_clinic::limits::{ESTIMATED_PLACES, ESTIMATED_WAIT, NEEDED_LENGTHS};
use vestibule_vocab::{Millis, Timestamp};

pub(crate) const NOW: Timestamp = Timestamp(1_800_000_000_000);
const MINUTE: u64 = 60_000;

pub(crate) fn minutes(count: u64) -> Millis {
    Millis(count * MINUTE)
}

pub(crate) fn ago(length: Millis) -> Timestamp {
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
fn nobody_is_promised_less_than_whoever_is_ahead() {
    let servers = [Server::busy(ago(minutes(4))), Server::free(NOW)];
    let queue = estimator(60).intervals(NOW, 16, &servers);
    assert_eq!(queue.len(), 16);
    for pair in queue.windows(2) {
        assert!(pair[0].low <= pair[1].low && pair[0].high <= pair[1].high);
    }
}

#[test]
fn each_place_of_a_queue_is_promised_what_it_is_promised_alone() {
    let pools = [
        vec![Server::busy(ago(minutes(4))), Server::free(NOW)],
        vec![Server::free(NOW).leaving(NOW.plus(minutes(60)))],
        vec![Server::busy(ago(minutes(4))); 30],
    ];
    let estimator = estimator(60);
    for servers in pools {
        let queue = estimator.intervals(NOW, 16, &servers);
        let alone = (1..=16).map_while(|place| estimator.interval(NOW, place, &servers));
        assert_eq!(queue, alone.collect::<Vec<_>>());
    }
}

#[test]
fn a_queue_is_shown_as_far_as_it_is_estimated() {
    let estimator = estimator(60);
    let server = Server::free(NOW).leaving(NOW.plus(minutes(60)));
    let told = estimator.intervals(NOW, 5_000, &[server]).len();
    assert!((4..=6).contains(&told), "{told} places");
    let pool = vec![Server::free(NOW); 1_000];
    assert_eq!(
        estimator.intervals(NOW, 5_000, &pool).len(),
        ESTIMATED_PLACES
    );
    assert_eq!(estimator.intervals(NOW, 5, &[]), []);
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
fn no_shows_of_late_count_more_than_years_without() {
    let servers = [Server::free(NOW)];
    let mut estimator = estimator(5_000);
    let before = estimator.interval(NOW, 11, &servers).unwrap();
    for _ in 0..500 {
        estimator.no_show(minutes(15));
        estimator.admitted(minutes(15), minutes(1));
    }
    let after = estimator.interval(NOW, 11, &servers).unwrap();
    assert!(after.high.0 * 10 < before.high.0 * 9);
    assert!(after.low.0 * 10 < before.low.0 * 7);
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
