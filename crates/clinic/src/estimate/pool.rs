//! Those who admit from a queue, as they are before anything is drawn.

use vestibule_vocab::Timestamp;

use super::lengths::Lengths;
use super::server::{Doing, Server};
use crate::limits::{PLAYED_SERVERS, REPLAYS};

/// The servers that are played, and how many they stand for.
pub(super) struct Pool {
    starts: Vec<Start>,
    all: usize,
}

/// Where a server begins; times are milliseconds from now.
pub(super) struct Start {
    /// How much longer the consultation or the pause may last.
    pub(super) rest: Vec<f64>,
    pub(super) busy: bool,
    pub(super) from: f64,
    pub(super) until: f64,
}

impl Pool {
    pub(super) fn new(
        now: Timestamp,
        servers: &[Server],
        consultations: &Lengths,
        pauses: &Lengths,
    ) -> Self {
        let starts = chosen(now, servers, consultations)
            .iter()
            .map(|server| Start::new(now, server, consultations, pauses))
            .collect();
        Self {
            starts,
            all: servers.len(),
        }
    }

    pub(super) fn starts(&self) -> &[Start] {
        &self.starts
    }

    /// Those ahead who fall to the servers that are played. What is left of the division is one
    /// more in as many of the replays.
    pub(super) fn share_of(&self, ahead: u32, replay: u32) -> u32 {
        if self.all <= PLAYED_SERVERS {
            return ahead;
        }
        let all = self.all as u64;
        let rest = u64::from(replay) * all / u64::from(REPLAYS);
        let share = (u64::from(ahead) * PLAYED_SERVERS as u64 + rest) / all;
        u32::try_from(share).unwrap_or(u32::MAX)
    }
}

impl Start {
    fn new(now: Timestamp, server: &Server, consultations: &Lengths, pauses: &Lengths) -> Self {
        let ahead = |at: Timestamp| at.since(now).0 as f64;
        let (lengths, since, busy) = match server.doing {
            Doing::Free { since } => (pauses, since, false),
            Doing::Busy { since } => (consultations, since, true),
        };
        Self {
            rest: lengths.beyond(now.since(since).0 as f64),
            busy,
            from: ahead(server.from),
            until: server.until.map_or(f64::INFINITY, ahead),
        }
    }
}

/// Of a large pool, those who are played: evenly chosen from the first who is likely to admit to
/// the last.
fn chosen(now: Timestamp, servers: &[Server], consultations: &Lengths) -> Vec<Server> {
    let mut servers = servers.to_vec();
    let all = servers.len();
    if all <= PLAYED_SERVERS {
        return servers;
    }
    let length = consultations.mean() as u64;
    servers.sort_by_cached_key(|server| likely_wait(now, server, length));
    let ranks = (0..PLAYED_SERVERS).map(|rank| rank * all / PLAYED_SERVERS);
    ranks
        .filter_map(|rank| servers.get(rank))
        .copied()
        .collect()
}

/// How long the server is likely to take until the next admission, when consultations take so long;
/// in milliseconds.
fn likely_wait(now: Timestamp, server: &Server, length: u64) -> u64 {
    let busy = match server.doing {
        Doing::Free { .. } => 0,
        Doing::Busy { since } => length.saturating_sub(now.since(since).0),
    };
    busy.max(server.from.since(now).0)
}
