//! Real messages that the library takes and our policy does not.

use openmls::prelude::{Extensions, PreSharedKeyProposal, ProcessedMessageContent, Proposal};
use openmls::schedule::{ExternalPsk, PreSharedKeyId, Psk};
use openmls_traits::OpenMlsProvider as _;

use super::foreign::{
    external_commit, go_public, group_info, propose_an_update, propose_to_add, propose_to_remove,
    to_a_group,
};
use super::{Group, judge};
use crate::mls::crypto::SUITE;
use crate::mls::tests::{Names, World, identity, roster, world};
use crate::mls::{MlsMember, Rejection};

/// A member who refuses a message is where they were.
fn refuses(me: &MlsMember, group: &mut Group, message: &[u8], all: &Names, why: Rejection) {
    let before = (group.epoch(), group.authenticator(), group.members.clone());
    assert_eq!(group.apply(me, message, all), Err(why));
    let after = (group.epoch(), group.authenticator(), group.members.clone());
    assert_eq!(before, after);
}

/// Both still are in the same group, and it goes on.
fn goes_on(world: &mut World, all: &Names) {
    let made = world.group.commit(&world.committer, &[], &[]).unwrap();
    world.group.merge(&world.committer).unwrap();
    for (me, group) in &mut world.others {
        group.apply(me, &made.commit, all).unwrap();
        assert_eq!(group.authenticator(), world.group.authenticator());
    }
}

#[test]
fn a_strangers_external_commit_is_refused_even_if_the_roster_names_them() {
    let mut world = world(&[1, 2]);
    let all = roster(&[1, 2, 9]);
    let stranger = MlsMember::new(identity(9)).unwrap();
    let info = group_info(&world.committer, &world.group);
    let commit = external_commit(&stranger, &info);
    let (patient, at_patient) = &mut world.others[0];
    refuses(patient, at_patient, &commit, &all, Rejection::WireFormat);
    let committer = &world.committer;
    refuses(
        committer,
        &mut world.group,
        &commit,
        &all,
        Rejection::WireFormat,
    );
    goes_on(&mut world, &all);
}

/// The library finds nothing wrong with it, not even that the group takes private messages alone.
#[test]
fn an_external_commit_is_refused_by_its_sender_too() {
    let mut world = world(&[1, 2]);
    let stranger = MlsMember::new(identity(9)).unwrap();
    let info = group_info(&world.committer, &world.group);
    let commit = external_commit(&stranger, &info);
    let (patient, at_patient) = &mut world.others[0];
    let processed = at_patient
        .inner
        .process_message(&patient.provider, to_a_group(&commit))
        .unwrap();
    let ProcessedMessageContent::StagedCommitMessage(staged) = processed.content() else {
        panic!("it is a commit");
    };
    let judged = judge(&processed, staged, at_patient.own_leaf());
    assert_eq!(judged, Err(Rejection::External));
}

#[test]
fn a_members_public_commit_is_refused() {
    let mut world = world(&[1, 2]);
    go_public(&world.committer, &mut world.group);
    let made = world.group.commit(&world.committer, &[], &[]).unwrap();
    let (patient, at_patient) = &mut world.others[0];
    let all = roster(&[1, 2]);
    refuses(
        patient,
        at_patient,
        &made.commit,
        &all,
        Rejection::WireFormat,
    );
}

/// A way for each kind of proposal that a member may make of their own.
type Propose = fn(&MlsMember, &mut Group) -> Vec<u8>;
const PROPOSALS: [Propose; 3] = [
    |me, group| {
        let package = MlsMember::new(identity(4)).unwrap().key_package().unwrap();
        propose_to_add(me, group, &package)
    },
    |me, group| propose_to_remove(me, group, 2),
    propose_an_update,
];

