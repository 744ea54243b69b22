//! What goes into and comes out of the driver of a consultation's group.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use vestibule_protocol::ErrorCode;
use vestibule_protocol::client::Request;
use vestibule_protocol::server::{ConsultationView, LogEntry, Reply};
use vestibule_vocab::{ConsultationId, InstanceId};

use super::payload::ChatLine;
use super::safety::SafetyCode;
use crate::mls::{MlsMember, Rejection};
use vestibule_frames::{EpochName, Keyring};

/// A request that was not carried out, or of which nobody knows.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Failure {
    /// `None` when the socket was lost before the answer.
    pub(crate) code: Option<ErrorCode>,
    /// When it may be tried again; `None` when it would fail again.
    pub(crate) retry_after: Option<Duration>,
}

impl Failure {
    pub(crate) const LOST: Self = Self {
        code: None,
        retry_after: None,
    };

    /// Nobody knows whether it was carried out, or the log knows more.
    pub(super) fn is_unclear(self) -> bool {
        matches!(self.code, None | Some(ErrorCode::StaleEpoch))
    }
}

/// How a request ended.
pub(crate) type Outcome = Result<Reply, Failure>;

/// What the driver is told.
pub(crate) enum GroupEvent {
    /// The consultation of the newest snapshot.
    View(Option<ConsultationView>),
    Online,
    Offline,
    Log(ConsultationId, Vec<LogEntry>),
    Acknowledged(ConsultationId, InstanceId, EpochName),
    Outcome(u32, Outcome),
    Say(ChatLine),
    Wake,
}

/// What the driver says.
#[derive(Debug)]
pub(crate) enum Output {
    /// To be asked of the server; its outcome comes back with the token.
    Ask(u32, Request),
    /// For the owner.
    Told(Told),
    /// A message was not taken; the group goes on as it was.
    Rejected(Rejection),
    /// This page cannot follow the group any more and has to join it as a new page.
    Lost,
}

/// What the owner of a participant hears of the group.
#[derive(Clone, Debug, PartialEq)]
pub enum Told {
    /// How the encryption stands.
    Encryption(Encryption),
    /// The code to compare; `None` while it is being agreed on.
    SafetyCode(Option<SafetyCode>),
    /// Somebody wrote this.
    Chat(ChatLine),
    /// Somebody says that this was written before this page came; there is nobody's word for it but theirs.
    Handed {
        /// The participant who says so.
        by: String,
        /// What they say.
        line: ChatLine,
    },
    /// This participant says that they see another safety code, or that this was a mistake.
    Doubt {
        /// Who.
        by: String,
        /// They take it back.
        same: bool,
    },
    /// Lines of this participant did not arrive.
    Missing {
        /// Whose.
        from: String,
    },
    /// A line of ours was stored by the server, or was not.
    Said {
        /// Which.
        id: String,
        /// It has its place in the log.
        sent: bool,
    },
}

/// How the encryption of a consultation stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encryption {
    /// Keys are being agreed on; nothing is sent.
    Pending,
    /// Frames are sealed.
    Ready,
    /// The safety code could not be agreed on: somebody opened what they were not bound to.
    Failed,
}

/// The keys, shared with the tasks that seal and open frames.
#[derive(Clone, Default)]
pub(crate) struct Keys(Arc<Mutex<Keyring>>);

impl Keys {
    /// The keyring; nobody panics while holding it, and if so it is still whole.
    pub(crate) fn lock(&self) -> MutexGuard<'_, Keyring> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a request was for, so that its outcome finds its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Errand {
    Publish,
    Acknowledge,
    Sync,
    Claim,
    Commit,
    Send,
}

/// What each step of the driver needs, and what it gives.
pub(super) struct Step<'a> {
    pub(super) member: &'a MlsMember,
    pub(super) now: Instant,
    pub(super) asks: Vec<(Errand, Request)>,
    pub(super) told: Vec<Told>,
    pub(super) rejected: Vec<Rejection>,
    /// Places in the log that messages of ours have.
    pub(super) placed: Vec<u64>,
    /// The log is to be read again before anything else.
    pub(super) sync: bool,
}

impl<'a> Step<'a> {
    pub(super) fn new(member: &'a MlsMember, now: Instant) -> Self {
        Self {
            member,
            now,
            asks: Vec::new(),
            told: Vec::new(),
            rejected: Vec::new(),
            placed: Vec::new(),
            sync: false,
        }
    }

    pub(super) fn ask(&mut self, errand: Errand, request: Request) {
        self.asks.push((errand, request));
    }
}
