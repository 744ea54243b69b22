//! A network namespace that is removed again.

use std::path::Path;
use std::time::Instant;

use rustix::process::{Pid, Signal, kill_process};

use super::claim::{Claim, Number};
use super::ip::ip;
use crate::limits::{LEFTOVER_GRACE, LEFTOVER_LOOK};

/// A network namespace. It is removed when this is dropped, and what runs in it is ended.
#[derive(Debug)]
pub(crate) struct Namespace {
    name: String,
}

impl Namespace {
    pub(crate) fn make(name: String) -> anyhow::Result<Self> {
        ip(&["netns", "add", &name])?;
        let namespace = Self { name };
        ip(&["-n", &namespace.name, "link", "set", "lo", "up"])?;
        Ok(namespace)
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        remove(&self.name);
    }
}

/// Removes the namespaces of earlier lines that were killed. Theirs are those that nobody claims.
pub(crate) fn remove_leftovers() -> anyhow::Result<()> {
    for number in Number::all() {
        let name = number.namespace();
        if !exists(&name) {
            continue;
        }
        // Held meanwhile, so that nobody makes it anew just now.
        if let Some(_claim) = Claim::of(number)? {
            remove(&name);
        }
    }
    Ok(())
}

fn exists(name: &str) -> bool {
    Path::new("/run/netns").join(name).exists()
}

/// A namespace lives as long as a process is in it, so those go first.
fn remove(name: &str) {
    end_processes(name);
    // It may be half made, or removed by hand.
    let _ = ip(&["netns", "delete", name]);
}

fn end_processes(name: &str) {
    let deadline = Instant::now() + LEFTOVER_GRACE;
    signal_all(&processes(name), Signal::TERM);
    while Instant::now() < deadline {
        if processes(name).is_empty() {
            return;
        }
        std::thread::sleep(LEFTOVER_LOOK);
    }
    signal_all(&processes(name), Signal::KILL);
}

fn processes(name: &str) -> Vec<Pid> {
    let pids = ip(&["netns", "pids", name]).unwrap_or_default();
    let pids = pids.lines().filter_map(|line| line.trim().parse().ok());
    pids.filter_map(Pid::from_raw).collect()
}

fn signal_all(pids: &[Pid], signal: Signal) {
    for pid in pids {
        // It may have ended by itself.
        let _ = kill_process(*pid, signal);
    }
}
