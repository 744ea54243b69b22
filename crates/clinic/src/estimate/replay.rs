//! The queue ahead of a patient, played many times over.

use vestibule_vocab::Timestamp;

use super::departures::Rates;
use super::draw::{Draw, Draws};
use super::lengths::Lengths;
use super::server::{Doing, Server};
use crate::limits::{ESTIMATED_WAIT, PLAYED_SERVERS, REPLAYS};

/// Places that are taken at once when there are so many: the sum of fewer is drawn one by one.
const TOGETHER: u32 = 4;

/// What the draws are from.
pub(super) struct Replay<'a> {
    pub(super) consultations: &'a Lengths,
    pub(super) pauses: &'a Lengths,
    pub(super) departures: Rates,
}

/// A server before anything is drawn; times are milliseconds from now.
struct Start {
    /// How much longer the consultation or the pause may last.
    rest: Vec<f64>,
    busy: bool,
    from: f64,
    until: f64,
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
    pub(super) fn waits(&self, now: Timestamp, ahead: u32, servers: &[Server]) -> Vec<f64> {
        let starts: Vec<_> = self
            .played(now, servers)
            .iter()
            .map(|server| self.start(now, server))
            .collect();
        let mut played = Vec::with_capacity(starts.len());
        let mut waits: Vec<f64> = (0..REPLAYS)
            .map(|replay| {
                let ahead = share_of(ahead, servers.len(), replay);
                self.wait(replay, ahead, &starts, &mut played)
            })
            .collect();
        waits.sort_unstable_by(f64::total_cmp);
        waits
    }

    /// Of a large pool, those who are played: evenly chosen from the first who is likely to admit to
    /// the last.
    fn played(&self, now: Timestamp, servers: &[Server]) -> Vec<Server> {
        let mut servers = servers.to_vec();
        let all = servers.len();
        if all <= PLAYED_SERVERS {
            return servers;
        }
        servers.sort_by_cached_key(|server| self.likely_wait(now, server));
        let ranks = (0..PLAYED_SERVERS).map(|rank| rank * all / PLAYED_SERVERS);
        ranks
            .filter_map(|rank| servers.get(rank))
            .copied()
            .collect()
    }

    /// How long the server is likely to take until the next admission, in milliseconds.
    fn likely_wait(&self, now: Timestamp, server: &Server) -> u64 {
        let busy = match server.doing {
            Doing::Free { .. } => 0,
            Doing::Busy { since } => {
                (self.consultations.mean() as u64).saturating_sub(now.since(since).0)
            }
        };
        busy.max(server.from.since(now).0)
    }

    fn start(&self, now: Timestamp, server: &Server) -> Start {
        let ahead = |at: Timestamp| at.since(now).0 as f64;
        let (lengths, since, busy) = match server.doing {
            Doing::Free { since } => (self.pauses, since, false),
            Doing::Busy { since } => (self.consultations, since, true),
        };
        Start {
            rest: lengths.beyond(now.since(since).0 as f64),
            busy,
            from: ahead(server.from),
            until: server.until.map_or(f64::INFINITY, ahead),
        }
    }

    /// The wait of one replay.
    fn wait(&self, replay: u32, ahead: u32, starts: &[Start], played: &mut Vec<Played>) -> f64 {
        let mut draws = Draws::numbered(replay);
        let doubt = self.consultations.doubt(replay);
        played.clear();
        played.extend(starts.iter().map(|start| self.first(start, draws.draw())));
        let most = ahead_at_once(starts.len());
        let mut ahead = ahead;
        loop {
            let next = played
                .iter_mut()
                .min_by(|one, other| one.ready.total_cmp(&other.ready));
            let longest = ESTIMATED_WAIT.0 as f64;
            let Some(server) = next.filter(|server| server.ready <= longest) else {
                return f64::INFINITY;
            };
            if ahead == 0 {
                return server.ready;
            }
            let many = self.room(server, ahead / most);
            ahead -= many;
            server.advance(self.taken(server.ready, many, doubt, draws.draw()));
        }
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

/// Those ahead who fall to the servers that are played, of all servers. What is left of the division
/// is one more in as many of the replays.
fn share_of(ahead: u32, servers: usize, replay: u32) -> u32 {
    if servers <= PLAYED_SERVERS {
        return ahead;
    }
    let rest = u64::from(replay) * servers as u64 / u64::from(REPLAYS);
    let share = (u64::from(ahead) * PLAYED_SERVERS as u64 + rest) / servers as u64;
    u32::try_from(share).unwrap_or(u32::MAX)
}
