//! The worker as its calls see it.

use std::net::{IpAddr, SocketAddr};
use std::time::Instant;

use crate::addresses::Addresses;
use crate::counters::{Counters, Reason};
use crate::peer::{Leaves, Way};
use crate::tap::Tap;
use crate::time::Timeline;
use crate::worker::demux::Demux;
use crate::worker::outbox::{Exit, Outbox, send_row};
use crate::worker::reports::Reports;
use crate::worker::socket::Row;

/// What a call reaches of its worker.
pub(in crate::worker) struct Outside<'a> {
    pub(in crate::worker) now: Instant,
    pub(in crate::worker) exit: &'a dyn Exit,
    /// What leaves before the worker sleeps.
    pub(in crate::worker) outbox: &'a mut Outbox,
    /// The worker does not keep up: nothing is sent again, nor asked for again.
    pub(in crate::worker) behind: bool,
    pub(in crate::worker) addresses: &'a Addresses,
    pub(in crate::worker) demux: &'a mut Demux,
    pub(in crate::worker) reports: &'a Reports,
    pub(in crate::worker) counters: &'a Counters,
    pub(in crate::worker) timeline: Timeline,
    pub(in crate::worker) tap: &'a dyn Tap,
}

impl Outside<'_> {
    /// Sends a datagram, at the latest before the worker sleeps.
    pub(super) fn send(&mut self, source: Option<IpAddr>, to: SocketAddr, contents: &[u8]) {
        let leave = |row: &Row<'_>| send_row(self.exit, self.counters, row);
        self.outbox.push(source, to, contents, leave);
    }

    /// Has a datagram written that goes this way, and sends it, at the latest before the worker sleeps; whether one was
    /// written.
    pub(super) fn write(
        &mut self,
        way: Way,
        write: impl FnOnce(&mut [u8]) -> Option<usize>,
    ) -> bool {
        let source = self.addresses.source_for(way.from);
        let leave = |row: &Row<'_>| send_row(self.exit, self.counters, row);
        self.outbox.write(source, way.to, write, leave)
    }

    /// Counts a packet that does not leave, if it does not.
    pub(super) fn stays(&self, leaves: Leaves) {
        if let Some(reason) = Reason::to_stay(leaves) {
            self.counters.dropped(reason);
        }
    }
}
