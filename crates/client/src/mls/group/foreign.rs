//! What our own members never make, and the library does: public messages, proposals that stand alone,
//! commits from outside.

use openmls::group::{MlsGroupJoinConfig, PURE_PLAINTEXT_WIRE_FORMAT_POLICY};
use openmls::prelude::{
    LeafNodeIndex, LeafNodeParameters, MlsGroup, MlsMessageBodyIn, MlsMessageOut, ProtocolMessage,
};
use openmls_traits::OpenMlsProvider as _;

use super::{Group, read_package};
use crate::mls::{MlsMember, decode};

/// Lets a member send public messages, and take them.
pub(super) fn go_public(me: &MlsMember, group: &mut Group) {
    let config = MlsGroupJoinConfig::builder()
        .wire_format_policy(PURE_PLAINTEXT_WIRE_FORMAT_POLICY)
        .build();
    let storage = me.provider.storage();
    group.inner.set_configuration(storage, &config).unwrap();
}

pub(super) fn propose_to_add(me: &MlsMember, group: &mut Group, package: &[u8]) -> Vec<u8> {
    let package = read_package(me, package).unwrap();
    let made = group
        .inner
        .propose_add_member(&me.provider, &me.key, &package);
    made.unwrap().0.to_bytes().unwrap()
}

pub(super) fn propose_to_remove(me: &MlsMember, group: &mut Group, leaf: u32) -> Vec<u8> {
    let leaf = LeafNodeIndex::new(leaf);
    let made = group
        .inner
        .propose_remove_member(&me.provider, &me.key, leaf);
    made.unwrap().0.to_bytes().unwrap()
}

pub(super) fn propose_an_update(me: &MlsMember, group: &mut Group) -> Vec<u8> {
    let leaf = LeafNodeParameters::default();
    let made = group.inner.propose_self_update(&me.provider, &me.key, leaf);
    made.unwrap().0.to_bytes().unwrap()
}

pub(super) fn group_info(me: &MlsMember, group: &Group) -> Vec<u8> {
    let info = group
        .inner
        .export_group_info(me.provider.crypto(), &me.key, true);
    info.unwrap().to_bytes().unwrap()
}

/// Joins without being added (RFC 9420 section 12.4.3.2). It always travels as a public message: who is
/// outside has no key of the group to be private with.
pub(super) fn external_commit(stranger: &MlsMember, group_info: &[u8]) -> Vec<u8> {
    let MlsMessageBodyIn::GroupInfo(info) = decode(group_info).unwrap() else {
        panic!("it is a GroupInfo");
    };
    let provider = &stranger.provider;
    let commit = MlsGroup::external_commit_builder()
        .build_group(provider, info, stranger.credential())
        .unwrap()
        .load_psks(provider.storage())
        .unwrap()
        .build(provider.rand(), provider.crypto(), &stranger.key, |_| true)
        .unwrap()
        .finalize(provider)
        .unwrap();
    let message: MlsMessageOut = commit.1.into_commit();
    message.to_bytes().unwrap()
}

/// Any message to a group, as the library reads it.
pub(super) fn to_a_group(message: &[u8]) -> ProtocolMessage {
    match decode(message).unwrap() {
        MlsMessageBodyIn::PrivateMessage(message) => message.into(),
        MlsMessageBodyIn::PublicMessage(message) => message.into(),
        MlsMessageBodyIn::Welcome(_)
        | MlsMessageBodyIn::GroupInfo(_)
        | MlsMessageBodyIn::KeyPackage(_) => panic!("it is no message to a group"),
    }
}
