//! A call and its peers, as a worker hosts them.

use std::net::SocketAddr;
use std::time::Instant;

use vestibule_congestion::limits::MAX_BITRATE;
use vestibule_control::{Binding, CallPlan, FromSfu, LegState, OfferRefusal};
use vestibule_forwarding::limits::LEGS;
use vestibule_forwarding::{Call, Forwarded, LegId, LinkState, Output, Seat, Slot, Source};
use vestibule_vocab::CallId;

use super::demux::{Demux, Place};
use super::kept::Kept;
use super::reports::{Report, Reports};
use super::socket::Socket;
use super::stun;
use crate::addresses::Addresses;
use crate::counters::Counters;
use crate::limits::PROBES_PER_WAKE;
use crate::offer::{Offer, OfferError};
use crate::peer::{Datagram, Engine, Event, Packet, Peer, Piece, Probe};
use crate::tap::Tap;
use crate::time::Timeline;

/// What a call reaches of its worker.
pub(super) struct Outside<'a> {
    pub(super) now: Instant,
    pub(super) socket: &'a Socket,
    pub(super) addresses: &'a Addresses,
    pub(super) demux: &'a mut Demux,
    pub(super) reports: &'a Reports,
    pub(super) counters: &'a Counters,
    pub(super) timeline: Timeline,
    /// Where a datagram is written before it is sent.
    pub(super) buffer: &'a mut [u8],
    pub(super) tap: &'a dyn Tap,
}

pub(super) struct Hosted {
    id: CallId,
    /// Its place in the worker.
    index: usize,
    call: Call,
    stations: [Station; LEGS],
    due: Option<Instant>,
    /// What a line takes may be another than what the publishers know.
    estimated: bool,
}

/// What stands at a seat.
#[derive(Default)]
struct Station {
    /// Boxed: most seats of most calls are empty.
    peer: Option<Box<Peer>>,
    /// The peer's connection.
    connection: u32,
    /// The peer was connected.
    up: bool,
    /// Something was written or asked: the peer's timers are to run.
    touched: bool,
    /// What the leg published lately.
    kept: Kept,
    /// The last connection that was up and is closed. It cannot come back: its keys are gone.
    closed: Option<u32>,
}

impl Station {
    fn is_up(&self) -> bool {
        self.peer.as_ref().is_some_and(|peer| peer.is_up())
    }
}

impl Hosted {
    pub(super) fn new(id: CallId, index: usize) -> Self {
        Self {
            id,
            index,
            call: Call::default(),
            stations: Default::default(),
            due: None,
            estimated: false,
        }
    }

    pub(super) fn id(&self) -> CallId {
        self.id
    }

    /// Sets the call as it should be; peers whose legs are no longer planned are closed. A plan with too
    /// many legs changes nothing.
    pub(super) fn set_plan(&mut self, plan: &CallPlan, out: &mut Outside<'_>) {
        let mut removed = [false; LEGS];
        let now = out.timeline.moment(out.now);
        let noted = self.call.set_plan(now, &plan.legs, plan.open, |seat| {
            removed
                .iter_mut()
                .skip(seat.index())
                .take(1)
                .for_each(|gone| *gone = true);
        });
        if noted.is_err() {
            return;
        }
        for (seat, _) in Seat::ALL.into_iter().zip(removed).filter(|(_, gone)| *gone) {
            self.drop_peer(seat, out);
            if let Some(station) = self.stations.get_mut(seat.index()) {
                *station = Station::default();
            }
        }
    }

    /// Connects a leg's peer or restarts its ICE. A refusal leaves everything as it was.
    pub(super) fn offer(
        &mut self,
        leg: LegId,
        connection: u32,
        sdp: &str,
        engine: &Engine,
        out: &mut Outside<'_>,
    ) -> Result<String, (OfferRefusal, Option<OfferError>)> {
        let seat = self
            .call
            .seat_of(leg)
            .ok_or((OfferRefusal::UnknownLeg, None))?;
        let invalid = |error| (OfferRefusal::InvalidOffer, Some(error));
        let offer = Offer::parse(sdp).map_err(invalid)?;
        let station = self.stations.get(seat.index());
        if station.is_some_and(|station| station.closed == Some(connection)) {
            return Err(invalid(OfferError::OtherConnection));
        }
        if station.is_some_and(|station| station.peer.is_some() && station.connection == connection)
        {
            return self.restart(seat, &offer, out).map_err(invalid);
        }
        self.connect(seat, connection, offer, engine, out)
            .map_err(invalid)
    }

