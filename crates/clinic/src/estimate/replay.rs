//! The queue ahead of a patient, played many times over.

use super::departures::Rates;
use super::draw::{Draw, Draws};
use super::lengths::Lengths;
use super::pool::{Pool, Start};
use crate::limits::{ESTIMATED_WAIT, REPLAYS};

/// Places that are taken at once when there are so many: the sum of fewer is drawn one by one.
const TOGETHER: u32 = 4;

/// What the draws are from.
pub(super) struct Replay<'a> {
    pub(super) consultations: &'a Lengths,
    pub(super) pauses: &'a Lengths,
    pub(super) departures: Rates,
    pub(super) pool: Pool,
}

/// A server in the course of one replay.
#[derive(Clone, Copy)]
struct Played {
    /// When the next is admitted.
    ready: f64,
    until: f64,
}

impl Replay<'_> {
    /// The waits, in order, in milliseconds: one for each replay, endless where the pool left
    /// before the last of those `ahead` was admitted, or took longer than is estimated.
    pub(super) fn waits(&self, ahead: u32) -> Vec<f64> {
        let mut played = Vec::new();
        let mut waits: Vec<f64> = (0..REPLAYS)
            .map(|replay| self.wait(replay, ahead, &mut played))
            .collect();
        waits.sort_unstable_by(f64::total_cmp);
        waits
    }

    /// The same for so many places from the first on, each played once for all behind it.
    pub(super) fn all_waits(&self, places: usize) -> Vec<Vec<f64>> {
        let mut waits = vec![Vec::with_capacity(REPLAYS as usize); places];
        let mut played = Vec::new();
        for replay in 0..REPLAYS {
            self.add_waits(replay, &mut waits, &mut played);
        }
        for waits in &mut waits {
            waits.sort_unstable_by(f64::total_cmp);
        }
        waits
    }

    /// Adds to each place its wait of one replay.
    fn add_waits(&self, replay: u32, waits: &mut [Vec<f64>], played: &mut Vec<Played>) {
        let mut draws = self.begin(replay, played);
        let doubt = self.consultations.doubt(replay);
        let mut taken = 0;
        for (ahead, waits) in (0..).zip(waits) {
            let ahead = self.pool.share_of(ahead, replay);
            while let Some(server) = next(played).filter(|_| taken < ahead) {
                server.advance(self.taken(server.ready, 1, doubt, draws.draw()));
                taken += 1;
            }
            waits.push(next(played).map_or(f64::INFINITY, |server| server.ready));
        }
    }

    /// The wait of one replay.
    fn wait(&self, replay: u32, ahead: u32, played: &mut Vec<Played>) -> f64 {
        let mut draws = self.begin(replay, played);
        let doubt = self.consultations.doubt(replay);
        let most = ahead_at_once(played.len());
        let mut ahead = self.pool.share_of(ahead, replay);
        while let Some(server) = next(played) {
            if ahead == 0 {
                return server.ready;
            }
            let many = self.room(server, ahead / most);
            ahead -= many;
            server.advance(self.taken(server.ready, many, doubt, draws.draw()));
        }
        f64::INFINITY
    }

    /// Puts the servers where a replay begins; what it draws from then on.
    fn begin(&self, replay: u32, played: &mut Vec<Played>) -> Draws {
        let mut draws = Draws::numbered(replay);
        let starts = self.pool.starts().iter();
        played.clear();
        played.extend(starts.map(|start| self.first(start, draws.draw())));
        draws
    }

    /// How many of so many a server can take before they leave; at least 1.
    fn room(&self, server: &Played, many: u32) -> u32 {
        if many < TOGETHER {
            return 1;
        }
        let each = self.consultations.mean() + self.pauses.mean();
        let room = ((server.until - server.ready) / each) as u32;
        if room < TOGETHER { 1 } else { many.min(room) }
    }

    /// How long the next so many places take one server who is ready then.
    fn taken(&self, ready: f64, many: u32, doubt: f64, draw: Draw) -> f64 {
        if many >= TOGETHER {
            return self.taken_together(ready, f64::from(many), doubt, draw);
        }
        if draw.share() < self.departures.staying(ready) {
            doubt * self.consultation(draw) + self.pause(draw)
        } else {
            0.0
        }
    }

    /// The same for many at once. A sum is drawn as its mean and as much more as four lengths
    /// differ from theirs, for the spread that the sum has.
    fn taken_together(&self, ready: f64, many: f64, doubt: f64, draw: Draw) -> f64 {
        let lengths = self.consultations;
        let mean = doubt * lengths.mean() + self.pauses.mean();
        let stay = self.departures.staying(ready + many * mean / 2.0);
        let variance = doubt * doubt * lengths.variance()
            + self.pauses.variance()
            + (1.0 - stay) * mean * mean;
        // Of lengths that are all equal, four do not differ from their mean.
        let unit = (4.0 * lengths.variance()).sqrt().max(1.0);
        let likely = lengths.likely();
        let four = draw.indices(likely.len()).map(|index| pick(likely, index));
        let excess = (four.iter().sum::<f64>() - 4.0 * lengths.mean()) / unit;
        let length = many * stay * mean + (many * stay * variance).sqrt() * excess;
        length.max(0.0)
    }

    fn first(&self, start: &Start, draw: Draw) -> Played {
        let rest = pick(&start.rest, draw.index(start.rest.len()));
        let rest = if start.busy {
            rest.max(start.from) + self.pause(draw)
        } else {
            start.from + rest
        };
        let mut played = Played {
            ready: 0.0,
            until: start.until,
        };
        played.advance(rest);
        played
    }

    fn consultation(&self, draw: Draw) -> f64 {
        let likely = self.consultations.likely();
        pick(likely, draw.index(likely.len()))
    }

    fn pause(&self, draw: Draw) -> f64 {
        let likely = self.pauses.likely();
        pick(likely, draw.other_index(likely.len()))
    }
}

impl Played {
    /// Whoever would admit after they have left admits nobody any more.
    fn advance(&mut self, length: f64) {
        self.ready += length;
        if self.ready >= self.until {
            self.ready = f64::INFINITY;
        }
    }
}

/// Who admits next, unless that takes too long.
fn next(played: &mut [Played]) -> Option<&mut Played> {
    let next = played
        .iter_mut()
        .min_by(|one, other| one.ready.total_cmp(&other.ready));
    next.filter(|server| server.ready <= ESTIMATED_WAIT.0 as f64)
}

fn pick(lengths: &[f64], index: usize) -> f64 {
    lengths.get(index).copied().unwrap_or(0.0)
}

/// Of which part of those ahead one server takes many at once: small enough that the servers still
/// take turns near the end, where each place counts.
fn ahead_at_once(servers: usize) -> u32 {
    u32::try_from(servers)
        .unwrap_or(u32::MAX)
        .saturating_mul(2)
        .max(1)
}
