//! The patient's consent: given, refused, taken back, and all of it kept.

#![allow(clippy::expect_used, reason = "a test fails by panicking")]

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::FileFailurePersistence;
use serde_json::{from_value, json, to_value};
use vestibule_clinic::{Code, Consent, ConsentAct, ConsentChange, ConsentRefusal, limits};
use vestibule_vocab::Timestamp;

use ConsentChange::{Recorded, TellPractitioner, Unchanged};

fn version(number: u8) -> Code {
    Code::new(&format!("v{number}")).expect("a code")
}

#[test]
fn m12_consent_is_recorded_with_its_time_and_the_version_of_the_text() {
    let mut consent = Consent::default();
    assert_eq!(
        consent.refuse(&version(1), false, Timestamp(10)),
        Ok(Recorded)
    );
    assert_eq!(consent.give(&version(1), Timestamp(20)), Ok(Recorded));
    assert_eq!(consent.give(&version(1), Timestamp(25)), Ok(Unchanged));
    assert_eq!(consent.revoke(false, Timestamp(30)), Ok(Recorded));
    assert_eq!(consent.revoke(false, Timestamp(35)), Ok(Unchanged));
    let stored = to_value(&consent).expect("JSON");
    assert_eq!(
        stored,
        json!([
            { "act": "refused", "at": 10, "version": "v1" },
            { "act": "given", "at": 20, "version": "v1" },
            { "act": "revoked", "at": 30, "version": "v1" },
        ])
    );
    assert_eq!(from_value::<Consent>(stored).expect("consent"), consent);
}

#[test]
fn m12_consent_to_one_text_is_none_to_another() {
    let mut consent = Consent::default();
    assert_eq!(consent.act_on(&version(1)), None);
    let _ = consent.give(&version(1), Timestamp(1)).expect("given");
    assert_eq!(consent.act_on(&version(1)), Some(ConsentAct::Given));
    assert_eq!(consent.act_on(&version(2)), None);
}

#[test]
fn m12_taking_consent_back_during_a_consultation_is_told_to_the_practitioner() {
    for refuse in [None, Some(1), Some(2)] {
        let mut consent = Consent::default();
        let _ = consent.give(&version(1), Timestamp(1)).expect("given");
        let told = match refuse {
            Some(number) => consent.refuse(&version(number), true, Timestamp(2)),
            None => consent.revoke(true, Timestamp(2)),
        };
        assert_eq!(told, Ok(TellPractitioner), "{refuse:?}");
        assert!(!consent.is_given());
    }
}

#[test]
fn what_was_not_given_is_not_taken_back() {
    let mut consent = Consent::default();
    let none = Err(ConsentRefusal::NoConsent);
    assert_eq!(consent.revoke(true, Timestamp(1)), none);
    let refused = consent.refuse(&version(1), true, Timestamp(1));
    assert_eq!(
        refused,
        Ok(Recorded),
        "nothing that the practitioner had is gone"
    );
    assert_eq!(consent.revoke(true, Timestamp(1)), none);
}

#[derive(Clone, Copy, Debug)]
enum Act {
    Give,
    Refuse,
    Revoke,
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![3 => Just(Act::Give), 1 => Just(Act::Refuse), 2 => Just(Act::Revoke)]
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: Some(Box::new(FileFailurePersistence::WithSource("regressions"))),
        ..ProptestConfig::default()
    })]

    /// The history only grows, in order of time whatever the clock does, stays bounded, and what
    /// is given can always be taken back.
    #[test]
    fn the_history_is_append_only_and_bounded(
        acts in vec((act(), 0..3_u8, any::<bool>(), 0..1_000_u64), 1..200),
    ) {
        let mut consent = Consent::default();
        for (act, number, in_consultation, at) in acts {
            let before = consent.clone();
            let version = version(number);
            let answer = match act {
                Act::Give => consent.give(&version, Timestamp(at)),
                Act::Refuse => consent.refuse(&version, in_consultation, Timestamp(at)),
                Act::Revoke => consent.revoke(in_consultation, Timestamp(at)),
            };
            let (old, new) = (before.history(), consent.history());
            prop_assert!(new.starts_with(old) && new.len() <= limits::CONSENT_ENTRIES);
            prop_assert!(new.is_sorted_by_key(|entry| entry.at));
            let recorded = matches!(answer, Ok(Recorded | TellPractitioner));
            prop_assert_eq!(new.len(), old.len() + usize::from(recorded));
            let told = before.is_given() && !consent.is_given() && in_consultation;
            prop_assert_eq!(answer == Ok(TellPractitioner), told);
            if consent.is_given() {
                prop_assert!(consent.clone().revoke(false, Timestamp(0)).is_ok());
            }
        }
    }
}
