//! Sends the letters of the outbox, each until it has its place in the log.

use std::time::Instant;

use vestibule_protocol::Base64Bytes;
use vestibule_protocol::client::Request;
use vestibule_protocol::server::Reply;

use super::backoff::Backoff;
use super::meeting::Meeting;
use super::ports::{Errand, Outcome, Step};
use crate::limits::RETRY;

pub(super) struct Mailer {
    backoff: Backoff,
}

impl Mailer {
    pub(super) fn new() -> Self {
        Self {
            backoff: Backoff::new(RETRY),
        }
    }

    pub(super) fn retry_at(&self) -> Option<Instant> {
        self.backoff.until()
    }

    /// A new socket: no reason to wait any longer.
    pub(super) fn online(&mut self) {
        self.backoff.succeed();
    }

    /// Sends what is next; to be called when online, with the log read and no commit on its way.
    pub(super) fn advance(&self, step: &mut Step<'_>, meeting: &mut Meeting) {
        if self.backoff.blocks(step.now) {
            return;
        }
        let epoch = meeting.epoch();
        match &meeting.outbox.sealed {
            Some(sealed) if sealed.flying => return,
            // What was sealed for an epoch that passed is refused by the server: it is sealed anew.
            Some(sealed) if Some(sealed.epoch) != epoch => meeting.outbox.take_back(),
            Some(_) | None => {}
        }
        if meeting.outbox.sealed.is_none()
            && let Err(rejection) = meeting.seal_next(step.member)
        {
            step.rejected.push(rejection);
        }
        if let Some(sealed) = &mut meeting.outbox.sealed {
            sealed.flying = true;
            let message = Base64Bytes(sealed.message.clone());
            let consultation = meeting.consultation;
            step.ask(
                Errand::Send,
                Request::Send {
                    consultation,
                    message,
                },
            );
        }
    }

    /// An entry of our own came by the log.
    pub(super) fn seen(step: &mut Step<'_>, meeting: &mut Meeting, message: &[u8]) {
        let ours = meeting.outbox.sealed.as_ref();
        if ours.is_some_and(|sealed| sealed.message == message) {
            close(step, meeting, true);
        }
    }

    pub(super) fn landed(
        &mut self,
        step: &mut Step<'_>,
        meeting: &mut Meeting,
        outcome: &Outcome,
    ) {
        let Some(sealed) = &mut meeting.outbox.sealed else {
            return;
        };
        sealed.flying = false;
        let failure = match outcome {
            Ok(reply) => {
                if let Reply::Accepted { sequence } = reply {
                    step.placed.push(*sequence);
                }
                self.backoff.succeed();
                return close(step, meeting, true);
            }
            Err(failure) => failure,
        };
        if !failure.is_unclear() && failure.retry_after.is_none() {
            return close(step, meeting, false);
        }
        self.backoff.fail(step.now, failure.retry_after);
        if failure.code.is_some() && failure.is_unclear() {
            meeting.outbox.take_back();
        }
        step.sync |= failure.is_unclear();
    }
}

fn close(step: &mut Step<'_>, meeting: &mut Meeting, sent: bool) {
    if let Some(sealed) = meeting.outbox.sealed.take() {
        meeting.sent(step, &sealed.letter, sent);
    }
}
