//! Writes messages of this library for those who carry them: `crates/delivery` reads them in its tests, and
//! must not link what makes them.

use std::path::PathBuf;

use openmls::prelude::{
    ExternalProposal, GroupEpoch, GroupId, JoinProposal, LeafNodeIndex, LeafNodeParameters,
    SenderExtensionIndex,
};
use vestibule_vocab::ConsultationId;

use super::foreign::{
    external_commit, go_public, group_info, propose_an_update, propose_to_add, propose_to_remove,
};
use super::{Group, read_package};
use crate::mls::MlsMember;
use crate::mls::crypto::Provider;
use crate::mls::tests::{identity, roster};

const FILE: &str = "../delivery/tests/vectors/openmls-0.9.2.txt";
const HEADER: &str = "\
# Messages of one group of two people, made by openmls 0.9.2 with suite 1: name, then bytes in hexadecimal.
# The group is generation 1 of consultation 00000000-0000-4000-8000-000000000001.
# `UPDATE_GENERATED=1 cargo test -p vestibule-client vectors` makes them anew.
";

type Vector = (String, Vec<u8>);

/// The first generation's group, as `delivery` names it.
fn group_id() -> Vec<u8> {
    let consultation = ConsultationId::from_random(1);
    [&consultation.as_bytes()[..], &1_u32.to_be_bytes()].concat()
}

fn made() -> Vec<Vector> {
    let mut vectors = Vec::new();
    let mut keep = |name: &str, message: Vec<u8>| vectors.push((name.to_owned(), message));

    let all = roster(&[1, 2]);
    let committer = MlsMember::new(identity(1)).unwrap();
    let mut patient = MlsMember::new(identity(2)).unwrap();
    let package = patient.key_package().unwrap();
    keep("key_package", package.clone());
    let mut group = committer.begin(&group_id()).unwrap();
    let added = group.commit(&committer, &[package], &[]).unwrap();
    group.merge(&committer).unwrap();
    let welcome = added.welcome.unwrap();
    let mut at_patient = patient.join(&welcome, &all).unwrap();
    keep("private_commit", added.commit);
    keep("welcome", welcome);
    keep(
        "application",
        at_patient.seal(&patient, b"Bonjour").unwrap(),
    );

    for (name, message) in proposals(&patient, &mut at_patient) {
        keep(&format!("private_{name}"), message);
    }
    go_public(&patient, &mut at_patient);
    for (name, message) in proposals(&patient, &mut at_patient) {
        keep(&format!("public_{name}"), message);
    }
    let info = group_info(&committer, &group);
    let stranger = MlsMember::new(identity(9)).unwrap();
    keep("external_commit", external_commit(&stranger, &info));
    keep("group_info", info);
    for (name, message) in from_outside() {
        keep(name, message);
    }
    keep("public_commit", public_commit(&committer, &mut group));
    vectors
}

fn proposals(me: &MlsMember, group: &mut Group) -> [(&'static str, Vec<u8>); 3] {
    let package = MlsMember::new(identity(3)).unwrap().key_package().unwrap();
    [
        ("add", propose_to_add(me, group, &package)),
        ("remove", propose_to_remove(me, group, 1)),
        ("update", propose_an_update(me, group)),
    ]
}

/// Proposals of the two senders that are no members (RFC 9420 section 12.1.8).
fn from_outside() -> [(&'static str, Vec<u8>); 2] {
    let mut stranger = MlsMember::new(identity(9)).unwrap();
    let package = stranger.key_package().unwrap();
    let package = read_package(&stranger, &package).unwrap();
    let (id, epoch) = (GroupId::from_slice(&group_id()), GroupEpoch::from(1));
    let join = JoinProposal::new::<<Provider as openmls_traits::OpenMlsProvider>::StorageProvider>(
        package,
        id.clone(),
        epoch,
        &stranger.key,
    );
    let (leaf, sender) = (LeafNodeIndex::new(1), SenderExtensionIndex::new(0));
    let remove = ExternalProposal::new_remove::<Provider>(leaf, id, epoch, &stranger.key, sender);
    [
        ("new_member_add", join.unwrap().to_bytes().unwrap()),
        ("external_remove", remove.unwrap().to_bytes().unwrap()),
    ]
}

fn public_commit(me: &MlsMember, group: &mut Group) -> Vec<u8> {
    go_public(me, group);
    let leaf = LeafNodeParameters::default();
    let made = group
        .inner
        .self_update(&me.provider, &me.key, leaf)
        .unwrap();
    made.into_commit().to_bytes().unwrap()
}

/// The part of a message that is the same whenever it is made: what stands before anything random.
fn head(message: &[u8]) -> &[u8] {
    /// Version, wire format, group id, epoch (sections 6.2 and 6.3).
    const GROUP: usize = 2 + 2 + (1 + 20) + 8;
    let length = match message[3] {
        // The sender, authenticated data (none) and content type of a public message.
        1 if message[GROUP] <= 2 => GROUP + 5 + 1 + 1,
        1 => GROUP + 1 + 1 + 1,
        // Content type and authenticated data of a private one.
        2 => GROUP + 1 + 1,
        // The suite of a Welcome.
        3 => 6,
        // Version, suite, group id and epoch of a GroupInfo's context.
        4 => 4 + GROUP,
        // Version and suite of a key package.
        5 => 8,
        other => panic!("no wire format of RFC 9420: {other}"),
    };
    &message[..length]
}

fn shape(vectors: &[Vector]) -> Vec<(&str, usize, &[u8])> {
    let shapes = vectors.iter();
    let shapes = shapes.map(|(name, message)| (name.as_str(), message.len(), head(message)));
    shapes.collect()
}

fn written(vectors: &[Vector]) -> String {
    let digits =
        |message: &[u8]| -> String { message.iter().map(|byte| format!("{byte:02x}")).collect() };
    let lines = vectors.iter();
    let lines = lines.map(|(name, message)| format!("{name} {}\n", digits(message)));
    HEADER.to_owned() + &lines.collect::<String>()
}

fn read(text: &str) -> Vec<Vector> {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let vectors = lines.map(|line| {
        let (name, digits) = line.split_once(' ').unwrap();
        let byte = |at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap();
        let bytes = (0..digits.len()).step_by(2).map(byte).collect();
        (name.to_owned(), bytes)
    });
    vectors.collect()
}

/// Keys are random, so that no two runs make the same bytes: what is compared is their frame and length.
#[test]
fn the_vectors_are_framed_as_the_library_frames_now() {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(FILE);
    let now = made();
    if std::env::var_os("UPDATE_GENERATED").is_some() {
        std::fs::write(&file, written(&now)).unwrap();
    }
    let text = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(text.starts_with(HEADER), "{FILE} is not ours");
    assert_eq!(
        shape(&read(&text)),
        shape(&now),
        "{FILE} is stale; run `UPDATE_GENERATED=1 cargo test -p vestibule-client vectors` and commit it"
    );
}
