//! A simulated clinic: what happens in it follows from its scenario and its seed.

use std::collections::VecDeque;

use vestibule_clinic::estimate::Server;
use vestibule_vocab::Timestamp;

use crate::random::Random;

pub(crate) const MINUTE: f64 = 60_000.0;
pub(crate) const HOUR: f64 = 60.0 * MINUTE;
pub(crate) const DAY: f64 = 24.0 * HOUR;

/// What sets one clinic apart from another.
#[derive(Clone, Debug)]
pub(crate) struct Scenario {
    /// Each practitioner's hours on duty: several spans when there are breaks.
    pub(crate) duty: Vec<Vec<(f64, f64)>>,
    /// The median consultation, in minutes, before the drift.
    pub(crate) median: f64,
    pub(crate) sigma: f64,
    /// How far the median drifts up and down within a week, as a share.
    pub(crate) drift: f64,
    /// Arrivals as a share of what the practitioners can take, over a day.
    pub(crate) load: f64,
    pub(crate) no_show: f64,
    /// How long people wait on average before they leave, in minutes.
    pub(crate) patience: f64,
}

/// The pause before each admission: log-normal.
pub(crate) const PAUSE_MEDIAN: f64 = 1.5 * MINUTE;
pub(crate) const PAUSE_SIGMA: f64 = 0.5;

impl Scenario {
    /// The true median of consultations that begin then.
    pub(crate) fn median_at(&self, at: f64, phase: f64) -> f64 {
        let turn = std::f64::consts::TAU * (at / (7.0 * DAY) + phase);
        self.median * MINUTE * (1.0 + self.drift * turn.sin())
    }

    fn on_duty(&self, who: usize, at: f64) -> bool {
        let hour = at % DAY / HOUR;
        let mut spans = self.duty[who].iter();
        spans.any(|&(from, until)| from <= hour && hour < until)
    }

    fn hours(&self) -> (f64, f64) {
        let spans = || self.duty.iter().flatten();
        let opens = spans().fold(24.0_f64, |least, span| least.min(span.0));
        let closes = spans().fold(0.0_f64, |most, span| most.max(span.1));
        (opens, closes)
    }

    /// Arrivals in a millisecond: a peak in the morning and one in the afternoon, none in the last
    /// hour.
    fn arrivals(&self, at: f64) -> f64 {
        let hour = at % DAY / HOUR;
        let (opens, closes) = self.hours();
        if hour < opens || hour >= closes - 1.0 {
            return 0.0;
        }
        let duty = self.duty.iter().flatten().map(|(from, until)| until - from);
        let servers = duty.sum::<f64>() / (closes - opens);
        let length = self.median * MINUTE * (self.sigma * self.sigma / 2.0).exp() + PAUSE_MEDIAN;
        let peaks =
            1.0 + 0.4 * ((hour - opens) / (closes - opens) * 2.0 * std::f64::consts::TAU).sin();
        self.load * servers / length * peaks / (1.0 - self.no_show)
    }
}

/// Somebody who waits.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Waiting {
    pub(crate) id: usize,
    pub(crate) arrived: f64,
    leaves: f64,
    comes: bool,
}

/// A practitioner.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Practitioner {
    /// Start and end of the consultation under way.
    pub(crate) busy: Option<(f64, f64)>,
    /// Since when they are free with somebody waiting, and when they will admit.
    pub(crate) admits: Option<(f64, f64)>,
}

/// What happened.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Happened {
    Arrived,
    Admitted {
        id: usize,
        waited: f64,
        pause: f64,
    },
    NoShow {
        id: usize,
        waited: f64,
    },
    Left {
        id: usize,
        waited: f64,
    },
    Consulted {
        length: f64,
    },
    /// The day is over, and those who still wait are sent home.
    Closed,
}

pub(crate) struct World {
    pub(crate) scenario: Scenario,
    pub(crate) phase: f64,
    pub(crate) now: f64,
    pub(crate) queue: VecDeque<Waiting>,
    pub(crate) practitioners: Vec<Practitioner>,
    random: Random,
    next_arrival: f64,
    arrived: usize,
}

impl World {
    pub(crate) fn new(scenario: Scenario, seed: u64) -> Self {
        let mut random = Random::new(seed);
        let free = Practitioner {
            busy: None,
            admits: None,
        };
        Self {
            phase: random.share(),
            now: 0.0,
            queue: VecDeque::new(),
            practitioners: vec![free; scenario.duty.len()],
            random,
            next_arrival: 0.0,
            arrived: 0,
            scenario,
        }
    }

    /// What happens next, and whatever happens with it.
    pub(crate) fn step(&mut self) -> Vec<Happened> {
        let mut happened = Vec::new();
        self.now = self.next_event();
        self.end_consultations(&mut happened);
        self.leave(&mut happened);
        self.admit(&mut happened);
        self.arrive(&mut happened);
        self.close(&mut happened);
        self.turn_to_the_queue();
        happened
    }

    /// The practitioners as their clinic would describe them.
    pub(crate) fn servers(&self) -> Vec<Server> {
        let all = 0..self.practitioners.len();
        all.flat_map(|who| self.server(who)).collect()
    }

