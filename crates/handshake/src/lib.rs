//! The handshakes of one connection: ICE finds the way and keeps consent, DTLS agrees on keys for SRTP.
//!
//! [`Handshake`] is told of datagrams and of time, and says what to send, that the connection is up (with the keys
//! for `vestibule_srtp`), that the other side moved, and that the connection is down. It has no sockets and reads
//! no clock. The libraries behind it are `is` for STUN and the full side of ICE, and `dimpl` for DTLS 1.2; nothing outside names them.

mod certificate;
mod dtls;
mod handshake;
mod ice;
pub mod limits;
mod lite;
mod random;
mod reach;

pub use certificate::{Certificate, CertificateError, Fingerprint};
pub use handshake::{Down, Handshake, Output, SetupError, Transmit, Unheard, Up};
pub use ice::{Credentials, Role};
pub use random::NoRandomness;
