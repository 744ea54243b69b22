//! What the lines of a call's people take, and who hears of it.

use vestibule_congestion::{Bitrate, Told};
use vestibule_control::Watched;
use vestibule_forwarding::{LegId, Moment, Seat, Slot, Source, most_for};

use super::{ALL, Hosted, Outside, Seats, Station};

impl Hosted {
    /// Sets how much of the others' pictures is of use to a leg; what is not named is shown as a whole.
    pub(in crate::worker) fn watch(&mut self, leg: LegId, connection: u32, pictures: &[Watched]) {
        let seat = self.call.seat_of(leg);
        let Some(seat) = seat else { return };
        let Some(station) = self.stations.get_mut(seat.index()) else {
            return;
        };
        let peer = station.peer.as_ref();
        let Some(peer) = peer.filter(|_| station.connection == connection) else {
            return;
        };
        let shown = |slot| {
            let mid = peer.slot_mid(slot)?;
            pictures.iter().find(|it| it.mid == mid)
        };
        if let Some(ledger) = &mut station.ledger {
            let allotment = &mut ledger.ways.allotment;
            allotment.watch(|slot| shown(slot).map(|it| it.layers));
        }
        self.estimate(seat);
    }

    /// Learns from what somebody is told of what they sent.
    pub(super) fn note_told(&mut self, seat: Seat, told: Told, out: &Outside<'_>) {
        let now = out.timeline.moment(out.now);
        let Some(station) = self.stations.get_mut(seat.index()) else {
            return;
        };
        let Some(ledger) = &mut station.ledger else {
            return;
        };
        let uplink = &mut ledger.ways.uplink;
        if out.behind {
            // What is lost now may be lost by us.
            uplink.pause();
            return;
        }
        let come = self.call.bitrates(now, seat, Source::Camera);
        let come = come.into_iter().flatten().map(Bitrate::bps);
        let changes = uplink.note(now, told, come.fold(Bitrate::ZERO, Bitrate::plus));
        let (broken, doubtful) = (uplink.is_broken(now), uplink.is_doubtful());
        if let Some(peer) = station.peer.as_mut().filter(|_| broken || doubtful) {
            if broken {
                peer.break_down(now);
            } else {
                peer.suspect(now);
            }
            self.estimate(seat);
        }
        if changes {
            self.estimated = ALL;
        }
    }

    /// Tells a publisher what was lost on the way to one receiver: to several, it hears of the mean.
    pub(super) fn pass_on_loss(&mut self, seat: Seat, slot: Slot, packets: u64) {
        let Some((publisher, source)) = self.call.track_of(seat, slot) else {
            return;
        };
        let layer = self.call.layer(seat, slot).unwrap_or(0);
        let up = self.stations.iter().filter(|it| it.is_up()).count() as u64;
        let Some(station) = self.stations.get_mut(publisher.index()) else {
            return;
        };
        if let Some((peer, ledger)) = station.peer.as_mut().zip(station.ledger.as_mut()) {
            let mean = &mut ledger.lost_beyond;
            let share = mean.add((source, layer), packets, up.saturating_sub(1));
            peer.lost_beyond(source, layer, share);
        }
    }

    /// Decides anew what these receivers get, and tells each publisher what its receivers' lines take. While somebody's
    /// pictures are held back it is decided for all: who is sent nothing has nothing to report.
    pub(super) fn allot(&mut self, whose: Seats, out: &Outside<'_>) {
        let now = out.timeline.moment(out.now);
        let whose = if self.held.is_some() { ALL } else { whose };
        for (seat, _) in Seat::ALL.into_iter().zip(whose).filter(|(_, it)| *it) {
            self.allot_to(now, seat);
        }
        for seat in Seat::ALL {
            self.limit_publisher(now, seat);
        }
    }

    fn allot_to(&mut self, now: Moment, seat: Seat) {
        let cameras = self.stations.each_ref().map(Station::camera);
        let camera_of = |seat: Seat| cameras.get(seat.index()).copied().unwrap_or_default();
        let Some(station) = self.stations.get_mut(seat.index()) else {
            return;
        };
        let (Some(peer), Some(ledger)) = (&mut station.peer, &mut station.ledger) else {
            return;
        };
        let receiver = (&mut self.call, seat);
        if let Some(known) = peer.line() {
            if ledger.ways.allot(now, receiver, known, camera_of) {
                self.estimated = ALL;
            }
            peer.set_wanted(ledger.ways.allotment.wanted());
        } else {
            let allotment = &mut ledger.ways.allotment;
            allotment.update_untold(receiver, camera_of);
        }
    }

    /// Tells a publisher what the lines of those who are connected take of it.
    fn limit_publisher(&mut self, now: Moment, seat: Seat) {
        if self.peer(seat).is_none() {
            return;
        }
        let others = Seat::ALL.into_iter().zip(&self.stations);
        let receivers = others.filter(|(other, it)| *other != seat && it.is_up());
        let receivers = receivers.map(|(other, it)| (other, it.allotment()));
        let most = most_for(now, &self.call, seat, receivers);
        if let Some(station) = self.stations.get_mut(seat.index())
            && let Some(peer) = &mut station.peer
        {
            station.touched |= peer.set_limit(now, most);
        }
    }
}
