//! The WebSocket to signaling, from the challenge to the welcome and after.

use futures_util::{SinkExt as _, StreamExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{self, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async_with_config};
use vestibule_protocol::client::{ClientMessage, Request};
use vestibule_protocol::limits::MESSAGE_BYTES;
use vestibule_protocol::server::{Reply, ServerMessage};
use vestibule_vocab::{InstanceId, Timestamp};

use crate::limits::GREETING;
use crate::{Device, Error, Link};

/// The id of `hello`; requests count from 1.
const HELLO: u32 = 0;

/// Read buffer of one socket: a snapshot fits.
const BUFFER_BYTES: usize = 16 * 1024;

/// An open session on a socket.
pub(crate) struct Socket {
    stream: WebSocketStream<MaybeTlsStream<TcpStream>>,
    /// The server's clock at the welcome.
    pub(crate) server_time: Timestamp,
}

impl Socket {
    /// Dials, proves the device's key and waits for the welcome.
    pub(crate) async fn open(device: &Device, instance: InstanceId) -> Result<Self, Error> {
        let greeted = timeout(GREETING, Self::greet(device, instance)).await;
        greeted.map_err(|_| Error::Network)?
    }

    async fn greet(device: &Device, instance: InstanceId) -> Result<Self, Error> {
        let stream = dial(device.authority()).await.map_err(|_| Error::Network)?;
        let mut socket = Self {
            stream,
            server_time: Timestamp(0),
        };
        let nonce = match socket.next().await? {
            ServerMessage::Challenge { nonce, .. } => nonce.0,
            _ => return Err(Error::Protocol),
        };
        socket.send(HELLO, device.hello(&nonce, instance)?).await?;
        match socket.next().await? {
            ServerMessage::Reply {
                id: HELLO,
                reply: Reply::Welcome { server_time, .. },
            } => socket.server_time = server_time,
            ServerMessage::Refused { error, .. } => return Err(Error::Refused(error.code)),
            _ => return Err(Error::Protocol),
        }
        Ok(socket)
    }

    pub(crate) async fn send(&mut self, id: u32, request: Request) -> Result<(), Error> {
        let text = serde_json::to_string(&ClientMessage { id, request });
        let text = text.map_err(|_| Error::Protocol)?;
        let sent = self.stream.send(Message::Text(text.into())).await;
        sent.map_err(|_| Error::Network)
    }

    /// The next message. A message that cannot be read is passed over: a newer server may say more.
    pub(crate) async fn next(&mut self) -> Result<ServerMessage, Error> {
        loop {
            match self.stream.next().await {
                Some(Ok(Message::Text(text))) => {
                    if let Ok(message) = serde_json::from_str(&text) {
                        return Ok(message);
                    }
                }
                Some(Ok(Message::Close(_)) | Err(_)) | None => return Err(Error::Network),
                Some(Ok(
                    Message::Binary(_) | Message::Ping(_) | Message::Pong(_) | Message::Frame(_),
                )) => {}
            }
        }
    }

    /// Says goodbye; the server need not hear it.
    pub(crate) async fn close(&mut self) {
        let _ = self.stream.close(None).await;
    }
}

async fn dial(
    authority: &str,
) -> Result<WebSocketStream<MaybeTlsStream<TcpStream>>, tungstenite::Error> {
    let mut request = format!("ws://{authority}/api/v1/ws").into_client_request()?;
    let origin = HeaderValue::from_str(&Link::origin(authority))?;
    request.headers_mut().insert("Origin", origin);
    let config = WebSocketConfig::default()
        .read_buffer_size(BUFFER_BYTES)
        .max_message_size(Some(4 * MESSAGE_BYTES))
        .max_frame_size(Some(4 * MESSAGE_BYTES));
    let (stream, _) = connect_async_with_config(request, Some(config), true).await?;
    Ok(stream)
}
