//! What is known of the provider: its metadata and keys, asked for when they are needed and kept for a while.

use std::sync::Arc;

use hyper::StatusCode;
use jsonwebtoken::Header;
use jsonwebtoken::jwk::Jwk;
use serde::Deserialize;
use serde_json::Value;
use tokio::sync::Mutex;
use tokio_rustls::TlsConnector;
use vestibule_vocab::{Millis, Redacted, Timestamp};

use super::fetch::{Endpoint, Form, ask};
use super::id_token::fits;
use super::settings::SignInSettings;
use super::{Denied, Why};
use crate::limits;
use crate::outward::{self, BadRoots};

/// The provider, and what is known of it.
pub(super) struct Provider {
    pub(super) settings: SignInSettings,
    tls: TlsConnector,
    metadata: Mutex<Option<(Timestamp, Arc<Metadata>)>>,
    keys: Mutex<Option<(Timestamp, Arc<Vec<Jwk>>)>>,
}

/// What the provider says of itself.
pub(super) struct Metadata {
    pub(super) authorization: Endpoint,
    pub(super) token: Endpoint,
    keys: Endpoint,
    /// It says in redirections who it is (RFC 9207).
    pub(super) names_itself: bool,
    /// Secrets are sent in a header.
    pub(super) takes_basic: bool,
}

/// The same as it is sent (OpenID Connect Discovery, section 3).
#[derive(Deserialize)]
struct Sent {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
}

/// An answer of the token endpoint. Of the access token nothing is made.
#[derive(Deserialize)]
struct Tokens {
    id_token: Redacted<String>,
}

#[derive(Deserialize)]
struct KeySet {
    keys: Vec<Value>,
}

impl Provider {
    pub(super) fn new(settings: SignInSettings) -> Result<Self, BadRoots> {
        Ok(Self {
            tls: outward::tls(settings.roots.as_deref())?,
            settings,
            metadata: Mutex::default(),
            keys: Mutex::default(),
        })
    }

    /// Its metadata. Those who come while they are asked for wait for the same answer.
    pub(super) async fn metadata(&self, now: Timestamp) -> Result<Arc<Metadata>, Denied> {
        let mut known = self.metadata.lock().await;
        if let Some((at, metadata)) = known.as_ref()
            && is_within(*at, now, limits::PROVIDER_KNOWN)
        {
            return Ok(metadata.clone());
        }
        let metadata = Arc::new(self.ask_metadata().await?);
        *known = Some((now, metadata.clone()));
        Ok(metadata)
    }

    async fn ask_metadata(&self) -> Result<Metadata, Denied> {
        let issuer = &self.settings.issuer;
        let loopback = issuer.is_plain();
        let endpoint = Endpoint::of(&issuer.metadata(), loopback)?;
        let sent: Sent = self.read(&endpoint, Why::BadMetadata).await?;
        // OpenID Connect Discovery, section 4.3: it speaks for itself alone.
        if sent.issuer != issuer.as_str() {
            return Err(Why::BadMetadata.into());
        }
        let basic = "client_secret_basic".to_owned();
        let methods = sent.token_endpoint_auth_methods_supported;
        Ok(Metadata {
            authorization: Endpoint::of(&sent.authorization_endpoint, loopback)?,
            token: Endpoint::of(&sent.token_endpoint, loopback)?,
            keys: Endpoint::of(&sent.jwks_uri, loopback)?,
            names_itself: sent.authorization_response_iss_parameter_supported,
            takes_basic: methods.is_none_or(|methods| methods.contains(&basic)),
        })
    }

    /// Exchanges a code for an ID token.
    pub(super) async fn exchange(
        &self,
        metadata: &Metadata,
        form: Form,
    ) -> Result<Redacted<String>, Denied> {
        let reply = ask(&self.tls, &metadata.token, Some(form)).await?;
        if reply.status.is_server_error() {
            return Err(Why::Silent.into());
        }
        if reply.status != StatusCode::OK {
            return Err(Why::CodeRefused.into());
        }
        let tokens: Tokens = serde_json::from_slice(&reply.body).map_err(|_| Why::NotSigned)?;
        Ok(tokens.id_token)
    }

    /// Its keys, asked for again when none of them can have signed this, and not too often.
    pub(super) async fn keys(
        &self,
        metadata: &Metadata,
        header: &Header,
        now: Timestamp,
    ) -> Result<Arc<Vec<Jwk>>, Denied> {
        let mut known = self.keys.lock().await;
        if let Some((at, keys)) = known.as_ref() {
            let fresh = is_within(*at, now, limits::PROVIDER_KNOWN);
            let there = keys.iter().any(|key| fits(key, header));
            if fresh && (there || is_within(*at, now, limits::PROVIDER_KEYS)) {
                return Ok(keys.clone());
            }
        }
        let set: KeySet = self.read(&metadata.keys, Why::BadKeys).await?;
        // A key of a kind that is not known here spoils none of the others.
        let keys = set.keys.into_iter();
        let keys = keys.filter_map(|key| serde_json::from_value(key).ok());
        let keys: Arc<Vec<Jwk>> = Arc::new(keys.collect());
        *known = Some((now, keys.clone()));
        Ok(keys)
    }

    async fn read<T: for<'de> Deserialize<'de>>(
        &self,
        endpoint: &Endpoint,
        otherwise: Why,
    ) -> Result<T, Denied> {
        let reply = ask(&self.tls, endpoint, None).await?;
        if reply.status != StatusCode::OK {
            return Err(Why::Silent.into());
        }
        serde_json::from_slice(&reply.body).map_err(|_| otherwise.into())
    }
}

fn is_within(at: Timestamp, now: Timestamp, limit: Millis) -> bool {
    now.0.saturating_sub(at.0) < limit.0
}
