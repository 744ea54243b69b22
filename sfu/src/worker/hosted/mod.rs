//! A call and its peers, as a worker hosts them.

mod joining;
mod lines;
mod media;
mod outside;
mod station;
mod telling;

use std::net::SocketAddr;
use std::time::Instant;

use vestibule_congestion::Uplink;
use vestibule_forwarding::limits::LEGS;
use vestibule_forwarding::{Call, LinkState, Moment, Output, Seat};
use vestibule_vocab::CallId;

use super::demux::Place;
use super::stun;
use crate::counters::{Counter, In, Out, Reason};
use crate::peer::{Event, Peer};
pub(super) use outside::Outside;
use station::{ALL, Seats, Station};

pub(super) struct Hosted {
    id: CallId,
    /// Its place in the worker.
    index: usize,
    call: Call,
    stations: [Station; LEGS],
    due: Option<Instant>,
    /// Whose lines may take another amount than what the publishers know.
    estimated: Seats,
    /// Until when the pictures of somebody are held back, if nothing is heard of the line.
    held: Option<Moment>,
}

impl Hosted {
    pub(super) fn new(id: CallId, index: usize) -> Self {
        Self {
            id,
            index,
            call: Call::default(),
            stations: Default::default(),
            due: None,
            estimated: [false; LEGS],
            held: None,
        }
    }

    pub(super) fn id(&self) -> CallId {
        self.id
    }

    /// Takes a datagram for a seat and forwards what was in it; or says why it is dropped.
    pub(super) fn receive(
        &mut self,
        seat: Seat,
        from: SocketAddr,
        to: SocketAddr,
        datagram: &mut [u8],
        out: &mut Outside<'_>,
    ) -> Result<(), Reason> {
        let station = self.stations.get_mut(seat.index());
        let peer = station.and_then(|station| station.peer.as_mut());
        let received = match peer {
            Some(peer) => peer.receive(out.now, (from, to), datagram),
            None => return Err(Reason::In(In::UnknownAddress)),
        };
        let taken = match received {
            Ok(Some((source, packet))) => {
                self.forward(seat, source, &packet, out);
                Ok(())
            }
            Ok(None) => Ok(()),
            Err(dropped) => Err(dropped.into()),
        };
        self.pump(seat, out);
        taken
    }

    /// Lets time pass for who is due.
    pub(super) fn handle_timeout(&mut self, out: &mut Outside<'_>) {
        for station in &mut self.stations {
            station.touched |= station
                .peer
                .as_mut()
                .and_then(|peer| peer.due(out.now))
                .is_some_and(|due| due <= out.now);
        }
        let now = out.timeline.moment(out.now);
        self.call.handle_timeout(now);
        if self.held.is_some_and(|until| until <= now) {
            self.estimated = ALL;
        }
    }

    /// See [`Self::held`].
    fn held_until(&self) -> Option<Moment> {
        let up = self.stations.iter().filter(|station| station.is_up());
        up.filter_map(|station| station.ledger.as_ref()?.ways.allotment.next_timeout())
            .min()
    }

    /// Sends and tells all that is to be sent and told, until there is nothing more.
    pub(super) fn settle(&mut self, out: &mut Outside<'_>) {
        loop {
            // Somebody's end is among them.
            self.carry_out_all(out);
            let estimated = std::mem::take(&mut self.estimated);
            if estimated.contains(&true) {
                self.allot(estimated, out);
                self.held = self.held_until();
                self.carry_out_all(out);
            }
            let touched = Seat::ALL.into_iter().find(|seat| self.take_touched(*seat));
            let Some(seat) = touched else { break };
            if let Some(peer) = self.peer(seat) {
                peer.handle_timeout(out.now);
                self.pump(seat, out);
                self.send_turns(seat, out);
                self.send_probes(seat, out);
                self.send_reports(seat, out);
            }
        }
        let call = self.call.next_timeout().into_iter();
        let call = call.chain(self.held);
        let call: Option<Instant> = call.filter_map(|moment| out.timeline.instant(moment)).min();
        let peers = self.stations.iter_mut();
        let peers = peers.filter_map(|station| station.peer.as_mut()?.due(out.now));
        self.due = peers.chain(call).min();
    }

    /// When [`Self::handle_timeout`] is to be called next, as of the last [`Self::settle`].
    pub(super) fn due(&self) -> Option<Instant> {
        self.due
    }

    /// What somebody's line takes may be another amount now.
    fn estimate(&mut self, seat: Seat) {
        if let Some(estimated) = self.estimated.get_mut(seat.index()) {
            *estimated = true;
        }
    }

    pub(super) fn peer(&mut self, seat: Seat) -> Option<&mut Peer> {
        self.stations.get_mut(seat.index())?.peer.as_deref_mut()
    }

    fn place(&self, seat: Seat) -> Place {
        let call = self.index;
        Place { call, seat }
    }

    fn take_touched(&mut self, seat: Seat) -> bool {
        let station = self.stations.get_mut(seat.index());
        station.is_some_and(|station| std::mem::take(&mut station.touched))
    }

