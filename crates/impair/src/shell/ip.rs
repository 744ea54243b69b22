//! The command `ip` of iproute2.

use std::io::ErrorKind;
use std::process::Command;

use anyhow::{Context as _, bail};

/// Runs `ip` with these words and gives what it prints.
pub(crate) fn ip(words: &[&str]) -> anyhow::Result<String> {
    let output = match Command::new("ip").args(words).output() {
        Ok(output) => output,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            bail!("the command `ip` is missing: install the package iproute2")
        }
        Err(error) => return Err(error).context("the command `ip` cannot be run"),
    };
    if !output.status.success() {
        let reason = String::from_utf8_lossy(&output.stderr);
        bail!("`ip {}` failed: {}", words.join(" "), reason.trim());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The same inside a namespace; `None` is the one that this program runs in.
pub(crate) fn ip_in(namespace: Option<&str>, words: &[&str]) -> anyhow::Result<String> {
    match namespace {
        None => ip(words),
        Some(namespace) => ip(&[&["-n", namespace], words].concat()),
    }
}
