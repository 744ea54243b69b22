//! What a batch of events leads to: rows to store first, then messages to send.

use std::collections::BTreeSet;
use std::sync::Arc;

use vestibule_clinic::Changed;
use vestibule_protocol::ErrorCode;
use vestibule_protocol::server::{ClosingReason, Reply, ServerMessage};
use vestibule_vocab::{ParticipantId, VisitId};

use super::api::ApiRequest;
use super::event::Asker;
use super::offers::Offer;
use crate::api::Answer;
use crate::socket::Outbox;
use crate::store::Write;

/// All that follows from the events of one batch.
#[derive(Debug, Default)]
pub(super) struct Batch {
    /// What to store, in this order.
    pub(super) writes: Vec<Write>,
    /// Whose picture of the clinic changed, by its rules.
    pub(super) changed: Changed,
    /// Whose snapshot changed by anything else: a page, a leg, a key package, a group.
    pub(super) affected: BTreeSet<ParticipantId>,
    /// Whose picture changed by what other servers wrote: it is in the store already.
    pub(super) seen: Changed,
    /// Whose snapshot changed by that, likewise.
    pub(super) seen_by: BTreeSet<ParticipantId>,
    /// Whose place changed before, and who may now be told.
    pub(super) moved: BTreeSet<ParticipantId>,
    /// Answers, held back until the store has what they answer for.
    replies: Vec<(Asker, Reply)>,
    /// Answers to other systems, likewise.
    pub(super) answers: Vec<(Box<ApiRequest>, Answer)>,
    /// Welcomes, likewise.
    welcomes: Vec<(Arc<Outbox>, ServerMessage)>,
    /// Messages that an answer refers to, and that come before it.
    leading: Vec<(ParticipantId, ServerMessage)>,
    /// Messages to others, in order, before the snapshots.
    pushes: Vec<(ParticipantId, ServerMessage)>,
    /// Messages that make sense only after the snapshots.
    late: Vec<(ParticipantId, ServerMessage)>,
    /// Visits whose sessions are over.
    pub(super) forgotten: Vec<VisitId>,
    /// Offers to hand to the SFU, once it knows the calls.
    pub(super) offers: Vec<Offer>,
    /// The machines and the rest no longer agree, and nothing of this may be stored.
    failed: bool,
}

impl Batch {
    /// Something is to be stored or shown, and so the clinic's version moves on.
    pub(super) fn is_visible(&self) -> bool {
        !(self.writes.is_empty() && self.changed.is_empty() && self.affected.is_empty())
    }

    /// What changed here and at other servers.
    pub(super) fn all_changed(&self) -> Changed {
        let mut changed = self.changed.clone();
        changed.merge(self.seen.clone());
        changed
    }

    /// Gives the batch up: the state is loaded anew.
    pub(super) fn fail(&mut self, why: &dyn std::error::Error) {
        tracing::error!(%why, "a batch is given up");
        self.failed = true;
    }

    pub(super) fn has_failed(&self) -> bool {
        self.failed
    }

    pub(super) fn reply(&mut self, asker: Asker, reply: Reply) {
        self.replies.push((asker, reply));
    }

    pub(super) fn welcome(&mut self, outbox: Arc<Outbox>, message: ServerMessage) {
        self.welcomes.push((outbox, message));
    }

    pub(super) fn push_before(&mut self, to: ParticipantId, message: ServerMessage) {
        self.leading.push((to, message));
    }

    pub(super) fn push(&mut self, to: ParticipantId, message: ServerMessage) {
        self.pushes.push((to, message));
    }

    pub(super) fn push_late(&mut self, to: ParticipantId, message: ServerMessage) {
        self.late.push((to, message));
    }

    /// Sends welcomes, answers and messages to others.
    pub(super) fn tell(&mut self, registry: &crate::socket::Registry) {
        for (outbox, welcome) in self.welcomes.drain(..) {
            outbox.send(&welcome);
        }
        for (to, message) in self.leading.drain(..) {
            registry.send(to, &message);
        }
        for (asker, reply) in self.replies.drain(..) {
            asker.outbox.send(&asker.reply(reply));
        }
        for (request, answer) in self.answers.drain(..) {
            request.reply(Ok(answer));
        }
        for (to, message) in self.pushes.drain(..) {
            registry.send(to, &message);
        }
    }

    /// Sends what comes after the snapshots.
    pub(super) fn tell_late(&mut self, registry: &crate::socket::Registry) {
        for (to, message) in self.late.drain(..) {
            registry.send(to, &message);
        }
    }

    /// The store did not take it: nothing of the batch happened.
    pub(super) fn refuse_all(self) {
        for (outbox, _) in self.welcomes {
            outbox.close(ClosingReason::ShuttingDown);
        }
        for (asker, _) in self.replies {
            asker.refuse(ErrorCode::Unavailable);
        }
        for (request, _) in self.answers {
            request.refuse();
        }
        for offer in self.offers {
            offer.asker.refuse(ErrorCode::Unavailable);
        }
    }
}
