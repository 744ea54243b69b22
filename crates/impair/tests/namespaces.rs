//! The program with real namespaces and real packets. It needs /dev/net/tun, and root or the right to
//! make user namespaces.
//!
//! No test depends on time: a time limit only ends a test that hangs.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "in a test a panic is the verdict"
)]

#[path = "support/bad_line.rs"]
mod bad_line;

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use bad_line::{
    BadLine, Foretold, HANGS, PROGRAM, connect, in_own_network, receive_until, send, socket_in,
};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use vestibule_impair::{Direction, Line};

fn namespaces() -> BTreeSet<String> {
    let entries = std::fs::read_dir("/run/netns").into_iter().flatten();
    let names = entries.flatten().map(|entry| entry.file_name());
    names
        .map(|name| name.to_string_lossy().into_owned())
        .collect()
}

/// A namespace that no line has made.
struct Elsewhere(String);

impl Elsewhere {
    fn make() -> Self {
        let elsewhere = Self(format!("impairtest-{}", std::process::id()));
        elsewhere.ip("add");
        elsewhere
    }

    fn ip(&self, verb: &str) {
        let ip = Command::new("ip").args(["netns", verb, &self.0]).status();
        assert!(ip.unwrap().success());
    }
}

impl Drop for Elsewhere {
    fn drop(&mut self) {
        self.ip("delete");
    }
}

