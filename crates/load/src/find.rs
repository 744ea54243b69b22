//! The search for the most rooms, run by run: what each came to, and what is said of all.

use std::fmt::{self, Display, Formatter};

use serde::Serialize;

use crate::drops::Drops;
use crate::report::{Report, figure};
use crate::search::Search;

/// The most rooms that went well, and all that was tried.
#[derive(Debug, Serialize)]
pub(crate) struct Found {
    /// None when not even one went well.
    rooms: Option<u32>,
    /// The lowest number that did not go well, if there was one.
    limit: Option<u32>,
    /// Why the server may carry more than the most: what the load tool or the machine was at that number.
    doubts: Vec<String>,
    /// In their order. A number of rooms is there twice when it was tried once more.
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

/// Has one number of rooms after the other measured. One that could not be measured did not go well, and the search goes on
/// below. One that did not go well, and may have been the load tool's or the machine's fault, is measured once more, and that
/// counts.
///
/// # Errors
/// Why the last could not be measured, where not one could: that is what is wrong then, and no answer.
pub(crate) fn find(
    mut search: Search,
    went_well: impl Fn(&Report) -> bool,
    mut measure: impl FnMut(u32) -> anyhow::Result<Report>,
) -> anyhow::Result<Found> {
    let mut tried = Vec::new();
    while let Some(rooms) = search.next() {
        let judged = |measured: &anyhow::Result<Report>| measured.as_ref().is_ok_and(&went_well);
        let mut measured = measure(rooms);
        let doubtful = measured.as_ref().is_ok_and(Report::is_doubtful);
        if doubtful && !judged(&measured) {
            tried.push(Step::of(rooms, false, &measured));
            measured = measure(rooms);
        }
        let well = judged(&measured);
        search.note(well);
        tried.push(Step::of(rooms, well, &measured));
        if search.next().is_none() && tried.iter().all(|step| step.report.is_none()) {
            measured?;
        }
    }
    let rooms = search.best();
    let beyond = tried.iter().rev().filter(|step| Some(step.rooms) > rooms);
    let limit = beyond.min_by_key(|step| step.rooms);
    Ok(Found {
        rooms,
        limit: limit.map(|step| step.rooms),
        doubts: match limit {
            Some(step) => step.report.iter().flat_map(Report::excuses).collect(),
            None => vec!["more were not tried".to_owned()],
        },
        tried,
    })
}

impl Step {
    fn of(rooms: u32, well: bool, measured: &anyhow::Result<Report>) -> Self {
        Self {
            rooms,
            well,
            failed: measured.as_ref().err().map(|error| format!("{error:#}")),
            report: measured.as_ref().ok().cloned(),
        }
    }
}

impl Display for Found {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
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
                "{} {:>6}  {:>11.5} %  {:>7}  {:>7}  {:>9.2}  {:>6.2}  {:>7.0} %{}",
                mark,
                report.rooms,
                report.packets.ratio * 100.0,
                figure(report.latency.p50_ms, 2),
                figure(report.latency.p99_ms, 2),
                report.server_cost.cpu_us_per_packet,
                report.server_cost.floor_us_per_packet,
                report.load.cpu_share * 100.0,
                if report.is_doubtful() { "  !" } else { "" },
            )?;
            let drops = report.dropped.as_ref().and_then(Drops::told);
            if let Some(drops) = drops.filter(|_| !step.well) {
                writeln!(formatter, "        dropped: {drops}")?;
            }
            for remark in &report.remarks {
                writeln!(formatter, "        ! {remark}")?;
            }
        }
        match self.rooms {
            Some(rooms) => write!(formatter, "The most rooms that went well: {rooms}")?,
            None => formatter.write_str("Not even one room went well")?,
        }
        if !self.doubts.is_empty() {
            let doubts = self.doubts.join("; ");
            let at = self.limit.map(|rooms| format!("at {rooms} "));
            let at = at.unwrap_or_default();
            write!(formatter, ". The server may carry more: {at}{doubts}")?;
        }
        writeln!(formatter)
    }
}

#[cfg(test)]
mod tests {
    use anyhow::bail;
    use serde_json::json;

    use super::{Found, find};
    use crate::drops::Drops;
    use crate::limits::{ROOMS, STEPS};
    use crate::report::Report;
    use crate::run::Measured;
    use crate::search::Search;

    /// Of so many rooms, where all were heard and all was delivered.
    fn report(rooms: u32) -> Report {
        let mut measured = Measured::flawless();
        measured.plan.rooms = rooms;
        Report {
            unheard: 0,
            ..Report::of(&measured)
        }
    }

    /// Begins with so many rooms, of which `carried` go well, and where more than `taken` are not taken in.
    fn found(first: u32, carried: u32, taken: u32) -> anyhow::Result<Found> {
        let search = Search::new(first, ROOMS, STEPS);
        let well = |report: &Report| report.rooms <= carried && report.went_well(0.0, 5.0);
        find(search, well, |rooms| {
            if rooms > taken {
                bail!("room {taken} could not join");
            }
            Ok(report(rooms))
        })
    }

    fn tried(found: &Found) -> Vec<(u32, bool)> {
        let steps = found.tried.iter();
        steps.map(|step| (step.rooms, step.well)).collect()
    }

