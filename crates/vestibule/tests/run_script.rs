//! `scripts/run.sh` with programs that only write down what happens to them.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
#![allow(
    dead_code,
    reason = "of the support for processes only the signals are needed"
)]

mod support;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use support::PATIENCE;
use tempfile::TempDir;

/// Serves until it is told to stop.
const SERVER: &str = r#"#!/usr/bin/env bash
trap 'echo "server stops" >>"$RECORD"; exit 0' TERM
read -r _ _ _ _ group _ <"/proc/$$/stat"
echo "Vestibule is ready."
echo "server in group $group" >>"$RECORD"
echo link >"$3"
while :; do sleep 0.05; done
"#;

/// Takes a while to leave.
const PATIENTS: &str = r#"#!/usr/bin/env bash
trap 'sleep 0.3; echo "patients leave" >>"$RECORD"; exit "$LEAVING"' TERM
echo "patients come" >>"$RECORD"
while :; do sleep 0.05; done
"#;

const CARGO: &str = "#!/bin/sh\nexit 0\n";

/// A folder for what is built, and what was recorded.
struct Stage(TempDir);

impl Stage {
    fn new() -> Self {
        let stage = Self(tempfile::tempdir().unwrap());
        fs::create_dir(stage.path().join("debug")).unwrap();
        stage.program("debug/vestibule", SERVER);
        stage.program("debug/vestibule-demo", PATIENTS);
        stage.program("cargo", CARGO);
        stage
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn program(&self, name: &str, text: &str) {
        let file = self.path().join(name);
        fs::write(&file, text).unwrap();
        fs::set_permissions(file, fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// Starts the script as the leader of a group, as a terminal does.
    fn run(&self, leaving: u8) -> Child {
        let _ = fs::remove_file(self.path().join("record"));
        let path = format!(
            "{}:{}",
            self.path().display(),
            std::env::var("PATH").unwrap()
        );
        Command::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../scripts/run.sh"))
            .env("PATH", path)
            .env("CARGO_TARGET_DIR", self.path())
            .env("RECORD", self.path().join("record"))
            .env("LEAVING", leaving.to_string())
            .env("DEMO", "1")
            .env("DEMO_GRACE", "1")
            .stdout(Stdio::piped())
            .process_group(0)
            .spawn()
            .unwrap()
    }

    fn recorded(&self) -> String {
        fs::read_to_string(self.path().join("record")).unwrap_or_default()
    }

    fn await_record(&self, text: &str) {
        let began = Instant::now();
        while !self.recorded().contains(text) {
            assert!(began.elapsed() < PATIENCE, "no {text:?} was recorded");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

/// Tells the whole group to stop, as a terminal does; what was said until the end.
fn stop(script: Child) -> String {
    let group = format!("-{}", script.id());
    let sent = Command::new("kill").args(["-TERM", "--", &group]).status();
    assert!(sent.unwrap().success());
    let output = script.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(143));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_patients_leave_before_the_server_stops() {
    let stage = Stage::new();
    let script = stage.run(0);
    let own_group = format!("group {}\n", script.id());
    stage.await_record("patients come");
    let said = stop(script);
    let recorded = stage.recorded();
    assert!(
        recorded.ends_with("patients leave\nserver stops\n"),
        "{recorded}"
    );
    assert!(!recorded.contains(&own_group), "Ctrl-C reaches the server");
    let ready = said.find("Vestibule is ready.").unwrap();
    assert!(
        ready < said.find("Simulated patients are built").unwrap(),
        "{said}"
    );
}

#[test]
fn new_patients_wait_for_the_places_of_those_who_could_not_leave() {
    let stage = Stage::new();
    for (leaving, waits) in [(1, false), (0, true), (0, false)] {
        let script = stage.run(leaving);
        stage.await_record("patients come");
        let said = stop(script);
        let waited = said.contains("new ones come when they have lost their places");
        assert_eq!(waited, waits, "{said}");
    }
}
