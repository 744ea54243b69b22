//! What the command line asks for: one run, the search for the most rooms, or a comparison.

use std::io::Write as _;
use std::process::ExitCode;

use rustix::process::{Resource, getrlimit, setrlimit};
use serde::Serialize;

use crate::arguments::{Arguments, Other};
use crate::compare::compare;
use crate::find::{Found, find};
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
    let mut broken_off = None;
    let text = if arguments.find_max {
        let found = find_max(arguments, &plan, &mut progress)?;
        told(arguments.json, &found)?
    } else if let Some(Other::Janus) = arguments.compare {
        let compared = compare(&plan, &arguments.sfu()?, arguments.rounds, &mut progress)?;
        told(arguments.json, &compared)?
    } else {
        let report = measure(&plan, &arguments.target()?, &mut progress)?;
        broken_off = report.end();
        told(arguments.json, &report)?
    };
    progress.clear();
    print(&text);
    // What was measured until then is told, and yet it was not what was asked for.
    broken_off.map_or(Ok(ExitCode::SUCCESS), |why| Err(anyhow::Error::msg(why)))
}

/// Each client has a socket.
fn allow_many_sockets() {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    // With fewer the run says that too many files are open.
    let _ = setrlimit(Resource::Nofile, limit);
}

fn measure(plan: &Plan, target: &Target, progress: &mut Progress) -> anyhow::Result<Report> {
    progress.title(format!("{} rooms:", plan.rooms));
    progress.phase("starting the server");
    let mut server = target.start(plan.rooms, &plan.cores)?;
    Ok(Report::of(&run(&mut *server, plan, progress)?))
}

fn find_max(arguments: &Arguments, plan: &Plan, progress: &mut Progress) -> anyhow::Result<Found> {
    let target = arguments.target()?;
    let loss = arguments.loss_allowed / 100.0;
    find(
        Search::new(plan.rooms, ROOMS, STEPS),
        |report| report.went_well(loss, arguments.p99),
        |rooms| {
            let plan = Plan {
                rooms,
                ..plan.clone()
            };
            measure(&plan, &target, progress)
        },
    )
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
