//! What the command line asks for: one run, the search for the most rooms, or a comparison.

use std::io::Write as _;
use std::process::ExitCode;

use rustix::process::{Resource, getrlimit, setrlimit};
use serde::Serialize;

use crate::arguments::{Arguments, Other};
use crate::compare::compare;
use crate::limits::{ROOMS, STEPS};
use crate::progress::Progress;
use crate::report::Report;
use crate::run::{Plan, run};
use crate::search::Search;
use crate::server::Target;

/// Does it, and prints what came of it.
pub(crate) fn perform(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    allow_many_sockets();
    let plan = arguments.plan()?;
    let mut progress = Progress::new();
    let text = if arguments.find_max {
        let found = find_max(arguments, &plan, &mut progress)?;
        told(arguments.json, &found)?
    } else if let Some(Other::Janus) = arguments.compare {
        let compared = compare(&plan, &arguments.sfu()?, arguments.rounds, &mut progress)?;
        told(arguments.json, &compared)?
    } else {
        let report = measure(&plan, &arguments.target()?, &mut progress)?;
        told(arguments.json, &report)?
    };
    progress.clear();
    print(&text);
    Ok(ExitCode::SUCCESS)
}

/// Each client has a socket.
fn allow_many_sockets() {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    // With fewer the run says what it lacks.
    let _ = setrlimit(Resource::Nofile, limit);
}

fn measure(plan: &Plan, target: &Target, progress: &mut Progress) -> anyhow::Result<Report> {
    progress.title(format!("{} rooms:", plan.rooms));
    progress.phase("starting the server");
    let mut server = target.start(plan.rooms, &plan.cores)?;
    Ok(Report::of(&run(&mut *server, plan, progress)?))
}

/// The most rooms that went well, and all that was tried.
#[derive(Debug, Serialize)]
struct Found {
    /// None when not even one went well.
    rooms: Option<u32>,
    tried: Vec<Step>,
}

/// What came of one number of rooms: a report, or why there is none. A server that has too much to do may take no more
/// people in, which is an answer as well.
#[derive(Debug, Serialize)]
struct Step {
    rooms: u32,
    well: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    report: Option<Report>,
    #[serde(skip_serializing_if = "Option::is_none")]
    failed: Option<String>,
}

fn find_max(arguments: &Arguments, plan: &Plan, progress: &mut Progress) -> anyhow::Result<Found> {
    let target = arguments.target()?;
    let mut search = Search::new(plan.rooms, ROOMS, STEPS);
    let mut tried = Vec::new();
    while let Some(rooms) = search.next() {
        let plan = Plan {
            rooms,
            ..plan.clone()
        };
        let measured = measure(&plan, &target, progress);
        let loss = arguments.loss_allowed / 100.0;
        let well = measured
            .as_ref()
            .is_ok_and(|report| report.went_well(loss, arguments.p99));
        search.note(well);
        tried.push(Step {
            rooms,
            well,
            failed: measured.as_ref().err().map(|error| format!("{error:#}")),
            report: measured.as_ref().ok().cloned(),
        });
        // Where not one could be measured, that is what is wrong.
        if search.next().is_none() && tried.iter().all(|step| step.report.is_none()) {
            measured?;
        }
    }
    Ok(Found {
        rooms: search.best(),
        tried,
    })
}

impl std::fmt::Display for Found {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(
            formatter,
            "  rooms  delivered       p50 ms   p99 ms   us/packet   alone  load core"
        )?;
        for step in &self.tried {
            let mark = if step.well { ' ' } else { 'x' };
            let Some(report) = &step.report else {
                let why = step.failed.as_deref().unwrap_or_default();
                writeln!(formatter, "{mark} {:>6}  {why}", step.rooms)?;
                continue;
            };
            writeln!(
                formatter,
                "{} {:>6}  {:>11.5} %  {:>7.2}  {:>7.2}  {:>9.2}  {:>6.2}  {:>7.0} %{}",
                mark,
                report.rooms,
                report.packets.ratio * 100.0,
                report.latency.p50_ms,
                report.latency.p99_ms,
                report.server_cost.cpu_us_per_packet,
                report.server_cost.floor_us_per_packet,
                report.load.cpu_share * 100.0,
                if report.is_doubtful() { "  !" } else { "" },
            )?;
            for remark in &report.remarks {
                writeln!(formatter, "        ! {remark}")?;
            }
        }
        match self.rooms {
            Some(rooms) => writeln!(formatter, "The most rooms that went well: {rooms}"),
            None => writeln!(formatter, "Not even one room went well."),
        }
    }
}

fn told(json: bool, value: &(impl Serialize + std::fmt::Display)) -> anyhow::Result<String> {
    if json {
        return Ok(serde_json::to_string_pretty(value)? + "\n");
    }
    Ok(value.to_string())
}

/// Nobody may be reading.
fn print(text: &str) {
    let mut output = std::io::stdout().lock();
    let _ = output.write_all(text.as_bytes());
    let _ = output.flush();
}
