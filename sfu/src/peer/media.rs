//! A connection that is up: what comes and goes on it, and when something is due.

use std::collections::VecDeque;
use std::time::Duration;

use vestibule_forwarding::limits::SLOTS;
use vestibule_forwarding::{Moment, SenderReport};
use vestibule_rtp::limits::ROUND_TRIP;
use vestibule_rtp::ntp::Ntp;
use vestibule_rtp::rtcp::{self, Compound, Nack, ReportBlock};

use super::allowance::Allowance;
use super::incoming::Incoming;
use super::limit::Limit;
use super::outgoing::Outgoing;
use super::packet::{Event, Way};
use crate::limits::{
    ASKED_PER_SECOND, EVENTS_PER_PEER, MISSED_AFTER, MISSED_WITHOUT_FEEDBACK, REPORT_INTERVAL,
    ROUND_TRIP_BELIEVED,
};
use crate::offer::slot_name;

/// A connection that is up.
pub(super) struct Media {
    /// From us to the client.
    pub(super) way: Way,
    pub(super) incoming: Incoming,
    pub(super) outgoing: Outgoing,
    /// What the client is to send at most.
    pub(super) limit: Limit,
    /// Reports may be of reduced size (RFC 5506).
    reduced: bool,
    reports_due: Moment,
    /// As the last report told it.
    round_trip: Option<Duration>,
    /// When the client last told of what it receives.
    told: Option<Moment>,
    /// What the client may ask for again.
    asked: Allowance,
    /// Nothing is due before; `None` when it is to be found out anew. Who looks for it walks through much memory, and it
    /// hardly changes with a packet.
    pub(super) due: Option<Moment>,
}

impl Media {
    pub(super) fn new(
        now: Moment,
        way: Way,
        (incoming, outgoing): (Incoming, Outgoing),
        reduced: bool,
    ) -> Self {
        Self {
            reduced,
            way,
            incoming,
            outgoing,
            limit: Limit::default(),
            reports_due: now.plus(REPORT_INTERVAL),
            round_trip: None,
            told: None,
            asked: Allowance::new(ASKED_PER_SECOND, EVENTS_PER_PEER as u32),
            due: None,
        }
    }

    /// Takes note that the client tells something; whether it told nothing for so long that it lacks what was sent
    /// meanwhile.
    pub(super) fn tells(&mut self, now: Moment) -> bool {
        let before = self.told.replace(now);
        let longest = if self.outgoing.line().is_some() {
            MISSED_AFTER
        } else {
            MISSED_WITHOUT_FEEDBACK
        };
        before.is_some_and(|before| now >= before.plus(longest))
    }

    /// Whether a part is on a stream that the client is not sent, or asks for something of one. Feedback on transport is on
    /// all streams, whichever it names.
    pub(super) fn is_of_unknown_stream(&self, part: &rtcp::Packet<'_>) -> bool {
        let unknown = |stream| !self.outgoing.sends(stream);
        match part {
            rtcp::Packet::SenderReport(report) => report.blocks().any(|it| unknown(it.ssrc)),
            rtcp::Packet::ReceiverReport(report) => report.blocks().any(|it| unknown(it.ssrc)),
            rtcp::Packet::Nack(nack) => unknown(nack.media),
            rtcp::Packet::PictureLoss(loss) => unknown(loss.media),
            rtcp::Packet::FullIntra(intra) => intra.requests().any(|(ssrc, _)| unknown(ssrc)),
            rtcp::Packet::TransportFeedback(_)
            | rtcp::Packet::Bye(_)
            | rtcp::Packet::Remb(_)
            | rtcp::Packet::Other { .. } => false,
        }
    }

    /// Takes one part of what the client reports, of which no more is taken than the outside is told of at a time, and no
    /// more is asked for than may be in a while; how many packets it asks for beyond.
    pub(super) fn take_part(
        &mut self,
        now: (Moment, Ntp),
        part: &rtcp::Packet<'_>,
        events: &mut VecDeque<Event>,
    ) -> usize {
        if let rtcp::Packet::Nack(nack) = part {
            return self.take_nack(now.0, nack, events);
        }
        if events.len() < EVENTS_PER_PEER {
            self.take_report(now, part, events);
        }
        0
    }

