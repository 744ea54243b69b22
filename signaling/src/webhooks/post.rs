//! One attempt: from a claimed delivery to an answer.
//!
//! The name is resolved once, every address that it has is judged, and those same addresses are connected to: a second
//! look-up might answer otherwise. There is no client behind this that could follow a redirect or ask a proxy.

use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;

use axum::body::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::client::conn::http1;
use hyper::header::{CONTENT_TYPE, HOST, USER_AGENT};
use hyper::{Method, Request, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use url::Host;
use vestibule_vocab::Timestamp;

use super::address::Allowed;
use super::resolver::Resolver;
use super::schedule::Answer;
use super::secret::WebhookSecret;
use super::target::WebhookUrl;
use crate::limits;
use crate::outward;
use crate::store::Claimed;

/// What it takes to send.
pub(super) struct Poster {
    pub(super) allowed: Allowed,
    pub(super) resolver: Arc<dyn Resolver>,
    pub(super) tls: TlsConnector,
}

/// Why nothing was answered. The text is the code that operators see.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Failure {
    /// The store has an address or secret that this program does not write.
    #[error("invalid_webhook")]
    Invalid,
    #[error("name_not_found")]
    NameNotFound,
    /// The address is private, or not encrypted.
    #[error("address_refused")]
    AddressRefused,
    #[error("unreachable")]
    Unreachable,
    #[error("tls_failed")]
    TlsFailed,
    #[error("connection_broken")]
    Broken,
    #[error("timed_out")]
    TimedOut,
}

impl Poster {
    /// Sends once; what was answered, and its code.
    pub(super) async fn post(&self, claimed: &Claimed, now: Timestamp) -> (Answer, String) {
        let attempt = timeout(limits::WEBHOOK_REQUEST, self.attempt(claimed, now));
        match attempt.await.unwrap_or(Err(Failure::TimedOut)) {
            Ok(status) => (answer(status), format!("http_{}", status.as_u16())),
            Err(why) => (Answer::NotTaken, why.to_string()),
        }
    }

    async fn attempt(&self, claimed: &Claimed, now: Timestamp) -> Result<StatusCode, Failure> {
        let url: WebhookUrl = claimed.url.parse().map_err(|_| Failure::Invalid)?;
        let request = request(&url, claimed, now)?;
        let addresses = self.addresses(&url).await?;
        let stream = outward::connect(&addresses).await;
        let stream = stream.ok_or(Failure::Unreachable)?;
        if url.is_encrypted() {
            let host = url.host().map_err(|_| Failure::Invalid)?;
            let name = outward::server_name(&host).ok_or(Failure::Invalid)?;
            let stream = self.tls.connect(name, stream).await;
            send(stream.map_err(|_| Failure::TlsFailed)?, request).await
        } else {
            send(stream, request).await
        }
    }

    /// The addresses to connect to: all that the name has, and all judged.
    async fn addresses(&self, url: &WebhookUrl) -> Result<Vec<SocketAddr>, Failure> {
        let port = url.port();
        let addresses = match url.host().map_err(|_| Failure::Invalid)? {
            Host::Ipv4(ip) => vec![SocketAddr::new(ip.into(), port)],
            Host::Ipv6(ip) => vec![SocketAddr::new(ip.into(), port)],
            Host::Domain(name) => {
                let found = self.resolver.resolve(name, port).await;
                found.map_err(|_| Failure::NameNotFound)?
            }
        };
        if addresses.is_empty() {
            return Err(Failure::NameNotFound);
        }
        self.allowed
            .judge(&addresses, url.is_encrypted())
            .map_err(|_| Failure::AddressRefused)?;
        Ok(addresses)
    }
}

fn request(
    url: &WebhookUrl,
    claimed: &Claimed,
    now: Timestamp,
) -> Result<Request<Full<Bytes>>, Failure> {
    let secret: WebhookSecret = claimed
        .secret
        .expose()
        .parse()
        .map_err(|_| Failure::Invalid)?;
    let seconds = now.0 / 1000;
    let signature = secret.sign(&claimed.event_id, seconds, &claimed.body);
    Request::builder()
        .method(Method::POST)
        .uri(url.path())
        .header(HOST, url.authority())
        .header(CONTENT_TYPE, "application/json")
        .header(USER_AGENT, concat!("vestibule/", env!("CARGO_PKG_VERSION")))
        .header("webhook-id", &claimed.event_id)
        .header("webhook-timestamp", seconds)
        .header("webhook-signature", signature)
        .body(Full::new(Bytes::from(claimed.body.clone())))
        .map_err(|_| Failure::Invalid)
}

/// Sends on a connection of its own. The status is what counts; of the rest a little is read, so that the other side sees
/// an orderly end.
async fn send<S>(stream: S, request: Request<Full<Bytes>>) -> Result<StatusCode, Failure>
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let (mut sender, connection) = http1::Builder::new()
        .max_buf_size(limits::WEBHOOK_ANSWER)
        .handshake(TokioIo::new(stream))
        .await
        .map_err(|_| Failure::Broken)?;
    let exchange = async {
        let answer = sender.send_request(request).await;
        let answer = answer.map_err(|_| Failure::Broken)?;
        let status = answer.status();
        let _ = Limited::new(answer.into_body(), limits::WEBHOOK_ANSWER)
            .collect()
            .await;
        Ok(status)
    };
    let mut exchange = pin!(exchange);
    tokio::select! {
        biased;
        status = exchange.as_mut() => status,
        // A connection that has ended may have brought the answer: many a receiver closes it after each.
        _ = connection => exchange.await,
    }
}

/// Redirects are not followed, and so are not taken.
fn answer(status: StatusCode) -> Answer {
    if status.is_success() {
        Answer::Taken
    } else if status == StatusCode::GONE {
        Answer::Gone
    } else {
        Answer::NotTaken
    }
}
