//! What each fuzz target does with its bytes: one function for each border at which bytes come in from
//! somebody who may mean harm. It panics on what must not be; a fuzzer looks for bytes that make it.

#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "a panic is how a target says that it found something"
)]

mod call;
mod delivery;
mod handshake;
mod join_token;
mod rtcp;
mod rtp;
mod sdp;
mod sframe;
mod srtp;
mod stun;
mod vp8;
mod wire;

pub use call::call;
pub use delivery::{delivery, mls_framing};
pub use handshake::handshake;
pub use join_token::join_token;
pub use rtcp::rtcp;
pub use rtp::rtp;
pub use sdp::sdp;
pub use sframe::sframe;
pub use srtp::srtp;
pub use stun::stun;
pub use vp8::vp8;
pub use wire::{control, protocol};

/// A fuzz target by its name.
pub type Target = (&'static str, fn(&[u8]));

/// All targets, by the names of their folders in `fuzz/corpus`.
pub const TARGETS: &[Target] = &[
    ("call", call),
    ("control", control),
    ("delivery", delivery),
    ("handshake", handshake),
    ("join_token", join_token),
    ("mls_framing", mls_framing),
    ("protocol", protocol),
    ("rtcp", rtcp),
    ("rtp", rtp),
    ("sdp", sdp),
    ("sframe", sframe),
    ("srtp", srtp),
    ("stun", stun),
    ("vp8", vp8),
];
