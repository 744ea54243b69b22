//! What a visit is asked that is handed on to another service, row by row.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod support;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, from_value, json};
use support::*;
use vestibule_clinic::audit::{Act, Entry, Explanation, GateOutcome, Replay};
use vestibule_clinic::calendar::{Period, Zone};
use vestibule_clinic::quota::{Had, History, QuotaReached};
use vestibule_clinic::{
    AnsweredBy, Arriving, Cap, Clinic, Code, CompanionRole, ConsentAct, Decision, FormAnswer, Gate,
    GateAnswer, GateException, GateKind, GateState, IdentityLevel, Input, Knowledge, Learning,
    Outcome, Policy, Practitioner, Refusal, Relation, Service, Teller, Visit, VisitState,
};
use vestibule_vocab::{Redacted, Timestamp};

/// A clinic and its log. Service 1 is what people come for, service 2 what they are handed on to; practitioner 2 does both.
struct Story {
    world: World,
    log: Vec<Entry>,
}

impl Story {
    fn new(first: &Value, second: &Value) -> Self {
        let mut story = Self {
            world: World::new(),
            log: Vec::new(),
        };
        story.set(1, first);
        story.set(2, second);
        story.world.practitioner_comes(2);
        story
    }

    fn set(&mut self, number: u32, fields: &Value) {
        let plain = Service::named(service(number), "General practice");
        let mut whole = serde_json::to_value(plain).expect("JSON");
        let members = whole.as_object_mut().expect("fields");
        members.extend(fields.as_object().expect("fields").clone());
        let service = from_value(whole).expect("a service");
        self.ok(Input::SetService {
            service: Box::new(service),
        });
    }

    fn ok(&mut self, input: Input) -> Vec<Entry> {
        let audit = self.world.outputs(input).audit;
        self.log.extend(audit.clone());
        audit
    }

    /// What the log says of gates that this did.
    fn gated(&mut self, input: Input) -> Vec<(GateKind, GateOutcome)> {
        let audit = self.ok(input);
        let gated = audit.into_iter().filter_map(|entry| {
            if let Act::Gated { gate, outcome, .. } = entry.act {
                Some((gate, outcome))
            } else {
                None
            }
        });
        gated.collect()
    }

    fn visit(&self) -> &Visit {
        let view = self.world.clinic.visit(visit(1));
        view.expect("remembered").visit
    }

    fn gate(&self, kind: &GateKind) -> &Gate {
        let mut gates = self.visit().gates.gates().iter();
        gates
            .find(|gate| gate.kind() == *kind)
            .expect("it is asked")
    }

    fn is_open(&self, kind: &GateKind) -> bool {
        self.gate(kind).is_open()
    }

    fn shut(&self) -> Vec<String> {
        let missing = self.visit().gates.missing();
        missing
            .map(|it| it.rule.requires.kind().to_string())
            .collect()
    }

    /// The log alone leads to the same visit, and tells of it.
    fn is_told(&self) -> String {
        let mut replay = Replay::new();
        let mut told = Explanation::of(visit(1), Zone::default());
        for entry in &self.log {
            replay.read(entry).expect("no contradiction");
            told.take(entry);
        }
        let replayed = replay.visit(visit(1)).expect("known").state.clone();
        assert_eq!(replayed, self.visit().state);
        let told = told.sentences().into_iter().map(|it| it.text);
        told.collect::<Vec<_>>().join("\n")
    }
}

fn code(text: &str) -> Code {
    Code::new(text).expect("a code")
}

fn built_in(requires: &Value) -> Value {
    json!({ "requires": requires, "opened_by": { "who": "built_in" } })
}

fn by_system(gate: &str, system: &str) -> Value {
    json!({
        "requires": { "gate": gate },
        "opened_by": { "who": "system", "system": system, "wait": 60_000, "then": "ask_again" },
        "exceptions": if gate == "payment" { vec!["payment_waived"] } else { vec![] },
    })
}

fn identity(level: &str) -> Value {
    built_in(&json!({ "gate": "identity", "level": level }))
}

fn consent(version: &str) -> Value {
    built_in(&json!({ "gate": "consent", "version": version }))
}