    #[test]
    fn a_step_that_fails_is_told_and_the_search_goes_on_below() {
        let found = found(25, 1000, 60).unwrap();
        let expected = [
            (25, true),
            (50, true),
            (100, false),
            (75, false),
            (62, false),
            (56, true),
            (59, true),
        ];
        assert_eq!(tried(&found), expected);
        assert_eq!(found.rooms, Some(59));
        for step in &found.tried {
            let why = (!step.well).then_some("room 60 could not join");
            assert_eq!(step.failed.as_deref(), why, "{} rooms", step.rooms);
            assert_eq!(step.report.is_some(), step.well);
        }
        let text = found.to_string();
        let row = |rooms: &str| text.lines().find(|line| line.contains(rooms));
        assert_eq!(row(" 100 "), Some("x    100  room 60 could not join"));
        assert!(row("  59 ").is_some_and(|row| row.starts_with("      59    100.00000 %")));
        assert!(text.ends_with("The most rooms that went well: 59\n"));
    }

    #[test]
    fn what_failed_and_what_did_not_go_well_are_told_apart() {
        let found = found(8, 3, 4).unwrap();
        assert_eq!(
            tried(&found),
            [(8, false), (4, false), (2, true), (3, true)]
        );
        let failed: Vec<_> = found.tried.iter().map(|it| it.failed.is_some()).collect();
        assert_eq!(failed, [true, false, false, false]);
        assert_eq!(found.rooms, Some(3));
    }

    /// The load tool left out bursts, and was late by it.
    fn stalled(rooms: u32) -> Report {
        let mut measured = Measured::flawless();
        measured.plan.rooms = rooms;
        measured.tally.skipped = 3;
        measured.tally.delivered -= 1;
        Report::of(&measured)
    }

    #[test]
    fn a_step_that_the_load_tool_may_have_spoilt_is_made_once_more_and_that_counts() {
        let mut stalls = 1;
        let search = Search::new(4, 4, STEPS);
        let found = find(
            search,
            |report| report.packets.ratio >= 1.0,
            |rooms| {
                stalls -= 1;
                Ok(if stalls == 0 {
                    stalled(rooms)
                } else {
                    report(rooms)
                })
            },
        );
        let found = found.unwrap();
        assert_eq!(tried(&found), [(4, false), (4, true)]);
        assert_eq!(found.rooms, Some(4));
        assert_eq!(found.doubts, ["more were not tried"]);
    }

    #[test]
    fn a_limit_that_is_the_load_tools_is_said_to_be_none_of_the_server() {
        let search = Search::new(2, ROOMS, STEPS);
        let found = find(
            search,
            |report| report.packets.ratio >= 1.0,
            |rooms| {
                Ok(if rooms > 2 {
                    stalled(rooms)
                } else {
                    report(rooms)
                })
            },
        );
        let found = found.unwrap();
        let expected = [(2, true), (4, false), (4, false), (3, false), (3, false)];
        assert_eq!(tried(&found), expected);
        let doubt = "the load tool was itself the limit: it left out 3 bursts";
        assert_eq!(found.doubts, [doubt]);
        assert_eq!(found.limit, Some(3));
        let last =
            format!("The most rooms that went well: 2. The server may carry more: at 3 {doubt}\n");
        assert!(found.to_string().ends_with(&last), "{found}");
        let json = serde_json::to_value(&found).unwrap();
        assert_eq!(json.get("doubts"), Some(&json!([doubt])));
    }

    #[test]
    fn a_limit_that_is_the_servers_leaves_no_doubt() {
        let search = Search::new(2, ROOMS, STEPS);
        // What is below the limit may be as doubtful as it likes: it went well.
        let found = find(
            search,
            |report| report.rooms <= 2,
            |rooms| {
                Ok(if rooms > 2 {
                    report(rooms)
                } else {
                    stalled(rooms)
                })
            },
        );
        let found = found.unwrap();
        assert_eq!(tried(&found), [(2, true), (4, false), (3, false)]);
        assert_eq!(found.doubts, [""; 0]);
    }

    #[test]
    fn what_the_server_dropped_is_told_where_it_did_not_go_well() {
        let line = "vestibule_sfu_dropped_total{worker=\"0\",direction=\"out\",reason=\"send_failed\"} 9\n";
        let search = Search::new(2, 2, STEPS);
        let measured = |rooms| {
            Ok(Report {
                dropped: Drops::read(line),
                ..report(rooms)
            })
        };
        let found = find(search, |report| report.rooms < 2, measured).unwrap();
        assert_eq!(tried(&found), [(2, false), (1, true)]);
        let text = found.to_string();
        let told: Vec<_> = text
            .lines()
            .filter(|it| it.contains("send_failed"))
            .collect();
        assert_eq!(told, ["        dropped: 9 send_failed"]);
    }

    #[test]
    fn where_nothing_could_be_measured_the_reason_is_the_answer() {
        let why = found(4, 1000, 0).unwrap_err();
        assert_eq!(why.to_string(), "room 0 could not join");
    }

    #[test]
    fn where_something_was_measured_and_nothing_went_well_all_is_told() {
        let found = found(4, 0, 2).unwrap();
        assert_eq!(tried(&found), [(4, false), (2, false), (1, false)]);
        assert_eq!(found.rooms, None);
        let text = found.to_string();
        assert!(text.ends_with("Not even one room went well\n"), "{text}");
    }
}
