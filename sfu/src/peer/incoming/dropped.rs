//! Why what comes from a client is dropped.

use vestibule_handshake::Unheard;
use vestibule_rtp::Stale;
use vestibule_rtp::rtcp::Malformed;
use vestibule_srtp::Refusal;

/// Why a packet is dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dropped {
    /// SRTP refused it.
    Srtp(Refusal),
    /// No track is known that it could be on.
    UnknownStream,
    /// There were too many streams already.
    TooManyStreams,
    /// Its payload is larger than what is forwarded.
    TooLarge,
    /// So much sound is nobody's voice.
    TooMuchSound,
    /// A retransmission of nothing: what browsers probe the line with.
    Padding,
    /// It came before, or is too old to know.
    Stale(Stale),
    /// It is media, and the handshakes are not through.
    BeforeUp,
    /// It is nothing that is spoken here.
    UnknownProtocol,
    /// The handshakes had no use for it.
    Unheard(Unheard),
    /// A part of its reports cannot be read; the parts before it were.
    Report(Malformed),
}

impl Dropped {
    /// Nothing new that the client sends would be taken on this connection any more: only another one helps.
    pub(in crate::peer) fn is_of_too_many_streams(&self) -> bool {
        matches!(
            self,
            Self::TooManyStreams | Self::Srtp(Refusal::TooManyStreams)
        )
    }
}
