//! A device: it holds a key and, once it has exchanged a link, a session's secret.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use serde_json::{Value, json};
use vestibule_protocol::client::Request;
use vestibule_protocol::http::{SessionGrant, WalkInGrant};
use vestibule_protocol::{Base64Bytes, ErrorCode, PROOF_LABEL};
use vestibule_vocab::{InstanceId, ParticipantId, Redacted};

use super::Page;
use super::web::{self, Answer};

/// A device that may have a session.
pub struct Device {
    server: SocketAddr,
    /// The address that it connects from.
    source: Option<Ipv4Addr>,
    key: Arc<EcdsaKeyPair>,
    pub secret: String,
    pub participant: Option<ParticipantId>,
}

impl Device {
    pub fn new(server: SocketAddr) -> Self {
        Self {
            server,
            source: None,
            key: Arc::new(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap()),
            secret: String::new(),
            participant: None,
        }
    }

    /// A device at an address of its own: one of loopback's sixteen million.
    pub fn at_own_address(server: SocketAddr, number: u32) -> Self {
        Self {
            source: Some(Ipv4Addr::from_bits(0x7f01_0001 + number)),
            ..Self::new(server)
        }
    }

    /// Another page of the same browser: the same key, and no session yet.
    pub fn beside(&self) -> Self {
        Self {
            server: self.server,
            source: self.source,
            key: self.key.clone(),
            secret: String::new(),
            participant: None,
        }
    }

    /// The same device after the server moved to another port.
    pub fn moved(mut self, server: SocketAddr) -> Self {
        self.server = server;
        self
    }

    pub fn public_key(&self) -> Base64Bytes {
        Base64Bytes(self.key.public_key().as_ref().to_vec())
    }

    /// Turns a walk-in code into a join token.
    pub async fn walk_in(&self, code: &str) -> Result<String, ErrorCode> {
        let answer = self.post("walk-ins", &json!({ "link": code })).await;
        let grant: WalkInGrant = answer.read()?;
        Ok(grant.token.into_exposed())
    }

    /// Exchanges a join token for a session.
    pub async fn claim(&mut self, token: &str) -> Result<(), ErrorCode> {
        let body = json!({ "token": token, "device_key": self.public_key() });
        let grant: SessionGrant = self.post("sessions", &body).await.read()?;
        self.secret = grant.session.into_exposed();
        self.participant = Some(grant.participant);
        Ok(())
    }

    /// A browser's POST.
    pub async fn post(&self, what: &str, body: &Value) -> Answer {
        let origin = web::origin(self.server);
        let path = format!("/api/v1/{what}");
        web::post_from(
            self.source,
            self.server,
            &path,
            Some(&origin),
            &body.to_string(),
        )
        .await
    }

    /// Opens a page: a socket, and the session on it.
    pub async fn open(&self) -> Page {
        self.open_as(new_instance()).await
    }

    /// The same page opens another socket.
    pub async fn open_as(&self, instance: InstanceId) -> Page {
        let mut page = self.connect().await;
        page.hello(self, instance).await.unwrap();
        page
    }

    /// The same page opens another socket at a server that may die meanwhile.
    pub async fn try_open_as(&self, instance: InstanceId) -> Option<Page> {
        let mut page = Page::try_connect_from(self.source, self.server).await?;
        let hello = self.hello(page.nonce(), instance);
        page.try_ask(hello).await?.ok()?;
        Some(page)
    }

    /// A socket on which nothing was said yet.
    pub async fn connect(&self) -> Page {
        Page::try_connect_from(self.source, self.server)
            .await
            .expect("the server takes us in")
    }

    /// A right hello, for whoever wants to spoil it.
    pub fn hello(&self, nonce: &[u8], instance: InstanceId) -> Request {
        Request::Hello {
            protocol: vec![1],
            session: Redacted::new(self.secret.clone()),
            proof: Base64Bytes(self.prove(nonce, &self.secret)),
            instance,
        }
    }

    /// Signs with this device's key, whoever's session it is.
    pub fn prove(&self, nonce: &[u8], secret: &str) -> Vec<u8> {
        let label = PROOF_LABEL.as_bytes();
        let message = [label, b"\0", nonce, b"\0", secret.as_bytes()].concat();
        let signature = self.key.sign(&SystemRandom::new(), &message).unwrap();
        signature.as_ref().to_vec()
    }
}

/// Random bits for an id.
pub fn random_bits() -> u128 {
    let mut bytes = [0; 16];
    aws_lc_rs::rand::fill(&mut bytes).unwrap();
    u128::from_be_bytes(bytes)
}

/// A load of a page.
pub fn new_instance() -> InstanceId {
    InstanceId::from_random(random_bits())
}
