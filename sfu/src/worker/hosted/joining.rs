//! Who is in a call: planned, connected, connected anew, and gone.

use vestibule_control::{CallPlan, OfferRefusal};
use vestibule_forwarding::limits::LEGS;
use vestibule_forwarding::{LegId, LinkState, Output, Seat};

use super::station::{ALL, Station};
use super::{Hosted, Outside};
use crate::counters::Out;
use crate::offer::{Offer, OfferError};
use crate::peer::{Engine, Event, Up};

impl Hosted {
    /// Sets the call as it should be; peers whose legs are no longer planned are closed. A plan with too
    /// many legs changes nothing.
    pub(in crate::worker) fn set_plan(&mut self, plan: &CallPlan, out: &mut Outside<'_>) {
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
    pub(in crate::worker) fn offer(
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

    /// Closes all peers.
    pub(in crate::worker) fn close(&mut self, out: &mut Outside<'_>) {
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
    pub(in crate::worker) fn abandon(&self, out: &mut Outside<'_>) {
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

    /// Has a leg's peer be up, whatever its handshakes are at.
    pub(in crate::worker) fn bring_up(&mut self, leg: LegId, up: &Up, out: &mut Outside<'_>) {
        let Some(seat) = self.call.seat_of(leg) else {
            return;
        };
        if let Some(peer) = self.peer(seat) {
            peer.up(out.now, up);
            out.demux.bind(self.place(seat), up.remote);
            self.pump(seat, out);
        }
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

    /// Ends a peer with a goodbye. The call is told by whoever had a reason.
    pub(super) fn drop_peer(&mut self, seat: Seat, out: &mut Outside<'_>) {
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
            // What others were told to send at most was for this line as well.
            self.estimated = ALL;
        }
    }
}
