//! What holds of a visit's gates, whatever is answered, whoever answers, and whatever the clock does.

#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod support;

use std::collections::{BTreeMap, BTreeSet};

use proptest::collection::{btree_set, vec};
use proptest::prelude::*;
use proptest::test_runner::FileFailurePersistence;
use serde_json::{from_value, json, to_value};
use support::*;
use vestibule_clinic::{
    AnsweredBy, Code, CompanionRole, Consent, Evidence, Form, FormAnswer, FormRefusal, Gate,
    GateException, GateKind, GateReason, GateRefusal, GateRules, GateState, Gates, IdentityLevel,
    Relation,
};
use vestibule_vocab::{Millis, Redacted, Timestamp};

fn code(text: &str) -> Code {
    Code::new(text).expect("a code")
}

/// One gate of each kind, two of them with outside systems.
fn required() -> GateRules {
    let built_in = json!({ "who": "built_in" });
    let system = |name: &str, wait: u64, then: &str| json!({ "who": "system", "system": name, "wait": wait, "then": then });
    from_value(json!([
        { "requires": { "gate": "identity", "level": "low" }, "opened_by": built_in,
          "exceptions": ["identity_vouched"] },
        { "requires": { "gate": "eligibility", "any_of": ["referred"] }, "opened_by": built_in,
          "exceptions": ["own_doctor_not_available", "on_call_service"] },
        { "requires": { "gate": "entitlement", "insurer": "300" },
          "opened_by": system("insurers", 30_000, "refuse") },
        { "requires": { "gate": "consent", "version": "v1" }, "opened_by": built_in },
        { "requires": { "gate": "symptom_form" }, "opened_by": built_in },
        { "requires": { "gate": "emergency_screen" }, "opened_by": built_in,
          "exceptions": ["asked_by_voice"] },
        { "requires": { "gate": "payment" }, "opened_by": system("pay", 60_000, "ask_again"),
          "exceptions": ["payment_waived"] },
        { "requires": { "gate": "quota" }, "opened_by": built_in },
        { "requires": { "gate": "companion", "role": "parent" }, "opened_by": built_in },
        { "requires": { "gate": "device_check" }, "opened_by": { "who": "hand" } },
    ]))
    .expect("good gates")
}

fn form() -> Form {
    from_value(json!({ "questions": [
        { "code": "chest_pain", "texts": { "en": "?" }, "kind": { "type": "yes_no" },
          "required": true, "red_flags": [{ "is": "yes" }] },
    ]}))
    .expect("a good form")
}

fn answers(chest_pain: bool) -> Redacted<BTreeMap<Code, FormAnswer>> {
    let given = json!({ "chest_pain": { "type": "yes_no", "value": chest_pain } });
    from_value(given).expect("the shape of answers")
}

#[derive(Clone, Debug)]
enum Step {
    Open(GateKind, AnsweredBy, Option<GateException>),
    Refuse(GateKind, AnsweredBy, GateReason),
    AskAgain(GateKind, AnsweredBy),
    Identity(IdentityLevel),
    Eligibility(BTreeSet<Relation>, Option<GateException>),
    Consent(Option<bool>),
    Quota(u32),
    Companions(BTreeSet<CompanionRole>),
    Device(bool),
    Form {
        chest_pain: bool,
    },
    /// All that can be opened is, by whoever may.
    OpenAll,
    Expire,
    ClockBack,
    Admit,
    WaitAgain,
    StoreAndRestore,
}

fn gate() -> impl Strategy<Value = GateKind> {
    let kinds: Vec<_> = required()
        .rules()
        .iter()
        .map(|rule| rule.requires.kind())
        .collect();
    let not_required = GateKind::Entitlement {
        insurer: code("other"),
    };
    prop_oneof![20 => prop::sample::select(kinds), 1 => Just(not_required)]
}

