//! The shelf of key packages.

#![allow(clippy::expect_used, reason = "a test fails by panicking")]

mod support;

use support::*;
use vestibule_delivery::{ClaimedKeyPackage, Delivery, Refusal, limits};

fn publish(delivery: &mut Delivery, by: u32, load: u32, marks: &[u8]) -> Result<(), Refusal> {
    let packages = marks.iter().copied().map(key_package).collect();
    delivery.publish_key_packages(page(by, load), packages)
}

fn claim(delivery: &mut Delivery, loads: &[(u32, u32)]) -> Result<Vec<u8>, Refusal> {
    let wanted: Vec<_> = loads
        .iter()
        .map(|&(who, load)| page(who, load).instance)
        .collect();
    let claimed = delivery.claim_key_packages(page(DOCTOR, 0), consultation(1), &wanted)?;
    let mark = |one: &ClaimedKeyPackage| *one.package.as_bytes().last().expect("a mark");
    Ok(claimed.iter().map(mark).collect())
}

fn on_the_shelf(delivery: &Delivery, who: u32) -> bool {
    delivery
        .page(participant(who))
        .is_some_and(|page| page.key_package)
}

#[test]
fn each_key_package_is_given_out_once_the_first_published_first() {
    let mut delivery = opened();
    publish(&mut delivery, PATIENT, 0, &[1, 2]).expect("published");
    assert_eq!(claim(&mut delivery, &[(PATIENT, 0)]), Ok(vec![1]));
    assert_eq!(claim(&mut delivery, &[(PATIENT, 0)]), Ok(vec![2]));
    assert!(!on_the_shelf(&delivery, PATIENT));
    assert_eq!(
        claim(&mut delivery, &[(PATIENT, 0)]),
        Err(Refusal::NoKeyPackage)
    );
}

#[test]
fn a_claim_takes_one_of_each_or_nothing() {
    let mut delivery = opened();
    publish(&mut delivery, PATIENT, 0, &[1]).expect("published");
    let both = [(PATIENT, 0), (DOCTOR, 0)];
    assert_eq!(claim(&mut delivery, &both), Err(Refusal::NoKeyPackage));
    assert!(on_the_shelf(&delivery, PATIENT));
    publish(&mut delivery, DOCTOR, 0, &[2]).expect("published");
    let mut marks = claim(&mut delivery, &both).expect("one of each");
    marks.sort_unstable();
    assert_eq!(marks, [1, 2]);
}

#[test]
fn publishing_replaces_what_was_there() {
    let mut delivery = opened();
    publish(&mut delivery, PATIENT, 0, &[1, 2]).expect("published");
    publish(&mut delivery, PATIENT, 0, &[3]).expect("published");
    assert_eq!(claim(&mut delivery, &[(PATIENT, 0)]), Ok(vec![3]));
    publish(&mut delivery, PATIENT, 0, &[4]).expect("published");
    publish(&mut delivery, PATIENT, 0, &[]).expect("published");
    assert!(!on_the_shelf(&delivery, PATIENT));
}

#[test]
fn a_reload_takes_the_old_pages_key_packages_off_the_shelf() {
    let mut delivery = opened();
    publish(&mut delivery, PATIENT, 0, &[1]).expect("published");
    delivery.attach(page(PATIENT, 1)).expect("there is room");
    assert_eq!(
        claim(&mut delivery, &[(PATIENT, 0)]),
        Err(Refusal::NoKeyPackage)
    );
    assert_eq!(
        publish(&mut delivery, PATIENT, 0, &[2]),
        Err(Refusal::NotInConsultation)
    );
    publish(&mut delivery, PATIENT, 1, &[3]).expect("published");
    assert_eq!(claim(&mut delivery, &[(PATIENT, 1)]), Ok(vec![3]));
}

#[test]
fn a_lost_socket_keeps_the_page_and_its_key_packages_during_a_consultation_only() {
    let mut delivery = opened();
    publish(&mut delivery, PATIENT, 0, &[1]).expect("published");
    delivery.detach(page(PATIENT, 0));
    assert!(on_the_shelf(&delivery, PATIENT));
    assert_eq!(
        publish(&mut delivery, PATIENT, 0, &[2]),
        Err(Refusal::NotInConsultation)
    );
    delivery.attach(page(PATIENT, 0)).expect("it comes back");
    assert_eq!(claim(&mut delivery, &[(PATIENT, 0)]), Ok(vec![1]));
    delivery.detach(page(PATIENT, 0));
    delivery.close(consultation(1));
    assert_eq!(delivery.page(participant(PATIENT)), None);
    delivery.detach(page(DOCTOR, 0));
    assert_eq!(delivery.page(participant(DOCTOR)), None);
}

