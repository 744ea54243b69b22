//! `vestibule serve` as a process of its own, and what it says when it is up.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc::{Receiver, sync_channel};

use anyhow::Context as _;
use rustix::process::{Pid, Signal, kill_process};
use serde::Deserialize;

use super::ProductSettings;
use crate::cores::Cores;
use crate::limits::SERVER;
use crate::server::{Metrics, Process};

/// A running `vestibule serve`.
pub(super) struct Started {
    process: Process,
    events: Receiver<Event>,
    metrics: Metrics,
}

/// A line of its output.
#[derive(Debug, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
enum Event {
    Ready(Ready),
    SfuStarted {},
}

/// Where it can be reached, and by which links.
#[derive(Debug, Deserialize)]
pub(super) struct Ready {
    pub(super) url: String,
    pub(super) practitioner_links: Vec<String>,
    pub(super) patient_link: String,
    pub(super) signaling_pid: u32,
    pub(super) sfu_pid: Option<u32>,
}

impl Started {
    /// Starts it on the server's cores, with so many practitioners, and waits until it is up.
    pub(super) fn start(
        settings: &ProductSettings,
        (data, practitioners): (&Path, u32),
        cores: &Cores,
    ) -> anyhow::Result<(Self, Ready)> {
        let metrics = Metrics::choose()?;
        // It is told to end when this program ends, however that ends.
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "TERM"]).arg(&settings.program);
        command.args(["serve", "--json-links", "--listen", "127.0.0.1:0"]);
        command.args(["--metrics", &metrics.address().to_string()]);
        command
            .args(["--signaling-metrics", "off", "--data"])
            .arg(data);
        command.args(["--media-ip", &settings.address.to_string()]);
        command.args(["--media-workers", &settings.workers.to_string()]);
        for number in 1..=practitioners {
            command.arg(format!("--practitioner-name=Practitioner {number}"));
        }
        command.stdin(Stdio::null()).stdout(Stdio::piped());
        let mut process = Process::start(&mut command, cores)
            .context("setpriv is of the package util-linux: install it")?;
        let output = process.output().context("its output is not to be had")?;
        // What is beyond the first lines tells of failures; one is enough.
        let (sender, events) = sync_channel(4);
        std::thread::spawn(move || {
            let lines = BufReader::new(output).lines().map_while(Result::ok);
            for event in lines.filter_map(|line| serde_json::from_str(&line).ok()) {
                let _ = sender.try_send(event);
            }
        });
        let started = Self {
            process,
            events,
            metrics,
        };
        match started.events.recv_timeout(SERVER) {
            Ok(Event::Ready(ready)) => Ok((started, ready)),
            Ok(Event::SfuStarted {}) | Err(_) => {
                anyhow::bail!(
                    "{} does not serve: what it said stands above; try fewer --rooms",
                    settings.program.display()
                )
            }
        }
    }

    /// Where the process that forwards tells what it drops.
    pub(super) fn metrics(&self) -> Metrics {
        self.metrics
    }

    /// Why it is not what it was, if it is not.
    pub(super) fn check(&mut self) -> anyhow::Result<()> {
        anyhow::ensure!(
            self.events.try_recv().is_err(),
            "the SFU ended and was started again"
        );
        self.process.check()
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        let pid = i32::try_from(self.process.pid())
            .ok()
            .and_then(Pid::from_raw);
        let told = pid.map(|pid| kill_process(pid, Signal::TERM));
        // It stops its SFU, for which it has ten seconds.
        if told.is_some_and(|told| told.is_ok()) {
            self.process.wait();
        }
    }
}
