//! One estimator in one simulated clinic, and what came of its promises.

use std::collections::BTreeMap;
use std::fmt;

use vestibule_clinic::estimate::{Estimator, Interval, Promise};
use vestibule_vocab::{Millis, Timestamp};

use crate::oracle::Oracle;
use crate::world::{DAY, Happened, Scenario, World, time};

/// Days of which nothing counts: the estimator learns.
const WARM_UP: f64 = 2.0 * DAY;
/// The oracle is asked for one patient in so many, because it takes its time.
const ORACLE_FOR: usize = 8;

/// What was measured of one scenario, over all its seeds.
#[derive(Default)]
pub(crate) struct Measured {
    pub(crate) estimator: Kept,
    /// The same as the estimators themselves expose it at the end.
    pub(crate) exposed: Kept,
    /// Of the patients far enough from the front to wait for more than one consultation each.
    far: Kept,
    oracle: Kept,
    /// Patients who were promised nothing.
    none: u32,
    widths: Vec<f64>,
    oracle_widths: Vec<f64>,
}

/// Promises by what became of them.
#[derive(Default)]
pub(crate) struct Kept {
    earlier: u32,
    within: u32,
    later: u32,
}

/// What was promised to somebody who waits.
struct Promised {
    promise: Promise,
    /// By the oracle, when it was asked.
    true_interval: Option<Interval>,
    counts: bool,
    place: usize,
    far: bool,
}

/// A clinic, its estimator and its oracle.
struct Trial<'a> {
    world: World,
    estimator: Estimator,
    oracle: Oracle,
    /// By patient: at the arrival, and near the front when that comes later.
    promised: BTreeMap<usize, Vec<Promised>>,
    measured: &'a mut Measured,
}

/// Runs one clinic for so many days and adds what was measured.
pub(crate) fn run(scenario: &Scenario, seed: u64, days: f64, measured: &mut Measured) {
    let mut trial = Trial {
        world: World::new(scenario.clone(), seed),
        estimator: Estimator::default(),
        oracle: Oracle::new(scenario.sigma, seed),
        promised: BTreeMap::new(),
        measured,
    };
    while trial.world.now < days * DAY {
        for happened in trial.world.step() {
            trial.learn(happened);
        }
        trial.promise_near_the_front();
    }
    let exposed = trial.estimator.coverage().recent();
    measured.exposed.earlier += exposed.earlier;
    measured.exposed.within += exposed.within;
    measured.exposed.later += exposed.later;
}

impl Trial<'_> {
    fn learn(&mut self, happened: Happened) {
        match happened {
            Happened::Arrived => self.promise(self.world.queue.len()),
            Happened::Admitted { id, waited, pause } => {
                self.estimator.admitted(millis(waited), millis(pause));
                self.resolve(id);
            }
            Happened::NoShow { id, waited } => {
                self.estimator.no_show(millis(waited));
                self.promised.remove(&id);
            }
            Happened::Left { id, waited } => {
                self.estimator.left(millis(waited));
                self.promised.remove(&id);
            }
            Happened::Consulted { length } => self.estimator.consulted(millis(length)),
            Happened::Closed => self.promised.clear(),
        }
    }

    /// Those who are next but one are told anew, once.
    fn promise_near_the_front(&mut self) {
        let next_but_one = self.world.queue.get(1).map(|one| one.id);
        let promised = next_but_one.and_then(|id| self.promised.get(&id));
        if promised.is_some_and(|promised| promised.len() == 1 && promised[0].place > 2) {
            self.promise(2);
        }
    }

    /// To whoever has this place.
    fn promise(&mut self, place: usize) {
        let now = self.now();
        let id = self.world.queue[place - 1].id;
        let servers = self.world.servers();
        let counts = self.world.now >= WARM_UP;
        let Some(interval) = self.estimator.interval(now, place as u32, &servers) else {
            self.measured.none += u32::from(counts);
            return;
        };
        let asked = counts && id.is_multiple_of(ORACLE_FOR);
        let true_interval = asked
            .then(|| self.oracle.interval(&self.world, place))
            .flatten();
        if let Some(true_interval) = true_interval {
            self.measured.widths.push(minutes(interval));
            self.measured.oracle_widths.push(minutes(true_interval));
        }
        self.promised.entry(id).or_default().push(Promised {
            promise: Promise { at: now, interval },
            true_interval,
            counts,
            place,
            far: place > 2 * servers.len(),
        });
    }

    fn resolve(&mut self, id: usize) {
        for promised in self.promised.remove(&id).unwrap_or_default() {
            self.estimator.resolve(promised.promise, self.now());
            if promised.counts {
                self.count(&promised);
            }
        }
    }

    fn count(&mut self, promised: &Promised) {
        let waited = self.now().since(promised.promise.at);
        let interval = promised.promise.interval;
        self.measured.estimator.count(interval, waited);
        if promised.far {
            self.measured.far.count(interval, waited);
        }
        if let Some(interval) = promised.true_interval {
            self.measured.oracle.count(interval, waited);
        }
    }

    fn now(&self) -> Timestamp {
        time(self.world.now)
    }
}

impl Measured {
    /// How many times wider than the oracle's the estimated intervals are: medians.
    pub(crate) fn width_ratio(&self) -> f64 {
        median(&self.widths) / median(&self.oracle_widths)
    }
}

impl fmt::Display for Measured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "kept: {}; at the end: {}", self.estimator, self.exposed)?;
        writeln!(f, "far from the front: {}", self.far)?;
        writeln!(f, "the oracle's: {}", self.oracle)?;
        writeln!(f, "nothing was promised: {}", self.none)?;
        let (width, ratio) = (median(&self.widths), self.width_ratio());
        writeln!(
            f,
            "median width: {width:.1} minutes, {ratio:.2} of the oracle's"
        )
    }
}

impl fmt::Display for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (coverage, all) = (self.coverage(), self.all());
        let (earlier, later) = (self.earlier, self.later);
        write!(
            f,
            "{coverage:.1} % of {all}, {earlier} earlier, {later} later"
        )
    }
}

impl Kept {
    fn all(&self) -> u32 {
        self.earlier + self.within + self.later
    }

    /// In per cent.
    pub(crate) fn coverage(&self) -> f64 {
        100.0 * f64::from(self.within) / f64::from(self.all())
    }

    fn count(&mut self, interval: Interval, waited: Millis) {
        if waited < interval.low {
            self.earlier += 1;
        } else if waited <= interval.high {
            self.within += 1;
        } else {
            self.later += 1;
        }
    }
}

fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted[sorted.len() / 2]
}

fn minutes(interval: Interval) -> f64 {
    (interval.high.0 - interval.low.0) as f64 / 60_000.0
}

fn millis(length: f64) -> Millis {
    Millis(length as u64)
}
