//! The queue ahead of a patient, played many times over.

use vestibule_vocab::Timestamp;

use super::departures::Rates;
use super::draw::{Draw, Draws};
use super::lengths::Lengths;
use super::server::{Doing, Server};
use crate::limits::{PLAYED_SERVERS, REPLAYS};

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
    /// The waits, in order, in milliseconds: one for each replay, endless where everybody left
    /// before the last of those `ahead` was admitted.
    pub(super) fn waits(&self, now: Timestamp, ahead: u32, servers: &[Server]) -> Vec<f64> {
        let (ahead, servers) = scaled(ahead, servers);
        let starts: Vec<_> = servers
            .iter()
            .map(|server| self.start(now, server))
            .collect();
        let mut played = Vec::with_capacity(starts.len());
        let mut waits: Vec<f64> = (0..REPLAYS)
            .map(|replay| self.wait(replay, ahead, &starts, &mut played))
            .collect();
        waits.sort_by(f64::total_cmp);
        waits
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
            let Some(server) = next.filter(|server| server.ready.is_finite()) else {
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
        let each = self.consultations.mean() + self.pauses.mean();
        let room = ((server.until - server.ready) / each) as u32;
        many.min(room).max(1)
    }

    /// How long the next so many places take one server who is ready then.
    fn taken(&self, ready: f64, many: u32, doubt: f64, draw: Draw) -> f64 {
        if many > 1 {
            return self.taken_together(ready, f64::from(many), doubt, draw);
        }
        if draw.share() < self.departures.staying(ready) {
            doubt * self.consultation(draw) + self.pause(draw)
        } else {
            0.0
        }
    }

    /// The same for many at once: what is far ahead is a sum, and sums are nearly normal.
    fn taken_together(&self, ready: f64, many: f64, doubt: f64, draw: Draw) -> f64 {
        let mean = doubt * self.consultations.mean() + self.pauses.mean();
        let variance = doubt * doubt * self.consultations.variance() + self.pauses.variance();
        let stay = self.departures.staying(ready + many * mean / 2.0);
        let variance = variance + (1.0 - stay) * mean * mean;
        let length = many * stay * mean + (many * stay * variance).sqrt() * draw.normal();
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
        .saturating_mul(4)
        .max(1)
}

/// A large pool, as a small one with as much less of a queue: evenly chosen servers.
fn scaled(ahead: u32, servers: &[Server]) -> (u32, Vec<Server>) {
    if servers.len() <= PLAYED_SERVERS {
        return (ahead, servers.to_vec());
    }
    let all = servers.len();
    let chosen = (0..PLAYED_SERVERS).filter_map(|n| servers.get(n * all / PLAYED_SERVERS));
    let ahead = u64::from(ahead) * PLAYED_SERVERS as u64 / all as u64;
    (
        u32::try_from(ahead).unwrap_or(u32::MAX),
        chosen.copied().collect(),
    )
}
