//! `vestibule-sim`: schedules of a seeded world, many or one.

use std::io::Write as _;
use std::process::ExitCode;

use clap::Parser;
use vestibule_sim::{Broken, Failure, Schedule, all, one};

/// Runs schedules of a seeded world around the clinic: two nodes, clocks that step, crashes, lost messages.
#[derive(Debug, Parser)]
#[command(name = "vestibule-sim", version, about)]
struct Arguments {
    /// How many schedules.
    #[arg(long, default_value_t = 10_000, value_name = "N")]
    seeds: u64,

    /// The seed of the first.
    #[arg(long, default_value_t = 0, value_name = "N")]
    from: u64,

    /// Runs the schedule of this seed alone, and tells what happens in it.
    #[arg(long, value_name = "N", conflicts_with_all = ["seeds", "from"])]
    seed: Option<u64>,

    /// Threads.
    #[arg(long, default_value_t = 2, value_name = "N")]
    threads: u64,

    /// Breaks a rule on purpose, to see it found.
    #[arg(long, value_name = "RULE")]
    broken: Option<Broken>,
}

fn main() -> anyhow::Result<ExitCode> {
    let arguments = Arguments::parse();
    let mut out = std::io::stdout().lock();
    let broken = arguments.broken;
    if let Some(seed) = arguments.seed {
        return match one(Schedule { seed, broken }, true) {
            Ok(happened) => {
                write!(out, "{}", happened.trace)?;
                let commits = happened.figures.commits;
                writeln!(
                    out,
                    "seed {seed}: every invariant holds over {commits} commits"
                )?;
                Ok(ExitCode::SUCCESS)
            }
            Err(failure) => {
                write!(out, "{}", failure.trace)?;
                writeln!(out, "{}", failure.violation)?;
                Ok(ExitCode::FAILURE)
            }
        };
    }
    let seeds = arguments.from..arguments.from.saturating_add(arguments.seeds);
    match all(seeds, arguments.threads, broken) {
        Ok(figures) => {
            writeln!(
                out,
                "{} schedules, {} commits, {} turns that began with what the other node wrote: every invariant holds",
                figures.schedules, figures.commits, figures.behind
            )?;
            Ok(ExitCode::SUCCESS)
        }
        Err(failure) => {
            tell(&mut out, &failure)?;
            Ok(ExitCode::FAILURE)
        }
    }
}

fn tell(out: &mut impl std::io::Write, failure: &Failure) -> std::io::Result<()> {
    writeln!(out, "{}", failure.violation)?;
    writeln!(out, "what led to it: {}", failure.schedule)
}
