//! The SFU process seen from signaling: started, adopted, steered, restarted.

mod link;
mod supervisor;

use std::os::unix::net::UnixListener;
use std::process::Command;
use std::sync::Arc;

use tokio::sync::{mpsc, watch};
use vestibule_control::ToSfu;

pub(crate) use link::LinkId;
pub(crate) use supervisor::{Supervisor, no_sfu, supervise};

/// Makes the command that starts an SFU process which accepts its control link on this socket.
pub type Launch = Arc<dyn Fn(UnixListener) -> Command + Send + Sync>;

/// Whether an SFU is there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SfuStatus {
    /// None answers.
    #[default]
    Down,
    /// One answers on the control link.
    Up {
        /// Its process.
        pid: u32,
    },
}

/// The way to the SFU.
#[derive(Clone, Debug)]
pub(crate) struct SfuHandle {
    messages: mpsc::Sender<(LinkId, ToSfu)>,
    status: watch::Receiver<SfuStatus>,
}

impl SfuHandle {
    /// Sends a message on a link. It is dropped when that link is no longer the present one: what
    /// was meant for one SFU process must not reach the next.
    ///
    /// # Errors
    /// The message itself, when too many wait already.
    pub(crate) fn send(&self, link: LinkId, message: ToSfu) -> Result<(), ToSfu> {
        self.messages
            .try_send((link, message))
            .map_err(|error| error.into_inner().1)
    }

    /// Whether an SFU is there, now and later.
    pub(crate) fn status(&self) -> watch::Receiver<SfuStatus> {
        self.status.clone()
    }
}
