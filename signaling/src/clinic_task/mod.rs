//! The clinic task: one task owns the machines. It drains what has arrived into a batch, asks the
//! machines, writes one transaction, and only then tells people.

mod attendance;
mod batch;
mod calls;
mod catalogue;
mod desk;
mod event;
mod media;
mod mls;
mod offers;
mod pace;
mod presence;
mod requests;
mod restore;
mod snapshot;
mod translate;
mod work;

use tokio::sync::mpsc;
use tokio::time::{sleep, sleep_until};

pub(crate) use desk::Surroundings;
pub(crate) use event::{Asker, Event, Opening};
pub(crate) use restore::RestoreFailed;

use crate::limits;
use batch::Batch;
use desk::Desk;

/// The task before it runs: the state is loaded, nobody is here yet.
pub(crate) struct ClinicTask {
    desk: Desk,
    inbox: mpsc::Receiver<Event>,
    /// What a reload left to be done in the next batch.
    left: Option<Event>,
}

impl ClinicTask {
    /// Loads the state.
    ///
    /// # Errors
    /// When the store cannot be read, or holds what was never written.
    pub(crate) async fn load(
        around: Surroundings,
        inbox: mpsc::Receiver<Event>,
    ) -> Result<Self, RestoreFailed> {
        let desk = Desk::load(around).await?;
        Ok(Self {
            desk,
            inbox,
            left: None,
        })
    }

    /// Runs until [`Event::Stop`], or until nobody is left who could say anything.
    pub(crate) async fn run(mut self) {
        let mut events = Vec::with_capacity(limits::BATCH);
        loop {
            events.clear();
            if !self.await_something(&mut events).await {
                break;
            }
            let stop = events.iter().any(|event| matches!(event, Event::Stop));
            let mut batch = Batch::default();
            self.desk.pass_time(&mut batch);
            for event in events.drain(..) {
                self.desk.take(event, &mut batch);
            }
            self.desk.keep_warm(&mut batch);
            self.settle(batch).await;
            if stop {
                break;
            }
        }
    }

    /// Waits for events or for something that is due. False when nothing can come any more.
    async fn await_something(&mut self, events: &mut Vec<Event>) -> bool {
        if let Some(left) = self.left.take() {
            events.push(left);
            return true;
        }
        let due = self.desk.next_due();
        let offer = self.desk.offers.next_deadline();
        let clock = self.desk.around.clock.clone();
        let time = async move {
            match due {
                Some(due) => clock.sleep_until(due).await,
                None => std::future::pending().await,
            }
        };
        let offers = async move {
            match offer {
                Some(deadline) => sleep_until(deadline).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            count = self.inbox.recv_many(events, limits::BATCH) => count > 0,
            () = time => true,
            () = offers => true,
        }
    }

    async fn settle(&mut self, mut batch: Batch) {
        match self.desk.commit(&batch).await {
            Ok(()) => self.desk.announce(&mut batch),
            Err(why) => {
                tracing::error!(%why, "a batch was not stored; the state is loaded anew");
                batch.refuse_all();
                self.recover().await;
            }
        }
    }

    /// Loads the state until it works: what is in memory may be ahead of the store.
    async fn recover(&mut self) {
        let mut pause = limits::RECOVERY_PAUSE;
        loop {
            sleep(pause).await;
            match self.desk.reload().await {
                Ok(left) => {
                    self.left = left;
                    return;
                }
                Err(why) => tracing::error!(%why, "the state could not be loaded"),
            }
            pause = (pause * 2).min(limits::RECOVERY_PAUSE_LONGEST);
        }
    }
}
