//! The gates of a visit: who opens them, what stands, what expires, what stops the visit.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod support;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, from_value, json, to_value};
use support::*;
use vestibule_clinic::{
    AnsweredBy, Code, CompanionRole, Consent, EMERGENCY_NUMBER, Evidence, Form, FormAnswer,
    FormRefusal, GateChange, GateException, GateKind, GateReason, GateRefusal, GateRule,
    GateRuleFault, GateRules, GateState, Gates, IdentityLevel, Relation, Screening, limits,
};
use vestibule_vocab::{Redacted, Timestamp};

const CHANGED: Result<GateChange, GateRefusal> = Ok(GateChange::Changed);
const UNCHANGED: Result<GateChange, GateRefusal> = Ok(GateChange::Unchanged);
const NOW: Timestamp = Timestamp(1_000_000);

fn code(text: &str) -> Code {
    Code::new(text).expect("a code")
}

fn rules(rules: &Value) -> Result<GateRules, GateRuleFault> {
    let rules: Vec<GateRule> = from_value(rules.clone()).expect("the shape of gates");
    GateRules::new(rules).map_err(|error| error.fault)
}

/// A visit of a service that requires these gates.
fn gates(required: &Value) -> Gates {
    Gates::new(rules(required).expect("good gates"), NOW)
}

fn built_in(requires: &Value) -> Value {
    json!({ "requires": requires, "opened_by": { "who": "built_in" } })
}

/// A payment that the system `pay` answers within a minute.
fn payment(then: &str) -> Value {
    json!([{
        "requires": { "gate": "payment" },
        "opened_by": { "who": "system", "system": "pay", "wait": 60_000, "then": then },
        "exceptions": ["payment_waived"],
    }])
}

fn system(name: &str) -> AnsweredBy {
    AnsweredBy::System { system: code(name) }
}

fn doctor() -> AnsweredBy {
    AnsweredBy::Practitioner {
        practitioner: practitioner(1),
    }
}

fn missing(gates: &Gates) -> Vec<String> {
    let codes = gates.missing().map(|gate| to_value(gate).expect("JSON"));
    codes
        .map(|gate| {
            let (code, kind) = (&gate["code"], &gate["rule"]["requires"]["gate"]);
            format!(
                "{} {}",
                kind.as_str().expect("text"),
                code.as_str().expect("text")
            )
        })
        .collect()
}

/// Chest pain, and for how long.
fn form() -> Form {
    from_value(json!({ "questions": [
        { "code": "chest_pain", "texts": { "en": "Chest pain?" }, "kind": { "type": "yes_no" },
          "red_flags": [{ "is": "yes" }] },
        { "code": "days", "texts": { "en": "Since how many days?" }, "required": true,
          "kind": { "type": "number", "min": 0, "max": 100 } },
    ]}))
    .expect("a good form")
}

type Given = Redacted<BTreeMap<Code, FormAnswer>>;

fn given(answers: Value) -> Given {
    from_value(answers).expect("the shape of answers")
}

fn yes_no(value: bool) -> Value {
    json!({ "type": "yes_no", "value": value })
}

fn days(value: i64) -> Value {
    json!({ "type": "number", "value": value })
}

fn well() -> Given {
    given(json!({ "chest_pain": yes_no(false), "days": days(2) }))
}

fn in_pain() -> Given {
    given(json!({ "chest_pain": yes_no(true), "days": days(-1) }))
}

/// What gates did with answers without red flags.
fn clear(screening: Result<Screening, FormRefusal>) -> (usize, Option<String>, GateChange) {
    match screening.expect("taken") {
        Screening::Clear {
            answers,
            missing,
            change,
        } => (answers.len(), missing.map(String::from), change),
        Screening::Emergency(_) => panic!("no emergency"),
    }
}

fn screened() -> Gates {
    gates(&json!([
        built_in(&json!({ "gate": "symptom_form" })),
        built_in(&json!({ "gate": "emergency_screen" })),
    ]))
}

