//! A call whose people are up without handshakes: what there is to find is what they send under their keys.

use std::io;
use std::net::SocketAddr;
use std::time::Instant;

use vestibule_control::Watched;
use vestibule_handshake::Up;
use vestibule_vocab::{CallId, LegId};

use crate::parts::{Datagram, Relay, Wake};
use crate::worker::{Command, Report};

/// A call on a worker's relay.
pub struct Call {
    relay: Relay,
    id: CallId,
}

impl Call {
    /// Nobody is in it yet.
    ///
    /// # Errors
    /// When no certificate can be made.
    pub fn at(now: Instant, address: SocketAddr) -> io::Result<Self> {
        Ok(Self {
            relay: Relay::at(now, address)?,
            id: CallId::from_random(1),
        })
    }

    /// Has these legs and no others be in it, open to media or not.
    pub fn plan(&mut self, wake: Wake<'_>, legs: &[LegId], open: bool) {
        self.relay.plan(wake, self.id, (legs, open));
    }

    /// Connects a leg on a connection of this number, which is up at once: the answer.
    pub fn join(
        &mut self,
        wake: Wake<'_>,
        (leg, connection): (LegId, u32),
        sdp: String,
        up: &Up,
    ) -> Option<String> {
        let place = (leg, connection);
        let answer = self.relay.offer_on(wake, self.id, place, sdp)?;
        self.relay.relay.bring_up(wake, self.id, leg, up);
        Some(answer)
    }

    /// Says how much of the others' pictures is of use to a leg.
    pub fn watch(
        &mut self,
        wake: Wake<'_>,
        (leg, connection): (LegId, u32),
        pictures: Vec<Watched>,
    ) {
        let call = self.id;
        let watch = Command::Watch {
            call,
            leg,
            connection,
            pictures,
        };
        self.relay.relay.obey(wake, watch);
    }

    /// Hands a datagram to whom it is for.
    pub fn deliver(&mut self, wake: Wake<'_>, datagram: Datagram<'_>) {
        self.relay.deliver(wake, datagram);
    }

    /// Does what is due and has all leave, as before a worker sleeps: when it is to wake.
    pub fn settle(&mut self, wake: Wake<'_>) -> Option<Instant> {
        self.relay.settle(wake);
        self.relay.relay.next_timeout()
    }

    /// Where something panicked since it was asked for last.
    pub fn panicked(&mut self) -> Option<String> {
        let mut panicked = None;
        while let Ok(told) = self.relay.told.try_recv() {
            if let Report::Panicked(place) = told {
                panicked = Some(place);
            }
        }
        panicked
    }
}
