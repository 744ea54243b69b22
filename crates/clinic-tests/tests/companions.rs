//! Those who come with a patient: who may, how many, and who is there.

#![allow(clippy::expect_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::FileFailurePersistence;
use serde_json::{from_value, to_value};
use vestibule_clinic::{
    CompanionChange, CompanionRefusal, CompanionRole, Companions, Invitation, InvitationState,
    limits,
};
use vestibule_vocab::{InvitationId, Millis, ParticipantId, PatientId, Redacted, Timestamp};

use CompanionChange::{Changed, ShownOut, Unchanged};
use CompanionRole::{Interpreter, Other, Parent, SecondPractitioner};

const HOUR: Millis = Millis::from_secs(60 * 60);
const NOW: Timestamp = Timestamp(1_000_000);

fn invitation(number: usize) -> InvitationId {
    InvitationId::from_random(u128::try_from(number).expect("small"))
}

fn name() -> Redacted<String> {
    Redacted::new("Sofie".to_owned())
}

fn person(number: u8) -> ParticipantId {
    PatientId::from_random(number.into()).into()
}

/// Invitation `n` for each role.
fn invited(roles: &[CompanionRole]) -> Companions {
    let mut companions = Companions::default();
    for (number, role) in roles.iter().enumerate() {
        let change = companions.invite(invitation(number), *role, HOUR, NOW);
        assert_eq!(change, Ok(Changed));
    }
    companions
}

#[test]
fn m08_an_invitation_seats_one_person_on_whatever_device() {
    let mut companions = invited(&[Parent]);
    assert_eq!(
        companions.accept(invitation(0), person(1), &name(), NOW),
        Ok(Changed)
    );
    assert_eq!(
        companions.accept(invitation(0), person(1), &name(), NOW),
        Ok(Unchanged)
    );
    let other = companions.accept(invitation(0), person(2), &name(), NOW);
    assert_eq!(other, Err(CompanionRefusal::InvitationUsed));
    assert_eq!(companions.leave(person(1), NOW), Ok(Changed));
    let again = companions.accept(invitation(0), person(1), &name(), NOW);
    assert_eq!(again, Err(CompanionRefusal::InvitationUsed), "used once");
}

#[test]
fn m08_five_people_are_in_a_consultation_and_a_sixth_is_not() {
    let mut companions = invited(&[Parent, Interpreter, SecondPractitioner, Other]);
    for (number, who) in [(0, 1), (1, 2), (2, 3)] {
        assert_eq!(
            companions.accept(invitation(number), person(who), &name(), NOW),
            Ok(Changed)
        );
    }
    let fourth =
        |companions: &mut Companions| companions.accept(invitation(3), person(4), &name(), NOW);
    assert_eq!(
        fourth(&mut companions),
        Err(CompanionRefusal::ConsultationFull)
    );
    assert!(companions.lose(person(2)));
    let full = fourth(&mut companions);
    assert_eq!(
        full,
        Err(CompanionRefusal::ConsultationFull),
        "who is away keeps the seat"
    );
    assert_eq!(companions.leave(person(2), NOW), Ok(Changed));
    assert_eq!(fourth(&mut companions), Ok(Changed));
}

#[test]
fn m08_whoever_was_away_for_too_long_takes_no_part_until_back() {
    let mut companions = invited(&[Parent, Interpreter]);
    assert!(!companions.lose(person(1)), "has no seat");
    let _ = companions
        .accept(invitation(0), person(1), &name(), NOW)
        .expect("seated");
    assert_eq!(companions.roles_of(|_| true), BTreeSet::from([Parent]));
    assert_eq!(companions.roles_of(|_| false), BTreeSet::new());
    assert!(companions.lose(person(1)) && !companions.lose(person(1)));
    assert_eq!(companions.taking_part().count(), 0);
    assert_eq!(companions.seated().count(), 1);
    assert!(companions.find_again(person(1)) && !companions.find_again(person(1)));
    assert_eq!(companions.taking_part().count(), 1);
}