    /// Takes one part that asks for nothing again.
    fn take_report(
        &mut self,
        (now, ntp): (Moment, Ntp),
        part: &rtcp::Packet<'_>,
        events: &mut VecDeque<Event>,
    ) {
        match part {
            rtcp::Packet::SenderReport(report) => {
                self.measure(ntp, report.blocks());
                self.take_losses(report.blocks(), events);
                let sent_at = report.info.ntp;
                let report = SenderReport {
                    ssrc: report.info.ssrc,
                    wallclock_micros: report.info.ntp.as_micros(),
                    timestamp: report.info.timestamp,
                };
                if let Some(source) = self.incoming.take_report(now, sent_at, &report) {
                    events.push_back(Event::Report(source, report));
                }
            }
            rtcp::Packet::PictureLoss(loss) => {
                events.extend(self.outgoing.slot_of(loss.media).map(Event::KeyFrame));
            }
            rtcp::Packet::FullIntra(intra) => {
                let slots = intra.requests().take(SLOTS);
                let slots = slots.filter_map(|(ssrc, _)| self.outgoing.slot_of(ssrc));
                events.extend(slots.map(Event::KeyFrame));
            }
            rtcp::Packet::ReceiverReport(report) => {
                self.measure(ntp, report.blocks());
                self.take_losses(report.blocks(), events);
            }
            rtcp::Packet::TransportFeedback(feedback) => {
                self.outgoing.take_feedback(now, feedback);
                self.await_answers();
                let lost = self.outgoing.supposed_lost();
                events.extend(lost.map(|(slot, packets)| Event::LostOnTheWay(slot, packets)));
                events.push_back(Event::Estimated);
            }
            rtcp::Packet::Nack(_)
            | rtcp::Packet::Bye(_)
            | rtcp::Packet::Remb(_)
            | rtcp::Packet::Other { .. } => {}
        }
    }

    fn measure(&mut self, now: Ntp, blocks: impl Iterator<Item = ReportBlock>) {
        let ours = blocks.filter(|block| self.outgoing.slot_of(block.ssrc).is_some());
        let told = ours.filter_map(|block| block.round_trip(now));
        // A client that heard no report of ours yet may name a moment long ago.
        if let Some(round_trip) = told.filter(|it| *it < ROUND_TRIP_BELIEVED).min() {
            self.round_trip = Some(round_trip);
            self.outgoing.set_round_trip(round_trip);
            self.await_answers();
        }
    }

    /// What is asked for is waited for as long as a round trip takes: as a report told it, or longer while the line is
    /// congested. Reports come each second, and what is asked for too soon is sent twice over a line that is full already.
    fn await_answers(&mut self) {
        let congested = self.outgoing.congested_round_trip();
        let longest = self.round_trip.into_iter().chain(congested).max();
        self.incoming.set_round_trip(longest.unwrap_or(ROUND_TRIP));
    }

    fn take_losses(
        &mut self,
        blocks: impl Iterator<Item = ReportBlock>,
        events: &mut VecDeque<Event>,
    ) {
        let lost = blocks.filter_map(|block| self.outgoing.lost(&block));
        events.extend(
            lost.take(SLOTS)
                .map(|(slot, packets)| Event::LostOnTheWay(slot, packets)),
        );
        // Of a client that tells nothing of its line it is decided now and then what it gets: others' lines count as well.
        events.extend(self.outgoing.line().is_none().then_some(Event::Estimated));
    }

    /// Takes what the client asks for again, of what was sent; how much it asks for beyond the limit.
    fn take_nack(&mut self, now: Moment, nack: &Nack<'_>, events: &mut VecDeque<Event>) -> usize {
        let Some(slot) = self.outgoing.slot_of(nack.media) else {
            return 0;
        };
        let sent = |sequence| self.outgoing.sent_sequence(slot, sequence);
        let mut lost = nack.sequences().filter_map(sent);
        let (room, before) = (EVENTS_PER_PEER.saturating_sub(events.len()), events.len());
        let room = room.min(self.asked.left(now));
        let taken = lost.by_ref().take(room);
        events.extend(taken.map(|sequence| Event::Lost(slot, sequence)));
        let beyond = lost.count() + nack.unread();
        self.asked.take(now, events.len() - before);
        beyond
    }

