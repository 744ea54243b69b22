//! A group as a member holds it.

#[cfg(test)]
mod foreign;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod vectors;

use openmls::group::MlsGroup;
use openmls::prelude::{
    ContentType, GroupId, KeyPackage, LeafNodeIndex, MlsMessageBodyIn, ProcessedMessage,
    ProcessedMessageContent, ProtocolMessage, ProtocolVersion, Sender, StagedCommit,
};
use openmls_traits::OpenMlsProvider as _;

use super::policy::{
    Rejection, Roster, Verdict, check_committer, check_members, judge, members_after,
};
use super::{COMMITTER_LEAF, Identity, Member, MlsMember, decode, invalid};

/// A group at its present epoch.
pub(crate) struct Group {
    inner: MlsGroup,
    members: Vec<Member>,
}

/// What a commit that was followed did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Applied {
    /// The group is at its next epoch.
    Next,
    /// We are no member of it.
    RemovesUs,
}

/// An application message that was opened.
pub(crate) struct Opened {
    pub(crate) sender: Member,
    /// The epoch that it was sealed in.
    pub(crate) epoch: u64,
    pub(crate) data: Vec<u8>,
}

/// What is told of a new epoch.
pub(crate) struct Commit {
    pub(crate) commit: Vec<u8>,
    /// For those who were added.
    pub(crate) welcome: Option<Vec<u8>>,
}

impl Group {
    pub(super) fn new(inner: MlsGroup) -> Result<Self, Rejection> {
        let members = members(&inner)?;
        Ok(Self { inner, members })
    }

    pub(crate) fn id(&self) -> &[u8] {
        self.inner.group_id().as_slice()
    }

    pub(crate) fn epoch(&self) -> u64 {
        self.inner.epoch().as_u64()
    }

    pub(crate) fn own_leaf(&self) -> u32 {
        self.inner.own_leaf_index().u32()
    }

    /// The members in the order of their leaves.
    pub(crate) fn members(&self) -> &[Member] {
        &self.members
    }

    /// Equal for two members only if they agree on the whole history of the group (section 8.7).
    pub(crate) fn authenticator(&self) -> Vec<u8> {
        self.inner.epoch_authenticator().as_slice().to_vec()
    }

    /// A secret of this epoch (section 8.5).
    pub(crate) fn export_secret(
        &self,
        me: &MlsMember,
        label: &str,
        length: usize,
    ) -> Result<Vec<u8>, Rejection> {
        self.inner
            .export_secret(me.provider.crypto(), label, &[], length)
            .map_err(invalid)
    }

    /// Takes up a commit of somebody else.
    pub(crate) fn apply(
        &mut self,
        me: &MlsMember,
        message: &[u8],
        roster: &impl Roster,
    ) -> Result<Applied, Rejection> {
        let processed = self.process(me, message, ContentType::Commit)?;
        let ProcessedMessageContent::StagedCommitMessage(staged) = processed.content() else {
            return Err(Rejection::WireFormat);
        };
        match judge(&processed, staged, self.own_leaf())? {
            Verdict::RemovesUs => return Ok(Applied::RemovesUs),
            Verdict::Stay => self.check(staged, roster)?,
        }
        let ProcessedMessageContent::StagedCommitMessage(staged) = processed.into_content() else {
            return Err(Rejection::WireFormat);
        };
        self.inner
            .merge_staged_commit(&me.provider, *staged)
            .map_err(invalid)?;
        self.members = members(&self.inner)?;
        Ok(Applied::Next)
    }

    /// Opens an application message of this epoch or the few before it.
    pub(crate) fn open(&mut self, me: &MlsMember, message: &[u8]) -> Result<Opened, Rejection> {
        let processed = self.process(me, message, ContentType::Application)?;
        let Sender::Member(leaf) = *processed.sender() else {
            return Err(Rejection::External);
        };
        let identity = Identity::of(processed.credential()).ok_or(Rejection::Credential)?;
        let epoch = processed.epoch().as_u64();
        let ProcessedMessageContent::ApplicationMessage(data) = processed.into_content() else {
            return Err(Rejection::WireFormat);
        };
        let leaf = leaf.u32();
        Ok(Opened {
            sender: Member { leaf, identity },
            epoch,
            data: data.into_bytes(),
        })
    }

    /// Seals an application message of this epoch.
    pub(crate) fn seal(&mut self, me: &MlsMember, data: &[u8]) -> Result<Vec<u8>, Rejection> {
        let made = self.inner.create_message(&me.provider, &me.key, data);
        made.map_err(invalid)?.to_bytes().map_err(invalid)
    }

