//! A device: it holds a key, and the session that it got by a link.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use vestibule_protocol::client::Request;
use vestibule_protocol::http::{SessionGrant, SessionRequest, WalkInGrant, WalkInRequest};
use vestibule_protocol::{Base64Bytes, PROTOCOL_VERSION, proof_message};
use vestibule_vocab::{InstanceId, ParticipantId, Redacted, Role};

use crate::http::post;
use crate::link::Key;
use crate::{Error, Link};

/// A device with a session. Each [`crate::Participant`] that it opens is a new page: what was one's leaf and
/// epoch before is over, as after a reload.
pub struct Device {
    authority: String,
    key: EcdsaKeyPair,
    session: Redacted<String>,
    participant: ParticipantId,
    role: Role,
}

impl Device {
    /// Makes a key and exchanges the link for a session that counts only together with it.
    ///
    /// # Errors
    /// When the server cannot be reached, or refuses the link.
    pub async fn by_link(link: &Link) -> Result<Self, Error> {
        let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING);
        let key = key.map_err(|_| Error::Crypto)?;
        let authority = link.authority.clone();
        let token = match &link.key {
            Key::Invitation(token) => token.clone(),
            Key::WalkIn(code) => {
                let request = WalkInRequest { link: code.clone() };
                let grant: WalkInGrant = post(&authority, "walk-ins", &request).await?;
                grant.token
            }
        };
        let request = SessionRequest {
            token,
            device_key: Base64Bytes(key.public_key().as_ref().to_vec()),
        };
        let grant: SessionGrant = post(&authority, "sessions", &request).await?;
        Ok(Self {
            authority,
            key,
            session: grant.session,
            participant: grant.participant,
            role: grant.role,
        })
    }

    /// A patient's, with a session that only a test's server takes.
    #[cfg(test)]
    pub(crate) fn of_test(authority: String) -> Self {
        Self {
            authority,
            key: EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap(),
            session: Redacted::new("session".to_owned()),
            participant: ParticipantId::from_random(1),
            role: Role::Patient,
        }
    }

    /// The name of this participant in consultations.
    #[must_use]
    pub fn participant(&self) -> ParticipantId {
        self.participant
    }

    /// As what the session was granted.
    #[must_use]
    pub fn role(&self) -> Role {
        self.role
    }

    /// The server's `host:port`.
    pub(crate) fn authority(&self) -> &str {
        &self.authority
    }

    /// Opens the session on a socket: signs label, challenge and session, see [`vestibule_protocol::PROOF_LABEL`].
    pub(crate) fn hello(&self, nonce: &[u8], instance: InstanceId) -> Result<Request, Error> {
        let signed = proof_message(nonce, self.session.expose());
        let signature = self.key.sign(&SystemRandom::new(), &signed);
        let signature = signature.map_err(|_| Error::Crypto)?;
        Ok(Request::Hello {
            protocol: vec![PROTOCOL_VERSION],
            session: self.session.clone(),
            proof: Base64Bytes(signature.as_ref().to_vec()),
            instance,
        })
    }
}
