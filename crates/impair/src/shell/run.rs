//! `vestibule-impair run`: from the first namespace to the last count.

use std::io;
use std::net::Ipv4Addr;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context as _, bail};
use serde::Serialize;
use tokio::process::Child;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::{Notify, oneshot};

use super::arguments::{Plan, Run};
use super::command;
use super::control::{Desk, Socket, obey_stdin};
use super::relay::{Relay, Task};
use super::report::Report;
use super::rig::Rig;

/// What is said when the line can be used.
#[derive(Serialize)]
struct Ready<'a> {
    event: &'static str,
    namespace: &'a str,
    address: Ipv4Addr,
    far_namespace: Option<&'a str>,
    far_address: Ipv4Addr,
    control: &'a Path,
    seed: u64,
    pid: u32,
}

/// What is said at the end.
#[derive(Serialize)]
struct Ended<'a> {
    event: &'static str,
    seed: u64,
    #[serde(flatten)]
    report: &'a Report,
}

/// Makes the line, keeps it as long as it is wanted, and removes it.
pub(crate) fn run(arguments: &Run) -> anyhow::Result<ExitCode> {
    let plan = arguments.plan()?;
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?
        .block_on(live(arguments, plan))
}

async fn live(arguments: &Run, plan: Plan) -> anyhow::Result<ExitCode> {
    // Before anything is made that a signal would leave behind.
    let mut signals = Signals::catch()?;
    let (rig, ends) = Rig::set_up(arguments.far.as_deref())?;
    let (near, far) = (ends.near.place(), ends.far.place());
    let (relay, failure) = Relay::start(arguments.seed, ends)?;
    for change in plan.changes {
        relay.tell(Task::Change(change))?;
    }
    relay.tell(Task::Follow(plan.schedule))?;
    let desk = Arc::new(Desk {
        relay,
        near,
        far,
        stop: Notify::new(),
    });
    let socket = Socket::open(rig.claim.number.socket())?;
    // The changes are in force when it has answered.
    desk.relay.report().await?;
    announce(arguments, &rig, &socket);
    let mut child = start_command(arguments, &rig)?;
    let end = tokio::select! {
        code = wait_for(child.as_mut()) => code?,
        () = signals.any() => ExitCode::SUCCESS,
        () = desk.stop.notified() => ExitCode::SUCCESS,
        () = socket.serve(&desk) => bail!("no more orders can be taken through the socket"),
        () = obey(arguments, &desk) => ExitCode::SUCCESS,
        error = failed(failure) => return Err(error),
    };
    let code = match child.as_mut() {
        Some(child) => command::exit_code(command::end(child).await?),
        None => end,
    };
    conclude(arguments, &desk.report().await?);
    Ok(code)
}

fn start_command(arguments: &Run, rig: &Rig) -> anyhow::Result<Option<Child>> {
    if arguments.command.is_empty() {
        return Ok(None);
    }
    command::start(rig, &arguments.command).map(Some)
}

/// For ever without a command.
async fn wait_for(child: Option<&mut Child>) -> anyhow::Result<ExitCode> {
    match child {
        Some(child) => Ok(command::exit_code(child.wait().await?)),
        None => std::future::pending().await,
    }
}

/// For ever when orders do not come from standard input.
async fn obey(arguments: &Run, desk: &Desk) {
    if arguments.stdin {
        obey_stdin(desk).await;
    } else {
        std::future::pending().await
    }
}

async fn failed(failure: oneshot::Receiver<io::Error>) -> anyhow::Error {
    match failure.await {
        Ok(error) => anyhow::Error::new(error)
            .context("the line broke (was its namespace or a device removed?)"),
        Err(_) => anyhow::anyhow!("the relay ended unexpectedly"),
    }
}

struct Signals([Signal; 3]);

impl Signals {
    fn catch() -> anyhow::Result<Self> {
        let catch = |kind| signal(kind).context("signals cannot be caught");
        Ok(Self([
            catch(SignalKind::interrupt())?,
            catch(SignalKind::terminate())?,
            catch(SignalKind::hangup())?,
        ]))
    }

    async fn any(&mut self) {
        let Self([interrupt, terminate, hangup]) = self;
        tokio::select! {
            _ = interrupt.recv() => (),
            _ = terminate.recv() => (),
            _ = hangup.recv() => (),
        }
    }
}

fn announce(arguments: &Run, rig: &Rig, socket: &Socket) {
    let has_command = !arguments.command.is_empty();
    if has_command && !arguments.json {
        return;
    }
    let number = rig.claim.number;
    tell(
        arguments,
        &json_line(&Ready {
            event: "ready",
            namespace: rig.namespace.name(),
            address: number.near_address(),
            far_namespace: arguments.far.as_deref(),
            far_address: number.far_address(),
            control: socket.path(),
            seed: arguments.seed,
            pid: std::process::id(),
        }),
    );
}

fn conclude(arguments: &Run, report: &Report) {
    if arguments.json {
        tell(
            arguments,
            &json_line(&Ended {
                event: "ended",
                seed: arguments.seed,
                report,
            }),
        );
    } else {
        tell(arguments, &report.table());
    }
}

fn json_line(value: &impl Serialize) -> String {
    let mut line = serde_json::to_string(value).unwrap_or_default();
    line.push('\n');
    line
}

/// Standard output belongs to the command when there is one.
#[allow(
    clippy::print_stderr,
    reason = "what a command-line program says beside its command"
)]
fn tell(arguments: &Run, text: &str) {
    if arguments.command.is_empty() {
        super::say(text);
    } else {
        eprint!("{text}");
    }
}
