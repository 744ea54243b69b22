//! The control link: what signaling asks is handed to the workers, what they report is told.

mod link;
mod orphan;
mod registry;

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use tokio::net::UnixListener;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::time::{Interval, MissedTickBehavior, interval};
use vestibule_control::{CONTROL_VERSION, FromSfu, SfuStats, ToSfu};
use vestibule_vocab::CallId;

use crate::counters::cpu_micros;
use crate::limits::{FAILED_PER_SECOND, STATS_INTERVAL};
use crate::worker::{Asked, Command, Handle, Report, WorkerEnded};
use link::{Incoming, Link};
use orphan::Orphan;
use registry::Registry;

/// Ways to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// Signaling said so.
    Shutdown,
    /// No signaling process came for too long.
    Orphaned,
}

/// Messages of links that wait to be looked at.
const INCOMING: usize = 64;

/// How often the workers and the time without a link are looked at.
const TICK: Duration = Duration::from_secs(1);

pub(crate) struct Control {
    workers: Vec<Handle>,
    registry: Registry,
    reports: Receiver<Report>,
    /// A worker had more to tell than could wait.
    lost: Arc<AtomicBool>,
    incoming: Receiver<Incoming>,
    /// Given to each link that is made.
    inbox: Sender<Incoming>,
    link: Option<Link>,
    links: u64,
    orphan: Orphan,
    stats_told: (Instant, SfuStats),
    /// Calls that failed, of which signaling is still to be told.
    failed: VecDeque<CallId>,
    /// How many it was told of since the last tick.
    failed_told: usize,
}

impl Control {
    pub(crate) fn new(
        workers: Vec<Handle>,
        reports: Receiver<Report>,
        lost: Arc<AtomicBool>,
    ) -> Self {
        let (inbox, incoming) = channel(INCOMING);
        let now = Instant::now();
        Self {
            registry: Registry::new(workers.len()),
            workers,
            reports,
            lost,
            incoming,
            inbox,
            link: None,
            links: 0,
            orphan: Orphan::new(now),
            stats_told: (now, SfuStats::default()),
            failed: VecDeque::new(),
            failed_told: 0,
        }
    }

    /// Serves links until signaling says to stop, or none came for too long.
    ///
    /// # Errors
    /// When a worker ended by itself.
    pub(crate) async fn serve(&mut self, listener: UnixListener) -> Result<End, WorkerEnded> {
        let mut ticks = ticks();
        loop {
            let end = tokio::select! {
                accepted = listener.accept() => {
                    match accepted {
                        Ok((stream, _)) => {
                            self.links += 1;
                            link::greet(self.links, stream, self.inbox.clone());
                        }
                        // Without descriptors to spare, the next try would fail as fast.
                        Err(_) => tokio::time::sleep(TICK).await,
                    }
                    None
                }
                Some(incoming) = self.incoming.recv() => self.take(incoming).await?,
                Some(report) = self.reports.recv() => {
                    self.report(report).await?;
                    None
                }
                _ = ticks.tick() => self.tick()?,
            };
            if let Some(end) = end {
                return Ok(end);
            }
        }
    }

    /// Ends the workers; each says goodbye to its peers.
    pub(crate) async fn stop(self) -> Result<(), WorkerEnded> {
        for worker in &self.workers {
            worker.tell(Command::Stop).await?;
        }
        self.workers.into_iter().try_for_each(Handle::join)
    }

    async fn take(&mut self, incoming: Incoming) -> Result<Option<End>, WorkerEnded> {
        match incoming {
            Incoming::Opened(link) => self.open(link).await?,
            Incoming::Ended(number) if self.is_current(number) => self.close_link("it ended"),
            Incoming::Message(number, message) if self.is_current(number) => {
                return self.hear(number, message).await;
            }
            // Of a link that was closed or replaced.
            Incoming::Ended(_) | Incoming::Message(..) => {}
        }
        Ok(None)
    }

    /// A signaling process said hello: it replaces the one before and is told everything.
    async fn open(&mut self, link: Link) -> Result<(), WorkerEnded> {
        tracing::info!(version = link.version(), "signaling is linked");
        let same = link.version() == CONTROL_VERSION;
        self.link = Some(link);
        // They are missing in what is said now.
        self.failed.clear();
        self.tell(FromSfu::Hello {
            version: CONTROL_VERSION,
            pid: std::process::id(),
            calls: self.registry.calls().collect(),
        });
        self.lost.store(false, Ordering::Release);
        for worker in self.workers.iter().filter(|_| same) {
            worker.tell(Command::TellAll).await?;
        }
        Ok(())
    }

    fn is_current(&self, number: u64) -> bool {
        self.link.as_ref().map(Link::number) == Some(number)
    }

    /// A signaling process of another version can make place for an SFU of its own, and do nothing else.
    async fn hear(&mut self, link: u64, message: ToSfu) -> Result<Option<End>, WorkerEnded> {
        let same = self.link.as_ref().map(Link::version) == Some(CONTROL_VERSION);
        if same || message == ToSfu::Shutdown {
            return self.obey(link, message).await;
        }
        self.close_link("it speaks another version");
        Ok(None)
    }

