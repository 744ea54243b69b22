//! The HTTP API, as far as a participant needs it: two requests, each on a connection of its own.

use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;
use vestibule_protocol::http::HttpError;

use crate::limits::{HTTP, HTTP_ANSWER_BYTES};
use crate::{Error, Link};

/// Asks, and reads the answer's body.
pub(crate) async fn post<T: DeserializeOwned>(
    authority: &str,
    what: &str,
    body: &impl Serialize,
) -> Result<T, Error> {
    let body = serde_json::to_string(body).map_err(|_| Error::Protocol)?;
    let request = format!(
        "POST /api/v1/{what} HTTP/1.1\r\nHost: {authority}\r\nOrigin: {origin}\r\n\
         Content-Type: application/json\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}",
        origin = Link::origin(authority),
        length = body.len(),
    );
    let answer = timeout(HTTP, exchange(authority, &request)).await;
    let answer = answer.map_err(|_| Error::Network)??;
    read(&answer)
}

async fn exchange(authority: &str, request: &str) -> Result<String, Error> {
    let stream = TcpStream::connect(authority).await;
    let mut stream = stream.map_err(|_| Error::Network)?;
    let sent = stream.write_all(request.as_bytes()).await;
    sent.map_err(|_| Error::Network)?;
    let mut answer = String::new();
    let mut bounded = stream.take(HTTP_ANSWER_BYTES);
    let read = bounded.read_to_string(&mut answer).await;
    read.map_err(|_| Error::Network)?;
    Ok(answer)
}

fn read<T: DeserializeOwned>(answer: &str) -> Result<T, Error> {
    let (head, body) = answer.split_once("\r\n\r\n").ok_or(Error::Protocol)?;
    if head.split(' ').nth(1) == Some("200") {
        return serde_json::from_str(body).map_err(|_| Error::Protocol);
    }
    let refusal: HttpError = serde_json::from_str(body).map_err(|_| Error::Protocol)?;
    Err(Error::Refused(refusal.error.code))
}
