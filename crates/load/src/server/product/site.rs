//! The server's site, as people reach it: each from an address of their own, as rates are counted by address.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use anyhow::Context as _;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::net::{TcpSocket, TcpStream};
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{WebSocketStream, client_async_with_config};
use vestibule_protocol::http::HttpError;

use crate::limits::{HTTP_ANSWER_BYTES, PAGE_BUFFER_BYTES, SNAPSHOT_BYTES};
use crate::server::http::{Answer, exchange};

/// Where a server listens on this machine's loopback.
#[derive(Clone, Copy, Debug)]
pub(super) struct Site(SocketAddr);

/// The address of the first person. All of 127.0.0.0/8 is this machine (RFC 1122 section 3.2.1.3).
const FIRST: Ipv4Addr = Ipv4Addr::new(127, 1, 0, 1);

/// The address of a person.
pub(super) fn address(person: u32) -> IpAddr {
    Ipv4Addr::from_bits(FIRST.to_bits().wrapping_add(person)).into()
}

impl Site {
    /// Reads the site's own address.
    pub(super) fn read(url: &str) -> anyhow::Result<Self> {
        let address = url.strip_prefix("http://").and_then(|it| it.parse().ok());
        Ok(Self(address.context("the server has no plain http")?))
    }

    /// Asks the HTTP API for something.
    pub(super) async fn post<T: DeserializeOwned>(
        &self,
        from: IpAddr,
        what: &str,
        body: &impl Serialize,
    ) -> anyhow::Result<T> {
        let (host, body) = (self.0, serde_json::to_string(body)?);
        let request = format!(
            "POST /api/v1/{what} HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len(),
        );
        let stream = self.dial(from).await?;
        let answer = exchange(stream, &request, HTTP_ANSWER_BYTES).await?;
        read(&answer).with_context(|| format!("the server was asked for {what}"))
    }

    /// Opens a WebSocket.
    pub(super) async fn open(&self, from: IpAddr) -> anyhow::Result<WebSocketStream<TcpStream>> {
        let mut request = format!("ws://{}/api/v1/ws", self.0).into_client_request()?;
        let origin = HeaderValue::from_str(&format!("http://{}", self.0))?;
        request.headers_mut().insert("Origin", origin);
        let config = WebSocketConfig::default()
            .read_buffer_size(PAGE_BUFFER_BYTES)
            .max_message_size(Some(SNAPSHOT_BYTES))
            .max_frame_size(Some(SNAPSHOT_BYTES));
        let stream = self.dial(from).await?;
        let opened = client_async_with_config(request, stream, Some(config)).await;
        Ok(opened.context("the server takes no WebSocket")?.0)
    }

    async fn dial(&self, from: IpAddr) -> anyhow::Result<TcpStream> {
        let socket = TcpSocket::new_v4()?;
        socket.bind((from, 0).into())?;
        socket.set_nodelay(true)?;
        let connected = socket.connect(self.0).await;
        connected.context("the server cannot be reached")
    }
}

fn read<T: DeserializeOwned>(answer: &Answer) -> anyhow::Result<T> {
    if answer.is_ok {
        return Ok(serde_json::from_str(&answer.body)?);
    }
    let refusal: HttpError = serde_json::from_str(&answer.body)?;
    anyhow::bail!("it refused: {}", refusal.error.message)
}

#[cfg(test)]
mod tests {
    use vestibule_protocol::http::WalkInGrant;

    use super::{Answer, Site, address, read};

    #[test]
    fn everybody_comes_from_elsewhere_on_this_machine() {
        assert_eq!(address(0).to_string(), "127.1.0.1");
        assert_eq!(address(1999).to_string(), "127.1.7.208");
    }

    #[test]
    fn only_plain_http_is_spoken() {
        assert!(Site::read("http://127.0.0.1:8080").is_ok());
        assert!(Site::read("https://127.0.0.1:8443").is_err());
    }

    #[test]
    fn a_refusal_is_told_in_its_own_words() {
        let answer = "HTTP/1.1 429 Too Many Requests\r\nx: y\r\n\r\n\
            {\"error\":{\"code\":\"rate_limited\",\"message\":\"Too many.\",\"retry_after_ms\":1000}}";
        let answer = Answer::read(answer).unwrap();
        let error = read::<WalkInGrant>(&answer).unwrap_err();
        assert_eq!(error.to_string(), "it refused: Too many.");
        let answer = "HTTP/1.1 200 OK\r\n\r\n{\"token\":\"abc\"}";
        let answer = Answer::read(answer).unwrap();
        let grant: WalkInGrant = read(&answer).unwrap();
        assert_eq!(grant.token.expose(), "abc");
    }
}
