//! Which packets are missing, and when each is asked for.

use std::time::Duration;

use super::Via;
use crate::Moment;
use crate::limits::{
    ANSWER, ANSWER_SLACK, ARRIVAL_WINDOW, FLOODED, FLOODED_WAIT, GIVE_UP, MISSING_PACKETS, ORDERLY,
    REORDERING, REORDERING_MOST, REQUESTS, ROUND_TRIP,
};
use crate::sequence::low;

/// The packets of a stream that did not come yet, in ascending order.
///
/// A packet leaves the list when it comes, whichever way, and then is never asked for again.
#[derive(Debug)]
pub(super) struct Missing {
    /// Takes as much memory as there ever were, up to [`MISSING_PACKETS`]: a stream without losses has none.
    entries: Vec<Entry>,
    /// What was asked for last.
    asked: Vec<u16>,
    round_trip: Duration,
    /// How late packets came that were not lost, as far as it is remembered.
    lateness: Duration,
    /// The newest packet that came.
    newest: u64,
    /// The line was dark since the last packet.
    dark: bool,
    /// Since when only a key frame mends the picture.
    key_frame: Option<Moment>,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    sequence: u64,
    noticed: Moment,
    /// When it is asked for next, or with the last request behind it given up.
    due: Moment,
    requests: u8,
}

impl Default for Missing {
    fn default() -> Self {
        Self {
            entries: Vec::new(),
            asked: Vec::new(),
            round_trip: ROUND_TRIP,
            lateness: Duration::ZERO,
            newest: 0,
            dark: false,
            key_frame: None,
        }
    }
}

impl Missing {
    pub(super) fn set_round_trip(&mut self, round_trip: Duration) {
        self.round_trip = round_trip.min(GIVE_UP);
    }

    pub(super) fn line_was_dark(&mut self) {
        self.dark = true;
    }

    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    /// A packet came that is newer than all: those between are missing.
    pub(super) fn pass(&mut self, now: Moment, before: u64, sequence: u64) {
        if self.lateness < ORDERLY {
            self.end_waiting(now);
        }
        self.drop_distant(now, sequence);
        self.newest = sequence;
        let dark = std::mem::take(&mut self.dark);
        let gap = sequence.saturating_sub(before).saturating_sub(1);
        // What was sent into a dark line is kept no more, or will soon not be.
        if gap > MISSING_PACKETS as u64 || (dark && gap > 0) {
            self.entries.clear();
            self.key_frame = Some(now);
        } else {
            (before + 1..sequence).for_each(|missing| self.push(now, missing));
        }
    }

    /// A packet came late; when it is no retransmission, the line reorders.
    pub(super) fn came(&mut self, now: Moment, sequence: u64, via: Via) {
        let place = self
            .entries
            .binary_search_by_key(&sequence, |entry| entry.sequence);
        let Ok(index) = place else { return };
        let entry = self.entries.remove(index);
        if via == Via::Stream {
            let late = now.since(entry.noticed).min(REORDERING_MOST);
            self.lateness = self.lateness.max(late);
        }
    }

    /// A key frame begins: what was before is not missed, and with the newest packet no other is needed.
    pub(super) fn key_frame(&mut self, sequence: u64) {
        self.entries.retain(|entry| entry.sequence >= sequence);
        self.key_frame = self.key_frame.filter(|_| sequence < self.newest);
    }

    pub(super) fn requests(&mut self, now: Moment) -> &[u16] {
        let flooded = self.is_flooded();
        let Self {
            entries,
            asked,
            round_trip,
            key_frame,
            lateness: _,
            newest: _,
            dark: _,
        } = self;
        asked.clear();
        entries.retain_mut(|entry| {
            if entry.is_hopeless(now) {
                *key_frame = Some(now);
                return false;
            }
            if now >= entry.due && flooded {
                entry.due = now.plus(FLOODED_WAIT);
            } else if now >= entry.due {
                asked.push(low(entry.sequence));
                entry.requests += 1;
                entry.due = now.plus(wait(*round_trip, entry.requests));
            }
            true
        });
        asked
    }

    /// Most of the last packets are missing, and not in one row, as when a line was dark for a moment: it takes much less
    /// than what is sent.
    fn is_flooded(&self) -> bool {
        let (last, most) = FLOODED;
        let known = self.newest.saturating_sub(last);
        let place = self
            .entries
            .partition_point(|entry| entry.sequence <= known);
        let lately = self.entries.get(place..).unwrap_or_default();
        let (Some(first), Some(last)) = (lately.first(), lately.last()) else {
            return false;
        };
        let span = last.sequence - first.sequence + 1;
        lately.len() >= most && span > lately.len() as u64
    }

    /// A key frame that is needed is asked for at once.
    pub(super) fn next_timeout(&self) -> Option<Moment> {
        let entries = self.entries.iter().map(Entry::next_timeout);
        entries.chain(self.key_frame).min()
    }

    pub(super) fn poll_key_frame(&mut self) -> bool {
        self.key_frame.take().is_some()
    }

    /// On an orderly line the second packet behind a gap ends the wait for what may only be late.
    fn end_waiting(&mut self, now: Moment) {
        let entries = self.entries.iter_mut().rev();
        for entry in entries.take_while(|entry| entry.requests == 0 && entry.due > now) {
            entry.due = now;
        }
    }

    fn push(&mut self, now: Moment, sequence: u64) {
        if self.entries.len() >= MISSING_PACKETS {
            self.entries.remove(0);
            self.key_frame = Some(now);
        }
        self.entries.push(Entry {
            sequence,
            noticed: now,
            due: now.plus(self.lateness.max(REORDERING)),
            requests: 0,
        });
        // A hundred gaps later a line that reordered once counts as orderly again.
        self.lateness -= self.lateness / 32;
    }

    /// Gives up what would not be taken any more when it came.
    fn drop_distant(&mut self, now: Moment, newest: u64) {
        let known = newest.saturating_sub(ARRIVAL_WINDOW as u64);
        let distant = self
            .entries
            .partition_point(|entry| entry.sequence <= known);
        if distant > 0 {
            self.entries.drain(..distant);
            self.key_frame = Some(now);
        }
    }
}

impl Entry {
    fn is_hopeless(&self, now: Moment) -> bool {
        now >= self.noticed.plus(GIVE_UP) || (self.requests >= REQUESTS && now >= self.due)
    }

    fn next_timeout(&self) -> Moment {
        self.due.min(self.noticed.plus(GIVE_UP))
    }
}

/// How long an answer is waited for: each time a quarter longer, as what is lost twice stands in a line that is
/// full.
fn wait(round_trip: Duration, requests: u8) -> Duration {
    let first = round_trip.max(ANSWER) + ANSWER_SLACK;
    (1..requests).fold(first, |wait, _| wait + wait / 4)
}
