//! What fuzz targets reach of the readers of bytes and text that come from outside. It is no part of the interface.

mod call;

use vestibule_handshake::{Certificate, Credentials};

use crate::offer::{Local, Offer};
use crate::worker::requested_fragment;

pub use call::Call;

/// What an offer is answered with by an SFU without addresses; `None` when it is refused. An offer that is taken is
/// also an ICE restart of the connection that it began.
#[must_use]
pub fn answer(certificate: &Certificate, sdp: &str) -> Option<String> {
    let offer = Offer::parse(sdp).ok()?;
    let mut ssrcs = 0;
    let slots = offer.slot_ssrcs(|| {
        ssrcs += 1;
        Ok(ssrcs)
    });
    let offer = offer.restarted_by(&offer).ok()?;
    Some(offer.answer(&Local {
        ice: &Credentials::random().ok()?,
        fingerprint: certificate.fingerprint(),
        candidates: &[],
        slots: &slots.ok()?,
    }))
}

/// The fragment of ours that a STUN binding request names.
#[must_use]
pub fn fragment(datagram: &[u8]) -> Option<&str> {
    requested_fragment(datagram)
}
