//! SRTP and SRTCP (RFC 3711, RFC 7714) for one connection, packet by packet and in place.
//!
//! A DTLS handshake exports [`KeyingMaterial`] for the [`Profile`] that it agreed on. Of its two master keys
//! one makes the [`Inbound`] half, which opens what came, and the other the [`Outbound`] half, which
//! seals what goes:
//!
//! ```
//! use vestibule_srtp::{Inbound, KeyingMaterial, Outbound, Profile};
//!
//! let exported = [7; 56];
//! let keys = KeyingMaterial::split(Profile::AeadAes128Gcm, &exported)?;
//! let (mut client, mut server) = (Outbound::new(&keys.client)?, Inbound::new(&keys.client)?);
//!
//! let mut buffer = [0; 64];
//! let packet = [0x80, 111, 0, 9, 0, 0, 0, 0, 0, 0, 0, 1, b'h', b'i'];
//! buffer[..packet.len()].copy_from_slice(&packet);
//! let sealed = client.seal_rtp(&mut buffer, packet.len(), 9)?;
//!
//! let opened = server.open_rtp(&mut buffer[..sealed])?;
//! assert_eq!((opened.index, &buffer[opened.packet.payload]), (9, &b"hi"[..]));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Nothing here allocates per packet: memory is taken when a stream's first packet was found authentic, and
//! at most for [`limits::STREAMS`] of them. There is no input or output, no clock and no randomness.

mod bytes;
mod cipher;
mod derivation;
mod extension;
mod inbound;
mod keying;
pub mod limits;
mod outbound;
mod profile;
mod refusal;
mod rtcp;
mod rtp;
mod streams;
mod window;

pub use extension::{Elements, Extension, Form};
pub use inbound::{Inbound, Opened};
pub use keying::{KeyError, KeyingMaterial, MasterKey};
pub use outbound::Outbound;
pub use profile::Profile;
pub use refusal::Refusal;
pub use rtcp::is_rtcp;
pub use rtp::Rtp;

#[cfg(test)]
mod vectors;