fn named(gate: &str) -> Value {
    built_in(&json!({ "gate": gate }))
}

fn form(question: &str) -> Value {
    json!({ "questions": [{
        "code": question, "texts": { "en": "Does it hurt?" }, "kind": { "type": "yes_no" },
        "required": true, "red_flags": [{ "is": "yes" }],
    }] })
}

fn asks(gates: &[Value]) -> Value {
    json!({ "gates": gates })
}

/// A quota, and every gate that a patient passes by themselves or at a bank.
fn capped() -> Value {
    json!({
        "quota": { "month": 1 },
        "form": form("chest"),
        "gates": [
            named("emergency_screen"), by_system("payment", "bank"), identity("high"), consent("v9"),
        ],
    })
}

fn learnt(level: IdentityLevel) -> Input {
    Input::Learn(Learning {
        visit: visit(1),
        from: Teller::Patient,
        knowledge: Knowledge::Identity { level },
    })
}

fn checked(suitable: bool) -> Input {
    Input::Learn(Learning {
        visit: visit(1),
        from: Teller::Patient,
        knowledge: Knowledge::Device { suitable },
    })
}

fn consents(act: ConsentAct, version: &str) -> Input {
    Input::Consent {
        patient: patient(1),
        visit: visit(1),
        act,
        version: code(version),
    }
}

fn hurts(question: &str, yes: bool) -> Input {
    let answers = BTreeMap::from([(code(question), FormAnswer::YesNo(yes))]);
    Input::AnswerForm {
        patient: patient(1),
        visit: visit(1),
        answers: Redacted::new(answers),
    }
}

fn opened_by(by: AnsweredBy, gate: GateKind, exception: Option<GateException>) -> Input {
    Input::Gate {
        visit: visit(1),
        gate,
        by,
        answer: GateAnswer::Open { exception },
    }
}

fn paid(system: &str) -> Input {
    let by = AnsweredBy::System {
        system: code(system),
    };
    opened_by(by, GateKind::Payment, None)
}

fn by_hand(gate: GateKind, exception: GateException) -> Input {
    let by = AnsweredBy::Practitioner {
        practitioner: practitioner(2),
    };
    opened_by(by, gate, Some(exception))
}

fn waived() -> Input {
    by_hand(GateKind::Payment, GateException::PaymentWaived)
}

/// Somebody who walks in for service 1 and had this in service 2.
fn having_had(counted: &[(u32, Timestamp)]) -> Input {
    let mut history = History::default();
    for (number, at) in counted {
        history.begin(consultation(*number), *at);
    }
    Input::Arrive(Box::new(Arriving {
        had: Had {
            elsewhere: BTreeMap::from([(service(2), history)]),
            ..Had::default()
        },
        ..arriving(1)
    }))
}

/// Patient 1 is seen once more; the consultation has this number.
fn seen_again(by: u32, number: u32) -> Input {
    let admit = Decision::Admit {
        visit: visit(1),
        consultation: consultation(number),
        overtake: None,
    };
    decided(by, admit)
}

#[test]
fn m07_whoever_is_handed_on_to_another_service_passes_its_gates_before_they_are_seen() {
    let mut story = Story::new(&json!({}), &capped());
    story.ok(arrival(1));
    assert_eq!(story.shut(), [""; 0]);
    story.ok(transfer(2, 1, pool(2)));
    let all = ["emergency_screen", "payment", "identity", "consent"];
    assert_eq!(story.shut(), all);
    story.world.refused(admission(2, 1), Refusal::GatesShut);
    assert_eq!(story.world.clinic.warm().count(), 0, "no call is prepared");

    story.ok(learnt(IdentityLevel::High));
    story.ok(consents(ConsentAct::Given, "v9"));
    story.ok(hurts("chest", false));
    story.world.refused(admission(2, 1), Refusal::GatesShut);
    story.ok(paid("bank"));
    story.ok(admission(2, 1));
    let told = story.is_told();
    assert!(
        told.contains("There the gate `payment` is asked for."),
        "{told}"
    );
}

