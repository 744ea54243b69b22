//! A leg's WebRTC peer: its handshakes, and what comes and goes on its connection. This is the one door to the
//! libraries behind it: `vestibule_handshake` for ICE and DTLS, `vestibule_srtp` for the packets.

mod allowance;
mod beyond;
mod departures;
mod engine;
mod incoming;
mod limit;
mod media;
mod outgoing;
mod packet;
mod receive;
mod slots;
mod wishes;

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::Instant;

use vestibule_congestion::{Bitrate, Known};
use vestibule_forwarding::{Forwarded, Moment, Skip, Slot, Source};
pub(crate) use vestibule_handshake::Up;
use vestibule_handshake::{Handshake, Output};
use vestibule_srtp::{Inbound, Outbound};

use crate::limits::{EVENTS_KEPT, REPORT_BYTES};
use crate::offer::{Offer, SENDING};
use crate::time::Timeline;
pub(crate) use departures::Leaves;
use engine::Answer;
pub(crate) use engine::{Engine, EngineError};
pub(crate) use incoming::Dropped;
use incoming::Incoming;
use media::Media;
use outgoing::Outgoing;
pub(crate) use outgoing::{Piece, Probe, Turned};
pub(crate) use packet::{Event, Packet, Way};

/// One peer: a leg's connection.
pub(crate) struct Peer {
    handshake: Handshake,
    /// When the handshake is due.
    handshake_due: Option<Instant>,
    offer: Offer,
    answer: Answer,
    media: Option<Media>,
    timeline: Timeline,
    events: VecDeque<Event>,
    /// See [`Self::set_highest`].
    highest: Option<u8>,
    down: bool,
    /// Packets that waited for their turn when the connection ended.
    unsent: usize,
}

impl Peer {
    /// The fragment that a client's STUN checks name this peer by.
    pub(crate) fn ufrag(&self) -> &str {
        &self.answer.ice.ufrag
    }

    /// The mid of a receive slot.
    pub(crate) fn slot_mid(&self, slot: Slot) -> Option<String> {
        let mid = self.offer.mids().nth(SENDING + slot.index());
        mid.map(str::to_owned)
    }

    /// When [`Self::handle_timeout`] is to be called next.
    pub(crate) fn due(&mut self, now: Instant) -> Option<Instant> {
        let moment = self.timeline.moment(now);
        let media = self.media.as_mut().map(|media| media.due(moment));
        let media = media.and_then(|due| self.timeline.instant(due));
        self.handshake_due.into_iter().chain(media).min()
    }

    /// Somebody else is said to be where a check of this client's came from: asks them.
    pub(crate) fn doubt(&mut self, now: Instant, from: SocketAddr, to: SocketAddr) {
        self.handshake.doubt(now, from, to);
        self.collect(now);
    }

    /// Lets time pass.
    pub(crate) fn handle_timeout(&mut self, now: Instant) {
        if self.handshake_due.is_some_and(|due| due <= now) {
            self.handshake.handle_timeout(now);
            self.collect(now);
        }
        let moment = self.timeline.moment(now);
        if let Some(media) = self.disturb() {
            media.outgoing.handle_timeout(moment);
        }
    }

    /// The connection, for what may change when it is due.
    fn disturb(&mut self) -> Option<&mut Media> {
        let media = self.media.as_mut()?;
        media.due = None;
        Some(media)
    }

    /// The next thing for the outside.
    pub(crate) fn poll(&mut self) -> Option<Event> {
        let event = self.events.pop_front();
        if event.is_none() && self.events.capacity() > EVENTS_KEPT {
            self.events.shrink_to(EVENTS_KEPT);
        }
        event
    }

    /// Writes the next RTCP datagram that is due: its length; whether it may ask for packets again.
    pub(crate) fn write_rtcp(
        &mut self,
        now: Instant,
        may_ask: bool,
        buffer: &mut [u8],
    ) -> Option<usize> {
        let moment = self.timeline.moment(now);
        let ntp = self.timeline.ntp(moment);
        let media = self.media.as_mut()?;
        media.due = None;
        let most = buffer.len().min(REPORT_BYTES);
        let plain = buffer.get_mut(..most)?;
        let length = media
            .write_compound((moment, ntp), may_ask, plain, &mut self.events)
            .or_else(|| media.write_feedback(moment, plain, &mut self.events))?;
        let sealed = media.outgoing.seal_rtcp(buffer, length);
        if sealed.is_none() {
            self.events.push_back(Event::Unsealed);
        }
        sealed
    }