#[test]
fn m03_a_complete_form_opens_its_gates_and_an_incomplete_one_does_not() {
    let mut gates = screened();
    assert_eq!(
        missing(&gates),
        ["symptom_form gate_pending", "emergency_screen gate_pending"]
    );
    let begun = gates.answer_form(&form(), &given(json!({ "chest_pain": yes_no(false) })), NOW);
    assert_eq!(
        clear(begun),
        (1, Some("days".to_owned()), GateChange::Unchanged)
    );
    assert!(!gates.ready());
    let wrong = given(json!({ "chest_pain": yes_no(false), "days": days(-1) }));
    let wrong = gates.answer_form(&form(), &wrong, NOW);
    assert!(matches!(wrong, Err(FormRefusal::Answer(_))));
    assert!(!gates.ready());
    let done = gates.answer_form(&form(), &well(), NOW);
    assert_eq!(clear(done), (2, None, GateChange::Changed));
    assert!(gates.ready());
    let again = gates.answer_form(&form(), &well(), NOW);
    assert_eq!(clear(again), (2, None, GateChange::Unchanged));
}

#[test]
fn m04_a_red_flag_stops_the_visit_for_good_though_another_answer_is_wrong() {
    let mut gates = screened();
    let screening = gates.answer_form(&form(), &in_pain(), NOW).expect("taken");
    let Screening::Emergency(emergency) = screening else {
        panic!("chest pain is an emergency");
    };
    assert_eq!(
        to_value(&emergency).expect("JSON"),
        json!({ "questions": ["chest_pain"], "at": 1_000_000 })
    );
    assert!(!format!("{gates:?}").contains("chest_pain"));
    assert_eq!(EMERGENCY_NUMBER, "112");
    let stopped = Err(GateRefusal::Emergency);
    let later = gates.answer_form(&form(), &well(), NOW);
    assert_eq!(later, Err(GateRefusal::Emergency.into()));
    assert_eq!(gates.admit(), stopped.map(drop));
    let asked = Some(GateException::AskedByVoice);
    assert_eq!(
        gates.open(&GateKind::SymptomForm, AnsweredBy::Staff, asked, NOW),
        stopped
    );
    assert!(!gates.ready());
}

#[test]
fn m04_a_red_flag_stops_a_visit_whose_service_has_no_gates() {
    let mut gates = gates(&json!([]));
    assert!(gates.ready());
    let screening = gates.answer_form(&form(), &in_pain(), NOW);
    assert!(matches!(screening, Ok(Screening::Emergency(_))));
    assert!(!gates.ready());
}

#[test]
fn m04_nobody_waits_for_an_answer_about_a_visit_that_was_stopped() {
    let mut gates = gates(&payment("refuse"));
    assert!(gates.next_timeout().is_some());
    gates.stop(vec![code("chest_pain")], NOW).expect("stopped");
    assert_eq!(gates.next_timeout(), None);
    assert_eq!(gates.expire(NOW.plus(limits::GATE_WAIT_MAX)), []);
}

#[test]
fn m04_a_red_flag_after_admission_is_the_practitioners_business() {
    let mut gates = screened();
    let _ = clear(gates.answer_form(&form(), &well(), NOW));
    assert_eq!(gates.admit(), Ok(()));
    let late = gates.answer_form(&form(), &in_pain(), NOW);
    assert_eq!(late, Err(GateRefusal::Admitted.into()));
    assert_eq!(gates.emergency(), None);
}

#[test]
fn what_is_known_here_does_not_open_what_a_system_or_a_person_opens() {
    let quota = json!({ "gate": "quota" });
    let system = json!({ "who": "system", "system": "his", "wait": 60_000, "then": "refuse" });
    for opened_by in [system, json!({ "who": "hand" })] {
        let mut gates = gates(&json!([{ "requires": quota, "opened_by": opened_by }]));
        let known = gates.learn(
            &Evidence::Quota {
                used: 0,
                allowed: 1,
            },
            NOW,
        );
        assert_eq!(known, Err(GateRefusal::GateNotYours));
        assert!(!gates.ready());
    }
}

