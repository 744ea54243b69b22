//! Join tokens: JWTs signed with Ed25519 (RFC 8037), good for one role, one clinic, one visit and
//! one use. The algorithm is pinned (RFC 8725 section 3.1); the token does not choose it.

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use serde::{Deserialize, Serialize};
use vestibule_clinic::IdentityLevel;
use vestibule_vocab::{
    ClinicId, InvitationId, PatientId, PractitionerId, Redacted, Role, Timestamp, VisitId,
};

use super::secret::SecretHash;

/// Whom a join token is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A patient, for one visit.
    Patient {
        /// Who.
        patient: PatientId,
        /// The only visit that the token can begin.
        visit: VisitId,
    },
    /// A practitioner.
    Practitioner(PractitionerId),
    /// Whoever comes along by an invitation.
    Companion {
        /// Which; also the person's name in consultations.
        invitation: InvitationId,
        /// The only visit that they can come to.
        visit: VisitId,
    },
}

impl Subject {
    /// As what.
    #[must_use]
    pub(crate) fn role(self) -> Role {
        match self {
            Self::Patient { .. } => Role::Patient,
            Self::Practitioner(_) => Role::Practitioner,
            Self::Companion { .. } => Role::Companion,
        }
    }

    /// The only visit that this is about; none of a practitioner's.
    #[must_use]
    pub(crate) fn visit(self) -> Option<VisitId> {
        match self {
            Self::Patient { visit, .. } | Self::Companion { visit, .. } => Some(visit),
            Self::Practitioner(_) => None,
        }
    }
}

/// What a valid token says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claims {
    /// Whom it is for.
    pub subject: Subject,
    /// How surely it is known who it is for. Only a patient is more than the holder of a link: everybody else's identity is
    /// looked after elsewhere.
    pub level: IdentityLevel,
    /// SHA-256 of the key of the one device that may exchange it; of a link, none: whoever opens it first may.
    pub device: Option<[u8; 32]>,
    /// Its own name; a token is used once.
    pub token_id: Redacted<String>,
    /// When it ends.
    pub expires_at: Timestamp,
}

/// Why a token was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// Altered, signed by somebody else, or for another use.
    #[error("the token is not valid here")]
    Invalid,
    /// Past its time.
    #[error("the token has expired")]
    Expired,
}

/// The key of this server cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the token key is not an Ed25519 key in PKCS#8")]
pub struct BadTokenKey;

/// A token could not be signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a token could not be signed")]
pub struct Unsigned;

/// The claims on the wire (RFC 7519 section 4). Unknown ones are refused: we issue these only.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireClaims {
    iss: String,
    aud: String,
    sub: String,
    role: Role,
    clinic: ClinicId,
    visit: Option<VisitId>,
    /// Absent of the holder of a link, of whom nothing else is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    level: Option<IdentityLevel>,
    /// Absent of a link, which any device may open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    device: Option<String>,
    jti: String,
    iat: u64,
    exp: u64,
}

/// The audience of every join token.
const AUDIENCE: &str = "vestibule:join";

/// The name under which this server issues and accepts tokens.
fn issuer(clinic: ClinicId) -> String {
    format!("vestibule:{}", clinic.to_text())
}

/// The server's key: issues join tokens and checks them.
pub struct TokenKey {
    clinic: ClinicId,
    encoding: EncodingKey,
    public: Vec<u8>,
    decoding: DecodingKey,
}

impl TokenKey {
    /// A new key as PKCS#8, to be kept in a private file.
    ///
    /// # Errors
    /// When the system gives no randomness.
    pub fn generate() -> std::io::Result<Vec<u8>> {
        let failed = || std::io::Error::other("no Ed25519 key could be made");
        let pair = Ed25519KeyPair::generate().map_err(|_| failed())?;
        Ok(pair.to_pkcs8().map_err(|_| failed())?.as_ref().to_vec())
    }

    /// The key of this PKCS#8 document, for the tokens of this clinic.
    ///
    /// # Errors
    /// [`BadTokenKey`] when it is something else.
    pub fn from_pkcs8(clinic: ClinicId, pkcs8: &[u8]) -> Result<Self, BadTokenKey> {
        let pair = Ed25519KeyPair::from_pkcs8(pkcs8).map_err(|_| BadTokenKey)?;
        Ok(Self {
            clinic,
            encoding: EncodingKey::from_ed_der(pkcs8),
            public: pair.public_key().as_ref().to_vec(),
            decoding: DecodingKey::from_ed_der(pair.public_key().as_ref()),
        })
    }

    /// Its public half, by which a store knows it again.
    pub(crate) fn public(&self) -> &[u8] {
        &self.public
    }

