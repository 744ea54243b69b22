//! Wire types of the WebSocket and of the HTTP API, version 1.
//!
//! Every WebSocket message is one JSON text frame of at most [`limits::MESSAGE_BYTES`]. The server
//! speaks first with a [`server::ServerMessage::Challenge`]; the client answers with
//! [`client::Request::Hello`]; the server replies with [`server::Reply::Welcome`] and whole
//! snapshots. Reconnecting equals connecting. Each request gets exactly one reply or one error that
//! repeats its id. Golden messages lie in `vectors/`, TypeScript types in `web/sdk/src/generated`.

pub mod bytes;
pub mod client;
pub mod company;
pub mod desk;
pub mod error;
pub mod http;
pub mod intake;
pub mod limits;
pub mod server;

pub use bytes::Base64Bytes;
pub use error::{ErrorBody, ErrorCode, ErrorReason};

/// The newest version of this protocol that this build speaks.
pub const PROTOCOL_VERSION: u16 = 1;

/// What a device signs to prove that a session is its own: this label, a zero byte, the challenge's
/// nonce, a zero byte, and the session's secret, all as bytes; ECDSA P-256 with SHA-256, the
/// signature in the fixed form r ‖ s of 64 bytes (IEEE P1363, what WebCrypto makes).
pub const PROOF_LABEL: &str = "vestibule session proof v1";

/// What stands for the challenge's nonce in the proof with which a patient begins to sign in. A challenge is of 32 bytes, and
/// never this one.
pub const SIGN_IN_NONCE: &str = "sign-in";

/// The bytes that a device signs, see [`PROOF_LABEL`].
#[must_use]
pub fn proof_message(nonce: &[u8], session: &str) -> Vec<u8> {
    [
        PROOF_LABEL.as_bytes(),
        b"\0",
        nonce,
        b"\0",
        session.as_bytes(),
    ]
    .concat()
}
