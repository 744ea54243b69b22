//! How the load tool and the machine did, and whether they may have made the figures.

use std::fmt::{self, Display, Formatter};

use serde::Serialize;

use super::Quantiles;
use crate::limits::{BUSY, LATE, NOISE, STEAL};
use crate::run::Measured;

/// How the load tool and the machine did.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct LoadCost {
    /// Of the core that drives the clients, the share that it took.
    pub cpu_share: f64,
    /// Packets sent and received in a second.
    pub packets_per_second: f64,
    /// How late packets left against their schedule.
    pub lateness: Quantiles,
    /// Packets of sound and bursts of pictures that were left out, as the load tool was stalled.
    pub skipped: u64,
    /// Packets that the kernel did not take from the load tool; they are not among those that were sent.
    pub refused: u64,
    /// Datagrams that the kernel dropped on the clients' sockets.
    pub dropped: u64,
    /// Of the cores of both sides, the share that other processes took.
    pub others_share: f64,
    /// And the share that the hypervisor took.
    pub steal_share: f64,
}

impl LoadCost {
    pub(super) fn of(measured: &Measured, seconds: f64) -> Self {
        let whole = seconds * measured.core_count as f64;
        let signaling = measured.signaling.map_or(0, |used| used.time);
        let known = (measured.forwarding.time + signaling + measured.own_time) as f64 / 1e9;
        let packets = (measured.tally.sent + measured.tally.delivered) as f64;
        Self {
            cpu_share: measured.own_time as f64 / 1e9 / seconds,
            packets_per_second: packets / seconds,
            lateness: Quantiles::of(&measured.tally.lateness),
            skipped: measured.tally.skipped,
            refused: measured.tally.refused,
            dropped: measured.dropped.0,
            others_share: ((measured.cores.busy - known) / whole).max(0.0),
            steal_share: measured.cores.steal / whole,
        }
    }

    /// In what the load tool was itself the limit.
    pub(super) fn limits(&self) -> Vec<String> {
        let late = self.lateness.p99_ms > LATE.as_secs_f64() * 1e3;
        let limits = [
            (self.cpu_share > BUSY).then(|| {
                let share = self.cpu_share * 100.0;
                format!("it took {share:.0} % of its core")
            }),
            late.then(|| format!("it sent {:.1} ms late (p99)", self.lateness.p99_ms)),
            (self.skipped > 0).then(|| format!("it left out {} bursts", self.skipped)),
            (self.refused > 0).then(|| format!("the kernel did not take {} packets", self.refused)),
            (self.dropped > 0).then(|| format!("its sockets lost {} datagrams", self.dropped)),
        ];
        let limits = limits.into_iter().flatten();
        limits
            .map(|limit| format!("the load tool was itself the limit: {limit}"))
            .collect()
    }

    pub(super) fn is_noisy(&self) -> bool {
        self.others_share > NOISE || self.steal_share > STEAL
    }
}

impl Display for LoadCost {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{:.0} packets/s, {:.0} % of a core, late by {}",
            self.packets_per_second,
            self.cpu_share * 100.0,
            self.lateness
        )
    }
}
