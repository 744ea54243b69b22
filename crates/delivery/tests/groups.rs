//! Groups: who begins and changes them, and that everybody sees the same order.

#![allow(clippy::expect_used, reason = "a test fails by panicking")]

mod support;

use support::*;
use vestibule_delivery::{Accepted, Delivery, Group, LogKind, Refusal, limits};
use vestibule_vocab::Role;

/// The doctor's first page has begun a group with the patient.
fn begun() -> Delivery {
    let mut delivery = opened();
    let _ = commit_as_doctor(&mut delivery, 0, commit(1, 0)).expect("the group begins");
    delivery
}

fn commit_as_doctor(
    delivery: &mut Delivery,
    load: u32,
    commit: Vec<u8>,
) -> Result<Accepted, Refusal> {
    delivery.commit(page(DOCTOR, load), consultation(1), commit, Some(welcome()))
}

fn say(delivery: &mut Delivery, by: u32, message: Vec<u8>) -> Result<Accepted, Refusal> {
    delivery.send(page(by, 0), consultation(1), message)
}

fn group(delivery: &Delivery) -> Option<(u32, u64)> {
    delivery
        .group(consultation(1))
        .map(|group| (group.generation, group.epoch))
}

#[test]
fn a_practitioners_page_begins_the_group_and_is_its_committer() {
    let mut delivery = opened();
    assert_eq!(delivery.group(consultation(1)), None);
    let accepted = commit_as_doctor(&mut delivery, 0, commit(1, 0)).expect("the group begins");
    assert_eq!(accepted.sequence, 1);
    assert!(accepted.group_changed);
    let kinds: Vec<_> = accepted
        .entries
        .iter()
        .map(|entry| (entry.sequence, entry.kind))
        .collect();
    assert_eq!(kinds, [(1, LogKind::Commit), (2, LogKind::Welcome)]);
    assert_eq!(accepted.recipients, [page(PATIENT, 0)]);
    let committer = page(DOCTOR, 0).instance;
    let begun = Group {
        generation: 1,
        committer,
        epoch: 1,
    };
    assert_eq!(delivery.group(consultation(1)), Some(begun));
}

#[test]
fn of_two_commits_in_one_epoch_the_second_is_stale() {
    let mut delivery = begun();
    assert!(commit_as_doctor(&mut delivery, 0, commit(1, 1)).is_ok());
    let before = delivery.clone();
    let second = commit_as_doctor(&mut delivery, 0, commit(1, 1));
    assert_eq!(second, Err(Refusal::StaleEpoch));
    assert!(delivery == before);
    assert_eq!(group(&delivery), Some((1, 2)));
}

#[test]
fn a_patient_commits_nothing() {
    let mut delivery = begun();
    let refused = delivery.commit(page(PATIENT, 0), consultation(1), commit(1, 1), None);
    assert_eq!(refused, Err(Refusal::NotCommitter));
    let refused = delivery.commit(page(PATIENT, 0), consultation(1), commit(2, 0), None);
    assert_eq!(refused, Err(Refusal::NotCommitter));
}

#[test]
fn a_reloaded_practitioners_page_begins_a_new_generation_and_the_log_goes_on() {
    let mut delivery = begun();
    delivery.attach(page(DOCTOR, 1)).expect("there is room");
    assert_eq!(
        commit_as_doctor(&mut delivery, 1, commit(1, 1)),
        Err(Refusal::NotCommitter),
        "the old group belongs to the old page"
    );
    let accepted = commit_as_doctor(&mut delivery, 1, commit(2, 0)).expect("a new group");
    assert_eq!(accepted.sequence, 3);
    assert_eq!(group(&delivery), Some((2, 1)));
    assert_eq!(
        commit_as_doctor(&mut delivery, 1, commit(1, 1)),
        Err(Refusal::StaleEpoch)
    );
    assert_eq!(
        say(&mut delivery, PATIENT, application(1, 1)),
        Err(Refusal::StaleEpoch)
    );
}

