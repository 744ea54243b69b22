//! A program that cannot do what it is for says why in one sentence, and what to do.

#![allow(clippy::unwrap_used, reason = "a test says by a panic what is wrong")]

use std::process::{Command, Output};
use std::sync::Arc;

use vestibule_client::{Device, Event, Link, Participant};
use vestibule_signaling::{Server, Settings};

const TWO_PARTY: &str = env!("CARGO_BIN_EXE_two_party");
const PATIENT: &str = env!("CARGO_BIN_EXE_headless_patient");

/// A server without media.
struct Clinic {
    server: Server,
    _data: tempfile::TempDir,
}

impl Clinic {
    async fn open() -> Self {
        let data = tempfile::tempdir().unwrap();
        let mut settings = Settings::new(data.path().join("data"));
        settings.http = Some(([127, 0, 0, 1], 0).into());
        let server = Server::start(settings).await.unwrap();
        Self {
            server,
            _data: data,
        }
    }

    fn links(&self) -> [String; 2] {
        let url = self.server.addresses().url(None);
        let links = self.server.links();
        let practitioner = &links.practitioners.first().unwrap().link;
        [&links.patient, practitioner].map(|link| format!("{url}{}", link.expose()))
    }
}

async fn run(program: &'static str, arguments: Vec<String>) -> Output {
    let run = move || {
        let mut command = Command::new(program);
        command.args(arguments).env("RUST_BACKTRACE", "1").output()
    };
    tokio::task::spawn_blocking(run).await.unwrap().unwrap()
}

/// The one line of a program that failed.
async fn complaint(program: &'static str, arguments: Vec<String>) -> String {
    let output = run(program, arguments).await;
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(said.lines().count(), 1, "{said}");
    said
}

#[tokio::test]
async fn a_link_that_was_used_is_said_to_need_another() {
    let clinic = Clinic::open().await;
    let [patient, practitioner] = clinic.links();
    let link = Link::parse(&practitioner).unwrap();
    let console = Arc::new(Device::by_link(&link).await.unwrap());
    let said = complaint(TWO_PARTY, vec![patient, practitioner]).await;
    assert!(
        said.contains("start it again and take the new link"),
        "{said}"
    );

    // And nobody came.
    let (_console, mut heard) = Participant::open(console, None, None).unwrap();
    loop {
        if let Event::Practitioner(seen) = heard.events.recv().await.unwrap() {
            assert!(seen.waiting.is_empty());
            break;
        }
    }
}

#[tokio::test]
async fn other_failures_are_a_sentence_too() {
    let nowhere = "http://127.0.0.1:1/visit#w=abc".to_owned();
    let no_link = "http://127.0.0.1:1/visit".to_owned();
    for (program, arguments, word) in [
        (TWO_PARTY, vec![], "usage"),
        (TWO_PARTY, vec![nowhere.clone(), nowhere.clone()], "reached"),
        (PATIENT, vec![], "usage"),
        (PATIENT, vec![nowhere], "reached"),
        (PATIENT, vec![no_link], "#w="),
    ] {
        let said = complaint(program, arguments).await;
        assert!(said.contains(word), "{said}");
    }
}