fn by() -> impl Strategy<Value = AnsweredBy> {
    let system = |name| AnsweredBy::System { system: code(name) };
    let practitioner = practitioner(1);
    prop_oneof![
        1 => Just(AnsweredBy::BuiltIn),
        1 => Just(AnsweredBy::Patient),
        1 => Just(AnsweredBy::Staff),
        1 => Just(AnsweredBy::Practitioner { practitioner }),
        3 => Just(system("pay")),
        2 => Just(system("insurers")),
    ]
}

fn exception() -> impl Strategy<Value = Option<GateException>> {
    use GateException::*;
    prop::option::of(prop::sample::select(vec![
        OwnDoctorNotAvailable,
        CannotTravel,
        IdentityVouched,
        AskedByVoice,
        PaymentWaived,
        CompanionNotNeeded,
    ]))
}

fn step() -> impl Strategy<Value = Step> {
    use prop::sample::select;
    let reasons = vec![
        GateReason::NotPaid,
        GateReason::NotEntitled,
        GateReason::Other,
    ];
    let levels = vec![IdentityLevel::Link, IdentityLevel::Low, IdentityLevel::High];
    let relations = btree_set(
        select(vec![Relation::Referred, Relation::SeenInPerson]),
        0..2,
    );
    let roles = btree_set(
        select(vec![CompanionRole::Parent, CompanionRole::Other]),
        0..2,
    );
    prop_oneof![
        4 => (gate(), by(), exception()).prop_map(|(gate, by, exception)| {
            Step::Open(gate, by, exception)
        }),
        4 => (gate(), by(), select(reasons)).prop_map(|(gate, by, reason)| {
            Step::Refuse(gate, by, reason)
        }),
        4 => (gate(), by()).prop_map(|(gate, by)| Step::AskAgain(gate, by)),
        1 => select(levels).prop_map(Step::Identity),
        1 => (relations, exception()).prop_map(|(relations, claimed)| {
            Step::Eligibility(relations, claimed)
        }),
        1 => any::<Option<bool>>().prop_map(Step::Consent),
        1 => (0..2_u32).prop_map(Step::Quota),
        1 => roles.prop_map(Step::Companions),
        1 => any::<bool>().prop_map(Step::Device),
        1 => prop::bool::weighted(0.1).prop_map(|chest_pain| Step::Form { chest_pain }),
        3 => Just(Step::OpenAll),
        3 => Just(Step::Expire),
        1 => Just(Step::ClockBack),
        2 => Just(Step::Admit),
        1 => Just(Step::WaitAgain),
        1 => Just(Step::StoreAndRestore),
    ]
}

/// How the clock moves before a step.
#[derive(Clone, Debug)]
enum Tick {
    Forward(u64),
    Back(u64),
    ToTimeout,
}

fn tick() -> impl Strategy<Value = Tick> {
    prop_oneof![
        6 => (0..20_000_u64).prop_map(Tick::Forward),
        1 => (0..500_000_u64).prop_map(Tick::Back),
        2 => Just(Tick::ToTimeout),
    ]
}

fn after(now: Timestamp, tick: &Tick, gates: &Gates) -> Timestamp {
    match tick {
        Tick::Forward(time) => now.plus(Millis(*time)),
        Tick::Back(time) => Timestamp(now.0.saturating_sub(*time)),
        Tick::ToTimeout => gates.next_timeout().unwrap_or(now),
    }
}

