//! The measured part, and what is left to come after it.

use std::io;
use std::sync::mpsc::Receiver;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use vestibule_sfu::kernel_drops;

use super::gathering::{STEP, gather};
use super::measured::Told;
use super::used::{Processes, TakenByAll, Used, taken};
use super::{Measured, Plan, Shared};
use crate::clock::Clock;
use crate::limits::{DRAIN, SETTLE};
use crate::machine::{self, CoreTime};
use crate::media::{Course, Drive, Loopback, Spec, Tally};
use crate::progress::Progress;
use crate::server::Metrics;

/// What the driving thread knows.
pub(super) struct Driven {
    tally: Tally,
    course: Course,
    length: Duration,
    forwarding: Used,
    signaling: Option<Used>,
    own_time: u64,
    cores: CoreTime,
    core_count: usize,
    dropped: (u64, u64),
    drops: Told,
}

/// What clocks and counters say at one moment.
struct Reading {
    at: Instant,
    own: u64,
    cores: CoreTime,
}

impl Reading {
    fn take(cores: &[usize]) -> anyhow::Result<Self> {
        Ok(Self {
            at: Instant::now(),
            own: machine::process_time(std::process::id())?,
            cores: machine::core_time(cores)?,
        })
    }
}

pub(super) fn drive(
    clock: Clock,
    plan: &Plan,
    (processes, metrics): (Processes, Option<Metrics>),
    (joining, limit, shared): (Receiver<Spec>, Duration, &Shared),
    progress: &mut Progress,
) -> anyhow::Result<Driven> {
    let mut drive = Drive::new(clock, plan.traffic, joining)?;
    let course = gather(&mut drive, plan, limit, shared, progress)?;
    drive.run_for(SETTLE)?;
    let told = ask_meanwhile(&mut drive, metrics)?;
    let cores = plan.cores.all();
    let (ours, theirs) = drive.ports();
    let drops = || (kernel_drops(&ours), kernel_drops(&theirs));
    let before = drops();
    let forwarded = taken(processes).context("what the server has taken")?;
    let begin = Reading::take(&cores)?;
    drive.count(true);
    let end = begin.at + plan.length;
    let last = until(end, (processes, forwarded), shared, |left| {
        let share = 1.0 - left.as_secs_f64() / plan.length.as_secs_f64();
        progress.share("measuring", share);
        drive.run_for(left.min(STEP).max(Duration::from_micros(1)))
    })?;
    drive.count(false);
    let after = Reading::take(&cores)?;
    drive.run_for(DRAIN)?;
    let dropped = drops();
    let drops = if shared.is_stopped() {
        Err("it is gone".to_owned())
    } else {
        meanwhile(told, ask(metrics))
    };
    let (forwarding, signaling) = processes;
    let signaling = signaling.zip(forwarded.1.zip(last.1));
    Ok(Driven {
        tally: drive.finish(),
        course,
        length: after.at - begin.at,
        forwarding: forwarding.used(forwarded.0, last.0),
        signaling: signaling.map(|(process, (begin, end))| process.used(begin, end)),
        own_time: after.own.saturating_sub(begin.own),
        cores: CoreTime {
            busy: after.cores.busy - begin.cores.busy,
            steal: after.cores.steal - begin.cores.steal,
        },
        core_count: match cores.len() {
            0 => thread::available_parallelism().map_or(1, usize::from),
            count => count,
        },
        dropped: (
            dropped.0.saturating_sub(before.0),
            dropped.1.saturating_sub(before.1),
        ),
        drops,
    })
}

/// Has steps made until the end of the measured part, each told how much of it is left: what the server had taken then. Of one
/// that is gone it is what it had taken before its last step, as nothing can be read of it any more.
fn until(
    end: Instant,
    (processes, begin): (Processes, TakenByAll),
    shared: &Shared,
    mut step: impl FnMut(Duration) -> io::Result<()>,
) -> io::Result<TakenByAll> {
    let mut last = begin;
    while let Some(left) = end.checked_duration_since(Instant::now()) {
        step(left)?;
        if shared.is_stopped() {
            break;
        }
        last = taken(processes).unwrap_or(last);
    }
    Ok(last)
}

/// What the server has dropped so far.
fn ask(metrics: Option<Metrics>) -> Told {
    let drops = metrics.map(Metrics::drops).transpose();
    drops.map_err(|error| format!("{error:#}"))
}

/// The same before the measured part: the clients are driven until there is an answer, and what that costs both sides is
/// not measured.
fn ask_meanwhile(drive: &mut Drive, metrics: Option<Metrics>) -> io::Result<Told> {
    let asking = thread::spawn(move || ask(metrics));
    while !asking.is_finished() {
        drive.run_for(LOOK)?;
    }
    let told = asking.join();
    Ok(told.unwrap_or_else(|_| Err("the thread that asks for it ended".to_owned())))
}

/// How often it is looked whether the server has answered.
const LOOK: Duration = Duration::from_millis(1);

/// What was dropped between two answers.
pub(super) fn meanwhile(before: Told, after: Told) -> Told {
    let answers = before?.zip(after?);
    Ok(answers.map(|(before, after)| after.since(&before)))
}

impl Driven {
    pub(super) fn into_measured(
        self,
        server: &'static str,
        plan: &Plan,
        loopback: Loopback,
        broken_off: Option<String>,
    ) -> Measured {
        Measured {
            server,
            plan: plan.clone(),
            tally: self.tally,
            loopback,
            course: self.course,
            length: self.length,
            forwarding: self.forwarding,
            signaling: self.signaling,
            own_time: self.own_time,
            cores: self.cores,
            core_count: self.core_count,
            dropped: self.dropped,
            drops: self.drops,
            broken_off,
        }
    }
}
