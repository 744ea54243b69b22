//! Plots of what the load tool measured.

use std::fs;
use std::path::Path;

use anyhow::Context;
use serde::Deserialize;

use crate::svg::{Chart, Point, Series};

/// What `vestibule-load --json` writes, as much of it as is drawn.
#[derive(Debug, Deserialize)]
struct Report {
    latency: Quantiles,
    server_cost: ServerCost,
    /// What is to be doubted.
    remarks: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct Quantiles {
    p99_ms: f64,
}

#[derive(Debug, Deserialize)]
struct ServerCost {
    cpu_us_per_packet: f64,
}

/// A plot that is made: its file's name, the folder that its points lie in, what goes upward, and how it looks.
type Plot = (
    &'static str,
    &'static str,
    fn(&Report) -> f64,
    Chart<'static>,
);

const COST: &str = "processor time, µs a packet";

fn cost(report: &Report) -> f64 {
    report.server_cost.cpu_us_per_packet
}

fn latency(report: &Report) -> f64 {
    report.latency.p99_ms
}

const PLOTS: [Plot; 4] = [
    (
        "load-rooms.svg",
        "rooms",
        cost,
        Chart {
            title: "Cost of a packet against rooms of two",
            across: "rooms, logarithmic",
            upward: COST,
            logarithmic: true,
        },
    ),
    (
        "load-latency.svg",
        "rooms",
        latency,
        Chart {
            title: "Send to receive against rooms of two",
            across: "rooms, logarithmic",
            upward: "99th percentile, ms",
            logarithmic: true,
        },
    ),
    (
        "load-people.svg",
        "people",
        cost,
        Chart {
            title: "Cost of a packet against people in a room",
            across: "people in each room",
            upward: COST,
            logarithmic: false,
        },
    ),
    (
        "load-payload.svg",
        "payload",
        cost,
        Chart {
            title: "Cost of a packet against its size",
            across: "RTP payload of a picture's packet, octets",
            upward: COST,
            logarithmic: false,
        },
    ),
];

/// Draws each plot whose points lie in the folder, as `PLOT/LINE/NUMBER.json`: the file's name and the drawing.
///
/// # Errors
/// When a file is not a report of the load tool, or its name is no number.
pub fn plots(folder: &Path) -> anyhow::Result<Vec<(&'static str, String)>> {
    let mut drawn = Vec::new();
    for (file, name, value, chart) in PLOTS {
        let folder = folder.join(name);
        if folder.is_dir() {
            drawn.push((file, chart.draw(&lines(&folder, value)?)));
        }
    }
    Ok(drawn)
}

fn lines(folder: &Path, value: fn(&Report) -> f64) -> anyhow::Result<Vec<Series>> {
    let mut lines = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let mut points = Vec::new();
        for file in fs::read_dir(&path)? {
            let file = file?.path();
            points.push(point(&file, value).with_context(|| format!("in {}", file.display()))?);
        }
        points.sort_by(|one, other| one.x.total_cmp(&other.x));
        lines.push(Series {
            name: name.into_owned(),
            points,
        });
    }
    lines.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(lines)
}

fn point(file: &Path, value: fn(&Report) -> f64) -> anyhow::Result<Point> {
    let name = file.file_stem().unwrap_or_default().to_string_lossy();
    let report: Report = serde_json::from_str(&fs::read_to_string(file)?)?;
    Ok(Point {
        x: name.parse().context("the file's name is no number")?,
        y: value(&report),
        doubtful: !report.remarks.is_empty(),
    })
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::plots;

    fn report(folder: &Path, name: &str, cost: f64, remarks: &str) {
        fs::create_dir_all(folder).unwrap();
        let json = format!(
            r#"{{"server":"vestibule","latency":{{"p50_ms":0.1,"p99_ms":2.0,"max_ms":3.0}},
            "server_cost":{{"cpu_us_per_packet":{cost},"cpu_share":0.5}},"remarks":[{remarks}]}}"#
        );
        fs::write(folder.join(name), json).unwrap();
    }

    #[test]
    fn points_lie_where_the_names_of_their_files_say() {
        let folder = tempfile::tempdir().unwrap();
        let rooms = folder.path().join("rooms");
        report(&rooms.join("1 worker"), "400.json", 4.0, "");
        report(&rooms.join("1 worker"), "50.json", 6.0, r#""noisy""#);
        report(&rooms.join("2 workers"), "50.json", 7.0, "");
        let drawn = plots(folder.path()).unwrap();
        let names: Vec<_> = drawn.iter().map(|(name, _)| *name).collect();
        assert_eq!(names, ["load-rooms.svg", "load-latency.svg"]);
        let svg = &drawn[0].1;
        assert!(svg.contains(">400<") && svg.contains(">50<") && svg.contains(">2 workers<"));
        assert_eq!(svg.matches("s0 hollow").count(), 1, "the noisy point");
    }

    #[test]
    fn a_file_that_is_no_report_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let line = folder.path().join("people").join("1 worker");
        report(&line, "two.json", 4.0, "");
        assert!(plots(folder.path()).is_err());
        fs::remove_file(line.join("two.json")).unwrap();
        fs::write(line.join("2.json"), "{}").unwrap();
        assert!(plots(folder.path()).is_err());
    }
}
