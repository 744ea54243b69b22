//! Somebody who knows the true distributions, and plays the rest of the day from them.

use vestibule_clinic::estimate::{Doing, Interval, Server};
use vestibule_vocab::{Millis, Timestamp};

use crate::random::Random;
use crate::world::{MINUTE, PAUSE_MEDIAN, PAUSE_SIGMA, World, time};

const PLAYS: usize = 400;
const DRAWS: usize = 4096;

pub(crate) struct Oracle {
    /// e to the power of a normal variable with the scenario's sigma, in order.
    lengths: Vec<f64>,
    pauses: Vec<f64>,
    random: Random,
}

impl Oracle {
    pub(crate) fn new(sigma: f64, seed: u64) -> Self {
        let mut random = Random::new(seed ^ 0x0_0AC1E);
        let mut draws = |sigma: f64| {
            let mut draws: Vec<f64> = (0..DRAWS)
                .map(|_| (sigma * random.normal()).exp())
                .collect();
            draws.sort_by(f64::total_cmp);
            draws
        };
        Self {
            lengths: draws(sigma),
            pauses: draws(PAUSE_SIGMA),
            random,
        }
    }

    /// Its own 80 % interval of the rest of the wait; none when it has no end.
    pub(crate) fn interval(&mut self, world: &World, place: usize) -> Option<Interval> {
        let servers = world.servers();
        let mut waits: Vec<f64> = (0..PLAYS)
            .map(|_| self.wait(world, place, &servers))
            .collect();
        waits.sort_by(f64::total_cmp);
        let (low, high) = (waits[PLAYS / 10], waits[PLAYS - PLAYS / 10 - 1]);
        high.is_finite().then_some(Interval {
            low: Millis(low as u64),
            high: Millis(high as u64),
        })
    }

    fn wait(&mut self, world: &World, place: usize, servers: &[Server]) -> f64 {
        let now = time(world.now);
        let mut ready: Vec<(f64, f64)> = Vec::new();
        for server in servers {
            let until = server
                .until
                .map_or(f64::INFINITY, |until| until.since(now).0 as f64);
            ready.push((self.first(world, now, server), until));
        }
        let mut ahead = place - 1;
        loop {
            for (ready, until) in &mut ready {
                if *ready >= *until {
                    *ready = f64::INFINITY;
                }
            }
            let next = ready
                .iter_mut()
                .min_by(|one, other| one.0.total_cmp(&other.0));
            let Some((at, _)) = next.filter(|next| next.0.is_finite()) else {
                return f64::INFINITY;
            };
            if ahead == 0 {
                return *at;
            }
            ahead -= 1;
            let scenario = &world.scenario;
            let stays = (-*at / (scenario.patience * MINUTE)).exp() * (1.0 - scenario.no_show);
            if self.random.chance(stays) {
                let median = scenario.median_at(world.now + *at, world.phase);
                *at += median * pick(&mut self.random, &self.lengths, 0.0)
                    + PAUSE_MEDIAN * pick(&mut self.random, &self.pauses, 0.0);
            }
        }
    }

    fn first(&mut self, world: &World, now: Timestamp, server: &Server) -> f64 {
        let from = server.from.since(now).0 as f64;
        match server.doing {
            Doing::Busy { since } => {
                let elapsed = now.since(since).0 as f64;
                let median = world.scenario.median_at(since.0 as f64, world.phase);
                let rest =
                    median * pick(&mut self.random, &self.lengths, elapsed / median) - elapsed;
                rest.max(from) + PAUSE_MEDIAN * pick(&mut self.random, &self.pauses, 0.0)
            }
            Doing::Free { since } => {
                let elapsed = now.since(since).0 as f64;
                let length = pick(&mut self.random, &self.pauses, elapsed / PAUSE_MEDIAN);
                from + (PAUSE_MEDIAN * length - elapsed).max(0.0)
            }
        }
    }
}

/// One of the draws that are larger than that; the largest when none is.
fn pick(random: &mut Random, draws: &[f64], above: f64) -> f64 {
    let first = draws
        .partition_point(|&draw| draw <= above)
        .min(draws.len() - 1);
    let index = first + (random.bits() % (draws.len() - first) as u64) as usize;
    draws[index]
}
