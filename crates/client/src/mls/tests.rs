//! Groups of this participant's own, and what they refuse.

use openmls::prelude::tls_codec::Serialize as _;
use openmls::prelude::{BasicCredential, CredentialWithKey, KeyPackage, MlsMessageOut};
use vestibule_vocab::{InstanceId, ParticipantId};

use super::crypto::SUITE;
use super::{Applied, Group, Identity, MlsMember, Rejection, Roster};

/// Everybody of these may be in the group; the first may commit.
pub(super) struct Names(Vec<Identity>);

impl Roster for Names {
    fn admits(&self, identity: &Identity) -> bool {
        self.0.contains(identity)
    }

    fn may_commit(&self, identity: &Identity) -> bool {
        self.0.first() == Some(identity)
    }
}

pub(super) fn identity(number: u128) -> Identity {
    Identity {
        participant: ParticipantId::from_random(number),
        instance: InstanceId::from_random(number),
    }
}

pub(super) fn roster(numbers: &[u128]) -> Names {
    Names(numbers.iter().map(|number| identity(*number)).collect())
}

/// A committer and whoever joined them, in the same epoch.
pub(super) struct World {
    pub(super) committer: MlsMember,
    pub(super) group: Group,
    pub(super) others: Vec<(MlsMember, Group)>,
}

pub(super) fn world(numbers: &[u128]) -> World {
    let all = roster(numbers);
    let committer = MlsMember::new(identity(numbers[0])).unwrap();
    let mut group = committer.begin(b"a group of twenty by").unwrap();
    let mut members: Vec<MlsMember> = numbers[1..]
        .iter()
        .map(|number| MlsMember::new(identity(*number)).unwrap())
        .collect();
    let packages: Vec<Vec<u8>> = members
        .iter_mut()
        .map(|member| member.key_package().unwrap())
        .collect();
    let made = group.commit(&committer, &packages, &[]).unwrap();
    group.check_pending(&all).unwrap();
    group.merge(&committer).unwrap();
    let welcome = made.welcome.unwrap();
    let joined = members.into_iter().map(|member| {
        let group = member.join(&welcome, &all).unwrap();
        (member, group)
    });
    World {
        others: joined.collect(),
        committer,
        group,
    }
}

#[test]
fn members_of_an_epoch_agree_and_read_each_other() {
    let mut world = world(&[1, 2]);
    let (patient, at_patient) = &mut world.others[0];
    assert_eq!(world.group.authenticator(), at_patient.authenticator());
    let secret = |group: &Group, me: &MlsMember| group.export_secret(me, "label", 16).unwrap();
    assert_eq!(
        secret(&world.group, &world.committer),
        secret(at_patient, patient)
    );
    let message = at_patient.seal(patient, b"Bonjour").unwrap();
    let opened = world.group.open(&world.committer, &message).unwrap();
    assert_eq!(
        (opened.data.as_slice(), opened.sender.leaf),
        (&b"Bonjour"[..], 1)
    );
    assert_eq!(opened.sender.identity, identity(2));
    let again = world.group.open(&world.committer, &message);
    assert_eq!(
        again.err(),
        Some(Rejection::Invalid),
        "a message is opened once"
    );
}

#[test]
fn a_page_is_replaced_in_one_commit_and_the_old_one_does_not_follow() {
    let mut world = world(&[1, 2]);
    let mut returned = MlsMember::new(identity(3)).unwrap();
    let package = returned.key_package().unwrap();
    let made = world
        .group
        .commit(&world.committer, &[package], &[1])
        .unwrap();
    world.group.merge(&world.committer).unwrap();
    let now = roster(&[1, 3]);
    let at_returned = returned.join(&made.welcome.unwrap(), &now).unwrap();
    assert_eq!(at_returned.authenticator(), world.group.authenticator());
    let (old, at_old) = &mut world.others[0];
    let followed = at_old.apply(old, &made.commit, &roster(&[1, 2, 3]));
    assert_eq!(followed, Ok(Applied::RemovesUs));
}

#[test]
fn a_member_outside_of_the_roster_is_refused_with_the_group_as_it_was() {
    let mut world = world(&[1, 2]);
    let mut stranger = MlsMember::new(identity(9)).unwrap();
    let package = stranger.key_package().unwrap();
    let made = world
        .group
        .commit(&world.committer, &[package], &[])
        .unwrap();
    let pending = world.group.check_pending(&roster(&[1, 2]));
    assert_eq!(pending, Err(Rejection::NotInRoster), "nor is it made");
    let (patient, at_patient) = &mut world.others[0];
    let epoch = at_patient.epoch();
    let followed = at_patient.apply(patient, &made.commit, &roster(&[1, 2]));
    assert_eq!(followed, Err(Rejection::NotInRoster));
    assert_eq!(at_patient.epoch(), epoch);
}

