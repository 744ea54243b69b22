//! What the line did, for people and for programs.

use std::fmt::Write as _;

use serde::Serialize;

use super::relay::Carried;
use super::tunnel::Place;
use crate::counters::Counters;

/// What the line did so far.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Report {
    /// Since it began.
    pub(crate) seconds: f64,
    pub(crate) up: Counters,
    pub(crate) down: Counters,
    /// Packets that wait or are under way, in both directions.
    pub(crate) under_way: usize,
    /// Packets that went on more than a millisecond after they were due, because the machine was busy.
    pub(crate) late: u64,
    /// How late the worst was.
    pub(crate) latest_ms: f64,
    /// Packets that the kernel did not take at the end of the line.
    pub(crate) refused: u64,
    /// Packets that never came to the line because the relay was late. They belong to no count.
    pub(crate) kernel_drops_up: Option<u64>,
    /// The same in the other direction.
    pub(crate) kernel_drops_down: Option<u64>,
}

impl Report {
    pub(crate) fn of(carried: Carried, near: &Place, far: &Place) -> Self {
        Self {
            seconds: carried.seconds,
            up: carried.up,
            down: carried.down,
            under_way: carried.under_way,
            late: carried.late,
            latest_ms: carried.latest.as_secs_f64() * 1e3,
            refused: carried.refused,
            // A count that cannot be had is not worth ending the line.
            kernel_drops_up: near.kernel_drops().ok(),
            kernel_drops_down: far.kernel_drops().ok(),
        }
    }

    /// A table.
    pub(crate) fn table(&self) -> String {
        let mut table = format!("{:<14}{:>14}{:>14}\n", "packets", "up", "down");
        for (name, up, down) in self.rows() {
            // Writing to a string does not fail.
            let _ = writeln!(table, "{name:<14}{up:>14}{down:>14}");
        }
        let _ = writeln!(table, "{:<14}{:>14}", "under way", self.under_way);
        let _ = writeln!(table, "{:<14}{:>14}", "refused", self.refused);
        let late = format!("(more than 1 ms; the worst {:.1} ms)", self.latest_ms);
        let _ = writeln!(table, "{:<14}{:>14}  {late}", "late", self.late);
        table
    }

    fn rows(&self) -> [(&'static str, u64, u64); 10] {
        let (up, down) = (&self.up, &self.down);
        [
            ("received", up.received, down.received),
            ("delivered", up.delivered, down.delivered),
            ("lost", up.lost, down.lost),
            ("blacked out", up.blacked_out, down.blacked_out),
            ("queue drops", up.queue_drops, down.queue_drops),
            ("reordered", up.reordered, down.reordered),
            ("duplicated", up.duplicated, down.duplicated),
            ("bytes in", up.received_bytes, down.received_bytes),
            ("bytes out", up.delivered_bytes, down.delivered_bytes),
            (
                "kernel drops",
                self.kernel_drops_up.unwrap_or_default(),
                self.kernel_drops_down.unwrap_or_default(),
            ),
        ]
    }
}
