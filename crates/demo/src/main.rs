//! `vestibule-demo`: five simulated patients, so that somebody who looks at the console for the first time
//! has somebody to admit. They come by the walk-in link, wait, show a drawn picture and a soft tone when they
//! are admitted, answer what is written to them, and come back some time after the consultation. Told to stop,
//! they leave.
//!
//! It is a program of its own: the server never contains it.

mod cast;
mod limits;
mod patient;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context as _;
use clap::Parser;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tracing_subscriber::EnvFilter;
use vestibule_client::Link;

use limits::{AWAY, GOODBYE, LINK_LOOK, LINK_PATIENCE, WORKING_DAY};
use patient::Departure;

/// Simulated patients for a first look at the console.
#[derive(Debug, Parser)]
#[command(name = "vestibule-demo", version, about)]
struct Arguments {
    /// The patient's link, as the server prints it.
    #[arg(long, value_name = "LINK", required_unless_present = "link_file")]
    link: Option<String>,

    /// The file that `vestibule serve --patient-link-file` writes the link to; it is waited for.
    #[arg(long, value_name = "FILE", conflicts_with = "link")]
    link_file: Option<PathBuf>,

    /// How long somebody stays away after a visit.
    #[arg(long, default_value_t = AWAY.as_secs(), value_name = "SECONDS")]
    away_seconds: u64,

    /// What is logged, such as `info`.
    #[arg(long, env = "RUST_LOG", default_value = "error", value_name = "FILTER")]
    log: String,
}

#[tokio::main]
#[allow(
    clippy::print_stderr,
    reason = "the last words of a command-line program"
)]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("vestibule-demo: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::try_new(&arguments.log)?)
        .with_writer(std::io::stderr)
        .init();
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let (stop, stopped) = watch::channel(false);
    let demonstration = demonstrate(&arguments, stopped);
    tokio::pin!(demonstration);
    tokio::select! {
        done = &mut demonstration => return done,
        () = sleep(WORKING_DAY) => {}
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    stop.send_replace(true);
    let left = timeout(GOODBYE, demonstration).await;
    left.unwrap_or_else(|_| Err(not_all_left()))
}

/// They are lost to the server when its grace is over.
fn not_all_left() -> anyhow::Error {
    anyhow::anyhow!(
        "the server was not there for the simulated patients to say goodbye; they keep their places for \
         two minutes"
    )
}

/// Until everybody has gone for good.
async fn demonstrate(arguments: &Arguments, mut stop: watch::Receiver<bool>) -> anyhow::Result<()> {
    let link = match (&arguments.link, &arguments.link_file) {
        (Some(link), _) => link.clone(),
        (None, Some(file)) => tokio::select! {
            link = read_link(file) => link?,
            _ = stop.wait_for(|stop| *stop) => return Ok(()),
        },
        (None, None) => anyhow::bail!("--link or --link-file is needed"),
    };
    let link = Link::parse(link.trim())?;
    let away = Duration::from_secs(arguments.away_seconds);
    let mut patients = JoinSet::new();
    for character in cast::characters()? {
        patients.spawn(patient::live(character, link.clone(), away, stop.clone()));
    }
    say("  Five simulated patients come to the waiting room, to be admitted (DEMO=0: none).\n");
    let departures = patients.join_all().await;
    if departures.contains(&Departure::Unsaid) {
        return Err(not_all_left());
    }
    Ok(())
}

/// The server writes it when it is up, which may be after this program began.
async fn read_link(file: &Path) -> anyhow::Result<String> {
    let found = timeout(LINK_PATIENCE, async {
        loop {
            match std::fs::read_to_string(file) {
                Ok(link) if !link.is_empty() => return link,
                Ok(_) | Err(_) => sleep(LINK_LOOK).await,
            }
        }
    });
    found
        .await
        .with_context(|| format!("no link came to {}", file.display()))
}

/// Nobody may be reading.
fn say(text: &str) {
    let mut output = std::io::stdout().lock();
    let _ = output.write_all(text.as_bytes());
    let _ = output.flush();
}