#[test]
fn m08_a_required_companion_gates_ready_while_present() {
    let required = json!([
        built_in(&json!({ "gate": "companion", "role": "parent" })),
        built_in(&json!({ "gate": "companion", "role": "interpreter" })),
    ]);
    let mut gates = gates(&required);
    let parent = BTreeSet::from([CompanionRole::Parent]);
    let both = BTreeSet::from([CompanionRole::Parent, CompanionRole::Interpreter]);
    assert_eq!(gates.learn(&Evidence::Companions(&parent), NOW), CHANGED);
    assert_eq!(missing(&gates), ["companion gate_pending"]);
    assert_eq!(gates.learn(&Evidence::Companions(&both), NOW), CHANGED);
    assert!(gates.ready());
    assert_eq!(gates.learn(&Evidence::Companions(&both), NOW), UNCHANGED);
    assert_eq!(gates.learn(&Evidence::Companions(&parent), NOW), CHANGED);
    assert!(!gates.ready(), "the interpreter left");
}

#[test]
fn m12_consent_to_the_version_asked_for_opens_and_taking_it_back_shuts() {
    let mut gates = gates(&json!([built_in(
        &json!({ "gate": "consent", "version": "v2" })
    )]));
    let mut consent = Consent::default();
    assert_eq!(gates.learn(&Evidence::Consent(&consent), NOW), UNCHANGED);
    let _ = consent.give(&code("v1"), NOW).expect("given");
    assert_eq!(
        gates.learn(&Evidence::Consent(&consent), NOW),
        UNCHANGED,
        "an old text"
    );
    let _ = consent.give(&code("v2"), NOW).expect("given");
    assert_eq!(gates.learn(&Evidence::Consent(&consent), NOW), CHANGED);
    assert!(gates.ready());
    let _ = consent.revoke(false, NOW).expect("revoked");
    assert_eq!(gates.learn(&Evidence::Consent(&consent), NOW), CHANGED);
    assert_eq!(missing(&gates), ["consent gate_refused"]);
    let by_hand = gates.open(&GateKind::Consent, doctor(), None, NOW);
    assert_eq!(
        by_hand,
        Err(GateRefusal::GateNotYours),
        "nobody consents for the patient"
    );
}

#[test]
fn m14_known_or_referred_and_seen_in_person_or_a_coded_exception() {
    let requires = json!({
        "gate": "eligibility", "any_of": ["known_to_practitioner", "referred"],
        "all_of": ["seen_in_person"],
    });
    let mut rule = built_in(&requires);
    rule["exceptions"] = json!(["own_doctor_not_available"]);
    let required = json!([rule]);
    let opens = |relations: &[Relation], claimed| {
        let relations = relations.iter().copied().collect();
        let evidence = Evidence::Eligibility {
            relations: &relations,
            claimed,
        };
        let mut gates = gates(&required);
        let answer = gates.learn(&evidence, NOW);
        (answer, gates)
    };
    use Relation::*;
    assert!(opens(&[Referred, SeenInPerson], None).1.ready());
    assert!(opens(&[KnownToPractitioner, SeenInPerson], None).1.ready());
    for too_little in [&[][..], &[SeenInPerson], &[KnownToPractitioner, Referred]] {
        assert_eq!(
            missing(&opens(too_little, None).1),
            ["eligibility gate_refused"]
        );
    }
    let (answer, gates) = opens(&[], Some(GateException::OwnDoctorNotAvailable));
    assert_eq!(answer, CHANGED);
    let recorded = json!({
        "state": "open", "by": { "who": "patient" }, "at": 1_000_000,
        "exception": "own_doctor_not_available",
    });
    assert_eq!(to_value(&gates.gates()[0].state).expect("JSON"), recorded);
    let (answer, gates) = opens(&[], Some(GateException::CannotTravel));
    assert_eq!(answer, Err(GateRefusal::ExceptionNotAllowed));
    assert!(!gates.ready());
}

