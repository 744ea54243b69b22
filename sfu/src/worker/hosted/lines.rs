//! What the lines of a call's people take, and who hears of it.

use vestibule_congestion::limits::MAX_BITRATE;
use vestibule_forwarding::{Moment, Seat, Slot};

use super::{Hosted, Outside, Station};
use crate::worker::allotment::most_for;

impl Hosted {
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
}
