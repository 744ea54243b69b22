//! The command line.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context as _;
use clap::{Args, Parser, Subcommand};

use crate::change::{Adjustment, Change};
use crate::presets::Preset;
use crate::schedule::Schedule;
use crate::settings::{Blackout, Jitter, Loss, Queue, Rate, Reorder, Share};
use crate::words::{self, BadWord};

/// A seeded bad line between network namespaces.
#[derive(Debug, Parser)]
#[command(name = "vestibule-impair", version, about)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) task: Task,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Task {
    /// Make a namespace behind a bad line and run a command in it, or keep it until stopped.
    Run(Box<Run>),
    /// Change or ask a line that runs, for example: control impair-0 set loss=5%
    Control(Control),
    /// List the presets.
    Presets,
}

#[derive(Debug, Args)]
pub(crate) struct Control {
    /// The namespace of the line.
    #[arg(value_name = "NAMESPACE")]
    pub(crate) namespace: String,

    /// set [up|down] KEY=VALUE... | blackout LENGTH|on|off | preset NAME | counters | stop
    #[arg(required = true, value_name = "ORDER")]
    pub(crate) words: Vec<String>,
}

/// Each setting holds for both directions; `--up` and `--down` say what is different in one.
#[derive(Debug, Args)]
pub(crate) struct Run {
    /// The same seed gives the same packets the same fates.
    #[arg(long, default_value_t = 1, value_name = "NUMBER")]
    pub(crate) seed: u64,

    /// A line by its name; `vestibule-impair presets` lists them. What else is said wins over it.
    #[arg(long, value_name = "NAME")]
    preset: Option<Preset>,

    /// What every packet takes longer, each way: 40ms
    #[arg(long, value_parser = words::delay, value_name = "LENGTH")]
    delay: Option<Duration>,

    /// How far the delay goes up and down: 10ms, or 10ms/overtake if packets may overtake each other
    #[arg(long, value_name = "LENGTH")]
    jitter: Option<Jitter>,

    /// Lost packets: 5%, in bursts of four 5%/4, or a Gilbert-Elliott model 1%,25%,0%,80%
    #[arg(long, value_name = "SHARE")]
    loss: Option<Loss>,

    /// Packets that are held back so that others overtake them: 5%/20ms
    #[arg(long, value_name = "SHARE/LENGTH")]
    reorder: Option<Reorder>,

    /// Packets that arrive twice: 1%
    #[arg(long, value_name = "SHARE")]
    duplicate: Option<Share>,

    /// Bits per second: 3M, 150k
    #[arg(long, value_parser = RateArgument::parse, value_name = "RATE")]
    rate: Option<RateArgument>,

    /// What may wait for the rate: 200ms, 64kB
    #[arg(long, value_name = "LENGTH|BYTES")]
    queue: Option<Queue>,

    /// Begin with nothing getting through: on, or for how long
    #[arg(long, value_name = "LENGTH")]
    blackout: Option<Blackout>,

    /// What is different from the namespace to the others: "loss=1% rate=500k"
    #[arg(long, value_name = "SETTINGS")]
    up: Option<String>,

    /// What is different from the others to the namespace
    #[arg(long, value_name = "SETTINGS")]
    down: Option<String>,

    /// A file of changes, a line each: 20s rate=150k
    #[arg(long, value_name = "FILE")]
    schedule: Option<PathBuf>,

    /// A change at its time; may be given several times: "20s rate=150k"
    #[arg(long, value_name = "CHANGE")]
    at: Vec<String>,

    /// The namespace of the other end of the line, instead of the one this program runs in
    #[arg(long, value_name = "NAMESPACE")]
    pub(crate) far: Option<String>,

    /// Take orders from standard input, a line each, and stop when it ends
    #[arg(long, conflicts_with = "command")]
    pub(crate) stdin: bool,

    /// Print what happened as JSON
    #[arg(long)]
    pub(crate) json: bool,

    /// What to run behind the bad line, with IMPAIR_ADDRESS and IMPAIR_FAR_ADDRESS in its environment. Without
    /// it the line stays until it is stopped.
    #[arg(last = true, value_name = "COMMAND")]
    pub(crate) command: Vec<OsString>,
}

/// Keeps clap from taking `none` for an argument that was not given.
#[derive(Clone, Copy, Debug)]
struct RateArgument(Option<Rate>);

impl RateArgument {
    fn parse(text: &str) -> Result<Self, BadWord> {
        words::rate(text).map(Self)
    }
}

/// What a line is to do.
pub(crate) struct Plan {
    pub(crate) changes: Vec<Change>,
    pub(crate) schedule: Schedule,
}

impl Run {
    /// What the line is to do, in the order of weight.
    pub(crate) fn plan(&self) -> anyhow::Result<Plan> {
        let mut changes = Vec::new();
        let mut schedule = Schedule::default();
        if let Some(preset) = self.preset {
            changes.push(preset.change()?);
            schedule = preset.schedule()?;
        }
        changes.push(Change::new(None, self.adjustments()));
        for (direction, settings) in [("up", &self.up), ("down", &self.down)] {
            if let Some(settings) = settings {
                let change = format!("{direction} {settings}").parse();
                changes.push(change.with_context(|| format!("--{direction}"))?);
            }
        }
        Ok(Plan {
            changes,
            schedule: schedule.and(self.read_schedule()?),
        })
    }

    fn adjustments(&self) -> Vec<Adjustment> {
        let adjustments = [
            self.delay.map(Adjustment::Delay),
            self.jitter.map(Adjustment::Jitter),
            self.loss.map(Adjustment::Loss),
            self.reorder.map(Adjustment::Reorder),
            self.duplicate.map(Adjustment::Duplicate),
            self.rate.map(|rate| Adjustment::Rate(rate.0)),
            self.queue.map(Adjustment::Queue),
            self.blackout.map(Adjustment::Blackout),
        ];
        adjustments.into_iter().flatten().collect()
    }

    fn read_schedule(&self) -> anyhow::Result<Schedule> {
        let at: Schedule = self.at.join("\n").parse().context("--at")?;
        let Some(file) = &self.schedule else {
            return Ok(at);
        };
        let text = std::fs::read_to_string(file)
            .with_context(|| format!("the schedule {} cannot be read", file.display()))?;
        let schedule: Schedule = text.parse().with_context(|| file.display().to_string())?;
        Ok(schedule.and(at))
    }
}
