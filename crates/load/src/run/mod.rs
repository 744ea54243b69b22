//! One run: people join, the measured part, and what is left to come.

mod driving;
#[cfg(test)]
mod flawless;
mod gathering;
mod measured;
mod used;

use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Context as _;

use crate::clock::Clock;
use crate::cores::Cores;
use crate::limits::CALIBRATION_BYTES;
use crate::media::{Spec, calibrate};
use crate::progress::Progress;
use crate::server::Server;
use crate::traffic::Traffic;

use driving::drive;
use gathering::joining_limit;
use used::Watched;

pub(crate) use measured::Measured;
#[cfg(test)]
pub(crate) use {measured::Told, used::Used};

/// What a run is made of.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) rooms: u32,
    pub(crate) people: u32,
    /// The length of the measured part.
    pub(crate) length: Duration,
    /// Rooms that join in a second.
    pub(crate) ramp: u32,
    pub(crate) traffic: Traffic,
    pub(crate) cores: Cores,
    pub(crate) address: IpAddr,
}

impl Plan {
    /// Streams that are to be heard, over all people.
    pub(crate) fn streams(&self) -> usize {
        let (rooms, people) = (self.rooms as usize, self.people as usize);
        rooms * people * people.saturating_sub(1) * self.traffic.streams()
    }
}

/// What the thread that signals and the one that drives know of each other.
#[derive(Default)]
struct Shared {
    /// One of them is done, and the other is to end.
    stop: AtomicBool,
    /// Rooms whose people have all been signalled.
    joined: AtomicU32,
}

impl Shared {
    fn stop(&self) {
        self.stop.store(true, Ordering::Relaxed);
    }

    fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }
}

/// Puts a server under load.
pub(crate) fn run(
    server: &mut dyn Server,
    plan: &Plan,
    progress: &mut Progress,
) -> anyhow::Result<Measured> {
    plan.cores.settle()?;
    let clock = Clock::starting(Instant::now());
    progress.phase("calibrating");
    let loopback = calibrate(plan.address, CALIBRATION_BYTES, clock)
        .with_context(|| format!("--address {} is none that this machine has", plan.address))?;
    let name = server.name();
    let signaling = server.signaling().map(Watched::begin).transpose()?;
    let processes = (Watched::begin(server.pid())?, signaling);
    let metrics = server.metrics();
    let limit = joining_limit(plan, server.room_time());
    let shared = Shared::default();
    let (connect, joining) = sync_channel(1024);
    thread::scope(|scope| {
        let signalling = scope.spawn(|| {
            let signalled = signal(server, plan, &connect, &shared);
            shared.stop();
            signalled
        });
        let driven = drive(
            clock,
            plan,
            (processes, metrics),
            (joining, limit, &shared),
            progress,
        );
        shared.stop();
        let signalled = signalling.join();
        let signalled = signalled.map_err(|_| anyhow::anyhow!("the signalling thread ended"))?;
        match (driven, signalled) {
            (Ok(driven), signalled) => {
                let broken_off = signalled.err().map(|error| format!("{error:#}"));
                Ok(driven.into_measured(name, plan, loopback, broken_off))
            }
            // What the server says is why.
            (Err(_), Err(error)) | (Err(error), Ok(())) => Err(error),
        }
    })
}

/// Has everybody join, and listens to the server until the end.
fn signal(
    server: &mut dyn Server,
    plan: &Plan,
    connect: &SyncSender<Spec>,
    shared: &Shared,
) -> anyhow::Result<()> {
    let begin = Instant::now();
    for room in 0..plan.rooms {
        let due = begin + Duration::from_secs(1) * room / plan.ramp.max(1);
        thread::sleep(due.saturating_duration_since(Instant::now()));
        if shared.is_stopped() {
            return Ok(());
        }
        let joined = server.join(room, plan.people, &mut |spec| {
            // Nobody takes it when the run was broken off.
            let _ = connect.send(spec);
        });
        joined.with_context(|| format!("room {room} could not join"))?;
        shared.joined.store(room + 1, Ordering::Relaxed);
    }
    while !shared.is_stopped() {
        server.listen()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
