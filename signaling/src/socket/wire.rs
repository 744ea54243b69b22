//! Reading and writing one WebSocket, each within a time and a size.

use axum::extract::ws::{CloseFrame, Message, WebSocket};
use tokio::time::{sleep, timeout};
use vestibule_protocol::client::{ClientMessage, RequestId};
use vestibule_protocol::server::{ClosingReason, ServerMessage};
use vestibule_protocol::{ErrorCode, limits as wire_limits};

use super::fault::{Fault, close_code, fault_of};
use crate::limits;

/// What came in.
#[derive(Debug)]
pub(super) enum Incoming {
    /// A message that could be read.
    Message(ClientMessage),
    /// A message that could not; the socket goes on.
    Unreadable(ErrorCode),
    /// A sign of life.
    Heartbeat,
    /// Something after which the socket is closed.
    Fault(Fault),
    /// The socket is gone.
    Gone,
}

/// The socket is gone, or does not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Lost;

/// One WebSocket.
pub(super) struct Wire(WebSocket);

impl Wire {
    pub(super) fn new(socket: WebSocket) -> Self {
        Self(socket)
    }

    /// The next thing that comes in. Dropping the future loses nothing.
    pub(super) async fn receive(&mut self) -> Incoming {
        match self.0.recv().await {
            Some(Ok(Message::Text(text))) => read(text.as_str()),
            Some(Ok(Message::Binary(_))) => Incoming::Unreadable(ErrorCode::Malformed),
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => Incoming::Heartbeat,
            Some(Ok(Message::Close(_))) | None => Incoming::Gone,
            Some(Err(error)) => fault_of(error).map_or(Incoming::Gone, Incoming::Fault),
        }
    }

    pub(super) async fn send(&mut self, message: &ServerMessage) -> Result<(), Lost> {
        let text = serde_json::to_string(message).map_err(|_| Lost)?;
        self.send_text(text).await
    }

    pub(super) async fn send_text(&mut self, text: String) -> Result<(), Lost> {
        self.write(Message::Text(text.into())).await
    }

    pub(super) async fn ping(&mut self) -> Result<(), Lost> {
        self.write(Message::Ping(axum::body::Bytes::new())).await
    }

    pub(super) async fn refuse(
        &mut self,
        id: Option<RequestId>,
        code: ErrorCode,
    ) -> Result<(), Lost> {
        let error = code.into();
        self.send(&ServerMessage::Refused { id, error }).await
    }

    /// Says what the client did wrong, and closes. The library reads no more after a fault, and a
    /// socket that is closed with unread bytes in it is reset, by which the other side would lose
    /// these last words: it is given a moment to read them.
    pub(super) async fn close_for(mut self, fault: Fault) {
        if self.refuse(None, fault.code).await.is_ok() {
            self.close_with(ClosingReason::Protocol, fault.close).await;
            sleep(limits::LAST_WORDS).await;
        }
    }

    /// Says why, and closes.
    pub(super) async fn close(mut self, reason: ClosingReason) {
        self.close_with(reason, close_code(reason)).await;
    }

    async fn close_with(&mut self, reason: ClosingReason, code: u16) {
        if self.send(&ServerMessage::Closing { reason }).await.is_err() {
            return;
        }
        let frame = CloseFrame {
            code,
            reason: "".into(),
        };
        if self.write(Message::Close(Some(frame))).await.is_ok() {
            self.drain().await;
        }
    }

    /// Reads until the other side has closed too.
    async fn drain(&mut self) {
        let rest = async { while let Some(Ok(_)) = self.0.recv().await {} };
        let _ = timeout(limits::CLOSE, rest).await;
    }

    async fn write(&mut self, message: Message) -> Result<(), Lost> {
        match timeout(limits::SEND, self.0.send(message)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(Lost),
        }
    }
}

fn read(text: &str) -> Incoming {
    if text.len() > wire_limits::MESSAGE_BYTES {
        return Incoming::Unreadable(ErrorCode::TooLarge);
    }
    match serde_json::from_str(text) {
        Ok(message) => Incoming::Message(message),
        Err(_) => Incoming::Unreadable(ErrorCode::Malformed),
    }
}