    /// A token for `subject`, from now until `expires_at`.
    ///
    /// # Errors
    /// [`Unsigned`].
    pub fn issue(
        &self,
        subject: Subject,
        now: Timestamp,
        expires_at: Timestamp,
    ) -> Result<Redacted<String>, Unsigned> {
        self.issue_at(subject, IdentityLevel::Link, now, expires_at)
    }

    /// A token for a subject who is known as surely as that, from now until `expires_at`.
    ///
    /// # Errors
    /// [`Unsigned`].
    pub(crate) fn issue_at(
        &self,
        subject: Subject,
        level: IdentityLevel,
        now: Timestamp,
        expires_at: Timestamp,
    ) -> Result<Redacted<String>, Unsigned> {
        self.sign(&self.wire_claims(subject, level, now, expires_at)?)
    }

    /// The same for one device alone: the one with the key of this SHA-256.
    ///
    /// # Errors
    /// [`Unsigned`].
    pub(crate) fn issue_to(
        &self,
        device: &SecretHash,
        (subject, level): (Subject, IdentityLevel),
        now: Timestamp,
        expires_at: Timestamp,
    ) -> Result<Redacted<String>, Unsigned> {
        let mut claims = self.wire_claims(subject, level, now, expires_at)?;
        claims.device = Some(URL_SAFE_NO_PAD.encode(device));
        self.sign(&claims)
    }

    fn sign(&self, claims: &WireClaims) -> Result<Redacted<String>, Unsigned> {
        let header = Header::new(Algorithm::EdDSA);
        let token = encode(&header, claims, &self.encoding).map_err(|_| Unsigned)?;
        Ok(Redacted::new(token))
    }

    fn wire_claims(
        &self,
        subject: Subject,
        level: IdentityLevel,
        now: Timestamp,
        expires_at: Timestamp,
    ) -> Result<WireClaims, Unsigned> {
        let token_id = crate::random::bits().map_err(|_| Unsigned)?;
        let (sub, visit) = match subject {
            Subject::Patient { patient, visit } => (patient.to_text(), Some(visit)),
            Subject::Practitioner(id) => (id.to_text(), None),
            Subject::Companion { invitation, visit } => (invitation.to_text(), Some(visit)),
        };
        Ok(WireClaims {
            iss: issuer(self.clinic),
            aud: AUDIENCE.to_owned(),
            sub,
            role: subject.role(),
            clinic: self.clinic,
            visit,
            level: Some(level).filter(|level| *level != IdentityLevel::Link),
            device: None,
            jti: format!("{token_id:032x}"),
            iat: now.0 / 1000,
            exp: expires_at.0 / 1000,
        })
    }

    /// Checks a token.
    ///
    /// # Errors
    /// [`TokenError`], the same for every kind of forgery.
    pub fn check(&self, token: &str, now: Timestamp) -> Result<Claims, TokenError> {
        let data = decode::<WireClaims>(token, &self.decoding, &self.validation())
            .map_err(|_| TokenError::Invalid)?;
        let claims = self.read(data.claims)?;
        if claims.expires_at <= now {
            return Err(TokenError::Expired);
        }
        Ok(claims)
    }

    /// The library's own check of `exp` asks the system's clock; ours is an argument.
    fn validation(&self) -> Validation {
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_audience(&[AUDIENCE]);
        validation.set_issuer(&[issuer(self.clinic)]);
        validation.set_required_spec_claims(&["exp", "aud", "iss", "sub"]);
        validation.validate_exp = false;
        validation
    }

    fn read(&self, claims: WireClaims) -> Result<Claims, TokenError> {
        if claims.clinic != self.clinic {
            return Err(TokenError::Invalid);
        }
        Ok(Claims {
            subject: read_subject(&claims).ok_or(TokenError::Invalid)?,
            level: claims.level.unwrap_or(IdentityLevel::Link),
            device: claims.device.as_deref().map(read_device).transpose()?,
            token_id: Redacted::new(claims.jti),
            expires_at: Timestamp(claims.exp.saturating_mul(1000)),
        })
    }
}

fn read_device(text: &str) -> Result<SecretHash, TokenError> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok();
    let hash = bytes.and_then(|bytes| bytes.try_into().ok());
    hash.ok_or(TokenError::Invalid)
}

fn read_subject(claims: &WireClaims) -> Option<Subject> {
    match (claims.role, claims.visit) {
        (Role::Patient, Some(visit)) => Some(Subject::Patient {
            patient: PatientId::parse(&claims.sub)?,
            visit,
        }),
        (Role::Practitioner, None) => PractitionerId::parse(&claims.sub).map(Subject::Practitioner),
        (Role::Companion, Some(visit)) => Some(Subject::Companion {
            invitation: InvitationId::parse(&claims.sub)?,
            visit,
        }),
        (Role::Patient | Role::Companion, None) | (Role::Practitioner, Some(_)) => None,
    }
}