    fn server(&self, who: usize) -> Vec<Server> {
        let midnight = self.now - self.now % DAY;
        let spans = self.scenario.duty[who].iter();
        let spans = spans.map(|&(from, until)| (midnight + from * HOUR, midnight + until * HOUR));
        let mut left = spans.filter(|&(_, until)| until > self.now);
        let Some((from, until)) = left.next() else {
            return Vec::new();
        };
        let practitioner = self.practitioners[who];
        let since = practitioner.admits.map_or(self.now, |(since, _)| since);
        let mut first = match practitioner.busy {
            Some((start, _)) => Server::busy(time(start)),
            None => Server::free(time(since.max(from))),
        };
        first.from = time(from);
        let mut servers = vec![first.leaving(time(until))];
        servers.extend(left.map(|(from, until)| Server::coming(time(from)).leaving(time(until))));
        servers
    }

    fn next_event(&mut self) -> f64 {
        let practitioners = self.practitioners.iter().flat_map(|one| {
            let end = one.busy.map(|(_, end)| end);
            end.into_iter().chain(one.admits.map(|(_, at)| at))
        });
        let leaving = self.queue.iter().map(|one| one.leaves);
        let midnight = self.now - self.now % DAY;
        let (_, closes) = self.scenario.hours();
        let spans = self.scenario.duty.iter().flatten();
        let begins =
            spans.flat_map(|&(from, _)| [midnight + from * HOUR, midnight + DAY + from * HOUR]);
        let ends = [midnight + closes * HOUR, midnight + DAY + closes * HOUR];
        let planned = begins.chain(ends).filter(|&at| at > self.now);
        practitioners
            .chain(leaving)
            .chain(planned)
            .chain([self.next_arrival])
            .fold(f64::INFINITY, f64::min)
    }

    fn end_consultations(&mut self, happened: &mut Vec<Happened>) {
        for one in &mut self.practitioners {
            if let Some((start, end)) = one.busy.filter(|&(_, end)| end <= self.now) {
                one.busy = None;
                happened.push(Happened::Consulted {
                    length: end - start,
                });
            }
        }
    }

    fn leave(&mut self, happened: &mut Vec<Happened>) {
        let now = self.now;
        for one in self.queue.iter().filter(|one| one.leaves <= now) {
            happened.push(Happened::Left {
                id: one.id,
                waited: now - one.arrived,
            });
        }
        self.queue.retain(|one| one.leaves > now);
    }

    fn admit(&mut self, happened: &mut Vec<Happened>) {
        for who in 0..self.practitioners.len() {
            let due = self.practitioners[who].admits;
            let Some((since, _)) = due.filter(|&(_, at)| at <= self.now) else {
                continue;
            };
            self.practitioners[who].admits = None;
            if self.scenario.on_duty(who, self.now) {
                self.call(who, since, happened);
            }
        }
    }

    fn call(&mut self, who: usize, since: f64, happened: &mut Vec<Happened>) {
        while let Some(Waiting {
            id, arrived, comes, ..
        }) = self.queue.pop_front()
        {
            let waited = self.now - arrived;
            if !comes {
                happened.push(Happened::NoShow { id, waited });
                continue;
            }
            let pause = self.now - since;
            happened.push(Happened::Admitted { id, waited, pause });
            let median = self.scenario.median_at(self.now, self.phase);
            let length = median * (self.scenario.sigma * self.random.normal()).exp();
            self.practitioners[who].busy = Some((self.now, self.now + length));
            return;
        }
    }

    fn arrive(&mut self, happened: &mut Vec<Happened>) {
        if self.next_arrival > self.now {
            return;
        }
        // Thinning: arrivals come at the highest rate there is, and as many of them count as make
        // the rate of the hour.
        let most = 1.0 / (0.5 * MINUTE);
        if self.random.chance(self.scenario.arrivals(self.now) / most) {
            let id = self.arrived;
            self.arrived += 1;
            self.queue.push_back(Waiting {
                id,
                arrived: self.now,
                leaves: self.now + self.random.exponential(self.scenario.patience * MINUTE),
                comes: !self.random.chance(self.scenario.no_show),
            });
            happened.push(Happened::Arrived);
        }
        self.next_arrival = self.now + self.random.exponential(1.0 / most);
    }

    fn close(&mut self, happened: &mut Vec<Happened>) {
        let (_, closes) = self.scenario.hours();
        if self.now % DAY >= closes * HOUR && !self.queue.is_empty() {
            self.queue.clear();
            happened.push(Happened::Closed);
        }
    }

    fn turn_to_the_queue(&mut self) {
        for who in 0..self.practitioners.len() {
            let one = self.practitioners[who];
            if self.queue.is_empty() || one.busy.is_some() || !self.scenario.on_duty(who, self.now)
            {
                self.practitioners[who].admits = None;
            } else if one.admits.is_none() {
                let pause = PAUSE_MEDIAN * (PAUSE_SIGMA * self.random.normal()).exp();
                self.practitioners[who].admits = Some((self.now, self.now + pause));
            }
        }
    }
}

pub(crate) fn time(at: f64) -> Timestamp {
    Timestamp(at as u64)
}
