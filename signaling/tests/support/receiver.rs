//! Somebody whom webhooks are sent to: a real HTTP server on loopback.

use std::collections::VecDeque;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_lc_rs::hmac;
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header::LOCATION};
use axum::response::{IntoResponse as _, Response};
use axum_server::tls_rustls::RustlsConfig;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rustls::ServerConfig;
use serde_json::Value;
use tokio::sync::mpsc;

/// What nothing here ever takes.
const PATIENCE: Duration = Duration::from_secs(20);

/// What was received.
#[derive(Clone, Debug)]
pub struct Received {
    pub id: String,
    pub seconds: u64,
    pub signature: String,
    pub body: String,
}

impl Received {
    /// What it says.
    pub fn says(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    pub fn kind(&self) -> String {
        self.says()["type"].as_str().unwrap().to_owned()
    }

    /// Verifies as a receiver does: by the standard, and not by our own code.
    pub fn is_signed_with(&self, secret: &str) -> bool {
        let key = STANDARD
            .decode(secret.strip_prefix("whsec_").unwrap())
            .unwrap();
        let key = hmac::Key::new(hmac::HMAC_SHA256, &key);
        let signed = format!("{}.{}.{}", self.id, self.seconds, self.body);
        let tag = STANDARD
            .decode(self.signature.strip_prefix("v1,").unwrap())
            .unwrap();
        hmac::verify(&key, signed.as_bytes(), &tag).is_ok()
    }
}

#[derive(Clone)]
struct Desk {
    received: mpsc::UnboundedSender<Received>,
    answers: Arc<Mutex<VecDeque<Answer>>>,
}

/// What is answered.
#[derive(Clone, Debug)]
pub enum Answer {
    Status(u16),
    Redirect(String),
    Nothing,
}

/// A receiver.
pub struct Receiver {
    pub address: SocketAddr,
    received: mpsc::UnboundedReceiver<Received>,
    answers: Arc<Mutex<VecDeque<Answer>>>,
}

impl Receiver {
    pub async fn open() -> Self {
        Self::open_at(([127, 0, 0, 1], 0).into()).await
    }

    pub async fn open_at(address: SocketAddr) -> Self {
        Self::open_by(address, None).await
    }

    /// One that speaks TLS, on loopback.
    pub async fn open_secure(tls: Arc<ServerConfig>) -> Self {
        Self::open_by(([127, 0, 0, 1], 0).into(), Some(tls)).await
    }

    async fn open_by(address: SocketAddr, tls: Option<Arc<ServerConfig>>) -> Self {
        let listener = tokio::net::TcpListener::bind(address).await.unwrap();
        let address = listener.local_addr().unwrap();
        let listener = listener.into_std().unwrap();
        let (sender, received) = mpsc::unbounded_channel();
        let answers = Arc::default();
        let desk = Desk {
            received: sender,
            answers: Arc::clone(&answers),
        };
        let app = Router::new().fallback(receive).with_state(desk);
        let app = app.into_make_service();
        tokio::spawn(async move {
            match tls {
                None => axum_server::from_tcp(listener).unwrap().serve(app).await,
                Some(tls) => {
                    let tls = RustlsConfig::from_config(tls);
                    let server = axum_server::from_tcp_rustls(listener, tls).unwrap();
                    server.serve(app).await
                }
            }
        });
        Self {
            address,
            received,
            answers,
        }
    }

    pub fn url(&self) -> String {
        format!("http://{}/in", self.address)
    }

    /// The same under a name.
    pub fn url_of(&self, name: &str) -> String {
        format!("http://{name}:{}/in", self.address.port())
    }

    /// What is answered to the next ones; after that, 204.
    pub fn answer(&self, answers: impl IntoIterator<Item = Answer>) {
        self.answers.lock().unwrap().extend(answers);
    }

    /// The next that comes.
    pub async fn next(&mut self) -> Received {
        let next = tokio::time::timeout(PATIENCE, self.received.recv()).await;
        next.expect("nothing came").unwrap()
    }

    /// The kinds of the next so many.
    pub async fn kinds(&mut self, count: usize) -> Vec<String> {
        let mut kinds = Vec::new();
        for _ in 0..count {
            kinds.push(self.next().await.kind());
        }
        kinds
    }

    /// Whether something has come.
    pub fn has_something(&mut self) -> bool {
        self.received.try_recv().is_ok()
    }
}

async fn receive(State(desk): State<Desk>, headers: HeaderMap, body: Bytes) -> Response {
    let header = |name: &str| {
        let value: Option<&HeaderValue> = headers.get(name);
        value.unwrap().to_str().unwrap().to_owned()
    };
    let _ = desk.received.send(Received {
        id: header("webhook-id"),
        seconds: header("webhook-timestamp").parse().unwrap(),
        signature: header("webhook-signature"),
        body: String::from_utf8(body.to_vec()).unwrap(),
    });
    let answer = desk.answers.lock().unwrap().pop_front();
    match answer.unwrap_or(Answer::Status(204)) {
        Answer::Status(status) => StatusCode::from_u16(status).unwrap().into_response(),
        Answer::Redirect(to) => (StatusCode::TEMPORARY_REDIRECT, [(LOCATION, to)]).into_response(),
        Answer::Nothing => std::future::pending().await,
    }
}

/// Loopback and its neighbour.
pub fn loopback(last: u8) -> IpAddr {
    [127, 0, 0, last].into()
}
