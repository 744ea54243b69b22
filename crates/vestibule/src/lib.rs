//! The Vestibule server as a library: all of the program but its `main`.
//!
//! `vestibule serve` runs everything, `vestibule sfu` is the part that it starts as a process of its own; the other
//! commands look at the store or change it beside them.

mod administration;
mod announcement;
mod api_keys;
mod arguments;
mod oidc;
mod pages;
mod serve;
mod sfu;

use std::process::ExitCode;

use arguments::{Arguments, Command};
use clap::Parser as _;
pub use sfu::RunSfu;

/// Does what the command line says. `run_sfu` is how this program runs its media process.
#[must_use]
pub fn main(run_sfu: RunSfu) -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::ApiKey(what) => api_keys::run(&what).map(|()| ExitCode::SUCCESS),
        Command::Serve(arguments) => serve::run(&arguments).map(|()| ExitCode::SUCCESS),
        Command::Audit(arguments) => administration::audit(&arguments),
        Command::Webhook(arguments) => administration::webhook(arguments),
        Command::Export(arguments) => administration::export(&arguments),
        Command::Erase(arguments) => administration::erase(&arguments),
        Command::Sfu(arguments) => sfu::run(arguments.rest, run_sfu).map(|()| ExitCode::SUCCESS),
    };
    match outcome {
        Ok(code) => code,
        Err(error) => complain(&error),
    }
}

/// Says in one sentence why the program ends.
#[allow(
    clippy::print_stderr,
    reason = "the last words of a command-line program"
)]
fn complain(error: &anyhow::Error) -> ExitCode {
    eprintln!("vestibule: {error:#}");
    ExitCode::FAILURE
}