#[test]
fn m07_whoever_is_handed_on_out_of_a_consultation_or_on_hold_passes_the_gates_too() {
    for held in [false, true] {
        let mut story = Story::new(&json!({}), &capped());
        story.ok(arrival(1));
        story.ok(admission(2, 1));
        if held {
            story.ok(hold(2, 1));
        }
        story.ok(transfer(2, 1, pool(2)));
        assert_eq!(story.shut().len(), 4);
        story.world.refused(seen_again(2, 100), Refusal::GatesShut);
        story.is_told();
    }
}

#[test]
fn m18_the_bank_of_the_new_service_is_asked_and_waited_for_as_long_as_it_says() {
    let mut story = Story::new(&json!({}), &capped());
    story.ok(arrival(1));
    let gated = story.gated(transfer(2, 1, pool(2)));
    assert!(gated.contains(&(GateKind::Payment, GateOutcome::Asked)));
    let due = story.world.now.plus(minutes(1));
    assert_eq!(story.world.clinic.next_timeout(), Some(due));
    let clinic = Clinic::restore(
        Policy {
            grace: GRACE,
            keep_place: GRACE,
            ..Policy::default()
        },
        story.world.clinic.state(),
        story.world.now,
    );
    let restored = clinic.expect("what was stored").next_timeout();
    assert_eq!(restored, Some(due), "a restart waits as long");
    story.world.now = due;
    let gated = story.gated(Input::Timeout);
    assert_eq!(gated, [(GateKind::Payment, GateOutcome::Expired)]);
}

#[test]
fn m04_a_red_flag_stops_whoever_is_handed_on_as_it_stops_a_walk_in() {
    let mut story = Story::new(&json!({}), &capped());
    story.ok(arrival(1));
    story.ok(transfer(2, 1, pool(2)));
    story.ok(hurts("chest", true));
    let stopped = matches!(
        story.visit().state,
        VisitState::Ended {
            outcome: Outcome::Emergency,
            ..
        }
    );
    assert!(stopped);
}

#[test]
fn m07_gates_that_the_new_service_does_not_have_fall_away() {
    let mut first = capped();
    let interpreter = json!({ "gate": "companion", "role": "interpreter" });
    first["gates"]
        .as_array_mut()
        .expect("gates")
        .push(built_in(&interpreter));
    let mut story = Story::new(&first, &json!({}));
    story.ok(arrival(1));
    story.ok(learnt(IdentityLevel::Link));
    assert_eq!(story.shut().len(), 5);
    let gated = story.gated(transfer(2, 1, pool(2)));
    assert_eq!(gated.len(), 5);
    assert!(
        gated
            .iter()
            .all(|(_, outcome)| *outcome == GateOutcome::Dropped)
    );
    assert_eq!(story.visit().gates.gates(), []);
    assert_eq!(
        story.world.clinic.next_timeout(),
        None,
        "nobody waits for the bank"
    );
    story.ok(admission(2, 1));
    let told = story.is_told();
    assert!(
        told.contains("the gate `identity`, which was shut, is not asked for"),
        "{told}"
    );
}

#[test]
fn m18_what_was_paid_at_the_same_bank_is_not_asked_twice_and_at_another_it_is() {
    for (bank, stays) in [("bank", true), ("purse", false)] {
        let first = asks(&[by_system("payment", "bank")]);
        let second = asks(&[by_system("payment", bank), named("device_check")]);
        let mut story = Story::new(&first, &second);
        story.ok(arrival(1));
        story.ok(paid("bank"));
        let before = story.gate(&GateKind::Payment).state.clone();
        story.world.pass(minutes(2));
        let gated = story.gated(transfer(2, 1, pool(2)));
        assert_eq!(story.is_open(&GateKind::Payment), stays);
        let asked = gated.iter().any(|(gate, _)| *gate == GateKind::Payment);
        assert_eq!(asked, !stays, "{gated:?}");
        if stays {
            assert_eq!(story.gate(&GateKind::Payment).state, before);
        }
        story.is_told();
    }
}

