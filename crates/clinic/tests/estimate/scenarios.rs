//! The clinics that estimates are tried on.

use crate::world::Scenario;

type Spans = [(f64, f64)];

const EARLY: &Spans = &[(8.0, 12.0), (13.0, 18.0)];
const LATE: &Spans = &[(9.0, 12.5), (13.5, 18.0)];
const MORNING: &Spans = &[(8.0, 10.5), (10.75, 13.0)];
const AFTERNOON: &Spans = &[(13.0, 15.5), (15.75, 18.0)];

/// One alone; the others differ from it in what they name.
pub(crate) fn one_practitioner() -> Scenario {
    Scenario {
        duty: vec![EARLY.to_vec()],
        median: 12.0,
        sigma: 0.5,
        drift: 0.5,
        load: 0.85,
        no_show: 0.08,
        patience: 120.0,
    }
}

pub(crate) fn even_lengths() -> Scenario {
    Scenario {
        duty: vec![EARLY.to_vec(), LATE.to_vec()],
        sigma: 0.3,
        no_show: 0.05,
        ..one_practitioner()
    }
}

pub(crate) fn uneven_lengths() -> Scenario {
    Scenario {
        duty: vec![EARLY.to_vec(), LATE.to_vec(), EARLY.to_vec()],
        median: 10.0,
        sigma: 0.8,
        no_show: 0.1,
        ..one_practitioner()
    }
}

pub(crate) fn shift_changes() -> Scenario {
    Scenario {
        duty: [MORNING, AFTERNOON, MORNING, AFTERNOON]
            .map(<Spans>::to_vec)
            .to_vec(),
        median: 15.0,
        load: 0.9,
        no_show: 0.15,
        ..one_practitioner()
    }
}

pub(crate) fn overloaded() -> Scenario {
    Scenario {
        duty: [EARLY, LATE, EARLY, LATE, EARLY]
            .map(<Spans>::to_vec)
            .to_vec(),
        sigma: 0.6,
        load: 1.1,
        patience: 90.0,
        ..one_practitioner()
    }
}