    async fn obey(&mut self, link: u64, message: ToSfu) -> Result<Option<End>, WorkerEnded> {
        match message {
            ToSfu::Shutdown => return Ok(Some(End::Shutdown)),
            ToSfu::Hello { .. } => self.close_link("it said hello twice"),
            ToSfu::SetCall(plan) => {
                let call = plan.call;
                match self.registry.worker_for(&plan) {
                    Some(worker) => self.command(worker, Command::SetCall(plan)).await?,
                    None => {
                        tracing::warn!(call = %call.loggable(), "a plan is over a limit and is not taken")
                    }
                }
            }
            ToSfu::CloseCall { call } => {
                if let Some(worker) = self.registry.remove(call) {
                    self.command(worker, Command::CloseCall(call)).await?;
                }
            }
            ToSfu::Offer {
                request,
                call,
                leg,
                connection,
                sdp,
            } => {
                let asked = Asked { link, request };
                match self.registry.worker_of(call) {
                    Ok(worker) => {
                        let offer = Command::Offer {
                            asked,
                            call,
                            leg,
                            connection,
                            sdp,
                        };
                        self.command(worker, offer).await?;
                    }
                    Err(reason) => self.tell(FromSfu::Refused { request, reason }),
                }
            }
            ToSfu::Watch {
                call,
                leg,
                connection,
                pictures,
            } => {
                // One that is gone has nobody who watches.
                if let Ok(worker) = self.registry.worker_of(call) {
                    let watch = Command::Watch {
                        call,
                        leg,
                        connection,
                        pictures,
                    };
                    self.command(worker, watch).await?;
                }
            }
        }
        Ok(None)
    }

    async fn command(&self, worker: usize, command: Command) -> Result<(), WorkerEnded> {
        self.workers
            .get(worker)
            .ok_or(WorkerEnded)?
            .tell(command)
            .await
    }

    async fn report(&mut self, report: Report) -> Result<(), WorkerEnded> {
        if self.lost.swap(false, Ordering::AcqRel) {
            self.close_link("there was more to tell than could wait");
        }
        match report {
            Report::Ended => return Err(WorkerEnded),
            Report::Panicked(place) => {
                tracing::error!(
                    place,
                    "a panic: the calls that were in it are over, and others take their place"
                );
            }
            Report::Reply { link, reply, why } => {
                if let Some(why) = why {
                    tracing::info!(%why, "an offer is refused");
                }
                if self.is_current(link) {
                    self.tell(reply);
                }
            }
            Report::News(FromSfu::Failed { call }) => {
                // A plan that was under way when it failed has made it anew, with nobody who will close it.
                if let Some(worker) = self.registry.remove(call) {
                    self.command(worker, Command::CloseCall(call)).await?;
                }
                self.failed.push_back(call);
                self.tell_failed();
            }
            Report::News(news) => {
                log(&news);
                self.tell(news);
            }
        }
        Ok(())
    }

    /// Tells the linked signaling process. One that reads too slowly is cut off.
    fn tell(&mut self, message: FromSfu) {
        let told = self.link.as_ref().is_none_or(|link| link.tell(message));
        if !told {
            self.close_link("it does not read what it is told");
        }
    }

    fn tell_failed(&mut self) {
        let may = FAILED_PER_SECOND.saturating_sub(self.failed_told);
        let now: Vec<CallId> = self.failed.drain(..may.min(self.failed.len())).collect();
        self.failed_told += now.len();
        for call in now {
            tracing::warn!(call = %call.loggable(), "a call failed");
            self.tell(FromSfu::Failed { call });
        }
    }

    fn close_link(&mut self, why: &str) {
        if self.link.take().is_some() {
            tracing::warn!(why, "the control link is closed; calls go on");
        }
    }

    fn tick(&mut self) -> Result<Option<End>, WorkerEnded> {
        if self.workers.iter().any(Handle::has_ended) {
            return Err(WorkerEnded);
        }
        self.failed_told = 0;
        self.tell_failed();
        let (now, stats) = (Instant::now(), self.stats());
        if stats.peers > 0 {
            self.orphan.busy(now);
        }
        if self.link.is_some() {
            self.orphan.linked(now);
            self.tell_stats(now, stats);
        }
        Ok(self.orphan.is_forsaken(now).then_some(End::Orphaned))
    }

    fn stats(&self) -> SfuStats {
        let mut stats = SfuStats {
            calls: u32::try_from(self.registry.calls().count()).unwrap_or(u32::MAX),
            cpu_micros: cpu_micros(),
            ..SfuStats::default()
        };
        for worker in &self.workers {
            worker.counters().add_to(&mut stats);
        }
        stats
    }

    fn tell_stats(&mut self, now: Instant, stats: SfuStats) {
        let (told_at, told) = self.stats_told;
        let due = now.duration_since(told_at) >= STATS_INTERVAL;
        if due && (told.packets_in, told.peers) != (stats.packets_in, stats.peers) {
            self.stats_told = (now, stats);
            self.tell(FromSfu::Stats(stats));
        }
    }
}

fn ticks() -> Interval {
    let mut ticks = interval(TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}

/// Logs what an operator would ask for, under ids that can be logged.
fn log(news: &FromSfu) {
    if let FromSfu::Leg {
        call,
        leg,
        connection,
        state,
    } = news
    {
        tracing::info!(call = %call.loggable(), leg = %leg.loggable(), connection, ?state, "leg");
    }
}

#[cfg(test)]
mod tests;
