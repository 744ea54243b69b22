//! What our groups accept beyond RFC 9420. The library takes a stranger's external commit, any member's
//! proposals and any credential; none of that is allowed here.

use openmls::prelude::{
    LeafNode, LeafNodeIndex, ProcessedMessage, Proposal, Sender, StagedCommit,
};

use super::identity::{Identity, Member};

/// Who began the group: the practitioner's page, the only one that commits. It never moves.
pub(crate) const COMMITTER_LEAF: u32 = 0;

/// What the roster of the consultation says about an identity.
pub(crate) trait Roster {
    /// May hold a leaf.
    fn admits(&self, identity: &Identity) -> bool;
    /// May begin a group and change it.
    fn may_commit(&self, identity: &Identity) -> bool;
}

/// Why a message was not taken. The group is as it was before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Rejection {
    /// Not an MLS message, or one of another version.
    #[error("the message could not be read")]
    Unreadable,
    /// Not the wire format that stands here.
    #[error("the message has the wrong wire format")]
    WireFormat,
    /// Of another group.
    #[error("the message belongs to another group")]
    WrongGroup,
    /// Of an epoch that is over.
    #[error("the message is of an earlier epoch")]
    OldEpoch,
    /// Of an epoch that is not reached: something is missing.
    #[error("the message is of a later epoch")]
    FutureEpoch,
    /// From somebody outside of the group.
    #[error("the sender is no member")]
    External,
    /// From a member who may not change the group.
    #[error("the sender does not commit here")]
    NotTheCommitter,
    /// Something else than additions and removals by value.
    #[error("the commit holds a proposal that is not taken")]
    Proposal,
    /// A credential of another form.
    #[error("a credential is not of our form")]
    Credential,
    /// Somebody whom the roster does not name.
    #[error("a member is not in the roster")]
    NotInRoster,
    /// One participant twice.
    #[error("a participant is a member twice")]
    DuplicateMember,
    /// The committer's leaf came to another key or name.
    #[error("the committer changed")]
    CommitterChanged,
    /// A group with extensions.
    #[error("the group has an extension")]
    Extension,
    /// The library found it wrong.
    #[error("the message is not valid")]
    Invalid,
    /// A Welcome for others.
    #[error("the Welcome is not for us")]
    NotForUs,
}

/// What a commit that may be taken does to us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Stay,
    RemovesUs,
}

/// Takes commits of the committer alone, with nothing in them but additions and removals of its own.
/// A commit that removes the own leaf is not followed: its keys are not for us.
pub(super) fn judge(
    message: &ProcessedMessage,
    commit: &StagedCommit,
    own_leaf: u32,
) -> Result<Verdict, Rejection> {
    let committer = Sender::Member(LeafNodeIndex::new(COMMITTER_LEAF));
    match message.sender() {
        Sender::Member(_) if message.sender() == &committer => {}
        Sender::Member(_) => return Err(Rejection::NotTheCommitter),
        Sender::External(_) | Sender::NewMemberProposal | Sender::NewMemberCommit => {
            return Err(Rejection::External);
        }
    }
    let plain = commit.queued_proposals().all(|queued| {
        let kind = matches!(queued.proposal(), Proposal::Add(_) | Proposal::Remove(_));
        kind && queued.sender() == &committer
    });
    if !plain {
        return Err(Rejection::Proposal);
    }
    let mut removed = commit.remove_proposals();
    let gone = removed.any(|it| it.remove_proposal().removed().u32() == own_leaf);
    Ok(if gone {
        Verdict::RemovesUs
    } else {
        Verdict::Stay
    })
}

/// Who would be in the group after a commit.
pub(super) fn members_after(
    before: &[Member],
    commit: &StagedCommit,
) -> Result<Vec<Identity>, Rejection> {
    let removed: Vec<u32> = commit
        .remove_proposals()
        .map(|it| it.remove_proposal().removed().u32())
        .collect();
    let stay = before.iter().filter(|it| !removed.contains(&it.leaf));
    let mut after: Vec<Identity> = stay.map(|member| member.identity).collect();
    for added in commit.add_proposals() {
        let leaf = added.add_proposal().key_package().leaf_node();
        after.push(Identity::of(leaf.credential()).ok_or(Rejection::Credential)?);
    }
    Ok(after)
}

/// A commit renews its committer's leaf, and could put another key or name on it.
pub(super) fn check_committer(
    leaf: Option<&LeafNode>,
    identity: &Identity,
    key: &[u8],
) -> Result<(), Rejection> {
    let Some(leaf) = leaf else {
        return Ok(());
    };
    let same_name = Identity::of(leaf.credential()).as_ref() == Some(identity);
    let same_key = leaf.signature_key().as_slice() == key;
    if same_name && same_key {
        Ok(())
    } else {
        Err(Rejection::CommitterChanged)
    }
}

/// Checks an epoch's members against the roster; the committer is one of them.
pub(crate) fn check_members(
    members: &[Identity],
    committer: Option<&Identity>,
    roster: &impl Roster,
) -> Result<(), Rejection> {
    if !members.iter().all(|member| roster.admits(member)) {
        return Err(Rejection::NotInRoster);
    }
    let mut participants: Vec<_> = members.iter().map(|it| it.participant).collect();
    participants.sort_unstable();
    participants.dedup();
    if participants.len() != members.len() {
        return Err(Rejection::DuplicateMember);
    }
    match committer {
        Some(committer) if members.contains(committer) && roster.may_commit(committer) => Ok(()),
        Some(_) | None => Err(Rejection::NotTheCommitter),
    }
}
