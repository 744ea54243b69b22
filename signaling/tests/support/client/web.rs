//! A web client of the simplest kind: one request a connection.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};

use serde::de::DeserializeOwned;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};
use vestibule_protocol::ErrorCode;
use vestibule_protocol::http::HttpError;

/// A whole response.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: String,
}

impl Answer {
    /// The body, or the code of the error in it.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, ErrorCode> {
        if self.status == 200 {
            return Ok(serde_json::from_str(&self.body).unwrap());
        }
        Err(self.code())
    }

    pub fn code(&self) -> ErrorCode {
        let error: HttpError = serde_json::from_str(&self.body)
            .unwrap_or_else(|_| panic!("not an error of the API: {self:?}"));
        error.error.code
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (key, value) = line.split_once(": ")?;
            key.eq_ignore_ascii_case(name).then_some(value)
        })
    }
}

pub fn origin(server: SocketAddr) -> String {
    format!("http://{server}")
}

pub async fn get(server: SocketAddr, path: &str) -> Answer {
    let request = format!("GET {path} HTTP/1.1\r\nHost: {server}\r\nConnection: close\r\n\r\n");
    exchange(TcpStream::connect(server).await.unwrap(), &request).await
}

/// Connects from this address of loopback, or from any.
pub async fn connect_from(source: Option<Ipv4Addr>, server: SocketAddr) -> io::Result<TcpStream> {
    let Some(source) = source else {
        return TcpStream::connect(server).await;
    };
    let socket = TcpSocket::new_v4()?;
    socket.bind((source, 0).into())?;
    socket.connect(server).await
}

pub async fn post(server: SocketAddr, path: &str, origin: Option<&str>, body: &str) -> Answer {
    post_from(None, server, path, origin, body).await
}

pub async fn post_from(
    source: Option<Ipv4Addr>,
    server: SocketAddr,
    path: &str,
    origin: Option<&str>,
    body: &str,
) -> Answer {
    let origin = origin.map_or(String::new(), |origin| format!("Origin: {origin}\r\n"));
    let length = body.len();
    let request = format!(
        "POST {path} HTTP/1.1\r\nHost: {server}\r\n{origin}Content-Type: application/json\r\n\
         Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    );
    exchange(connect_from(source, server).await.unwrap(), &request).await
}

/// A WebSocket upgrade that is expected to be answered like any other request.
pub async fn upgrade(server: SocketAddr, more_headers: &str) -> Answer {
    let request = format!(
        "GET /api/v1/ws HTTP/1.1\r\nHost: {server}\r\nConnection: Upgrade\r\n\
         Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
         Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n{more_headers}\r\n"
    );
    let mut stream = TcpStream::connect(server).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.unwrap());
    }
    answer(&String::from_utf8(head).unwrap())
}

pub async fn exchange(mut stream: impl AsyncRead + AsyncWrite + Unpin, request: &str) -> Answer {
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut text = Vec::new();
    // A TLS peer may end without a farewell; what counts is what came before.
    let _ = stream.read_to_end(&mut text).await;
    answer(&String::from_utf8_lossy(&text))
}

fn answer(text: &str) -> Answer {
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((text, ""));
    let status = head
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok());
    Answer {
        status: status.unwrap_or_else(|| panic!("no status: {text:?}")),
        head: head.to_owned(),
        body: body.to_owned(),
    }
}
