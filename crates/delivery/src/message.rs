//! What the log is made of.

use std::fmt;
use std::sync::Arc;

use vestibule_vocab::{ConsultationId, InstanceId};

/// The bytes of one `MLSMessage`. Cloning shares them; `Debug` shows their length only.
#[derive(Clone, PartialEq, Eq)]
pub struct Message(Arc<[u8]>);

impl Message {
    /// The bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl From<Vec<u8>> for Message {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes.into())
    }
}

impl fmt::Debug for Message {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "[{} bytes]", self.0.len())
    }
}

/// One entry of a consultation's log. Also the row that is stored: unique by consultation and
/// sequence, and for commits also by consultation, generation and epoch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogEntry {
    /// Whose log.
    pub consultation: ConsultationId,
    /// Its place, from 1, without gaps when it is written.
    pub sequence: u64,
    /// The page that sent it, as the server saw it.
    pub sender: InstanceId,
    /// What it is.
    pub kind: LogKind,
    /// The group's generation.
    pub generation: u32,
    /// The epoch that the message was made in. A Welcome has its commit's.
    pub epoch: u64,
    /// The `MLSMessage`.
    pub message: Message,
}

/// What a log entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LogKind {
    /// For members of the epoch that it was made in.
    Commit,
    /// For those whom the commit just before it added.
    Welcome,
    /// For members of its epoch.
    Application,
}
