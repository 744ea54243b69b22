//! Messages that real MLS libraries made go through, or are refused for what they are.

#![allow(clippy::expect_used, reason = "a test fails by panicking")]

mod support;

use support::*;
use vestibule_delivery::framing::{self, ContentType, Frame, FramingError, GroupFrame};
use vestibule_delivery::{Delivery, Refusal};

/// The browser's library.
const TS_MLS: &str = include_str!("vectors/ts-mls-1.6.4.txt");

/// The native participant's. A test of `crates/client` writes them.
const OPENMLS: &str = include_str!("vectors/openmls-0.9.2.txt");

const LIBRARIES: [&str; 2] = [TS_MLS, OPENMLS];

fn vector(vectors: &str, name: &str) -> Vec<u8> {
    let mut lines = vectors.lines().filter_map(|line| line.split_once(' '));
    let (_, digits) = lines
        .find(|(found, _)| *found == name)
        .expect("a vector of that name");
    let byte = |at: usize| {
        digits
            .get(at..at + 2)
            .and_then(|two| u8::from_str_radix(two, 16).ok())
    };
    (0..digits.len())
        .step_by(2)
        .map(|at| byte(at).expect("hexadecimal digits"))
        .collect()
}

/// The practitioner has begun the group by the library's first commit.
fn begun(vectors: &str) -> Delivery {
    let mut delivery = opened();
    let (commit, welcome) = (
        vector(vectors, "private_commit"),
        vector(vectors, "welcome"),
    );
    let begun = delivery
        .commit(page(DOCTOR, 0), consultation(1), commit, Some(welcome))
        .expect("a group begins");
    assert_eq!(begun.recipients, [page(PATIENT, 0)]);
    delivery
}

#[test]
fn a_real_group_of_two_is_carried() {
    for vectors in LIBRARIES {
        let mut delivery = begun(vectors);
        let which = consultation(1);
        let application = vector(vectors, "application");
        assert!(delivery.send(page(PATIENT, 0), which, application).is_ok());
        let commit = vector(vectors, "public_commit");
        let committed = delivery.commit(page(DOCTOR, 0), which, commit, None);
        assert!(committed.is_ok());
        assert_eq!(delivery.group(which).map(|group| group.epoch), Some(2));
    }
}

#[test]
fn a_real_key_package_goes_on_the_shelf() {
    for vectors in LIBRARIES {
        let mut delivery = opened();
        let patient = page(PATIENT, 0);
        let package = vector(vectors, "key_package");
        delivery
            .publish_key_packages(patient, vec![package.clone()])
            .expect("it is a key package");
        let claimed =
            delivery.claim_key_packages(page(DOCTOR, 0), consultation(1), &[patient.instance]);
        let claimed = claimed.expect("it is on the shelf");
        let claimed: Vec<_> = claimed.iter().map(|one| one.package.as_bytes()).collect();
        assert_eq!(claimed, [package]);
    }
}

#[test]
fn real_messages_to_a_group_show_their_group_epoch_and_content() {
    let both = [
        ("private_commit", 0, ContentType::Commit),
        ("application", 1, ContentType::Application),
        ("public_commit", 1, ContentType::Commit),
    ];
    let proposals = [
        ("private_add", 1, ContentType::Proposal),
        ("private_remove", 1, ContentType::Proposal),
        ("private_update", 1, ContentType::Proposal),
        ("public_add", 1, ContentType::Proposal),
        ("public_remove", 1, ContentType::Proposal),
        ("public_update", 1, ContentType::Proposal),
    ];
    let of_both = LIBRARIES.map(|vectors| both.map(|expected| (vectors, expected)));
    let of_openmls = proposals.map(|expected| (OPENMLS, expected));
    let all = of_both.into_iter().flatten().chain(of_openmls);
    for (vectors, (name, epoch, content)) in all {
        let message = vector(vectors, name);
        let frame = GroupFrame {
            group_id: &group_id(consultation(1), 1),
            epoch,
            content,
        };
        assert_eq!(framing::read(&message), Ok(Frame::Group(frame)), "{name}");
    }
}

/// What may be read of a message is no reason to carry it: no proposal stands alone here.
#[test]
fn real_proposals_of_members_are_not_carried() {
    for wire_format in ["private", "public"] {
        for kind in ["add", "remove", "update"] {
            let message = vector(OPENMLS, &format!("{wire_format}_{kind}"));
            is_not_carried(&message, kind);
        }
    }
}

#[test]
fn real_messages_from_outside_of_the_group_are_refused_by_their_sender() {
    for name in ["external_commit", "new_member_add", "external_remove"] {
        let message = vector(OPENMLS, name);
        assert_eq!(framing::read(&message), Err(FramingError::Sender), "{name}");
        is_not_carried(&message, name);
    }
}

/// By a `GroupInfo` anybody could join from outside.
#[test]
fn a_real_group_info_is_refused() {
    let message = vector(OPENMLS, "group_info");
    assert_eq!(framing::read(&message), Err(FramingError::WireFormat));
    is_not_carried(&message, "group_info");
}

/// Neither way takes it, from a member or the committer, and the group is as it was.
fn is_not_carried(message: &[u8], name: &str) {
    let mut delivery = begun(OPENMLS);
    let before = delivery.clone();
    let which = consultation(1);
    for number in [DOCTOR, PATIENT] {
        let sent = delivery.send(page(number, 0), which, message.to_vec());
        assert_eq!(sent.err(), Some(Refusal::MlsInvalid), "{name}");
    }
    let committed = delivery.commit(page(DOCTOR, 0), which, message.to_vec(), None);
    assert_eq!(committed.err(), Some(Refusal::MlsInvalid), "{name}");
    assert_eq!(delivery, before);
}

/// One byte less or more shows in every message whose end is written in it.
#[test]
fn real_messages_are_read_whole() {
    for vectors in LIBRARIES {
        for name in ["private_commit", "application"] {
            let whole = vector(vectors, name);
            let short = whole.split_last().map(|(_, rest)| rest);
            let short = short.map(framing::read);
            assert_eq!(short, Some(Err(FramingError::Truncated)), "{name}");
            let long = [&whole[..], &[0]].concat();
            assert_eq!(framing::read(&long), Err(FramingError::Trailing), "{name}");
        }
    }
}