fn eligible(
    gates: &mut Gates,
    relations: &[Relation],
    claimed: Option<GateException>,
) -> Result<GateChange, GateRefusal> {
    let relations = relations.iter().copied().collect();
    let evidence = Evidence::Eligibility {
        relations: &relations,
        claimed,
    };
    gates.learn(&evidence, NOW)
}

fn by_which(gates: &Gates) -> Option<GateException> {
    match gates.gates()[0].state {
        GateState::Open { exception, .. } => exception,
        GateState::Pending { .. } | GateState::Refused { .. } | GateState::Expired { .. } => {
            panic!("it is open")
        }
    }
}

#[test]
fn m14_an_open_gate_says_by_which_exception_until_it_is_open_by_none() {
    let mut rule = built_in(&json!({ "gate": "eligibility", "any_of": ["referred"] }));
    rule["exceptions"] = json!(["own_doctor_not_available", "on_call_service"]);
    let mut gates = gates(&json!([rule]));
    use GateException::{OnCallService, OwnDoctorNotAvailable};
    let referred = [Relation::Referred];
    assert_eq!(eligible(&mut gates, &referred, None), CHANGED);
    for exception in [OwnDoctorNotAvailable, OnCallService] {
        assert_eq!(eligible(&mut gates, &[], Some(exception)), CHANGED);
        assert_eq!(by_which(&gates), Some(exception));
        assert_eq!(eligible(&mut gates, &[], Some(exception)), UNCHANGED);
    }
    let taken_without_need = eligible(&mut gates, &referred, Some(OnCallService));
    assert_eq!(taken_without_need, CHANGED);
    assert_eq!(by_which(&gates), None);
    let by_hand = gates.open(&GateKind::Eligibility, doctor(), Some(OnCallService), NOW);
    assert_eq!(by_hand, UNCHANGED, "it is open as it should be");
    assert_eq!(by_which(&gates), None);
    assert_eq!(gates.admit(), Ok(()));
    assert_eq!(eligible(&mut gates, &referred, None), UNCHANGED);
    let late = eligible(&mut gates, &[], Some(OnCallService));
    assert_eq!(late, Err(GateRefusal::Admitted));
}

#[test]
fn m14_by_which_exception_a_person_opened_a_gate_no_evidence_changes() {
    let mut rule = built_in(&json!({ "gate": "eligibility", "any_of": ["referred"] }));
    rule["exceptions"] = json!(["own_doctor_not_available", "cannot_travel"]);
    let mut gates = gates(&json!([rule]));
    use GateException::{CannotTravel, OwnDoctorNotAvailable};
    let by_hand = |gates: &mut Gates, exception| {
        gates.open(&GateKind::Eligibility, doctor(), Some(exception), NOW)
    };
    assert_eq!(by_hand(&mut gates, OwnDoctorNotAvailable), CHANGED);
    assert_eq!(eligible(&mut gates, &[Relation::Referred], None), UNCHANGED);
    assert_eq!(eligible(&mut gates, &[], Some(CannotTravel)), UNCHANGED);
    assert_eq!(by_which(&gates), Some(OwnDoctorNotAvailable));
    assert_eq!(by_hand(&mut gates, CannotTravel), CHANGED);
    assert_eq!(by_which(&gates), Some(CannotTravel));
}

#[test]
fn a_gate_is_refused_for_a_reason_of_its_own_kind_or_another_that_the_message_says() {
    let mut gates = gates(&payment("refuse"));
    let gate = GateKind::Payment;
    for reason in [
        GateReason::LevelTooLow,
        GateReason::NotEligible,
        GateReason::NotEntitled,
        GateReason::ConsentRefused,
        GateReason::ConsentRevoked,
        GateReason::QuotaReached,
        GateReason::DeviceUnsuitable,
    ] {
        for by in [system("pay"), doctor()] {
            let refused = gates.refuse(&gate, by, reason, &text(""), NOW);
            assert_eq!(refused, Err(GateRefusal::ForeignReason), "{reason:?}");
        }
    }
    for reason in [GateReason::NotPaid, GateReason::Other] {
        let refused = gates.refuse(&gate, system("pay"), reason, &text(""), NOW);
        assert_eq!(refused, CHANGED, "{reason:?}");
    }
}

