//! Bodies of the HTTP API under `/api/v1`. Errors are `{"error": ErrorBody}`.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use vestibule_vocab::{ParticipantId, Redacted, Role, Timestamp};

use crate::{Base64Bytes, ErrorBody};

/// `POST /api/v1/walk-ins`: turns a walk-in link into a join token of a new pseudonym.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct WalkInRequest {
    /// The code after `#w=` in the link.
    pub link: Redacted<String>,
}

/// The answer to a [`WalkInRequest`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct WalkInGrant {
    /// A join token (JWT, `EdDSA`), good once and for a few minutes.
    pub token: Redacted<String>,
}

/// `POST /api/v1/sessions`: exchanges a join token, once, for a session bound to a device.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct SessionRequest {
    /// The join token: after `#j=` in an invitation, or from a [`WalkInGrant`].
    pub token: Redacted<String>,
    /// The device's public key: P-256, uncompressed point of 65 bytes (SEC 1 section 2.3.3).
    pub device_key: Base64Bytes,
}

/// The answer to a [`SessionRequest`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct SessionGrant {
    /// The session's secret: goes into `hello`, with a proof by the device's key.
    pub session: Redacted<String>,
    /// As what.
    pub role: Role,
    /// The name of this participant in consultations.
    pub participant: ParticipantId,
    /// When the session ends at the latest.
    pub expires_at: Timestamp,
    /// It came of signing in.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[ts(optional, as = "Option<_>")]
    pub signed_in: bool,
}

/// `POST /api/v1/sign-ins`: begins to sign in at the identity provider.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct SignInRequest {
    /// As a patient: the code after `#w=` in the walk-in link. Absent, as `session` is: as a practitioner.
    #[serde(default)]
    #[ts(optional)]
    pub link: Option<Redacted<String>>,
    /// As a patient who came in by a link of their own, and stays with its visit.
    #[serde(default)]
    #[ts(optional)]
    pub session: Option<HeldSession>,
    /// The public key of the device that begins, as in a [`SessionRequest`]: no other gets in by this sign-in.
    pub device_key: Base64Bytes,
}

/// A session of the device's own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct HeldSession {
    /// Its secret.
    pub session: Redacted<String>,
    /// By the device's key, as in `hello`, with [`SIGN_IN_NONCE`](crate::SIGN_IN_NONCE) where the challenge's nonce stands.
    pub proof: Base64Bytes,
}

/// The answer to a [`SignInRequest`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct SignInStart {
    /// Where the page goes, within ten minutes. It comes back with a join token behind `#j=`, or with a code of an error
    /// behind `#e=`.
    pub url: Redacted<String>,
}

/// `GET /sign-in/offered`: whether there is an identity provider to sign in at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SignInOffer {
    /// There is.
    pub offered: bool,
}

/// The body of every HTTP error.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct HttpError {
    /// What went wrong.
    pub error: ErrorBody,
}