#[test]
fn m18_what_the_bank_did_not_open_it_is_asked_again_for_the_other_service() {
    let payment = asks(&[by_system("payment", "bank")]);
    let mut story = Story::new(&payment, &payment);
    story.ok(arrival(1));
    story.world.pass(minutes(1));
    assert!(matches!(
        story.gate(&GateKind::Payment).state,
        GateState::Expired { .. }
    ));
    let gated = story.gated(transfer(2, 1, pool(2)));
    assert_eq!(gated, [(GateKind::Payment, GateOutcome::Pending)]);
    let due = story.world.now.plus(minutes(1));
    assert_eq!(story.world.clinic.next_timeout(), Some(due));
}

#[test]
fn m18_a_gate_that_was_opened_by_an_exception_stays_so_where_that_is_one_too() {
    let second = |exceptions: Value| {
        let mut payment = by_system("payment", "bank");
        payment["exceptions"] = exceptions;
        asks(&[payment])
    };
    for (exceptions, stays) in [(json!(["payment_waived"]), true), (json!([]), false)] {
        let mut story = Story::new(&asks(&[by_system("payment", "bank")]), &second(exceptions));
        story.ok(arrival(1));
        story.ok(waived());
        story.ok(transfer(2, 1, pool(2)));
        assert_eq!(story.is_open(&GateKind::Payment), stays);
        story.is_told();
    }
}

#[test]
fn m17_a_level_that_suffices_is_not_asked_twice_and_one_that_does_not_is() {
    for (first, second, session, open) in [
        ("high", "substantial", IdentityLevel::High, true),
        ("link", "high", IdentityLevel::Link, false),
        ("link", "high", IdentityLevel::High, true),
    ] {
        let mut story = Story::new(&asks(&[identity(first)]), &asks(&[identity(second)]));
        story.ok(arrival(1));
        story.ok(learnt(session));
        assert!(story.is_open(&GateKind::Identity));
        story.ok(transfer(2, 1, pool(2)));
        assert_eq!(story.is_open(&GateKind::Identity), open, "{first} {second}");
        story.is_told();
    }
}

#[test]
fn m17_who_somebody_is_was_learnt_before_any_service_asked() {
    let mut story = Story::new(&json!({}), &asks(&[identity("high")]));
    story.ok(arrival(1));
    story.ok(learnt(IdentityLevel::High));
    story.ok(transfer(2, 1, pool(2)));
    assert!(story.is_open(&GateKind::Identity));
    story.ok(admission(2, 1));
    let told = story.is_told();
    assert!(
        told.contains("The clinic opened the gate `identity`"),
        "{told}"
    );
}

#[test]
fn m14_what_the_clinic_said_of_a_patient_holds_for_the_next_service_as_far_as_it_suffices() {
    let eligible =
        |relation: &str| built_in(&json!({ "gate": "eligibility", "any_of": [relation] }));
    for (asked, open) in [("referred", true), ("seen_in_person", false)] {
        let first = asks(&[eligible("referred")]);
        let mut other = eligible(asked);
        other["requires"]["all_of"] = json!(["referred"]);
        let mut story = Story::new(&first, &asks(&[other]));
        story.ok(arrival(1));
        story.ok(Input::Learn(Learning {
            visit: visit(1),
            from: Teller::Clinic,
            knowledge: Knowledge::Eligibility {
                relations: BTreeSet::from([Relation::Referred]),
                claimed: None,
            },
        }));
        assert!(story.is_open(&GateKind::Eligibility));
        story.ok(transfer(2, 1, pool(2)));
        assert_eq!(story.is_open(&GateKind::Eligibility), open, "{asked}");
        story.is_told();
    }
}

#[test]
fn m12_consent_to_one_text_is_none_to_another() {
    for (version, open) in [("v1", true), ("v9", false)] {
        let mut story = Story::new(&asks(&[consent("v1")]), &asks(&[consent(version)]));
        story.ok(arrival(1));
        story.ok(consents(ConsentAct::Given, "v1"));
        story.ok(transfer(2, 1, pool(2)));
        assert_eq!(story.is_open(&GateKind::Consent), open, "{version}");
        if !open {
            story.ok(consents(ConsentAct::Given, "v9"));
        }
        story.ok(admission(2, 1));
        story.is_told();
    }
}