#[test]
fn m14_a_quota_is_reached_with_as_many_consultations_as_it_allows() {
    for (used, ready) in [(0, true), (4, true), (5, false), (6, false)] {
        let mut gates = gates(&json!([built_in(&json!({ "gate": "quota" }))]));
        let quota = Evidence::Quota { used, allowed: 5 };
        assert_eq!(gates.learn(&quota, NOW), CHANGED);
        assert_eq!(gates.ready(), ready, "{used} of 5");
    }
}

#[test]
fn m17_a_claimed_level_opens_what_asks_for_it_or_for_less() {
    let required = json!([built_in(
        &json!({ "gate": "identity", "level": "substantial" })
    )]);
    let mut gates = gates(&required);
    use IdentityLevel::*;
    for (claimed, ready) in [
        (Link, false),
        (Code, false),
        (Low, false),
        (Substantial, true),
        (High, true),
    ] {
        let _ = gates.learn(&Evidence::Identity(claimed), NOW);
        assert_eq!(gates.ready(), ready, "{claimed:?}");
    }
}

#[test]
fn m18_a_payment_opens_and_is_taken_back_before_admission_only() {
    let mut gates = gates(&payment("refuse"));
    let pay = |gates: &mut Gates| gates.open(&GateKind::Payment, system("pay"), None, NOW);
    let bounce = |gates: &mut Gates| {
        let (gate, reason) = (GateKind::Payment, GateReason::NotPaid);
        gates.refuse(&gate, system("pay"), reason, &text("card declined"), NOW)
    };
    assert_eq!(bounce(&mut gates), CHANGED);
    assert_eq!(bounce(&mut gates), UNCHANGED);
    assert_eq!(pay(&mut gates), CHANGED, "another card");
    assert_eq!(pay(&mut gates), UNCHANGED);
    assert_eq!(bounce(&mut gates), CHANGED);
    assert_eq!(pay(&mut gates), CHANGED);
    assert_eq!(gates.admit(), Ok(()));
    assert_eq!(
        pay(&mut gates),
        UNCHANGED,
        "a repeated request does no harm"
    );
    assert_eq!(bounce(&mut gates), Err(GateRefusal::Admitted));
    assert!(gates.ready());
    gates.wait_again();
    assert_eq!(bounce(&mut gates), CHANGED);
}

#[test]
fn m18_nobody_but_the_named_system_answers_for_it() {
    let mut gates = gates(&payment("refuse"));
    let not_yours = Err(GateRefusal::GateNotYours);
    for by in [system("other"), AnsweredBy::Patient, AnsweredBy::BuiltIn] {
        assert_eq!(gates.open(&GateKind::Payment, by, None, NOW), not_yours);
    }
    let quota = gates.open(&GateKind::Quota, system("pay"), None, NOW);
    assert_eq!(quota, Err(GateRefusal::GateNotRequired));
}

#[test]
fn opening_by_hand_needs_an_exception_that_the_service_allows_and_then_stands() {
    let mut gates = gates(&payment("refuse"));
    let open =
        |gates: &mut Gates, exception| gates.open(&GateKind::Payment, doctor(), exception, NOW);
    assert_eq!(open(&mut gates, None), Err(GateRefusal::ExceptionNeeded));
    let foreign = Some(GateException::PaidOtherwise);
    assert_eq!(
        open(&mut gates, foreign),
        Err(GateRefusal::ExceptionNotAllowed)
    );
    assert_eq!(
        open(&mut gates, Some(GateException::PaymentWaived)),
        CHANGED
    );
    let (gate, reason) = (GateKind::Payment, GateReason::NotPaid);
    let bounce = gates.refuse(&gate, system("pay"), reason, &text(""), NOW);
    assert_eq!(bounce, Err(GateRefusal::GateAnswered));
    assert_eq!(
        gates.refuse(&gate, AnsweredBy::Staff, reason, &text(""), NOW),
        CHANGED
    );
}

