//! Another server by turns with the SFU under the same load, so that whatever else the machine does falls on both.

use std::fmt::{self, Display, Formatter};

use serde::Serialize;

use crate::progress::Progress;
use crate::report::Report;
use crate::run::{Plan, run};
use crate::server::{Janus, Server, Sfu, SfuSettings};

/// All runs in their order, and what they come to.
#[derive(Debug, Serialize)]
pub(crate) struct Comparison {
    runs: Vec<Report>,
    rows: Vec<Row>,
}

/// One figure of both servers: the mean of their runs.
#[derive(Debug, Serialize)]
struct Row {
    what: &'static str,
    sfu: f64,
    other: f64,
    /// The SFU's share of the other's.
    ratio: f64,
}

type Figure = (&'static str, fn(&Report) -> f64);

const FIGURES: [Figure; 8] = [
    ("delivered, %", |report| report.packets.ratio * 100.0),
    ("CPU a packet, us", |report| {
        report.server_cost.cpu_us_per_packet
    }),
    ("CPU, times the floor", |report| {
        report.server_cost.cpu_us_per_packet / report.server_cost.floor_us_per_packet
    }),
    ("memory a room, KiB", |report| {
        report.server_cost.memory_kib_per_room
    }),
    ("latency p50, ms", |report| report.latency.p50_ms),
    ("latency p99, ms", |report| report.latency.p99_ms),
    ("latency max, ms", |report| report.latency.max_ms),
    ("join to packet p50, ms", |report| {
        report.first_packet.p50_ms
    }),
];

/// Runs both so many times each, by turns.
pub(crate) fn compare(
    plan: &Plan,
    sfu: &SfuSettings,
    rounds: u32,
    progress: &mut Progress,
) -> anyhow::Result<Comparison> {
    // If it is not there, that is known before a run has taken its time.
    drop(Janus::start(plan.address, &plan.cores)?);
    let (mut ours, mut others) = (Vec::new(), Vec::new());
    for round in 1..=rounds {
        progress.title(format!("SFU, round {round} of {rounds}:"));
        ours.push(measure(&mut Sfu::start(sfu, &plan.cores)?, plan, progress)?);
        progress.title(format!("Janus, round {round} of {rounds}:"));
        let mut janus = Janus::start(plan.address, &plan.cores)?;
        others.push(measure(&mut janus, plan, progress)?);
    }
    let rows = FIGURES.iter().map(|(what, figure)| {
        let (sfu, other) = (mean(&ours, *figure), mean(&others, *figure));
        Row {
            what,
            sfu,
            other,
            ratio: if other > 0.0 { sfu / other } else { f64::NAN },
        }
    });
    let rows = rows.collect();
    let runs = ours.into_iter().zip(others);
    Ok(Comparison {
        runs: runs.flat_map(|(ours, other)| [ours, other]).collect(),
        rows,
    })
}

fn measure(
    server: &mut dyn Server,
    plan: &Plan,
    progress: &mut Progress,
) -> anyhow::Result<Report> {
    Ok(Report::of(&run(server, plan, progress)?))
}

fn mean(reports: &[Report], figure: fn(&Report) -> f64) -> f64 {
    reports.iter().map(figure).sum::<f64>() / reports.len() as f64
}

impl Display for Comparison {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        for report in &self.runs {
            writeln!(formatter, "{report}")?;
        }
        writeln!(
            formatter,
            "{:<24}{:>12}{:>12}{:>10}",
            "mean", "vestibule", "janus", "ratio"
        )?;
        for Row {
            what,
            sfu,
            other,
            ratio,
        } in &self.rows
        {
            writeln!(formatter, "{what:<24}{sfu:>12.3}{other:>12.3}{ratio:>10.3}")?;
        }
        Ok(())
    }
}
