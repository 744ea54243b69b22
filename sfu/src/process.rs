//! The process: how it is started, and what keeps it alive.

use std::io;
use std::net::SocketAddr;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixListener;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

use tokio::sync::mpsc::channel;

use crate::SfuConfig;
use crate::addresses::Addresses;
use crate::control::{Control, End};
use crate::limits::{RECEIVE_BUFFER_LEAST, REPORTS};
use crate::metrics;
use crate::peer::{Engine, EngineError};
use crate::tap::{NoTap, Tap};
use crate::time::Timeline;
use crate::worker::{self, Handle, Reports, Socket, WorkerEnded};

/// Why the SFU could not start, or ended.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// A socket or a thread could not be made.
    #[error("the SFU could not open its sockets: {0}")]
    Sockets(#[from] io::Error),
    /// There are not enough ports from the first one on.
    #[error("there are no ports for {workers} workers from port {first_port} on")]
    Ports {
        /// As configured.
        first_port: u16,
        /// As configured.
        workers: usize,
    },
    /// The certificate for DTLS could not be made.
    #[error("the SFU could not make its certificate")]
    Certificate,
    /// A worker ended by itself, which is a defect. The process is to be started anew.
    #[error("a worker of the SFU ended")]
    WorkerEnded,
}

impl From<EngineError> for RunError {
    fn from(_: EngineError) -> Self {
        Self::Certificate
    }
}

impl From<WorkerEnded> for RunError {
    fn from(_: WorkerEnded) -> Self {
        Self::WorkerEnded
    }
}

/// The command that starts the SFU as a process of its own: `PROGRAM sfu ARGUMENTS...`, with the
/// control link's listening socket as its standard input and in a process group of its own, so that
/// it outlives its parent and the terminal's Ctrl-C does not reach it.
///
/// The program hands `ARGUMENTS` to [`SfuConfig::from_args`], takes the socket with
/// [`inherited_listener`] and calls [`run`].
#[must_use]
pub fn command(program: &Path, config: &SfuConfig, listener: UnixListener) -> Command {
    let mut command = Command::new(program);
    complete(&mut command, config, listener);
    command
}

/// The same of a command whose last word is the program, as of `setpriv PROGRAM`.
pub fn complete(command: &mut Command, config: &SfuConfig, listener: UnixListener) {
    command.arg("sfu").args(config.to_args());
    command.stdin(Stdio::from(OwnedFd::from(listener)));
    command.process_group(0);
}

/// The listening socket that the parent passed as standard input.
///
/// # Errors
/// When standard input is no Unix socket.
pub fn inherited_listener() -> io::Result<UnixListener> {
    let listener = UnixListener::from(io::stdin().as_fd().try_clone_to_owned()?);
    listener.local_addr()?;
    Ok(listener)
}

/// Runs the SFU until it is told to shut down, or has been without a control link for too long.
/// `listener` is where signaling connects, one link at a time: a newer one replaces an older one.
///
/// # Errors
/// When the sockets cannot be opened, or a worker ended by itself.
pub fn run(config: &SfuConfig, listener: UnixListener) -> Result<(), RunError> {
    run_tapped(config, listener, &(Arc::new(NoTap) as Arc<dyn Tap>))
}

/// As [`run`], with somebody who looks at every packet.
///
/// # Errors
/// As [`run`].
pub fn run_tapped(
    config: &SfuConfig,
    listener: UnixListener,
    tap: &Arc<dyn Tap>,
) -> Result<(), RunError> {
    let (sender, reports) = channel(REPORTS);
    let lost = Arc::new(AtomicBool::new(false));
    let workers = start_workers(config, &Reports::new(sender, Arc::clone(&lost)), tap)?;
    listener.set_nonblocking(true)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async move {
        let listener = tokio::net::UnixListener::from_std(listener)?;
        if let Some(address) = config.metrics {
            let counters = workers.iter().map(|worker| Arc::clone(worker.counters()));
            tokio::spawn(metrics::serve(address, counters.collect()));
        }
        let mut control = Control::new(workers, reports, lost);
        match control.serve(listener).await? {
            End::Shutdown => tracing::info!("the SFU shuts down"),
            End::Orphaned => tracing::warn!("the SFU ends: no signaling process came"),
        }
        Ok(control.stop().await?)
    })
}

fn start_workers(
    config: &SfuConfig,
    reports: &Reports,
    tap: &Arc<dyn Tap>,
) -> Result<Vec<Handle>, RunError> {
    let timeline = Timeline::starting(Instant::now());
    let engine = Engine::new(timeline)?;
    let count = config.workers.clamp(1, SfuConfig::MAX_WORKERS);
    let mut workers = Vec::with_capacity(count);
    for index in 0..count {
        let socket = Socket::bind(SocketAddr::new(config.bind, port(config, index)?))?;
        let addresses = Addresses::of_worker(config, socket.local_addr()?, index)?;
        tracing::info!(
            worker = index,
            port = socket.local_addr()?.port(),
            "the SFU listens"
        );
        if let Some(missing) = socket.short_of_buffer() {
            tracing::warn!(
                worker = index,
                missing,
                wanted = RECEIVE_BUFFER_LEAST,
                "the kernel's receive buffer is small, and packets may be lost under load: raise net.core.rmem_max"
            );
        }
        let shared = worker::Shared {
            engine: engine.clone(),
            reports: reports.clone(),
            timeline,
            tap: Arc::clone(tap),
        };
        workers.push(worker::start(socket, addresses, shared)?);
    }
    Ok(workers)
}

/// The port that a worker binds; 0 for any.
fn port(config: &SfuConfig, index: usize) -> Result<u16, RunError> {
    let none = RunError::Ports {
        first_port: config.first_port,
        workers: config.workers,
    };
    match config.first_port {
        0 => Ok(0),
        first => u16::try_from(index)
            .ok()
            .and_then(|index| first.checked_add(index))
            .ok_or(none),
    }
}
