//! Keeps the leg of the snapshot connected: when to make a connection, when to give it up for another.
//!
//! A connection that fails is replaced and not repaired: the number of the new one tells the SFU so. A lost
//! signaling socket never touches a connection; it only means that nothing can be offered.

use std::collections::HashMap;
use std::net::IpAddr;
use std::time::Instant;

use tokio::net::UdpSocket;
use tokio::sync::mpsc;
use vestibule_protocol::client::Request;
use vestibule_protocol::server::{Leg, Reply, Slot};
use vestibule_vocab::{LegId, Redacted};
use webrtc::peer_connection::RTCPeerConnectionState;

use crate::Error;
use crate::group::{Backoff, Outcome};
use crate::limits::{CONNECTING, PEER_RETRY};
use crate::media::{Media, Peer, PeerEvent, Shared, random_number};
use vestibule_frames::Binding;

struct Connection {
    leg: LegId,
    number: u32,
    peer: Peer,
    up: bool,
    /// When it is given up, if it is not up by then.
    deadline: Option<Instant>,
}

pub(super) struct Calls {
    wanted: Option<LegId>,
    connection: Option<Connection>,
    backoff: Backoff,
    /// May come before the answer that they belong to.
    slots: Option<(u32, Vec<Slot>)>,
    shared: Shared,
    events: mpsc::Sender<PeerEvent>,
}

impl Calls {
    pub(super) fn new(shared: Shared, events: mpsc::Sender<PeerEvent>) -> Self {
        Self {
            wanted: None,
            connection: None,
            backoff: Backoff::new(PEER_RETRY),
            slots: None,
            shared,
            events,
        }
    }

    pub(super) fn is_up(&self) -> bool {
        self.connection.as_ref().is_some_and(|it| it.up)
    }

    /// The leg of the newest snapshot.
    pub(super) async fn want(&mut self, leg: Option<&Leg>) {
        let wanted = leg.map(|leg| leg.leg);
        if wanted != self.wanted {
            self.backoff.succeed();
        }
        self.wanted = wanted;
        let present = self.connection.as_ref().map(|it| it.leg);
        if present.is_some() && present != wanted {
            self.close().await;
        }
    }

    /// Makes the connection that is wanted, if there is none, and its offer. To be called when online.
    pub(super) async fn advance(
        &mut self,
        authority: &str,
        media: &Media,
        now: Instant,
    ) -> Option<(u32, Request)> {
        self.give_up(now).await;
        let leg = self.wanted?;
        if self.connection.is_some() || self.backoff.blocks(now) {
            return None;
        }
        match self.open(leg, authority, media).await {
            Ok((number, sdp)) => {
                let sdp = Redacted::new(sdp);
                let connection = number;
                Some((
                    number,
                    Request::Offer {
                        leg,
                        connection,
                        sdp,
                    },
                ))
            }
            Err(error) => {
                tracing::warn!(%error, "no connection could be offered");
                self.backoff.fail(now, None);
                None
            }
        }
    }

    /// What became of an offer.
    pub(super) async fn offered(&mut self, number: u32, outcome: Outcome, now: Instant) {
        let Some(connection) = self.connection.as_mut().filter(|it| it.number == number) else {
            return;
        };
        let retry_after = match outcome {
            Ok(Reply::Answer { sdp }) => {
                connection.deadline.get_or_insert(now + CONNECTING);
                let answered = connection.peer.answer(sdp.into_exposed()).await;
                let Err(error) = answered else {
                    return;
                };
                tracing::warn!(%error, "the answer could not be taken");
                None
            }
            Ok(_) => None,
            Err(failure) => failure.retry_after,
        };
        self.close().await;
        self.backoff.fail(now, retry_after);
    }

    /// A connection came to another state.
    pub(super) async fn changed(&mut self, event: &PeerEvent, now: Instant) {
        let number = event.connection;
        let Some(connection) = self.connection.as_mut().filter(|it| it.number == number) else {
            return;
        };
        #[expect(
            clippy::wildcard_enum_match_arm,
            reason = "the library's states may grow; all others are on the way to one of these"
        )]
        match event.state {
            RTCPeerConnectionState::Connected => {
                connection.up = true;
                connection.deadline = None;
                self.backoff.succeed();
            }
            // It often mends itself after a moment.
            RTCPeerConnectionState::Disconnected => {
                connection.up = false;
                connection.deadline.get_or_insert(now + CONNECTING);
            }
            RTCPeerConnectionState::Failed | RTCPeerConnectionState::Closed => {
                self.close().await;
                self.backoff.fail(now, None);
            }
            _ => {}
        }
    }

    /// Whose tracks come by which slots.
    pub(super) fn told(&mut self, connection: u32, slots: Vec<Slot>) {
        self.slots = Some((connection, slots));
        self.bind();
    }

    /// When `advance` has something to do by itself.
    pub(super) fn wake_at(&self) -> Option<Instant> {
        match &self.connection {
            Some(connection) => connection.deadline,
            None => self.wanted.and(self.backoff.until()),
        }
    }

    pub(super) async fn close(&mut self) {
        self.shared.bindings.set(HashMap::new());
        if let Some(connection) = self.connection.take() {
            connection.peer.close().await;
        }
    }

    async fn give_up(&mut self, now: Instant) {
        let late = self.connection.as_ref().and_then(|it| it.deadline);
        if late.is_some_and(|deadline| deadline <= now) {
            self.close().await;
        }
    }

    async fn open(
        &mut self,
        leg: LegId,
        authority: &str,
        media: &Media,
    ) -> Result<(u32, String), Error> {
        let number = random_number()?;
        let local = address_toward(authority).await?;
        let events = self.events.clone();
        let (peer, sdp) = Peer::offer(number, local, media, &self.shared, events).await?;
        self.connection = Some(Connection {
            leg,
            number,
            peer,
            up: false,
            deadline: None,
        });
        self.bind();
        Ok((number, sdp))
    }

    fn bind(&self) {
        let (Some(connection), Some((of, slots))) = (&self.connection, &self.slots) else {
            return;
        };
        if *of != connection.number {
            return;
        }
        let bound = slots.iter().map(|slot| {
            let binding = Binding {
                participant: slot.participant,
                source: slot.source,
            };
            (slot.mid.clone(), binding)
        });
        self.shared.bindings.set(bound.collect());
    }
}

/// The address by which this machine reaches the server: the SFU is reached by the same.
async fn address_toward(authority: &str) -> Result<IpAddr, Error> {
    let mut found = tokio::net::lookup_host(authority)
        .await
        .map_err(|_| Error::Network)?;
    let server = found.next().ok_or(Error::Network)?;
    let any = if server.is_ipv4() {
        "0.0.0.0:0"
    } else {
        "[::]:0"
    };
    let socket = UdpSocket::bind(any).await.map_err(|_| Error::Network)?;
    // Connecting sends nothing; it only asks the routing table.
    socket.connect(server).await.map_err(|_| Error::Network)?;
    Ok(socket.local_addr().map_err(|_| Error::Network)?.ip())
}
