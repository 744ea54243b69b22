//! The steps of a packet's way that stand alone: whoever measures the SFU measures these, and no copy of them.
//!
//! A worker takes datagrams from its [`Socket`] into an [`Inbox`], and its [`Demux`] finds the peer that each is for.
//! All steps between are crates of their own: `vestibule-srtp`, `vestibule-rtp`, `vestibule-forwarding`,
//! `vestibule-congestion`.

pub use crate::worker::{Datagram, Demux, Inbox, Outbox, Place, Row, Socket};
