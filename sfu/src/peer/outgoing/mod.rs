//! What goes to a client: `turns` says when a packet leaves, `seal` is what is done with every packet that does, `beside` what
//! is written beside those of the slots, `telling` what the client is told of them.

mod beside;
mod seal;
mod telling;
mod turns;

use std::time::Duration;

use vestibule_congestion::{Bitrate, Known};
use vestibule_forwarding::limits::SLOTS;
use vestibule_forwarding::{Moment, Slot};
use vestibule_rtp::extend;
use vestibule_rtp::rtcp::TransportFeedback;
use vestibule_srtp::Outbound;

use super::departures::Departures;
use super::slots::Slots;
use crate::limits::ROUND_TRIP_GUESS;
use crate::offer::{Codecs, Extensions, SlotSsrcs};
pub(crate) use beside::Probe;
pub(crate) use seal::Piece;
pub(crate) use turns::Turned;

pub(super) struct Outgoing {
    srtp: Outbound,
    slots: Slots,
    /// Pictures can be sent again: some slot has a stream for it.
    repairs: bool,
    codecs: Codecs,
    extensions: Extensions,
    departures: Departures,
    /// Which of the last packets is repeated next to probe the line, counted from the newest.
    repeated: u64,
    /// To the client and back, by its last report.
    round_trip: Duration,
}

impl Outgoing {
    pub(super) fn new(
        now: Moment,
        srtp: Outbound,
        ssrcs: &[SlotSsrcs; SLOTS],
        codecs: Codecs,
        extensions: Extensions,
    ) -> Self {
        Self {
            srtp,
            slots: Slots::new(*ssrcs),
            repairs: ssrcs.iter().any(|it| it.repair.is_some()),
            codecs,
            extensions,
            departures: Departures::starting(now),
            repeated: 0,
            round_trip: ROUND_TRIP_GUESS,
        }
    }

    /// What is known of the client's line.
    pub(super) fn line(&self) -> Option<Known> {
        self.departures.line()
    }

    /// The line broke down, as was found out otherwise.
    pub(super) fn break_down(&mut self, now: Moment) {
        self.departures.break_down(now);
    }

    /// See [`Departures::suspect`].
    pub(super) fn suspect(&mut self, now: Moment) {
        self.departures.suspect(now);
    }

    /// See [`Departures::go_another_way`].
    pub(super) fn go_another_way(&mut self, now: Moment) {
        self.departures.go_another_way(now);
    }

    /// Learns what arrived.
    pub(super) fn take_feedback(&mut self, now: Moment, feedback: &TransportFeedback<'_>) {
        self.departures.take_feedback(now, feedback);
    }

    /// Sets what the client would be sent on a line without limits; its line is probed for no more.
    pub(super) fn set_wanted(&mut self, wanted: Bitrate) {
        self.departures.set_wanted(wanted);
    }

    /// Gives up the probe that is under way.
    pub(super) fn leave_off_probing(&mut self) {
        self.departures.leave_off_probing();
    }

    /// Lets time pass.
    pub(super) fn handle_timeout(&mut self, now: Moment) {
        self.departures.handle_timeout(now);
    }

    /// When [`Self::handle_timeout`], [`Self::turn`] and [`Self::probe`] are to be called next.
    pub(super) fn next_timeout(&self) -> Option<Moment> {
        self.departures.next_timeout()
    }

    /// Takes note of a round trip that a report tells of.
    pub(super) fn set_round_trip(&mut self, round_trip: Duration) {
        self.round_trip = round_trip;
    }

    /// How long it takes until the client's feedback on a packet is here, where the line is congested.
    pub(super) fn congested_round_trip(&self) -> Option<Duration> {
        self.departures.congested_round_trip()
    }

    /// The slot whose packets have this SSRC.
    pub(super) fn slot_of(&self, ssrc: u32) -> Option<Slot> {
        self.slots.of(ssrc)
    }

    /// Whether a stream is one of those that the client is sent.
    pub(super) fn sends(&self, ssrc: u32) -> bool {
        self.slots.has(ssrc)
    }

    /// The extended sequence number that was sent on a slot, of its low 16 bits.
    pub(super) fn sent_sequence(&self, slot: Slot, sequence: u16) -> Option<u64> {
        let last = self.slots.get(slot)?.last?;
        extend(last.sequence, sequence).filter(|found| *found <= last.sequence)
    }
}

fn low(sequence: u64) -> u16 {
    (sequence & 0xffff) as u16
}

#[cfg(test)]
mod tests;
