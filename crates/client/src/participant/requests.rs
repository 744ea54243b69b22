//! The requests that wait for their answer.

use std::collections::{HashMap, VecDeque};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;
use vestibule_protocol::ErrorBody;
use vestibule_protocol::client::Request;
use vestibule_protocol::server::Reply;

use crate::Error;
use crate::group::{Failure, Outcome};
use crate::limits::{ACTION, REQUESTS};

/// Who waits for an answer.
pub(super) enum Waiter {
    /// The owner.
    Owner(oneshot::Sender<Result<Reply, Error>>),
    /// The group's driver, by its token.
    Group(u32),
    /// The connection of this number.
    Offer(u32),
    /// Nobody: the answer shows that the socket lives.
    Nobody,
}

/// By the request's number.
#[derive(Default)]
pub(super) struct Requests {
    last: u32,
    waiting: HashMap<u32, Waiter>,
}

impl Requests {
    /// A number for a request; `None` when too many wait, and the waiter comes back.
    pub(super) fn add(&mut self, waiter: Waiter) -> Result<u32, Waiter> {
        if self.waiting.len() >= REQUESTS {
            return Err(waiter);
        }
        // 0 is the number of `hello`.
        self.last = self.last.wrapping_add(1).max(1);
        self.waiting.insert(self.last, waiter);
        Ok(self.last)
    }

    pub(super) fn take(&mut self, id: u32) -> Option<Waiter> {
        self.waiting.remove(&id)
    }

    /// The socket is lost: nobody knows what became of these.
    pub(super) fn lose(&mut self) -> Vec<Waiter> {
        self.waiting.drain().map(|(_, waiter)| waiter).collect()
    }
}

/// What the owner asked for while the server could not be reached.
#[derive(Default)]
pub(super) struct Parked(VecDeque<(Instant, Request, oneshot::Sender<Result<Reply, Error>>)>);

impl Parked {
    /// Keeps a request; one too many is answered at once.
    pub(super) fn add(
        &mut self,
        now: Instant,
        request: Request,
        answer: oneshot::Sender<Result<Reply, Error>>,
    ) {
        if self.0.len() < REQUESTS {
            self.0.push_back((now + ACTION, request, answer));
        } else {
            drop(answer.send(Err(Error::Network)));
        }
    }

    /// The next one, once the server is there.
    pub(super) fn take(&mut self) -> Option<(Request, Waiter)> {
        let (_, request, answer) = self.0.pop_front()?;
        Some((request, Waiter::Owner(answer)))
    }

    /// Gives up what waited for too long.
    pub(super) fn expire(&mut self, now: Instant) {
        while self.deadline().is_some_and(|deadline| deadline <= now) {
            if let Some((_, _, answer)) = self.0.pop_front() {
                drop(answer.send(Err(Error::Network)));
            }
        }
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        self.0.front().map(|(deadline, _, _)| *deadline)
    }
}

/// An answer as the group and the connections take it.
pub(super) fn outcome(answer: Result<Reply, ErrorBody>) -> Outcome {
    answer.map_err(|error| Failure {
        code: Some(error.code),
        retry_after: error
            .retry_after_ms
            .map(|ms| Duration::from_millis(ms.into())),
    })
}

/// The same for an owner.
pub(super) fn for_owner(outcome: Outcome) -> Result<Reply, Error> {
    outcome.map_err(|failure| failure.code.map_or(Error::Network, Error::Refused))
}
