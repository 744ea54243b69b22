//! The simulated patients go when they are told to: whoever looks at the console next finds nobody who is dead.

#![allow(clippy::unwrap_used, reason = "a test says by a panic what is wrong")]

use std::process::{Child, Command, ExitStatus};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::time::{sleep, timeout};
use vestibule_client::{Device, Event, Heard, Link, Participant};
use vestibule_protocol::server::PractitionerSnapshot;
use vestibule_signaling::{Server, Settings};

/// What nothing here ever takes.
const PATIENCE: Duration = Duration::from_secs(30);

/// How long the patients may take to go: whoever presses Ctrl-C waits for it.
const GOODBYE: Duration = Duration::from_secs(6);

/// A server without media, and the console of its practitioner.
struct Clinic {
    server: Server,
    patient_link: String,
    console: Participant,
    heard: Heard,
    _data: tempfile::TempDir,
}

impl Clinic {
    async fn open() -> Self {
        let data = tempfile::tempdir().unwrap();
        let mut settings = Settings::new(data.path().join("data"));
        settings.http = Some(([127, 0, 0, 1], 0).into());
        let server = Server::start(settings).await.unwrap();
        let url = server.addresses().url(None);
        let practitioner = &server.links().practitioners.first().unwrap().link;
        let link = format!("{url}{}", practitioner.expose());
        let device = Device::by_link(&Link::parse(&link).unwrap()).await.unwrap();
        let (console, heard) = Participant::open(Arc::new(device), None, None).unwrap();
        let patient_link = format!("{url}{}", server.links().patient.expose());
        Self {
            server,
            patient_link,
            console,
            heard,
            _data: data,
        }
    }

    fn patients(&self) -> Child {
        Command::new(env!("CARGO_BIN_EXE_vestibule-demo"))
            .args(["--link", &self.patient_link])
            .spawn()
            .unwrap()
    }

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

    /// The visit that is first in the queue, once there are as many.
    async fn admits_the_first(&mut self) {
        loop {
            let event = self.heard.events.recv().await.unwrap();
            if let Event::Practitioner(seen) = event
                && let Some(first) = seen.waiting.first()
            {
                return self.console.admit(first.visit, None).await.unwrap();
            }
        }
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
        let mut clinic = Clinic::open().await;
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
    let mut clinic = Clinic::open().await;
    let patients = clinic.patients();
    clinic.sees(|seen| !seen.waiting.is_empty()).await;
    clinic.server.stop().await;
    send("-TERM", &patients);
    assert_eq!(ends(patients).await.code(), Some(1));
}
