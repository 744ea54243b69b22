//! The simulated patients go when they are told to: whoever looks at the console next finds nobody who is dead.

#![allow(clippy::unwrap_used, reason = "a test says by a panic what is wrong")]

mod support;

use std::process::{Child, Command, ExitStatus};
use std::time::{Duration, Instant};

use support::{Clinic, PATIENCE};
use tokio::time::{sleep, timeout};
use vestibule_client::Event;
use vestibule_protocol::server::PractitionerSnapshot;

/// How long the patients may take to go: whoever presses Ctrl-C waits for it.
const GOODBYE: Duration = Duration::from_secs(6);

impl Clinic {
    /// Waits until the console shows this.
    async fn sees(&mut self, wanted: impl Fn(&PractitionerSnapshot) -> bool) {
        let seen = timeout(PATIENCE, async {
            loop {
                if let Event::Practitioner(seen) = self.heard.events.recv().await.unwrap()
                    && wanted(&seen)
                {
                    return seen;
                }
            }
        });
        seen.await.unwrap();
    }
}

fn send(signal: &str, child: &Child) {
    let pid = child.id().to_string();
    let sent = Command::new("kill").args([signal, &pid]).status().unwrap();
    assert!(sent.success());
}

async fn ends(mut child: Child) -> ExitStatus {
    let began = Instant::now();
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return status;
        }
        if began.elapsed() > GOODBYE {
            child.kill().unwrap();
        }
        sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn whoever_waits_or_is_in_a_consultation_leaves_when_told_to_stop() {
    for signal in ["-TERM", "-INT"] {
        let mut clinic = Clinic::open(None).await;
        let patients = clinic.patients();
        clinic.admits_the_first().await;
        clinic
            .sees(|seen| seen.consultation.is_some() && !seen.waiting.is_empty())
            .await;
        send(signal, &patients);
        // Twice, as when the terminal and the script both say it.
        send(signal, &patients);
        assert!(ends(patients).await.success(), "{signal}");
        clinic
            .sees(|seen| seen.consultation.is_none() && seen.waiting.is_empty())
            .await;
        clinic.server.stop().await;
    }
}

#[tokio::test]
async fn whoever_could_not_leave_says_so_and_ends_all_the_same() {
    let mut clinic = Clinic::open(None).await;
    let patients = clinic.patients();
    clinic.sees(|seen| !seen.waiting.is_empty()).await;
    clinic.server.stop().await;
    send("-TERM", &patients);
    assert_eq!(ends(patients).await.code(), Some(1));
}
