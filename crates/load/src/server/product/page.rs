//! One person's page: a session of a device, open on a WebSocket.

use std::net::IpAddr;

use anyhow::Context as _;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use futures_util::{SinkExt as _, StreamExt as _};
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use vestibule_protocol::client::{ClientMessage, Request};
use vestibule_protocol::http::{SessionGrant, SessionRequest};
use vestibule_protocol::server::{Leg, Reply, ServerMessage};
use vestibule_protocol::{Base64Bytes, PROTOCOL_VERSION, proof_message};
use vestibule_vocab::{InstanceId, Redacted, VisitId};

use super::site::Site;

pub(super) struct Page {
    stream: WebSocketStream<TcpStream>,
    requests: u32,
    seen: Seen,
}

/// What matters here of the newest snapshot.
#[derive(Clone, Debug, Default)]
pub(super) struct Seen {
    pub(super) leg: Option<Leg>,
    /// A patient's own visit.
    pub(super) visit: Option<VisitId>,
    /// The visits that a practitioner can admit.
    pub(super) waiting: Vec<VisitId>,
}

impl Page {
    /// Exchanges a join token for a session of a new device, and opens it.
    pub(super) async fn open(
        site: Site,
        from: IpAddr,
        token: Redacted<String>,
    ) -> anyhow::Result<Self> {
        let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING);
        let key = key.context("no key could be made")?;
        let request = SessionRequest {
            token,
            device_key: Base64Bytes(key.public_key().as_ref().to_vec()),
        };
        let grant: SessionGrant = site.post(from, "sessions", &request).await?;
        let mut page = Self {
            stream: site.open(from).await?,
            requests: 0,
            seen: Seen::default(),
        };
        let ServerMessage::Challenge { nonce, .. } = page.next().await? else {
            anyhow::bail!("the server did not begin with a challenge");
        };
        let hello = hello(&key, &nonce.0, grant.session)?;
        page.ask(hello).await?;
        Ok(page)
    }

    /// Asks for something, and waits for the answer.
    pub(super) async fn ask(&mut self, request: Request) -> anyhow::Result<Reply> {
        self.requests += 1;
        let asked = self.requests;
        let message = ClientMessage { id: asked, request };
        let text = serde_json::to_string(&message)?;
        self.stream.send(Message::Text(text.into())).await?;
        loop {
            let message = self.next().await?;
            self.look(&message);
            if let ServerMessage::Refused { error, .. } = message {
                anyhow::bail!("the server refused: {}", error.message);
            }
            if let ServerMessage::Reply { id, reply } = message
                && id == asked
            {
                return Ok(reply);
            }
        }
    }

    /// Waits for a snapshot that has something.
    pub(super) async fn find<T>(
        &mut self,
        wanted: impl Fn(&Seen) -> Option<T>,
    ) -> anyhow::Result<T> {
        loop {
            if let Some(found) = wanted(&self.seen) {
                return Ok(found);
            }
            let message = self.next().await?;
            self.look(&message);
        }
    }

    /// Keeps the page open until the server closes it.
    pub(super) async fn stay(mut self) {
        // Reading answers pings as well.
        while let Some(Ok(_)) = self.stream.next().await {}
    }

    async fn next(&mut self) -> anyhow::Result<ServerMessage> {
        loop {
            let frame = self.stream.next().await;
            match frame.context("the server closed a WebSocket")?? {
                Message::Text(text) => return Ok(serde_json::from_str(&text)?),
                Message::Close(_) => anyhow::bail!("the server closed a WebSocket"),
                Message::Binary(_) | Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => {}
            }
        }
    }

    fn look(&mut self, message: &ServerMessage) {
        if let ServerMessage::Patient(snapshot) = message {
            self.seen = Seen {
                leg: snapshot.leg.clone(),
                visit: snapshot.visit.as_ref().map(|visit| visit.visit),
                waiting: Vec::new(),
            };
        } else if let ServerMessage::Practitioner(snapshot) = message {
            let there = snapshot.waiting.iter().filter(|entry| entry.connected);
            self.seen = Seen {
                leg: snapshot.leg.clone(),
                visit: None,
                waiting: there.map(|entry| entry.visit).collect(),
            };
        }
    }
}

/// Opens the session on this socket: the device signs label, challenge and session.
fn hello(key: &EcdsaKeyPair, nonce: &[u8], session: Redacted<String>) -> anyhow::Result<Request> {
    let signed = proof_message(nonce, session.expose());
    let proof = key.sign(&SystemRandom::new(), &signed);
    let mut instance = [0; 16];
    aws_lc_rs::rand::fill(&mut instance).context("no random id could be made")?;
    Ok(Request::Hello {
        protocol: vec![PROTOCOL_VERSION],
        session,
        proof: Base64Bytes(proof.context("nothing can be signed")?.as_ref().to_vec()),
        instance: InstanceId::from_random(u128::from_be_bytes(instance)),
    })
}
