//! What arrived is told: once or more, at the right times, in feedback that fits.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "in a test a panic is the verdict"
)]

use std::collections::BTreeMap;

use proptest::prelude::*;
use vestibule_rtp::limits::FEEDBACK_WINDOW;
use vestibule_rtp::rtcp::{ArrivalClock, Packet, TransportFeedback, packets};
use vestibule_rtp::{FeedbackBuilder, Moment, Told};

fn at(millis: u64) -> Moment {
    Moment::from_micros(millis * 1000)
}

/// Builds all there is, and hands each feedback over as it is read.
fn build_all(
    builder: &mut FeedbackBuilder,
    now: Moment,
    size: usize,
    mut read: impl FnMut(&TransportFeedback<'_>),
) -> usize {
    let mut buffer = vec![0xff; size];
    let mut built = 0;
    while let Some(length) = builder.build(now, 1, 2, &mut buffer) {
        built += 1;
        assert!(built < 2000, "building ends");
        let Some(Ok(Packet::TransportFeedback(feedback))) = packets(&buffer[..length]).next()
        else {
            panic!("feedback");
        };
        assert_eq!((feedback.sender, feedback.media), (1, 2));
        let (arrived, missing): (Vec<_>, Vec<_>) = feedback
            .statuses()
            .partition(|status| status.delta.is_some());
        let counted = [arrived, missing].map(|statuses| statuses.len() as u32);
        let Told { arrived, missing } = builder.last();
        assert_eq!([arrived, missing], counted);
        read(&feedback);
    }
    built
}

#[test]
fn nothing_is_told_of_nothing() {
    let mut builder = FeedbackBuilder::default();
    assert_eq!(builder.next_timeout(), None);
    assert_eq!(builder.build(at(0), 1, 2, &mut [0; 100]), None);
}

/// What is told at a moment: each number and whether it arrived.
fn told_at(builder: &mut FeedbackBuilder, now: Moment) -> Vec<(u16, bool)> {
    let mut told = Vec::new();
    build_all(builder, now, 1200, |feedback| {
        let numbers = (0..).map(|place| feedback.base.wrapping_add(place));
        let came = feedback.statuses().map(|status| status.delta.is_some());
        told.extend(numbers.zip(came));
    });
    told
}

/// A packet of a picture came, and then some of sound; all that was told at 1,040 ms.
fn with_pictures() -> FeedbackBuilder {
    let mut builder = FeedbackBuilder::default();
    for (number, millis) in [(1, 1000), (4, 1010), (7, 1030)] {
        builder.note(number, at(millis));
        if number == 1 {
            builder.is_picture(number, at(millis));
        }
    }
    assert_eq!(told_at(&mut builder, at(1040)).len(), 7);
    builder
}

#[test]
fn what_is_missing_behind_a_picture_is_told_when_more_of_it_came() {
    let mut builder = with_pictures();
    builder.note(9, at(1050));
    builder.is_picture(9, at(1050));
    builder.note(12, at(1060));
    assert_eq!(told_at(&mut builder, at(1090)), [(8, false), (9, true)]);
    let next = builder.next_timeout().unwrap();
    assert!(next > at(1090));
    assert_eq!(told_at(&mut builder, next), []);
    builder.note(14, at(1160));
    builder.is_picture(14, at(1160));
    let missing = [
        (10, false),
        (11, false),
        (12, true),
        (13, false),
        (14, true),
    ];
    assert_eq!(told_at(&mut builder, at(1190)), missing);
}

#[test]
fn what_is_missing_behind_a_picture_is_told_soon_even_if_no_more_of_it_comes() {
    let mut builder = with_pictures();
    builder.note(8, at(1050));
    builder.is_picture(8, at(1050));
    builder.note(10, at(1060));
    assert_eq!(told_at(&mut builder, at(1090)), [(8, true)]);
    let mut looks = 0;
    let mut now = at(1090);
    while told_at(&mut builder, now).is_empty() {
        now = builder.next_timeout().unwrap();
        looks += 1;
        assert!(looks < 10 && now <= at(1350), "{now:?}");
    }
    assert!(now >= at(1250), "{now:?}");
}

#[test]
fn what_is_missing_behind_a_picture_is_told_before_what_came_is_forgotten() {
    let mut builder = with_pictures();
    builder.note(8, at(1050));
    builder.is_picture(8, at(1050));
    for number in (10..).take(FEEDBACK_WINDOW / 2) {
        builder.note(number, at(1060));
    }
    assert_eq!(
        told_at(&mut builder, at(1061)).len(),
        2 + FEEDBACK_WINDOW / 2
    );
}

#[test]
fn where_only_sound_goes_all_is_told_at_once() {
    let mut builder = FeedbackBuilder::default();
    builder.note(1, at(0));
    assert_eq!(told_at(&mut builder, at(0)).len(), 1);
    builder.note(5, at(50));
    assert_eq!(told_at(&mut builder, at(60)).len(), 4);
}

#[test]
fn losses_are_told_and_a_late_packet_is_told_again() {
    let mut builder = FeedbackBuilder::default();
    builder.note(65_534, at(1000));
    builder.note(1, at(1010));
    let mut told = Vec::new();
    build_all(&mut builder, at(1050), 1200, |feedback| {
        assert_eq!((feedback.base, feedback.count), (65_534, 0));
        told.extend(feedback.statuses().map(|status| status.delta));
    });
    assert_eq!(
        told,
        [Some(160), None, None, Some(40)],
        "1,000 ms are 15 times 64 ms and 160 ticks"
    );
    builder.note(0, at(1060));
    builder.note(2, at(1070));
    builder.note(2, at(1080));
    told.clear();
    build_all(&mut builder, at(1100), 1200, |feedback| {
        assert_eq!((feedback.base, feedback.count), (0, 1));
        told.extend(feedback.statuses().map(|status| status.delta));
    });
    assert_eq!(told, [Some(144), Some(-200), Some(240)]);
    assert_eq!(builder.next_timeout(), None);
}

/// At 200 packets a second feedback comes each 50 ms, at ten a second each 100 ms, and in silence never.
#[test]
fn the_interval_follows_the_rate() {
    for (gap, expected) in [(5, 50), (7, 70), (50, 100), (150, 150)] {
        let mut builder = FeedbackBuilder::default();
        let mut built = Vec::new();
        for millis in 0..3000 {
            if millis % gap == 0 {
                builder.note((millis / gap) as u16, at(millis));
            }
            if builder.next_timeout().is_some_and(|due| due <= at(millis)) {
                build_all(&mut builder, at(millis), 1200, |_| {});
                built.push(millis);
            }
        }
        let steady = built[built.len() - 1] - built[built.len() - 11];
        assert!(steady.abs_diff(10 * expected) <= 50, "{gap} ms: {steady}");
        assert!(builder.next_timeout().is_none_or(|due| due <= at(3100)));
    }
}

#[test]
fn arrivals_far_apart_go_into_feedback_of_their_own() {
    let mut builder = FeedbackBuilder::default();
    builder.note(7, at(0));
    builder.note(8, at(9000));
    let mut clock = ArrivalClock::default();
    let mut told = Vec::new();
    let built = build_all(&mut builder, at(9000), 1200, |feedback| {
        told.extend(clock.read(feedback));
    });
    assert_eq!(built, 2);
    let apart = told[1].1.unwrap().since(told[0].1.unwrap());
    assert_eq!(apart.as_millis(), 9000);
}

#[test]
fn many_arrivals_are_told_at_once() {
    let mut builder = FeedbackBuilder::default();
    builder.note(0, at(0));
    build_all(&mut builder, at(0), 1200, |_| {});
    for sequence in 1..=512 {
        builder.note(sequence, at(1));
    }
    assert_eq!(builder.next_timeout(), Some(at(1)));
}

/// What is not told yet is not forgotten: neither what arrived, nor what is missing before it.
#[test]
fn what_is_not_told_yet_is_kept_however_much_comes_or_is_lost() {
    for (many, gap) in [(100, 1), (500, 1), (2, 500)] {
        let mut builder = FeedbackBuilder::default();
        let sent = (0..many).map(|packet| packet * gap);
        for (millis, sequence) in sent.clone().enumerate() {
            builder.note(sequence, at(millis as u64));
        }
        let (mut clock, mut told) = (ArrivalClock::default(), BTreeMap::new());
        let mut missing = 0;
        build_all(&mut builder, at(1000), 1200, |feedback| {
            missing += feedback.statuses().filter(|it| it.delta.is_none()).count();
            read(feedback, &mut clock, &mut told);
        });
        assert!(told.keys().copied().eq(sent), "{many} {gap}");
        let between: Vec<_> = told.values().zip(told.values().skip(1)).collect();
        assert!(between.iter().all(|(one, next)| *next - *one == 4), "1 ms");
        assert_eq!(missing, usize::from((many - 1) * (gap - 1)));
    }
}

#[test]
fn a_buffer_that_is_too_small_gets_nothing() {
    let mut builder = FeedbackBuilder::default();
    builder.note(0, at(0));
    for size in 0..24 {
        assert_eq!(builder.build(at(0), 1, 2, &mut vec![0; size]), None);
    }
    assert_eq!(builder.build(at(0), 1, 2, &mut [0; 24]), Some(24));
}

proptest! {
    /// Each arrival is told, with its time, whatever was lost, reordered or repeated and however small the buffer;
    /// and nothing else is.
    #[test]
    fn what_is_told_is_what_arrived(
        first in any::<u16>(),
        start in 0_u64..1 << 50,
        steps in prop::collection::vec((0_u64..20_000, 1_u16..4, 0_u16..30, 0_u8..20), 1..400),
        size in 28_usize..1200,
    ) {
        let (mut builder, mut clock) = (FeedbackBuilder::default(), ArrivalClock::default());
        let (mut now, mut newest) = (start, first);
        let (mut arrived, mut told) = (BTreeMap::new(), BTreeMap::new());
        let mut count = 0_u8;
        for (gap, ahead, back, kind) in steps {
            now += if kind == 0 { gap * 1000 } else { gap };
            let sequence = if kind < 16 {
                newest = newest.wrapping_add(ahead);
                newest
            } else {
                newest.wrapping_sub(back)
            };
            builder.note(sequence, Moment::from_micros(now));
            arrived.entry(sequence).or_insert(now / 250);
            if builder.next_timeout().is_some_and(|due| due.as_micros() <= now) {
                build_all(&mut builder, Moment::from_micros(now), size, |feedback| {
                    assert_eq!(feedback.count, count);
                    count = count.wrapping_add(1);
                    read(feedback, &mut clock, &mut told);
                });
            }
        }
        build_all(&mut builder, Moment::from_micros(now), size, |feedback| read(feedback, &mut clock, &mut told));
        prop_assert_eq!(builder.next_timeout(), None);
        // The receiver's origin is its own: all differ by the same.
        let offset = told.values().next().unwrap().wrapping_sub(*arrived.values().next().unwrap());
        prop_assert!(arrived.keys().eq(told.keys()));
        for (sequence, ticks) in arrived {
            prop_assert_eq!(told[&sequence].wrapping_sub(offset), ticks);
        }
    }

    #[test]
    fn no_numbers_panic(
        steps in prop::collection::vec((any::<u16>(), 0_u64..1_000_000, any::<bool>()), 0..300),
    ) {
        let mut builder = FeedbackBuilder::default();
        let mut now = 0;
        for (sequence, gap, build) in steps {
            now += gap;
            builder.note(sequence, Moment::from_micros(now));
            if build {
                build_all(&mut builder, Moment::from_micros(now), 200, |_| {});
            }
        }
    }
}

fn read(feedback: &TransportFeedback<'_>, clock: &mut ArrivalClock, told: &mut BTreeMap<u16, u64>) {
    for (sequence, arrived) in clock.read(feedback) {
        if let Some(arrived) = arrived {
            told.insert(sequence, arrived.as_micros() / 250);
        }
    }
}
