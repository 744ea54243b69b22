//! A worker: one thread, one UDP socket, the calls that are pinned to it. There is no lock and no await on
//! the way of a packet.

mod agenda;
mod backlog;
mod demux;
mod gather;
mod guesses;
mod hosted;
mod kept;
mod ledger;
mod outbox;
mod reports;
mod socket;
mod stun;

use std::io;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use mio::{Events, Poll, Token, Waker};
use tokio::sync::mpsc::{Receiver, Sender, channel};
use vestibule_control::{CallPlan, FromSfu, OfferRefusal, Watched};
use vestibule_forwarding::LegId;
use vestibule_vocab::CallId;

use crate::addresses::Addresses;
use crate::counters::{Counter, Counters, In, Out, Reason};
use crate::limits::{COMMANDS, DATAGRAMS_PER_WAKE, PANIC_PAUSE};
use crate::panics;
use crate::peer::Engine;
use crate::tap::Tap;
use crate::time::Timeline;
use agenda::Agenda;
use backlog::Backlog;
pub use demux::{Demux, Place};
use gather::Gather;
use guesses::Guesses;
use hosted::{Hosted, Outside};
pub use outbox::Outbox;
use outbox::send_row;
pub(crate) use reports::{Asked, Report, Reports};
pub use socket::{Datagram, Inbox, Row, Socket};
pub(crate) use stun::requested_fragment;

const DATAGRAMS: Token = Token(0);
const COMMANDED: Token = Token(1);

/// What a worker is told.
#[derive(Debug)]
pub(crate) enum Command {
    /// Sets a call as it should be.
    SetCall(CallPlan),
    /// Closes a call.
    CloseCall(CallId),
    /// Connects a leg or restarts its ICE; answered by a report.
    Offer {
        /// Who asks.
        asked: Asked,
        /// The call.
        call: CallId,
        /// The leg.
        leg: LegId,
        /// Its connection.
        connection: u32,
        /// The offer.
        sdp: String,
    },
    /// Sets how much of the others' pictures is of use to a leg.
    Watch {
        /// The call.
        call: CallId,
        /// The leg.
        leg: LegId,
        /// Its connection.
        connection: u32,
        /// The slots that show less than everything.
        pictures: Vec<Watched>,
    },
    /// Tells all states and slots.
    TellAll,
    /// Closes all calls and ends the thread.
    Stop,
    /// Panics, outside of any call.
    #[cfg(test)]
    Break,
}

/// A worker as the control link's task holds it.
#[derive(Debug)]
pub(crate) struct Handle {
    commands: Sender<Command>,
    waker: Waker,
    counters: Arc<Counters>,
    thread: JoinHandle<()>,
}

/// A worker's thread is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a worker of the SFU ended")]
pub(crate) struct WorkerEnded;

impl Handle {
    /// Tells the worker something; waits while it has too much to do.
    pub(crate) async fn tell(&self, command: Command) -> Result<(), WorkerEnded> {
        self.commands.send(command).await.map_err(|_| WorkerEnded)?;
        self.waker.wake().map_err(|_| WorkerEnded)
    }

    pub(crate) fn counters(&self) -> &Arc<Counters> {
        &self.counters
    }

    pub(crate) fn has_ended(&self) -> bool {
        self.thread.is_finished()
    }

    /// Waits for the thread's end.
    pub(crate) fn join(self) -> Result<(), WorkerEnded> {
        self.thread.join().map_err(|_| WorkerEnded)
    }
}

/// What all workers of a process have in common.
pub(crate) struct Shared {
    pub(crate) engine: Engine,
    pub(crate) reports: Reports,
    pub(crate) timeline: Timeline,
    pub(crate) tap: Arc<dyn Tap>,
}

struct Worker {
    poll: Poll,
    socket: Socket,
    commands: Receiver<Command>,
    /// Boxed: a call is large, and a vector that grows has room for twice as many.
    calls: Vec<Option<Box<Hosted>>>,
    /// Calls that failed, of which nobody could be told yet.
    failed: Vec<CallId>,
    demux: Demux,
    guesses: Guesses,
    addresses: Addresses,
    counters: Arc<Counters>,
    shared: Shared,
    /// The socket may have more than was taken.
    readable: bool,
    backlog: Backlog,
    agenda: Agenda,
    /// Datagrams that leave before the worker sleeps.
    outbox: Outbox,
}

