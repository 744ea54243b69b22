//! Who a leaf says it is: a participant, and the page that holds the leaf's key.

use openmls::prelude::{BasicCredential, Credential, CredentialType};
use vestibule_vocab::{InstanceId, ParticipantId};

/// A participant, by one load of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Identity {
    pub(crate) participant: ParticipantId,
    pub(crate) instance: InstanceId,
}

/// A leaf and who holds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Member {
    pub(crate) leaf: u32,
    pub(crate) identity: Identity,
}

impl Identity {
    /// The basic credential of this identity (RFC 9420 section 5.3).
    pub(super) fn credential(self) -> Credential {
        BasicCredential::new(self.text().into_bytes()).into()
    }

    /// Reads a credential; `None` when it is not of our form.
    pub(super) fn of(credential: &Credential) -> Option<Self> {
        if credential.credential_type() != CredentialType::Basic {
            return None;
        }
        let basic = BasicCredential::try_from(credential.clone()).ok()?;
        let text = std::str::from_utf8(basic.identity()).ok()?;
        let (participant, instance) = text.split_once('/')?;
        let read = Self {
            participant: ParticipantId::parse(participant)?,
            instance: InstanceId::parse(instance)?,
        };
        // An id has other forms of text; one alone is ours.
        (read.text() == text).then_some(read)
    }

    fn text(self) -> String {
        format!("{}/{}", self.participant.to_text(), self.instance.to_text())
    }
}
