//! A WebSocket by hand, for frames that no library would send (RFC 6455 section 5.2).

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;
use vestibule_protocol::server::ServerMessage;

use super::web::origin;

/// Longer than the server lets anything stall.
pub const STALL: Duration = Duration::from_secs(14);

/// A socket of which every byte is ours.
pub struct RawSocket {
    stream: TcpStream,
}

/// What the server said before it closed.
#[derive(Debug, Default)]
pub struct Ending {
    pub messages: Vec<ServerMessage>,
    /// The close frame's code.
    pub code: Option<u16>,
}

impl RawSocket {
    /// Upgrades, and takes the challenge.
    pub async fn open(server: SocketAddr) -> Self {
        let mut socket = Self {
            stream: TcpStream::connect(server).await.unwrap(),
        };
        socket.upgrade(server).await;
        socket
    }

    /// With a receive buffer so small that the server soon cannot write.
    pub async fn open_narrow(server: SocketAddr) -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(2048).unwrap();
        let mut socket = Self {
            stream: socket.connect(server).await.unwrap(),
        };
        socket.upgrade(server).await;
        socket
    }

    async fn upgrade(&mut self, server: SocketAddr) {
        let request = format!(
            "GET /api/v1/ws HTTP/1.1\r\nHost: {server}\r\nOrigin: {}\r\nConnection: Upgrade\r\n\
             Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
             Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n",
            origin(server)
        );
        self.write(request.as_bytes()).await;
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(self.stream.read_u8().await.unwrap());
        }
        assert!(head.starts_with(b"HTTP/1.1 101"));
    }

    /// The challenge's nonce.
    pub async fn nonce(&mut self) -> Vec<u8> {
        let (_, payload) = self.frame().await.unwrap();
        match serde_json::from_slice(&payload).unwrap() {
            ServerMessage::Challenge { nonce, .. } => nonce.0,
            other => panic!("{other:?}"),
        }
    }

    pub async fn write(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).await.unwrap();
    }

    /// Sends a frame with this first byte (FIN, RSV, opcode), masked with zeros.
    pub async fn send(&mut self, first: u8, payload: &[u8]) {
        let length = u16::try_from(payload.len()).unwrap();
        let mut frame = vec![first, 0x80 | 126];
        frame.extend(length.to_be_bytes());
        frame.extend([0; 4]);
        frame.extend(payload);
        self.write(&frame).await;
    }

    async fn frame(&mut self) -> std::io::Result<(u8, Vec<u8>)> {
        let first = self.stream.read_u8().await?;
        let length = match self.stream.read_u8().await? {
            126 => usize::from(self.stream.read_u16().await?),
            127 => usize::try_from(self.stream.read_u64().await?).unwrap(),
            short => usize::from(short),
        };
        let mut payload = vec![0; length];
        self.stream.read_exact(&mut payload).await?;
        Ok((first & 0x0f, payload))
    }

    /// Reads until the server closes the connection.
    pub async fn ending(mut self) -> Ending {
        let mut ending = Ending::default();
        loop {
            let frame = timeout(STALL, self.frame()).await;
            match frame.expect("the server closes it in time") {
                Ok((1, text)) => ending.messages.push(serde_json::from_slice(&text).unwrap()),
                Ok((8, close)) => {
                    ending.code = close.first_chunk().map(|code| u16::from_be_bytes(*code));
                }
                Ok(_) => {}
                Err(_) => return ending,
            }
        }
    }
}
