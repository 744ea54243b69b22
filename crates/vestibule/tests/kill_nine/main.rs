//! `kill -9` of the real signaling process in the midst of a storm of arrivals and admissions: what
//! a client saw acknowledged is there after the restart, and nobody is in two places.
//!
//! The points are random and come from a seed that is printed; `SEED=n` tells the same points again.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    clippy::unwrap_used,
    clippy::wildcard_enum_match_arm,
    unreachable_pub,
    reason = "a test says by a panic what is wrong"
)]

#[path = "../../../../signaling/tests/support/client/mod.rs"]
mod client;
mod dice;
mod inspection;
mod ledger;
mod storm;
#[path = "../support/mod.rs"]
mod support;

use std::sync::Arc;
use std::time::Duration;

use client::Device;
use dice::Dice;
use ledger::Ledger;
use storm::{Patient, Practitioner};
use support::{Serving, free_port};
use tokio::time::timeout;

const ROUNDS: u32 = 50;
/// Patients who are there at the beginning of a round.
const PATIENTS: usize = 9;
/// The server is killed when fewer than so many deeds were acknowledged in the round.
const DEEDS: u64 = 36;
/// Or when nothing more is to be expected.
const CALM: Duration = Duration::from_millis(500);
/// And up to so many microseconds after the last of them, which is when it writes the next ones.
const MICROSECONDS: u64 = 6_000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_client_saw_acknowledged_survives_kill_nine() {
    let seed = std::env::var("SEED")
        .ok()
        .and_then(|seed| seed.parse().ok());
    let seed = seed.unwrap_or_else(|| u64::from(std::process::id()));
    eprintln!("SEED={seed}");
    let mut dice = Dice::new(seed);
    let data = tempfile::tempdir().unwrap();
    let port = free_port();
    let ledger = Arc::new(Ledger::default());

    let mut serving = Serving::start(data.path(), port, &[]);
    let mut practitioner = Practitioner::new(claim(&serving).await);
    let mut patients: Vec<Patient> = Vec::new();
    for round in 0..ROUNDS {
        while patients.len() < PATIENTS {
            let device = walk_in(&serving).await;
            patients.push(Patient::new(device, ledger.newcomer()));
        }
        let deeds = dice.below(DEEDS);
        let moment = Duration::from_micros(dice.below(MICROSECONDS));
        let enough = ledger.clone();
        let enough = async move { enough.more_acknowledged(deeds).await };
        let storm = storm::begin(practitioner, patients, &ledger, &mut dice);
        // When everybody has left, nothing more comes, and that is a moment like any other.
        let _ = timeout(CALM, enough).await;
        tokio::time::sleep(moment).await;
        serving.kill_nine();
        (practitioner, patients) = storm.settle().await;
        serving = Serving::start(data.path(), port, &[]);
        inspection::inspect(round, &practitioner, &patients, &ledger).await;
        patients.retain(|patient| !ledger.is_over(patient.number));
    }
    let counted = ledger.counted();
    eprintln!("{counted:?}");
    assert!(
        counted.arrivals > ROUNDS && counted.admissions > 5 && counted.messages > 20,
        "a storm: {counted:?}"
    );
    assert_eq!(serving.end_by("TERM").code(), Some(0));
}

async fn claim(serving: &Serving) -> Device {
    let mut device = Device::new(serving.address());
    device
        .claim(&serving.secret("practitioner_link"))
        .await
        .unwrap();
    device
}

async fn walk_in(serving: &Serving) -> Device {
    let mut device = Device::new(serving.address());
    let token = device
        .walk_in(&serving.secret("patient_link"))
        .await
        .unwrap();
    device.claim(&token).await.unwrap();
    device
}