    /// Takes note of a packet that goes through a slot; whether it is to be written now. One that waits comes back by
    /// [`Self::turn`].
    pub(crate) fn take(
        &mut self,
        now: Moment,
        forwarded: &Forwarded,
        packet: &Packet<'_>,
    ) -> Leaves {
        let media = self.media.as_mut();
        media.map_or(Leaves::NoConnection, |media| {
            let leaves = media.outgoing.take(now, forwarded, packet);
            media.due_by(media.outgoing.next_timeout());
            leaves
        })
    }

    /// Whether a packet that the client lacks is to be written again now. One that waits comes back by [`Self::turn`].
    pub(crate) fn take_again(&mut self, now: Moment, piece: &Piece<'_>) -> Leaves {
        let media = self.disturb();
        media.map_or(Leaves::NoConnection, |media| {
            media.outgoing.take_again(now, piece)
        })
    }

    /// What comes of the next packet whose turn it is.
    pub(crate) fn turn(&mut self, now: Moment) -> Option<Turned> {
        self.disturb()?.outgoing.turn(now)
    }

    /// How many packets wait for their turn, or did when the connection ended.
    pub(crate) fn unsent(&self) -> usize {
        let media = self.media.as_ref();
        self.unsent + media.map_or(0, |media| media.outgoing.waiting())
    }

    /// What is to be written to find out what more the line takes: ask until there is nothing.
    pub(crate) fn probe(&mut self, now: Moment) -> Option<Probe> {
        self.disturb()?.outgoing.probe(now)
    }

    /// Has the line probed no further for now.
    pub(crate) fn leave_off_probing(&mut self) {
        if let Some(media) = self.disturb() {
            media.outgoing.leave_off_probing();
        }
    }

    /// What the client's line takes and whether it is congested, once it is known.
    pub(crate) fn line(&self) -> Option<Known> {
        self.media.as_ref()?.outgoing.line()
    }

    /// Sets the highest layer of the client's camera that somebody is to get; `None` while nobody is to get any.
    pub(crate) fn set_highest(&mut self, highest: Option<u8>) {
        self.highest = highest;
        if let Some(media) = &mut self.media {
            media.incoming.set_highest(highest);
        }
    }

    /// Most of what the client sends is lost. Where it does not tell what it receives either, its whole line broke down,
    /// and takes little until more is known.
    pub(crate) fn break_down(&mut self, now: Moment) {
        if let Some(media) = &mut self.media {
            media.outgoing.break_down(now);
        }
    }

    /// What the client sent last was lost. Where what is sent to it waits as well, that is the same.
    pub(crate) fn suspect(&mut self, now: Moment) {
        if let Some(media) = &mut self.media {
            media.outgoing.suspect(now);
        }
    }

    /// Sets what the client would be sent on a line without limits.
    pub(crate) fn set_wanted(&mut self, wanted: Bitrate) {
        // Nothing is due sooner by it.
        if let Some(media) = &mut self.media {
            media.outgoing.set_wanted(wanted);
        }
    }

    /// Where media goes, once it can flow.
    pub(crate) fn way(&self) -> Option<Way> {
        self.media.as_ref().map(|media| media.way)
    }

    /// Whether media can flow.
    pub(crate) fn is_up(&self) -> bool {
        self.media.is_some()
    }

    /// Says what the client is to send at most; whether it is to be told now.
    pub(crate) fn set_limit(&mut self, now: Moment, most: Bitrate) -> bool {
        let media = self.media.as_mut();
        media.is_some_and(|media| media.limit.set(now, most))
    }

    /// Writes a packet for a slot: its length.
    pub(crate) fn write(
        &mut self,
        now: Moment,
        piece: &Piece<'_>,
        buffer: &mut [u8],
    ) -> Option<usize> {
        self.written(|outgoing| outgoing.write(now, piece, buffer))
    }

    /// Writes a packet again, in the stream of retransmissions: its length.
    pub(crate) fn write_again(
        &mut self,
        now: Moment,
        piece: &Piece<'_>,
        buffer: &mut [u8],
    ) -> Option<usize> {
        self.written(|outgoing| outgoing.write_again(now, piece, buffer))
    }

