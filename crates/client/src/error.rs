//! What can go wrong for the owner of a participant.

use vestibule_protocol::ErrorCode;

/// Why something did not happen.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The link has no code or token behind its `#`.
    #[error("the link is not one of a clinic: it ends in #w= or #j=")]
    Link,
    /// The link begins with https, which is not spoken here: see `docs/decisions/0005`.
    #[error("this participant speaks to a server over http alone, on the same machine or through a tunnel")]
    Https,
    /// The server could not be reached, or went away.
    #[error("the server could not be reached")]
    Network,
    /// The server answered something that is not of the protocol.
    #[error("the server's answer could not be read")]
    Protocol,
    /// The server said no.
    #[error("the server refused: {}", .0.sentence())]
    Refused(ErrorCode),
    /// A key could not be made.
    #[error("the cryptography failed")]
    Crypto,
    /// The media stack failed.
    #[error("the connection for media could not be made")]
    Media(#[from] webrtc::error::Error),
    /// The recording could not be read.
    #[error("the recording could not be read: {0}")]
    Clip(&'static str),
    /// The participant was closed.
    #[error("the participant was closed")]
    Closed,
}
