//! Every invariant holds in some thousand schedules. `make sim SEEDS=1000000` runs more.

#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::collections::BTreeSet;

use vestibule_sim::{Broken, Schedule, all, limits, one};

const SEEDS: u64 = 3_000;

#[test]
fn whatever_happens_every_invariant_holds() {
    match all(0..SEEDS, 2, None) {
        Ok(figures) => {
            assert_eq!(figures.schedules, SEEDS);
            let most = limits::MOST_INPUTS * SEEDS;
            assert!(figures.commits > most / 4, "much is accepted: {figures:?}");
            let met = figures.conflicts > SEEDS;
            assert!(met, "the nodes are in each other's way: {figures:?}");
        }
        Err(failure) => panic!("{}\n{}", failure.violation, failure.schedule),
    }
}

#[test]
fn a_seed_is_the_same_schedule_each_time() {
    let broken = Some(Broken::UrgentAboveAll);
    let found = all(0..1_000, 1, broken).expect_err("it is found");
    let again = one(found.schedule, true).expect_err("and found again");
    assert_eq!(found.violation, again.violation);
    assert!(again.trace.lines().count() > 10, "what led to it is told");
    let seed = found.schedule.seed;
    let command = format!("cargo run -p vestibule-sim -- --seed {seed} --broken urgent-above-all");
    assert_eq!(found.schedule.to_string(), command);
}

#[test]
fn another_seed_is_another_schedule() {
    let figures = (0..20).filter_map(|seed| {
        let figures = one(Schedule { seed, broken: None }, false).ok()?;
        Some((figures.commits, figures.conflicts))
    });
    let different: BTreeSet<_> = figures.collect();
    assert!(different.len() > 10, "{different:?}");
}