#[test]
fn m12_consent_that_was_taken_back_in_the_consultation_is_asked_by_the_next_service() {
    let same = asks(&[consent("v1")]);
    let mut story = Story::new(&same, &same);
    story.ok(arrival(1));
    story.ok(consents(ConsentAct::Given, "v1"));
    story.ok(admission(2, 1));
    story.ok(consents(ConsentAct::Revoked, "v1"));
    story.ok(transfer(2, 1, pool(2)));
    assert!(!story.is_open(&GateKind::Consent));
    story.is_told();
}

#[test]
fn m03_answers_to_one_form_are_none_to_another_and_are_not_asked_twice_for_the_same() {
    for (question, same) in [("chest", true), ("head", false)] {
        let with = |question: &str| {
            let gates = [named("symptom_form"), named("emergency_screen")];
            json!({ "form": form(question), "gates": gates })
        };
        let mut story = Story::new(&with("chest"), &with(question));
        story.ok(arrival(1));
        story.ok(hurts("chest", false));
        story.ok(transfer(2, 1, pool(2)));
        assert_eq!(story.is_open(&GateKind::EmergencyScreen), same);
        assert_eq!(story.visit().answers.is_empty(), !same);
        if !same {
            story.ok(hurts("head", false));
        }
        story.ok(admission(2, 1));
        story.is_told();
    }
}

#[test]
fn m08_a_companion_who_is_there_is_there_for_the_next_service_too() {
    let interpreter = json!({ "gate": "companion", "role": "interpreter" });
    for comes in [true, false] {
        let mut story = Story::new(&json!({}), &asks(&[built_in(&interpreter)]));
        story.ok(arrival(1));
        if comes {
            story.ok(invites(1, 1, CompanionRole::Interpreter));
            story.ok(accepts(1, 1));
        }
        story.ok(transfer(2, 1, pool(2)));
        let role = CompanionRole::Interpreter;
        assert_eq!(story.is_open(&GateKind::Companion { role }), comes);
        story.is_told();
    }
}

#[test]
fn m22_devices_that_were_tried_are_not_tried_twice() {
    let same = asks(&[named("device_check")]);
    for suitable in [true, false] {
        let mut story = Story::new(&same, &same);
        story.ok(arrival(1));
        story.ok(checked(suitable));
        let before = story.gate(&GateKind::DeviceCheck).clone();
        story.ok(transfer(2, 1, pool(2)));
        assert_eq!(*story.gate(&GateKind::DeviceCheck), before);
        story.is_told();
    }
}

#[test]
fn m07_within_the_same_service_nothing_is_asked_again() {
    let mut story = Story::new(&capped(), &json!({}));
    story.ok(arrival(1));
    story.ok(learnt(IdentityLevel::High));
    story.ok(hurts("chest", false));
    let before = story.visit().clone();
    story.world.now = story.world.now.plus(minutes(1));
    // To a colleague, and back to whoever is free.
    for to in [own(3), pool(1)] {
        let by = if to == pool(1) { 3 } else { 2 };
        assert_eq!(story.gated(transfer(by, 1, to)), []);
        let now = story.visit();
        assert_eq!((&now.gates, &now.answers), (&before.gates, &before.answers));
        assert_eq!(now.service, service(1));
    }
}

#[test]
fn m07_whoever_is_handed_on_to_a_colleague_of_another_service_comes_under_the_gates_of_that_one() {
    let of = |services: &[u32]| {
        let services = services.iter().copied().map(service);
        let card = Practitioner::named(practitioner(3), "Dr Peeters", services);
        Input::SetPractitioner {
            practitioner: Box::new(card),
        }
    };
    let mut story = Story::new(&json!({}), &capped());
    story.set(3, &json!({}));
    story.ok(of(&[2]));
    story.ok(arrival(1));
    story.ok(transfer(2, 1, own(3)));
    assert_eq!((story.visit().service, story.shut().len()), (service(2), 4));
    story.is_told();

    let mut story = Story::new(&json!({}), &capped());
    story.set(3, &json!({}));
    story.ok(of(&[2, 3]));
    story.ok(arrival(1));
    let either = transfer(2, 1, own(3));
    story.world.refused(either, Refusal::NotPractised);
    story.ok(of(&[1, 2, 3]));
    story.ok(transfer(2, 1, own(3)));
    assert_eq!(
        story.visit().service,
        service(1),
        "they practise what it was for"
    );
}

