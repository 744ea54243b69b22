//! What workers tell the control link's task.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::mpsc::Sender;
use vestibule_control::FromSfu;

use crate::offer::OfferError;

/// Something to tell.
#[derive(Debug)]
pub(crate) enum Report {
    /// What became of an offer, for the link that asked: for any other it is an answer to nothing.
    Reply {
        /// The number of the link.
        link: u64,
        /// The answer or refusal.
        reply: FromSfu,
        /// Why it is refused, for the log.
        why: Option<OfferError>,
    },
    /// Something happened.
    News(FromSfu),
    /// Something panicked, which is a defect: where in the code. The calls that were in it are over.
    Panicked(String),
    /// The worker's thread ends.
    Ended,
}

/// Who asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(crate) link: u64,
    pub(crate) request: u64,
}

/// The way to the control link's task. It never makes a worker wait: what does not fit is lost, and the
/// link is then closed, so that signaling connects anew and is told everything.
#[derive(Clone, Debug)]
pub(crate) struct Reports {
    sender: Sender<Report>,
    lost: Arc<AtomicBool>,
}

impl Reports {
    pub(crate) fn new(sender: Sender<Report>, lost: Arc<AtomicBool>) -> Self {
        Self { sender, lost }
    }

    /// Whether it is told.
    pub(super) fn tell(&self, report: Report) -> bool {
        let told = self.sender.try_send(report).is_ok();
        if !told {
            self.lost.store(true, Ordering::Release);
        }
        told
    }
}
