//! One consultation: its roster, its group and its log.

use std::collections::BTreeMap;

use vestibule_vocab::{ConsultationId, InstanceId, ParticipantId, Role};

use crate::framing::{self, ContentType, Frame};
use crate::group::{self, Moment};
use crate::limits::{MESSAGE_BYTES, PARTICIPANTS};
use crate::log::{Draft, Log, Origin, Written};
use crate::{Group, LogEntry, LogKind, Refusal};

/// A consultation under way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Consultation {
    id: ConsultationId,
    roster: BTreeMap<ParticipantId, Role>,
    group: Option<Group>,
    log: Log,
}

impl Consultation {
    pub(crate) fn new(
        id: ConsultationId,
        roster: &[(ParticipantId, Role)],
    ) -> Result<Self, Refusal> {
        let roster = distinct(roster)?;
        Ok(Self {
            id,
            roster,
            group: None,
            log: Log::default(),
        })
    }

    pub(crate) fn replace_roster(
        &mut self,
        roster: &[(ParticipantId, Role)],
    ) -> Result<(), Refusal> {
        self.roster = distinct(roster)?;
        Ok(())
    }

    pub(crate) fn id(&self) -> ConsultationId {
        self.id
    }

    pub(crate) fn group(&self) -> Option<Group> {
        self.group
    }

    pub(crate) fn role(&self, participant: ParticipantId) -> Option<Role> {
        self.roster.get(&participant).copied()
    }

    pub(crate) fn participants(&self) -> impl Iterator<Item = ParticipantId> {
        self.roster.keys().copied()
    }

    pub(crate) fn after(&self, sequence: u64) -> Result<Vec<LogEntry>, Refusal> {
        self.log.after(sequence)
    }

    pub(crate) fn entries(&self) -> impl Iterator<Item = &LogEntry> {
        self.log.entries()
    }

    /// The newest sequence of the log, 0 for none.
    pub(crate) fn last(&self) -> u64 {
        self.log.last()
    }

    pub(crate) fn commit(
        &mut self,
        sender: InstanceId,
        commit: Vec<u8>,
        welcome: Option<Vec<u8>>,
    ) -> Result<Written, Refusal> {
        let moment = self.moment(&commit, ContentType::Commit)?;
        if let Some(welcome) = &welcome {
            must_be_welcome(welcome)?;
        }
        let group = group::after_commit(self.group, sender, moment)?;
        let welcome = welcome.map(|message| draft(LogKind::Welcome, message));
        let drafts = std::iter::once(draft(LogKind::Commit, commit))
            .chain(welcome)
            .collect();
        let written = self.log.append(self.origin(sender, moment), drafts)?;
        self.group = Some(group);
        Ok(written)
    }

    pub(crate) fn send(
        &mut self,
        sender: InstanceId,
        message: Vec<u8>,
    ) -> Result<Written, Refusal> {
        let moment = self.moment(&message, ContentType::Application)?;
        moment.must_be_now(self.group)?;
        let drafts = vec![draft(LogKind::Application, message)];
        self.log.append(self.origin(sender, moment), drafts)
    }

    /// Takes up an entry that was stored. False when it cannot have been written here.
    pub(crate) fn restore(&mut self, entry: LogEntry) -> bool {
        let moment = Moment {
            generation: entry.generation,
            epoch: entry.epoch,
        };
        if entry.consultation != self.id {
            return false;
        }
        if entry.kind == LogKind::Commit {
            match group::after_stored_commit(self.group, entry.sender, moment) {
                Some(group) => self.group = Some(group),
                None => return false,
            }
        }
        self.log.restore(entry)
    }

    fn moment(&self, message: &[u8], expected: ContentType) -> Result<Moment, Refusal> {
        if message.len() > MESSAGE_BYTES {
            return Err(Refusal::TooLarge);
        }
        match framing::read(message) {
            Ok(Frame::Group(frame)) if frame.content == expected => Moment::of(&frame, self.id),
            Ok(Frame::Group(_) | Frame::Welcome | Frame::KeyPackage) | Err(_) => {
                Err(Refusal::MlsInvalid)
            }
        }
    }

    fn origin(&self, sender: InstanceId, moment: Moment) -> Origin {
        Origin {
            consultation: self.id,
            sender,
            moment,
        }
    }
}

fn distinct(roster: &[(ParticipantId, Role)]) -> Result<BTreeMap<ParticipantId, Role>, Refusal> {
    let roster: BTreeMap<_, _> = roster.iter().copied().collect();
    if roster.len() > PARTICIPANTS {
        Err(Refusal::LimitReached)
    } else {
        Ok(roster)
    }
}

fn must_be_welcome(message: &[u8]) -> Result<(), Refusal> {
    if message.len() > MESSAGE_BYTES {
        return Err(Refusal::TooLarge);
    }
    if framing::read(message) == Ok(Frame::Welcome) {
        Ok(())
    } else {
        Err(Refusal::MlsInvalid)
    }
}

fn draft(kind: LogKind, message: Vec<u8>) -> Draft {
    Draft {
        kind,
        message: message.into(),
    }
}
