//! The media keys of a consultation: one base key for each epoch, and what is derived from it.

use std::collections::HashMap;
use std::time::Instant;

use sframe::CipherSuite;
use sframe::frame::MonotonicCounter;
use sframe::frame::validation::{ReplayAttackProtection, Tolerance};
use vestibule_vocab::{ParticipantId, Source};

use super::kid::{EpochName, kid};
use super::suite::{DecryptionKey, EncryptionKey};
use crate::limits::{FRAMES_PER_KEY, OLD_KEYS, REPLAY_WINDOW};

/// The cipher suite of all our frames (RFC 9605 section 4.5).
pub const SUITE: CipherSuite = CipherSuite::AesGcm128Sha256;

const SOURCES: [Source; 3] = [Source::Microphone, Source::Camera, Source::Screen];

/// What an epoch brings.
pub struct EpochKeys {
    /// Which epoch it is.
    pub name: EpochName,
    /// `MLS-Exporter("SFrame 1.0 Base Key", "", 16)` of the epoch (RFC 9605 section 5.2).
    pub base_key: Vec<u8>,
    /// Who is in the group.
    pub members: Vec<EpochMember>,
    /// The leaf of whom the keyring is.
    pub own_leaf: u32,
}

/// A member of the group in an epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EpochMember {
    /// The leaf in the ratchet tree, which stands in the key ids.
    pub leaf: u32,
    /// Who it is.
    pub participant: ParticipantId,
}

/// A key of somebody else.
pub(crate) struct ReceiveKey {
    pub(crate) key: DecryptionKey,
    pub(crate) participant: ParticipantId,
    pub(crate) source: Source,
    pub(crate) window: ReplayAttackProtection,
}

/// A key of ours, and the counter that nobody else gets.
pub(crate) struct SendKey {
    pub(crate) key: EncryptionKey,
    pub(crate) counter: MonotonicCounter,
}

struct Epoch {
    keys: EpochKeys,
    /// By key id, derived when the first frame comes.
    received: HashMap<u64, ReceiveKey>,
    /// Made once, so that no counter ever begins again under its key.
    sent: HashMap<Source, SendKey>,
    /// Set when a later epoch was taken up.
    expires: Option<Instant>,
}

/// All keys of a participant.
#[derive(Default)]
pub struct Keyring {
    /// Newest first.
    epochs: Vec<Epoch>,
    sending: Option<EpochName>,
}

impl Keyring {
    /// From now on frames of this epoch can be opened; those of earlier ones for ten seconds more.
    pub fn install(&mut self, keys: EpochKeys, now: Instant) {
        if self.epochs.iter().any(|epoch| epoch.keys.name == keys.name) {
            return;
        }
        for epoch in &mut self.epochs {
            epoch.expires.get_or_insert(now + OLD_KEYS);
        }
        let sent = send_keys(&keys);
        self.epochs.insert(
            0,
            Epoch {
                keys,
                received: HashMap::new(),
                sent,
                expires: None,
            },
        );
        self.retire(now);
    }

    /// From now on frames are sealed with the keys of this epoch.
    pub fn send_with(&mut self, name: EpochName) {
        if self.epochs.iter().any(|epoch| epoch.keys.name == name) {
            self.sending = Some(name);
        }
    }

    /// There is a key to seal with.
    pub fn can_send(&self) -> bool {
        self.sending.is_some()
    }

    /// The key to seal frames of this source with.
    pub(crate) fn send_key(&mut self, source: Source) -> Option<&mut SendKey> {
        let name = self.sending?;
        let mut epochs = self.epochs.iter_mut();
        let epoch = epochs.find(|epoch| epoch.keys.name == name)?;
        epoch.sent.get_mut(&source)
    }

    /// The key of this id, if somebody who is still a member has it.
    pub(crate) fn receive_key(&mut self, id: u64, now: Instant) -> Option<&mut ReceiveKey> {
        self.retire(now);
        let members: Vec<ParticipantId> = self.epochs.first().map_or(Vec::new(), |newest| {
            let members = newest.keys.members.iter();
            members.map(|member| member.participant).collect()
        });
        let found = self.epochs.iter_mut().find_map(|epoch| epoch.find(id))?;
        members.contains(&found.participant).then_some(found)
    }

    /// Forgets everything: the consultation is over.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// What is sealed with lives on, whatever its age: the deadline of the switch ends that sooner.
    fn retire(&mut self, now: Instant) {
        let sending = self.sending;
        self.epochs.retain(|epoch| {
            let expired = epoch.expires.is_some_and(|expires| expires <= now);
            !expired || sending == Some(epoch.keys.name)
        });
    }
}

impl Epoch {
    fn find(&mut self, id: u64) -> Option<&mut ReceiveKey> {
        if !self.received.contains_key(&id) {
            let derived = self.derive(id)?;
            self.received.insert(id, derived);
        }
        self.received.get_mut(&id)
    }

    fn derive(&self, id: u64) -> Option<ReceiveKey> {
        let keys = &self.keys;
        let others = keys.members.iter().filter(|it| it.leaf != keys.own_leaf);
        let mut named = others.flat_map(|member| SOURCES.map(|source| (member, source)));
        let (member, source) =
            named.find(|(member, source)| kid(keys.name, *source, member.leaf) == Some(id))?;
        let tolerance = Tolerance::try_new(REPLAY_WINDOW).ok()?;
        Some(ReceiveKey {
            key: DecryptionKey::derive_from(SUITE, id, &keys.base_key).ok()?,
            participant: member.participant,
            source,
            window: ReplayAttackProtection::new(id, tolerance),
        })
    }
}

fn send_keys(keys: &EpochKeys) -> HashMap<Source, SendKey> {
    let made = SOURCES.into_iter().filter_map(|source| {
        let id = kid(keys.name, source, keys.own_leaf)?;
        let key = EncryptionKey::derive_from(SUITE, id, &keys.base_key).ok()?;
        let counter = MonotonicCounter::new(FRAMES_PER_KEY - 1);
        Some((source, SendKey { key, counter }))
    });
    made.collect()
}
