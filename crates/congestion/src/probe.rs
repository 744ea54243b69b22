//! Probes: short clusters of packets at a higher rate, to find out what more the line takes.

use std::time::Duration;

use crate::sent::Acknowledged;
use crate::{Bitrate, Moment};

/// The length of a cluster: long enough for a millisecond's timer, short enough to queue little. Where packets
/// are shaken it is so many times what they are shaken by, up to the most.
const LENGTH: Duration = Duration::from_millis(25);
const LENGTH_MOST: Duration = Duration::from_millis(80);
const SHAKEN: u32 = 4;

/// The least packets of a cluster, and their least and most size in bytes.
const PACKETS: u32 = 7;
const PACKET_SIZE: (u64, u64) = (160, 1200);

/// Of a cluster this much must arrive to say anything, beside what the line always loses.
const ARRIVED: f64 = 0.8;

/// A cluster that arrives slower than this part of its rate met the line's limit, and of that limit this
/// part is used.
const MET_LIMIT: f64 = 0.9;
const OF_LIMIT: f64 = 0.95;

/// A cluster that arrives faster than this many times its rate was held up somewhere and given out at once.
const BUNCHED: f64 = 2.0;

/// Without the wanted padding a cluster is given up after this time, and without feedback after the second.
const SEND_TIME: Duration = Duration::from_millis(200);
const ANSWER_TIME: Duration = Duration::from_secs(2);

/// Clusters whose answers are awaited: two are sent at the start, and one may follow a result.
const CLUSTERS: usize = 4;

/// Padding that is to be sent now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Padding {
    /// The cluster that it belongs to. What is sent while it goes on belongs to it by itself.
    pub cluster: u8,
    /// How many bytes the next packet is to have, headers included. Padding packets or retransmissions.
    pub bytes: u64,
    /// The cluster's rate.
    pub bitrate: Bitrate,
}

#[derive(Clone, Copy, Debug, Default)]
struct Cluster {
    id: u8,
    rate: f64,
    length: Duration,
    began: Moment,
    done: Option<Moment>,
    sent: Run,
    last_sequence: u64,
    arrived: Run,
}

/// Packets and the time that they span, in microseconds by one clock.
#[derive(Clone, Copy, Debug, Default)]
struct Run {
    packets: u32,
    bytes: u64,
    first: u64,
    last: u64,
    first_size: u64,
    last_size: u64,
}

/// With each packet it is asked what is being sent, and with few for the rest.
#[derive(Debug, Default)]
#[repr(C)]
pub(crate) struct Prober {
    sending: Option<u8>,
    last_id: u8,
    planned: [Option<f64>; 2],
    unrest: Duration,
    clusters: [Option<Cluster>; CLUSTERS],
}

/// What a cluster found, in bits a second.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Found {
    /// What was tried.
    pub(crate) tried: f64,
    /// What the line takes at least.
    pub(crate) takes: f64,
    /// It arrived slower than it was sent.
    pub(crate) limited: bool,
}

impl Prober {
    /// Clusters of these rates, one after the other. They replace what is planned but not begun.
    pub(crate) fn plan(&mut self, first: f64, second: Option<f64>) {
        self.planned = [Some(first), second];
    }

    /// How much the time between two groups of packets changes on the way.
    pub(crate) fn set_unrest(&mut self, unrest: Duration) {
        self.unrest = unrest;
    }

    /// Whether nothing is planned, sent or awaited.
    pub(crate) fn is_idle(&self) -> bool {
        self.planned.iter().all(Option::is_none) && self.clusters.iter().all(Option::is_none)
    }

    pub(crate) fn stop(&mut self) {
        *self = Self {
            last_id: self.last_id,
            ..Self::default()
        };
    }

    /// Sends no more of the cluster that is being sent.
    pub(crate) fn leave_off(&mut self) {
        let sending = self.sending.take();
        for place in &mut self.clusters {
            if place.is_some_and(|cluster| Some(cluster.id) == sending) {
                *place = None;
            }
        }
    }

    /// The cluster that is being sent, and to which all belongs that leaves meanwhile; zero when none is.
    pub(crate) fn sending(&self) -> u8 {
        self.sending.unwrap_or(0)
    }

    /// When padding is due next.
    pub(crate) fn next_timeout(&self) -> Option<Moment> {
        let sending = self.sending.and_then(|id| self.cluster(id));
        sending.map(Cluster::next_due)
    }

    pub(crate) fn want_padding(&mut self, now: Moment) -> Option<Padding> {
        self.give_up(now);
        if self.sending.is_none() {
            self.begin(now);
        }
        let cluster = self.cluster(self.sending?)?;
        (now >= cluster.next_due()).then(|| Padding {
            cluster: cluster.id,
            bytes: cluster.packet_size(),
            bitrate: Bitrate::from_f64(cluster.rate),
        })
    }

    /// A packet of the cluster left.
    pub(crate) fn on_sent(&mut self, now: Moment, id: u8, sequence: u64, size: u16) {
        let Some(cluster) = self.cluster_mut(id) else {
            return;
        };
        cluster.sent.add(now.as_micros(), size);
        cluster.last_sequence = sequence;
        if cluster.is_complete(now) {
            cluster.done = Some(now);
            self.sending = None;
        }
    }

