//! One page's key, and the key packages that it gave out.

use std::collections::VecDeque;

use openmls::group::{
    MlsGroup, MlsGroupCreateConfig, MlsGroupJoinConfig, PURE_CIPHERTEXT_WIRE_FORMAT_POLICY,
    StagedWelcome, WelcomeError,
};
use openmls::prelude::{
    Capabilities, CredentialType, CredentialWithKey, GroupId, KeyPackage, KeyPackageRef,
    MlsMessageBodyIn, MlsMessageOut, ProtocolVersion, SenderRatchetConfiguration,
};
use openmls_traits::OpenMlsProvider as _;
use openmls_traits::storage::StorageProvider as _;

use super::crypto::{LeafKey, Provider, SUITE};
use super::policy::{Rejection, Roster, check_members};
use super::{COMMITTER_LEAF, Group, Identity, decode, invalid};
use crate::limits::{EPOCHS_KEPT, KEY_PACKAGES_KEPT, RATCHET_STEPS};

/// The holder of one leaf, in whatever group.
pub(crate) struct MlsMember {
    pub(super) provider: Provider,
    pub(super) key: LeafKey,
    identity: Identity,
    /// Oldest first.
    packages: VecDeque<KeyPackageRef>,
}

impl MlsMember {
    /// A new key, of this page alone.
    pub(crate) fn new(identity: Identity) -> Result<Self, Rejection> {
        Ok(Self {
            provider: Provider::default(),
            key: LeafKey::generate().map_err(invalid)?,
            identity,
            packages: VecDeque::new(),
        })
    }

    /// A new key package, by which this page can be added once.
    pub(crate) fn key_package(&mut self) -> Result<Vec<u8>, Rejection> {
        let made = KeyPackage::builder()
            .leaf_node_capabilities(capabilities())
            .build(SUITE, &self.provider, &self.key, self.credential())
            .map_err(invalid)?;
        let package = made.into_key_package();
        let reference = package.hash_ref(self.provider.crypto()).map_err(invalid)?;
        self.packages.push_back(reference);
        while self.packages.len() > KEY_PACKAGES_KEPT {
            self.forget_oldest_package();
        }
        MlsMessageOut::from(package).to_bytes().map_err(invalid)
    }

    /// A new group with this page alone in it.
    pub(crate) fn begin(&self, id: &[u8]) -> Result<Group, Rejection> {
        let config = MlsGroupCreateConfig::builder()
            .ciphersuite(SUITE)
            .wire_format_policy(PURE_CIPHERTEXT_WIRE_FORMAT_POLICY)
            .sender_ratchet_configuration(ratchets())
            .max_past_epochs(EPOCHS_KEPT)
            .use_ratchet_tree_extension(true)
            .capabilities(capabilities())
            .build();
        let id = GroupId::from_slice(id);
        let group = MlsGroup::new_with_group_id(
            &self.provider,
            &self.key,
            &config,
            id,
            self.credential(),
        );
        Group::new(group.map_err(invalid)?)
    }

    /// Joins by a Welcome. It is `NotForUs` when it names none of our packages.
    pub(crate) fn join(&self, message: &[u8], roster: &impl Roster) -> Result<Group, Rejection> {
        let MlsMessageBodyIn::Welcome(welcome) = decode(message)? else {
            return Err(Rejection::WireFormat);
        };
        let config = MlsGroupJoinConfig::builder()
            .wire_format_policy(PURE_CIPHERTEXT_WIRE_FORMAT_POLICY)
            .sender_ratchet_configuration(ratchets())
            .max_past_epochs(EPOCHS_KEPT)
            .use_ratchet_tree_extension(true)
            .build();
        let staged = StagedWelcome::build_from_welcome(&self.provider, &config, welcome)
            .map_err(|error| match error {
                WelcomeError::NoMatchingKeyPackage => Rejection::NotForUs,
                _ => Rejection::Invalid,
            })?
            .build()
            .map_err(invalid)?;
        check_welcome(&staged, roster)?;
        Group::new(staged.into_group(&self.provider).map_err(invalid)?)
    }

    pub(super) fn credential(&self) -> CredentialWithKey {
        CredentialWithKey {
            credential: self.identity.credential(),
            signature_key: self.key.public().into(),
        }
    }

    fn forget_oldest_package(&mut self) {
        if let Some(oldest) = self.packages.pop_front() {
            // Already used, or forgotten now: the store in memory does not fail.
            let _ = self.provider.storage().delete_key_package(&oldest);
        }
    }
}

/// The library takes a Welcome of any member, with any members; ours come from the committer alone.
fn check_welcome(staged: &StagedWelcome, roster: &impl Roster) -> Result<(), Rejection> {
    if staged.welcome_sender_index().u32() != COMMITTER_LEAF {
        return Err(Rejection::NotTheCommitter);
    }
    if staged.group_context().extensions().iter().next().is_some() {
        return Err(Rejection::Extension);
    }
    let mut committer = None;
    let mut members = Vec::new();
    for member in staged.members() {
        let identity = Identity::of(&member.credential).ok_or(Rejection::Credential)?;
        if member.index.u32() == COMMITTER_LEAF {
            committer = Some(identity);
        }
        members.push(identity);
    }
    check_members(&members, committer.as_ref(), roster)
}

fn capabilities() -> Capabilities {
    Capabilities::builder()
        .versions(vec![ProtocolVersion::Mls10])
        .ciphersuites(vec![SUITE])
        .extensions(Vec::new())
        .proposals(Vec::new())
        .credentials(vec![CredentialType::Basic])
        .build()
}

fn ratchets() -> SenderRatchetConfiguration {
    SenderRatchetConfiguration::new(RATCHET_STEPS, RATCHET_STEPS)
}
