//! The tool as it is used, against the SFU as it is shipped.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "in a test a panic is the verdict"
)]

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::{Map, Value};

const PROGRAM: &str = env!("CARGO_BIN_EXE_vestibule-load");

/// Runs it on whichever cores are free: a test measures nothing.
fn load(words: &str) -> Output {
    let words = words.split(' ').chain(["--cpu", "none"]);
    Command::new(PROGRAM).args(words).output().unwrap()
}

fn report(words: &str) -> Value {
    let output = load(&format!("{words} --json"));
    let complaint = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{complaint}");
    serde_json::from_slice(&output.stdout).unwrap()
}

fn number(report: &Value, pointer: &str) -> u64 {
    let value = report.pointer(pointer).and_then(Value::as_u64);
    value.unwrap_or_else(|| panic!("no {pointer} in {report}"))
}

/// What the server dropped by its own count, by reason.
fn dropped(report: &Value) -> &Map<String, Value> {
    let dropped = report.pointer("/dropped").and_then(Value::as_object);
    dropped.unwrap_or_else(|| panic!("not known: {report}"))
}

fn all_is_delivered(report: &Value, others: u64) {
    let sent = number(report, "/packets/sent");
    assert!(sent > 0, "{report}");
    assert_eq!(
        number(report, "/packets/expected"),
        sent * others,
        "{report}"
    );
    assert_eq!(
        number(report, "/packets/delivered"),
        sent * others,
        "{report}"
    );
    assert_eq!(number(report, "/packets/strange"), 0, "{report}");
}

#[test]
fn two_rooms_of_two_receive_every_packet() {
    let report = report("--rooms 2 --seconds 2");
    all_is_delivered(&report, 1);
    dropped(&report);
    // 200 packets a second from each of four, and less only by what was left out in words.
    let skipped = number(&report, "/load/skipped");
    let sent = number(&report, "/packets/sent");
    assert!(sent + 5 * skipped > 1500, "{report}");
    let latency = report.pointer("/latency/p50_ms").unwrap();
    assert!(latency.as_f64().unwrap() > 0.0, "{report}");
    let cost = report.pointer("/server_cost/cpu_us_per_packet").unwrap();
    assert!(cost.as_f64().unwrap() > 0.0, "{report}");
}

#[test]
fn in_a_room_of_three_each_hears_two_without_feedback_too() {
    let words = "--rooms 1 --people 3 --seconds 1 --no-feedback --no-nack --workers 2";
    all_is_delivered(&report(words), 2);
}

#[test]
fn what_the_server_drops_is_told_with_its_reason() {
    // More sound than any voice is, in a room on each worker.
    let words =
        "--rooms 2 --workers 2 --seconds 1 --video-rate 0 --audio-rate 200 --audio-bytes 1000";
    let told = report(words);
    let missing = number(&told, "/packets/expected") - number(&told, "/packets/delivered");
    let explained = dropped(&told).get("too_much_sound").and_then(Value::as_u64);
    assert!(missing > 0 && explained >= Some(missing), "{told}");
    let table = String::from_utf8(load(words).stdout).unwrap();
    let row = table.lines().find(|row| row.starts_with("  dropped  "));
    let row = row.unwrap_or_else(|| panic!("no such row in {table}"));
    assert!(row.contains(" too_much_sound"), "{row}");
}

#[test]
fn large_bursts_and_pictures_alone_are_carried() {
    let words =
        "--rooms 1 --seconds 1 --burst 20 --video-rate 200 --video-bytes 1300 --audio-rate 0";
    all_is_delivered(&report(words), 1);
}

#[test]
fn the_search_for_the_most_rooms_tells_what_it_tried() {
    // Whatever this machine carries, a latency of no time at all is out of reach.
    let found = report("--find-max --rooms 2 --seconds 1 --p99 0");
    assert_eq!(found.pointer("/rooms"), Some(&Value::Null), "{found}");
    let tried = found.pointer("/tried").unwrap().as_array().unwrap();
    let mut rooms: Vec<u64> = tried
        .iter()
        .map(|step| number(step, "/report/rooms"))
        .collect();
    // On a noisy machine each is tried once more.
    rooms.dedup();
    assert_eq!(rooms, [2, 1]);
}

#[test]
fn a_server_that_fails_under_one_load_is_told_of_and_the_search_goes_on() {
    let directory = tempfile::tempdir().unwrap();
    let sfu = directory.path().join("sfu");
    // It ends at once the first time, and is the SFU from then on.
    let script = "#!/bin/sh\nmkdir \"$0.failed\" 2>/dev/null && exit 1\nexec PROGRAM \"$@\"\n";
    std::fs::write(&sfu, script.replace("PROGRAM", PROGRAM)).unwrap();
    std::fs::set_permissions(&sfu, Permissions::from_mode(0o700)).unwrap();
    let sfu = sfu.to_str().unwrap();
    let found = report(&format!("--find-max --rooms 2 --seconds 1 --sfu {sfu}"));
    assert_eq!(number(&found, "/tried/0/rooms"), 2);
    let why = found.pointer("/tried/0/failed").and_then(Value::as_str);
    assert!(why.is_some_and(|why| why.contains("SFU")), "{found}");
    assert_eq!(found.pointer("/tried/0/report"), None);
    assert_eq!(number(&found, "/tried/1/report/rooms"), 1);
    assert!(
        number(&found, "/tried/1/report/packets/delivered") > 0,
        "{found}"
    );
}

/// It ends with a sentence that has these words in it.
fn complains(words: &str, expected: &str) {
    let output = load(words);
    assert!(!output.status.success());
    let complaint = String::from_utf8(output.stderr).unwrap();
    assert!(complaint.contains(expected), "{complaint}");
}

#[test]
fn a_program_that_is_no_sfu_is_said_to_be_none() {
    complains("--rooms 1 --sfu /bin/false", "SFU");
}

/// The server that `make test` has built beside the tool.
fn product(words: &str) -> Value {
    let server = Path::new(PROGRAM).with_file_name("vestibule");
    assert!(
        server.is_file(),
        "build it first: cargo build --workspace --bin vestibule"
    );
    report(&format!("--product {words}"))
}

#[test]
fn everybody_who_is_admitted_receives_every_packet() {
    for words in ["--rooms 3 --seconds 1", "--rooms 2 --seconds 1 --cold"] {
        let report = product(words);
        all_is_delivered(&report, 1);
        dropped(&report);
        let length = |pointer| report.pointer(pointer).and_then(Value::as_f64);
        let (admission, join) = (length("/admission/p50_ms"), length("/first_packet/p50_ms"));
        assert!(admission.unwrap() > 0.0, "{report}");
        assert!(join.unwrap() > admission.unwrap(), "{report}");
        let people = 2 * number(&report, "/rooms");
        assert_eq!(number(&report, "/first_packet/count"), people, "{report}");
        assert_eq!(number(&report, "/admission/count"), people, "{report}");
        assert!(
            length("/signaling_cost/cpu_ms_per_room").unwrap() > 0.0,
            "{report}"
        );
    }
}

#[test]
fn a_consultation_of_more_than_two_is_said_to_be_none() {
    complains("--product --people 3", "two people");
}

#[test]
fn a_program_that_does_not_serve_is_said_not_to() {
    complains(
        "--product --rooms 1 --vestibule /bin/false",
        "does not serve",
    );
}
