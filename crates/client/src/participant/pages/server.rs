//! What the server says, and what a page makes of it.

use std::time::Instant;

use vestibule_frames::EpochName;
use vestibule_protocol::server::{ClosingReason, ConsultationView, Leg, ServerMessage};

use super::Page;
use crate::group::GroupEvent;
use crate::participant::requests::outcome;
use crate::participant::{Event, Stop};

impl Page {
    pub(super) async fn take(&mut self, message: ServerMessage) -> Result<(), Stop> {
        self.line.heard(Instant::now());
        match message {
            ServerMessage::Challenge { .. } => Ok(()),
            ServerMessage::Reply { id, reply } => self.answered(id, Ok(reply)).await,
            ServerMessage::Refused { id, error } => match id {
                Some(id) => self.answered(id, outcome(Err(error))).await,
                None => Ok(()),
            },
            ServerMessage::Patient(seen) => {
                let (leg, consultation) = (seen.leg.clone(), seen.consultation.clone());
                let revision = seen.revision;
                let event = Event::Patient(Box::new(seen));
                self.see(revision, leg, consultation, event).await
            }
            ServerMessage::Practitioner(seen) => {
                let (leg, consultation) = (seen.leg.clone(), seen.consultation.clone());
                let revision = seen.revision;
                let event = Event::Practitioner(Box::new(seen));
                self.see(revision, leg, consultation, event).await
            }
            // Ours is a patient's page or a practitioner's.
            ServerMessage::Companion(_) => Ok(()),
            ServerMessage::Slots {
                connection, slots, ..
            } => {
                self.calls.told(connection, slots);
                Ok(())
            }
            // They are said of offers with several layers, and with RED, and ours has neither.
            ServerMessage::Layers { .. } | ServerMessage::Redundancy { .. } => Ok(()),
            ServerMessage::Log {
                consultation,
                entries,
            } => self.tell(GroupEvent::Log(consultation, entries)).await,
            ServerMessage::Acknowledged {
                consultation,
                instance,
                generation,
                epoch,
            } => {
                let name = EpochName { generation, epoch };
                let event = GroupEvent::Acknowledged(consultation, instance, name);
                self.tell(event).await
            }
            ServerMessage::Closing { reason } => self.closing(reason).await,
        }
    }

    async fn closing(&mut self, reason: ClosingReason) -> Result<(), Stop> {
        match reason {
            ClosingReason::Replaced => Err(Stop::Replaced),
            ClosingReason::SessionEnded => Err(Stop::Ended),
            ClosingReason::ShuttingDown | ClosingReason::TooSlow | ClosingReason::Protocol => {
                self.lose().await
            }
        }
    }

    async fn see(
        &mut self,
        revision: u64,
        leg: Option<Leg>,
        consultation: Option<ConsultationView>,
        event: Event,
    ) -> Result<(), Stop> {
        if revision < self.revision {
            return Ok(());
        }
        self.revision = revision;
        self.in_consultation = consultation.is_some();
        self.show(event).await;
        self.calls.want(leg.as_ref()).await;
        self.tell(GroupEvent::View(consultation)).await
    }
}