    /// Takes a datagram for a seat and forwards what was in it.
    pub(super) fn receive(
        &mut self,
        seat: Seat,
        from: SocketAddr,
        to: SocketAddr,
        datagram: &mut [u8],
        out: &mut Outside<'_>,
    ) {
        let Some(station) = self.stations.get_mut(seat.index()) else {
            return;
        };
        let Some(peer) = &mut station.peer else {
            return;
        };
        match peer.receive(out.now, (from, to), datagram) {
            Ok(Some((source, packet))) => self.forward(seat, source, &packet, out),
            Ok(None) => {}
            Err(dropped) => out.counters.dropped(dropped),
        }
        self.pump(seat, out);
    }

    /// Lets time pass for who is due.
    pub(super) fn handle_timeout(&mut self, out: &mut Outside<'_>) {
        for station in &mut self.stations {
            station.touched |= station
                .peer
                .as_mut()
                .and_then(|peer| peer.due())
                .is_some_and(|due| due <= out.now);
        }
        self.call.handle_timeout(out.timeline.moment(out.now));
    }

    /// Sends and tells all that is to be sent and told, until there is nothing more.
    pub(super) fn settle(&mut self, out: &mut Outside<'_>) {
        loop {
            while let Some(output) = self.call.poll_output() {
                self.carry_out(output, out);
            }
            if std::mem::take(&mut self.estimated) {
                self.limit_publishers(out);
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
        let peers = self.stations.iter_mut();
        let peers = peers.filter_map(|station| station.peer.as_mut()?.due());
        let call = self
            .call
            .next_timeout()
            .and_then(|moment| out.timeline.instant(moment));
        self.due = peers.chain(call).min();
    }

    /// When [`Self::handle_timeout`] is to be called next, as of the last [`Self::settle`].
    pub(super) fn due(&self) -> Option<Instant> {
        self.due
    }

    /// Tells everything, as to a signaling process that knows nothing yet.
    pub(super) fn tell_all(&self, out: &Outside<'_>) {
        for seat in Seat::ALL {
            let Some((connection, state)) = self.call.link(seat) else {
                continue;
            };
            if let Some(state) = state {
                self.tell_link(seat, connection, state, out);
            }
            self.tell_slots(seat, connection, out);
        }
    }

    /// Closes all peers.
    pub(super) fn close(&mut self, out: &mut Outside<'_>) {
        for seat in Seat::ALL {
            self.drop_peer(seat, out);
        }
    }

    fn peer(&mut self, seat: Seat) -> Option<&mut Peer> {
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

    fn restart(
        &mut self,
        seat: Seat,
        offer: &Offer,
        out: &mut Outside<'_>,
    ) -> Result<String, OfferError> {
        let place = self.place(seat);
        let peer = self.peer(seat).ok_or(OfferError::OtherConnection)?;
        let answer = peer.restart(out.now, offer)?;
        out.demux.rename(place, peer.ufrag().to_owned());
        self.pump(seat, out);
        Ok(answer)
    }

    fn connect(
        &mut self,
        seat: Seat,
        connection: u32,
        offer: Offer,
        engine: &Engine,
        out: &mut Outside<'_>,
    ) -> Result<String, OfferError> {
        let (peer, answer) = engine.connect(out.now, out.addresses.candidates(), offer)?;
        self.drop_peer(seat, out);
        out.demux.add(self.place(seat), peer.ufrag().to_owned());
        if let Some(station) = self.stations.get_mut(seat.index()) {
            *station = Station {
                peer: Some(Box::new(peer)),
                connection,
                up: false,
                touched: true,
                kept: Kept::default(),
                closed: station.closed,
            };
        }
        self.call
            .attach(out.timeline.moment(out.now), seat, connection);
        Ok(answer)
    }

    /// Carries out all that a peer has for the outside.
    fn pump(&mut self, seat: Seat, out: &mut Outside<'_>) {
        let now = out.timeline.moment(out.now);
        while let Some(event) = self.peer(seat).and_then(Peer::poll) {
            match event {
                Event::Transmit(transmit) => self.transmit(seat, &transmit, out),
                Event::Report(source, report) => self.call.sender_report(now, seat, source, report),
                Event::KeyFrame(slot) => self.call.request_key_frame(now, seat, slot),
                Event::Lost(slot, sequence) => self.send_again(seat, slot, sequence, out),
                Event::LostOnTheWay(slot, packets) => self.pass_on_loss(seat, slot, packets),
                Event::Estimated => {
                    self.estimated = true;
                    if let Some(station) = self.stations.get_mut(seat.index()) {
                        station.touched = true;
                    }
                }
                Event::Up => self.up(seat, out),
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
        out.socket.send(source, transmit.to, &transmit.bytes);
        // A peer answers a check only after it found it authentic.
        if stun::is_binding_success(&transmit.bytes) {
            out.demux.bind(self.place(seat), transmit.to);
            self.call.heard(out.timeline.moment(out.now), seat);
        }
    }

    fn forward(&mut self, from: Seat, source: Source, packet: &Packet<'_>, out: &mut Outside<'_>) {
        out.counters.packet_in();
        let now = out.timeline.moment(out.now);
        self.call.heard(now, from);
        let (id, view, marker) = (self.id, packet.view(), packet.marker);
        out.tap.received(id, (from, source), &view, marker);
        let stations = &mut self.stations;
        if self.call.is_open()
            && let Some(station) = stations.get_mut(from.index())
        {
            station.kept.store(now, source, packet);
        }
        self.call
            .forward(now, from, source, &view, |forwarded: Forwarded| {
                let station = stations.get_mut(forwarded.seat.index());
                let Some(peer) = station.and_then(|station| station.peer.as_mut()) else {
                    return;
                };
                out.tap.sent(id, &forwarded, &view, marker);
                if !peer.take(now, &forwarded, packet.payload.len()) {
                    return;
                }
                let piece = Piece::first(packet, &forwarded);
                if let Some(datagram) = peer.write(now, &piece, out.buffer) {
                    out.counters.packet_out();
                    send(datagram, out);
                }
            });
    }

    /// Sends a packet again that a client lacks, if it is still there and its turn is now.
    fn send_again(&mut self, seat: Seat, slot: Slot, sequence: u64, out: &mut Outside<'_>) {
        let now = out.timeline.moment(out.now);
        self.send_kept(seat, slot, sequence, out, |peer, piece, buffer| {
            let leaves = peer.take_again(now, piece);
            leaves.then(|| peer.write_again(now, piece, buffer))?
        });
    }

    /// Sends what waited for its turn.
    fn send_turns(&mut self, seat: Seat, out: &mut Outside<'_>) {
        let now = out.timeline.moment(out.now);
        while let Some((slot, sequence, again)) = self.peer(seat).and_then(|peer| peer.turn(now)) {
            self.send_kept(seat, slot, sequence, out, |peer, piece, buffer| {
                if again {
                    peer.write_again(now, piece, buffer)
                } else {
                    peer.write(now, piece, buffer)
                }
            });
        }
    }

    /// Sends what finds out how much more a client's line takes.
    fn send_probes(&mut self, seat: Seat, out: &mut Outside<'_>) {
        let now = out.timeline.moment(out.now);
        for _ in 0..PROBES_PER_WAKE {
            match self.peer(seat).and_then(|peer| peer.probe(now)) {
                None => return,
                Some(Probe::Repeat(slot, sequence)) => {
                    self.send_kept(seat, slot, sequence, out, |peer, piece, buffer| {
                        peer.write_again(now, piece, buffer)
                    });
                }
                Some(Probe::Padding(slot, bytes)) => {
                    let peer = self.peer(seat);
                    let written =
                        peer.and_then(|peer| peer.write_padding(now, slot, bytes, out.buffer));
                    if let Some(datagram) = written {
                        out.counters.packet_out();
                        send(datagram, out);
                    }
                }
            }
        }
    }

    /// Has a packet written that went through a slot, if it is still kept, and sends it.
    fn send_kept(
        &mut self,
        seat: Seat,
        slot: Slot,
        sequence: u64,
        out: &mut Outside<'_>,
        write: impl FnOnce(&mut Peer, &Piece<'_>, &mut [u8]) -> Option<Datagram>,
    ) {
        let now = out.timeline.moment(out.now);
        let Some(resend) = self.call.resend(seat, slot, sequence) else {
            return;
        };
        let places = [resend.from.index(), seat.index()];
        let Ok([publisher, receiver]) = self.stations.get_disjoint_mut(places) else {
            return;
        };
        let kept = &mut publisher.kept;
        let stored = kept.find(now, resend.source, resend.ssrc, resend.sequence);
        let Some((stored, peer)) = stored.zip(receiver.peer.as_mut()) else {
            return;
        };
        let (timestamp, vp8) = resend.numbers(stored.facts.timestamp, stored.payload);
        let piece = Piece {
            slot,
            sequence,
            timestamp,
            marker: stored.facts.marker,
            orientation: stored.facts.orientation,
            vp8,
            payload: stored.payload,
        };
        if let Some(datagram) = write(peer, &piece, out.buffer) {
            out.counters.packet_out();
            send(datagram, out);
        }
    }

    /// Tells a publisher what was lost on the way to one receiver: to several, it hears of the mean.
    fn pass_on_loss(&mut self, seat: Seat, slot: Slot, packets: u64) {
        let Some((publisher, source)) = self.call.publisher_of(seat, slot) else {
            return;
        };
        let up = self.stations.iter().filter(|it| it.is_up()).count() as u64;
        let receivers = up.saturating_sub(1).max(1);
        if let Some(peer) = self.peer(publisher) {
            peer.lost_beyond(source, packets / receivers);
        }
    }

    /// Tells each publisher what its receivers' lines take. What a line takes is shared evenly by those who come
    /// through it; who is received by several may send what the best line takes.
    fn limit_publishers(&mut self, out: &Outside<'_>) {
        let now = out.timeline.moment(out.now);
        let others = self.stations.iter().filter(|it| it.is_up()).count();
        let Some(others) = others.checked_sub(1).filter(|others| *others > 0) else {
            return;
        };
        for seat in Seat::ALL {
            let receivers = self.stations.iter().enumerate();
            let receivers = receivers.filter(|(index, it)| *index != seat.index() && it.is_up());
            let lines = receivers.map(|(_, it)| it.peer.as_ref().and_then(|peer| peer.target()));
            let most = lines.map(|line| line.unwrap_or(MAX_BITRATE)).max();
            let share = most.map(|most| most.times(1.0 / others as f64));
            let station = self.stations.get_mut(seat.index());
            if let Some((station, share)) = station.zip(share)
                && let Some(peer) = &mut station.peer
            {
                station.touched |= peer.set_limit(now, share);
            }
        }
    }

    fn send_reports(&mut self, seat: Seat, out: &mut Outside<'_>) {
        while let Some(peer) = self.peer(seat)
            && let Some(datagram) = peer.write_rtcp(out.now, out.buffer)
        {
            send(datagram, out);
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

    /// Ends a peer with a goodbye. The call is told by whoever had a reason.
    fn drop_peer(&mut self, seat: Seat, out: &mut Outside<'_>) {
        let place = self.place(seat);
        let Some(station) = self.stations.get_mut(seat.index()) else {
            return;
        };
        let Some(mut peer) = station.peer.take() else {
            return;
        };
        peer.close(out.now);
        while let Some(event) = peer.poll() {
            if let Event::Transmit(transmit) = event {
                let source = out.addresses.source_for(transmit.from);
                out.socket.send(source, transmit.to, &transmit.bytes);
            }
        }
        out.demux.remove(place);
        if std::mem::take(&mut station.up) {
            station.closed = Some(station.connection);
            out.counters.peer_down();
        }
    }

    fn carry_out(&mut self, output: Output, out: &mut Outside<'_>) {
        match output {
            Output::KeyFrame { seat, source } => {
                if let Some(station) = self.stations.get_mut(seat.index())
                    && let Some(peer) = &mut station.peer
                {
                    peer.request_key_frame(source);
                    station.touched = true;
                }
            }
            Output::Slots { seat, connection } => self.tell_slots(seat, connection, out),
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

    fn tell_link(&self, seat: Seat, connection: u32, state: LinkState, out: &Outside<'_>) {
        let Some(leg) = self.call.leg_id(seat) else {
            return;
        };
        out.reports.tell(Report::News(FromSfu::Leg {
            call: self.id,
            leg,
            connection,
            state: match state {
                LinkState::Connected => LegState::Connected,
                LinkState::Interrupted => LegState::Interrupted,
                LinkState::Closed => LegState::Closed,
            },
        }));
    }

    fn tell_slots(&self, seat: Seat, connection: u32, out: &Outside<'_>) {
        let peer = self
            .stations
            .get(seat.index())
            .and_then(|station| station.peer.as_ref());
        let Some((leg, peer)) = self.call.leg_id(seat).zip(peer) else {
            return;
        };
        let bindings = self.call.bindings(seat).filter_map(|bound| {
            Some(Binding {
                mid: peer.slot_mid(bound.slot)?,
                publisher: bound.publisher,
                source: bound.source,
            })
        });
        out.reports.tell(Report::News(FromSfu::Slots {
            call: self.id,
            leg,
            connection,
            bindings: bindings.collect(),
        }));
    }
}

fn send(datagram: Datagram, out: &Outside<'_>) {
    if let Some(contents) = out.buffer.get(..datagram.length) {
        let source = out.addresses.source_for(datagram.from);
        out.socket.send(source, datagram.to, contents);
    }
}
