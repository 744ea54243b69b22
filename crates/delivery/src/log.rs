//! The log of one consultation, bounded.

use std::collections::BTreeMap;

use vestibule_vocab::{ConsultationId, InstanceId};

use crate::group::Moment;
use crate::limits::{LOG_BYTES, LOG_ENTRIES};
use crate::{LogEntry, LogKind, Message, Refusal};

/// A message that is to get its place.
pub(crate) struct Draft {
    pub(crate) kind: LogKind,
    pub(crate) message: Message,
}

/// Where drafts go, who sends them, and the moment they were made in, which is now.
#[derive(Clone, Copy)]
pub(crate) struct Origin {
    pub(crate) consultation: ConsultationId,
    pub(crate) sender: InstanceId,
    pub(crate) moment: Moment,
}

/// What was written, and what made room for it.
pub(crate) struct Written {
    pub(crate) entries: Vec<LogEntry>,
    pub(crate) dropped: Vec<u64>,
}

/// Entries by sequence. Some may have been dropped; the newest never is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Log {
    entries: BTreeMap<u64, LogEntry>,
    bytes: usize,
    /// The newest sequence that was dropped, 0 for none.
    dropped: u64,
}

impl Log {
    /// Writes drafts one after the other, or none of them.
    pub(crate) fn append(
        &mut self,
        origin: Origin,
        drafts: Vec<Draft>,
    ) -> Result<Written, Refusal> {
        let dropped = self.in_the_way(origin.moment.generation, &drafts)?;
        for &sequence in &dropped {
            self.drop(sequence);
        }
        let mut entries = Vec::with_capacity(drafts.len());
        for draft in drafts {
            let entry = origin.entry(self.last().saturating_add(1), draft);
            self.insert(entry.clone());
            entries.push(entry);
        }
        Ok(Written { entries, dropped })
    }

    /// The entries after a sequence, which must all be there. After 0, those that are there.
    pub(crate) fn after(&self, sequence: u64) -> Result<Vec<LogEntry>, Refusal> {
        let seen_what_is_gone = sequence >= self.dropped && sequence <= self.last();
        if sequence != 0 && !seen_what_is_gone {
            return Err(Refusal::LogTruncated);
        }
        Ok(self
            .entries
            .values()
            .filter(|entry| entry.sequence > sequence)
            .cloned()
            .collect())
    }

    /// Takes up an entry that was stored: the next one, or one behind a gap of dropped entries.
    pub(crate) fn restore(&mut self, entry: LogEntry) -> bool {
        let next = self.last().saturating_add(1);
        if entry.sequence < next {
            return false;
        }
        if entry.sequence > next {
            self.dropped = entry.sequence.saturating_sub(1);
        }
        self.insert(entry);
        true
    }

    /// All entries that are there, in order.
    pub(crate) fn entries(&self) -> impl Iterator<Item = &LogEntry> {
        self.entries.values()
    }

    /// The newest sequence, 0 for none.
    pub(crate) fn last(&self) -> u64 {
        self.entries
            .last_key_value()
            .map_or(0, |(&sequence, _)| sequence)
    }

    /// What has to go to make room for `drafts`: the oldest first, and nothing that a page needs to
    /// join the present generation.
    fn in_the_way(&self, generation: u32, drafts: &[Draft]) -> Result<Vec<u64>, Refusal> {
        let new_bytes: usize = drafts
            .iter()
            .map(|draft| draft.message.as_bytes().len())
            .sum();
        let mut count = self.entries.len().saturating_add(drafts.len());
        let mut bytes = self.bytes.saturating_add(new_bytes);
        let mut dispensable = self
            .entries
            .values()
            .filter(|entry| entry.is_dispensable(generation));
        let mut dropped = Vec::new();
        while count > LOG_ENTRIES || bytes > LOG_BYTES {
            let entry = dispensable.next().ok_or(Refusal::LimitReached)?;
            count = count.saturating_sub(1);
            bytes = bytes.saturating_sub(entry.message.as_bytes().len());
            dropped.push(entry.sequence);
        }
        Ok(dropped)
    }

    fn insert(&mut self, entry: LogEntry) {
        self.bytes = self.bytes.saturating_add(entry.message.as_bytes().len());
        self.entries.insert(entry.sequence, entry);
    }

    fn drop(&mut self, sequence: u64) {
        if let Some(entry) = self.entries.remove(&sequence) {
            self.bytes = self.bytes.saturating_sub(entry.message.as_bytes().len());
            self.dropped = self.dropped.max(sequence);
        }
    }
}

impl Origin {
    fn entry(self, sequence: u64, draft: Draft) -> LogEntry {
        LogEntry {
            consultation: self.consultation,
            sequence,
            sender: self.sender,
            kind: draft.kind,
            generation: self.moment.generation,
            epoch: self.moment.epoch,
            message: draft.message,
        }
    }
}

impl LogEntry {
    fn is_dispensable(&self, generation: u32) -> bool {
        match self.kind {
            LogKind::Application => true,
            LogKind::Commit | LogKind::Welcome => self.generation < generation,
        }
    }
}