/// Whether the step was taken.
fn take(gates: &mut Gates, step: &Step, now: Timestamp) -> Result<(), GateRefusal> {
    match step {
        Step::Open(gate, by, exception) => gates.open(gate, by.clone(), *exception, now).map(drop),
        Step::Refuse(gate, by, reason) => gates
            .refuse(gate, by.clone(), *reason, &text("secret"), now)
            .map(drop),
        Step::AskAgain(gate, by) => gates.ask_again(gate, by, now).map(drop),
        Step::Identity(level) => gates.learn(&Evidence::Identity(*level), now).map(drop),
        Step::Eligibility(relations, claimed) => {
            let claimed = *claimed;
            gates
                .learn(&Evidence::Eligibility { relations, claimed }, now)
                .map(drop)
        }
        Step::Consent(given) => gates
            .learn(&Evidence::Consent(&consent(*given)), now)
            .map(drop),
        Step::Quota(used) => {
            let (used, allowed) = (*used, 1);
            gates
                .learn(&Evidence::Quota { used, allowed }, now)
                .map(drop)
        }
        Step::Companions(present) => gates.learn(&Evidence::Companions(present), now).map(drop),
        Step::Device(suitable) => {
            let suitable = *suitable;
            gates.learn(&Evidence::Device { suitable }, now).map(drop)
        }
        Step::Form { chest_pain } => match gates.answer_form(&form(), &answers(*chest_pain), now) {
            Ok(_) => Ok(()),
            Err(FormRefusal::Gate(refusal)) => Err(refusal),
            Err(FormRefusal::Answer(wrong)) => panic!("good answers: {wrong}"),
        },
        Step::OpenAll => {
            open_all(gates, now);
            Ok(())
        }
        Step::Expire => {
            gates.expire(now);
            Ok(())
        }
        Step::ClockBack => {
            gates.step_back(now);
            Ok(())
        }
        Step::Admit => gates.admit(),
        Step::WaitAgain => {
            gates.wait_again();
            Ok(())
        }
        Step::StoreAndRestore => {
            let stored = to_value(&*gates).expect("JSON");
            *gates = from_value(stored).expect("gates");
            Ok(())
        }
    }
}

fn consent(given: Option<bool>) -> Consent {
    let mut consent = Consent::default();
    let _ = match given {
        Some(true) => consent.give(&code("v1"), Timestamp(0)),
        Some(false) => consent.refuse(&code("v1"), false, Timestamp(0)),
        None => return consent,
    };
    consent
}

fn open_all(gates: &mut Gates, now: Timestamp) {
    let relations = BTreeSet::from([Relation::Referred]);
    let roles = BTreeSet::from([CompanionRole::Parent]);
    let consent = consent(Some(true));
    let evidence = [
        Evidence::Identity(IdentityLevel::High),
        Evidence::Eligibility {
            relations: &relations,
            claimed: None,
        },
        Evidence::Consent(&consent),
        Evidence::Quota {
            used: 0,
            allowed: 1,
        },
        Evidence::Companions(&roles),
    ];
    for evidence in evidence {
        let _ = gates.learn(&evidence, now);
    }
    let _ = gates.answer_form(&form(), &answers(false), now);
    let _ = gates.open(&GateKind::DeviceCheck, AnsweredBy::Staff, None, now);
    for (gate, system) in [
        (GateKind::Payment, "pay"),
        (
            GateKind::Entitlement {
                insurer: code("300"),
            },
            "insurers",
        ),
    ] {
        let system = AnsweredBy::System {
            system: code(system),
        };
        let _ = gates.open(&gate, system, None, now);
    }
}

fn is_expired(gate: &Gate) -> bool {
    matches!(gate.state, GateState::Expired { .. })
}

fn due(gate: &Gate) -> Option<Timestamp> {
    match gate.state {
        GateState::Pending { expires_at, .. } => expires_at,
        GateState::Open { .. } | GateState::Refused { .. } | GateState::Expired { .. } => None,
    }
}

fn by_hand(gate: &Gate) -> bool {
    match &gate.state {
        GateState::Open { by, .. } | GateState::Refused { by, .. } => {
            matches!(by, AnsweredBy::Staff | AnsweredBy::Practitioner { .. })
        }
        GateState::Pending { .. } | GateState::Expired { .. } => false,
    }
}

/// The step is not a person of the clinic's.
fn is_not_by_hand(step: &Step) -> bool {
    let hand = |by: &AnsweredBy| matches!(by, AnsweredBy::Staff | AnsweredBy::Practitioner { .. });
    match step {
        Step::Open(_, by, _) | Step::Refuse(_, by, _) | Step::AskAgain(_, by) => !hand(by),
        Step::OpenAll => false,
        Step::Identity(_)
        | Step::Eligibility(..)
        | Step::Consent(_)
        | Step::Quota(_)
        | Step::Companions(_)
        | Step::Device(_)
        | Step::Form { .. }
        | Step::Expire
        | Step::ClockBack
        | Step::Admit
        | Step::WaitAgain
        | Step::StoreAndRestore => true,
    }
}

