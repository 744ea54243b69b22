//! The program around the line: namespaces, devices, the relay, and how it is talked to.

mod arguments;
mod claim;
mod command;
mod control;
mod ip;
mod namespace;
mod order;
mod priority;
mod relay;
mod report;
mod rig;
mod run;
mod tunnel;

use std::io::Write as _;
use std::process::ExitCode;

use clap::Parser as _;

use crate::presets::PRESETS;
use arguments::{Arguments, Task};

/// Does what the command line says.
#[must_use]
pub fn main() -> ExitCode {
    let outcome = match Arguments::parse().task {
        Task::Run(run) => run::run(&run),
        Task::Control(control) => control::ask(&control.namespace, &control.words.join(" ")),
        Task::Presets => {
            say(&presets());
            Ok(ExitCode::SUCCESS)
        }
    };
    outcome.unwrap_or_else(|error| complain(&error))
}

fn presets() -> String {
    let line = |preset: &crate::Preset| format!("{:<10} {}\n", preset.name, preset.about);
    PRESETS.iter().map(line).collect()
}

/// Nobody may be reading.
fn say(text: &str) {
    let mut output = std::io::stdout().lock();
    let _ = output.write_all(text.as_bytes());
    let _ = output.flush();
}

/// Says in one sentence why the program ends.
#[allow(
    clippy::print_stderr,
    reason = "the last words of a command-line program"
)]
fn complain(error: &anyhow::Error) -> ExitCode {
    eprintln!("vestibule-impair: {error:#}");
    ExitCode::FAILURE
}
