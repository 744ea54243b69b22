//! What is missing is asked for until it comes, or is given up, and without storms.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "in a test a panic is the verdict; figures are printed for who asks for them"
)]

mod support;

use std::time::Duration;

use proptest::prelude::*;
use support::{Line, Outcome, World};
use vestibule_rtp::limits::{MISSING_PACKETS, REQUESTS};
use vestibule_rtp::{Arrivals, Moment, Stale, Via};

fn at(millis: u64) -> Moment {
    Moment::from_micros(millis * 1000)
}

/// A stream whose first packets came, without a gap.
fn after(packets: u16) -> Arrivals {
    let mut arrivals = Arrivals::asking(90_000);
    for sequence in 0..packets {
        arrivals.note(at(0), sequence, 0, Via::Stream).unwrap();
    }
    arrivals
}

#[test]
fn a_late_packet_is_not_asked_for() {
    let mut arrivals = after(5);
    arrivals.note(at(1), 6, 0, Via::Stream).unwrap();
    assert_eq!(arrivals.requests(at(1)), []);
    assert_eq!(arrivals.next_timeout(), Some(at(11)));
    arrivals.note(at(5), 5, 0, Via::Stream).unwrap();
    assert_eq!(arrivals.next_timeout(), None);
    assert_eq!(arrivals.requests(at(20)), []);
}

#[test]
fn a_gap_is_asked_for_when_two_packets_came_behind_it_or_after_a_while() {
    let mut arrivals = after(5);
    arrivals.note(at(1), 7, 0, Via::Stream).unwrap();
    arrivals.note(at(2), 8, 0, Via::Stream).unwrap();
    assert_eq!(arrivals.requests(at(2)), [5, 6]);

    let mut arrivals = after(5);
    arrivals.note(at(1), 7, 0, Via::Stream).unwrap();
    assert_eq!(arrivals.requests(at(10)), []);
    assert_eq!(arrivals.requests(at(11)), [5, 6]);
}

#[test]
fn what_came_as_a_retransmission_is_never_asked_for_again() {
    let mut arrivals = after(5);
    arrivals.set_round_trip(Duration::from_millis(50));
    arrivals.note(at(1), 6, 0, Via::Stream).unwrap();
    arrivals.note(at(2), 7, 0, Via::Stream).unwrap();
    assert_eq!(arrivals.requests(at(2)), [5]);
    assert_eq!(arrivals.requests(at(61)), [], "the answer is on its way");
    assert_eq!(arrivals.next_timeout(), Some(at(62)));
    arrivals.note(at(61), 5, 0, Via::Retransmission).unwrap();
    assert_eq!(arrivals.next_timeout(), None);
    assert_eq!(arrivals.requests(at(5000)), []);
    let again = arrivals.note(at(70), 5, 0, Via::Retransmission);
    assert_eq!(again, Err(Stale::Repeated));
    assert!(!arrivals.poll_key_frame());
    let report = arrivals.report(at(70), 1).unwrap();
    assert_eq!(report.cumulative_lost, 1, "the line lost it all the same");
}

#[test]
fn what_never_comes_is_given_up_and_a_key_frame_is_needed() {
    let mut arrivals = after(5);
    arrivals.set_round_trip(Duration::from_millis(1));
    arrivals.note(at(0), 6, 0, Via::Stream).unwrap();
    let mut asked = 0;
    let mut now = at(0);
    while let Some(due) = arrivals.next_timeout() {
        assert!(due > now || due == at(0));
        now = due;
        asked += arrivals.requests(now).len();
        assert!(asked <= usize::from(REQUESTS));
        if arrivals.poll_key_frame() {
            break;
        }
    }
    assert!(now <= at(1000), "{now:?}");
    assert!(asked >= 5, "{asked}");
    assert!(!arrivals.poll_key_frame());
    assert_eq!((arrivals.next_timeout(), arrivals.missing()), (None, 0));
}

#[test]
fn an_outage_is_not_asked_for_packet_by_packet() {
    let mut arrivals = after(5);
    let far = 6 + u16::try_from(MISSING_PACKETS).unwrap();
    arrivals.note(at(1), far, 0, Via::Stream).unwrap();
    assert_eq!(arrivals.missing(), 0);
    assert!(arrivals.poll_key_frame());
    arrivals.note(at(2), far + 2, 0, Via::Stream).unwrap();
    assert_eq!(arrivals.missing(), 1, "what follows is asked for");
}