    /// Prepares the next epoch: key packages to add, leaves to remove. It is taken up by
    /// [`Self::merge`] once it was accepted, or given up by [`Self::give_up`].
    pub(crate) fn commit(
        &mut self,
        me: &MlsMember,
        add: &[Vec<u8>],
        remove: &[u32],
    ) -> Result<Commit, Rejection> {
        let packages: Vec<KeyPackage> = add
            .iter()
            .map(|package| read_package(me, package))
            .collect::<Result<_, _>>()?;
        let removed = remove.iter().map(|leaf| LeafNodeIndex::new(*leaf));
        let made = self
            .inner
            .commit_builder()
            .propose_removals(removed)
            .propose_adds(packages)
            .load_psks(me.provider.storage())
            .map_err(invalid)?
            .build(me.provider.rand(), me.provider.crypto(), &me.key, |_| true)
            .map_err(invalid)?
            .stage_commit(&me.provider)
            .map_err(invalid)?;
        let (commit, welcome, _) = made.into_messages();
        let welcome = welcome.map(|it| it.to_bytes()).transpose();
        Ok(Commit {
            commit: commit.to_bytes().map_err(invalid)?,
            welcome: welcome.map_err(invalid)?,
        })
    }

    /// Checks the members of the commit that was prepared.
    pub(crate) fn check_pending(&self, roster: &impl Roster) -> Result<(), Rejection> {
        let pending = self.inner.pending_commit().ok_or(Rejection::Invalid)?;
        let after = members_after(&self.members, pending)?;
        check_members(&after, self.committer().map(|it| &it.identity), roster)
    }

    /// Takes up the commit that was prepared.
    pub(crate) fn merge(&mut self, me: &MlsMember) -> Result<(), Rejection> {
        self.inner
            .merge_pending_commit(&me.provider)
            .map_err(invalid)?;
        self.members = members(&self.inner)?;
        Ok(())
    }

    /// Forgets the commit that was prepared.
    pub(crate) fn give_up(&mut self, me: &MlsMember) -> Result<(), Rejection> {
        self.inner
            .clear_pending_commit(me.provider.storage())
            .map_err(invalid)
    }

    fn committer(&self) -> Option<&Member> {
        self.members.iter().find(|it| it.leaf == COMMITTER_LEAF)
    }

    fn check(&self, staged: &StagedCommit, roster: &impl Roster) -> Result<(), Rejection> {
        if staged.group_context().extensions().iter().next().is_some() {
            return Err(Rejection::Extension);
        }
        let committer = self.committer().ok_or(Rejection::NotTheCommitter)?;
        let leaves = self.inner.members();
        let key = leaves
            .filter(|member| member.index.u32() == COMMITTER_LEAF)
            .map(|member| member.signature_key)
            .next()
            .ok_or(Rejection::NotTheCommitter)?;
        check_committer(staged.update_path_leaf_node(), &committer.identity, &key)?;
        let after = members_after(&self.members, staged)?;
        check_members(&after, Some(&committer.identity), roster)
    }

    fn process(
        &mut self,
        me: &MlsMember,
        message: &[u8],
        kind: ContentType,
    ) -> Result<ProcessedMessage, Rejection> {
        let MlsMessageBodyIn::PrivateMessage(message) = decode(message)? else {
            return Err(Rejection::WireFormat);
        };
        let message = ProtocolMessage::from(message);
        self.check_frame(message.group_id(), message.epoch().as_u64(), kind)?;
        if message.content_type() != kind {
            return Err(Rejection::WireFormat);
        }
        self.inner
            .process_message(&me.provider, message)
            .map_err(invalid)
    }

    fn check_frame(&self, id: &GroupId, epoch: u64, kind: ContentType) -> Result<(), Rejection> {
        if id != self.inner.group_id() {
            return Err(Rejection::WrongGroup);
        }
        if epoch > self.epoch() {
            return Err(Rejection::FutureEpoch);
        }
        if kind == ContentType::Commit && epoch < self.epoch() {
            return Err(Rejection::OldEpoch);
        }
        Ok(())
    }
}

fn members(group: &MlsGroup) -> Result<Vec<Member>, Rejection> {
    let members = group.members().map(|member| {
        Some(Member {
            leaf: member.index.u32(),
            identity: Identity::of(&member.credential)?,
        })
    });
    members.collect::<Option<_>>().ok_or(Rejection::Credential)
}

fn read_package(me: &MlsMember, message: &[u8]) -> Result<KeyPackage, Rejection> {
    let MlsMessageBodyIn::KeyPackage(package) = decode(message)? else {
        return Err(Rejection::WireFormat);
    };
    package
        .validate(me.provider.crypto(), ProtocolVersion::Mls10)
        .map_err(invalid)
}
