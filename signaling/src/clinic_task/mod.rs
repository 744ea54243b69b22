//! The clinic task: one task owns the machines. It drains what has arrived into a batch, asks the
//! machines, writes one transaction, and only then tells people.

mod api;
mod attendance;
mod batch;
mod calls;
mod catalogue;
mod company;
mod desk;
mod doors;
mod duty;
mod event;
mod follow;
mod furnish;
mod intake;
mod media;
mod mls;
mod neighbours;
mod offers;
mod pace;
mod past;
mod presence;
mod regular;
mod requests;
mod restore;
mod snapshot;
mod steps;
mod translate;
mod work;
mod writings;

use tokio::sync::mpsc;
use tokio::time::{Interval, MissedTickBehavior, interval, sleep, sleep_until};

pub(crate) use api::{ApiRequest, Change, Look, Standing};
pub(crate) use company::validity;
pub(crate) use desk::Surroundings;
pub(crate) use event::{Asker, Event, Known, Opening};
pub use furnish::FurnishError;
pub(crate) use past::counted;
pub(crate) use restore::RestoreFailed;
pub(crate) use translate::{period_word, spoken};

use crate::limits;
use crate::store::{NodeId, Turn};
use batch::Batch;
use desk::Desk;

/// The task before it runs: the state is loaded, nobody is here yet.
pub(crate) struct ClinicTask {
    desk: Desk,
    inbox: mpsc::Receiver<Event>,
    /// What is to be taken in before anything else, in the next batch.
    left: Vec<Event>,
    /// When to look at the other servers; never where the store is ours alone.
    beats: Option<Interval>,
}

/// Why the task woke up, beside events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Woken {
    /// Something happened, or is due.
    Something,
    /// It is time to look at the other servers.
    Beat,
    /// Nothing can happen any more.
    Never,
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
        let beats = around.store.is_shared().then(|| {
            let mut beats = interval(limits::BEAT);
            beats.set_missed_tick_behavior(MissedTickBehavior::Delay);
            beats
        });
        Ok(Self {
            desk: Desk::load(around).await?,
            inbox,
            left: Vec::new(),
            beats,
        })
    }

    /// Runs until [`Event::Stop`], or until nobody is left who could say anything.
    pub(crate) async fn run(mut self) {
        let mut events = Vec::with_capacity(limits::BATCH);
        let mut pause = limits::RECOVERY_PAUSE;
        loop {
            events.clear();
            let gone = match self.await_something(&mut events).await {
                Woken::Never => break,
                Woken::Something => Vec::new(),
                Woken::Beat => self.hear_the_others().await,
            };
            let stop = events.iter().any(|event| matches!(event, Event::Stop));
            let mut batch = Batch::default();
            match self.take_turn(&events, &gone, &mut batch).await {
                Ok(mut turn) => {
                    api::recall(turn.as_mut(), &mut events).await;
                    self.decide(&mut events, &gone, &mut batch);
                    self.settle(batch, turn).await;
                    pause = limits::RECOVERY_PAUSE;
                }
                Err(why) => {
                    tracing::error!(%why, "the store cannot be written to");
                    self.put_off(&mut events);
                    sleep(pause).await;
                    pause = (pause * 2).min(limits::RECOVERY_PAUSE_LONGEST);
                }
            }
            if stop {
                break;
            }
        }
        if let Err(why) = self.desk.around.store.leave().await {
            tracing::warn!(%why, "the other servers will notice by themselves that this one is gone");
        }
    }

    /// Waits for events or for something that is due.
    async fn await_something(&mut self, events: &mut Vec<Event>) -> Woken {
        events.append(&mut self.left);
        if !events.is_empty() {
            return Woken::Something;
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
        let beat = async {
            match &mut self.beats {
                Some(beats) => beats.tick().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            count = self.inbox.recv_many(events, limits::BATCH) => {
                if count > 0 { Woken::Something } else { Woken::Never }
            }
            () = time => Woken::Something,
            () = offers => Woken::Something,
            _ = beat => Woken::Beat,
        }
    }

    /// Says that this server is there, shows what others wrote, and finds those that are gone.
    async fn hear_the_others(&mut self) -> Vec<NodeId> {
        match self.desk.hear_the_others().await {
            Ok(Some(gone)) => gone,
            Ok(None) => {
                tracing::error!("another server gave this one up; everybody is asked to come back");
                self.recover().await;
                Vec::new()
            }
            Err(why) => {
                tracing::warn!(%why, "the other servers on this store cannot be heard");
                Vec::new()
            }
        }
    }

    /// Takes this server's turn to write, if what is to be done may lead to that, and what others wrote with it.
    async fn take_turn(
        &mut self,
        events: &[Event],
        gone: &[NodeId],
        batch: &mut Batch,
    ) -> Result<Option<Turn>, RestoreFailed> {
        let idle = gone.is_empty() && !self.desk.is_due() && events.iter().all(Event::is_idle);
        if idle {
            return Ok(None);
        }
        let mut turn = self.desk.around.store.turn().await?;
        let news = turn.news(self.desk.version).await?;
        self.desk.catch_up(news, batch).await?;
        Ok(Some(turn))
    }

    fn decide(&mut self, events: &mut Vec<Event>, gone: &[NodeId], batch: &mut Batch) {
        for node in gone {
            self.desk.bury(*node, batch);
        }
        self.desk.pass_time(batch);
        for event in events.drain(..) {
            self.desk.take(event, batch);
        }
        self.desk.keep_warm(batch);
    }

    /// Without a turn nothing was decided: who asked is told to try again, the rest waits.
    fn put_off(&mut self, events: &mut Vec<Event>) {
        let rest = events.drain(..).filter_map(Event::refuse);
        self.left.extend(rest);
    }

    async fn settle(&mut self, mut batch: Batch, turn: Option<Turn>) {
        match self.desk.commit(&mut batch, turn).await {
            Ok(()) => self.desk.announce(&mut batch),
            Err(why) => {
                tracing::error!(%why, "a batch was not stored; the state is loaded anew");
                self.desk.around.counters.failed_to_write();
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

impl Desk {
    /// Beats, and takes up what others wrote; the servers that are gone. `None`: this one was given up.
    async fn hear_the_others(&mut self) -> Result<Option<Vec<NodeId>>, RestoreFailed> {
        let store = self.around.store.clone();
        let beats = store.beat().await?;
        if !beats.contains_key(&store.node()) {
            return Ok(None);
        }
        let news = store.news(self.version).await?;
        let mut batch = Batch::default();
        self.catch_up(news, &mut batch).await?;
        self.announce(&mut batch);
        Ok(Some(self.neighbours.hear(store.node(), &beats)))
    }
}