#[test]
fn m08_the_end_of_the_visit_ends_all_places_and_keeps_no_name() {
    let mut companions = invited(&[Parent, Interpreter]);
    let _ = companions
        .accept(invitation(0), person(1), &name(), NOW)
        .expect("seated");
    companions.end(NOW);
    assert_eq!(companions.seated().count(), 0);
    let later = companions.accept(invitation(1), person(2), &name(), NOW);
    assert_eq!(later, Err(CompanionRefusal::InvitationWithdrawn));
    let mut invitations = companions.invitations().iter();
    assert!(invitations.all(|it| it.name.expose().is_empty()));
    assert_eq!(companions.next_timeout(), None);
}

#[test]
fn an_invitation_that_is_withdrawn_seats_nobody_and_unseats_who_used_it() {
    let mut companions = invited(&[Parent, Other]);
    assert_eq!(companions.withdraw(invitation(1), NOW), Ok(Changed));
    assert_eq!(companions.withdraw(invitation(1), NOW), Ok(Unchanged));
    let withdrawn = Err(CompanionRefusal::InvitationWithdrawn);
    assert_eq!(
        companions.accept(invitation(1), person(1), &name(), NOW),
        withdrawn
    );
    let _ = companions
        .accept(invitation(0), person(1), &name(), NOW)
        .expect("seated");
    assert_eq!(
        companions.withdraw(invitation(0), NOW),
        Ok(ShownOut(person(1)))
    );
    assert_eq!(companions.seated().count(), 0);
    assert_eq!(
        companions.accept(invitation(0), person(1), &name(), NOW),
        withdrawn
    );
}

#[test]
fn an_invitation_expires_when_nobody_accepts_it_and_a_seat_does_not() {
    let mut companions = invited(&[Parent, Other]);
    let _ = companions
        .accept(invitation(0), person(1), &name(), NOW)
        .expect("seated");
    let due = NOW.plus(HOUR);
    assert_eq!(companions.next_timeout(), Some(due));
    let late = companions.accept(invitation(1), person(2), &name(), due);
    assert_eq!(
        late,
        Err(CompanionRefusal::InvitationExpired),
        "though nobody looked yet"
    );
    assert_eq!(companions.expire(Timestamp(due.0 - 1)), []);
    assert_eq!(companions.expire(due), [invitation(1)]);
    assert_eq!(companions.next_timeout(), None);
    let late = companions.accept(invitation(1), person(2), &name(), NOW);
    assert_eq!(late, Err(CompanionRefusal::InvitationExpired));
    assert_eq!(companions.seated().count(), 1);
}

#[test]
fn a_clock_that_steps_back_makes_no_invitation_good_for_longer() {
    let mut companions = invited(&[Parent]);
    companions.step_back(Timestamp(5_000));
    assert_eq!(companions.next_timeout(), Some(Timestamp(5_000).plus(HOUR)));
}

#[test]
fn what_is_wrong_with_an_invitation_has_a_code() {
    let mut companions = invited(&[Parent]);
    let mut invite = |number, role, valid| companions.invite(invitation(number), role, valid, NOW);
    assert_eq!(invite(0, Parent, HOUR), Ok(Unchanged));
    assert_eq!(
        invite(0, Other, HOUR),
        Err(CompanionRefusal::InvitationExists)
    );
    for valid in [Millis(0), Millis(59_999), Millis(u64::MAX)] {
        assert_eq!(
            invite(1, Parent, valid),
            Err(CompanionRefusal::InvalidValidity)
        );
    }
    for number in 1..limits::INVITATIONS {
        assert_eq!(invite(number, Other, HOUR), Ok(Changed));
    }
    let more = invite(limits::INVITATIONS, Other, HOUR);
    assert_eq!(more, Err(CompanionRefusal::TooManyInvitations));
    let unknown = Err(CompanionRefusal::NotFound);
    assert_eq!(
        companions.accept(invitation(999), person(1), &name(), NOW),
        unknown
    );
    assert_eq!(companions.withdraw(invitation(999), NOW), unknown);
    assert_eq!(companions.leave(person(1), NOW), unknown);
}

