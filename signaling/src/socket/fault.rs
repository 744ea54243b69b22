//! What went wrong with a socket, as the client is told.

use tokio_tungstenite::tungstenite;
use tungstenite::error::ProtocolError;
use tungstenite::protocol::frame::coding::CloseCode;
use vestibule_protocol::ErrorCode;
use vestibule_protocol::server::ClosingReason;

/// Something after which a socket is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    /// What the client is told.
    pub(super) code: ErrorCode,
    /// RFC 6455 section 7.4.1.
    pub(super) close: u16,
}

/// What the client did wrong, or nothing when the socket is simply gone. The library's own words
/// are never kept: they may quote what was sent.
pub(super) fn fault_of(error: axum::Error) -> Option<Fault> {
    let error = error.into_inner().downcast::<tungstenite::Error>().ok()?;
    let error = *error;
    if matches!(error, tungstenite::Error::Capacity(_)) {
        Some(fault(ErrorCode::TooLarge, CloseCode::Size))
    } else if matches!(error, tungstenite::Error::Utf8(_)) {
        Some(fault(ErrorCode::Malformed, CloseCode::Invalid))
    } else if let tungstenite::Error::Protocol(violation) = error {
        let gone = violation == ProtocolError::ResetWithoutClosingHandshake;
        (!gone).then(|| fault(ErrorCode::Malformed, CloseCode::Protocol))
    } else {
        None
    }
}

fn fault(code: ErrorCode, close: CloseCode) -> Fault {
    Fault {
        code,
        close: close.into(),
    }
}

/// The close code that goes with a reason (RFC 6455 section 7.4.1 and its IANA registry).
pub(super) fn close_code(reason: ClosingReason) -> u16 {
    let code = match reason {
        ClosingReason::Replaced | ClosingReason::SessionEnded => CloseCode::Normal,
        ClosingReason::ShuttingDown => CloseCode::Restart,
        ClosingReason::TooSlow | ClosingReason::Protocol => CloseCode::Policy,
    };
    code.into()
}
