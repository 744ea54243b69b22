//! One consultation, as long as it lasts: its meeting, its log, and who sends what in it.

use std::time::Instant;

use vestibule_protocol::ErrorCode;
use vestibule_protocol::client::Request;
use vestibule_protocol::server::{ConsultationView, LogEntry, LogKind};
use vestibule_vocab::Role;

use super::committer::Committer;
use super::cursor::{Cursor, Place};
use super::mailer::Mailer;
use super::meeting::Meeting;
use super::ports::{Errand, Failure, Keys, Outcome, Step};
use crate::mls::{Identity, Rejection};

pub(super) struct Current {
    pub(super) meeting: Meeting,
    committer: Option<Committer>,
    mailer: Mailer,
    cursor: Cursor,
    /// The log was read since the socket opened.
    pub(super) synced: bool,
    syncing: bool,
    /// An entry between is missing.
    gap: bool,
    view: ConsultationView,
}

impl Current {
    pub(super) fn begin(view: &ConsultationView, me: Identity, role: Role, keys: Keys) -> Self {
        Self {
            meeting: Meeting::new(view.consultation, me, keys),
            committer: match role {
                Role::Practitioner => Some(Committer::new()),
                Role::Patient | Role::Companion => None,
            },
            mailer: Mailer::new(),
            cursor: Cursor::default(),
            // A page that just came has read nothing and misses nothing: what it needs comes by itself.
            synced: true,
            syncing: false,
            gap: false,
            view: view.clone(),
        }
    }

    pub(super) fn see(&mut self, view: ConsultationView) {
        self.meeting.book.update(&view.participants);
        self.view = view;
    }

    pub(super) fn online(&mut self) {
        self.mailer.online();
        if let Some(committer) = &mut self.committer {
            committer.online();
        }
    }

    pub(super) fn offline(&mut self) {
        self.synced = false;
        self.syncing = false;
    }

    pub(super) fn wake_times(&self) -> impl Iterator<Item = Instant> {
        let committer = self.committer.as_ref().and_then(Committer::retry_at);
        let deadline = self.meeting.switcher.deadline();
        [committer, self.mailer.retry_at(), deadline]
            .into_iter()
            .flatten()
    }

    /// The roster says that no key package of this page is left.
    pub(super) fn needs_packages(&self) -> bool {
        let me = self.meeting.me;
        let own = self.meeting.book.find(me.participant);
        own.is_some_and(|own| !own.key_package && own.instance == Some(me.instance))
    }

    /// What is due when online.
    pub(super) fn advance(&mut self, step: &mut Step<'_>, may_sync: bool) {
        if !self.synced {
            if may_sync && !self.syncing {
                self.sync(step);
            }
            return;
        }
        let in_force = self.in_force();
        if let Some(committer) = &mut self.committer {
            committer.advance(step, &mut self.meeting, in_force);
        }
        if !self.committer.as_ref().is_some_and(Committer::busy) {
            self.mailer.advance(step, &mut self.meeting);
        }
    }

    /// Reads entries of the log; false when the group is lost.
    pub(super) fn read(&mut self, step: &mut Step<'_>, entries: &[LogEntry]) -> bool {
        entries.iter().all(|entry| {
            if self.placed(entry.sequence) {
                self.follow(step, entry)
            } else {
                true
            }
        })
    }

    /// True for the next entry in order. After a gap the log is read again.
    pub(super) fn placed(&mut self, sequence: u64) -> bool {
        let place = self.cursor.take(sequence);
        self.gap = place == Place::Gap;
        self.synced &= !self.gap;
        place == Place::Next
    }

    pub(super) fn landed(&mut self, step: &mut Step<'_>, errand: Errand, outcome: Outcome) {
        let in_force = self.in_force();
        match (errand, &mut self.committer) {
            (Errand::Send, _) => self.mailer.landed(step, &mut self.meeting, &outcome),
            (Errand::Claim, Some(committer)) => {
                committer.claimed(step, &mut self.meeting, in_force, outcome);
            }
            (Errand::Commit, Some(committer)) => {
                committer.landed(step, &mut self.meeting, &outcome);
            }
            (Errand::Claim | Errand::Commit, None)
            | (Errand::Publish | Errand::Acknowledge | Errand::Sync, _) => {}
        }
    }

    /// A `sync` that has to be asked again.
    pub(super) fn sync_failed(outcome: &Outcome) -> Option<Failure> {
        let failure = outcome.as_ref().err()?;
        (failure.code != Some(ErrorCode::LogTruncated)).then_some(*failure)
    }

    /// The log was read to its end, or is not to be had; false when the group is lost.
    pub(super) fn finish_sync(&mut self, outcome: &Outcome) -> bool {
        self.syncing = false;
        if Self::sync_failed(outcome).is_some() {
            return true;
        }
        self.synced = true;
        if let Some(committer) = &mut self.committer {
            committer.synced(&mut self.meeting);
        }
        // What is missing now will not come any more.
        if outcome.is_ok() && !self.gap {
            return true;
        }
        self.cursor = Cursor::default();
        self.gap = false;
        // The committer knows its group without the log; everybody else has to join anew.
        self.committer.is_some()
    }

    /// The generation of the group in force; they count from 1.
    fn in_force(&self) -> u32 {
        self.view.group.map_or(0, |group| group.generation)
    }

    fn sync(&mut self, step: &mut Step<'_>) {
        self.syncing = true;
        let request = Request::Sync {
            consultation: self.meeting.consultation,
            after: self.cursor.last(),
        };
        step.ask(Errand::Sync, request);
    }

    fn follow(&mut self, step: &mut Step<'_>, entry: &LogEntry) -> bool {
        let message = &entry.message.0;
        if entry.sender == self.meeting.me.instance {
            if let Some(committer) = &mut self.committer {
                committer.seen(step, &mut self.meeting, message);
            }
            Mailer::seen(step, &mut self.meeting, message);
            return true;
        }
        match self.apply(step, entry.kind, message) {
            Ok(()) | Err(Rejection::NotForUs) => true,
            Err(rejection) => {
                step.rejected.push(rejection);
                let missed = rejection == Rejection::FutureEpoch;
                let uninvited = entry.kind == LogKind::Welcome && self.meeting.group.is_none();
                // The committer never follows: what it cannot read is not its group's.
                !(missed || uninvited) || self.committer.is_some()
            }
        }
    }

    fn apply(
        &mut self,
        step: &mut Step<'_>,
        kind: LogKind,
        message: &[u8],
    ) -> Result<(), Rejection> {
        let meeting = &mut self.meeting;
        let followed = match kind {
            LogKind::Commit => meeting.follow(step, message)?,
            LogKind::Welcome => {
                let joined = step.member.join(message, &meeting.book)?;
                let generation = meeting.generation_of(&joined)?;
                if generation <= meeting.generation && meeting.group.is_some() {
                    return Err(Rejection::WrongGroup);
                }
                meeting.take(step, joined, generation)?;
                true
            }
            LogKind::Application => {
                meeting.hear(step, message)?;
                false
            }
        };
        if followed {
            self.acknowledge(step);
        }
        Ok(())
    }

    /// Says that an epoch was taken up: only then the others seal with its keys.
    fn acknowledge(&self, step: &mut Step<'_>) {
        if let Some(name) = self.meeting.epoch() {
            let request = Request::Acknowledge {
                consultation: self.meeting.consultation,
                generation: name.generation,
                epoch: name.epoch,
            };
            step.ask(Errand::Acknowledge, request);
        }
    }
}