/// A quota of one in a month that is used up.
fn one_a_month(now: Timestamp) -> Refusal {
    Refusal::QuotaReached(QuotaReached {
        limit: Cap::ONE,
        period: Period::Month,
        opens_at: Period::Month.ends_at(now, &Zone::default()),
    })
}

#[test]
fn m14_nobody_is_handed_on_to_more_than_their_quota_there_holds() {
    let capped = json!({ "quota": { "month": 1 } });
    let mut story = Story::new(&json!({}), &capped);
    let now = story.world.now;
    let before = Timestamp(now.0 - minutes(40 * 24 * 60).0.min(now.0));
    let reached = one_a_month(now);
    story.ok(having_had(&[(90, before), (91, now)]));
    story.world.refused(transfer(2, 1, pool(2)), reached);
    story.ok(admission(2, 1));
    let out_of_it = transfer(2, 1, pool(2));
    story.world.refused(out_of_it, reached);
    assert!(story.visit().state.consultation().is_some(), "it goes on");
    story.ok(end(2, 1));
}

#[test]
fn m14_whoever_is_called_back_is_not_handed_on_to_more_than_their_quota_there_holds() {
    let mut story = Story::new(&json!({}), &json!({ "quota": { "month": 1 } }));
    story.ok(Input::Book(Box::new(booking(
        1,
        story.world.now.plus(minutes(15)),
    ))));
    story.world.pass(minutes(60));
    let mut history = History::default();
    history.begin(consultation(90), story.world.now);
    let had = Had {
        elsewhere: BTreeMap::from([(service(2), history)]),
        ..Had::default()
    };
    story.ok(called_back(2, 1, had));
    story.world.patient_comes_back(1);
    story
        .world
        .refused(transfer(2, 1, pool(2)), one_a_month(story.world.now));
}

#[test]
fn m14_a_chain_of_consultations_counts_once_and_where_it_ended() {
    let capped = json!({ "quota": { "month": 1 } });
    let mut story = Story::new(&capped, &capped);
    story.ok(arrival(1));
    story.ok(admission(2, 1));
    story.ok(transfer(2, 1, pool(2)));
    story.ok(seen_again(2, 100));
    // Back to where it began: what was handed on is none that was had.
    story.ok(transfer(2, 1, pool(1)));
    story.ok(seen_again(2, 101));
    story.ok(end(2, 101));
    let mut once = History::default();
    once.begin(consultation(101), story.world.now);
    assert_eq!(story.visit().history, once);
    let there = story.visit().elsewhere.get(&service(2));
    assert!(there.is_none_or(|it| *it == History::default()));
    story.is_told();
}

#[test]
fn m14_a_gate_for_the_quota_is_judged_anew_and_staff_may_open_it_there() {
    let mut gate = named("quota");
    gate["exceptions"] = json!(["medically_needed"]);
    let limited = json!({ "quota": { "month": 1 }, "gates": [gate] });
    let mut story = Story::new(&limited, &limited);
    story.ok(having_had(&[(90, story.world.now)]));
    assert!(story.is_open(&GateKind::Quota));
    story.ok(transfer(2, 1, pool(2)));
    assert!(!story.is_open(&GateKind::Quota), "it is another quota");
    story.ok(by_hand(GateKind::Quota, GateException::MedicallyNeeded));
    story.ok(admission(2, 1));
    story.is_told();
}

#[test]
fn m18_what_a_person_refused_stays_refused_where_it_is_asked_in_the_same_way() {
    let same = asks(&[by_system("payment", "bank")]);
    let mut story = Story::new(&same, &same);
    story.ok(arrival(1));
    story.ok(Input::Gate {
        visit: visit(1),
        gate: GateKind::Payment,
        by: AnsweredBy::Staff,
        answer: GateAnswer::Refuse {
            reason: vestibule_clinic::GateReason::NotPaid,
            message: Redacted::default(),
        },
    });
    assert_eq!(story.gated(transfer(2, 1, pool(2))), []);
    assert!(matches!(
        story.gate(&GateKind::Payment).state,
        GateState::Refused { .. }
    ));
}
