//! From values to places on an axis.

/// An axis: which values it shows, and where.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scale {
    from: f64,
    to: f64,
    start: f64,
    length: f64,
    logarithmic: bool,
}

impl Scale {
    /// Equal differences are equal lengths.
    pub(super) fn linear((from, to): (f64, f64), start: f64, length: f64) -> Self {
        Self {
            from,
            to,
            start,
            length,
            logarithmic: false,
        }
    }

    /// Equal ratios are equal lengths. All values are above 0.
    pub(super) fn logarithmic((from, to): (f64, f64), start: f64, length: f64) -> Self {
        Self {
            from: from.ln(),
            to: to.ln(),
            start,
            length,
            logarithmic: true,
        }
    }

    /// The place of a value; an end of the axis for one that lies beyond.
    pub(super) fn at(&self, value: f64) -> f64 {
        let value = if self.logarithmic { value.ln() } else { value };
        let span = self.to - self.from;
        let share = if span == 0.0 {
            0.5
        } else {
            (value - self.from) / span
        };
        self.start + share.clamp(0.0, 1.0) * self.length
    }
}

/// The powers of ten from the one below the least to the one above the greatest.
pub(super) fn decades(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let exponents = values.filter(|it| *it > 0.0).map(f64::log10);
    let (low, high) = exponents.fold((f64::MAX, f64::MIN), |(low, high), exponent| {
        (low.min(exponent), high.max(exponent))
    });
    if low > high {
        return vec![1.0, 10.0];
    }
    let (low, high) = (low.floor() as i32, high.ceil() as i32);
    (low..=high.max(low + 1))
        .map(|it| 10_f64.powi(it))
        .collect()
}

/// Some five round steps from 0 to above the greatest.
pub(super) fn steps(greatest: f64) -> Vec<f64> {
    let rough = greatest.max(f64::MIN_POSITIVE) / 5.0;
    let magnitude = 10_f64.powf(rough.log10().floor());
    let round = [1.0, 2.0, 5.0, 10.0].map(|it| it * magnitude);
    let step = round.into_iter().find(|it| *it >= rough).unwrap_or(rough);
    let count = (greatest / step).ceil().max(1.0) as u32;
    (0..=count).map(|it| f64::from(it) * step).collect()
}

#[cfg(test)]
mod tests {
    use super::{Scale, decades, steps};

    #[test]
    fn values_are_spread_over_the_axis_and_none_leaves_it() {
        let linear = Scale::linear((0.0, 10.0), 100.0, 50.0);
        let logarithmic = Scale::logarithmic((1.0, 100.0), 100.0, 50.0);
        for (value, place, logarithmic_place) in [
            (1.0, 105.0, 100.0),
            (10.0, 150.0, 125.0),
            (1000.0, 150.0, 150.0),
        ] {
            assert!((linear.at(value) - place).abs() < 1e-9, "{value}");
            assert!(
                (logarithmic.at(value) - logarithmic_place).abs() < 1e-9,
                "{value}"
            );
        }
        assert!((Scale::linear((3.0, 3.0), 0.0, 10.0).at(3.0) - 5.0).abs() < 1e-9);
    }

    #[test]
    fn axes_have_round_marks_around_all_values() {
        assert_eq!(
            decades([3.0, 250.0].into_iter()),
            [1.0, 10.0, 100.0, 1000.0]
        );
        assert_eq!(decades([1.0].into_iter()), [1.0, 10.0]);
        assert_eq!(decades(std::iter::empty()), [1.0, 10.0]);
        assert_eq!(steps(9.0), [0.0, 2.0, 4.0, 6.0, 8.0, 10.0]);
        assert_eq!(steps(0.0).len(), 2);
    }
}
