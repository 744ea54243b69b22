//! Whether delay grows: a line through the recent delays, and a threshold that adapts to the noise.
//!
//! The trendline filter and the adaptive threshold are those of browsers today; the second is
//! draft-ietf-rmcat-gcc-02 section 5.4.

use crate::groups::Spacing;

/// What the delays say of the line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Usage {
    /// A queue grows.
    Over,
    /// The line takes what is sent.
    #[default]
    Normal,
    /// A queue empties.
    Under,
}

/// How many groups the line is drawn through.
const WINDOW: usize = 20;

/// How much of the smoothed delay is kept at each group.
const SMOOTHING: f64 = 0.9;

/// The slope is compared with the threshold after it was made this much larger.
const GAIN: f64 = 4.0;

/// Beyond so many groups the slope counts in full.
const FULL_WEIGHT_GROUPS: u32 = 60;

/// The threshold in milliseconds: where it starts and between which values it stays.
const THRESHOLD: f64 = 12.5;
const THRESHOLD_RANGE: (f64, f64) = (6.0, 600.0);

/// How fast the threshold follows, in each millisecond, up and down.
const FOLLOW_UP: f64 = 0.0087;
const FOLLOW_DOWN: f64 = 0.039;

/// A value so far above the threshold is a spike that the threshold does not follow.
const SPIKE: f64 = 15.0;

/// A queue grows when it did for this long, in milliseconds.
const OVERUSE_TIME: f64 = 10.0;

#[derive(Debug)]
pub(crate) struct Trend {
    /// When a group arrived and how late it was, smoothed: milliseconds.
    points: [(f64, f64); WINDOW],
    count: u32,
    began: u64,
    delay: f64,
    smoothed: f64,
    slope: f64,
    threshold: f64,
    threshold_at: Option<u64>,
    over_for: Option<f64>,
    over_groups: u32,
    usage: Usage,
}

impl Trend {
    pub(crate) fn new() -> Self {
        Self {
            points: [(0.0, 0.0); WINDOW],
            count: 0,
            began: 0,
            delay: 0.0,
            smoothed: 0.0,
            slope: 0.0,
            threshold: THRESHOLD,
            threshold_at: None,
            over_for: None,
            over_groups: 0,
            usage: Usage::Normal,
        }
    }

    pub(crate) fn usage(&self) -> Usage {
        self.usage
    }

    /// Begins anew, as after a silence; what was learnt of the noise stays.
    pub(crate) fn restart(&mut self) {
        *self = Self {
            threshold: self.threshold,
            ..Self::new()
        };
    }

    pub(crate) fn update(&mut self, spacing: Spacing) {
        if self.count == 0 {
            self.began = spacing.arrived;
        }
        self.delay += (spacing.arrival - spacing.departure) as f64 / 1000.0;
        self.smoothed = SMOOTHING * self.smoothed + (1.0 - SMOOTHING) * self.delay;
        let arrived = spacing.arrived.saturating_sub(self.began) as f64 / 1000.0;
        if let Some(point) = self.points.get_mut(self.count as usize % WINDOW) {
            *point = (arrived, self.smoothed);
        }
        self.count = self.count.saturating_add(1);
        let slope = if self.count as usize >= WINDOW {
            slope_through(&self.points).unwrap_or(self.slope)
        } else {
            0.0
        };
        self.judge(slope, spacing);
    }

    fn judge(&mut self, slope: f64, spacing: Spacing) {
        let weight = self.count.min(FULL_WEIGHT_GROUPS);
        let strength = f64::from(weight) * slope * GAIN;
        if strength > self.threshold {
            self.count_over(slope, spacing.departure as f64 / 1000.0);
        } else {
            self.over_for = None;
            self.over_groups = 0;
            self.usage = if strength < -self.threshold {
                Usage::Under
            } else {
                Usage::Normal
            };
        }
        self.slope = slope;
        self.follow(strength.abs(), spacing.arrived);
    }

    fn count_over(&mut self, slope: f64, departure: f64) {
        // The first group may have begun to wait anywhere in the time before it.
        let over_for = self
            .over_for
            .map_or(departure / 2.0, |before| before + departure);
        self.over_for = Some(over_for);
        self.over_groups += 1;
        if over_for > OVERUSE_TIME && self.over_groups > 1 && slope >= self.slope {
            self.over_for = Some(0.0);
            self.over_groups = 0;
            self.usage = Usage::Over;
        }
    }

    fn follow(&mut self, strength: f64, arrived: u64) {
        let before = self.threshold_at.replace(arrived).unwrap_or(arrived);
        if strength > self.threshold + SPIKE {
            return;
        }
        let follow = if strength < self.threshold {
            FOLLOW_DOWN
        } else {
            FOLLOW_UP
        };
        let millis = (arrived.saturating_sub(before) as f64 / 1000.0).min(100.0);
        let (least, most) = THRESHOLD_RANGE;
        self.threshold =
            (self.threshold + follow * (strength - self.threshold) * millis).clamp(least, most);
    }
}

/// The slope of the line with the least squares.
fn slope_through(points: &[(f64, f64); WINDOW]) -> Option<f64> {
    let count = WINDOW as f64;
    let (sum_x, sum_y) = points
        .iter()
        .fold((0.0, 0.0), |(sum_x, sum_y), (x, y)| (sum_x + x, sum_y + y));
    let (mean_x, mean_y) = (sum_x / count, sum_y / count);
    let (above, below) = points.iter().fold((0.0, 0.0), |(above, below), (x, y)| {
        let from_mean = x - mean_x;
        (
            above + from_mean * (y - mean_y),
            below + from_mean * from_mean,
        )
    });
    (below > 0.0).then(|| above / below)
}

#[cfg(test)]
mod tests {
    use super::{Trend, Usage};
    use crate::groups::Spacing;

    /// Groups 20 ms apart of which each comes later than the one before by so many microseconds.
    fn feed(trend: &mut Trend, groups: u64, from: u64, later: i64) -> Usage {
        for group in 0..groups {
            trend.update(Spacing {
                departure: 20_000,
                arrival: 20_000 + later,
                arrived: from + group * 20_000,
            });
        }
        trend.usage()
    }

    #[test]
    fn a_queue_that_grows_is_seen_and_one_that_empties_too() {
        let mut trend = Trend::new();
        assert_eq!(feed(&mut trend, 60, 0, 0), Usage::Normal);
        assert_eq!(feed(&mut trend, 20, 1_200_000, 4000), Usage::Over);
        assert_eq!(feed(&mut trend, 30, 1_600_000, -4000), Usage::Under);
    }

    #[test]
    fn a_delay_that_only_is_long_is_no_queue() {
        let mut trend = Trend::new();
        feed(&mut trend, 60, 0, 0);
        feed(&mut trend, 1, 1_200_000, 10_000);
        assert_eq!(feed(&mut trend, 60, 1_220_000, 0), Usage::Normal);
    }
}
