//! MLS messages: carried by `delivery`, stored with the batch, sent on after the commit.

use vestibule_delivery::{Accepted, Caller, LogEntry};
use vestibule_protocol::ErrorCode;
use vestibule_protocol::client::Request;
use vestibule_protocol::server::{ClaimedKeyPackage, Reply, ServerMessage};
use vestibule_protocol::{Base64Bytes, limits as wire_limits};
use vestibule_vocab::ConsultationId;

use super::batch::Batch;
use super::desk::Desk;
use super::presence::Presence;
use super::translate::{delivery_refusal, log_entry};
use crate::store::Write;

impl Desk {
    /// Carries out a request that is delivery's business.
    pub(super) fn carry(
        &mut self,
        presence: &Presence,
        request: Request,
        batch: &mut Batch,
    ) -> Result<Reply, ErrorCode> {
        let from = Caller {
            participant: presence.subject.participant(),
            instance: presence.instance,
        };
        match request {
            Request::PublishKeyPackages { packages } => self.publish(from, packages, batch),
            Request::ClaimKeyPackages {
                consultation,
                instances,
            } => self.claim(from, consultation, &instances, batch),
            Request::Commit {
                consultation,
                commit,
                welcome,
            } => {
                let welcome = welcome.map(|it| it.0);
                let accepted = self.delivery.commit(from, consultation, commit.0, welcome);
                let accepted = accepted.map_err(delivery_refusal)?;
                Ok(self.accepted(from, consultation, accepted, batch))
            }
            Request::Send {
                consultation,
                message,
            } => {
                let accepted = self.delivery.send(from, consultation, message.0);
                let accepted = accepted.map_err(delivery_refusal)?;
                Ok(self.accepted(from, consultation, accepted, batch))
            }
            Request::Acknowledge {
                consultation,
                generation,
                epoch,
            } => self.acknowledge(from, consultation, (generation, epoch), batch),
            Request::Sync {
                consultation,
                after,
            } => self.sync(from, consultation, after, batch),
            Request::AnswerForm { .. }
            | Request::Consent { .. }
            | Request::CheckDevices { .. }
            | Request::ClaimException { .. }
            | Request::AskAgain { .. }
            | Request::OpenGate { .. }
            | Request::Hello { .. }
            | Request::Ping
            | Request::Arrive { .. }
            | Request::Answer { .. }
            | Request::Leave
            | Request::Move
            | Request::Feedback { .. }
            | Request::Note { .. }
            | Request::Invite { .. }
            | Request::Join { .. }
            | Request::WithdrawInvitation { .. }
            | Request::DeclineInvitation { .. }
            | Request::Admit { .. }
            | Request::Call { .. }
            | Request::Decline { .. }
            | Request::Message { .. }
            | Request::SetUrgency { .. }
            | Request::Transfer { .. }
            | Request::Hold { .. }
            | Request::Resume { .. }
            | Request::TakeOn { .. }
            | Request::SetDuty { .. }
            | Request::End { .. }
            | Request::Offer { .. }
            | Request::SetMedia { .. }
            | Request::Watch { .. } => Err(ErrorCode::OutOfOrder),
        }
    }

    fn publish(
        &mut self,
        from: Caller,
        packages: Vec<Base64Bytes>,
        batch: &mut Batch,
    ) -> Result<Reply, ErrorCode> {
        let packages = packages.into_iter().map(|it| it.0).collect();
        self.delivery
            .publish_key_packages(from, packages)
            .map_err(delivery_refusal)?;
        self.affect_with_others(from.participant, batch);
        Ok(Reply::Done)
    }

    fn claim(
        &mut self,
        from: Caller,
        consultation: ConsultationId,
        instances: &[vestibule_vocab::InstanceId],
        batch: &mut Batch,
    ) -> Result<Reply, ErrorCode> {
        let claimed = self
            .delivery
            .claim_key_packages(from, consultation, instances)
            .map_err(delivery_refusal)?;
        self.affect_with_others(from.participant, batch);
        let packages = claimed.into_iter().map(|it| ClaimedKeyPackage {
            instance: it.instance,
            package: Base64Bytes(it.package.as_bytes().to_vec()),
        });
        Ok(Reply::KeyPackages {
            packages: packages.collect(),
        })
    }

    fn accepted(
        &self,
        from: Caller,
        consultation: ConsultationId,
        accepted: Accepted,
        batch: &mut Batch,
    ) -> Reply {
        let entries = || accepted.entries.iter().map(log_entry).collect();
        for recipient in &accepted.recipients {
            let log = ServerMessage::Log {
                consultation,
                entries: entries(),
            };
            batch.push(recipient.participant, log);
        }
        if accepted.group_changed {
            self.affect_with_others(from.participant, batch);
        }
        let stored = accepted.entries.into_iter().map(Write::Log);
        batch.writes.extend(stored);
        if !accepted.dropped.is_empty() {
            let dropped = Write::DropLog(consultation, accepted.dropped);
            batch.writes.push(dropped);
        }
        Reply::Accepted {
            sequence: accepted.sequence,
        }
    }

    fn acknowledge(
        &self,
        from: Caller,
        consultation: ConsultationId,
        (generation, epoch): (u32, u64),
        batch: &mut Batch,
    ) -> Result<Reply, ErrorCode> {
        let passed_on = self
            .delivery
            .acknowledge(from, consultation, generation, epoch)
            .map_err(delivery_refusal)?;
        for recipient in passed_on.recipients {
            let message = ServerMessage::Acknowledged {
                consultation,
                instance: from.instance,
                generation,
                epoch,
            };
            batch.push(recipient.participant, message);
        }
        Ok(Reply::Done)
    }

    /// The entries go out before the `done` that follows them.
    fn sync(
        &self,
        from: Caller,
        consultation: ConsultationId,
        after: u64,
        batch: &mut Batch,
    ) -> Result<Reply, ErrorCode> {
        let entries = self
            .delivery
            .sync(from, consultation, after)
            .map_err(delivery_refusal)?;
        for chunk in chunks(&entries) {
            let log = ServerMessage::Log {
                consultation,
                entries: chunk.iter().map(log_entry).collect(),
            };
            batch.push_before(from.participant, log);
        }
        Ok(Reply::Done)
    }
}

/// Bytes that an entry takes beside its message, in JSON.
const ENTRY_OVERHEAD: usize = 256;

/// Cuts a log into runs that fit one message each.
pub(super) fn chunks(entries: &[LogEntry]) -> Vec<&[LogEntry]> {
    let size = |entry: &LogEntry| entry.message.as_bytes().len().div_ceil(3) * 4 + ENTRY_OVERHEAD;
    let mut filled = 0_usize;
    let chunks = entries.chunk_by(|before, next| {
        filled = filled.saturating_add(size(before));
        let fits = filled.saturating_add(size(next)) < wire_limits::MESSAGE_BYTES;
        if !fits {
            filled = 0;
        }
        fits
    });
    chunks.collect()
}
