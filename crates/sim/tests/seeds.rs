//! Every invariant holds in some thousand schedules. `make sim SEEDS=1000000` runs more.

#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::collections::BTreeSet;

use vestibule_sim::{Broken, Happened, Schedule, all, limits, one};

const SEEDS: u64 = 3_000;

#[test]
fn whatever_happens_every_invariant_holds() {
    match all(0..SEEDS, 2, None) {
        Ok(figures) => {
            assert_eq!(figures.schedules, SEEDS);
            let most = limits::MOST_INPUTS * SEEDS;
            assert!(figures.commits > most / 4, "much is accepted: {figures:?}");
            let met = figures.behind > 10 * SEEDS;
            assert!(met, "the nodes read what each other wrote: {figures:?}");
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
    let command =
        format!("cargo run --bin vestibule-sim -- --seed {seed} --broken urgent-above-all");
    assert_eq!(found.schedule.to_string(), command);
}

#[test]
fn another_seed_is_another_schedule() {
    let different: BTreeSet<_> = (0..20).map(|seed| well(seed).trace).collect();
    assert_eq!(different.len(), 20);
}

/// Whatever can happen to a visit happens in some schedule, and every reason there is for an overtake.
#[test]
fn everything_happens() {
    let told: String = (0..1_000)
        .flat_map(|seed| well(seed).audit)
        .map(|entry| format!("{:?}", entry.act))
        .collect();
    for act in [
        "ServiceSet",
        "DutySet",
        "Booked",
        "WalkedIn",
        "Ranked",
        "Redirected",
        "WaitedOn",
        "Gated",
        "Consented",
        "PractitionerSet",
        "ClockSetForward",
        "Forgotten",
    ] {
        assert!(told.contains(act), "never {act}");
    }
    for event in [
        "Arrived",
        "Admitted",
        "Called",
        "CameBack",
        "Declined",
        "Left",
        "Stopped",
        "Cancelled",
        "Held",
        "Resumed",
        "Transferred",
        "Completed",
        "PatientLost",
        "PractitionerLost",
        "NotCome",
        "ExpectedAgain",
    ] {
        assert!(told.contains(&format!("event: {event}")), "never {event}");
    }
    for reason in [
        "Called",
        "Urgency",
        "Appointment",
        "NobodyBeforeWasReady",
        "Named",
        "ClinicalNeed",
        "Continuity",
        "QuickMatter",
        "ByAgreement",
        "WaitingRoomFirst",
    ] {
        assert!(
            told.contains(&format!("reason: {reason},")),
            "never {reason}"
        );
    }
    // The world's practitioners are not said to speak any language, so nobody is kept apart by one.
    for why in ["Away", "NotReady"] {
        assert!(told.contains(&format!("why: {why} }}")), "never {why}");
    }
}

/// And whatever can happen to a node.
#[test]
fn nodes_fail_in_every_way() {
    let told: String = (0..200).map(|seed| well(seed).trace).collect();
    for mishap in [
        "crashes\n",
        "crashes before the commit",
        "crashes after the commit",
        "does not hear whether it is written",
        "wrote lands",
        "wrote is rolled back",
        "hears that its batch was written",
        "hears that its batch was not written",
        "is taken to be gone",
        "was given up",
        "begins",
        "begins again",
        "the clock of First",
        "the clock of both is set forward",
        "lost: ",
        "late: ",
        "repeated: ",
        "StaleEpoch",
    ] {
        assert!(told.contains(mishap), "never {mishap}");
    }
}

fn well(seed: u64) -> Happened {
    one(Schedule { seed, broken: None }, true).expect("every invariant holds")
}