#[test]
fn a_gate_that_is_always_opened_by_hand_needs_no_exception() {
    let at_the_desk =
        json!([{ "requires": { "gate": "payment" }, "opened_by": { "who": "hand" } }]);
    let mut gates = gates(&at_the_desk);
    assert_eq!(gates.next_timeout(), None);
    assert_eq!(
        gates.open(&GateKind::Payment, AnsweredBy::Staff, None, NOW),
        CHANGED
    );
    assert!(gates.ready());
}

#[test]
fn a_system_that_never_answers_is_said_to_have_expired_and_may_be_asked_again() {
    let mut gates = gates(&payment("ask_again"));
    let due = Timestamp(1_060_000);
    assert_eq!(gates.next_timeout(), Some(due));
    assert_eq!(gates.expire(Timestamp(1_059_999)), []);
    let late = gates.open(&GateKind::Payment, system("pay"), None, due);
    assert_eq!(
        late,
        Err(GateRefusal::GateExpired),
        "though nobody looked yet"
    );
    assert_eq!(gates.expire(due), [GateKind::Payment]);
    assert_eq!(gates.expire(due), []);
    assert_eq!(missing(&gates), ["payment gate_expired"]);
    let late = gates.open(&GateKind::Payment, system("pay"), None, due);
    assert_eq!(late, Err(GateRefusal::GateExpired));
    let itself = gates.ask_again(&GateKind::Payment, &system("pay"), due);
    assert_eq!(itself, Err(GateRefusal::GateNotYours));
    assert_eq!(
        gates.ask_again(&GateKind::Payment, &AnsweredBy::Patient, due),
        CHANGED
    );
    assert_eq!(
        gates.ask_again(&GateKind::Payment, &AnsweredBy::Patient, due),
        UNCHANGED
    );
    assert_eq!(gates.next_timeout(), Some(Timestamp(1_120_000)));
    assert_eq!(
        gates.open(&GateKind::Payment, system("pay"), None, due),
        CHANGED
    );
    assert!(gates.ready());
}

#[test]
fn a_service_may_keep_an_expired_gate_shut_for_patients() {
    let mut gates = gates(&payment("refuse"));
    let due = Timestamp(1_060_000);
    let again = |gates: &mut Gates, by| gates.ask_again(&GateKind::Payment, &by, due);
    assert_eq!(
        again(&mut gates, AnsweredBy::Patient),
        Err(GateRefusal::GateExpired)
    );
    assert_eq!(again(&mut gates, AnsweredBy::Staff), CHANGED);
}

#[test]
fn m18_what_a_system_refused_staff_alone_have_asked_again() {
    let mut gates = gates(&payment("ask_again"));
    let (gate, reason) = (GateKind::Payment, GateReason::NotPaid);
    assert_eq!(
        gates.refuse(&gate, system("pay"), reason, &text(""), NOW),
        CHANGED
    );
    let again = |gates: &mut Gates, by: &AnsweredBy| gates.ask_again(&gate, by, NOW);
    assert_eq!(
        again(&mut gates, &AnsweredBy::Patient),
        Err(GateRefusal::GateAnswered)
    );
    assert_eq!(
        again(&mut gates, &system("pay")),
        Err(GateRefusal::GateNotYours)
    );
    for by in [doctor(), AnsweredBy::Staff] {
        assert_eq!(again(&mut gates, &by), CHANGED);
        assert_eq!(missing(&gates), ["payment gate_pending"]);
        assert_eq!(gates.next_timeout(), Some(Timestamp(1_060_000)));
        assert_eq!(again(&mut gates, &by), UNCHANGED);
        assert_eq!(
            gates.refuse(&gate, system("pay"), reason, &text(""), NOW),
            CHANGED
        );
    }
    // What somebody of the clinic refused, nobody else is asked about.
    assert_eq!(
        gates.refuse(&gate, doctor(), GateReason::Other, &text(""), NOW),
        CHANGED
    );
    assert_eq!(
        again(&mut gates, &AnsweredBy::Staff),
        Err(GateRefusal::GateAnswered)
    );
}