#[test]
fn a_page_that_was_replaced_is_not_in_the_consultation_any_more() {
    let mut delivery = begun();
    delivery.attach(page(DOCTOR, 1)).expect("there is room");
    let refused = commit_as_doctor(&mut delivery, 0, commit(1, 1));
    assert_eq!(refused, Err(Refusal::NotInConsultation));
    delivery.detach(page(DOCTOR, 0));
    assert!(
        delivery
            .page(participant(DOCTOR))
            .is_some_and(|page| page.attached)
    );
}

#[test]
fn to_an_outsider_a_consultation_does_not_exist() {
    let mut delivery = begun();
    let outsider = page(9, 0);
    delivery.attach(outsider).expect("there is room");
    for which in [consultation(1), consultation(2)] {
        let refused = Err(Refusal::NotInConsultation);
        assert_eq!(
            delivery.send(outsider, which, application(1, 1)),
            refused.clone()
        );
        assert_eq!(
            delivery.commit(outsider, which, commit(1, 1), None),
            refused
        );
        assert_eq!(
            delivery.sync(outsider, which, 0),
            Err(Refusal::NotInConsultation)
        );
        let acknowledged = delivery.acknowledge(outsider, which, 1, 1);
        assert_eq!(acknowledged, Err(Refusal::NotInConsultation));
        let claimed = delivery.claim_key_packages(outsider, which, &[]);
        assert_eq!(claimed, Err(Refusal::NotInConsultation));
    }
}

#[test]
fn messages_go_to_the_others_whose_sockets_are_open_in_one_order() {
    let mut delivery = begun();
    let first = say(&mut delivery, PATIENT, application(1, 1)).expect("accepted");
    assert_eq!((first.sequence, first.group_changed), (3, false));
    assert_eq!(first.recipients, [page(DOCTOR, 0)]);
    delivery.detach(page(DOCTOR, 0));
    let second = say(&mut delivery, PATIENT, application(1, 1)).expect("accepted");
    assert_eq!((second.sequence, second.recipients), (4, vec![]));
}

#[test]
fn a_message_of_another_epoch_than_the_present_is_refused() {
    let mut delivery = opened();
    assert_eq!(
        say(&mut delivery, PATIENT, application(1, 0)),
        Err(Refusal::MlsInvalid)
    );
    let mut delivery = begun();
    assert_eq!(
        say(&mut delivery, PATIENT, application(1, 0)),
        Err(Refusal::StaleEpoch)
    );
    assert_eq!(
        say(&mut delivery, PATIENT, application(1, 2)),
        Err(Refusal::MlsInvalid)
    );
    assert_eq!(
        say(&mut delivery, PATIENT, application(2, 0)),
        Err(Refusal::MlsInvalid)
    );
}

#[test]
fn each_request_carries_its_own_kind_of_message() {
    let mut delivery = begun();
    let proposal = private(&group_id(consultation(1), 1), 1, 2, 100);
    for message in [
        commit(1, 1),
        welcome(),
        key_package(1),
        proposal.clone(),
        vec![],
    ] {
        assert_eq!(
            say(&mut delivery, PATIENT, message),
            Err(Refusal::MlsInvalid)
        );
    }
    for message in [
        application(1, 1),
        welcome(),
        key_package(1),
        proposal,
        vec![],
    ] {
        let refused = commit_as_doctor(&mut delivery, 0, message);
        assert_eq!(refused, Err(Refusal::MlsInvalid));
    }
    for message in [commit(1, 1), key_package(1), vec![]] {
        let doctor = page(DOCTOR, 0);
        let refused = delivery.commit(doctor, consultation(1), commit(1, 1), Some(message));
        assert_eq!(refused, Err(Refusal::MlsInvalid));
    }
    assert_eq!(group(&delivery), Some((1, 1)));
}

#[test]
fn a_message_for_another_group_is_refused() {
    let mut delivery = begun();
    let elsewhere = group_id(consultation(2), 1);
    let [short, long] = [consultation(1).as_bytes().to_vec(), vec![7; 21]];
    for id in [elsewhere, short, long] {
        let refused = say(&mut delivery, PATIENT, private(&id, 1, 1, 10));
        assert_eq!(refused, Err(Refusal::MlsInvalid));
    }
}

