//! Offers on their way to the SFU and back, each within a time.

use std::collections::HashMap;

use tokio::time::Instant;
use vestibule_control::{OfferRefusal, ToSfu};
use vestibule_protocol::ErrorCode;
use vestibule_protocol::server::Reply;
use vestibule_vocab::{CallId, LegId, Redacted};

use super::event::Asker;
use crate::limits;

/// An offer that was authorised.
#[derive(Debug)]
pub(super) struct Offer {
    pub(super) asker: Asker,
    pub(super) call: CallId,
    pub(super) leg: LegId,
    pub(super) connection: u32,
    pub(super) sdp: Redacted<String>,
}

/// Offers that the SFU has not answered yet.
#[derive(Debug, Default)]
pub(super) struct Offers {
    last: u64,
    waiting: HashMap<u64, (Asker, Instant)>,
}

impl Offers {
    /// Numbers an offer and remembers who waits for it. Too many at once are refused.
    pub(super) fn send(&mut self, offer: Offer) -> Option<ToSfu> {
        if self.waiting.len() >= limits::OFFERS {
            offer.asker.refuse(ErrorCode::SfuUnavailable);
            return None;
        }
        self.last = self.last.wrapping_add(1);
        let deadline = Instant::now() + limits::OFFER;
        self.waiting.insert(self.last, (offer.asker, deadline));
        Some(ToSfu::Offer {
            request: self.last,
            call: offer.call,
            leg: offer.leg,
            connection: offer.connection,
            sdp: offer.sdp.into_exposed(),
        })
    }

    /// The SFU took an offer.
    pub(super) fn answered(&mut self, request: u64, sdp: String) {
        if let Some((asker, _)) = self.waiting.remove(&request) {
            let sdp = Redacted::new(sdp);
            asker.outbox.send(&asker.reply(Reply::Answer { sdp }));
        }
    }

    /// The SFU did not take an offer.
    pub(super) fn refused(&mut self, request: u64, reason: OfferRefusal) {
        if let Some((asker, _)) = self.waiting.remove(&request) {
            asker.refuse(code_of(reason));
        }
    }

    /// An offer did not reach the SFU.
    pub(super) fn undelivered(&mut self, request: u64) {
        if let Some((asker, _)) = self.waiting.remove(&request) {
            asker.refuse(ErrorCode::SfuUnavailable);
        }
    }

    /// The SFU is gone, and with it every answer.
    pub(super) fn refuse_all(&mut self) {
        for (_, (asker, _)) in self.waiting.drain() {
            asker.refuse(ErrorCode::SfuUnavailable);
        }
    }

    /// Gives up those that waited too long.
    pub(super) fn expire(&mut self) {
        let now = Instant::now();
        let expired = self.waiting.extract_if(|_, (_, deadline)| *deadline <= now);
        for (_, (asker, _)) in expired {
            asker.refuse(ErrorCode::SfuUnavailable);
        }
    }

    /// When [`Self::expire`] is next of use.
    pub(super) fn next_deadline(&self) -> Option<Instant> {
        self.waiting.values().map(|(_, deadline)| *deadline).min()
    }
}

/// A leg that we authorised and the SFU does not know was closed this moment; the next snapshot
/// says what to do.
fn code_of(reason: OfferRefusal) -> ErrorCode {
    match reason {
        OfferRefusal::UnknownLeg => ErrorCode::SfuUnavailable,
        OfferRefusal::InvalidOffer => ErrorCode::SdpInvalid,
        OfferRefusal::LimitReached => ErrorCode::LimitReached,
    }
}
