//! What a run cost the server's processes.

use std::fmt::{self, Display, Formatter};

use serde::Serialize;

use crate::run::Measured;

/// What it cost the server.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct ServerCost {
    /// Processor time for each delivered packet, in microseconds.
    pub cpu_us_per_packet: f64,
    /// What the machine itself takes to send and receive one packet, measured before the run, in microseconds. It is
    /// several times what it could be where others use the same machine, and so is the figure above.
    pub floor_us_per_packet: f64,
    /// Processor time of each second.
    pub cpu_share: f64,
    /// What its memory grew by, for each room, in KiB.
    pub memory_kib_per_room: f64,
    /// Datagrams that the kernel dropped on its sockets.
    pub dropped: u64,
}

/// What it cost the process that people wait at.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct SignalingCost {
    /// Processor time for each room until everybody is in consultation, in milliseconds.
    pub cpu_ms_per_room: f64,
    /// Processor time of each second while everybody is in consultation.
    pub cpu_share: f64,
    /// What its memory grew by, for each room, in KiB.
    pub memory_kib_per_room: f64,
}

impl ServerCost {
    pub(super) fn of(measured: &Measured, seconds: f64) -> Self {
        let time = measured.forwarding.time as f64;
        Self {
            cpu_us_per_packet: time / 1e3 / measured.tally.delivered.max(1) as f64,
            floor_us_per_packet: measured.loopback.cost as f64 / 1e3,
            cpu_share: time / 1e9 / seconds,
            memory_kib_per_room: measured.forwarding.grown as f64 / f64::from(measured.plan.rooms),
            dropped: measured.dropped.1,
        }
    }
}

impl SignalingCost {
    pub(super) fn of(measured: &Measured, seconds: f64) -> Option<Self> {
        let rooms = f64::from(measured.plan.rooms);
        measured.signaling.map(|used| Self {
            cpu_ms_per_room: used.joining as f64 / 1e6 / rooms,
            cpu_share: used.time as f64 / 1e9 / seconds,
            memory_kib_per_room: used.grown as f64 / rooms,
        })
    }
}

impl Display for ServerCost {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{:.2} us a packet (the machine alone {:.2}), {:.0} % of a core, {:.0} KiB a room, {} dropped in the kernel",
            self.cpu_us_per_packet,
            self.floor_us_per_packet,
            self.cpu_share * 100.0,
            self.memory_kib_per_room,
            self.dropped
        )
    }
}

impl Display for SignalingCost {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{:.1} ms a room that comes, then {:.1} % of a core, {:.0} KiB a room",
            self.cpu_ms_per_room,
            self.cpu_share * 100.0,
            self.memory_kib_per_room
        )
    }
}