    /// Carries out all that a peer has for the outside.
    fn pump(&mut self, seat: Seat, out: &mut Outside<'_>) {
        let now = out.timeline.moment(out.now);
        while let Some(event) = self.peer(seat).and_then(Peer::poll) {
            match event {
                Event::Transmit(transmit) => self.transmit(seat, &transmit, out),
                Event::Report(source, report) => self.call.sender_report(now, seat, source, report),
                Event::KeyFrame(slot) => {
                    out.counters.count(Counter::KeyFramesAsked);
                    self.call.request_key_frame(now, seat, slot);
                }
                Event::KeyFrameAsked => out.counters.count(Counter::KeyFramesRequested),
                Event::UnknownReport => out.counters.dropped(In::UnknownStreamReport),
                Event::Unsealed => out.counters.dropped(Out::NotWritten),
                Event::Heard => self.call.heard(now, seat),
                Event::Missed => self.missed(now, seat),
                Event::Moved => self.moved(now, seat),
                Event::Broken(source, layer) => self.call.lost_picture(now, seat, source, layer),
                Event::Lost(slot, sequence) => self.send_again(seat, slot, sequence, out),
                Event::AskedTooMuch(packets) => media::refuse(packets, out.counters),
                Event::LostOnTheWay(slot, packets) => self.pass_on_loss(seat, slot, packets),
                Event::Estimated => {
                    self.estimate(seat);
                    if let Some(station) = self.stations.get_mut(seat.index()) {
                        station.touched = true;
                    }
                }
                Event::Told(told) => self.note_told(seat, told, out),
                Event::Up => self.up(seat, out),
                Event::Reached(address) => out.demux.bind(self.place(seat), address),
                Event::Down => {
                    self.drop_peer(seat, out);
                    self.call.disconnected(seat);
                }
            }
        }
    }

    fn transmit(
        &mut self,
        seat: Seat,
        transmit: &vestibule_handshake::Transmit,
        out: &mut Outside<'_>,
    ) {
        let source = out.addresses.source_for(transmit.from);
        out.send(source, transmit.to, &transmit.bytes);
        let place = self.place(seat);
        // A peer answers a check only after it found it authentic.
        if stun::is_binding_success(&transmit.bytes) {
            self.call.heard(out.timeline.moment(out.now), seat);
            if !out.demux.claim(place, transmit.to)
                && let Some(peer) = self.peer(seat)
            {
                peer.doubt(out.now, transmit.to, transmit.from);
            }
        } else if let Some(asked) = stun::request(&transmit.bytes) {
            out.demux.expect(place, asked);
        }
    }

    fn up(&mut self, seat: Seat, out: &Outside<'_>) {
        self.call.connected(out.timeline.moment(out.now), seat);
        if let Some(station) = self.stations.get_mut(seat.index())
            && !station.up
        {
            station.up = true;
            out.counters.peer_up();
        }
    }

    /// Somebody moved: of the line that they have now nothing is known.
    fn moved(&mut self, now: Moment, seat: Seat) {
        self.missed(now, seat);
        let station = self.stations.get_mut(seat.index());
        if let Some(ledger) = station.and_then(|station| station.ledger.as_mut()) {
            ledger.ways.uplink = Uplink::default();
            self.estimated = ALL;
        }
    }

    /// What was sent to somebody lately did not reach them, or nothing of theirs came. It may be their line that lost what they
    /// tell: what was known of it holds.
    fn missed(&mut self, now: Moment, seat: Seat) {
        self.call.missed(now, seat);
        if let Some(station) = self.stations.get_mut(seat.index()) {
            station.touched = true;
        }
    }

    fn carry_out_all(&mut self, out: &mut Outside<'_>) {
        while let Some(output) = self.call.poll_output() {
            self.carry_out(output, out);
        }
    }

    fn carry_out(&mut self, output: Output, out: &mut Outside<'_>) {
        match output {
            Output::KeyFrame {
                seat,
                source,
                layer,
            } => {
                if let Some(station) = self.stations.get_mut(seat.index())
                    && let Some(peer) = &mut station.peer
                {
                    peer.request_key_frame(source, layer);
                    station.touched = true;
                }
            }
            Output::Slots { seat, connection } => self.tell_slots(seat, connection, out),
            Output::Layers {
                seat,
                connection,
                layers,
            } => {
                if let Some(peer) = self.peer(seat).filter(|peer| peer.camera_layers() > 1) {
                    peer.set_highest(layers.iter().max());
                }
                self.tell_layers(seat, connection, layers, out);
            }
            Output::Redundancy {
                seat,
                connection,
                allowed,
            } => self.tell_redundancy(seat, connection, allowed, out),
            Output::Talk(talk) => self.tell_talk(talk, out),
            Output::Flow(flowing) => self.tell_flow(flowing, out),
            Output::Link {
                seat,
                connection,
                state,
            } => {
                if state == LinkState::Closed {
                    self.drop_peer(seat, out);
                }
                self.tell_link(seat, connection, state, out);
            }
        }
    }
}

#[cfg(test)]
mod tests;
