//! Signing in at an identity provider: OpenID Connect's authorization code flow, with PKCE (RFC 7636), as RFC 9700 has it.
//!
//! `settings` says which provider, `client_key` how it knows us without a secret, `provider` knows its metadata and keys, `fetch` asks it, `id_token` judges what it says
//! and asks nobody. Who a person is here is for `http` and the store: this gives away what the provider calls them, once.

mod client_key;
mod fetch;
mod id_token;
mod provider;
mod settings;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use tokio::time::timeout;
use url::form_urlencoded::{Serializer, byte_serialize};
use vestibule_clinic::IdentityLevel;
use vestibule_vocab::{PatientId, Redacted, Role, Timestamp, VisitId};

pub(crate) use client_key::PublicKey;
pub use client_key::{BadClientKey, ClientKey};
pub(crate) use id_token::SignedIn;
pub use settings::{BadIssuer, BadLevel, Issuer, LevelOf, SignInSettings};

use crate::identity::{SecretHash, sha256};
use crate::limits;
use crate::outward::BadRoots;
use crate::random::{self, NoRandomness};
use client_key::ASSERTION_TYPE;
use fetch::Form;
use provider::{Metadata, Provider};

/// Why somebody was not signed in: for the log, and to choose what they are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Why {
    /// The name is not found, nothing is there, or it takes too long.
    #[error("the provider does not answer")]
    Silent,
    #[error("the provider's certificate is not trusted")]
    NotTrusted,
    #[error("the provider's metadata are not its own, or name addresses without https")]
    BadMetadata,
    #[error("the provider's keys cannot be read")]
    BadKeys,
    #[error("the provider gave an error instead of a code")]
    GaveNone,
    #[error("the redirection is of another provider, or does not say of which")]
    OtherIssuer,
    #[error("no assertion could be signed with --oidc-key-file")]
    NotProven,
    #[error("the provider did not take the code; is --oidc-secret-file or --oidc-key-file right?")]
    CodeRefused,
    #[error("the ID token is no signed token, or signed by no key of the provider")]
    NotSigned,
    #[error("the ID token is of another provider")]
    WrongIssuer,
    #[error("the ID token is for another client")]
    WrongAudience,
    #[error("the ID token is of another sign-in")]
    WrongNonce,
    #[error("the ID token is of another time; are both clocks right?")]
    WrongTime,
    #[error("the ID token has no subject that can be used")]
    BadSubject,
}

/// Nobody was signed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Denied(pub(crate) Why);

impl From<Why> for Denied {
    fn from(why: Why) -> Self {
        Self(why)
    }
}

impl Denied {
    /// It lies with the provider, or with how it is set up, and not with who signed in.
    pub(crate) fn is_outage(self) -> bool {
        matches!(
            self.0,
            Why::Silent | Why::NotTrusted | Why::BadMetadata | Why::BadKeys
        )
    }
}

/// What is kept of a sign-in that was begun, sealed, until it is finished.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Pending {
    /// As what.
    pub(crate) role: Role,
    /// SHA-256 of the key of the device that began it.
    pub(crate) device: SecretHash,
    /// For which visit they have come already, if they have a link of their own.
    pub(crate) held: Option<Held>,
    nonce: String,
    verifier: String,
    redirect: String,
}

/// What somebody has who begins to sign in with a patient's session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Held {
    pub(crate) patient: PatientId,
    pub(crate) visit: VisitId,
    /// How surely it is known who they are without signing in.
    pub(crate) level: IdentityLevel,
}

impl Pending {
    /// A sign-in that begins, and comes back to this address.
    pub(crate) fn new(
        role: Role,
        held: Option<Held>,
        device: SecretHash,
        redirect: String,
    ) -> Result<Self, NoRandomness> {
        Ok(Self {
            role,
            held,
            device,
            nonce: random::secret()?,
            verifier: random::secret()?,
            redirect,
        })
    }
}

/// What a redirection from the provider says.
#[derive(Debug, Deserialize)]
pub(crate) struct Returned {
    /// What we gave it.
    pub(crate) state: String,
    code: Option<Redacted<String>>,
    iss: Option<String>,
}

/// The provider that people sign in at.
pub(crate) struct SignIn {
    provider: Provider,
}

impl SignIn {
    pub(crate) fn new(settings: SignInSettings) -> Result<Self, BadRoots> {
        Ok(Self {
            provider: Provider::new(settings)?,
        })
    }

    /// The provider's name.
    pub(crate) fn issuer(&self) -> &str {
        self.provider.settings.issuer.as_str()
    }

    /// The public half of what we prove there who we are with.
    pub(crate) fn key(&self) -> Option<&PublicKey> {
        self.provider.settings.key.as_ref().map(ClientKey::public)
    }