#[test]
fn a_proposal_that_stands_alone_is_refused() {
    for public in [false, true] {
        for propose in PROPOSALS {
            let mut world = world(&[1, 2, 3]);
            let all = roster(&[1, 2, 3, 4]);
            let (patient, at_patient) = &mut world.others[0];
            if public {
                go_public(patient, at_patient);
            }
            let proposal = propose(patient, at_patient);
            let (committer, group) = (&world.committer, &mut world.group);
            refuses(committer, group, &proposal, &all, Rejection::WireFormat);
            let opened = group.open(committer, &proposal);
            assert_eq!(opened.err(), Some(Rejection::WireFormat));
            let (other, at_other) = &mut world.others[1];
            refuses(other, at_other, &proposal, &all, Rejection::WireFormat);
            let kept = world.group.inner.pending_proposals().count();
            assert_eq!(kept, 0, "nor is it committed later");
        }
    }
}

/// The committer is one that takes up proposals of others, as the library does by itself. Whoever made the
/// proposal knows it: the library can follow the commit.
#[test]
fn a_commit_with_another_members_proposal_by_reference_is_refused() {
    for propose in PROPOSALS {
        let mut world = world(&[1, 2, 3]);
        let all = roster(&[1, 2, 3, 4]);
        let (patient, at_patient) = &mut world.others[0];
        let proposal = propose(patient, at_patient);
        let provider = &world.committer.provider;
        let processed = world
            .group
            .inner
            .process_message(provider, to_a_group(&proposal))
            .unwrap();
        let ProcessedMessageContent::ProposalMessage(queued) = processed.into_content() else {
            panic!("it is a proposal");
        };
        let storage = provider.storage();
        world
            .group
            .inner
            .store_pending_proposal(storage, *queued)
            .unwrap();
        let made = world.group.commit(&world.committer, &[], &[]).unwrap();
        refuses(patient, at_patient, &made.commit, &all, Rejection::Proposal);
        // Who refused the proposal cannot even tell what is committed.
        let (other, at_other) = &mut world.others[1];
        refuses(other, at_other, &made.commit, &all, Rejection::Invalid);
    }
}

/// Makes a commit of the committer's that has a proposal of this kind in it.
fn commit_by_value(world: &mut World, proposal: Proposal) -> Vec<u8> {
    let me = &world.committer;
    let made = world
        .group
        .inner
        .commit_builder()
        .add_proposal(proposal)
        .load_psks(me.provider.storage())
        .unwrap()
        .build(me.provider.rand(), me.provider.crypto(), &me.key, |_| true)
        .unwrap()
        .stage_commit(&me.provider)
        .unwrap();
    made.into_commit().to_bytes().unwrap()
}

#[test]
fn a_commit_with_a_pre_shared_key_is_refused() {
    let mut world = world(&[1, 2]);
    let psk = Psk::External(ExternalPsk::new(b"a name".to_vec()));
    let id = PreSharedKeyId::new(SUITE, world.committer.provider.rand(), psk).unwrap();
    for me in [&world.committer, &world.others[0].0] {
        id.store(&me.provider, b"what both know").unwrap();
    }
    let proposal = Proposal::PreSharedKey(Box::new(PreSharedKeyProposal::new(id)));
    let commit = commit_by_value(&mut world, proposal);
    let (patient, at_patient) = &mut world.others[0];
    let all = roster(&[1, 2]);
    refuses(patient, at_patient, &commit, &all, Rejection::Proposal);
}

#[test]
fn a_commit_that_sets_the_groups_extensions_is_refused_even_to_none() {
    let mut world = world(&[1, 2]);
    let me = &world.committer;
    let made = world
        .group
        .inner
        .update_group_context_extensions(&me.provider, Extensions::empty(), &me.key)
        .unwrap();
    let commit = made.0.to_bytes().unwrap();
    let (patient, at_patient) = &mut world.others[0];
    let all = roster(&[1, 2]);
    refuses(patient, at_patient, &commit, &all, Rejection::Proposal);
}
