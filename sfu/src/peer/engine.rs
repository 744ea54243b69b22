//! How a peer begins: by an offer and its answer, and anew by another.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::Instant;

use vestibule_forwarding::limits::SLOTS;
use vestibule_handshake::{Certificate, Credentials, Fingerprint, Handshake, Role};

use super::Peer;
use crate::offer::{Local, Offer, OfferError, SlotSsrcs};
use crate::time::Timeline;

/// What all peers of a process share: one certificate, so that none is made while somebody waits to be connected.
#[derive(Clone)]
pub(crate) struct Engine {
    certificate: Certificate,
    timeline: Timeline,
}

/// The engine could not make its certificate.
#[derive(Debug, thiserror::Error)]
#[error("no DTLS certificate could be made")]
pub(crate) struct EngineError;

/// What the answer told, and an ICE restart tells again.
pub(super) struct Answer {
    pub(super) ice: Credentials,
    fingerprint: Fingerprint,
    candidates: Vec<SocketAddr>,
    pub(super) slots: [SlotSsrcs; SLOTS],
}

impl Engine {
    pub(crate) fn new(timeline: Timeline) -> Result<Self, EngineError> {
        let certificate = Certificate::generate().map_err(|_| EngineError)?;
        Ok(Self {
            certificate,
            timeline,
        })
    }

    /// Makes a peer of a client's first offer on a connection, and the answer to it.
    pub(crate) fn connect(
        &self,
        now: Instant,
        candidates: &[SocketAddr],
        offer: Offer,
    ) -> Result<(Peer, String), OfferError> {
        let answer = Answer {
            ice: credentials()?,
            fingerprint: self.certificate.fingerprint(),
            candidates: candidates.to_vec(),
            slots: offer.slot_ssrcs(random)?,
        };
        let handshake = Handshake::new(
            now,
            Role::Server,
            candidates,
            (answer.ice.clone(), offer.ice.clone()),
            &self.certificate,
            offer.fingerprint,
        );
        let mut handshake = handshake.map_err(|_| OfferError::Engine)?;
        let peer = Peer {
            handshake_due: handshake.next_timeout(),
            handshake,
            offer,
            answer,
            media: None,
            timeline: self.timeline,
            events: VecDeque::new(),
            highest: Some(u8::MAX),
            down: false,
            unsent: 0,
        };
        let sdp = peer.sdp();
        Ok((peer, sdp))
    }
}

impl Peer {
    /// Takes a further offer on the same connection: an ICE restart, or the same offer again.
    pub(crate) fn restart(&mut self, now: Instant, offer: &Offer) -> Result<String, OfferError> {
        let applied = self.offer.restarted_by(offer)?;
        if applied.ice != self.offer.ice {
            self.answer.ice = credentials()?;
            let credentials = (self.answer.ice.clone(), applied.ice.clone());
            self.handshake.restart(now, credentials);
            self.collect(now);
        }
        self.offer = applied;
        Ok(self.sdp())
    }

    fn sdp(&self) -> String {
        self.offer.answer(&Local {
            ice: &self.answer.ice,
            fingerprint: self.answer.fingerprint,
            candidates: &self.answer.candidates,
            slots: &self.answer.slots,
        })
    }
}

fn credentials() -> Result<Credentials, OfferError> {
    Credentials::random().map_err(|_| OfferError::Engine)
}

fn random() -> Result<u32, OfferError> {
    getrandom::u32().map_err(|_| OfferError::Engine)
}