    /// Where somebody goes to sign in.
    pub(crate) async fn begin(
        &self,
        state: &str,
        pending: &Pending,
        now: Timestamp,
    ) -> Result<String, Denied> {
        let metadata = patiently(self.provider.metadata(now)).await?;
        let settings = &self.provider.settings;
        let mut url = metadata.authorization.url();
        url.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", &settings.client)
            .append_pair("scope", "openid")
            .append_pair("redirect_uri", &pending.redirect)
            .append_pair("state", state)
            .append_pair("nonce", &pending.nonce)
            .append_pair("code_challenge", &challenge(&pending.verifier))
            .append_pair("code_challenge_method", "S256");
        let asked = asked_for(settings, pending.role);
        if !asked.is_empty() {
            url.query_pairs_mut().append_pair("acr_values", &asked);
        }
        Ok(url.into())
    }

    /// Who it is who came back.
    pub(crate) async fn finish(
        &self,
        returned: &Returned,
        pending: &Pending,
        now: Timestamp,
    ) -> Result<SignedIn, Denied> {
        patiently(self.find_out(returned, pending, now)).await
    }

    async fn find_out(
        &self,
        returned: &Returned,
        pending: &Pending,
        now: Timestamp,
    ) -> Result<SignedIn, Denied> {
        let metadata = self.provider.metadata(now).await?;
        // RFC 9207, section 2.4: a code of another provider is not carried to this one.
        let issuer = returned.iss.as_deref();
        if issuer.is_none() && metadata.names_itself || issuer.is_some_and(|it| it != self.issuer())
        {
            return Err(Why::OtherIssuer.into());
        }
        let code = returned.code.as_ref().ok_or(Why::GaveNone)?;
        let form = self.form(code.expose(), pending, &metadata, now)?;
        let token = self.provider.exchange(&metadata, form).await?;
        let header = id_token::header(&token)?;
        let keys = self.provider.keys(&metadata, &header, now).await?;
        id_token::judge(&token, &keys, &self.provider.settings, &pending.nonce, now)
    }

    fn form(
        &self,
        code: &str,
        pending: &Pending,
        metadata: &Metadata,
        now: Timestamp,
    ) -> Result<Form, Denied> {
        let settings = &self.provider.settings;
        let secret = settings.secret.as_ref().map(Redacted::expose);
        let mut body = Serializer::new(String::new());
        body.append_pair("grant_type", "authorization_code")
            .append_pair("code", code)
            .append_pair("redirect_uri", &pending.redirect)
            .append_pair("code_verifier", &pending.verifier);
        let mut authorization = None;
        match (&settings.key, secret) {
            (Some(key), _) => {
                let endpoint = metadata.token.url();
                let assertion = key.assertion(&settings.client, endpoint.as_str(), now);
                let assertion = assertion.ok_or(Why::NotProven)?;
                body.append_pair("client_id", &settings.client)
                    .append_pair("client_assertion_type", ASSERTION_TYPE)
                    .append_pair("client_assertion", assertion.expose());
            }
            (None, Some(secret)) if metadata.takes_basic => {
                authorization = Some(basic_of(&settings.client, secret));
            }
            (None, Some(secret)) => {
                body.append_pair("client_id", &settings.client)
                    .append_pair("client_secret", secret);
            }
            (None, None) => {
                body.append_pair("client_id", &settings.client);
            }
        }
        Ok(Form {
            body: body.finish(),
            authorization,
        })
    }
}

/// What is asked for of how they sign in, what is preferred first.
fn asked_for(settings: &SignInSettings, role: Role) -> String {
    if role == Role::Practitioner {
        return settings.second_factor.join(" ");
    }
    let mut levels: Vec<&LevelOf> = settings.levels.iter().collect();
    levels.sort_by_key(|it| std::cmp::Reverse(it.level));
    let words: Vec<&str> = levels.into_iter().map(|it| it.acr.as_str()).collect();
    words.join(" ")
}

/// RFC 7636, section 4.2.
fn challenge(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(sha256(verifier.as_bytes()))
}

/// RFC 6749, section 2.3.1: both are written as in a form before they are put together.
fn basic_of(client: &str, secret: &str) -> String {
    let written = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
    let pair = format!("{}:{}", written(client), written(secret));
    format!("Basic {}", STANDARD.encode(pair))
}

/// However many requests it takes, and however long others wait for the same.
async fn patiently<T>(asked: impl Future<Output = Result<T, Denied>>) -> Result<T, Denied> {
    let given = timeout(limits::PROVIDER_PATIENCE, asked).await;
    given.unwrap_or(Err(Why::Silent.into()))
}
