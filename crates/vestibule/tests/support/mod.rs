//! The real program as a process of its own.

#![allow(
    dead_code,
    unused_imports,
    unreachable_pub,
    reason = "shared by test binaries that each use their own part"
)]
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    clippy::wildcard_enum_match_arm,
    reason = "a test says by a panic what is wrong"
)]

use std::io::{BufRead as _, BufReader};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use serde_json::Value;

/// What nothing here ever takes.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// A running `vestibule serve`.
pub struct Serving {
    child: Child,
    lines: Receiver<Value>,
    pub ready: Value,
}

/// A port of loopback that is free at this moment.
pub fn free_port() -> u16 {
    let probe = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    probe.local_addr().unwrap().port()
}

/// The program with these arguments.
pub fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_vestibule"));
    command.args(arguments);
    command
}

impl Serving {
    /// Starts, and waits for the line that says where the links are.
    pub fn start(data: &Path, port: u16, more: &[&str]) -> Self {
        let listen = format!("127.0.0.1:{port}");
        let data = data.to_str().unwrap();
        let mut command = program(&[
            "serve",
            "--json-links",
            "--log",
            "error",
            "--data",
            data,
            "--listen",
            &listen,
        ]);
        let mut child = command
            .args(["--media-ip", "127.0.0.1", "--media-workers", "1"])
            .args(more)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                let _ = sender.send(serde_json::from_str(&line).unwrap());
            }
        });
        let mut serving = Self {
            child,
            lines,
            ready: Value::Null,
        };
        serving.ready = serving.event("ready");
        serving
    }

    /// The next event of this name.
    pub fn event(&self, name: &str) -> Value {
        loop {
            let line = self.lines.recv_timeout(PATIENCE);
            let line = line.unwrap_or_else(|_| panic!("no event {name}"));
            if line["event"] == name {
                return line;
            }
        }
    }

    pub fn address(&self) -> SocketAddr {
        let url = self.ready["url"].as_str().unwrap();
        url.strip_prefix("http://").unwrap().parse().unwrap()
    }

    /// The secret part of a link.
    pub fn secret(&self, link: &str) -> String {
        let link = self.ready[link].as_str().unwrap();
        link.split_once('=').unwrap().1.to_owned()
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    pub fn sfu_pid(&self) -> u32 {
        u32::try_from(self.ready["sfu_pid"].as_u64().unwrap()).unwrap()
    }

    /// `kill -9`; the SFU is not told.
    pub fn kill_nine(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Sends a signal by its name, and waits for the end.
    pub fn end_by(mut self, signal: &str) -> ExitStatus {
        send(signal, self.child.id());
        let began = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(began.elapsed() < PATIENCE, "it does not end");
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        // A test that failed leaves no process behind; after the end there is nobody to kill.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Sends a signal to a process that a test started.
pub fn send(signal: &str, pid: u32) {
    let status = Command::new("kill")
        .args([format!("-{signal}"), pid.to_string()])
        .status();
    assert!(status.unwrap().success());
}

/// Whether a process is there and not a zombie.
pub fn is_running(pid: u32) -> bool {
    std::fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| {
        !stat
            .rsplit(')')
            .next()
            .unwrap_or_default()
            .starts_with(" Z")
    })
}

/// Waits until a process is gone.
pub fn await_end(pid: u32) {
    let began = Instant::now();
    while is_running(pid) {
        assert!(began.elapsed() < PATIENCE, "process {pid} does not end");
        std::thread::sleep(Duration::from_millis(10));
    }
}
