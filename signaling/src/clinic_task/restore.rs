//! The desk and the store: loading, committing, and beginning again after a failure.

use std::collections::HashMap;

use tokio::time::{Instant, sleep};
use vestibule_clinic::Clinic;
use vestibule_delivery::{Delivery, LogEntry, StoredConsultation};
use vestibule_protocol::server::ClosingReason;
use vestibule_vocab::ConsultationId;

use super::batch::Batch;
use super::calls::Calls;
use super::catalogue::Catalogue;
use super::desk::{Desk, Surroundings, roster};
use super::doors::Doors;
use super::duty::Duty;
use super::event::Event;
use super::neighbours::Neighbours;
use super::offers::Offers;
use super::pace::Pace;
use super::past::Past;
use super::presence::Presences;
use super::steps::Steps;
use super::writings::Told;
use crate::limits;
use crate::store::{Attendance, BatchKey, CommitError, Loaded, StoreError, Turn};

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
    /// What others wrote could not be taken up.
    #[error(transparent)]
    Behind(#[from] RestoreFailed),
    /// The store was gone while it wrote.
    #[error("the store was interrupted and did not write it")]
    NotWritten,
}

impl From<StoreError> for Unsettled {
    fn from(why: StoreError) -> Self {
        Self::Store(why.into())
    }
}

impl Desk {
    pub(super) async fn load(around: Surroundings) -> Result<Self, RestoreFailed> {
        around.store.join().await?;
        let steps = Steps::from(around.clock.look().1);
        let loaded = around.store.load().await?;
        let mut desk = Self {
            clinic: Clinic::new(around.policy),
            delivery: Delivery::new(),
            version: 0,
            presences: Presences::default(),
            neighbours: Neighbours::default(),
            duty: Duty::default(),
            steps,
            calls: Calls::default(),
            offers: Offers::default(),
            pace: Pace::default(),
            past: Past::default(),
            told: Told::default(),
            catalogue: Catalogue::default(),
            doors: Doors::default(),
            around,
        };
        // Nobody was here yet, under this server's new name.
        let _ = desk.take_over(loaded)?;
        Ok(desk)
    }

    /// Takes over what was stored. People who are noted as being here come back: nobody is, yet.
    fn take_over(&mut self, loaded: Loaded) -> Result<Vec<Attendance>, RestoreFailed> {
        let now = self.around.clock.now();
        let clinic = Clinic::restore(self.around.policy, loaded.state, now)?;
        let delivery = Delivery::restore(stored_logs(&clinic, loaded.log))?;
        for consultation in clinic.consultations() {
            if let Some(ids) = loaded.calls.get(&consultation.id) {
                self.calls.resume(consultation, ids.clone());
            }
        }
        self.catalogue = Catalogue::of(&clinic);
        self.doors = Doors::of(&clinic, now);
        self.clinic = clinic;
        self.delivery = delivery;
        self.version = loaded.version;
        let own = self.around.store.node();
        let (missing, elsewhere) = loaded
            .attendance
            .into_iter()
            .partition(|attendance| attendance.node == own);
        self.meet(elsewhere);
        Ok(missing)
    }

    /// Stores the batch, if there is anything that somebody could see.
    pub(super) async fn commit(
        &mut self,
        batch: &mut Batch,
        turn: Option<Turn>,
    ) -> Result<(), Unsettled> {
        if batch.has_failed() {
            return Err(Unsettled::GivenUp);
        }
        if !batch.is_visible() {
            if let Some(turn) = turn {
                turn.give_back().await;
            }
            self.steps.stored();
            return Ok(());
        }
        let turn = match turn {
            Some(turn) => turn,
            None => self.late_turn(batch).await?,
        };
        if turn.version != self.version {
            return Err(CommitError::Conflict.into());
        }
        let key = BatchKey::new().map_err(StoreError::from)?;
        let began = Instant::now();
        let written = turn.commit(key, &batch.writes).await;
        self.version = match written {
            Ok(()) => {
                self.around.counters.wrote(began.elapsed());
                self.version.saturating_add(1)
            }
            Err(CommitError::Unanswered(why)) => self.ask_for(key, why).await?,
            Err(why) => return Err(why.into()),
        };
        self.duty.ours();
        self.steps.stored();
        Ok(())
    }

    /// A turn for a batch that was not expected to need one: nothing was decided, somebody only sees something else.
    async fn late_turn(&mut self, batch: &mut Batch) -> Result<Turn, Unsettled> {
        let mut turn = self.around.store.turn().await?;
        if batch.writes.is_empty() {
            let news = turn.news(self.version).await?;
            self.catch_up(news, batch).await?;
        }
        Ok(turn)
    }

    /// Asks until the store says whether it wrote the batch: nothing can go on before that is known.
    async fn ask_for(&self, key: BatchKey, why: sqlx::Error) -> Result<u64, Unsettled> {
        tracing::warn!(%why, "the store did not say whether it wrote a batch");
        let mut pause = limits::RECOVERY_PAUSE;
        loop {
            match self.around.store.outcome_of(key).await {
                Ok(Some(version)) => return Ok(version),
                Ok(None) => return Err(Unsettled::NotWritten),
                Err(why) => tracing::error!(%why, "the store cannot be asked for a batch"),
            }
            sleep(pause).await;
            pause = (pause * 2).min(limits::RECOVERY_PAUSE_LONGEST);
        }
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
    pub(super) async fn reload(&mut self) -> Result<Vec<Event>, RestoreFailed> {
        self.around.store.join().await?;
        let loaded = self.around.store.load().await?;
        self.steps.lost(self.around.clock.look().1);
        let there = self.calls.known_to_sfu();
        self.calls = Calls::default();
        self.presences = Presences::default();
        self.neighbours = Neighbours::default();
        let missing = self.take_over(loaded)?;
        let registry = &self.around.registry;
        registry.dismiss_all(ClosingReason::ShuttingDown);
        let up = there.map(|(link, calls)| Event::SfuUp { link, calls });
        let missing = (!missing.is_empty()).then_some(Event::Missing(missing));
        Ok(up.into_iter().chain(missing).collect())
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
            roster: roster(clinic, consultation),
            log: logs.remove(&consultation.id).unwrap_or_default(),
        });
    stored.collect()
}