#[test]
fn one_participant_is_no_member_twice() {
    let mut world = world(&[1, 2]);
    let again = Identity {
        instance: InstanceId::from_random(7),
        ..identity(2)
    };
    let mut second = MlsMember::new(again).unwrap();
    let package = second.key_package().unwrap();
    let made = world
        .group
        .commit(&world.committer, &[package], &[])
        .unwrap();
    let mut all = roster(&[1, 2]);
    all.0.push(again);
    let (patient, at_patient) = &mut world.others[0];
    let followed = at_patient.apply(patient, &made.commit, &all);
    assert_eq!(followed, Err(Rejection::DuplicateMember));
}

#[test]
fn only_the_committer_commits() {
    let mut world = world(&[1, 2, 3]);
    let (patient, at_patient) = &mut world.others[0];
    let made = at_patient.commit(patient, &[], &[2]).unwrap();
    let refused = world
        .group
        .apply(&world.committer, &made.commit, &roster(&[1, 2, 3]));
    assert_eq!(refused, Err(Rejection::NotTheCommitter));
    let (other, at_other) = &mut world.others[1];
    let refused = at_other.apply(other, &made.commit, &roster(&[1, 2, 3]));
    assert_eq!(refused, Err(Rejection::NotTheCommitter));
}

#[test]
fn what_is_of_another_group_or_epoch_or_kind_is_refused() {
    let mut one = world(&[1, 2]);
    let mut other = world(&[1, 2]);
    let (patient, at_patient) = &mut one.others[0];
    let all = roster(&[1, 2]);
    let said = one.group.seal(&one.committer, b"text").unwrap();
    assert_eq!(
        at_patient.apply(patient, &said, &all),
        Err(Rejection::WireFormat)
    );
    let package = MlsMember::new(identity(5)).unwrap().key_package().unwrap();
    assert_eq!(
        at_patient.apply(patient, &package, &all),
        Err(Rejection::WireFormat)
    );
    for garbage in [&b""[..], b"\x00\x01\x00\x02", &[0xff; 100]] {
        assert_eq!(
            at_patient.apply(patient, garbage, &all),
            Err(Rejection::Unreadable)
        );
    }
    // Each group is alone with its name, in these tests too: what follows has another secret.
    let strange = other.group.seal(&other.committer, b"text").unwrap();
    assert_eq!(
        at_patient.open(patient, &strange).err(),
        Some(Rejection::Invalid)
    );

    let missed = one.group.commit(&one.committer, &[], &[]).unwrap();
    one.group.merge(&one.committer).unwrap();
    let next = one.group.commit(&one.committer, &[], &[]).unwrap();
    assert_eq!(
        at_patient.apply(patient, &next.commit, &all),
        Err(Rejection::FutureEpoch)
    );
    assert_eq!(
        at_patient.apply(patient, &missed.commit, &all),
        Ok(Applied::Next)
    );
    assert_eq!(
        at_patient.apply(patient, &missed.commit, &all),
        Err(Rejection::OldEpoch)
    );
    assert_eq!(
        at_patient.apply(patient, &next.commit, &all),
        Ok(Applied::Next)
    );
}

#[test]
fn a_welcome_for_others_or_of_no_committer_is_refused() {
    let all = roster(&[1, 2, 3]);
    let mut world = world(&[1, 2]);
    let mut third = MlsMember::new(identity(3)).unwrap();
    let package = third.key_package().unwrap();
    let made = world
        .group
        .commit(&world.committer, std::slice::from_ref(&package), &[])
        .unwrap();
    let welcome = made.welcome.unwrap();
    let bystander = MlsMember::new(identity(4)).unwrap();
    let joined = bystander.join(&welcome, &all);
    assert_eq!(joined.err(), Some(Rejection::NotForUs));

    // A member who is no committer invites.
    let (patient, at_patient) = &mut world.others[0];
    let made = at_patient.commit(patient, &[package], &[]).unwrap();
    let joined = third.join(&made.welcome.unwrap(), &all);
    assert_eq!(joined.err(), Some(Rejection::NotTheCommitter));
}

#[test]
fn a_credential_of_another_form_is_refused() {
    let mut world = world(&[1, 2]);
    let odd = MlsMember::new(identity(3)).unwrap();
    let credential = CredentialWithKey {
        credential: BasicCredential::new(b"somebody".to_vec()).into(),
        signature_key: odd.key.public().into(),
    };
    let made = KeyPackage::builder()
        .build(SUITE, &odd.provider, &odd.key, credential)
        .unwrap();
    let package = MlsMessageOut::from(made.into_key_package());
    let package = package.tls_serialize_detached().unwrap();
    let made = world
        .group
        .commit(&world.committer, &[package], &[])
        .unwrap();
    let (patient, at_patient) = &mut world.others[0];
    let followed = at_patient.apply(patient, &made.commit, &roster(&[1, 2, 3]));
    assert_eq!(followed, Err(Rejection::Credential));
}