#[test]
fn what_was_lost_while_the_line_was_dark_is_not_asked_for_but_a_key_frame_is_at_once() {
    let mut arrivals = after(5);
    arrivals.line_was_dark();
    arrivals.note(at(1010), 9, 0, Via::Stream).unwrap();
    assert_eq!(arrivals.missing(), 0);
    assert_eq!(arrivals.next_timeout(), Some(at(1010)));
    assert!(arrivals.poll_key_frame());
    assert_eq!(arrivals.next_timeout(), None);
    arrivals.note(at(1011), 11, 0, Via::Stream).unwrap();
    assert_eq!(arrivals.missing(), 1, "what follows is asked for");
}

#[test]
fn a_key_frame_that_ends_the_darkness_is_enough() {
    let mut arrivals = after(5);
    arrivals.line_was_dark();
    let sequence = arrivals.note(at(1010), 9, 0, Via::Stream).unwrap();
    arrivals.key_frame(sequence);
    assert_eq!(arrivals.next_timeout(), None);
    assert!(!arrivals.poll_key_frame());
}

#[test]
fn a_line_that_was_dark_and_lost_nothing_goes_on() {
    let mut arrivals = after(5);
    arrivals.line_was_dark();
    arrivals.note(at(5000), 5, 0, Via::Stream).unwrap();
    assert_eq!(arrivals.next_timeout(), None);
    assert!(!arrivals.poll_key_frame());
}

#[test]
fn what_is_lost_where_only_the_stream_was_silent_is_asked_for() {
    let mut arrivals = after(5);
    arrivals.note(at(5000), 6, 0, Via::Stream).unwrap();
    assert_eq!(arrivals.missing(), 1);
    assert_eq!(arrivals.requests(at(5010)), [5]);
    assert!(!arrivals.poll_key_frame());
}

#[test]
fn more_missing_packets_than_can_be_asked_for_displace_the_oldest() {
    let mut arrivals = after(1);
    for packet in 1..=200 {
        arrivals.note(at(0), 2 * packet, 0, Via::Stream).unwrap();
    }
    assert_eq!(arrivals.missing(), MISSING_PACKETS);
    assert!(arrivals.poll_key_frame());
    let asked = arrivals.requests(at(10));
    assert_eq!((asked.len(), asked[127]), (MISSING_PACKETS, 399));
}

#[test]
fn nothing_is_asked_for_while_most_is_lost_and_all_of_it_afterwards() {
    let mut arrivals = after(1);
    // Of each eight packets one comes.
    for turn in 1..=5 {
        arrivals
            .note(at(turn), turn as u16 * 8, 0, Via::Stream)
            .unwrap();
    }
    assert_eq!(arrivals.missing(), 35);
    assert_eq!(arrivals.requests(at(15)), []);
    let again = arrivals.next_timeout().unwrap();
    assert!(again > at(15), "{again:?}");
    assert_eq!(arrivals.requests(again), []);
    for (place, sequence) in (41..60).enumerate() {
        let now = again.plus(Duration::from_millis(place as u64));
        arrivals.note(now, sequence, 0, Via::Stream).unwrap();
    }
    let later = again.plus(Duration::from_millis(40));
    assert_eq!(arrivals.requests(later).len(), 35);
    assert!(!arrivals.poll_key_frame());
}

#[test]
fn what_a_line_lost_that_was_dark_for_a_moment_is_asked_for_at_once() {
    let mut arrivals = after(5);
    arrivals.note(at(1), 35, 0, Via::Stream).unwrap();
    arrivals.note(at(2), 36, 0, Via::Stream).unwrap();
    assert_eq!(arrivals.requests(at(2)).len(), 30);
}

#[test]
fn a_key_frame_ends_the_asking_for_what_was_before() {
    let mut arrivals = after(5);
    arrivals.note(at(0), 6, 0, Via::Stream).unwrap();
    let key_frame = arrivals.note(at(0), 8, 0, Via::Stream).unwrap();
    arrivals.note(at(0), 10, 0, Via::Stream).unwrap();
    arrivals.key_frame(key_frame);
    assert_eq!(arrivals.requests(at(10)), [9]);
    assert!(!arrivals.poll_key_frame());
}