    /// Writes a packet of padding: its length.
    pub(crate) fn write_padding(
        &mut self,
        now: Moment,
        slot: Slot,
        bytes: u64,
        buffer: &mut [u8],
    ) -> Option<usize> {
        self.written(|outgoing| outgoing.write_padding(now, slot, bytes, buffer))
    }

    /// Writes a packet with which the client forgets what it lacks of a slot: its length.
    pub(crate) fn write_skip(
        &mut self,
        now: Moment,
        slot: Slot,
        skip: Skip,
        buffer: &mut [u8],
    ) -> Option<usize> {
        self.written(|outgoing| outgoing.write_skip(now, slot, skip, buffer))
    }

    fn written(&mut self, write: impl FnOnce(&mut Outgoing) -> Option<usize>) -> Option<usize> {
        let media = self.media.as_mut()?;
        let length = write(&mut media.outgoing)?;
        media.due_by(media.outgoing.next_timeout());
        Some(length)
    }

    /// How many layers the client's camera comes in.
    pub(crate) fn camera_layers(&self) -> usize {
        self.offer.camera_layers()
    }

    /// How the client takes sound with redundancy: see [`vestibule_forwarding::Call::set_redundancy`].
    pub(crate) fn redundancy(&self) -> Option<u8> {
        self.offer.codecs.redundancy()
    }

    /// Asks the client for a key frame of a layer of one of its tracks, as soon as its track was not asked for one just now
    /// and it is where media goes to.
    pub(crate) fn request_key_frame(&mut self, source: Source, layer: u8) {
        if let Some(media) = self.disturb() {
            media.incoming.wishes.add(source, layer);
        }
    }

    /// So many packets of one of the client's tracks were lost on their way to who receives it: the client is told, as
    /// it protects its sound against what it hears of.
    pub(crate) fn lost_beyond(&mut self, source: Source, layer: u8, packets: u64) {
        if let Some(media) = self.disturb() {
            media.incoming.lost_beyond(source, layer, packets);
        }
    }

    /// Says goodbye; what is left to send comes from [`Self::poll`].
    pub(crate) fn close(&mut self, now: Instant) {
        self.handshake.close();
        self.down = true;
        self.collect(now);
    }

    /// Takes what the handshakes have.
    fn collect(&mut self, now: Instant) {
        while let Some(output) = self.handshake.poll() {
            match output {
                Output::Transmit(transmit) => self.events.push_back(Event::Transmit(transmit)),
                Output::Up(up) => self.up(now, &up),
                Output::AddressChanged { local, remote } => {
                    let way = Way {
                        from: local,
                        to: remote,
                    };
                    self.go_another_way(now, way);
                }
                Output::Reached(address) => self.events.push_back(Event::Reached(address)),
                Output::Down(_) => self.go_down(),
            }
        }
        self.handshake_due = self.handshake.next_timeout();
    }

    fn go_another_way(&mut self, now: Instant, way: Way) {
        let moment = self.timeline.moment(now);
        if let Some(media) = self.disturb() {
            media.way = way;
            media.incoming.wishes.moved(moment);
            media.outgoing.go_another_way(moment);
            self.events.push_back(Event::Moved);
        }
    }

    pub(crate) fn up(&mut self, now: Instant, up: &Up) {
        let halves =
            Inbound::new(&up.inbound).and_then(|it| Ok((it, Outbound::new(&up.outbound)?)));
        let Ok((inbound, outbound)) = halves else {
            return self.go_down();
        };
        let (codecs, extensions) = (self.offer.codecs, self.offer.extensions);
        let moment = self.timeline.moment(now);
        let outgoing = Outgoing::new(moment, outbound, &self.answer.slots, codecs, extensions);
        let mut incoming = Incoming::new(inbound, &self.offer);
        incoming.set_highest(self.highest);
        let way = Way {
            from: up.local,
            to: up.remote,
        };
        let reduced = self.offer.feedback.is_reduced();
        self.media = Some(Media::new(moment, way, (incoming, outgoing), reduced));
        self.events.push_back(Event::Up);
    }

    fn go_down(&mut self) {
        if !std::mem::replace(&mut self.down, true) {
            self.unsent = self.unsent();
            self.media = None;
            self.events.push_back(Event::Down);
        }
    }
}

#[cfg(test)]
pub(crate) mod tests;
