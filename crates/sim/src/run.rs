//! Schedules by their seeds, one or many.

use std::fmt::Write as _;
use std::ops::Range;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use vestibule_clinic::audit::Entry;
use vestibule_vocab::Timestamp;

use crate::broken::Broken;
use crate::invariants::Violation;
use crate::message::{Answer, Request};
use crate::node::Which;
use crate::world::{BEGINNING, World};

/// What is run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Schedule {
    /// All follows from it.
    pub seed: u64,
    /// The rule that is broken, if one is.
    pub broken: Option<Broken>,
}

/// What happened in schedules in which every invariant held.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// How many.
    pub schedules: u64,
    /// Batches that were committed.
    pub commits: u64,
    /// Turns that began with what the other node had written.
    pub behind: u64,
}

/// What is known of a schedule in which every invariant held.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Happened {
    /// What happened.
    pub figures: Figures,
    /// What was done, a line each; empty unless it was asked for.
    pub trace: String,
    /// What was written down of it.
    pub audit: Vec<Entry>,
}

/// A schedule in which an invariant did not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Which.
    pub schedule: Schedule,
    /// What was seen.
    pub violation: Violation,
    /// What was done until then, a line each; empty unless it was asked for.
    pub trace: String,
}

/// What is told of a schedule while it runs, if anything.
#[derive(Debug, Default)]
pub(crate) struct Trace(Option<String>);

impl Trace {
    pub(crate) fn tell(&mut self, line: impl FnOnce() -> String) {
        if let Some(text) = &mut self.0 {
            text.push_str(&line());
            text.push('\n');
        }
    }

    fn told(self) -> String {
        self.0.unwrap_or_default()
    }

    pub(crate) fn decided(
        &mut self,
        now: Timestamp,
        which: Which,
        batch: &[Request],
        answers: &[Answer],
        then: &str,
    ) {
        self.tell(|| {
            let mut line = format!("{:>9} ms {which:?}:", now.since(BEGINNING).0);
            for (request, answer) in batch.iter().zip(answers) {
                // Writing to a string does not fail.
                let _ = write!(line, " {request} -> {answer:?}");
            }
            if batch.is_empty() {
                line.push_str(" what time brings");
            }
            line + then
        });
    }
}

/// Runs one schedule.
///
/// # Errors
/// [`Failure`], with the trace when `traced`.
pub fn one(schedule: Schedule, traced: bool) -> Result<Happened, Box<Failure>> {
    let trace = Trace(traced.then(String::new));
    let mut world = World::new(schedule.seed, schedule.broken, trace);
    match world.run() {
        Ok(()) => Ok(Happened {
            figures: Figures {
                schedules: 1,
                commits: world.commits,
                behind: world.behind,
            },
            trace: world.trace.told(),
            audit: world.store.audit,
        }),
        Err(violation) => Err(Box::new(Failure {
            schedule,
            violation,
            trace: world.trace.told(),
        })),
    }
}

/// Runs the schedules of many seeds on so many threads, until the first that fails.
///
/// # Errors
/// [`Failure`], without trace.
pub fn all(
    seeds: Range<u64>,
    threads: u64,
    broken: Option<Broken>,
) -> Result<Figures, Box<Failure>> {
    let next = AtomicU64::new(seeds.start);
    let over = AtomicBool::new(false);
    let found = Mutex::new((Figures::default(), None));
    std::thread::scope(|scope| {
        for _ in 0..threads.max(1) {
            scope.spawn(|| {
                let (mut figures, mut failure) = (Figures::default(), None);
                while !over.load(Ordering::Relaxed) {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= seeds.end {
                        break;
                    }
                    match one(Schedule { seed, broken }, false) {
                        Ok(happened) => figures.add(happened.figures),
                        Err(failed) => {
                            over.store(true, Ordering::Relaxed);
                            failure = Some(failed);
                        }
                    }
                }
                if let Ok(mut found) = found.lock() {
                    found.0.add(figures);
                    found.1 = found.1.take().or(failure);
                }
            });
        }
    });
    match found.into_inner() {
        Ok((_, Some(failure))) => Err(failure),
        Ok((figures, None)) => Ok(figures),
        Err(poisoned) => Ok(poisoned.into_inner().0),
    }
}

impl Figures {
    fn add(&mut self, more: Self) {
        self.schedules += more.schedules;
        self.commits += more.commits;
        self.behind += more.behind;
    }
}

impl std::fmt::Display for Schedule {
    /// The command that repeats it.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            formatter,
            "cargo run --bin vestibule-sim -- --seed {}",
            self.seed
        )?;
        let name = self
            .broken
            .and_then(|broken| clap::ValueEnum::to_possible_value(&broken));
        match name {
            Some(name) => write!(formatter, " --broken {}", name.get_name()),
            None => Ok(()),
        }
    }
}