#[test]
fn nobody_has_two_seats_at_one_visit() {
    let mut companions = invited(&[Parent, Interpreter]);
    let _ = companions
        .accept(invitation(0), person(1), &name(), NOW)
        .expect("seated");
    let second = companions.accept(invitation(1), person(1), &name(), NOW);
    assert_eq!(second, Err(CompanionRefusal::AlreadyCompanion));
}

#[derive(Clone, Debug)]
enum Step {
    Invite(usize, CompanionRole),
    Accept(usize, u8),
    Withdraw(usize),
    Leave(u8),
    Lose(u8),
    Find(u8),
    End,
    Expire,
    StoreAndRestore,
}

fn step() -> impl Strategy<Value = Step> {
    let role = prop::sample::select(vec![Parent, Interpreter, SecondPractitioner, Other]);
    prop_oneof![
        4 => (0..30_usize, role).prop_map(|(number, role)| Step::Invite(number, role)),
        6 => (0..30_usize, 0..8_u8).prop_map(|(number, who)| Step::Accept(number, who)),
        1 => (0..30_usize).prop_map(Step::Withdraw),
        1 => (0..8_u8).prop_map(Step::Leave),
        1 => (0..8_u8).prop_map(Step::Lose),
        1 => (0..8_u8).prop_map(Step::Find),
        1 => Just(Step::End),
        1 => Just(Step::Expire),
        1 => Just(Step::StoreAndRestore),
    ]
}

fn take(companions: &mut Companions, step: &Step, now: Timestamp) {
    match *step {
        Step::Invite(number, role) => {
            let _ = companions.invite(invitation(number), role, HOUR, now);
        }
        Step::Accept(number, who) => {
            let _ = companions.accept(invitation(number), person(who), &name(), now);
        }
        Step::Withdraw(number) => {
            let _ = companions.withdraw(invitation(number), now);
        }
        Step::Leave(who) => {
            let _ = companions.leave(person(who), now);
        }
        Step::Lose(who) => _ = companions.lose(person(who)),
        Step::Find(who) => _ = companions.find_again(person(who)),
        Step::End => companions.end(now),
        Step::Expire => _ = companions.expire(now),
        Step::StoreAndRestore => {
            let stored = to_value(&*companions).expect("JSON");
            *companions = from_value(stored).expect("companions");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: Some(Box::new(FileFailurePersistence::WithSource("regressions"))),
        ..ProptestConfig::default()
    })]

    #[test]
    fn whoever_comes_and_goes(steps in vec((0..8_000_000_u64, step()), 1..150)) {
        let mut companions = Companions::default();
        for (time, step) in steps {
            let now = Timestamp(time);
            let before = companions.clone();
            take(&mut companions, &step, now);

            let seated: Vec<_> = companions.seated().map(|seat| seat.who).collect();
            let people: BTreeSet<_> = seated.iter().copied().collect();
            prop_assert!(seated.len() <= limits::COMPANIONS && people.len() == seated.len());
            prop_assert!(companions.invitations().len() <= limits::INVITATIONS);
            prop_assert!(companions.taking_part().all(|seat| people.contains(&seat.who)));
            let named = |it: &Invitation| it.name.expose().is_empty() == it.companion().is_none();
            prop_assert!(companions.invitations().iter().all(named), "a name is kept with a seat alone");
            for (before, after) in before.invitations().iter().zip(companions.invitations()) {
                prop_assert_eq!((before.id, before.role), (after.id, after.role));
                let used = before.state != InvitationState::Open;
                let seated_anew = after.companion().is_some() && before.companion() != after.companion();
                prop_assert!(!(used && seated_anew), "an invitation is used once");
                let late = before.expires_at().is_some_and(|at| at <= now);
                prop_assert!(!(late && seated_anew), "nobody is seated late");
            }
            if let Step::Expire = step {
                let next = companions.next_timeout();
                prop_assert!(next.is_none_or(|at| at > now && at.since(now) <= HOUR));
            }
            if let Step::StoreAndRestore = step {
                prop_assert_eq!(&companions, &before);
            }
        }
    }
}
