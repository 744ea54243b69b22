//! A worker: one thread, one UDP socket, and the relay of the calls that are pinned to it. There is no lock and no await on
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
mod relay;
mod reports;
mod socket;
mod stun;

use std::io;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use mio::{Events, Poll, Token, Waker};
use tokio::sync::mpsc::{Receiver, Sender, channel};
use vestibule_control::{CallPlan, Watched};
use vestibule_forwarding::LegId;
use vestibule_vocab::CallId;

use crate::addresses::Addresses;
use crate::counters::Counters;
use crate::limits::{COMMANDS, DATAGRAMS_PER_WAKE, PANIC_PAUSE};
use crate::panics;
use crate::peer::Engine;
use crate::tap::Tap;
use crate::time::Timeline;
pub use demux::{Demux, Place};
use gather::Gather;
pub use outbox::{Exit, Outbox};
use relay::Continue;
pub(crate) use relay::Relay;
pub use relay::Wake;
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
    relay: Relay,
    /// The socket may have more than was taken.
    readable: bool,
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
    let counters = Arc::new(Counters::of_socket(socket.local_addr()?));
    panics::keep_quiet();
    let mut worker = Worker {
        poll,
        socket,
        commands,
        relay: Relay::new(addresses, Arc::clone(&counters), shared),
        readable: true,
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
        self.relay.end();
    }
}

impl Worker {
    /// Runs until it is told to stop. A panic outside of any call ends all calls of this worker and nothing else; those
    /// that take their place have the same socket.
    fn work(&mut self) {
        while let Err(place) = panics::catch(|| self.run()) {
            let (wake, relay) = self.wake(Instant::now());
            relay.start_afresh(wake, place);
            self.readable = true;
            std::thread::sleep(PANIC_PAUSE);
        }
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
                let (wake, relay) = self.wake(now);
                relay.send_waiting(wake);
                return;
            }
            let taken = self.take_datagrams(now, &mut inbox);
            gather.note(now, taken);
            self.relay.note_backlog(now, self.readable);
            let (wake, relay) = self.wake(now);
            relay.settle(wake);
        }
    }

    /// What the relay is told with all that it is told.
    fn wake(&mut self, now: Instant) -> (Wake<'_>, &mut Relay) {
        let exit = &self.socket;
        (Wake { now, exit }, &mut self.relay)
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
        let due = self.relay.next_timeout();
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
            let (wake, relay) = self.wake(now);
            if relay.obey(wake, command) == Continue::No {
                return Continue::No;
            }
        }
        Continue::Yes
    }

    /// Takes as many datagrams as one wake may, and hands each to its peer.
    fn take_datagrams(&mut self, now: Instant, inbox: &mut Inbox) -> usize {
        let mut taken = 0;
        while self.readable && taken < DATAGRAMS_PER_WAKE {
            self.readable = self.socket.receive(inbox);
            let (wake, relay) = self.wake(now);
            for datagram in inbox.datagrams() {
                taken += 1;
                relay.deliver(wake, datagram);
            }
        }
        taken
    }
}

#[cfg(test)]
pub(crate) mod tests;
