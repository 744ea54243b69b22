//! What waits to be sent on one socket: a bounded queue, and one place for the newest snapshot.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;
use vestibule_protocol::server::{ClosingReason, ServerMessage};

use crate::limits;

/// The next thing to do on a socket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outgoing {
    /// Send this text.
    Text(String),
    /// Say why, and close.
    Close(ClosingReason),
}

/// The queue between whoever has something to say and the task that owns the socket. Putting
/// something in never waits: a reader that is too slow loses its socket, not everybody's time.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    queue: Mutex<Queue>,
    filled: Notify,
}

#[derive(Debug, Default)]
struct Queue {
    items: VecDeque<Item>,
    bytes: usize,
    closing: Option<ClosingReason>,
}

#[derive(Debug)]
enum Item {
    Text(String),
    Snapshot(String),
}

impl Outbox {
    /// Queues a message.
    pub(crate) fn send(&self, message: &ServerMessage) {
        if let Some(text) = encode(message) {
            self.lock().push(text);
            self.filled.notify_one();
        }
    }

    /// Queues a snapshot. One that still waits is replaced where it stands, so that what was queued
    /// behind it keeps finding it in front.
    pub(crate) fn send_snapshot(&self, message: &ServerMessage) {
        if let Some(text) = encode(message) {
            self.lock().put_snapshot(text);
            self.filled.notify_one();
        }
    }

    /// Closes the socket after what is queued. The first reason counts.
    pub(crate) fn close(&self, reason: ClosingReason) {
        self.lock().closing.get_or_insert(reason);
        self.filled.notify_one();
    }

    /// The next thing to do. Dropping the future loses nothing.
    pub(crate) async fn next(&self) -> Outgoing {
        loop {
            if let Some(next) = self.lock().pop() {
                return next;
            }
            self.filled.notified().await;
        }
    }

    /// A panic while the lock was held cannot leave the queue half changed.
    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Queue {
    fn push(&mut self, text: String) {
        let bytes = self.bytes.saturating_add(text.len());
        if self.items.len() >= limits::OUTBOX_MESSAGES || bytes > limits::OUTBOX_BYTES {
            self.give_up();
        } else if self.closing.is_none() {
            self.bytes = bytes;
            self.items.push_back(Item::Text(text));
        }
    }

    fn put_snapshot(&mut self, text: String) {
        if self.closing.is_some() {
            return;
        }
        for item in &mut self.items {
            if let Item::Snapshot(waiting) = item {
                *waiting = text;
                return;
            }
        }
        self.items.push_back(Item::Snapshot(text));
    }

    /// What is queued would come too late to be of use; the client begins again with a snapshot.
    fn give_up(&mut self) {
        self.items.clear();
        self.bytes = 0;
        self.closing.get_or_insert(ClosingReason::TooSlow);
    }

    fn pop(&mut self) -> Option<Outgoing> {
        match self.items.pop_front() {
            Some(Item::Text(text)) => {
                self.bytes = self.bytes.saturating_sub(text.len());
                Some(Outgoing::Text(text))
            }
            Some(Item::Snapshot(text)) => Some(Outgoing::Text(text)),
            None => self.closing.map(Outgoing::Close),
        }
    }
}

/// Our own types always serialise; if one did not, saying nothing is all that is left.
fn encode(message: &ServerMessage) -> Option<String> {
    serde_json::to_string(message).ok()
}

#[cfg(test)]
mod tests {
    use vestibule_protocol::server::{ClinicCard, ClosingReason, PatientSnapshot, ServerMessage};
    use vestibule_protocol::server::{Reply, ServerMessage::Reply as Answer};

    use super::{Outbox, Outgoing};
    use crate::limits;

    fn snapshot(revision: u64) -> ServerMessage {
        ServerMessage::Patient(PatientSnapshot {
            revision,
            card: ClinicCard {
                clinic: String::new(),
                service: String::new(),
            },
            visit: None,
            offered: Vec::new(),
            regular: None,
            leg: None,
            consultation: None,
        })
    }

    fn answer(id: u32) -> ServerMessage {
        Answer {
            id,
            reply: Reply::Done,
        }
    }

    async fn next_text(outbox: &Outbox) -> String {
        match outbox.next().await {
            Outgoing::Text(text) => text,
            Outgoing::Close(reason) => panic!("closed: {reason:?}"),
        }
    }

    #[tokio::test]
    async fn only_the_newest_snapshot_is_sent_and_in_the_first_ones_place() {
        let outbox = Outbox::default();
        outbox.send_snapshot(&snapshot(1));
        outbox.send(&answer(1));
        outbox.send_snapshot(&snapshot(2));
        assert!(next_text(&outbox).await.contains("\"revision\":2"));
        assert!(next_text(&outbox).await.contains("\"id\":1"));
        outbox.send_snapshot(&snapshot(3));
        assert!(next_text(&outbox).await.contains("\"revision\":3"));
    }

    #[tokio::test]
    async fn a_reader_that_does_not_read_is_given_up() {
        let outbox = Outbox::default();
        for id in 0..=u32::try_from(limits::OUTBOX_MESSAGES).unwrap() {
            outbox.send(&answer(id));
        }
        assert_eq!(outbox.next().await, Outgoing::Close(ClosingReason::TooSlow));
    }

    #[tokio::test]
    async fn what_was_queued_before_the_close_is_sent_and_nothing_after_it() {
        let outbox = Outbox::default();
        outbox.send(&answer(1));
        outbox.close(ClosingReason::Replaced);
        outbox.close(ClosingReason::ShuttingDown);
        outbox.send(&answer(2));
        assert!(next_text(&outbox).await.contains("\"id\":1"));
        assert_eq!(
            outbox.next().await,
            Outgoing::Close(ClosingReason::Replaced)
        );
    }
}
