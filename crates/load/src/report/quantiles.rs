//! How long many things took.

use std::fmt::{self, Display, Formatter};

use serde::Serialize;

use crate::histogram::Histogram;

/// Of many lengths, in milliseconds; not numbers, `null` in JSON, where there is none.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Quantiles {
    /// How many lengths.
    pub count: u64,
    /// Half are not longer.
    pub p50_ms: f64,
    /// 99 of 100 are not longer.
    pub p99_ms: f64,
    /// None is longer.
    pub max_ms: f64,
}

/// A figure in words, of which there may be none.
pub(crate) fn figure(value: f64, decimals: usize) -> String {
    if value.is_nan() {
        return "none".to_owned();
    }
    format!("{value:.decimals$}")
}

impl Quantiles {
    pub(super) fn of(histogram: &Histogram) -> Self {
        let count = histogram.count();
        let millis = |nanos: u64| match count {
            0 => f64::NAN,
            _ => nanos as f64 / 1e6,
        };
        Self {
            count,
            p50_ms: millis(histogram.quantile(0.5)),
            p99_ms: millis(histogram.quantile(0.99)),
            max_ms: millis(histogram.highest()),
        }
    }

    /// In words, with how many there were.
    pub(super) fn counted(&self) -> String {
        match self.count {
            0 => self.to_string(),
            count => format!("{self}, of {count}"),
        }
    }
}

impl Display for Quantiles {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        if self.count == 0 {
            return formatter.write_str("none");
        }
        write!(
            formatter,
            "p50 {:.2} ms, p99 {:.2} ms, max {:.2} ms",
            self.p50_ms, self.p99_ms, self.max_ms
        )
    }
}
