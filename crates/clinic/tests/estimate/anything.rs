//! What holds whatever an estimator is told.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::FileFailurePersistence;
use vestibule_clinic::estimate::{Estimator, Interval, Promise, Server};
use vestibule_clinic::limits::{COVERAGE_COUNT, COVERAGE_COUNTS, ESTIMATED_WAIT};
use vestibule_vocab::{Millis, Timestamp};

use crate::promises::NOW;

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
    fn whatever_it_is_told_intervals_are_in_order_and_the_same_again(
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
        let queue = estimator.intervals(Timestamp(now), 20, &servers);
        for pair in queue.windows(2) {
            prop_assert!(pair[0].low <= pair[1].low && pair[0].high <= pair[1].high);
        }
        let stored = serde_json::to_string(&estimator).unwrap();
        let restored: Estimator = serde_json::from_str(&stored).unwrap();
        prop_assert_eq!(restored.interval(Timestamp(now), place, &servers), interval);
        let counts = estimator.coverage().recent();
        prop_assert!(counts.all() <= COVERAGE_COUNT * COVERAGE_COUNTS as u32);
    }
}
