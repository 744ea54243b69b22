//! All benchmarks below each other.

use super::canvas::{Anchor, Canvas};
use super::scale::{Scale, decades};
use crate::table::time;
use crate::{Compared, Judged};

const WIDTH: f64 = 960.0;
const LABELS: f64 = 430.0;
const RIGHT: f64 = 90.0;
const TOP: f64 = 58.0;
const ROW: f64 = 22.0;
const BAR: f64 = 12.0;
const BELOW: f64 = 48.0;

/// What a plot of bars shows.
struct Plot<'a> {
    title: &'a str,
    axis: &'a str,
    legend: &'a str,
    /// The bar of a benchmark.
    bar: fn(&Judged) -> f64,
    /// What it is to be compared with.
    mark: fn(&Judged) -> f64,
    label: fn(f64) -> String,
}

/// The time of each benchmark, beside its floor.
#[must_use]
pub fn plot_times(compared: &Compared) -> String {
    let plot = Plot {
        title: "Time of each part, and of its floor",
        axis: "time of one, logarithmic",
        legend: "bar: the part; line: its floor, measured in the same run",
        bar: |judged| judged.time,
        mark: |judged| judged.floor,
        label: time,
    };
    plot.draw(&compared.judged)
}

/// How many times its floor each benchmark takes, beside its budget.
#[must_use]
pub fn plot_ratios(compared: &Compared) -> String {
    let plot = Plot {
        title: "How many times its floor each part takes",
        axis: "times the floor, logarithmic",
        legend: "bar: measured; line: the budget",
        bar: Judged::ratio,
        mark: |judged| judged.budget.ratio,
        label: |ratio| {
            let places = if ratio < 10.0 { 1 } else { 0 };
            let round = ratio.fract() == 0.0;
            format!("{ratio:.*}", if round { 0 } else { places })
        },
    };
    plot.draw(&compared.judged)
}

impl Plot<'_> {
    fn draw(&self, judged: &[Judged]) -> String {
        let height = TOP + ROW * judged.len() as f64 + BELOW;
        let mut canvas = Canvas::new(WIDTH, height, self.title);
        canvas.text((12.0, 42.0), Anchor::Start, "quiet", self.legend);
        let values = judged
            .iter()
            .flat_map(|it| [(self.bar)(it), (self.mark)(it)]);
        let marks = decades(values);
        let ends = marks.first().copied().zip(marks.last().copied());
        let scale = Scale::logarithmic(ends.unwrap_or((1.0, 10.0)), LABELS, WIDTH - LABELS - RIGHT);
        self.draw_axis(&mut canvas, &scale, &marks, height - BELOW);
        for (row, judged) in judged.iter().enumerate() {
            self.draw_row(&mut canvas, &scale, TOP + ROW * row as f64, judged);
        }
        canvas.finish()
    }

    fn draw_axis(&self, canvas: &mut Canvas, scale: &Scale, marks: &[f64], bottom: f64) {
        for mark in marks {
            let x = scale.at(*mark);
            canvas.line("grid", (x, TOP - 6.0), (x, bottom));
            let label = (self.label)(*mark);
            canvas.text((x, bottom + 16.0), Anchor::Middle, "quiet", &label);
        }
        let middle = LABELS + (WIDTH - LABELS - RIGHT) / 2.0;
        canvas.text((middle, bottom + 36.0), Anchor::Middle, "quiet", self.axis);
    }

    fn draw_row(&self, canvas: &mut Canvas, scale: &Scale, y: f64, judged: &Judged) {
        let (value, mark) = ((self.bar)(judged), scale.at((self.mark)(judged)));
        let (end, base) = (scale.at(value), y + ROW / 2.0);
        let name = &judged.budget.name;
        canvas.text((LABELS - 10.0, base + 4.0), Anchor::End, "", name);
        let top = base - BAR / 2.0;
        canvas.bar("s0 fill", (LABELS, top), (end - LABELS, BAR));
        canvas.line("mark", (mark, top - 3.0), (mark, top + BAR + 3.0));
        let label = (end.max(mark) + 6.0, base + 4.0);
        canvas.text(label, Anchor::Start, "quiet", &(self.label)(value));
    }
}

#[cfg(test)]
mod tests {
    use super::{plot_ratios, plot_times};
    use crate::{Budgets, Measured, compare};

    #[test]
    fn each_benchmark_has_a_bar_a_mark_and_its_value() {
        let toml = "tolerance = 0.5\n[[bench]]\nname = 'seal'\nfloor = 'floor'\nratio = 4.0";
        let times = [("seal", 250.0), ("floor", 100.0)];
        let measured: Measured = times.map(|(name, time)| (name.to_owned(), time)).into();
        let compared = compare(&Budgets::parse(toml).unwrap(), &measured);
        for (svg, value) in [
            (plot_times(&compared), ">250 ns<"),
            (plot_ratios(&compared), ">2.5<"),
        ] {
            assert_eq!(svg.matches("<rect").count(), 1);
            assert_eq!(svg.matches(r#"class="mark""#).count(), 1);
            assert!(svg.contains(">seal<") && svg.contains(value), "{svg}");
        }
    }
}
