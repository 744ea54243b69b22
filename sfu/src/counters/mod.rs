//! What the workers count: the control link tells some of it, the metrics tell all.

mod reason;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicU64, Ordering};

use vestibule_control::SfuStats;

pub(crate) use reason::{In, Out, Reason};

/// One worker's counters. It alone writes them, so no order is needed between them, and no instruction that locks.
#[derive(Debug)]
pub(crate) struct Counters {
    values: [AtomicU64; Counter::ALL.len()],
    dropped: [AtomicU64; Reason::COUNT],
    /// Where the worker's socket is bound.
    bound: SocketAddr,
}

/// What is counted beside what is dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Counter {
    Peers,
    Calls,
    DatagramsIn,
    BytesIn,
    DatagramsOut,
    BytesOut,
    PacketsIn,
    PacketsOut,
    KeyFramesAsked,
    KeyFramesRequested,
    RetransmissionsAsked,
    RetransmissionsSent,
    RetransmissionsRefused,
    FallenBehind,
    Panics,
}

impl Counter {
    pub(crate) const ALL: [Self; 15] = [
        Self::Peers,
        Self::Calls,
        Self::DatagramsIn,
        Self::BytesIn,
        Self::DatagramsOut,
        Self::BytesOut,
        Self::PacketsIn,
        Self::PacketsOut,
        Self::KeyFramesAsked,
        Self::KeyFramesRequested,
        Self::RetransmissionsAsked,
        Self::RetransmissionsSent,
        Self::RetransmissionsRefused,
        Self::FallenBehind,
        Self::Panics,
    ];
}

impl Default for Counters {
    fn default() -> Self {
        Self {
            values: std::array::from_fn(|_| AtomicU64::new(0)),
            dropped: std::array::from_fn(|_| AtomicU64::new(0)),
            bound: SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), 0),
        }
    }
}

impl Counters {
    /// Of a worker whose socket is bound to this address.
    pub(crate) fn of_socket(bound: SocketAddr) -> Self {
        Self {
            bound,
            ..Self::default()
        }
    }

    /// Where the worker's socket is bound.
    pub(crate) fn bound(&self) -> SocketAddr {
        self.bound
    }

    pub(crate) fn peer_up(&self) {
        self.count(Counter::Peers);
    }

    pub(crate) fn peer_down(&self) {
        let peers = self.value(Counter::Peers);
        self.set(Counter::Peers, peers.saturating_sub(1));
    }

    pub(crate) fn packet_in(&self) {
        self.count(Counter::PacketsIn);
    }

    pub(crate) fn packet_out(&self) {
        self.count(Counter::PacketsOut);
    }

    /// A datagram of so many bytes came.
    pub(crate) fn datagram_in(&self, bytes: usize) {
        self.count(Counter::DatagramsIn);
        self.add(Counter::BytesIn, bytes as u64);
    }

    /// A datagram of so many bytes was sent.
    pub(crate) fn datagram_out(&self, bytes: usize) {
        self.count(Counter::DatagramsOut);
        self.add(Counter::BytesOut, bytes as u64);
    }

    /// A packet was dropped.
    pub(crate) fn dropped(&self, why: impl Into<Reason>) {
        self.all_dropped(why, 1);
    }

    /// So many were, for one reason.
    pub(crate) fn all_dropped(&self, why: impl Into<Reason>, packets: u64) {
        if let Some(place) = self.dropped.get(why.into().index()) {
            raise(place, packets);
        }
    }

    pub(crate) fn count(&self, counter: Counter) {
        self.add(counter, 1);
    }

    pub(crate) fn set(&self, counter: Counter, value: u64) {
        if let Some(place) = self.values.get(counter as usize) {
            place.store(value, Ordering::Relaxed);
        }
    }

    pub(crate) fn value(&self, counter: Counter) -> u64 {
        let place = self.values.get(counter as usize);
        place.map_or(0, |place| place.load(Ordering::Relaxed))
    }

    /// How many packets were dropped for a reason.
    pub(crate) fn dropped_for(&self, why: Reason) -> u64 {
        let place = self.dropped.get(why.index());
        place.map_or(0, |place| place.load(Ordering::Relaxed))
    }

    /// Adds this worker's to the process's.
    pub(crate) fn add_to(&self, stats: &mut SfuStats) {
        let peers = u32::try_from(self.value(Counter::Peers)).unwrap_or(u32::MAX);
        stats.peers = stats.peers.saturating_add(peers);
        stats.packets_in += self.value(Counter::PacketsIn);
        stats.packets_out += self.value(Counter::PacketsOut);
    }

    /// It happened so many times more.
    pub(crate) fn add(&self, counter: Counter, more: u64) {
        if let Some(place) = self.values.get(counter as usize) {
            raise(place, more);
        }
    }
}

impl From<In> for Reason {
    fn from(reason: In) -> Self {
        Self::In(reason)
    }
}

impl From<Out> for Reason {
    fn from(reason: Out) -> Self {
        Self::Out(reason)
    }
}

/// Nobody else writes: it need not be one step.
fn raise(place: &AtomicU64, more: u64) {
    let before = place.load(Ordering::Relaxed);
    place.store(before.wrapping_add(more), Ordering::Relaxed);
}

/// The CPU time that this process has taken, in microseconds.
pub(crate) fn cpu_micros() -> u64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
    let nanos = u64::try_from(time.tv_nsec).unwrap_or(0);
    seconds
        .saturating_mul(1_000_000)
        .saturating_add(nanos / 1000)
}

#[cfg(test)]
mod tests {
    use super::Counter;

    #[test]
    fn every_counter_has_its_own_place() {
        for (place, counter) in Counter::ALL.into_iter().enumerate() {
            assert_eq!(counter as usize, place);
        }
    }
}
