//! Plots as SVG: readable on light and on dark, whichever the reader's browser prefers.

mod bars;
mod canvas;
mod lines;
mod scale;

pub use bars::{plot_ratios, plot_times};
pub(crate) use lines::{Chart, Point, Series};
