//! The thread that carries packets from end to end, as the line says.

use std::io;
use std::ops::ControlFlow;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use rustix::event::{EventfdFlags, PollFd, PollFlags, Timespec, eventfd, poll};
use tokio::sync::oneshot;

use super::priority::come_first;
use super::rig::Ends;
use super::tunnel::Tunnel;
use crate::change::Change;
use crate::counters::Counters;
use crate::limits::{BATCH, ORDERS, PACKET_BYTES, PUNCTUAL};
use crate::line::{Direction, Line};
use crate::moment::Moment;
use crate::schedule::Schedule;

/// A relay that runs until this is dropped.
pub(crate) struct Relay {
    tasks: SyncSender<Task>,
    wake: Arc<OwnedFd>,
}

/// What the relay is to do.
#[derive(Debug)]
pub(crate) enum Task {
    Change(Change),
    Follow(Schedule),
    Report(oneshot::Sender<Carried>),
    Stop,
}

/// What the relay counted.
#[derive(Debug)]
pub(crate) struct Carried {
    pub(crate) seconds: f64,
    pub(crate) up: Counters,
    pub(crate) down: Counters,
    pub(crate) under_way: usize,
    pub(crate) refused: u64,
    /// Packets that went on more than [`PUNCTUAL`] after they were due, and the worst of them.
    pub(crate) late: u64,
    pub(crate) latest: Duration,
}

impl Relay {
    /// Starts it. What it sends back is why it ended, when that was not asked for.
    pub(crate) fn start(
        seed: u64,
        ends: Ends,
    ) -> anyhow::Result<(Self, oneshot::Receiver<io::Error>)> {
        let wake = Arc::new(eventfd(0, EventfdFlags::NONBLOCK | EventfdFlags::CLOEXEC)?);
        let (tasks, inbox) = sync_channel(ORDERS);
        let (failed, failure) = oneshot::channel();
        let carrier = Carrier {
            ends,
            line: Line::new(seed),
            began: Instant::now(),
            refused: 0,
            late: 0,
            latest: Duration::ZERO,
            buffer: vec![0; PACKET_BYTES],
        };
        let bell = Arc::clone(&wake);
        thread::Builder::new()
            .name("relay".to_owned())
            .spawn(move || {
                come_first();
                if let Err(error) = carrier.carry(&inbox, &bell) {
                    let _ = failed.send(error);
                }
            })
            .context("the relay's thread cannot be started")?;
        Ok((Self { tasks, wake }, failure))
    }

    pub(crate) fn tell(&self, task: Task) -> anyhow::Result<()> {
        self.tasks.send(task).context("the relay has ended")?;
        self.ring();
        Ok(())
    }

    pub(crate) async fn report(&self) -> anyhow::Result<Carried> {
        let (answer, report) = oneshot::channel();
        self.tell(Task::Report(answer))?;
        report.await.context("the relay has ended")
    }

    fn ring(&self) {
        // It is full only when it rings already.
        let _ = rustix::io::write(&self.wake, &1_u64.to_ne_bytes());
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.tell(Task::Stop);
    }
}

struct Carrier {
    ends: Ends,
    line: Line<Vec<u8>>,
    began: Instant,
    refused: u64,
    late: u64,
    latest: Duration,
    buffer: Vec<u8>,
}

impl Carrier {
    /// Until it is told to stop.
    fn carry(mut self, inbox: &Receiver<Task>, bell: &OwnedFd) -> io::Result<()> {
        loop {
            self.wait(bell)?;
            while let Ok(task) = inbox.try_recv() {
                if self.perform(task).is_break() {
                    return Ok(());
                }
            }
            self.take(Direction::Up)?;
            self.take(Direction::Down)?;
            self.give();
        }
    }

    fn now(&self) -> Moment {
        Moment::default().plus(self.began.elapsed())
    }

    /// Until a packet or a task comes, or something is due.
    fn wait(&self, bell: &OwnedFd) -> io::Result<()> {
        let until = self.line.next_event();
        let timeout = until.map(|until| until.since(self.now()));
        let timeout = timeout.and_then(|timeout| Timespec::try_from(timeout).ok());
        let mut ends = [
            PollFd::from_borrowed_fd(self.ends.near.as_fd(), PollFlags::IN),
            PollFd::from_borrowed_fd(self.ends.far.as_fd(), PollFlags::IN),
            PollFd::from_borrowed_fd(bell.as_fd(), PollFlags::IN),
        ];
        match poll(&mut ends, timeout.as_ref()) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
        // Empty when it did not ring.
        let _ = rustix::io::read(bell, &mut [0; 8]);
        Ok(())
    }

    fn perform(&mut self, task: Task) -> ControlFlow<()> {
        let now = self.now();
        match task {
            Task::Stop => return ControlFlow::Break(()),
            Task::Change(change) => self.line.change(now, &change),
            Task::Follow(schedule) => self.line.follow(now, &schedule),
            Task::Report(answer) => {
                // Who asked may have gone.
                let _ = answer.send(self.report());
            }
        }
        ControlFlow::Continue(())
    }

    /// Takes what was sent into one end.
    fn take(&mut self, direction: Direction) -> io::Result<()> {
        for _ in 0..BATCH {
            let from = match direction {
                Direction::Up => &self.ends.near,
                Direction::Down => &self.ends.far,
            };
            let Some(length) = from.receive(&mut self.buffer)? else {
                break;
            };
            let packet = self.buffer.get(..length).unwrap_or_default().to_vec();
            let now = self.now();
            self.line.arrive(now, direction, length, packet);
        }
        Ok(())
    }

    /// Lets out what is due.
    fn give(&mut self) {
        while let Some(departure) = self.line.depart(self.now()) {
            let to = self.end_of(departure.direction);
            if to.send(&departure.packet).is_err() {
                self.refused += 1;
            }
            self.note_lateness(self.now().since(departure.due));
        }
    }

    fn note_lateness(&mut self, lateness: Duration) {
        self.late += u64::from(lateness > PUNCTUAL);
        self.latest = self.latest.max(lateness);
    }

    fn end_of(&self, direction: Direction) -> &Tunnel {
        match direction {
            Direction::Up => &self.ends.far,
            Direction::Down => &self.ends.near,
        }
    }

    fn report(&self) -> Carried {
        Carried {
            seconds: self.began.elapsed().as_secs_f64(),
            up: self.line.counters(Direction::Up),
            down: self.line.counters(Direction::Down),
            under_way: Direction::BOTH
                .map(|direction| self.line.packets_under_way(direction))
                .iter()
                .sum(),
            refused: self.refused,
            late: self.late,
            latest: self.latest,
        }
    }
}
