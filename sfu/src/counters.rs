//! Counters that the workers keep and the control link tells.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use vestibule_control::SfuStats;

use crate::peer::Dropped;

/// One worker's counters. It alone writes them, so no order is needed between them.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    peers: AtomicU32,
    packets_in: AtomicU64,
    packets_out: AtomicU64,
    dropped: AtomicU64,
}

impl Counters {
    pub(crate) fn peer_up(&self) {
        self.peers.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn peer_down(&self) {
        self.peers.fetch_sub(1, Ordering::Relaxed);
    }

    pub(crate) fn packet_in(&self) {
        self.packets_in.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn packet_out(&self) {
        self.packets_out.fetch_add(1, Ordering::Relaxed);
    }

    /// A packet was dropped.
    pub(crate) fn dropped(&self, _why: Dropped) {
        self.dropped.fetch_add(1, Ordering::Relaxed);
    }

    /// Adds this worker's to the process's.
    pub(crate) fn add_to(&self, stats: &mut SfuStats) {
        stats.peers += self.peers.load(Ordering::Relaxed);
        stats.packets_in += self.packets_in.load(Ordering::Relaxed);
        stats.packets_out += self.packets_out.load(Ordering::Relaxed);
    }
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
