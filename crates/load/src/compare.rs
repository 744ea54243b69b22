//! Another server by turns with the SFU under the same load, so that whatever else the machine does falls on both.

use std::fmt::{self, Display, Formatter};

use anyhow::Context as _;
use serde::Serialize;

use crate::progress::Progress;
use crate::report::{Report, figure};
use crate::run::{Plan, run};
use crate::server::{Janus, Server, Sfu, SfuSettings};

/// All runs in their order, and what they come to.
#[derive(Debug, Serialize)]
pub(crate) struct Comparison {
    runs: Vec<Report>,
    /// Of which rounds the rows are.
    rounds: Sides<Rounds>,
    rows: Vec<Row>,
}

/// Something of both servers.
#[derive(Debug, Serialize)]
struct Sides<T> {
    sfu: T,
    other: T,
}

/// The rounds of one server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
struct Rounds {
    /// Those that the figures are of.
    used: usize,
    /// Those that are left out, as something other than the server may have made their figures.
    left_out: usize,
    /// All are doubtful, and the figures are of them for want of better ones.
    doubtful: bool,
}

/// One figure of both servers: the median of their rounds; `null` in JSON where no round has it.
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
    Ok(Comparison::of(ours, others))
}

impl Comparison {
    fn of(ours: Vec<Report>, others: Vec<Report>) -> Self {
        let (sfu, our_sound) = sound(&ours);
        let (other, their_sound) = sound(&others);
        let rows = FIGURES.iter().map(|(what, figure)| {
            let sfu = median(our_sound.iter().map(|report| figure(report)));
            let other = median(their_sound.iter().map(|report| figure(report)));
            let ratio = if other > 0.0 { sfu / other } else { f64::NAN };
            Row {
                what,
                sfu,
                other,
                ratio,
            }
        });
        let rows = rows.collect();
        let runs = ours.into_iter().zip(others);
        Self {
            runs: runs.flat_map(|(ours, other)| [ours, other]).collect(),
            rounds: Sides { sfu, other },
            rows,
        }
    }
}

/// The rounds that can be compared; all, when none can.
fn sound(reports: &[Report]) -> (Rounds, Vec<&Report>) {
    let sound: Vec<_> = reports.iter().filter(|it| it.is_comparable()).collect();
    let doubtful = sound.is_empty();
    let used = if doubtful {
        reports.iter().collect()
    } else {
        sound
    };
    let rounds = Rounds {
        used: used.len(),
        left_out: reports.len() - used.len(),
        doubtful,
    };
    (rounds, used)
}

fn measure(
    server: &mut dyn Server,
    plan: &Plan,
    progress: &mut Progress,
) -> anyhow::Result<Report> {
    let name = server.name();
    let measured = run(server, plan, progress);
    let measured = measured.with_context(|| format!("no comparison without {name}"))?;
    Ok(Report::of(&measured))
}

/// The middle one, or between the two in the middle, of those that are there.
fn median(figures: impl Iterator<Item = f64>) -> f64 {
    let mut figures: Vec<f64> = figures.filter(|figure| !figure.is_nan()).collect();
    figures.sort_by(f64::total_cmp);
    let middle = figures.len() / 2;
    let upper = figures.get(middle).copied();
    let lower = match figures.len() % 2 {
        0 => figures.get(middle.wrapping_sub(1)).copied(),
        _ => upper,
    };
    let both = lower.zip(upper);
    both.map_or(f64::NAN, |(lower, upper)| f64::midpoint(lower, upper))
}

impl Rounds {
    /// What is to be known of them, if there is anything.
    fn remark(self) -> Option<String> {
        let Self {
            used,
            left_out,
            doubtful,
        } = self;
        if doubtful {
            return Some("all rounds are doubtful, and so are these figures".to_owned());
        }
        let all = used + left_out;
        (left_out > 0).then(|| format!("{left_out} of {all} rounds left out, as doubtful"))
    }
}

