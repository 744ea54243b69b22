//! A clinic for the simulated patients.

#![allow(dead_code, reason = "each test file uses its part")]

use std::process::{Child, Command};
use std::sync::Arc;
use std::time::Duration;

use tempfile::TempDir;
use vestibule_client::{Device, Event, Heard, Link, Participant};
use vestibule_signaling::{Launch, Server, Settings};

/// What nothing here ever takes.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// A server, and the console of its practitioner.
pub(crate) struct Clinic {
    pub(crate) server: Server,
    patient_link: String,
    console: Participant,
    pub(crate) heard: Heard,
    _data: TempDir,
}

impl Clinic {
    /// Without a way to launch an SFU, there is no media.
    pub(crate) async fn open(sfu: Option<Launch>) -> Self {
        let data = tempfile::tempdir().unwrap();
        let mut settings = Settings::new(data.path().join("data"));
        settings.http = Some(([127, 0, 0, 1], 0).into());
        settings.sfu = sfu;
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

    pub(crate) fn patients(&self) -> Child {
        Command::new(env!("CARGO_BIN_EXE_vestibule-demo"))
            .args(["--link", &self.patient_link])
            .spawn()
            .unwrap()
    }

    /// Admits whoever is first in the queue, once somebody is.
    pub(crate) async fn admits_the_first(&mut self) {
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