/// Starts a worker.
///
/// # Errors
/// When the kernel gives no poll or no thread.
pub(crate) fn start(
    mut socket: Socket,
    addresses: Addresses,
    shared: Shared,
) -> io::Result<Handle> {
    let poll = Poll::new()?;
    socket.register(poll.registry(), DATAGRAMS)?;
    let waker = Waker::new(poll.registry(), COMMANDED)?;
    let (sender, commands) = channel(COMMANDS);
    let port = socket.local_addr()?.port();
    let counters = Arc::new(Counters::of_port(port));
    panics::keep_quiet();
    let mut worker = Worker {
        poll,
        socket,
        commands,
        calls: Vec::new(),
        failed: Vec::new(),
        demux: Demux::default(),
        guesses: Guesses::default(),
        addresses,
        counters: Arc::clone(&counters),
        shared,
        readable: true,
        backlog: Backlog::default(),
        agenda: Agenda::default(),
        outbox: Outbox::default(),
    };
    let thread = std::thread::Builder::new()
        .name("sfu-worker".to_owned())
        .spawn(move || {
            // What the engine would log has addresses in it. What is worth knowing goes through the reports.
            let _silent =
                tracing::subscriber::set_default(tracing::subscriber::NoSubscriber::default());
            worker.work();
        })?;
    Ok(Handle {
        commands: sender,
        waker,
        counters,
        thread,
    })
}

impl Drop for Worker {
    /// However the thread ends, the process must not live on with calls that nobody serves.
    fn drop(&mut self) {
        self.shared.reports.tell(Report::Ended);
    }
}

impl Worker {
    /// Runs until it is told to stop. A panic outside of any call ends all calls of this worker and nothing else; those
    /// that take their place have the same socket.
    fn work(&mut self) {
        while let Err(place) = panics::catch(|| self.run()) {
            self.note_panic(place);
            self.start_afresh();
            for index in 0..self.calls.len() {
                self.fail(Instant::now(), index);
            }
            std::thread::sleep(PANIC_PAUSE);
        }
    }

    /// Forgets whatever may be what panicked, beside the calls.
    fn start_afresh(&mut self) {
        self.demux = Demux::default();
        self.agenda = Agenda::default();
        self.guesses = Guesses::default();
        self.backlog = Backlog::default();
        let waiting = std::mem::take(&mut self.outbox).waiting();
        self.counters.all_dropped(Out::NoConnection, waiting as u64);
        self.readable = true;
    }

    fn run(&mut self) {
        let mut events = Events::with_capacity(8);
        let mut inbox = Inbox::default();
        let mut gather = Gather::starting(Instant::now());
        loop {
            if self.rest(gather.wait(), &mut events).is_err() {
                return;
            }
            let now = Instant::now();
            if self.obey(now) == Continue::No {
                self.send_waiting();
                return;
            }
            let taken = self.take_datagrams(now, &mut inbox);
            gather.note(now, taken);
            if self.backlog.note(now, self.readable) {
                self.counters.count(Counter::FallenBehind);
            }
            self.handle_timeouts(now);
            self.settle(now);
            self.send_waiting();
        }
    }

    fn send_waiting(&mut self) {
        self.outbox
            .leave(|row| send_row(&self.socket, &self.counters, row));
    }

    /// Waits until there is something to do. Who gathers packets looks at the socket without being told that some came,
    /// which would take a call more; commands are looked for in any case.
    fn rest(&mut self, gather: Option<Duration>, events: &mut Events) -> io::Result<()> {
        if self.readable {
            return Ok(());
        }
        if let Some(wait) = gather {
            std::thread::sleep(wait);
            self.readable = true;
            return Ok(());
        }
        let due = self.agenda.next();
        let wait = due.map(|due| due.saturating_duration_since(Instant::now()));
        if let Err(error) = self.poll.poll(events, wait)
            && error.kind() != io::ErrorKind::Interrupted
        {
            return Err(error);
        }
        self.readable = events.iter().any(|event| event.token() == DATAGRAMS);
        Ok(())
    }

