//! A call and its peers, as a worker hosts them.

use std::net::{IpAddr, SocketAddr};
use std::time::Instant;

use vestibule_congestion::limits::MAX_BITRATE;
use vestibule_control::{Binding, CallPlan, FromSfu, LegState, OfferRefusal};
use vestibule_forwarding::limits::LEGS;
use vestibule_forwarding::{
    Call, Forwarded, Layers, LegId, LinkState, Moment, Output, Seat, Slot, Source,
};
use vestibule_vocab::CallId;

use super::allotment::{Allotment, most_for};
use super::demux::{Demux, Place};
use super::kept::Kept;
use super::reports::{Report, Reports};
use super::socket::Socket;
use super::stun;
use crate::addresses::Addresses;
use crate::counters::{Counter, Counters, In, Out, Reason};
use crate::limits::PROBES_PER_WAKE;
use crate::offer::{Offer, OfferError};
use crate::peer::{Datagram, Engine, Event, Leaves, Packet, Peer, Piece, Probe};
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

impl Outside<'_> {
    fn send(&self, source: Option<IpAddr>, to: SocketAddr, contents: &[u8]) {
        if self.socket.send(source, to, contents) {
            self.counters.datagram_out(contents.len());
        } else {
            self.counters.dropped(Out::SendFailed);
        }
    }

    /// Counts a packet that does not leave, if it does not.
    fn stays(&self, leaves: Leaves) {
        if let Some(reason) = Reason::to_stay(leaves) {
            self.counters.dropped(reason);
        }
    }
}

/// How a packet goes that is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Going {
    /// It waited for its turn.
    First,
    /// It was asked for again.
    Asked,
    /// It was asked for again, and waited for its turn.
    Again,
    /// It probes the line.
    Probe,
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
    /// What the leg gets of the others' pictures.
    allotment: Allotment,
    /// The last connection that was up and is closed. It cannot come back: its keys are gone.
    closed: Option<u32>,
}

impl Station {
    fn is_up(&self) -> bool {
        self.peer.as_ref().is_some_and(|peer| peer.is_up())
    }