#[test]
fn only_pages_of_the_consultation_can_be_claimed_and_only_by_its_practitioner() {
    let mut delivery = opened();
    delivery.attach(page(9, 0)).expect("there is room");
    publish(&mut delivery, 9, 0, &[1]).expect("published");
    publish(&mut delivery, DOCTOR, 0, &[2]).expect("published");
    assert_eq!(claim(&mut delivery, &[(9, 0)]), Err(Refusal::NoKeyPackage));
    let doctors = [page(DOCTOR, 0).instance];
    let claimed = delivery.claim_key_packages(page(PATIENT, 0), consultation(1), &doctors);
    assert_eq!(claimed, Err(Refusal::NotCommitter));
}

#[test]
fn only_key_packages_go_on_the_shelf() {
    let mut delivery = opened();
    for wrong in [
        welcome(),
        commit(1, 0),
        vec![],
        vec![0, 1, 0, 5, 0, 1, 0, 2],
    ] {
        let published = delivery.publish_key_packages(page(PATIENT, 0), vec![wrong]);
        assert_eq!(published, Err(Refusal::MlsInvalid));
    }
}

#[test]
fn the_shelf_has_limits_in_number_and_size() {
    let mut delivery = opened();
    let limit = u8::try_from(limits::KEY_PACKAGES).expect("a small limit");
    let full: Vec<_> = (0..limit).collect();
    publish(&mut delivery, PATIENT, 0, &full).expect("as many as may be");
    let too_many: Vec<_> = (0..=limit).collect();
    assert_eq!(
        publish(&mut delivery, PATIENT, 0, &too_many),
        Err(Refusal::LimitReached)
    );
    let large = [key_package(1), vec![7; limits::KEY_PACKAGE_BYTES]].concat();
    let published = delivery.publish_key_packages(page(PATIENT, 0), vec![large]);
    assert_eq!(published, Err(Refusal::TooLarge));
    let wanted: Vec<_> = (0..6).map(instance).collect();
    let claimed = delivery.claim_key_packages(page(DOCTOR, 0), consultation(1), &wanted);
    assert_eq!(claimed, Err(Refusal::LimitReached));
    assert_eq!(
        claim(&mut delivery, &[(PATIENT, 0)]),
        Ok(vec![0]),
        "nothing was changed"
    );
}

#[test]
fn all_shelves_together_have_a_limit_and_give_back_what_is_taken_off() {
    let mut delivery = opened();
    let largest = [key_package(1), vec![7; limits::KEY_PACKAGE_BYTES - 9]].concat();
    let full = vec![largest; limits::KEY_PACKAGES];
    let pages = limits::SHELF_BYTES / (limits::KEY_PACKAGE_BYTES * limits::KEY_PACKAGES);
    let pages = u32::try_from(pages).expect("a small number");
    for number in 0..pages {
        delivery
            .attach(page(number + 10, 0))
            .expect("there is room");
        delivery
            .publish_key_packages(page(number + 10, 0), full.clone())
            .expect("published");
    }
    let one_more = |delivery: &mut Delivery| {
        delivery.publish_key_packages(page(PATIENT, 0), vec![key_package(1)])
    };
    assert_eq!(one_more(&mut delivery), Err(Refusal::LimitReached));
    delivery
        .publish_key_packages(page(10, 0), full.clone())
        .expect("the same bytes again");
    delivery.detach(page(10, 0));
    assert_eq!(one_more(&mut delivery), Ok(()));
    assert_eq!(claim(&mut delivery, &[(PATIENT, 0)]), Ok(vec![1]));
    delivery.attach(page(10, 0)).expect("there is room");
    delivery
        .publish_key_packages(page(10, 0), full)
        .expect("room for as much as was taken off");
}

#[test]
fn pages_have_a_limit_and_known_participants_may_always_reload() {
    let mut delivery = Delivery::new();
    let limit = u32::try_from(limits::PAGES).expect("a small limit");
    for number in 0..limit {
        delivery.attach(page(number, 0)).expect("there is room");
    }
    assert_eq!(delivery.attach(page(limit, 0)), Err(Refusal::LimitReached));
    assert_eq!(delivery.attach(page(0, 1)), Ok(()));
}