#[test]
fn what_no_system_refused_none_is_asked_about() {
    let mut gates = gates(&json!([built_in(
        &json!({ "gate": "identity", "level": "high" })
    )]));
    assert_eq!(
        gates.learn(&Evidence::Identity(IdentityLevel::Low), NOW),
        CHANGED
    );
    let again = gates.ask_again(&GateKind::Identity, &AnsweredBy::Staff, NOW);
    assert_eq!(again, Err(GateRefusal::GateAnswered));
}

#[test]
fn a_system_is_not_asked_for_ever() {
    let mut gates = gates(&payment("ask_again"));
    for _ in 0..limits::GATE_ASKS {
        let now = gates.next_timeout().expect("asked");
        gates.expire(now);
        assert_eq!(
            gates.ask_again(&GateKind::Payment, &AnsweredBy::Patient, now),
            CHANGED
        );
    }
    let now = gates.next_timeout().expect("asked");
    gates.expire(now);
    let again = gates.ask_again(&GateKind::Payment, &AnsweredBy::Patient, now);
    assert_eq!(again, Err(GateRefusal::GateAskedTooOften));
    // Staff still may: the gate has no exception by which they could open it.
    let again = gates.ask_again(&GateKind::Payment, &AnsweredBy::Staff, now);
    assert_eq!(again, CHANGED);
}

#[test]
fn a_clock_that_steps_back_makes_nobody_wait_longer() {
    let mut gates = gates(&payment("refuse"));
    gates.step_back(Timestamp(5_000));
    assert_eq!(gates.next_timeout(), Some(Timestamp(65_000)));
    gates.step_back(Timestamp(6_000));
    assert_eq!(gates.next_timeout(), Some(Timestamp(65_000)));
}

#[test]
fn the_words_with_a_refusal_are_bounded_and_not_printed() {
    let mut gates = gates(&payment("refuse"));
    let mut refuse = |message: &str| {
        let (gate, reason) = (GateKind::Payment, GateReason::Other);
        gates.refuse(&gate, system("pay"), reason, &text(message), NOW)
    };
    let longest = "🤒".repeat(limits::GATE_MESSAGE_CHARS);
    assert_eq!(
        refuse(&format!("{longest}!")),
        Err(GateRefusal::InvalidText)
    );
    assert_eq!(refuse(&longest), CHANGED);
    assert!(!format!("{gates:?}").contains('🤒'));
}

#[test]
fn what_a_person_decided_stands_against_evidence() {
    let mut rule = built_in(&json!({ "gate": "identity", "level": "high" }));
    rule["exceptions"] = json!(["identity_vouched"]);
    let mut gates = gates(&json!([rule]));
    let vouched = Some(GateException::IdentityVouched);
    assert_eq!(
        gates.open(&GateKind::Identity, AnsweredBy::Staff, vouched, NOW),
        CHANGED
    );
    let low = gates.learn(&Evidence::Identity(IdentityLevel::Low), NOW);
    assert_eq!(low, Err(GateRefusal::GateAnswered));
    assert!(gates.ready());
}

#[test]
fn a_device_that_failed_may_pass_a_second_check() {
    let mut gates = gates(&json!([built_in(&json!({ "gate": "device_check" }))]));
    assert_eq!(
        gates.learn(&Evidence::Device { suitable: false }, NOW),
        CHANGED
    );
    assert_eq!(missing(&gates), ["device_check gate_refused"]);
    assert_eq!(
        gates.learn(&Evidence::Device { suitable: true }, NOW),
        CHANGED
    );
    assert!(gates.ready());
}