    fn camera_layers(&self) -> usize {
        self.peer.as_ref().map_or(1, |peer| peer.camera_layers())
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
                self.allot(out);
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
            self.tell_layers(seat, connection, self.call.wanted_layers(seat), out);
        }
    }

    /// Closes all peers.
    pub(super) fn close(&mut self, out: &mut Outside<'_>) {
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
            if let Some((connection, state)) = self.call.link(seat)
                && state != Some(LinkState::Closed)
            {
                self.tell_link(seat, connection, LinkState::Closed, out);
            }
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
                allotment: Allotment::default(),
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
                Event::KeyFrame(slot) => {
                    out.counters.count(Counter::KeyFramesAsked);
                    self.call.request_key_frame(now, seat, slot);
                }
                Event::Broken(source, layer) => self.call.lost_picture(now, seat, source, layer),
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
        out.send(source, transmit.to, &transmit.bytes);
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
                let leaves = peer.take(now, &forwarded, packet.payload.len());
                if leaves != Leaves::Now {
                    out.stays(leaves);
                    return;
                }
                let piece = Piece::first(packet, &forwarded);
                let written = peer.write(now, &piece, out.buffer);
                send_packet(written, out);
            });
    }

    /// Sends a packet again that a client lacks, if it is still there and its turn is now.
    fn send_again(&mut self, seat: Seat, slot: Slot, sequence: u64, out: &mut Outside<'_>) {
        out.counters.count(Counter::RetransmissionsAsked);
        let leaves = self.send_kept(seat, slot, sequence, Going::Asked, out);
        if !matches!(leaves, Leaves::Now | Leaves::Later) {
            out.counters.count(Counter::RetransmissionsRefused);
        }
    }

    /// Sends what waited for its turn.
    fn send_turns(&mut self, seat: Seat, out: &mut Outside<'_>) {
        let now = out.timeline.moment(out.now);
        while let Some((slot, sequence, again)) = self.peer(seat).and_then(|peer| peer.turn(now)) {
            let going = if again { Going::Again } else { Going::First };
            self.send_kept(seat, slot, sequence, going, out);
        }
    }

    /// Sends what finds out how much more a client's line takes.
    fn send_probes(&mut self, seat: Seat, out: &mut Outside<'_>) {
        let now = out.timeline.moment(out.now);
        for _ in 0..PROBES_PER_WAKE {
            match self.peer(seat).and_then(|peer| peer.probe(now)) {
                None => return,
                Some(Probe::Repeat(slot, sequence)) => {
                    self.send_kept(seat, slot, sequence, Going::Probe, out);
                }
                Some(Probe::Padding(slot, bytes)) => {
                    let peer = self.peer(seat);
                    let written =
                        peer.and_then(|peer| peer.write_padding(now, slot, bytes, out.buffer));
                    send_packet(written, out);
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
        going: Going,
        out: &mut Outside<'_>,
    ) -> Leaves {
        let now = out.timeline.moment(out.now);
        let Some((piece, peer)) = self.find_kept(now, seat, slot, sequence) else {
            out.counters.dropped(Out::HistoryMissing);
            return Leaves::NoConnection;
        };
        if going == Going::Asked {
            let leaves = peer.take_again(now, &piece);
            if leaves != Leaves::Now {
                out.stays(leaves);
                return leaves;
            }
        }
        let written = match going {
            Going::First => peer.write(now, &piece, out.buffer),
            Going::Asked | Going::Again | Going::Probe => peer.write_again(now, &piece, out.buffer),
        };
        if matches!(going, Going::Asked | Going::Again) && written.is_some() {
            out.counters.count(Counter::RetransmissionsSent);
        }
        send_packet(written, out);
        Leaves::Now
    }

    /// A packet that went through a slot, with the numbers that it has there, and the peer that it is for.
    fn find_kept(
        &mut self,
        now: Moment,
        seat: Seat,
        slot: Slot,
        sequence: u64,
    ) -> Option<(Piece<'_>, &mut Peer)> {
        let resend = self.call.resend(seat, slot, sequence)?;
        let places = [resend.from.index(), seat.index()];
        let [publisher, receiver] = self.stations.get_disjoint_mut(places).ok()?;
        let kept = &mut publisher.kept;
        let stored = kept.find(now, resend.source, resend.ssrc, resend.sequence)?;
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
        Some((piece, receiver.peer.as_deref_mut()?))
    }

    /// Tells a publisher what was lost on the way to one receiver: to several, it hears of the mean.
    fn pass_on_loss(&mut self, seat: Seat, slot: Slot, packets: u64) {
        let Some((publisher, source)) = self.call.track_of(seat, slot) else {
            return;
        };
        let layer = self.call.layer(seat, slot).unwrap_or(0);
        let up = self.stations.iter().filter(|it| it.is_up()).count() as u64;
        let receivers = up.saturating_sub(1).max(1);
        if let Some(peer) = self.peer(publisher) {
            peer.lost_beyond(source, layer, packets / receivers);
        }
    }

    /// Decides anew what each receiver gets, and tells each publisher what its receivers' lines take.
    fn allot(&mut self, out: &Outside<'_>) {
        let now = out.timeline.moment(out.now);
        let layers = self.stations.each_ref().map(Station::camera_layers);
        let layers_of = |seat: Seat| layers.get(seat.index()).copied().unwrap_or(1);
        for seat in Seat::ALL {
            let Some(station) = self.stations.get_mut(seat.index()) else {
                continue;
            };
            if let Some(known) = station.peer.as_ref().and_then(|peer| peer.line()) {
                let receiver = (&mut self.call, seat);
                station.allotment.update(now, receiver, known, layers_of);
                let wanted = station.allotment.wanted();
                if let Some(peer) = &mut station.peer {
                    peer.set_wanted(wanted);
                }
            }
        }
        for seat in Seat::ALL {
            self.limit_publisher(now, seat);
        }
    }

    /// While the line of one of its receivers is not known, a publisher sends what it likes.
    fn limit_publisher(&mut self, now: Moment, seat: Seat) {
        let others = Seat::ALL.into_iter().zip(&self.stations);
        let receivers = others.filter(|(other, it)| *other != seat && it.is_up());
        let unknown = receivers
            .clone()
            .any(|(_, it)| it.peer.as_ref().is_some_and(|peer| peer.line().is_none()));
        let most = if unknown {
            MAX_BITRATE
        } else {
            let receivers = receivers.map(|(other, it)| (other, &it.allotment));
            most_for(&self.call, seat, receivers)
        };
        if let Some(station) = self.stations.get_mut(seat.index())
            && let Some(peer) = &mut station.peer
        {
            station.touched |= peer.set_limit(now, most);
        }
    }

    fn send_reports(&mut self, seat: Seat, out: &mut Outside<'_>) {
        while let Some(peer) = self.peer(seat)
            && let Some(datagram) = peer.write_rtcp(out.now, out.buffer)
        {
            send(datagram, out);
        }
        self.pump(seat, out);
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
                    out.counters.count(Counter::KeyFramesRequested);
                    peer.request_key_frame(source, layer);
                    station.touched = true;
                }
            }
            Output::Slots { seat, connection } => self.tell_slots(seat, connection, out),
            Output::Layers {
                seat,
                connection,
                layers,
            } => self.tell_layers(seat, connection, layers, out),
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

impl Hosted {
    /// Tells which layers of a leg's camera are wanted, if it has several. The highest stands for those above it.
    fn tell_layers(&self, seat: Seat, connection: u32, wanted: Layers, out: &Outside<'_>) {
        let station = self.stations.get(seat.index());
        let peer = station.and_then(|station| station.peer.as_ref());
        let Some((leg, peer)) = self.call.leg_id(seat).zip(peer) else {
            return;
        };
        let Some(top @ 1..) = peer.camera_layers().checked_sub(1) else {
            return;
        };
        let top = u8::try_from(top).unwrap_or(u8::MAX);
        let layers: Layers = wanted.iter().map(|layer| layer.min(top)).collect();
        out.reports.tell(Report::News(FromSfu::Layers {
            call: self.id,
            leg,
            connection,
            layers: layers.iter().collect(),
        }));
    }
}

/// Sends a packet of a track, if it could be written.
fn send_packet(written: Option<Datagram>, out: &Outside<'_>) {
    match written {
        Some(datagram) => {
            out.counters.packet_out();
            send(datagram, out);
        }
        None => out.counters.dropped(Out::NotWritten),
    }
}

fn send(datagram: Datagram, out: &Outside<'_>) {
    if let Some(contents) = out.buffer.get(..datagram.length) {
        let source = out.addresses.source_for(datagram.from);
        out.send(source, datagram.to, contents);
    }
}
