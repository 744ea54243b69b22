//! What the lines of a call's people take, and who hears of it.

use vestibule_congestion::limits::MAX_BITRATE;
use vestibule_control::Watched;
use vestibule_forwarding::{LegId, Moment, Seat, Slot};

use super::{Hosted, Outside, Station};
use crate::worker::allotment::most_for;

impl Hosted {
    /// Sets how much of the others' pictures is of use to a leg; what is not named is shown as a whole.
    pub(in crate::worker) fn watch(&mut self, leg: LegId, connection: u32, pictures: &[Watched]) {
        let seat = self.call.seat_of(leg);
        let Some(station) = seat.and_then(|seat| self.stations.get_mut(seat.index())) else {
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
        station
            .allotment
            .watch(|slot| shown(slot).map(|it| it.layers));
        self.estimated = true;
    }

    /// Tells a publisher what was lost on the way to one receiver: to several, it hears of the mean.
    pub(super) fn pass_on_loss(&mut self, seat: Seat, slot: Slot, packets: u64) {
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
    pub(super) fn allot(&mut self, out: &Outside<'_>) {
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

    /// Whoever is received by nobody, or by somebody whose line is not known, sends what it likes: a browser that was
    /// told less would take seconds to find out that it may send more, when a page that was loaded anew is back.
    fn limit_publisher(&mut self, now: Moment, seat: Seat) {
        let others = Seat::ALL.into_iter().zip(&self.stations);
        let receivers = others.filter(|(other, it)| *other != seat && it.is_up());
        let known = |(_, it): (_, &Station)| it.peer.as_ref().is_some_and(|it| it.line().is_some());
        let most = if receivers.clone().count() > 0 && receivers.clone().all(known) {
            let receivers = receivers.map(|(other, it)| (other, &it.allotment));
            most_for(now, &self.call, seat, receivers)
        } else {
            MAX_BITRATE
        };
        if let Some(station) = self.stations.get_mut(seat.index())
            && let Some(peer) = &mut station.peer
        {
            station.touched |= peer.set_limit(now, most);
        }
    }
}