#[test]
fn numbers_go_on_over_their_round() {
    let mut arrivals = Arrivals::asking(90_000);
    let first = arrivals.note(at(0), 65_534, 0, Via::Stream).unwrap();
    let third = arrivals.note(at(0), 0, 0, Via::Stream).unwrap();
    assert_eq!(third, first + 2);
    assert_eq!(arrivals.requests(at(10)), [65_535]);
    let before = arrivals.note(at(11), 65_533, 0, Via::Stream);
    assert_eq!(before, Ok(first - 1), "from before the first");
    let report = arrivals.report(at(11), 1).unwrap();
    assert_eq!(report.highest, 0x1_0000);
    let foreign = Arrivals::asking(90_000).note(at(0), 7, 0, Via::Retransmission);
    assert_eq!(foreign, Err(Stale::TooOld));
}

#[test]
fn a_stream_that_is_only_reported_on_asks_for_nothing() {
    let mut arrivals = Arrivals::reporting(48_000);
    arrivals.note(at(0), 1, 0, Via::Stream).unwrap();
    arrivals.note(at(0), 5, 0, Via::Stream).unwrap();
    assert_eq!(arrivals.next_timeout(), None);
    assert_eq!(arrivals.requests(at(100)), []);
    assert_eq!(arrivals.report(at(100), 1).unwrap().cumulative_lost, 3);
}

fn simulate(lost: u64, reordered: u64) -> Outcome {
    let mut all = Outcome::default();
    for seed in 1..=20 {
        let outcome = World::new(Line {
            seed: seed * 7919,
            lost,
            repeated: 5,
            delay: 25_000,
            jitter: 5_000,
            reordered,
            packets: 5_000,
        })
        .run();
        all.lost += outcome.lost;
        all.recovered += outcome.recovered;
        all.requests += outcome.requests;
        all.key_frames += outcome.key_frames;
    }
    println!(
        "{} % lost in both directions, {} % out of order: {all:?}, {:.3} requests per lost packet",
        lost / 10,
        reordered / 10,
        all.requests as f64 / all.lost.max(1) as f64
    );
    all
}

/// 100,000 packets over a line of 50 ms round trip whose jitter is 5 ms; one in a hundred is out of order.
#[test]
fn five_percent_of_loss_take_few_requests() {
    let outcome = simulate(50, 10);
    assert!(outcome.lost > 4_000);
    assert!(outcome.requests * 2 <= outcome.lost * 3, "{outcome:?}");
    assert_eq!(outcome.recovered, outcome.lost);
}

#[test]
fn twenty_percent_of_loss_start_no_storm() {
    let outcome = simulate(200, 10);
    assert!(outcome.lost > 16_000);
    assert!(outcome.requests * 2 <= outcome.lost * 5, "{outcome:?}");
    assert!(
        outcome.recovered * 1000 >= outcome.lost * 995,
        "{outcome:?}"
    );
}

/// Each packet takes from 25 to 30 ms, whatever those before it take: dozens overtake each other all the time, and
/// none is lost.
#[test]
fn a_line_that_only_reorders_is_asked_for_little() {
    let outcome = simulate(0, 1000);
    assert_eq!(outcome.lost, 0);
    assert!(outcome.requests < 100_000 / 100, "{outcome:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    /// Whatever the line does: what is lost comes or is given up and said, nothing that came is asked for, and all
    /// ends. The assertions are the world's.
    #[test]
    fn every_loss_is_settled(
        seed in any::<u64>(),
        lost in 0_u64..700,
        repeated in 0_u64..300,
        delay in 0_u64..300_000,
        jitter in 0_u64..60_000,
        reordered in prop_oneof![Just(0), Just(1000), 0_u64..1000],
    ) {
        World::new(Line { seed, lost, repeated, delay, jitter, reordered, packets: 800 }).run();
    }

    #[test]
    fn no_numbers_panic(
        steps in prop::collection::vec((any::<u16>(), any::<u32>(), 0_u64..100_000, any::<bool>()), 0..400),
        rate in any::<u32>(),
    ) {
        let mut arrivals = Arrivals::asking(rate);
        let mut now = 0;
        for (sequence, timestamp, gap, again) in steps {
            now += gap;
            let moment = Moment::from_micros(now);
            let via = if again { Via::Retransmission } else { Via::Stream };
            let _ = arrivals.note(moment, sequence, timestamp, via);
            prop_assert!(arrivals.requests(moment).len() <= MISSING_PACKETS);
            let _ = arrivals.poll_key_frame();
            prop_assert!(arrivals.next_timeout().is_none_or(|due| due > moment));
            let _ = arrivals.report(moment, 1);
        }
    }
}
