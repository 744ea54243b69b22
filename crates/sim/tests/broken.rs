//! A rule that is broken is found, by the invariant that is there for it.

use clap::ValueEnum as _;
use vestibule_sim::{Broken, Schedule, one};

/// So many schedules are enough to find any of them.
const ENOUGH: u64 = 10_000;

/// The first seed in which this invariant does not hold. Another may fail in more of them: once rows that should not be
/// are written, the nodes part as well.
fn found(broken: Broken) -> Option<u64> {
    (0..ENOUGH).find(|&seed| {
        let schedule = Schedule {
            seed,
            broken: Some(broken),
        };
        one(schedule, false).is_err_and(|failure| failure.violation.invariant == broken.found_by())
    })
}

#[test]
fn each_broken_rule_is_found_by_its_invariant() {
    std::thread::scope(|scope| {
        let (even, odd): (Vec<_>, Vec<_>) = (0..)
            .zip(Broken::value_variants())
            .partition(|(index, _)| index % 2 == 0);
        for half in [even, odd] {
            scope.spawn(|| {
                for (_, &broken) in half {
                    let seed = found(broken);
                    println!("{broken:?}: {seed:?}");
                    assert!(
                        seed.is_some(),
                        "{broken:?} is not found in {ENOUGH} schedules"
                    );
                }
            });
        }
    });
}
