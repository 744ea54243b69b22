//! The desk and the store: loading, committing, and beginning again after a failure.

use std::collections::HashMap;

use vestibule_clinic::Clinic;
use vestibule_delivery::{Delivery, LogEntry, StoredConsultation};
use vestibule_protocol::server::ClosingReason;
use vestibule_vocab::ConsultationId;

use super::batch::Batch;
use super::calls::Calls;
use super::catalogue::Catalogue;
use super::desk::{Desk, Surroundings, roster};
use super::event::Event;
use super::offers::Offers;
use super::pace::Pace;
use super::presence::Presences;
use crate::store::{CommitError, Loaded, StoreError};

/// Why the state could not be loaded.
#[derive(Debug, thiserror::Error)]
pub enum RestoreFailed {
    /// The store could not be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The rows contradict one another.
    #[error("the store does not hold a clinic: {0}")]
    Clinic(#[from] vestibule_clinic::RestoreError),
    /// The MLS log has a gap or a contradiction.
    #[error("the store does not hold an MLS log: {0}")]
    Delivery(#[from] vestibule_delivery::RestoreError),
}

/// Why a batch was not stored.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unsettled {
    /// It was given up before it came to the store.
    #[error("it was given up")]
    GivenUp,
    /// The store did not take it.
    #[error(transparent)]
    Store(#[from] CommitError),
}

impl Desk {
    pub(super) async fn load(around: Surroundings) -> Result<Self, RestoreFailed> {
        let loaded = around.store.load().await?;
        let mut desk = Self {
            clinic: Clinic::new(around.policy),
            delivery: Delivery::new(),
            version: 0,
            presences: Presences::default(),
            calls: Calls::default(),
            offers: Offers::default(),
            pace: Pace::default(),
            catalogue: Catalogue::default(),
            around,
        };
        desk.take_over(loaded)?;
        Ok(desk)
    }

    fn take_over(&mut self, loaded: Loaded) -> Result<(), RestoreFailed> {
        let now = self.around.clock.now();
        let clinic = Clinic::restore(self.around.policy, loaded.state, now)?;
        let delivery = Delivery::restore(stored_logs(&clinic, loaded.log))?;
        for consultation in clinic.consultations() {
            if let Some(ids) = loaded.calls.get(&consultation.id) {
                self.calls.resume(consultation, *ids);
            }
        }
        self.catalogue = Catalogue::of(&clinic);
        self.clinic = clinic;
        self.delivery = delivery;
        self.version = loaded.version;
        Ok(())
    }

    /// Stores the batch, if there is anything that somebody could see.
    pub(super) async fn commit(&mut self, batch: &Batch) -> Result<(), Unsettled> {
        if batch.has_failed() {
            return Err(Unsettled::GivenUp);
        }
        if batch.is_visible() {
            self.around
                .store
                .commit(self.version, &batch.writes)
                .await?;
            self.version = self.version.saturating_add(1);
        }
        Ok(())
    }

    /// Tells everybody, now that the store has it.
    pub(super) fn announce(&mut self, batch: &mut Batch) {
        let registry = self.around.registry.clone();
        batch.tell(&registry);
        self.show(batch);
        batch.tell_late(&registry);
        for visit in &batch.forgotten {
            registry.dismiss_visit(*visit);
        }
        self.steer_sfu(batch);
    }

    /// Begins again from the store. Everybody is asked to come back: reconnecting equals
    /// connecting. What the SFU has is to be looked at anew.
    pub(super) async fn reload(&mut self) -> Result<Option<Event>, RestoreFailed> {
        let loaded = self.around.store.load().await?;
        let there = self.calls.known_to_sfu();
        self.calls = Calls::default();
        self.presences = Presences::default();
        self.take_over(loaded)?;
        let registry = &self.around.registry;
        registry.dismiss_all(ClosingReason::ShuttingDown);
        Ok(there.map(|(link, calls)| Event::SfuUp { link, calls }))
    }
}

fn stored_logs(
    clinic: &Clinic,
    mut logs: HashMap<ConsultationId, Vec<LogEntry>>,
) -> Vec<StoredConsultation> {
    let stored = clinic
        .consultations()
        .map(|consultation| StoredConsultation {
            consultation: consultation.id,
            roster: roster(consultation).to_vec(),
            log: logs.remove(&consultation.id).unwrap_or_default(),
        });
    stored.collect()
}