#[test]
fn nothing_is_admitted_before_it_is_ready() {
    let mut gates = gates(&payment("refuse"));
    assert_eq!(gates.admit(), Err(GateRefusal::NotReady));
}

#[test]
fn what_is_wrong_with_the_gates_of_a_service_has_a_code() {
    use GateRuleFault::*;
    let with = |mut rule: Value, key: &str, value: Value| {
        rule[key] = value;
        rules(&json!([rule]))
    };
    let quota = built_in(&json!({ "gate": "quota" }));
    let consent = built_in(&json!({ "gate": "consent", "version": "1" }));
    let paid = payment("refuse")[0].clone();
    let pay =
        |wait: u64| json!({ "who": "system", "system": "pay", "wait": wait, "then": "refuse" });
    assert_eq!(rules(&json!([quota, quota])), Err(DuplicateGate));
    assert_eq!(
        rules(&json!([built_in(&json!({ "gate": "payment" }))])),
        Err(NotBuiltIn)
    );
    assert_eq!(with(paid.clone(), "opened_by", pay(999)), Err(InvalidWait));
    assert_eq!(
        with(paid.clone(), "opened_by", pay(u64::MAX)),
        Err(InvalidWait)
    );
    assert!(with(paid.clone(), "opened_by", pay(1_000)).is_ok());
    assert_eq!(
        with(paid, "exceptions", json!(["cannot_travel"])),
        Err(ForeignException)
    );
    assert_eq!(
        rules(&json!([built_in(&json!({ "gate": "eligibility" }))])),
        Err(AsksNothing)
    );
    assert_eq!(
        with(consent, "opened_by", json!({ "who": "hand" })),
        Err(PatientOnly)
    );

    let companion = |role: &str| built_in(&json!({ "gate": "companion", "role": role }));
    let three = [
        companion("parent"),
        companion("interpreter"),
        companion("other"),
    ];
    assert!(rules(&json!(three)).is_ok());
    let mut four = three.to_vec();
    four.push(companion("second_practitioner"));
    assert_eq!(rules(&json!(four)), Err(TooManyCompanions));

    let insurer = |n: usize| {
        json!({
            "requires": { "gate": "entitlement", "insurer": n.to_string() }, "opened_by": { "who": "hand" },
        })
    };
    let insurers = |count: usize| -> Value { (0..count).map(insurer).collect() };
    assert!(rules(&insurers(limits::GATES)).is_ok());
    assert_eq!(rules(&insurers(limits::GATES + 1)), Err(TooManyGates));
}

#[test]
fn gates_are_stored_and_read_back_in_every_state() {
    let mut required = payment("refuse").as_array().expect("gates").clone();
    required.push(built_in(&json!({ "gate": "quota" })));
    required.push(built_in(&json!({ "gate": "device_check" })));
    required.push(built_in(&json!({ "gate": "consent", "version": "1" })));
    let mut gates = gates(&json!(required));
    let _ = gates.learn(
        &Evidence::Quota {
            used: 1,
            allowed: 1,
        },
        NOW,
    );
    let _ = gates.learn(&Evidence::Device { suitable: true }, NOW);
    gates.expire(Timestamp(2_000_000));
    let states: Vec<_> = gates.gates().iter().map(|gate| &gate.state).collect();
    assert!(matches!(
        states[..],
        [
            GateState::Expired { .. },
            GateState::Refused { .. },
            GateState::Open { .. },
            GateState::Pending { .. }
        ]
    ));
    for stopped in [false, true] {
        if stopped {
            gates.stop(vec![code("x")], NOW).expect("stopped");
        }
        let stored = to_value(&gates).expect("JSON");
        assert_eq!(from_value::<Gates>(stored).expect("gates"), gates);
    }
}
