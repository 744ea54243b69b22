//! Keeps an SFU process there: adopts the one that outlived the last signaling process, starts one
//! when there is none, and starts another when it dies.

use std::io;
use std::os::unix::net::UnixListener;
use std::path::PathBuf;
use std::time::Duration;

use tokio::net::unix::OwnedWriteHalf;
use tokio::process::Child;
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, timeout};
use vestibule_control::ToSfu;

use super::link::{self, Link, LinkError, LinkId};
use super::{Launch, SfuHandle, SfuStatus};
use crate::clinic_task::Event;
use crate::limits;

/// The task that keeps an SFU there.
pub(crate) struct Supervisor {
    socket: PathBuf,
    launch: Launch,
    inbox: mpsc::Sender<Event>,
    messages: mpsc::Receiver<(LinkId, ToSfu)>,
    status: watch::Sender<SfuStatus>,
    stop: watch::Receiver<bool>,
    link: LinkId,
    child: Option<Child>,
}

/// Why no SFU could be started.
#[derive(Debug, thiserror::Error)]
enum StartFailed {
    #[error("the control socket could not be made: {0}")]
    Socket(io::Error),
    #[error("the SFU process could not be started: {0}")]
    Process(io::Error),
    #[error("the SFU process ended at once")]
    EndedAtOnce,
    #[error(transparent)]
    Link(#[from] LinkError),
}

/// A supervisor, the way to its SFU, and the switch that stops both.
pub(crate) fn supervise(
    socket: PathBuf,
    launch: Launch,
    inbox: mpsc::Sender<Event>,
) -> (Supervisor, SfuHandle, watch::Sender<bool>) {
    let (sender, messages) = mpsc::channel(limits::SFU_QUEUE);
    let (status, status_receiver) = watch::channel(SfuStatus::Down);
    let (stop_sender, stop) = watch::channel(false);
    let supervisor = Supervisor {
        socket,
        launch,
        inbox,
        messages,
        status,
        stop,
        link: LinkId::default(),
        child: None,
    };
    let handle = SfuHandle {
        messages: sender,
        status: status_receiver,
    };
    (supervisor, handle, stop_sender)
}

/// Waits until the server stops.
async fn stopped(stop: &mut watch::Receiver<bool>) {
    // It fails when the server is gone already.
    let _ = stop.wait_for(|stop| *stop).await;
}

/// The way to an SFU that is not there and never will be.
pub(crate) fn no_sfu() -> SfuHandle {
    SfuHandle {
        messages: mpsc::channel(1).0,
        status: watch::channel(SfuStatus::Down).1,
    }
}

impl Supervisor {
    /// Runs until it is told to stop; the SFU has then been told so too.
    pub(crate) async fn run(mut self) {
        let mut pause = limits::SFU_PAUSE;
        while !self.is_stopping() {
            let began = Instant::now();
            match self.obtain().await {
                Ok(link) => self.serve(link).await,
                Err(why) => tracing::error!(%why, "there is no SFU"),
            }
            if began.elapsed() > limits::SFU_STEADY {
                pause = limits::SFU_PAUSE;
            } else {
                self.rest(pause).await;
                pause = (pause * 2).min(limits::SFU_PAUSE_LONGEST);
            }
        }
    }

    fn is_stopping(&self) -> bool {
        *self.stop.borrow()
    }

    async fn rest(&mut self, pause: Duration) {
        let _ = timeout(pause, stopped(&mut self.stop)).await;
    }

    /// The SFU that is there, else a new one.
    async fn obtain(&mut self) -> Result<Link, StartFailed> {
        match Link::connect(&self.socket, limits::SFU_ADOPTION).await {
            Ok(link) => {
                tracing::info!(
                    pid = link.pid,
                    calls = link.calls.len(),
                    "an SFU is adopted"
                );
                Ok(link)
            }
            Err(why) => {
                tracing::debug!(%why, "no SFU to adopt");
                self.start().await
            }
        }
    }

    async fn start(&mut self) -> Result<Link, StartFailed> {
        self.bury().await;
        let listener = self.listen().map_err(StartFailed::Socket)?;
        let command = (self.launch)(listener);
        let mut child = tokio::process::Command::from(command)
            .spawn()
            .map_err(StartFailed::Process)?;
        let link = tokio::select! {
            link = Link::connect(&self.socket, limits::SFU_START) => link,
            _ = child.wait() => return Err(StartFailed::EndedAtOnce),
        };
        self.child = Some(child);
        let link = link?;
        tracing::info!(pid = link.pid, "an SFU is started");
        Ok(link)
    }

    /// The socket lies in a directory that only its owner may enter.
    fn listen(&self) -> io::Result<UnixListener> {
        match std::fs::remove_file(&self.socket) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            Ok(()) | Err(_) => {}
        }
        UnixListener::bind(&self.socket)
    }

    /// Makes sure that a child of ours that no longer answers is gone, and its ports with it.
    async fn bury(&mut self) {
        if let Some(mut child) = self.child.take() {
            // It fails when the child has ended, which is what we want.
            let _ = child.start_kill();
            let _ = timeout(limits::SFU_STOP, child.wait()).await;
        }
    }

    /// Uses a link until it ends.
    async fn serve(&mut self, link: Link) {
        self.link = self.link.next();
        let (pid, calls) = (link.pid, link.calls.clone());
        let (reader, mut writer) = link.split();
        self.say(Event::SfuUp {
            link: self.link,
            calls,
        })
        .await;
        self.status.send_replace(SfuStatus::Up { pid });
        let mut reading = tokio::spawn(reader.run(self.inbox.clone()));
        let mut stop = self.stop.clone();
        tokio::select! {
            _ = &mut reading => tracing::warn!(pid, "the SFU is gone"),
            why = self.pass_on(&mut writer) => tracing::warn!(pid, %why, "the SFU does not listen"),
            () = stopped(&mut stop) => tracing::info!(pid, "the SFU is told to stop"),
        }
        if self.is_stopping() {
            // It ends by itself when it cannot be told.
            let _ = link::write(&mut writer, &ToSfu::Shutdown).await;
            let _ = timeout(limits::SFU_STOP, &mut reading).await;
        }
        reading.abort();
        self.status.send_replace(SfuStatus::Down);
        self.say(Event::SfuDown).await;
        if self.is_stopping() {
            self.see_off().await;
        }
    }

    /// Passes on what the clinic task says, until the SFU does not take it.
    async fn pass_on(&mut self, writer: &mut OwnedWriteHalf) -> LinkError {
        while let Some((link, message)) = self.messages.recv().await {
            if link != self.link {
                continue;
            }
            if let Err(why) = link::write(writer, &message).await {
                return why;
            }
        }
        // The clinic task is gone, and we are told to stop any moment.
        std::future::pending().await
    }

    /// Waits for the child's end, so that its ports are free when we are gone.
    async fn see_off(&mut self) {
        if let Some(child) = &mut self.child
            && timeout(limits::SFU_STOP, child.wait()).await.is_err()
        {
            self.bury().await;
        }
    }

    async fn say(&self, event: Event) {
        // The clinic task outlives the supervisor.
        let _ = self.inbox.send(event).await;
    }
}
