//! Sans-IO media forwarding: who gets which packet, and with which numbers.
//!
//! A [`Call`] has up to [`limits::LEGS`] legs. Each leg publishes at most three tracks, one per
//! [`Source`], and receives through slots that were agreed when it connected: an audio and a video slot
//! for each of four others, and one video slot for somebody's screen. Who flows through which slot
//! is decided here and told by [`Output::Slots`]; nothing is ever renegotiated.
//!
//! [`Call::forward`] is the hot path: one call for each packet that arrives, one [`Forwarded`] for each
//! leg that gets it, no allocation. The payload is opaque but for the VP8 payload descriptor
//! (RFC 7741) and the key-frame bit behind it, which the sender leaves clear.
//!
//! A camera comes in up to [`limits::LAYERS`] layers, each a stream of its own. A receiver gets one of them
//! ([`Call::set_layer`]), and sees one unbroken stream while it goes from one to another, at key frames only. Which one that is
//! an [`Allotment`] decides for each receiver by what its line takes ([`vestibule_congestion`]), and [`most_for`] what a publisher
//! may send for all of them.
//!
//! There is no socket, no clock and no randomness in here: time is the [`Moment`] that is passed in.

mod allotment;
mod call;
mod clock;
mod forward;
mod key_frames;
mod layers;
mod leg;
pub mod limits;
mod mean;
mod meter;
mod redundancy;
mod resend;
mod seat;
mod subscription;
mod talk;
mod track;
pub mod vp8;
mod window;

pub use allotment::{Allotment, BothWays, Camera, most_for};
pub use call::{Call, Output, TooManyLegs};
pub use clock::SenderReport;
pub use forward::{Fate, Forwarded, Packet, Unforwarded};
pub use layers::Layers;
pub use leg::{Binding, LinkState};
pub use mean::MeanLoss;
pub use resend::Resend;
pub use seat::{Seat, Slot};
pub use subscription::Skip;
pub use talk::{Flow, Flowing, Talk};
pub use vestibule_vocab::{LegId, Moment, Source};
