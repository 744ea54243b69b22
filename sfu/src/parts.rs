//! A packet's way and the steps of it, for whoever measures the SFU: they measure these, and no copy of them.
//!
//! A worker takes datagrams from its [`Socket`] into an [`Inbox`], and hands each to its [`Relay`], which has no socket: a
//! [`Demux`] finds the peer that it is for, the peer opens it, the call forwards it, the peers that it goes to seal it, and an
//! [`Outbox`] has it leave. What else there is on the way are crates of their own: `vestibule-srtp`, `vestibule-rtp`,
//! `vestibule-forwarding`, `vestibule-congestion`.

use std::cell::RefCell;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use tokio::sync::mpsc::{Receiver, channel};
use vestibule_control::{CallPlan, FromSfu};
use vestibule_forwarding::{Forwarded, Packet};
use vestibule_vocab::{CallId, LegId, Source};

use crate::SfuConfig;
use crate::addresses::Addresses;
use crate::counters::Counters;
use crate::limits::REPORTS;
use crate::peer::{Engine, Leaves, Packet as Opened, Piece};
use crate::tap::NoTap;
use crate::time::Timeline;
use crate::worker::{self, Asked, Command, Report, Reports, Shared};
pub use crate::worker::{Datagram, Demux, Exit, Inbox, Outbox, Place, Row, Socket, Wake};

/// Keeps what leaves until whom it is for takes it.
#[derive(Debug, Default)]
pub struct Kept(RefCell<Vec<(SocketAddr, Vec<u8>)>>);

impl Kept {
    /// All that left since it was asked for last: whom each datagram is for, and the datagram.
    pub fn take(&self) -> Vec<(SocketAddr, Vec<u8>)> {
        self.0.take()
    }
}

impl Exit for Kept {
    fn send(&self, row: &Row<'_>, sent: &mut dyn FnMut(usize, bool)) {
        for datagram in row.datagrams() {
            self.0.borrow_mut().push((row.to, datagram.to_vec()));
            sent(datagram.len(), true);
        }
    }
}

/// A worker's relay, told by whoever holds it what a worker's thread tells it.
pub struct Relay {
    pub(crate) relay: worker::Relay,
    timeline: Timeline,
    pub(crate) told: Receiver<Report>,
}

impl Relay {
    /// A relay that clients reach at this address.
    ///
    /// # Errors
    /// When no certificate can be made.
    pub fn at(now: Instant, address: SocketAddr) -> io::Result<Self> {
        let timeline = Timeline::starting(now);
        let (sender, told) = channel(REPORTS);
        let shared = Shared {
            engine: Engine::new(timeline).map_err(io::Error::other)?,
            reports: Reports::new(sender, Arc::default()),
            timeline,
            tap: Arc::new(NoTap),
        };
        let addresses = Addresses::of_worker(&SfuConfig::default(), address, 0)?;
        Ok(Self {
            relay: worker::Relay::new(addresses, Arc::new(Counters::default()), shared),
            timeline,
            told,
        })
    }

    /// Opens a call of these legs.
    pub fn open(&mut self, wake: Wake<'_>, call: CallId, legs: &[LegId]) {
        self.plan(wake, call, (legs, true));
    }

    /// Has these legs and no others be in a call, which is open to media or is not.
    pub(crate) fn plan(&mut self, wake: Wake<'_>, call: CallId, (legs, open): (&[LegId], bool)) {
        let plan = CallPlan {
            call,
            legs: legs.to_vec(),
            open,
        };
        self.relay.obey(wake, Command::SetCall(plan));
    }

    /// Connects a leg by its offer: the answer, or nothing where it is refused.
    pub fn offer(
        &mut self,
        wake: Wake<'_>,
        call: CallId,
        leg: LegId,
        sdp: String,
    ) -> Option<String> {
        self.offer_on(wake, call, (leg, 1), sdp)
    }

    /// Connects a leg by an offer on a connection of this number.
    pub(crate) fn offer_on(
        &mut self,
        wake: Wake<'_>,
        call: CallId,
        (leg, connection): (LegId, u32),
        sdp: String,
    ) -> Option<String> {
        let offer = Command::Offer {
            asked: Asked {
                link: 1,
                request: 1,
            },
            call,
            leg,
            connection,
            sdp,
        };
        self.relay.obey(wake, offer);
        std::iter::from_fn(|| self.told.try_recv().ok()).find_map(|told| match told {
            Report::Reply {
                reply: FromSfu::Answer { sdp, .. },
                ..
            } => Some(sdp),
            Report::Reply { .. } | Report::News(_) | Report::Panicked(_) | Report::Ended => None,
        })
    }

    /// Hands a datagram to the peer that it is for.
    pub fn deliver(&mut self, wake: Wake<'_>, datagram: Datagram<'_>) {
        self.relay.deliver(wake, datagram);
    }

    /// Does what is due and has all leave, as before a worker sleeps.
    pub fn settle(&mut self, wake: Wake<'_>) {
        self.relay.settle(wake);
    }

    /// One step of [`Self::deliver`]: the peer at a place opens a packet of its client's, which came that way.
    pub fn open_packet<'d>(
        &mut self,
        now: Instant,
        place: Place,
        way: (SocketAddr, SocketAddr),
        datagram: &'d mut [u8],
    ) -> Option<(Source, Packet<'d>)> {
        let peer = self.relay.peer(place)?;
        let (source, packet) = peer.receive(now, way, datagram).ok()??;
        Some((source, packet.view()))
    }

    /// One step of [`Self::deliver`]: the peer at a place writes a packet that is forwarded to it, and seals it; its length,
    /// if it leaves now.
    pub fn seal_packet(
        &mut self,
        now: Instant,
        place: Place,
        forwarded: &Forwarded,
        packet: &Packet<'_>,
        buffer: &mut [u8],
    ) -> Option<usize> {
        let now = self.timeline.moment(now);
        let packet = opened(packet);
        let peer = self.relay.peer(place)?;
        let leaves = peer.take(now, forwarded, &packet);
        let piece = Piece::first(&packet, forwarded);
        let written = (leaves == Leaves::Now).then(|| peer.write(now, &piece, buffer));
        written.flatten()
    }
}

/// A packet as a peer hands it on, with nothing said of it but what the forwarding sees.
fn opened<'a>(packet: &Packet<'a>) -> Opened<'a> {
    Opened {
        ssrc: packet.ssrc,
        layer: packet.layer,
        sequence: packet.sequence,
        timestamp: packet.timestamp,
        marker: false,
        orientation: None,
        redundancy: None,
        payload: packet.payload,
    }
}
