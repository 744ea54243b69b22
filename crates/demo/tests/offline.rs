//! The simulated patients on a machine without a network. This file is its own program: it runs itself where there is
//! nothing but loopback; the copy is the clinic, and the SFU when it is called with `sfu`.

#![allow(clippy::unwrap_used, reason = "a test says by a panic what is wrong")]
#![allow(clippy::print_stdout, reason = "a test program tells its result")]

mod support;

use std::process::Command;
use std::sync::Arc;

use support::{Clinic, PATIENCE};
use tokio::time::timeout;
use vestibule_client::types::Source;
use vestibule_client::{Event, Stop};
use vestibule_sfu::SfuConfig;
use vestibule_signaling::Launch;

/// The word that says that this is the copy without a network; no filter for tests looks like it.
const OFFLINE: &str = "--offline";

/// Takes loopback up, which is down in a new namespace, and goes on with the copy.
const PREPARE: &str = "ip link set lo up && exec \"$@\"";

fn main() {
    let mut words = std::env::args().skip(1).peekable();
    match words.next().as_deref() {
        // Alone it is a filter for tests.
        Some("sfu") if words.peek().is_some_and(|it| it.starts_with("--bind")) => {
            run_the_sfu(words);
        }
        Some(OFFLINE) => the_practitioner_sees_a_simulated_patient(),
        _ => {
            without_a_network();
            // In the words of the test harness, for who adds results up.
            println!("test the_practitioner_sees_a_simulated_patient ... ok\n");
            println!("test result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out");
        }
    }
}

/// Runs a copy of this program in a namespace that is new. Root may make one; others may in a user namespace.
fn without_a_network() {
    let mut copy = Command::new("unshare");
    if !rustix::process::geteuid().is_root() {
        copy.args(["--user", "--map-root-user"]);
    }
    let ended = copy
        .args(["--net", "sh", "-c", PREPARE, "sh"])
        .arg(std::env::current_exe().unwrap())
        .arg(OFFLINE)
        .status()
        .unwrap();
    assert!(
        ended.success(),
        "in a namespace with loopback only: {ended}"
    );
}

fn run_the_sfu(words: impl Iterator<Item = String>) {
    let config = SfuConfig::from_args(words).unwrap();
    vestibule_sfu::run(&config, vestibule_sfu::inherited_listener().unwrap()).unwrap();
}

/// An SFU on all addresses, as the server starts it.
fn launch() -> Launch {
    let program = std::env::current_exe().unwrap();
    let config = SfuConfig {
        workers: 1,
        ..SfuConfig::default()
    };
    Arc::new(move |listener| vestibule_sfu::command(&program, &config, listener))
}

#[tokio::main]
async fn the_practitioner_sees_a_simulated_patient() {
    let mut clinic = Clinic::open(Some(launch())).await;
    let mut patients = clinic.patients();
    let seen = timeout(PATIENCE, async {
        clinic.admits_the_first().await;
        clinic.sees_a_picture().await
    })
    .await;
    // What it has started ends with it, also when nothing was seen.
    patients.kill().unwrap();
    patients.wait().unwrap();
    clinic.server.stop().await;
    assert_eq!(seen, Ok(None), "no picture of the patient");
}

impl Clinic {
    /// Waits for a frame of somebody's camera, or for the console's end.
    async fn sees_a_picture(&mut self) -> Option<Stop> {
        loop {
            tokio::select! {
                frame = self.heard.frames.recv() => {
                    if frame.unwrap().source == Source::Camera {
                        return None;
                    }
                }
                event = self.heard.events.recv() => {
                    if let Event::Stopped(why) = event.unwrap() {
                        return Some(why);
                    }
                }
            }
        }
    }
}
