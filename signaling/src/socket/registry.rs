//! Which participant has which socket open.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use dashmap::DashMap;
use dashmap::mapref::entry::Entry;
use vestibule_clinic::IdentityLevel;
use vestibule_protocol::server::{ClosingReason, ServerMessage};
use vestibule_vocab::{ParticipantId, SessionId, Timestamp, VisitId};

use super::Outbox;
use crate::identity::Subject;

/// One socket among all that this process ever had.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct SocketId(u64);

/// An open socket, for whoever has something to say on it.
#[derive(Clone, Debug)]
pub(crate) struct Socket {
    /// Which.
    pub id: SocketId,
    /// The session that is open on it.
    pub session: SessionId,
    /// Whose session it is.
    pub subject: Subject,
    /// How surely it is known who that is.
    pub level: IdentityLevel,
    /// When the session ends at the latest.
    pub expires_at: Timestamp,
    /// Where messages for it go.
    pub outbox: Arc<Outbox>,
}

impl Subject {
    /// The name of this person in consultations.
    #[must_use]
    pub(crate) fn participant(&self) -> ParticipantId {
        match self {
            Self::Patient { patient, .. } => (*patient).into(),
            Self::Practitioner(practitioner) => (*practitioner).into(),
            Self::Companion { invitation, .. } => (*invitation).into(),
        }
    }
}

/// The open sockets, at most one for each participant: a newer one takes over.
#[derive(Debug, Default)]
pub(crate) struct Registry {
    sockets: DashMap<ParticipantId, Socket>,
    last: AtomicU64,
}

impl Registry {
    /// An id that no socket had before.
    pub(crate) fn next_id(&self) -> SocketId {
        SocketId(self.last.fetch_add(1, Ordering::Relaxed))
    }

    /// Makes this the participant's socket; the one before is told so and closed.
    pub(crate) fn open(&self, socket: Socket) {
        if let Some(older) = self.sockets.insert(socket.subject.participant(), socket) {
            older.outbox.close(ClosingReason::Replaced);
        }
    }

    /// The socket shows another visit of its patient, and ends with that.
    pub(crate) fn turn_to(&self, subject: Subject) {
        if let Some(mut socket) = self.sockets.get_mut(&subject.participant()) {
            socket.subject = subject;
        }
    }

    /// Takes a socket out. False when it was no longer the participant's.
    pub(crate) fn close(&self, participant: ParticipantId, id: SocketId) -> bool {
        match self.sockets.entry(participant) {
            Entry::Occupied(entry) if entry.get().id == id => {
                entry.remove();
                true
            }
            Entry::Occupied(_) | Entry::Vacant(_) => false,
        }
    }

    /// Sends a message to a participant, if they have a socket.
    pub(crate) fn send(&self, participant: ParticipantId, message: &ServerMessage) {
        if let Some(socket) = self.sockets.get(&participant) {
            socket.outbox.send(message);
        }
    }

    /// Sends a snapshot to a participant, if they have a socket.
    pub(crate) fn send_snapshot(&self, participant: ParticipantId, message: &ServerMessage) {
        if let Some(socket) = self.sockets.get(&participant) {
            socket.outbox.send_snapshot(message);
        }
    }

    /// How many sockets are open.
    #[must_use]
    pub(crate) fn len(&self) -> usize {
        self.sockets.len()
    }

    /// Nobody is here.
    #[must_use]
    pub(crate) fn is_empty(&self) -> bool {
        self.sockets.is_empty()
    }

    /// Closes a participant's socket, which is theirs no more.
    pub(crate) fn dismiss(&self, participant: ParticipantId, reason: ClosingReason) {
        if let Some((_, socket)) = self.sockets.remove(&participant) {
            socket.outbox.close(reason);
        }
    }

    /// Closes every socket.
    pub(crate) fn dismiss_all(&self, reason: ClosingReason) {
        for socket in &self.sockets {
            socket.outbox.close(reason);
        }
    }

    /// Closes the sockets whose sessions are over.
    pub(crate) fn dismiss_expired(&self, now: Timestamp) {
        for socket in self.sockets.iter().filter(|it| it.expires_at <= now) {
            socket.outbox.close(ClosingReason::SessionEnded);
        }
    }

    /// Closes the sockets of a visit that is forgotten: its sessions are over.
    pub(crate) fn dismiss_visit(&self, forgotten: VisitId) {
        for socket in &self.sockets {
            if socket.subject.visit() == Some(forgotten) {
                socket.outbox.close(ClosingReason::SessionEnded);
            }
        }
    }
}
