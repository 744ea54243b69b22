//! A quantity against another.

use super::canvas::{Anchor, Canvas};
use super::scale::{Scale, steps};

const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 380.0;
const LEFT: f64 = 72.0;
const RIGHT: f64 = 24.0;
const TOP: f64 = 64.0;
const BELOW: f64 = 56.0;

/// Colours that there are; further series begin anew.
const COLOURS: usize = 4;

/// What a chart shows.
pub(crate) struct Chart<'a> {
    pub(crate) title: &'a str,
    /// Both axes with their units.
    pub(crate) across: &'a str,
    pub(crate) upward: &'a str,
    /// Equal ratios of what goes across are equal lengths.
    pub(crate) logarithmic: bool,
}

/// A line of a chart.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Series {
    pub(crate) name: String,
    pub(crate) points: Vec<Point>,
}

/// A point of a line.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Point {
    pub(crate) x: f64,
    pub(crate) y: f64,
    /// Its figure is to be doubted: it is drawn hollow.
    pub(crate) doubtful: bool,
}

impl Chart<'_> {
    pub(crate) fn draw(&self, series: &[Series]) -> String {
        let mut canvas = Canvas::new(WIDTH, HEIGHT, self.title);
        let points = || series.iter().flat_map(|it| &it.points);
        let mut across: Vec<f64> = points().map(|point| point.x).collect();
        across.sort_by(f64::total_cmp);
        across.dedup();
        let upward = steps(points().map(|point| point.y).fold(0.0, f64::max));
        let (x, y) = self.scales(&across, &upward);
        self.draw_axes(&mut canvas, (&x, &across), (&y, &upward));
        for (index, series) in series.iter().enumerate() {
            draw_series(&mut canvas, index, series, &x, &y);
        }
        if points().any(|point| point.doubtful) {
            let note = "hollow: a noisy machine, or a late load tool";
            canvas.text((WIDTH - RIGHT, 46.0), Anchor::End, "quiet", note);
        }
        canvas.finish()
    }

    fn scales(&self, across: &[f64], upward: &[f64]) -> (Scale, Scale) {
        let ends = across.first().copied().zip(across.last().copied());
        let (ends, width) = (ends.unwrap_or((1.0, 1.0)), WIDTH - LEFT - RIGHT - 24.0);
        let x = if self.logarithmic && ends.0 > 0.0 {
            Scale::logarithmic(ends, LEFT + 12.0, width)
        } else {
            Scale::linear(ends, LEFT + 12.0, width)
        };
        let highest = upward.last().copied().unwrap_or(1.0);
        let bottom = HEIGHT - BELOW;
        (x, Scale::linear((0.0, highest), bottom, TOP - bottom))
    }

    fn draw_axes(
        &self,
        canvas: &mut Canvas,
        (x, across): (&Scale, &[f64]),
        (y, upward): (&Scale, &[f64]),
    ) {
        let bottom = HEIGHT - BELOW;
        for value in upward {
            let place = y.at(*value);
            canvas.line("grid", (LEFT, place), (WIDTH - RIGHT, place));
            let label = (LEFT - 8.0, place + 4.0);
            canvas.text(label, Anchor::End, "quiet", &number(*value));
        }
        for value in across {
            let place = x.at(*value);
            canvas.line("grid", (place, bottom), (place, bottom + 5.0));
            let label = (place, bottom + 20.0);
            canvas.text(label, Anchor::Middle, "quiet", &number(*value));
        }
        let middle = (LEFT + WIDTH - RIGHT) / 2.0;
        canvas.text((middle, HEIGHT - 12.0), Anchor::Middle, "", self.across);
        canvas.upright((20.0, f64::midpoint(TOP, bottom)), self.upward);
    }
}

fn draw_series(canvas: &mut Canvas, index: usize, series: &Series, x: &Scale, y: &Scale) {
    let colour = index % COLOURS;
    let places = series.points.iter().map(|it| (x.at(it.x), y.at(it.y)));
    canvas.path(&format!("s{colour} line"), places);
    for point in &series.points {
        let look = if point.doubtful { "hollow" } else { "fill" };
        let place = (x.at(point.x), y.at(point.y));
        canvas.circle(&format!("s{colour} {look}"), place);
    }
    let left = LEFT + 150.0 * index as f64;
    canvas.circle(&format!("s{colour} fill"), (left + 6.0, 42.0));
    canvas.text((left + 16.0, 46.0), Anchor::Start, "", &series.name);
}

/// As many digits behind the point as it needs, two at most.
fn number(value: f64) -> String {
    let text = format!("{value:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::{Chart, Point, Series, number};

    fn series(points: &[(f64, f64, bool)]) -> Series {
        let points = points
            .iter()
            .map(|&(x, y, doubtful)| Point { x, y, doubtful });
        Series {
            name: "1 worker".to_owned(),
            points: points.collect(),
        }
    }

    const CHART: Chart<'static> = Chart {
        title: "Cost",
        across: "rooms",
        upward: "µs a packet",
        logarithmic: true,
    };

    #[test]
    fn a_chart_has_both_axes_and_each_point() {
        let svg = CHART.draw(&[series(&[(1.0, 8.0, false), (400.0, 4.5, false)])]);
        for text in ["rooms", "µs a packet", "1 worker", "400", "8"] {
            assert!(svg.contains(&format!(">{text}<")), "{text}");
        }
        assert_eq!(
            svg.matches("s0 fill").count(),
            3,
            "two points, and the legend's"
        );
        assert!(!svg.contains("hollow:"));
    }

    #[test]
    fn a_doubtful_point_is_hollow_and_the_chart_says_what_that_means() {
        let svg = CHART.draw(&[series(&[(1.0, 8.0, true)])]);
        assert_eq!(svg.matches("s0 hollow").count(), 1);
        assert!(svg.contains("hollow: a noisy machine"));
    }

    #[test]
    fn a_chart_of_nothing_is_drawn_all_the_same() {
        assert!(CHART.draw(&[]).ends_with("</svg>\n"));
    }

    #[test]
    fn numbers_have_no_needless_digits() {
        assert_eq!([400.0, 0.5, 2.25].map(number), ["400", "0.5", "2.25"]);
    }
}
