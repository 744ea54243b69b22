//! Plots of what a decision of the clinic costs, against how many wait.

use crate::Measured;
use crate::svg::{Chart, Point, Series};

/// The benchmarks' group.
const GROUP: &str = "Clinic::handle";

/// A plot that is made: its file's name, its title, and the inputs that are its lines.
const PLOTS: [(&str, &str, [&str; 4]); 2] = [
    (
        "clinic-patients.svg",
        "A decision on what a patient does",
        ["arrive", "connect", "disconnect", "leave"],
    ),
    (
        "clinic-practitioners.svg",
        "A decision on what a practitioner does",
        ["message", "call", "admit", "end"],
    ),
];

/// Draws each plot of which anything was measured: the file's name and the drawing.
#[must_use]
pub fn plots(measured: &Measured) -> Vec<(&'static str, String)> {
    let mut drawn = Vec::new();
    for (file, title, inputs) in PLOTS {
        let series: Vec<_> = inputs.iter().map(|input| line(measured, input)).collect();
        let chart = Chart {
            title,
            across: "waiting, logarithmic",
            upward: "µs a decision",
            logarithmic: true,
        };
        if series.iter().any(|line| !line.points.is_empty()) {
            drawn.push((file, chart.draw(&series)));
        }
    }
    drawn
}

fn line(measured: &Measured, input: &str) -> Series {
    let prefix = format!("{GROUP}/{input}/");
    let mut points: Vec<Point> = measured
        .iter()
        .filter_map(|(name, nanoseconds)| {
            Some(Point {
                x: name.strip_prefix(&prefix)?.parse().ok()?,
                y: nanoseconds / 1e3,
                doubtful: false,
            })
        })
        .collect();
    points.sort_by(|one, other| one.x.total_cmp(&other.x));
    Series {
        name: input.to_owned(),
        points,
    }
}

#[cfg(test)]
mod tests {
    use super::plots;
    use crate::Measured;

    #[test]
    fn each_input_is_a_line_over_the_length_of_the_queue() {
        let times = [
            ("Clinic::handle/arrive/10000", 2_000.0),
            ("Clinic::handle/arrive/100", 1_000.0),
            ("Clinic::handle/floor: insert/100", 50.0),
            ("seal", 250.0),
        ];
        let measured: Measured = times.map(|(name, time)| (name.to_owned(), time)).into();
        let drawn = plots(&measured);
        let names: Vec<_> = drawn.iter().map(|(name, _)| *name).collect();
        assert_eq!(names, ["clinic-patients.svg"]);
        let svg = &drawn[0].1;
        assert!(svg.contains(">10000<") && svg.contains(">leave<"));
        assert_eq!(
            svg.matches("s0 fill").count(),
            3,
            "two points, and the legend's"
        );
    }
}