    /// When there is something to write next.
    pub(super) fn due(&mut self, now: Moment) -> Moment {
        if let Some(due) = self.due.filter(|due| *due > now) {
            return due;
        }
        let incoming = self.incoming.next_timeout();
        let outgoing = self.outgoing.next_timeout();
        let due = incoming.into_iter().chain(outgoing).min();
        let due = due.map_or(self.reports_due, |due| due.min(self.reports_due));
        self.due = Some(due);
        due
    }

    /// Something may be due so soon.
    pub(super) fn due_by(&mut self, soonest: Option<Moment>) {
        if let (Some(due), Some(soonest)) = (self.due, soonest) {
            self.due = Some(due.min(soonest));
        }
    }

    /// Writes what is asked for and reported now: the length. Parts that do not fit are left out; whoever still
    /// lacks something asks again.
    pub(super) fn write_compound(
        &mut self,
        (now, ntp): (Moment, Ntp),
        may_ask: bool,
        buffer: &mut [u8],
        events: &mut VecDeque<Event>,
    ) -> Option<usize> {
        let mut compound = Compound::new(buffer);
        let reporter = self.outgoing.reporter();
        let mut head = 0;
        if self.reports_due <= now {
            self.reports_due = now.plus(REPORT_INTERVAL);
            let _ = self.outgoing.write_reports(now, ntp, &mut compound);
            let _ = self.incoming.write_reports(now, reporter, &mut compound);
            let _ = self.outgoing.write_names(&mut compound);
        } else {
            head = self.write_head(reporter, &mut compound);
        }
        let _ =
            self.incoming
                .write_requests(now, reporter, may_ask, &mut compound, |source, layer| {
                    events.push_back(Event::Broken(source, layer));
                });
        self.write_wishes(now, reporter, &mut compound, events);
        self.write_limit(now, reporter, &mut compound);
        Some(compound.len()).filter(|length| *length > head)
    }

    /// Begins what is not of reduced size with a report on nothing and a name (RFC 3550 section 6.1): the length.
    fn write_head(&self, reporter: u32, compound: &mut Compound<'_>) -> usize {
        if !self.reduced {
            let _ = compound.receiver_report(reporter, &[]);
            let _ = compound.description(reporter, slot_name(0));
        }
        compound.len()
    }

    /// Writes what arrived when, if it is due: the length.
    pub(super) fn write_feedback(
        &mut self,
        now: Moment,
        buffer: &mut [u8],
        events: &mut VecDeque<Event>,
    ) -> Option<usize> {
        let reporter = self.outgoing.reporter();
        let head = self.write_head(reporter, &mut Compound::new(buffer));
        let behind = buffer.get_mut(head..)?;
        let (length, told) = self.incoming.write_feedback(now, reporter, behind)?;
        events.push_back(Event::Told(told));
        Some(head + length)
    }

    /// Appends what the client is to send at most, when it is to be told. Browsers take it beside their own estimate.
    fn write_limit(&mut self, now: Moment, reporter: u32, compound: &mut Compound<'_>) {
        let stream = self.incoming.pictures();
        let told = stream.zip(self.limit.due(now));
        if let Some((stream, most)) = told
            && compound.remb(reporter, most.as_bps(), &[stream]).is_ok()
        {
            self.limit.told(now);
        }
    }

    /// Appends the requests for key frames.
    fn write_wishes(
        &mut self,
        now: Moment,
        reporter: u32,
        compound: &mut Compound<'_>,
        events: &mut VecDeque<Event>,
    ) {
        while let Some((source, layer)) = self.incoming.wishes.poll(now) {
            let Some(stream) = self.incoming.stream_of(source, layer) else {
                continue;
            };
            if compound.picture_loss(reporter, stream).is_err() {
                // The next report has room for it.
                return self.incoming.wishes.add(source, layer);
            }
            self.incoming.wishes.asked(now, source, layer);
            events.push_back(Event::KeyFrameAsked);
        }
    }
}
