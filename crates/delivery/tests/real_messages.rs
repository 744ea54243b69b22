//! Messages that a real MLS library made go through.

#![allow(clippy::expect_used, reason = "a test fails by panicking")]

mod support;

use support::*;
use vestibule_delivery::framing::{self, ContentType, Frame};

const VECTORS: &str = include_str!("vectors/ts-mls-1.6.4.txt");

fn vector(name: &str) -> Vec<u8> {
    let mut lines = VECTORS.lines().filter_map(|line| line.split_once(' '));
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

#[test]
fn a_real_group_of_two_is_carried() {
    let mut delivery = opened();
    let (doctor, patient) = (page(DOCTOR, 0), page(PATIENT, 0));
    let which = consultation(1);
    let package = vector("key_package");
    delivery
        .publish_key_packages(patient, vec![package.clone()])
        .expect("it is a key package");
    let claimed = delivery.claim_key_packages(doctor, which, &[patient.instance]);
    let claimed = claimed.expect("it is on the shelf");
    assert!(claimed.iter().all(|one| one.package.as_bytes() == package));
    let (commit, welcome) = (vector("private_commit"), vector("welcome"));
    let begun = delivery
        .commit(doctor, which, commit, Some(welcome))
        .expect("a group begins");
    assert_eq!(begun.recipients, [patient]);
    assert!(delivery.send(patient, which, vector("application")).is_ok());
    assert!(
        delivery
            .commit(doctor, which, vector("public_commit"), None)
            .is_ok()
    );
    assert_eq!(delivery.group(which).map(|group| group.epoch), Some(2));
}

#[test]
fn real_messages_to_a_group_show_their_group_epoch_and_content() {
    let expected = [
        ("private_commit", 0, ContentType::Commit),
        ("application", 1, ContentType::Application),
        ("public_commit", 1, ContentType::Commit),
    ];
    for (name, epoch, content) in expected {
        let message = vector(name);
        let Ok(Frame::Group(frame)) = framing::read(&message) else {
            panic!("{name} is a message to a group");
        };
        assert_eq!(frame.group_id, group_id(consultation(1), 1));
        assert_eq!((frame.epoch, frame.content), (epoch, content));
    }
}
