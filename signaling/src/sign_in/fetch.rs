//! One request to the identity provider, bounded in time and size.

use std::net::SocketAddr;
use std::pin::pin;

use axum::body::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::client::conn::http1;
use hyper::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HOST, USER_AGENT};
use hyper::{Method, Request, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use url::{Host, Position, Url};

use super::settings::is_safe;
use super::{Denied, Why};
use crate::{limits, outward};

/// An address of the provider's that may be asked.
#[derive(Clone, Debug)]
pub(super) struct Endpoint(Url);

impl Endpoint {
    /// This address, unless what is sent there could be read on the way.
    pub(super) fn of(text: &str, loopback: bool) -> Result<Self, Denied> {
        let url = Url::parse(text).ok().filter(|url| is_safe(url, loopback));
        url.map(Self).ok_or(Why::BadMetadata.into())
    }

    /// The address, to be added to.
    pub(super) fn url(&self) -> Url {
        self.0.clone()
    }
}

/// What came back.
pub(super) struct Reply {
    pub(super) status: StatusCode,
    pub(super) body: Bytes,
}

/// What is posted.
pub(super) struct Form {
    pub(super) body: String,
    /// The header `authorization`, if there is one.
    pub(super) authorization: Option<String>,
}

/// Asks for what is there, or posts a form.
pub(super) async fn ask(
    tls: &TlsConnector,
    endpoint: &Endpoint,
    form: Option<Form>,
) -> Result<Reply, Denied> {
    let asked = timeout(limits::PROVIDER_REQUEST, attempt(tls, &endpoint.0, form));
    asked.await.unwrap_or(Err(Why::Silent.into()))
}

async fn attempt(tls: &TlsConnector, url: &Url, form: Option<Form>) -> Result<Reply, Denied> {
    let request = request(url, form).map_err(|_| Why::BadMetadata)?;
    let host = url.host().ok_or(Why::BadMetadata)?;
    let port = url.port_or_known_default().unwrap_or(443);
    let stream = outward::connect(&addresses(&host, port).await?).await;
    let stream = stream.ok_or(Why::Silent)?;
    if url.scheme() == "https" {
        let name = outward::server_name(&host).ok_or(Why::BadMetadata)?;
        let stream = tls.connect(name, stream).await;
        send(stream.map_err(|_| Why::NotTrusted)?, request).await
    } else {
        send(stream, request).await
    }
}

async fn addresses(host: &Host<&str>, port: u16) -> Result<Vec<SocketAddr>, Denied> {
    Ok(match host {
        Host::Ipv4(ip) => vec![SocketAddr::new((*ip).into(), port)],
        Host::Ipv6(ip) => vec![SocketAddr::new((*ip).into(), port)],
        Host::Domain(name) => {
            let found = tokio::net::lookup_host((*name, port)).await;
            found.map_err(|_| Why::Silent)?.collect()
        }
    })
}

fn request(url: &Url, form: Option<Form>) -> Result<Request<Full<Bytes>>, hyper::http::Error> {
    let mut request = Request::builder()
        .uri(&url[Position::BeforePath..Position::AfterQuery])
        .header(HOST, url.authority())
        .header(ACCEPT, "application/json")
        .header(USER_AGENT, concat!("vestibule/", env!("CARGO_PKG_VERSION")));
    let Some(form) = form else {
        return request.body(Full::default());
    };
    if let Some(authorization) = form.authorization {
        request = request.header(AUTHORIZATION, authorization);
    }
    request
        .method(Method::POST)
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Full::new(Bytes::from(form.body)))
}

/// Sends on a connection of its own, and reads the whole answer.
async fn send<S>(stream: S, request: Request<Full<Bytes>>) -> Result<Reply, Denied>
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let (mut sender, connection) = http1::Builder::new()
        .max_buf_size(limits::PROVIDER_ANSWER)
        .handshake(TokioIo::new(stream))
        .await
        .map_err(|_| Why::Silent)?;
    let exchange = async {
        let answer = sender.send_request(request).await;
        let answer = answer.map_err(|_| Why::Silent)?;
        let status = answer.status();
        let body = Limited::new(answer.into_body(), limits::PROVIDER_ANSWER);
        let body = body.collect().await.map_err(|_| Why::Silent)?;
        Ok(Reply {
            status,
            body: body.to_bytes(),
        })
    };
    let mut exchange = pin!(exchange);
    tokio::select! {
        biased;
        reply = exchange.as_mut() => reply,
        // A connection that has ended may have brought all of it.
        _ = connection => exchange.await,
    }
}
