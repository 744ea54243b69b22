//! The key by which we prove at the provider who we are, where it wants no secret (`private_key_jwt`, OpenID Connect Core,
//! section 9; RFC 7523). It signs for that alone.

use std::fmt;

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject as _;
use serde::Serialize;
use vestibule_vocab::{Redacted, Timestamp};

use crate::identity::sha256;
use crate::{limits, random};

/// A text that is no such key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a client's key is a P-256 key in PKCS#8 (PEM): openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256"
)]
pub struct BadClientKey;

/// The key. Printed nowhere.
#[derive(Clone)]
pub struct ClientKey {
    signing: EncodingKey,
    public: PublicKey,
}

/// Its public half, as a JSON Web Key (RFC 7517; RFC 7518, section 6.2).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct PublicKey {
    kty: &'static str,
    crv: &'static str,
    x: String,
    y: String,
    kid: String,
    alg: &'static str,
    #[serde(rename = "use")]
    purpose: &'static str,
}

/// What is said under it (RFC 7523, section 3).
#[derive(Serialize)]
struct Assertion<'a> {
    iss: &'a str,
    sub: &'a str,
    aud: &'a str,
    jti: String,
    iat: u64,
    exp: u64,
}

/// The kind of [`ClientKey::assertion`], as a form says it.
pub(super) const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

impl ClientKey {
    /// The key of a PEM file's text.
    ///
    /// # Errors
    /// [`BadClientKey`].
    pub fn from_pem(text: &str) -> Result<Self, BadClientKey> {
        let PrivateKeyDer::Pkcs8(der) =
            PrivateKeyDer::from_pem_slice(text.as_bytes()).map_err(|_| BadClientKey)?
        else {
            return Err(BadClientKey);
        };
        let pkcs8 = der.secret_pkcs8_der();
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8);
        let pair = pair.map_err(|_| BadClientKey)?;
        let public = PublicKey::of(pair.public_key().as_ref()).ok_or(BadClientKey)?;
        Ok(Self {
            signing: EncodingKey::from_ec_der(pkcs8),
            public,
        })
    }

    /// Its public half, for the provider.
    pub(crate) fn public(&self) -> &PublicKey {
        &self.public
    }

    /// That it is this client who asks there, for as long as a request may take.
    pub(super) fn assertion(
        &self,
        client: &str,
        endpoint: &str,
        now: Timestamp,
    ) -> Option<Redacted<String>> {
        let mut header = Header::new(Algorithm::ES256);
        header.kid = Some(self.public.kid.clone());
        let assertion = Assertion {
            iss: client,
            sub: client,
            aud: endpoint,
            jti: random::secret().ok()?,
            iat: now.0 / 1000,
            exp: now.plus(limits::CLIENT_ASSERTION).0 / 1000,
        };
        let signed = encode(&header, &assertion, &self.signing).ok()?;
        Some(Redacted::new(signed))
    }
}

impl PublicKey {
    /// Of an uncompressed point (SEC 1, section 2.3.3).
    fn of(point: &[u8]) -> Option<Self> {
        let (x, y) = point.strip_prefix(&[4])?.split_at_checked(32)?;
        let [x, y] = [x, y].map(|it| URL_SAFE_NO_PAD.encode(it));
        // RFC 7638, section 3: the members that make the key, in this order.
        let thumbprint = format!(r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#);
        Some(Self {
            kty: "EC",
            crv: "P-256",
            kid: URL_SAFE_NO_PAD.encode(sha256(thumbprint.as_bytes())),
            alg: "ES256",
            purpose: "sig",
            x,
            y,
        })
    }
}

impl fmt::Debug for ClientKey {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.debug_tuple("ClientKey").field(&self.public.kid).finish()
    }
}

impl PartialEq for ClientKey {
    fn eq(&self, other: &Self) -> bool {
        self.public == other.public
    }
}

impl Eq for ClientKey {}
