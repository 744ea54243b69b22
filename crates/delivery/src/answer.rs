//! Who asks, and what they and the others get.

use vestibule_vocab::{InstanceId, ParticipantId};

use crate::{LogEntry, Message};

/// A participant's page: who asks, or to whom something is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Caller {
    /// Who: the participant of the session.
    pub participant: ParticipantId,
    /// By which load of their page: the one that the socket belongs to.
    pub instance: InstanceId,
}

/// A participant's page, as far as delivery knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// The latest load of their page.
    pub instance: InstanceId,
    /// Its socket is open.
    pub attached: bool,
    /// A key package of it is on the shelf.
    pub key_package: bool,
}

/// A message that has its place in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "entries must be stored before anybody is told"]
pub struct Accepted {
    /// Its place: the commit's, when a Welcome follows it at the next one.
    pub sequence: u64,
    /// What to store, in order, and then to send to `recipients`.
    pub entries: Vec<LogEntry>,
    /// Sequences that fell out of the log and can be deleted.
    pub dropped: Vec<u64>,
    /// The others in the consultation whose sockets are open.
    pub recipients: Vec<Caller>,
    /// The group in force changed, which everybody's snapshot in the consultation shows.
    pub group_changed: bool,
}

/// An acknowledgement to pass on. Nothing is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct Acknowledged {
    /// The others in the consultation whose sockets are open; none when the epoch is over.
    pub recipients: Vec<Caller>,
}

/// A key package that was taken off the shelf. What snapshots show of its page may have changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimedKeyPackage {
    /// The page that published it.
    pub instance: InstanceId,
    /// The `MLSMessage`.
    pub package: Message,
}