#[test]
fn a_message_that_is_too_large_is_refused() {
    let mut delivery = begun();
    let id = group_id(consultation(1), 1);
    let size = limits::MESSAGE_BYTES;
    let refused = say(&mut delivery, PATIENT, private(&id, 1, 1, size));
    assert_eq!(refused, Err(Refusal::TooLarge));
    let refused = commit_as_doctor(&mut delivery, 0, private(&id, 1, 3, size));
    assert_eq!(refused, Err(Refusal::TooLarge));
    let big = [welcome(), vec![7; size]].concat();
    let refused = delivery.commit(page(DOCTOR, 0), consultation(1), commit(1, 1), Some(big));
    assert_eq!(refused, Err(Refusal::TooLarge));
}

#[test]
fn an_acknowledgement_is_passed_on_while_its_epoch_lasts() {
    let mut delivery = begun();
    let acknowledge = |delivery: &Delivery, generation, epoch| {
        let answer = delivery.acknowledge(page(PATIENT, 0), consultation(1), generation, epoch);
        answer.map(|acknowledged| acknowledged.recipients)
    };
    assert_eq!(acknowledge(&delivery, 1, 1), Ok(vec![page(DOCTOR, 0)]));
    assert_eq!(acknowledge(&delivery, 1, 2), Err(Refusal::MlsInvalid));
    assert_eq!(acknowledge(&delivery, 2, 0), Err(Refusal::MlsInvalid));
    assert!(commit_as_doctor(&mut delivery, 0, commit(1, 1)).is_ok());
    assert_eq!(acknowledge(&delivery, 1, 1), Ok(vec![]));
}

#[test]
fn nobody_hears_of_a_consultation_that_was_closed() {
    let mut delivery = begun();
    delivery.close(consultation(1));
    assert_eq!(group(&delivery), None);
    let refused = say(&mut delivery, PATIENT, application(1, 1));
    assert_eq!(refused, Err(Refusal::NotInConsultation));
}

#[test]
fn opening_again_replaces_the_roster_and_keeps_the_group() {
    let mut delivery = begun();
    let companion = (participant(3), Role::Companion);
    let larger = [roster(), vec![companion]].concat();
    delivery
        .open(consultation(1), &larger)
        .expect("there is room");
    delivery.attach(page(3, 0)).expect("there is room");
    assert!(say(&mut delivery, 3, application(1, 1)).is_ok());
    let begin = delivery.commit(page(3, 0), consultation(1), commit(2, 0), None);
    assert_eq!(begin, Err(Refusal::NotCommitter));
    delivery.detach(page(3, 0));
    assert!(delivery.page(participant(3)).is_some(), "away for a moment");
    delivery
        .open(consultation(1), &roster())
        .expect("there is room");
    let refused = say(&mut delivery, 3, application(1, 1));
    assert_eq!(refused, Err(Refusal::NotInConsultation));
    assert_eq!(delivery.page(participant(3)), None, "gone for good");
}

#[test]
fn five_people_and_not_one_more() {
    let mut delivery = Delivery::new();
    let people: Vec<_> = (1..=6)
        .map(|number| (participant(number), Role::Patient))
        .collect();
    let (five, _) = people.split_at(limits::PARTICIPANTS);
    assert_eq!(
        delivery.open(consultation(1), &people),
        Err(Refusal::LimitReached)
    );
    assert_eq!(delivery.open(consultation(1), five), Ok(()));
    assert_eq!(
        delivery.open(consultation(1), &people),
        Err(Refusal::LimitReached)
    );
}

#[test]
fn a_thousand_consultations_and_not_one_more() {
    let mut delivery = Delivery::new();
    let limit = u32::try_from(limits::CONSULTATIONS).expect("a small limit");
    for number in 0..limit {
        assert_eq!(delivery.open(consultation(number), &[]), Ok(()));
    }
    assert_eq!(
        delivery.open(consultation(limit), &[]),
        Err(Refusal::LimitReached)
    );
    delivery.close(consultation(0));
    assert_eq!(delivery.open(consultation(limit), &[]), Ok(()));
}
