//! A call and its peers, as a worker hosts them.

mod lines;
mod media;
mod telling;

use std::net::{IpAddr, SocketAddr};
use std::time::Instant;

use vestibule_congestion::Uplink;
use vestibule_control::{CallPlan, OfferRefusal};
use vestibule_forwarding::limits::LEGS;
use vestibule_forwarding::{Allotment, Call, Camera, LegId, LinkState, Moment, Output, Seat};
use vestibule_vocab::CallId;

use super::demux::{Demux, Place};
use super::ledger::Ledger;
use super::outbox::{Exit, Outbox, send_row};
use super::reports::Reports;
use super::socket::Row;
use super::stun;
use crate::addresses::Addresses;
use crate::counters::{Counter, Counters, In, Out, Reason};
use crate::offer::{Offer, OfferError};
use crate::peer::{Engine, Event, Leaves, Peer, Up, Way};
use crate::tap::Tap;
use crate::time::Timeline;

/// What a call reaches of its worker.
pub(super) struct Outside<'a> {
    pub(super) now: Instant,
    pub(super) exit: &'a dyn Exit,
    /// What leaves before the worker sleeps.
    pub(super) outbox: &'a mut Outbox,
    /// The worker does not keep up: nothing is sent again, nor asked for again.
    pub(super) behind: bool,
    pub(super) addresses: &'a Addresses,
    pub(super) demux: &'a mut Demux,
    pub(super) reports: &'a Reports,
    pub(super) counters: &'a Counters,
    pub(super) timeline: Timeline,
    pub(super) tap: &'a dyn Tap,
}

impl Outside<'_> {
    /// Sends a datagram, at the latest before the worker sleeps.
    fn send(&mut self, source: Option<IpAddr>, to: SocketAddr, contents: &[u8]) {
        let leave = |row: &Row<'_>| send_row(self.exit, self.counters, row);
        self.outbox.push(source, to, contents, leave);
    }

    /// Has a datagram written that goes this way, and sends it, at the latest before the worker sleeps; whether one was
    /// written.
    fn write(&mut self, way: Way, write: impl FnOnce(&mut [u8]) -> Option<usize>) -> bool {
        let source = self.addresses.source_for(way.from);
        let leave = |row: &Row<'_>| send_row(self.exit, self.counters, row);
        self.outbox.write(source, way.to, write, leave)
    }

    /// Counts a packet that does not leave, if it does not.
    fn stays(&self, leaves: Leaves) {
        if let Some(reason) = Reason::to_stay(leaves) {
            self.counters.dropped(reason);
        }
    }
}

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

/// Some of the seats.
type Seats = [bool; LEGS];

const ALL: Seats = [true; LEGS];

/// What stands at a seat. It is small: with each wake all five are looked through for something to do, and most are empty.
#[derive(Default)]
struct Station {
    peer: Option<Box<Peer>>,
    /// The peer's connection.
    connection: u32,
    /// How many layers its camera comes in.
    layers: usize,
    /// The peer was connected.
    up: bool,
    /// Something was written or asked: the peer's timers are to run.
    touched: bool,
    /// Since the first connection: an empty seat has none.
    ledger: Option<Box<Ledger>>,
    /// The last connection that was up and is closed. It cannot come back: its keys are gone.
    closed: Option<u32>,
}

impl Station {
    fn camera(&self) -> Camera {
        Camera {
            layers: self.layers,
            small: self
                .ledger
                .as_ref()
                .is_some_and(|it| it.ways.uplink.is_small()),
        }
    }

    fn is_up(&self) -> bool {
        self.peer.as_ref().is_some_and(|peer| peer.is_up())
    }

    /// What it gets of the others' pictures, once it is known what its line takes.
    fn allotment(&self) -> Option<&Allotment> {
        self.peer.as_ref()?.line()?;
        Some(&self.ledger.as_ref()?.ways.allotment)
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
            estimated: [false; LEGS],
            held: None,
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
            let estimated = std::mem::take(&mut self.estimated);
            if estimated.contains(&true) {
                self.allot(estimated, out);
                self.held = self.held_until();
            }
            while let Some(output) = self.call.poll_output() {
                self.carry_out(output, out);
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

    /// Closes all peers.
    pub(super) fn close(&mut self, out: &mut Outside<'_>) {
        self.call.hang_up(out.timeline.moment(out.now));
        while let Some(output) = self.call.poll_output() {
            if let Output::Talk(talk) = output {
                self.tell_talk(talk, out);
            }
        }
        for seat in Seat::ALL {
            self.drop_peer(seat, out);
        }
    }

    /// Forgets the peers after a panic, without a goodbye: nothing here is sure any more. Who was connected, or was
    /// about to be, is told that it is over.
    pub(super) fn abandon(&self, out: &mut Outside<'_>) {
        for (seat, station) in Seat::ALL.into_iter().zip(&self.stations) {
            out.demux.remove(self.place(seat));
            if station.up {
                out.counters.peer_down();
            }
            let unsent = station.peer.as_ref().map_or(0, |peer| peer.unsent());
            out.counters.all_dropped(Out::NoConnection, unsent as u64);
            if let Some((connection, state)) = self.call.link(seat)
                && state != Some(LinkState::Closed)
            {
                self.tell_link(seat, connection, LinkState::Closed, out);
            }
        }
    }

    /// What somebody's line takes may be another amount now.
    fn estimate(&mut self, seat: Seat) {
        if let Some(estimated) = self.estimated.get_mut(seat.index()) {
            *estimated = true;
        }
    }

    /// Has a leg's peer be up, whatever its handshakes are at.
    pub(super) fn bring_up(&mut self, leg: LegId, up: &Up, out: &mut Outside<'_>) {
        let Some(seat) = self.call.seat_of(leg) else {
            return;
        };
        if let Some(peer) = self.peer(seat) {
            peer.up(out.now, up);
            out.demux.bind(self.place(seat), up.remote);
            self.pump(seat, out);
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

    fn restart(
        &mut self,
        seat: Seat,
        offer: &Offer,
        out: &mut Outside<'_>,
    ) -> Result<String, OfferError> {
        let place = self.place(seat);
        let peer = self.peer(seat).ok_or(OfferError::OtherConnection)?;
        let answer = peer.restart(out.now, offer)?;
        let way = peer.way().map(|way| way.to);
        out.demux.rename(place, peer.ufrag().to_owned(), way);
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
        let (redundancy, layers) = (peer.redundancy(), peer.camera_layers());
        out.demux.add(self.place(seat), peer.ufrag().to_owned());
        if let Some(station) = self.stations.get_mut(seat.index()) {
            *station = Station {
                peer: Some(Box::new(peer)),
                connection,
                layers,
                up: false,
                touched: true,
                ledger: Some(Box::default()),
                closed: station.closed,
            };
        }
        self.call
            .attach(out.timeline.moment(out.now), seat, connection);
        self.call.set_redundancy(seat, redundancy);
        Ok(answer)
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
        let unsent = peer.unsent();
        if unsent > 0 {
            out.counters.all_dropped(Out::NoConnection, unsent as u64);
        }
        while let Some(event) = peer.poll() {
            if let Event::Transmit(transmit) = event {
                let source = out.addresses.source_for(transmit.from);
                out.send(source, transmit.to, &transmit.bytes);
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
