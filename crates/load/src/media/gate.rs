//! Where a connection waits, up already, until its person is admitted.

use std::sync::OnceLock;
use std::time::Instant;

use tokio::sync::Notify;

/// Between the thread that signals and the one that drives: nothing is sent on a connection before it is open.
#[derive(Debug, Default)]
pub(crate) struct Gate {
    /// The connection came up.
    pub(crate) up: Notify,
    opened: OnceLock<Instant>,
}

impl Gate {
    /// The server says that media may flow to somebody who was admitted then. The first time counts.
    pub(crate) fn open(&self, admitted: Instant) {
        let _ = self.opened.set(admitted);
    }

    /// When the person was admitted, once media may flow.
    pub(crate) fn admitted(&self) -> Option<Instant> {
        self.opened.get().copied()
    }
}
