//! The loop that drives all clients in one thread: what is due is sent, what came is taken, and then it sleeps to
//! the next tick. It does not wait for sockets: arrivals are dated by the kernel, so nothing is lost by looking
//! at them four thousand times a second, and each look serves many.

use std::io;
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

use mio::{Events, Poll, Token};

use super::client::{Around, Client, Spec};
use super::socket::{Inbox, Row, arrival};
use super::tally::Tally;
use crate::clock::{Clock, nanos};
use crate::limits::{CHORES, CHORES_CONNECTING, READY};
use crate::traffic::{Traffic, first_due, next_due};
use crate::wheel::{Entry, Task, Wheel};

pub(crate) struct Drive {
    clock: Clock,
    traffic: Traffic,
    poll: Poll,
    events: Events,
    wheel: Wheel,
    due: Vec<Entry>,
    clients: Vec<Client>,
    /// Clients that have begun to send.
    sending: usize,
    joining: Receiver<Spec>,
    inbox: Inbox,
    row: Row,
    counts: bool,
    tally: Tally,
}

/// How far the clients are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Course {
    /// Connections that have begun.
    pub(crate) clients: usize,
    /// Connections that are up.
    pub(crate) up: usize,
    /// Streams that are heard, over all clients.
    pub(crate) heard: usize,
}

impl Drive {
    /// Drives the clients that come through `joining`.
    pub(crate) fn new(clock: Clock, traffic: Traffic, joining: Receiver<Spec>) -> io::Result<Self> {
        Ok(Self {
            clock,
            traffic,
            poll: Poll::new()?,
            events: Events::with_capacity(READY),
            wheel: Wheel::starting(clock.now()),
            due: Vec::new(),
            clients: Vec::new(),
            sending: 0,
            joining,
            inbox: Inbox::new(),
            row: Row::new(traffic.segmented),
            counts: false,
            tally: Tally::default(),
        })
    }

    /// From now on packets count, or no longer.
    pub(crate) fn count(&mut self, counts: bool) {
        self.counts = counts;
    }

    pub(crate) fn course(&self) -> Course {
        let begun = Course {
            clients: self.clients.len(),
            ..Course::default()
        };
        self.clients.iter().fold(begun, |course, client| Course {
            up: course.up + usize::from(client.is_up()),
            heard: course.heard + client.heard(),
            ..course
        })
    }

    /// The ports of all clients, and those of the server that they speak to.
    pub(crate) fn ports(&self) -> (Vec<u16>, Vec<u16>) {
        let (ours, mut theirs): (Vec<u16>, Vec<u16>) =
            self.clients.iter().map(Client::ports).unzip();
        theirs.sort_unstable();
        theirs.dedup();
        (ours, theirs)
    }

    /// Drives the clients for a time.
    pub(crate) fn run_for(&mut self, length: Duration) -> io::Result<()> {
        let end = Instant::now() + length;
        while Instant::now() < end {
            self.step()?;
        }
        Ok(())
    }

    /// Ends all connections: what was counted.
    pub(crate) fn finish(mut self) -> Tally {
        self.clients.iter_mut().for_each(Client::close);
        self.tally
    }

    fn step(&mut self) -> io::Result<()> {
        self.admit()?;
        self.do_what_is_due();
        self.receive()?;
        let now = self.clock.now();
        let rest = self.wheel.next_tick().saturating_sub(now);
        if rest > 0 {
            std::thread::sleep(Duration::from_nanos(rest));
        }
        Ok(())
    }

    /// Takes the clients that were signalled.
    fn admit(&mut self) -> io::Result<()> {
        while let Ok(spec) = self.joining.try_recv() {
            let index = self.clients.len();
            let registry = self.poll.registry();
            let client = Client::connect(spec, self.traffic, registry, Token(index))?;
            self.clients.push(client);
            self.wheel.add(Entry {
                due: self.clock.now(),
                client: index,
                task: Task::Chores,
            });
        }
        Ok(())
    }

    fn do_what_is_due(&mut self) {
        let mut due = std::mem::take(&mut self.due);
        self.wheel.take(self.clock.now(), &mut due);
        for entry in due.drain(..) {
            self.perform(entry);
        }
        self.due = due;
    }

    fn perform(&mut self, entry: Entry) {
        let Some(client) = self.clients.get_mut(entry.client) else {
            return;
        };
        let around = &mut Around {
            now: self.clock.now(),
            clock: self.clock,
            counts: self.counts,
            row: &mut self.row,
            tally: &mut self.tally,
        };
        let interval = match entry.task {
            Task::Audio => {
                client.send_audio(around);
                self.traffic.audio_interval()
            }
            Task::Video => {
                client.send_video(around);
                self.traffic.video_interval()
            }
            Task::Chores => {
                client.do_chores(around);
                if client.begins() {
                    return self.begin(entry.client);
                }
                let begun = client.has_begun();
                Some(nanos(if begun { CHORES } else { CHORES_CONNECTING }))
            }
        };
        if entry.task != Task::Chores && self.counts {
            let late = self.clock.now().saturating_sub(entry.due);
            self.tally.lateness.note(late);
        }
        let Some(interval) = interval else { return };
        let next = next_due(entry.due, interval, self.clock.now());
        if entry.task != Task::Chores && self.counts {
            self.tally.skipped += next.skipped;
        }
        let due = next.due;
        self.wheel.add(Entry { due, ..entry });
    }

    /// A client that is up begins its rhythms.
    fn begin(&mut self, client: usize) {
        let now = self.clock.now();
        let chores = (Task::Chores, Some(nanos(CHORES)));
        let sends = self.clients.get(client).is_some_and(Client::sends);
        let media = [
            (Task::Audio, self.traffic.audio_interval()),
            (Task::Video, self.traffic.video_interval()),
        ];
        let media = media.into_iter().filter(|_| sends);
        let place = self.sending;
        self.sending += usize::from(sends);
        for (task, interval) in media.chain([chores]) {
            if let Some(interval) = interval {
                let due = first_due(now, place, interval);
                self.wheel.add(Entry { due, client, task });
            }
        }
    }

    fn receive(&mut self) -> io::Result<()> {
        loop {
            self.poll.poll(&mut self.events, Some(Duration::ZERO))?;
            let mut ready = 0;
            let wallclock = self.clock.wallclock();
            for event in &self.events {
                ready += 1;
                let index = event.token().0;
                let Some(client) = self.clients.get_mut(index) else {
                    continue;
                };
                let mut more = true;
                while more {
                    more = client.socket().receive(&mut self.inbox);
                    let now = self.clock.now();
                    for (noted, datagram) in self.inbox.datagrams() {
                        let around = &mut Around {
                            now,
                            clock: self.clock,
                            counts: self.counts,
                            row: &mut self.row,
                            tally: &mut self.tally,
                        };
                        client.take(datagram, arrival(noted, wallclock, now), around);
                    }
                }
            }
            if ready < READY {
                return Ok(());
            }
        }
    }
}
