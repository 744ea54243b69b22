//! What `scripts/load-series.sh` has measured, with a load tool that only says what it was told.

#![allow(clippy::unwrap_used, reason = "in a test a panic is the verdict")]

use std::path::Path;
use std::process::Command;

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../scripts/load-series.sh");

/// How many rooms of so many people it is told to have, in the reports of a folder.
fn rooms(folder: &Path, people: u32) -> u32 {
    let report = folder.join(format!("people/1 worker/{people}.json"));
    let told = std::fs::read_to_string(report).unwrap();
    let mut words = told.split_ascii_whitespace();
    words.find(|word| *word == "--rooms").unwrap();
    words.next().unwrap().parse().unwrap()
}

#[test]
fn about_as_much_is_forwarded_whatever_the_number_of_people() {
    let folder = tempfile::tempdir().unwrap();
    let reports = folder.path().join("reports");
    let mut series = Command::new("bash");
    series.arg(SCRIPT).arg(&reports).env("LOAD", "echo");
    let short = [("ROOMS", "1"), ("PAYLOAD", "100"), ("WORKERS", "1")];
    series.envs(short).env_remove("SOME_ROOMS");
    assert!(series.status().unwrap().success());
    // Each packet of a room is forwarded to all others.
    let forwarded = |people: u32| rooms(&reports, people) * people * (people - 1);
    for people in 2..=5 {
        let (told, two) = (forwarded(people), forwarded(2));
        assert!(told.abs_diff(two) * 20 <= two, "{people}: {told}, {two}");
    }
}
