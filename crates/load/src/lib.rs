//! `vestibule-load`: rooms of people with real ICE and DTLS-SRTP against a selective forwarding unit, all driven by
//! one thread, to learn what the server carries and at what cost. `docs/load.md` says how to use it.
//!
//! - [`wheel`], [`histogram`], [`search`] and [`traffic`] decide, and know no clock and no socket.
//! - `media` is the clients' side: sockets, handshakes, packets, and the loop that drives them.
//! - `server` starts what is put under load and has people join it, in a thread of its own.
//! - `ours` is where a connection passes from the one to the other.
//! - `run` is one run, `report` what is told of it, [`drops`] what the server dropped meanwhile; `find` has one measured after the other.

mod arguments;
mod clock;
mod compare;
mod cores;
pub mod drops;
mod find;
pub mod histogram;
pub mod limits;
mod machine;
mod media;
mod ours;
mod progress;
pub mod report;
mod run;
mod sdp;
pub mod search;
mod server;
mod task;
pub mod traffic;
pub mod wheel;

use std::process::ExitCode;

use clap::Parser as _;
use vestibule_sfu::SfuConfig;

use arguments::Arguments;

/// Does what the command line says.
#[must_use]
pub fn main() -> ExitCode {
    let mut words = std::env::args().skip(1);
    let outcome = if words.next().as_deref() == Some("sfu") {
        run_sfu(words)
    } else {
        task::perform(&Arguments::parse())
    };
    match outcome {
        Ok(code) => code,
        Err(error) => complain(&error),
    }
}

/// This program is also the SFU that it puts under load, as a process of its own.
fn run_sfu(words: impl Iterator<Item = String>) -> anyhow::Result<ExitCode> {
    let config = SfuConfig::from_args(words)?;
    vestibule_sfu::run(&config, vestibule_sfu::inherited_listener()?)?;
    Ok(ExitCode::SUCCESS)
}

/// Says in one sentence why the program ends.
#[allow(
    clippy::print_stderr,
    reason = "the last words of a command-line program"
)]
fn complain(error: &anyhow::Error) -> ExitCode {
    eprintln!("vestibule-load: {error:#}");
    ExitCode::FAILURE
}
