//! What the control link is told of a call.

use std::time::Duration;

use vestibule_control::{Binding, FromSfu, LegState};
use vestibule_forwarding::{Flow, Flowing, Layers, LinkState, Seat, Talk};

use super::{Hosted, Outside};
use crate::worker::reports::Report;

impl Hosted {
    /// Tells everything, as to a signaling process that knows nothing yet.
    pub(in crate::worker) fn tell_all(&self, out: &Outside<'_>) {
        let talk = self.call.talk();
        if talk != Talk::default() {
            self.tell_talk(talk, out);
        }
        if let Some(flowing) = self.call.flowing() {
            self.tell_flow(flowing, out);
        }
        for seat in Seat::ALL {
            let Some((connection, state)) = self.call.link(seat) else {
                continue;
            };
            if let Some(state) = state {
                self.tell_link(seat, connection, state, out);
            }
            self.tell_slots(seat, connection, out);
            self.tell_layers(seat, connection, self.call.wanted_layers(seat), out);
            let allowed = self.call.may_send_redundancy(seat);
            self.tell_redundancy(seat, connection, allowed, out);
        }
    }

    /// Tells how long people saw or heard one another.
    pub(super) fn tell_talk(&self, talk: Talk, out: &Outside<'_>) {
        out.reports.tell(Report::News(FromSfu::Talk {
            call: self.id,
            talk: vestibule_control::Talk {
                video_ms: millis(talk.video),
                audio_ms: millis(talk.audio),
                neither_ms: millis(talk.neither),
            },
        }));
    }

    /// Tells what flows between people now.
    pub(super) fn tell_flow(&self, flowing: Flowing, out: &Outside<'_>) {
        out.reports.tell(Report::News(FromSfu::Flow {
            call: self.id,
            flow: match flowing.flow {
                Flow::Video => vestibule_control::Flow::Video,
                Flow::Audio => vestibule_control::Flow::Audio,
                Flow::Neither => vestibule_control::Flow::Neither,
            },
            lasts_ms: millis(flowing.lasts),
        }));
    }

    pub(super) fn tell_link(
        &self,
        seat: Seat,
        connection: u32,
        state: LinkState,
        out: &Outside<'_>,
    ) {
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

    pub(super) fn tell_slots(&self, seat: Seat, connection: u32, out: &Outside<'_>) {
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

    /// Tells which layers of a leg's camera are wanted, if it has several. The highest stands for those above it.
    pub(super) fn tell_layers(
        &self,
        seat: Seat,
        connection: u32,
        wanted: Layers,
        out: &Outside<'_>,
    ) {
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

    /// Tells whether a leg's sound may come with redundancy, if it has any.
    pub(super) fn tell_redundancy(
        &self,
        seat: Seat,
        connection: u32,
        allowed: bool,
        out: &Outside<'_>,
    ) {
        let station = self.stations.get(seat.index());
        let peer = station.and_then(|station| station.peer.as_ref());
        let Some((leg, peer)) = self.call.leg_id(seat).zip(peer) else {
            return;
        };
        if peer.redundancy().is_none() {
            return;
        }
        out.reports.tell(Report::News(FromSfu::Redundancy {
            call: self.id,
            leg,
            connection,
            allowed,
        }));
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
