//! What is shown of a promise, and how promises are counted.

use vestibule_clinic::estimate::{Estimator, Interval, Minutes, Promise};
use vestibule_clinic::limits::{COVERAGE_COUNT, COVERAGE_COUNTS};
use vestibule_vocab::Millis;

use crate::promises::{NOW, ago, minutes};

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