fn run(arguments: &[&str]) -> Output {
    Command::new(PROGRAM).args(arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn signal(child: &Child, signal: Signal) {
    let pid = Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap();
    kill_process(pid, signal).unwrap();
}

fn wait(child: &mut Child) -> std::process::ExitStatus {
    let deadline = Instant::now() + HANGS;
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return status;
        }
        assert!(Instant::now() < deadline, "it does not end");
        thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn a_clean_line_carries_everything_in_order_both_ways() {
    in_own_network(|| {
        let line = BadLine::start(&[]);
        let (near, far) = line.sockets();
        send(&near, 0..200);
        assert_eq!(receive_until(&far, 199), (0..200).collect::<Vec<_>>());
        send(&far, 0..200);
        assert_eq!(receive_until(&near, 199), (0..200).collect::<Vec<_>>());
        let ended = line.end();
        for direction in ["up", "down"] {
            assert_eq!(ended[direction]["received"], 200, "{ended}");
            assert_eq!(ended[direction]["delivered"], 200, "{ended}");
        }
    });
}

#[test]
fn what_the_machine_foretells_is_lost_and_nothing_else() {
    in_own_network(|| {
        const LOSSY: [&str; 2] = ["up loss=20%", "down loss=10%/3"];
        const LOSSLESS: &str = "loss=0%";
        let mut line = BadLine::start(&["--seed", "7"]);
        let mut foretold = Foretold(Line::new(7));
        let (near, far) = line.sockets();
        // In rounds that fit into a socket's buffer, each ended by a packet that is not lost.
        for round in 0..4 {
            let numbers = 1_000 * round..1_000 * round + 100;
            let last = numbers.end;
            for change in LOSSY {
                assert_eq!(line.order(&format!("set {change}"))["event"], "done");
                foretold.change(change);
            }
            send(&near, numbers.clone());
            send(&far, numbers.clone());
            line.wait_for("received", 101 * round + 100);
            assert_eq!(line.order(&format!("set {LOSSLESS}"))["event"], "done");
            send(&near, [last]);
            send(&far, [last]);
            for (direction, end) in [(Direction::Up, &far), (Direction::Down, &near)] {
                let mut expected = foretold.pass(direction, numbers.clone());
                assert!(expected.len() < 100);
                expected.push(last);
                assert_eq!(receive_until(end, last), expected);
            }
            foretold.change(LOSSLESS);
            for direction in Direction::BOTH {
                foretold.pass(direction, [last]);
            }
        }
    });
}

#[test]
fn in_a_blackout_nothing_arrives_and_after_it_everything() {
    in_own_network(|| {
        let mut line = BadLine::start(&[]);
        let (near, far) = line.sockets();
        send(&near, 0..50);
        assert_eq!(receive_until(&far, 49).len(), 50);
        assert_eq!(line.order("blackout on")["event"], "done");
        send(&near, 50..100);
        send(&far, 50..100);
        line.wait_for("blacked_out", 50);
        assert_eq!(line.order("blackout off")["event"], "done");
        send(&near, [100]);
        send(&far, [100]);
        assert_eq!(receive_until(&far, 100), [100]);
        assert_eq!(receive_until(&near, 100), [100]);
    });
}

#[test]
fn everything_twice_is_everything_twice() {
    in_own_network(|| {
        let line = BadLine::start(&["--duplicate", "100%", "--delay", "5ms", "--jitter", "3ms"]);
        let (near, far) = line.sockets();
        send(&near, 0..100);
        let twice = |number| [number, number];
        let mut expected: Vec<_> = (0..100).flat_map(twice).collect();
        expected.pop();
        assert_eq!(receive_until(&far, 99), expected);
    });
}

#[test]
fn the_other_end_can_be_in_another_namespace() {
    in_own_network(|| {
        let elsewhere = Elsewhere::make();
        let line = BadLine::start(&["--far", &elsewhere.0]);
        assert_eq!(line.word("far_namespace"), elsewhere.0);
        let far = socket_in(&elsewhere.0, line.word("far_address"));
        let near = socket_in(line.word("namespace"), line.word("address"));
        let (near, far) = connect(near, far);
        send(&near, [1]);
        assert_eq!(receive_until(&far, 1), [1]);
    });
}

#[test]
fn a_command_runs_behind_the_line_and_its_exit_code_is_handed_on() {
    in_own_network(|| {
        let output = run(&[
            "run",
            "--",
            "sh",
            "-c",
            "echo $IMPAIR_ADDRESS $IMPAIR_FAR_ADDRESS; ip -brief address show dev eth0; exit 7",
        ]);
        assert_eq!(output.status.code(), Some(7));
        let shown = text(&output.stdout);
        let addresses: Vec<_> = shown.split_whitespace().collect();
        assert!(addresses[1].starts_with("10.78."), "{shown}");
        assert!(shown.contains(&format!("{}/30", addresses[0])), "{shown}");
        let counters = text(&output.stderr);
        assert!(counters.contains("delivered"), "{counters}");
    });
}

#[test]
fn whoever_is_told_to_end_takes_the_command_and_the_namespace_along() {
    in_own_network(|| {
        for kind in [Signal::TERM, Signal::INT] {
            let mut child = Command::new(PROGRAM)
                .args(["run", "--json", "--", "sleep", "1000"])
                .stderr(Stdio::piped())
                .spawn()
                .unwrap();
            let mut words = BufReader::new(child.stderr.take().unwrap());
            let mut line = String::new();
            words.read_line(&mut line).unwrap();
            let ready: Value = serde_json::from_str(&line).unwrap();
            signal(&child, kind);
            // The code of a command that was ended by SIGTERM.
            assert_eq!(wait(&mut child).code(), Some(128 + 15));
            assert_gone(&ready);
        }
    });
}

#[test]
fn the_next_line_removes_what_a_killed_one_left() {
    in_own_network(|| {
        let mut line = BadLine::start(&[]);
        let namespace = line.word("namespace").to_owned();
        let mut inside = Command::new("ip")
            .args(["netns", "exec", &namespace, "sleep", "1000"])
            .spawn()
            .unwrap();
        line.child.kill().unwrap();
        line.child.wait().unwrap();
        let next = BadLine::start(&[]);
        assert!(!wait(&mut inside).success());
        let is_new = next.word("namespace") == namespace;
        assert!(is_new || !namespaces().contains(&namespace) || is_claimed(&namespace));
    });
}

#[test]
fn a_line_can_be_asked_and_stopped_from_elsewhere() {
    in_own_network(|| {
        let line = BadLine::start(&[]);
        let namespace = line.word("namespace");
        let asked = run(&["control", namespace, "set", "down", "rate=150k"]);
        assert_eq!(text(&asked.stdout), "{\"event\":\"done\"}\n");
        let refused = run(&["control", namespace, "set", "down", "rate=fast"]);
        assert!(text(&refused.stdout).contains("such as 150k"));
        assert!(!refused.status.success());
        let unknown = run(&["control", namespace, "explode"]);
        assert!(text(&unknown.stdout).contains("set, blackout, preset, counters or stop"));
        assert!(
            run(&["control", namespace, "preset", "squeeze"])
                .status
                .success()
        );
        let mut line = line;
        assert!(
            run(&["control", line.word("namespace"), "stop"])
                .status
                .success()
        );
        assert_eq!(line.answer()["event"], "ended");
        assert!(wait(&mut line.child).success());
        assert_gone(&line.ready);
    });
}

#[test]
fn who_writes_nonsense_is_told_what_to_write() {
    in_own_network(|| {
        for (arguments, hint) in [
            (["--loss", "5"], "such as 5%"),
            (["--delay", "40"], "such as 40ms"),
            (["--preset", "awful"], "squeeze"),
            (["--down", "speed=3"], "delay, jitter, loss"),
            (["--at", "20 rate=3M"], "such as 20s"),
            (["--schedule", "/nowhere"], "/nowhere cannot be read"),
            (["--far", "nowhere-at-all"], "nowhere-at-all"),
        ] {
            let output = run(&[&["run"], &arguments[..]].concat());
            assert!(!output.status.success());
            let complaint = text(&output.stderr);
            assert!(complaint.contains(hint), "{arguments:?}: {complaint}");
        }
        let output = run(&["control", "impair-nobody", "counters"]);
        assert!(text(&output.stderr).contains("no line runs"));
    });
}

/// Its namespace may have been made anew by another test meanwhile.
fn assert_gone(ready: &Value) {
    let namespace = ready["namespace"].as_str().unwrap();
    assert!(!namespaces().contains(namespace) || is_claimed(namespace));
}

fn is_claimed(namespace: &str) -> bool {
    let lock = format!("/run/vestibule-impair/{namespace}.lock");
    let lock = File::open(lock).unwrap();
    let operation = rustix::fs::FlockOperation::NonBlockingLockExclusive;
    rustix::fs::flock(&lock, operation).is_err()
}