    /// Carries out the commands that came.
    fn obey(&mut self, now: Instant) -> Continue {
        for _ in 0..COMMANDS {
            let Ok(command) = self.commands.try_recv() else {
                break;
            };
            match command {
                Command::SetCall(plan) => self.set_call(now, plan),
                Command::CloseCall(call) => self.close_call(now, call),
                Command::Offer {
                    asked,
                    call,
                    leg,
                    connection,
                    sdp,
                } => self.offer(now, asked, (call, leg), connection, &sdp),
                Command::Watch {
                    call,
                    leg,
                    connection,
                    pictures,
                } => {
                    let index = self.index_of(call);
                    let watch = |hosted: &mut Hosted, _: &mut Outside<'_>| {
                        hosted.watch(leg, connection, &pictures);
                    };
                    index.and_then(|index| self.with_call(now, index, watch));
                }
                Command::TellAll => {
                    self.each_call(now, |call, out| call.tell_all(out));
                    self.tell_failed();
                }
                Command::Stop => {
                    self.each_call(now, Hosted::close);
                    return Continue::No;
                }
                #[cfg(test)]
                Command::Break => panic!("a test asked for it"),
            }
        }
        Continue::Yes
    }

    fn set_call(&mut self, now: Instant, plan: CallPlan) {
        let index = self
            .index_of(plan.call)
            .unwrap_or_else(|| self.free_index());
        if self.calls.len() <= index {
            self.calls.push(None);
        }
        let Some(place) = self.calls.get_mut(index) else {
            return;
        };
        place.get_or_insert_with(|| Box::new(Hosted::new(plan.call, index)));
        self.count_calls();
        self.with_call(now, index, |call, out| call.set_plan(&plan, out));
    }

    fn close_call(&mut self, now: Instant, id: CallId) {
        let Some(index) = self.index_of(id) else {
            return;
        };
        self.with_call(now, index, Hosted::close);
        if let Some(place) = self.calls.get_mut(index) {
            *place = None;
        }
        self.count_calls();
    }

    fn count_calls(&self) {
        let calls = self.calls.iter().flatten().count();
        self.counters.set(Counter::Calls, calls as u64);
    }

    fn offer(
        &mut self,
        now: Instant,
        asked: Asked,
        (call, leg): (CallId, LegId),
        connection: u32,
        sdp: &str,
    ) {
        let engine = self.shared.engine.clone();
        let index = self.index_of(call);
        let taken = index.and_then(|index| {
            self.with_call(now, index, |call, out| {
                call.offer(leg, connection, sdp, &engine, out)
            })
        });
        let Asked { link, request } = asked;
        let (reply, why) = match taken.unwrap_or(Err((OfferRefusal::UnknownLeg, None))) {
            Ok(sdp) => (FromSfu::Answer { request, sdp }, None),
            Err((reason, why)) => (FromSfu::Refused { request, reason }, why),
        };
        self.shared.reports.tell(Report::Reply { link, reply, why });
    }

    /// Takes as many datagrams as one wake may, and hands each to its peer.
    fn take_datagrams(&mut self, now: Instant, inbox: &mut Inbox) -> usize {
        let mut taken = 0;
        while self.readable && taken < DATAGRAMS_PER_WAKE {
            self.readable = self.socket.receive(inbox);
            for datagram in inbox.datagrams() {
                taken += 1;
                self.deliver(now, datagram);
            }
        }
        taken
    }

    fn deliver(&mut self, now: Instant, datagram: Datagram<'_>) {
        self.counters.datagram_in(datagram.contents.len());
        if let Err(why) = self.hand_over(now, datagram) {
            self.counters.dropped(why);
        }
    }

    fn hand_over(&mut self, now: Instant, datagram: Datagram<'_>) -> Result<(), Reason> {
        let from = datagram.from;
        let place = self.demux.route(from, datagram.contents)?;
        // Who proved their address is always heard, whoever guesses beside them.
        let guess = stun::is_stun(datagram.contents) && !self.demux.is_bound(place, from);
        if guess && !self.guesses.may_try(now, from.ip(), place) {
            return Err(In::TooManyGuesses.into());
        }
        let to = self.addresses.candidate_for(datagram.local);
        let to = to.ok_or(In::UnknownAddress)?;
        let taken = self.with_call(now, place.call, |call, out| {
            call.receive(place.seat, from, to, datagram.contents, out)
        });
        let taken = taken.unwrap_or(Err(In::CallFailed.into()));
        if guess && taken == Err(In::StunUnauthentic.into()) {
            self.guesses.failed(now, from.ip(), place);
        }
        taken
    }

    fn handle_timeouts(&mut self, now: Instant) {
        while let Some(index) = self.agenda.take_due(now) {
            self.with_call(now, index, Hosted::handle_timeout);
        }
    }

    /// Has every call that was touched send and tell what it has.
    fn settle(&mut self, now: Instant) {
        while let Some(index) = self.agenda.take_touched() {
            let due = self.outside(now, index, |call, out| {
                call.settle(out);
                call.due()
            });
            self.agenda.set_due(index, due.flatten());
        }
    }

    fn each_call(&mut self, now: Instant, mut run: impl FnMut(&mut Hosted, &mut Outside<'_>)) {
        for index in 0..self.calls.len() {
            self.with_call(now, index, &mut run);
        }
    }

    /// Does something with a call, which is settled before the worker sleeps.
    fn with_call<T>(
        &mut self,
        now: Instant,
        index: usize,
        run: impl FnOnce(&mut Hosted, &mut Outside<'_>) -> T,
    ) -> Option<T> {
        self.agenda.touch(index);
        self.outside(now, index, run)
    }

    fn outside<T>(
        &mut self,
        now: Instant,
        index: usize,
        run: impl FnOnce(&mut Hosted, &mut Outside<'_>) -> T,
    ) -> Option<T> {
        let outcome = self.try_outside(now, index, run)?;
        let failed = |place| {
            self.note_panic(place);
            self.fail(now, index);
        };
        outcome.map_err(failed).ok()
    }

    /// Does something with a call; if it panics, where.
    fn try_outside<T>(
        &mut self,
        now: Instant,
        index: usize,
        run: impl FnOnce(&mut Hosted, &mut Outside<'_>) -> T,
    ) -> Option<Result<T, String>> {
        let call = self.calls.get_mut(index)?.as_mut()?;
        let mut outside = Outside {
            now,
            socket: &self.socket,
            outbox: &mut self.outbox,
            behind: self.backlog.is_behind(),
            addresses: &self.addresses,
            demux: &mut self.demux,
            reports: &self.shared.reports,
            counters: &self.counters,
            timeline: self.shared.timeline,
            tap: &*self.shared.tap,
        };
        Some(panics::catch(|| run(call, &mut outside)))
    }

    fn note_panic(&self, place: String) {
        self.counters.count(Counter::Panics);
        self.shared.reports.tell(Report::Panicked(place));
    }

    /// Ends a call in which something panicked. Its people are told by signaling, which gives the call another id: what
    /// their connections had here is gone, and cannot be gone on with.
    fn fail(&mut self, now: Instant, index: usize) {
        let _ = self.try_outside(now, index, |call, out| call.abandon(out));
        let Some(failed) = self.calls.get_mut(index).and_then(Option::take) else {
            return;
        };
        self.failed.push(failed.id());
        // What is torn down may panic as well.
        let _ = panics::catch(|| drop(failed));
        self.count_calls();
        self.tell_failed();
    }

    /// Who cannot be told now links anew, and asks to be told all.
    fn tell_failed(&mut self) {
        let reports = &self.shared.reports;
        self.failed
            .retain(|call| !reports.tell(Report::News(FromSfu::Failed { call: *call })));
    }

    fn index_of(&self, id: CallId) -> Option<usize> {
        self.calls
            .iter()
            .position(|call| call.as_ref().is_some_and(|it| it.id() == id))
    }

    fn free_index(&self) -> usize {
        self.calls
            .iter()
            .position(Option::is_none)
            .unwrap_or(self.calls.len())
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Continue {
    Yes,
    No,
}

#[cfg(test)]
pub(crate) mod tests;