impl Display for Comparison {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        for report in &self.runs {
            writeln!(formatter, "{report}")?;
        }
        writeln!(
            formatter,
            "{:<24}{:>12}{:>12}{:>10}",
            "median", "vestibule", "janus", "ratio"
        )?;
        for row in &self.rows {
            let [sfu, other, ratio] = [row.sfu, row.other, row.ratio].map(|it| figure(it, 3));
            writeln!(formatter, "{:<24}{sfu:>12}{other:>12}{ratio:>10}", row.what)?;
        }
        let sides = [("vestibule", self.rounds.sfu), ("janus", self.rounds.other)];
        for (name, rounds) in sides {
            if let Some(remark) = rounds.remark() {
                writeln!(formatter, "  ! {name}: {remark}")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Comparison, Rounds, median};
    use crate::report::Report;
    use crate::run::Measured;

    /// A round whose packets took so many microseconds of the server, with this flaw.
    fn round(micros: u64, flaw: impl FnOnce(&mut Measured)) -> Report {
        let mut measured = Measured::flawless();
        measured.forwarding.time = micros * 1000 * measured.tally.delivered;
        measured.cores.busy = measured.forwarding.time as f64 / 1e9;
        flaw(&mut measured);
        Report::of(&measured)
    }

    fn cost(comparison: &Comparison) -> (f64, f64) {
        let mut rows = comparison.rows.iter();
        let row = rows.find(|row| row.what == "CPU a packet, us").unwrap();
        (row.sfu, row.other)
    }

    #[test]
    fn figures_are_the_medians_of_the_rounds_that_are_not_doubtful() {
        let flaws: [fn(&mut Measured); 6] = [
            |it| it.cores.busy += 1.0,
            |it| it.course.heard -= 1,
            |it| it.tally.skipped = 1,
            |it| it.tally.ended = 1,
            |it| it.tally.strange = 1,
            |it| it.broken_off = Some("it fell over".to_owned()),
        ];
        for flaw in flaws {
            let ours = vec![
                round(3, |_| {}),
                round(4, |_| {}),
                round(9, |_| {}),
                round(80, flaw),
            ];
            let others = (1..=4).map(|micros| round(micros, |_| {})).collect();
            let comparison = Comparison::of(ours, others);
            assert_eq!(cost(&comparison), (4.0, 2.5));
            let rounds = Rounds {
                used: 3,
                left_out: 1,
                doubtful: false,
            };
            assert_eq!(comparison.rounds.sfu, rounds);
            let text = comparison.to_string();
            let mark = "  ! vestibule: 1 of 4 rounds left out, as doubtful\n";
            assert!(text.ends_with(mark), "{text}");
            assert!(!text.contains("! janus"), "{text}");
        }
    }

    #[test]
    fn where_all_rounds_are_doubtful_the_table_is_marked() {
        let late = |it: &mut Measured| it.tally.skipped = 1;
        let ours = vec![round(3, |_| {}), round(4, |_| {})];
        let comparison = Comparison::of(ours, vec![round(1, late), round(2, late)]);
        assert_eq!(cost(&comparison), (3.5, 1.5));
        let text = comparison.to_string();
        let mark = "  ! janus: all rounds are doubtful, and so are these figures\n";
        assert!(text.ends_with(mark), "{text}");
        let json = serde_json::to_value(&comparison).unwrap();
        let rounds = json!({ "used": 2, "left_out": 0, "doubtful": true });
        assert_eq!(json.pointer("/rounds/other"), Some(&rounds));
    }

    #[test]
    fn what_no_round_has_is_none() {
        assert!(median([].into_iter()).is_nan());
        assert!((median([f64::NAN, 2.0].into_iter()) - 2.0).abs() < f64::EPSILON);
        let comparison = Comparison::of(vec![round(3, |_| {})], vec![round(4, |_| {})]);
        let text = comparison.to_string();
        let row = text
            .lines()
            .find(|row| row.starts_with("join to packet p50"));
        assert!(row.unwrap().ends_with("none"), "{text}");
    }
}