    /// A packet of a cluster arrived.
    pub(crate) fn on_arrived(&mut self, packet: &Acknowledged, arrived: u64) {
        if let Some(cluster) = self.cluster_mut(packet.cluster) {
            cluster.arrived.add(arrived, packet.size);
        }
    }

    /// After a feedback: what a cluster found whose packets have all been heard of.
    pub(crate) fn result(&mut self, newest: u64, always_lost: f64) -> Option<Found> {
        let place = self.clusters.iter_mut().find(|place| {
            place.is_some_and(|cluster| cluster.done.is_some() && newest >= cluster.last_sequence)
        })?;
        let cluster = place.take()?;
        cluster.found(always_lost)
    }

    fn begin(&mut self, now: Moment) {
        let [next, after] = self.planned;
        let Some(rate) = next else { return };
        let Some(place) = self.clusters.iter_mut().find(|place| place.is_none()) else {
            return;
        };
        self.planned = [after, None];
        self.last_id = self.last_id.checked_add(1).unwrap_or(1);
        *place = Some(Cluster {
            id: self.last_id,
            rate,
            length: (self.unrest * SHAKEN).clamp(LENGTH, LENGTH_MOST),
            began: now,
            ..Cluster::default()
        });
        self.sending = Some(self.last_id);
    }

    /// Forgets what was not answered, or not sent, in its time.
    pub(crate) fn give_up(&mut self, now: Moment) {
        for place in &mut self.clusters {
            if place.is_some_and(|cluster| cluster.is_over(now)) {
                *place = None;
            }
        }
        if self.sending.is_some_and(|id| self.cluster(id).is_none()) {
            self.sending = None;
        }
    }

    fn cluster(&self, id: u8) -> Option<&Cluster> {
        self.clusters
            .iter()
            .flatten()
            .find(|cluster| cluster.id == id)
    }

    fn cluster_mut(&mut self, id: u8) -> Option<&mut Cluster> {
        self.clusters
            .iter_mut()
            .flatten()
            .find(|cluster| cluster.id == id)
    }
}

impl Cluster {
    fn least_bytes(&self) -> u64 {
        let (least, _) = PACKET_SIZE;
        let bytes = Bitrate::from_f64(self.rate).bytes_in(self.length);
        bytes.max(u64::from(PACKETS) * least)
    }

    fn packet_size(&self) -> u64 {
        let (least, most) = PACKET_SIZE;
        (self.least_bytes() / u64::from(PACKETS)).clamp(least, most)
    }

    fn next_due(&self) -> Moment {
        let rate = Bitrate::from_f64(self.rate);
        let due = rate.time_for(self.sent.bytes).min(SEND_TIME);
        self.began.plus(due)
    }

    /// A burst of media is not enough of its own: it says nothing of how fast it left.
    fn is_complete(&self, now: Moment) -> bool {
        self.sent.packets >= PACKETS
            && self.sent.bytes >= self.least_bytes()
            && now.since(self.began) >= self.length / 2
    }

    fn is_over(&self, now: Moment) -> bool {
        match self.done {
            Some(done) => now.since(done) > ANSWER_TIME,
            None => now.since(self.began) > SEND_TIME,
        }
    }

    fn found(&self, always_lost: f64) -> Option<Found> {
        let kept = (1.0 - always_lost).max(0.5);
        let enough = self.sent.bytes as f64 * ARRIVED * kept;
        if self.arrived.packets < 3 || (self.arrived.bytes as f64) < enough {
            return None;
        }
        // A packet's time is that between its end and the end of the one before: so the first one's
        // bytes do not count where packets arrive, nor the last one's where they leave.
        let sent = rate(self.sent.bytes - self.sent.last_size, self.sent.span())?;
        let arrived = rate(
            self.arrived.bytes - self.arrived.first_size,
            self.arrived.span(),
        )? / kept;
        if arrived > sent * BUNCHED {
            return None;
        }
        let limited = arrived < sent * MET_LIMIT;
        let takes = if limited {
            arrived * OF_LIMIT
        } else {
            arrived.min(sent)
        };
        Some(Found {
            tried: self.rate,
            takes: takes.min(self.rate),
            limited,
        })
    }
}

impl Run {
    fn add(&mut self, at: u64, size: u16) {
        let size = u64::from(size);
        if self.packets == 0 || at < self.first {
            self.first = at;
            self.first_size = size;
        }
        if self.packets == 0 || at >= self.last {
            self.last = at;
            self.last_size = size;
        }
        self.packets += 1;
        self.bytes += size;
    }

    fn span(&self) -> u64 {
        self.last - self.first
    }
}

fn rate(bytes: u64, micros: u64) -> Option<f64> {
    // In less than two milliseconds nothing was measured but a wake-up.
    (micros >= 2_000).then(|| bytes as f64 * 8_000_000.0 / micros as f64)
}
