//! The commands of whoever runs the server, beside the running server.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test says by a panic what is wrong"
)]

#[path = "../../../signaling/tests/support/client/mod.rs"]
mod client;
mod support;

use std::path::Path;
use std::process::Output;

use client::Device;
use serde_json::Value;
use support::{Serving, free_port, program};
use vestibule_protocol::client::Request;

fn run(data: &Path, arguments: &[&str]) -> Output {
    let mut command = program(arguments);
    command.args(["--data", data.to_str().unwrap()]);
    command.output().unwrap()
}

/// What a command says, which went well.
fn said(data: &Path, arguments: &[&str]) -> String {
    let output = run(data, arguments);
    let errors = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{arguments:?}: {errors}");
    String::from_utf8(output.stdout).unwrap()
}

/// The code and the words of a command that did not go well.
fn complained(data: &Path, arguments: &[&str]) -> (i32, String) {
    let output = run(data, arguments);
    let text = [output.stdout, output.stderr].concat();
    (
        output.status.code().unwrap(),
        String::from_utf8(text).unwrap(),
    )
}

#[tokio::test]
async fn a_visit_is_explained_exported_and_erased_while_the_server_runs() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path();
    let serving = Serving::start(data, free_port(), &[]);
    assert_eq!(
        said(data, &["audit", "verify"]),
        "The audit log is empty.\n"
    );
    let mut ada = Device::new(serving.address());
    let token = ada.walk_in(&serving.secret("patient_link")).await.unwrap();
    ada.claim(&token).await.unwrap();
    let mut page = ada.open().await;
    page.arrive("Ada Lovelace", "").await.unwrap();
    let seen = page.patient(|it| it.visit.is_some()).await;
    let visit = seen.visit.unwrap().visit.to_text();

    let whole = said(data, &["audit", "verify"]);
    assert!(
        whole.starts_with("The only entry of the audit log is whole."),
        "{whole}"
    );
    let story = said(data, &["audit", "explain", &visit, "--zone", "UTC"]);
    assert!(
        story.contains(" walked in without an appointment."),
        "{story}"
    );
    assert!(!story.contains("Ada"));
    let (code, text) = complained(
        data,
        &["audit", "explain", "0d6bb3f4-7a1c-4f5e-9c0e-2f1d3a4b5c6d"],
    );
    assert!(code == 1 && text.contains("knows no visit"), "{text}");

    let hook = webhook_for_leaving(data);
    page.ask(Request::Leave).await.unwrap();
    webhook_is_replayed_and_removed(data, &hook);

    let patient = story.split_once("Patient ").unwrap().1;
    let patient = patient.split_once(' ').unwrap().0;
    let export: Value = serde_json::from_str(&said(data, &["export", patient])).unwrap();
    assert_eq!(export["visits"][0]["name"], "Ada Lovelace");
    assert!(said(data, &["erase", patient]).ends_with("is erased, in 1 visit.\n"));
    let again = said(data, &["erase", patient]);
    assert!(again.starts_with("Nothing is left to erase"), "{again}");
    let (code, text) = complained(data, &["erase", "00000000-0000-0000-0000-000000000000"]);
    assert!(
        code == 1 && text.contains("nothing is known of patient"),
        "{text}"
    );
    let export = said(data, &["export", patient]);
    assert!(!export.contains("Ada"), "{export}");
    let whole = said(data, &["audit", "verify"]);
    // That she came, that she left, and that it was erased.
    assert!(whole.starts_with("All 3 entries"), "{whole}");
    serving.end_by("TERM");
}

/// Adds a webhook that is told of those who leave; its id.
fn webhook_for_leaving(data: &Path) -> String {
    let added = said(
        data,
        &[
            "webhook",
            "add",
            "https://127.0.0.1:1/in",
            "--kind",
            "visit.left",
        ],
    );
    let hook = added.split_whitespace().nth(1).unwrap().to_owned();
    assert!(added.contains("whsec_"), "{added}");
    hook
}

fn webhook_is_replayed_and_removed(data: &Path, hook: &str) {
    let replayed = said(
        data,
        &["webhook", "replay", hook, "--since", "2020-01-01T00:00:00Z"],
    );
    assert!(replayed.starts_with("1 event is sent again"), "{replayed}");
    let listed = said(data, &["webhook", "list"]);
    assert!(listed.contains("to be sent: 1, given up: 0"), "{listed}");
    assert!(!listed.contains("whsec_"), "{listed}");
    let (code, text) = complained(
        data,
        &["webhook", "add", "https://example.org/", "--kind", "visit"],
    );
    assert!(code != 0 && text.contains("visit.arrived"), "{text}");
    said(data, &["webhook", "remove", hook]);
}