/// What one gate may become in one step.
fn check_gate(
    before: &Gate,
    after: &Gate,
    step: &Step,
    now: Timestamp,
) -> Result<(), TestCaseError> {
    prop_assert_eq!(&before.rule, &after.rule);
    let asked = matches!(step, Step::AskAgain(..));
    if is_expired(before) && !asked {
        prop_assert!(
            is_expired(after),
            "an expired gate stays so until it is asked again"
        );
    }
    if is_expired(before) && asked {
        prop_assert!(!after.is_open(), "asking does not open");
    }
    let late = due(before).is_some_and(|due| due <= now);
    if late && !asked {
        prop_assert!(!after.is_open(), "a late answer does not open");
    }
    if by_hand(before) && is_not_by_hand(step) {
        prop_assert_eq!(before, after, "what a person decided stands");
    }
    Ok(())
}

fn check(gates: &Gates) -> Result<(), TestCaseError> {
    let all_open = gates.gates().iter().all(Gate::is_open);
    prop_assert_eq!(gates.ready(), all_open && gates.emergency().is_none());
    prop_assert_eq!(gates.missing().next().is_none(), all_open);
    let kinds: Vec<_> = gates.gates().iter().map(Gate::kind).collect();
    let rules = required();
    let rules: Vec<_> = rules
        .rules()
        .iter()
        .map(|rule| rule.requires.kind())
        .collect();
    prop_assert_eq!(kinds, rules, "each required gate, once, in order");
    let printed = format!("{gates:?}");
    prop_assert!(!printed.contains("secret"));
    if let Some(next) = gates.next_timeout() {
        let earliest = gates.gates().iter().filter_map(due).min();
        prop_assert_eq!(earliest, Some(next));
    }
    Ok(())
}

/// After expiring nothing is due, and nothing is waited for longer than the service says.
fn check_expired(gates: &Gates, running: bool, now: Timestamp) -> Result<(), TestCaseError> {
    prop_assert!(gates.next_timeout().is_none_or(|next| next > now));
    for gate in gates.gates() {
        let Some(due) = due(gate) else { continue };
        prop_assert!(!running || due > now);
        prop_assert!(due.since(now) <= Millis(60_000));
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: Some(Box::new(FileFailurePersistence::WithSource("regressions"))),
        ..ProptestConfig::default()
    })]

    #[test]
    fn whatever_is_answered(steps in vec((tick(), step()), 1..80)) {
        let mut now = Timestamp(1_000_000);
        let mut gates = Gates::new(required(), now);
        let mut admitted = false;
        for (tick, step) in steps {
            now = after(now, &tick, &gates);
            let before = gates.clone();
            let answer = take(&mut gates, &step, now);
            check(&gates)?;
            for (before, after) in before.gates().iter().zip(gates.gates()) {
                check_gate(before, after, &step, now)?;
            }
            if answer.is_err() {
                prop_assert_eq!(&gates, &before, "refused: nothing changed");
            }
            if let Step::StoreAndRestore = step {
                prop_assert_eq!(&gates, &before);
            }
            if before.emergency().is_some() {
                prop_assert_eq!(gates.emergency(), before.emergency(), "stopped for good");
                prop_assert!(!matches!(step, Step::Open(..) | Step::Admit) || answer.is_err());
            }
            match (&step, answer) {
                (Step::Admit, Ok(())) => {
                    prop_assert!(before.ready(), "admitted when ready only");
                    admitted = true;
                }
                (Step::WaitAgain, _) => admitted = false,
                _ if admitted => prop_assert!(gates.ready(), "nothing shuts after admission"),
                (Step::Expire, _) => {
                    check_expired(&gates, before.emergency().is_none(), now)?;
                }
                _ => {}
            }
            let again = gates.clone();
            if answer.is_ok() && take(&mut gates, &step, now).is_ok() {
                prop_assert_eq!(&gates, &again, "the same again changes nothing");
            } else {
                gates = again;
            }
        }
    }
}
