//! What a visit passes before it is admitted, and what protects practitioners, row by row.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::wildcard_enum_match_arm,
    reason = "a test fails by panicking, and names the states that it is about"
)]

mod support;

use std::collections::BTreeMap;

use serde_json::{Value, from_value, json};
use support::*;
use vestibule_clinic::audit::{Act, Actor, Entry, GateOutcome, Replay};
use vestibule_clinic::calendar::{Period, Zone};
use vestibule_clinic::quota::{Had, History, QuotaReached};
use vestibule_clinic::shield::{ShieldPolicy, ShieldReason, Shielded};
use vestibule_clinic::{
    AnsweredBy, Arriving, Booking, Cap, Clinic, Code, ConsentAct, ConsentRefusal, Decision,
    DeclineReason, FormAnswer, GateAnswer, GateException, GateKind, GateReason, GateRefusal,
    GateState, IdentityLevel, Input, Knowledge, Learning, Outcome, Policy, Practitioner, Refusal,
    Relation, Service, ShiftPromise, Teller, VisitState,
};
use vestibule_vocab::{Millis, Redacted, Timestamp};

fn code(text: &str) -> Code {
    Code::new(text).expect("a code")
}

/// Service 1 as it is, changed by these fields.
fn set(world: &mut World, fields: &Value) {
    let service = Service::named(service(1), "General practice");
    let mut whole = serde_json::to_value(service).expect("JSON");
    for (name, value) in fields.as_object().expect("fields") {
        whole[name] = value.clone();
    }
    let service = from_value(whole).expect("a service");
    world.ok(Input::SetService {
        service: Box::new(service),
    });
}

fn with(fields: &Value) -> World {
    let mut world = World::new();
    world.practitioner_comes(1);
    set(&mut world, fields);
    world.ok(arrival(1));
    world
}

fn payment() -> Value {
    json!([{
        "requires": { "gate": "payment" },
        "opened_by": { "who": "system", "system": "pay", "wait": 60_000, "then": "ask_again" },
        "exceptions": ["payment_waived"],
    }])
}

fn built_in(requires: &Value) -> Value {
    json!([{ "requires": requires, "opened_by": { "who": "built_in" } }])
}

fn form() -> Value {
    json!({ "questions": [
        {
            "code": "chest_pain",
            "texts": { "fr": "Douleur à la poitrine ?", "en": "Chest pain?" },
            "kind": { "type": "yes_no" },
            "required": true,
            "red_flags": [{ "is": "yes" }],
        },
        { "code": "fever", "texts": { "en": "Fever?" }, "kind": { "type": "yes_no" }, "required": true },
    ] })
}

fn gate(answer: GateAnswer) -> Input {
    Input::Gate {
        visit: visit(1),
        gate: GateKind::Payment,
        by: AnsweredBy::System {
            system: code("pay"),
        },
        answer,
    }
}

fn paid() -> Input {
    gate(GateAnswer::Open { exception: None })
}

fn answers(given: &Value) -> Input {
    let answers: BTreeMap<Code, FormAnswer> = from_value(given.clone()).expect("answers");
    Input::AnswerForm {
        patient: patient(1),
        visit: visit(1),
        answers: Redacted::new(answers),
    }
}

fn ready(world: &World) -> bool {
    let mut waiting = world.clinic.waiting_for(practitioner(1));
    waiting.next().expect("somebody waits").ready
}

#[test]
fn m18_nobody_is_admitted_before_the_outside_system_says_that_it_is_paid() {
    let mut world = with(&json!({ "gates": payment() }));
    assert!(!ready(&world));
    assert_eq!(world.clinic.warm().count(), 0, "no call is prepared before");
    world.refused(admission(1, 1), Refusal::GatesShut);
    let outputs = world.outputs(paid());
    assert!(outputs.audit.iter().any(|entry| matches!(
        entry.act,
        Act::Gated {
            outcome: GateOutcome::Open,
            ..
        }
    )));
    assert!(ready(&world));
    assert_eq!(world.clinic.warm().count(), 1);
    world.ok(admission(1, 1));
}

#[test]
fn m18_a_payment_that_nobody_confirms_expires_and_can_be_asked_for_again() {
    let mut world = with(&json!({ "gates": payment() }));
    assert_eq!(
        world.clinic.next_timeout(),
        Some(world.now.plus(Millis(60_000)))
    );
    world.pass(Millis(60_000));
    world.refused(paid(), Refusal::Gate(GateRefusal::GateExpired));
    let again = Input::Gate {
        visit: visit(1),
        gate: GateKind::Payment,
        by: AnsweredBy::Patient,
        answer: GateAnswer::AskAgain,
    };
    world.ok(again);
    world.ok(paid());
    world.ok(admission(1, 1));
}

#[test]
fn m18_a_payment_that_bounces_shuts_the_gate_until_a_doctor_waives_it() {
    let mut world = with(&json!({ "gates": payment() }));
    world.ok(paid());
    world.ok(gate(GateAnswer::Refuse {
        reason: GateReason::NotPaid,
        message: text("declined"),
    }));
    world.refused(admission(1, 1), Refusal::GatesShut);
    world.ok(Input::Gate {
        visit: visit(1),
        gate: GateKind::Payment,
        by: AnsweredBy::Practitioner {
            practitioner: practitioner(1),
        },
        answer: GateAnswer::Open {
            exception: Some(GateException::PaymentWaived),
        },
    });
    world.ok(admission(1, 1));
}

fn eligible(from: Teller, relations: &[Relation], claimed: Option<GateException>) -> Input {
    let knowledge = Knowledge::Eligibility {
        relations: relations.iter().copied().collect(),
        claimed,
    };
    let visit = visit(1);
    Input::Learn(Learning {
        visit,
        from,
        knowledge,
    })
}

fn by_which(world: &World) -> Option<GateException> {
    let view = world.clinic.visit(visit(1)).expect("remembered");
    match view.visit.gates.gates()[0].state {
        GateState::Open { exception, .. } => exception,
        _ => panic!("it is open"),
    }
}

fn referred_or_the_own_doctor_is_away() -> Value {
    json!({ "gates": [{
        "requires": { "gate": "eligibility", "any_of": ["referred"] },
        "opened_by": { "who": "built_in" },
        "exceptions": ["own_doctor_not_available"],
    }] })
}

#[test]
fn m14_the_log_has_it_when_an_open_gate_is_open_by_an_exception_and_when_it_is_by_none_any_more() {
    let mut world = World::new();
    world.practitioner_comes(1);
    set(&mut world, &referred_or_the_own_doctor_is_away());
    let mut replay = Replay::new();
    let arrived = world.outputs(arrival(1));
    let mut read = |audit: &[Entry]| {
        for entry in audit {
            replay.read(entry).expect("it replays");
        }
        let gates = replay.visit(visit(1)).map(|it| it.gates.clone());
        gates.and_then(|it| it.get(&GateKind::Eligibility).copied())
    };
    read(&arrived.audit);
    let away = Some(GateException::OwnDoctorNotAvailable);
    let referred = [Relation::Referred];
    for (relations, claimed) in [(&referred[..], None), (&[], away), (&referred, None)] {
        let told = world.outputs(eligible(Teller::Clinic, relations, claimed));
        assert_eq!(told.audit.len(), 1, "{claimed:?}");
        assert_eq!(read(&told.audit), Some((GateOutcome::Open, claimed)));
        assert_eq!(by_which(&world), claimed);
        let again = world.outputs(eligible(Teller::Clinic, relations, claimed));
        assert!(again.audit.is_empty(), "the same again is nothing new");
    }
}

#[test]
fn m14_what_a_patient_claims_takes_nothing_back_of_what_the_clinic_said() {
    let mut world = with(&referred_or_the_own_doctor_is_away());
    world.ok(eligible(Teller::Clinic, &[Relation::Referred], None));
    let away = Some(GateException::OwnDoctorNotAvailable);
    world.ok(eligible(Teller::Patient, &[], away));
    assert_eq!(by_which(&world), None, "they are referred all the same");
}

#[test]
fn m03_the_form_is_answered_while_waiting_and_its_answers_go_with_the_visit() {
    let gates = built_in(&json!({ "gate": "symptom_form" }));
    let mut world = with(&json!({ "gates": gates, "form": form() }));
    world.ok(answers(
        &json!({ "chest_pain": { "type": "yes_no", "value": false } }),
    ));
    world.refused(admission(1, 1), Refusal::GatesShut);
    world.ok(answers(&json!({
        "chest_pain": { "type": "yes_no", "value": false },
        "fever": { "type": "yes_no", "value": true },
    })));
    assert!(ready(&world));
    let kept = |world: &World| {
        let view = world.clinic.visit(visit(1)).expect("remembered");
        view.visit.answers != vestibule_clinic::Answers::default()
    };
    assert!(kept(&world));
    world.ok(leave(1));
    assert!(!kept(&world), "they are not kept beyond the visit");
}

#[test]
fn m04_a_red_flag_stops_the_visit_as_an_emergency_although_no_gate_asks_for_it() {
    let mut world = with(&json!({ "form": form() }));
    world.ok(answers(
        &json!({ "chest_pain": { "type": "yes_no", "value": true } }),
    ));
    let VisitState::Ended { outcome, .. } = world.state(1) else {
        panic!("it is stopped");
    };
    assert_eq!(outcome, Outcome::Emergency);
    assert_eq!(world.order(), []);
    let view = world.clinic.visit(visit(1)).expect("remembered").visit;
    assert!(
        view.gates.emergency().is_some(),
        "which question it was is kept"
    );
    world.refused(arrival(1), Refusal::VisitEnded);
}

#[test]
fn m12_consent_opens_its_gate_and_revoking_it_in_the_consultation_is_told_and_ends_nothing() {
    let gates = built_in(&json!({ "gate": "consent", "version": "v1" }));
    let mut world = with(&json!({ "gates": gates }));
    let consent = |act, version| Input::Consent {
        patient: patient(1),
        visit: visit(1),
        act,
        version: code(version),
    };
    world.ok(consent(ConsentAct::Refused, "v1"));
    world.refused(admission(1, 1), Refusal::GatesShut);
    world.ok(consent(ConsentAct::Given, "v1"));
    world.ok(admission(1, 1));
    let outputs = world.outputs(consent(ConsentAct::Revoked, "v1"));
    assert!(outputs.changed.practitioners.contains(&practitioner(1)));
    assert!(world.clinic.consultation(consultation(1)).is_some());
    let written = outputs.audit.iter().any(|entry| {
        matches!(
            entry.act,
            Act::Consented {
                consent: ConsentAct::Revoked,
                ..
            }
        )
    });
    assert!(written);
}

fn says(act: ConsentAct, version: &str) -> Input {
    Input::Consent {
        patient: patient(1),
        visit: visit(1),
        act,
        version: code(version),
    }
}

/// What the patient said, in order.
fn said(world: &World) -> Vec<(ConsentAct, String)> {
    let view = world.clinic.visit(visit(1)).expect("remembered");
    let history = view.visit.consent.history().iter();
    history.map(|it| (it.act, it.version.to_string())).collect()
}

fn asked(world: &World) -> String {
    let view = world.clinic.visit(visit(1)).expect("remembered");
    let asked = view.visit.gates.consent_asked();
    asked.expect("consent is asked for").to_string()
}

fn asks_for(version: &str) -> Value {
    json!({ "gates": built_in(&json!({ "gate": "consent", "version": version })) })
}

const NOT_ASKED: Refusal = Refusal::Consent(ConsentRefusal::ConsentNotAsked);

#[test]
fn m12_consent_to_a_text_that_nobody_asks_for_is_not_recorded() {
    let mut world = with(&json!({}));
    world.refused(says(ConsentAct::Given, "v1"), NOT_ASKED);
    let mut asking = with(&asks_for("v1"));
    asking.refused(says(ConsentAct::Given, "v2"), NOT_ASKED);
    asking.refused(says(ConsentAct::Refused, "v2"), NOT_ASKED);
    assert_eq!((said(&world), said(&asking)), (vec![], vec![]));
    asking.ok(says(ConsentAct::Given, "v1"));
    assert!(ready(&asking));
}

#[test]
fn m12_whoever_looks_at_the_old_text_when_it_changes_consents_to_the_new_one() {
    for before in [None, Some(ConsentAct::Refused)] {
        let mut world = with(&asks_for("v1"));
        if let Some(act) = before {
            world.ok(says(act, "v1"));
        }
        set(&mut world, &asks_for("v2"));
        assert_eq!(asked(&world), "v2");
        world.refused(says(ConsentAct::Given, "v1"), NOT_ASKED);
        assert!(!ready(&world));
        world.ok(says(ConsentAct::Given, "v2"));
        assert!(ready(&world));
        let last = said(&world).pop();
        assert_eq!(last, Some((ConsentAct::Given, "v2".to_owned())));
    }
}

#[test]
fn m12_what_was_consented_to_stands_when_the_text_changes_until_it_is_taken_back() {
    for back in [ConsentAct::Revoked, ConsentAct::Refused] {
        let mut world = with(&asks_for("v1"));
        world.ok(says(ConsentAct::Given, "v1"));
        set(&mut world, &asks_for("v2"));
        assert!(ready(&world), "nobody is sent back who has passed");
        world.ok(says(ConsentAct::Given, "v1"));
        assert_eq!(said(&world).len(), 1, "a repeated request does no harm");
        world.ok(says(back, "v1"));
        assert!(!ready(&world));
        assert_eq!(said(&world)[1], (ConsentAct::Revoked, "v1".to_owned()));
        world.refused(says(ConsentAct::Given, "v1"), NOT_ASKED);
        world.ok(says(ConsentAct::Given, "v2"));
        assert!(ready(&world));
    }
}

#[test]
fn m12_in_the_consultation_too_consent_is_given_to_the_text_of_now() {
    let mut world = with(&asks_for("v1"));
    world.ok(says(ConsentAct::Given, "v1"));
    world.ok(admission(1, 1));
    set(&mut world, &asks_for("v2"));
    world.ok(says(ConsentAct::Revoked, "v1"));
    world.refused(says(ConsentAct::Given, "v1"), NOT_ASKED);
    world.ok(says(ConsentAct::Given, "v2"));
    assert_eq!(said(&world).len(), 3);
    assert!(world.clinic.consultation(consultation(1)).is_some());
}

#[test]
fn m12_a_system_that_asks_for_consent_is_asked_anew_when_the_text_changes() {
    let by_system = |version: &str| {
        json!({ "gates": [{
            "requires": { "gate": "consent", "version": version },
            "opened_by": { "who": "system", "system": "portal", "wait": 60_000, "then": "refuse" },
        }] })
    };
    let answer = |answer| Input::Gate {
        visit: visit(1),
        gate: GateKind::Consent,
        by: AnsweredBy::System {
            system: code("portal"),
        },
        answer,
    };
    let mut world = with(&by_system("v1"));
    world.now = world.now.plus(Millis(30_000));
    set(&mut world, &by_system("v2"));
    world.now = world.now.plus(Millis(45_000));
    world.ok(Input::Timeout);
    world.ok(answer(GateAnswer::Open { exception: None }));
    assert!(ready(&world), "it had its time anew");
    set(&mut world, &by_system("v3"));
    assert!(ready(&world), "what was opened stands");
}

#[test]
fn m17_a_level_of_identity_is_asked_for_and_a_higher_one_will_do() {
    let gates = built_in(&json!({ "gate": "identity", "level": "substantial" }));
    let mut world = with(&json!({ "gates": gates }));
    let claims = |level| {
        Input::Learn(Learning {
            visit: visit(1),
            from: Teller::Patient,
            knowledge: Knowledge::Identity { level },
        })
    };
    world.ok(claims(IdentityLevel::Link));
    world.refused(admission(1, 1), Refusal::GatesShut);
    world.ok(claims(IdentityLevel::High));
    world.ok(admission(1, 1));
}

#[test]
fn gates_outlive_a_restart_and_a_visit_that_waits_again_has_passed_them() {
    let mut world = with(&json!({ "gates": payment() }));
    let policy = Policy {
        grace: GRACE,
        keep_place: GRACE,
        ..Policy::default()
    };
    let clinic = Clinic::restore(policy, world.clinic.state(), world.now);
    world.clinic = clinic.expect("what was stored");
    world.patient_comes_back(1);
    world.practitioner_comes(1);
    world.refused(admission(1, 1), Refusal::GatesShut);
    world.ok(paid());
    world.ok(admission(1, 1));
    world.ok(transfer(1, 1, own(1)));
    let (visit, consultation, overtake) = (visit(1), consultation(100), None);
    let admit = Decision::Admit {
        visit,
        consultation,
        overtake,
    };
    world.ok(decided(1, admit));
}

#[test]
fn m14_a_quota_that_is_reached_lets_nobody_walk_in_until_the_period_is_over() {
    let mut world = World::new();
    set(&mut world, &json!({ "quota": { "month": 2 } }));
    let mut history = History::default();
    history.begin(consultation(8), world.now);
    let come = |history: &History| {
        Input::Arrive(Box::new(Arriving {
            had: Had {
                here: history.clone(),
                ..Had::default()
            },
            ..arriving(1)
        }))
    };
    let mut full = history.clone();
    full.begin(consultation(9), world.now);
    world.refused(come(&full), two_a_month());
    world.ok(come(&history));
    world.practitioner_comes(1);
    world.ok(admission(1, 1));
    world.ok(end(1, 1));
    let view = world.clinic.visit(visit(1)).expect("remembered").visit;
    assert_eq!(view.history, {
        history.begin(consultation(1), world.now);
        history
    });
}

/// As they all are until the first of February 1970, in Brussels.
fn two_a_month() -> Refusal {
    Refusal::QuotaReached(QuotaReached {
        limit: Cap::new(2).expect("a cap"),
        period: Period::Month,
        opens_at: Timestamp((31 * 24 - 1) * 60 * 60_000),
    })
}

/// The first full hour after a world begins.
fn two_o_clock() -> Timestamp {
    seconds(1_000_000 / 3_600 * 3_600 + 3_600)
}

/// The shield holds so, until then.
fn shielded(reason: ShieldReason, until: Timestamp) -> Refusal {
    let until = Some(until);
    Refusal::Shielded(Shielded { reason, until })
}

/// Two consultations a month, of which the patient had as many as this.
fn with_a_quota(rules: &Value, had: u8) -> (World, Input) {
    let mut world = World::new();
    set(&mut world, rules);
    let mut history = History::default();
    (0..had).for_each(|number| history.begin(consultation((90 + number).into()), world.now));
    let arriving = Arriving {
        had: Had {
            here: history,
            ..Had::default()
        },
        ..arriving(1)
    };
    (world, Input::Arrive(Box::new(arriving)))
}

#[test]
fn m14_whoever_was_booked_and_had_what_the_quota_holds_is_turned_away_and_no_no_show() {
    for (had, refused) in [(1, false), (2, true)] {
        let (mut world, come) = with_a_quota(&json!({ "quota": { "month": 2 } }), had);
        let at = world.now.plus(minutes(15));
        world.ok(Input::Book(Box::new(booking(1, at))));
        let log = world.outputs(come.clone()).audit;
        if !refused {
            assert_eq!(world.state(1), VisitState::Waiting);
            continue;
        }
        let turned_away = Outcome::Declined {
            reason: DeclineReason::QuotaReached,
            message: Redacted::default(),
        };
        let outcome = |world: &World| match world.state(1) {
            VisitState::Ended { outcome, .. } => outcome,
            other => panic!("{other:?}"),
        };
        assert_eq!(outcome(&world), turned_away);
        assert_eq!(log[0].actor, Actor::Administration, "by the clinic's rules");
        world.refused(come, Refusal::VisitEnded);
        world.pass(minutes(60));
        assert_eq!(outcome(&world), turned_away, "they did come");
        world.ok(another_visit(1, 2));
    }
}

/// A service with these fields, to whose appointment patient 1 did not come.
fn nobody_came(fields: &Value) -> World {
    let mut world = World::new();
    set(&mut world, fields);
    let soon = world.now.plus(minutes(15));
    world.ok(Input::Book(Box::new(booking(1, soon))));
    world.pass(minutes(60));
    world.practitioner_comes(1);
    world
}

#[test]
fn m18_whoever_nobody_saw_come_and_is_called_back_passes_the_gates_before_they_are_seen() {
    let mut world = nobody_came(&json!({ "gates": payment() }));
    let log = world.outputs(call(1, 1)).audit;
    let asked = log.iter().any(|entry| {
        matches!(&entry.act, Act::Gated { gate, outcome: GateOutcome::Asked, .. } if *gate == GateKind::Payment)
    });
    assert!(asked, "its system is asked");
    world.patient_comes_back(1);
    world.refused(admission(1, 1), Refusal::GatesShut);
    let by = AnsweredBy::System {
        system: code("pay"),
    };
    world.ok(Input::Gate {
        visit: visit(1),
        gate: GateKind::Payment,
        by,
        answer: GateAnswer::Open { exception: None },
    });
    world.ok(admission(1, 1));
}

#[test]
fn m14_whoever_did_not_come_and_had_all_since_that_their_quota_holds_is_not_called_back() {
    let mut world = nobody_came(&json!({ "quota": { "month": 2 } }));
    let mut had = Had::default();
    had.here.begin(consultation(8), world.now);
    let one_left = had.clone();
    had.here.begin(consultation(9), world.now);
    world.refused(called_back(1, 1, had), two_a_month());
    world.ok(called_back(1, 1, one_left));
    world.patient_comes_back(1);
    world.ok(admission(1, 1));
}

#[test]
fn m14_staff_may_let_whoever_is_called_back_pass_where_a_gate_stands_for_the_quota() {
    let fields = json!({
        "quota": { "month": 1 },
        "gates": [{ "requires": { "gate": "quota" }, "opened_by": { "who": "built_in" } }],
    });
    let mut world = nobody_came(&fields);
    let mut had = Had::default();
    had.here.begin(consultation(8), world.now);
    world.ok(called_back(1, 1, had));
    world.patient_comes_back(1);
    world.refused(admission(1, 1), Refusal::GatesShut);
}

#[test]
fn m14_no_practitioner_turns_anybody_away_in_the_name_of_the_quota() {
    let mut world = World::waiting([1]);
    let declined = Decision::Decline {
        visit: visit(1),
        reason: DeclineReason::QuotaReached,
        message: Redacted::default(),
    };
    world.refused(decided(1, declined), Refusal::NotAChoice);
}

/// Patient 1 is to be booked for visit `number`, so many days from now, having had so many consultations this month.
fn booked_with_a_quota(world: &World, number: u32, days: u64, had: u8) -> Input {
    let mut history = History::default();
    (0..had).for_each(|number| history.begin(consultation((90 + number).into()), world.now));
    Input::Book(Box::new(Booking {
        patient: patient(1),
        history,
        ..booking(number, world.now.plus(minutes(days * 24 * 60)))
    }))
}

#[test]
fn m14_a_booking_is_judged_by_the_quota_of_the_period_in_which_it_lies() {
    // The world begins on 12 January 1970.
    let mut world = World::new();
    set(&mut world, &json!({ "quota": { "month": 1 } }));
    let month = |at: Timestamp| Period::Month.ends_at(at, &Zone::default());
    let february = month(world.now);
    let reached = |opens_at| {
        Refusal::QuotaReached(QuotaReached {
            limit: Cap::ONE,
            period: Period::Month,
            opens_at,
        })
    };
    let had_one = booked_with_a_quota(&world, 1, 1, 1);
    world.refused(had_one, reached(february));
    let next_month = booked_with_a_quota(&world, 1, 25, 1);
    world.ok(next_month);
    // What is booked counts before it took place: January is full by what was had, February by this.
    let third = booked_with_a_quota(&world, 2, 1, 1);
    world.refused(third, reached(month(february)));
    let beside = booked_with_a_quota(&world, 2, 26, 1);
    world.refused(beside, reached(month(february)));
    let another = Input::Book(Box::new(booking(3, world.now.plus(minutes(60)))));
    world.ok(another);
    world.ok(Input::Cancel { visit: visit(1) });
    let again = booked_with_a_quota(&world, 2, 26, 1);
    world.ok(again);
}

#[test]
fn m14_a_consultation_that_goes_on_and_a_visit_that_waits_count_when_the_next_is_booked() {
    let mut world = World::waiting([]);
    set(&mut world, &json!({ "quota": { "month": 1 } }));
    world.ok(arrival(1));
    for step in 0..3 {
        let book = booked_with_a_quota(&world, 2, 1, 0);
        let answer = world.tell(book).answer;
        let reached = matches!(answer, Err(Refusal::QuotaReached(_)));
        assert!(reached, "{step}: {answer:?}");
        match step {
            0 => world.ok(admission(1, 1)),
            1 => world.ok(hold(1, 1)),
            _ => {}
        }
    }
    world.ok(resume(1, 1));
    world.ok(leave(1));
    // It did not last: what counts is told with the booking.
    let book = booked_with_a_quota(&world, 2, 1, 0);
    world.ok(book);
}

#[test]
fn m14_where_a_gate_stands_for_the_quota_a_booking_is_made_and_staff_may_let_them_pass() {
    let gate = json!([{ "requires": { "gate": "quota" }, "opened_by": { "who": "built_in" },
        "exceptions": ["medically_needed"] }]);
    let mut world = World::new();
    set(
        &mut world,
        &json!({ "quota": { "month": 1 }, "gates": gate }),
    );
    let book = booked_with_a_quota(&world, 1, 1, 1);
    world.ok(book);
}

#[test]
fn m14_whoever_comes_early_to_an_appointment_of_the_next_month_is_judged_by_that_one() {
    let (mut world, come) = with_a_quota(&json!({ "quota": { "month": 2 } }), 2);
    let february = Period::Month.ends_at(world.now, &Zone::default());
    world.now = Timestamp(february.0 - minutes(10).0);
    world.ok(Input::Book(Box::new(booking(1, february.plus(minutes(5))))));
    world.ok(come);
    assert_eq!(world.state(1), VisitState::Waiting);
}

#[test]
fn m14_a_gate_for_the_quota_is_open_or_refused_from_the_beginning_and_staff_may_open_it() {
    let gate = json!([{ "requires": { "gate": "quota" }, "opened_by": { "who": "built_in" },
        "exceptions": ["medically_needed"] }]);
    let limited = json!({ "quota": { "month": 2 }, "gates": gate });
    for (rules, had, open) in [
        (json!({ "gates": gate }), 5, true),
        (limited.clone(), 1, true),
        (limited, 2, false),
    ] {
        let (mut world, come) = with_a_quota(&rules, had);
        world.ok(come);
        world.practitioner_comes(1);
        if open {
            world.ok(admission(1, 1));
            continue;
        }
        world.refused(admission(1, 1), Refusal::GatesShut);
        world.ok(Input::Gate {
            visit: visit(1),
            gate: GateKind::Quota,
            by: AnsweredBy::Practitioner {
                practitioner: practitioner(1),
            },
            answer: GateAnswer::Open {
                exception: Some(GateException::MedicallyNeeded),
            },
        });
        world.ok(admission(1, 1));
    }
}

#[test]
fn m15_a_cap_and_a_pause_of_the_doctor_shield_are_enforced() {
    let mut world = World::new();
    world.ok(Input::SetPractitioner {
        practitioner: Box::new(Practitioner {
            shield: ShieldPolicy {
                hour: Cap::new(2).ok(),
                pause: minutes(5),
                ..ShieldPolicy::default()
            },
            ..Practitioner::named(practitioner(1), "Dr Martin", [service(1)])
        }),
    });
    world.practitioner_comes(1);
    (1..=3).for_each(|number| world.ok(arrival(number)));
    world.ok(admission(1, 1));
    world.ok(end(1, 1));
    let until = world.now.plus(minutes(5));
    world.refused(admission(1, 2), shielded(ShieldReason::Pause, until));
    world.pass(minutes(5));
    world.ok(admission(1, 2));
    world.ok(end(1, 2));
    world.pass(minutes(5));
    world.refused(
        admission(1, 3),
        shielded(ShieldReason::HourCap, two_o_clock()),
    );
    world.pass(minutes(60));
    world.ok(admission(1, 3));
}

#[test]
fn m15_a_clock_that_steps_back_keeps_no_practitioner_from_working_until_it_shows_that_again() {
    let mut world = World::waiting(1..=3);
    let pauses = Practitioner {
        shield: ShieldPolicy {
            pause: minutes(5),
            ..ShieldPolicy::default()
        },
        ..Practitioner::named(practitioner(2), "Dr Peeters", [service(1)])
    };
    world.ok(Input::SetPractitioner {
        practitioner: Box::new(pauses),
    });
    world.practitioner_comes(2);
    for by in [1, 2] {
        world.ok(admission(by, by));
        world.ok(end(by, by));
    }
    world.now = Timestamp(world.now.0 - 3_600_000);
    let until = world.now.plus(minutes(5));
    world.refused(admission(2, 3), shielded(ShieldReason::Pause, until));
    world.ok(admission(1, 3));
    world.ok(end(1, 3));
    world.ok(another_visit(1, 10));
    world.pass(minutes(5));
    world.ok(admission(2, 10));
}

#[test]
fn m15_what_a_practitioner_has_done_outlives_a_restart_and_being_set_anew() {
    let mut world = World::new();
    let card = Practitioner {
        shield: ShieldPolicy {
            hour: Cap::new(1).ok(),
            ..ShieldPolicy::default()
        },
        ..Practitioner::named(practitioner(1), "Dr Martin", [service(1)])
    };
    let set = Input::SetPractitioner {
        practitioner: Box::new(card),
    };
    world.ok(set.clone());
    world.practitioner_comes(1);
    world.ok(arrival(1));
    world.ok(arrival(2));
    world.ok(admission(1, 1));
    world.ok(end(1, 1));
    world.ok(set);
    let clinic = Clinic::restore(Policy::default(), world.clinic.state(), world.now);
    world.clinic = clinic.expect("what was stored");
    world.practitioner_comes(1);
    world.patient_comes_back(2);
    world.refused(
        admission(1, 2),
        shielded(ShieldReason::HourCap, two_o_clock()),
    );
}

#[test]
fn m15_the_queue_closes_before_it_promises_more_than_the_shift_can_hold() {
    let mut world = World::new();
    let promise = ShiftPromise {
        typical: minutes(20),
        lead: minutes(30),
    };
    set(&mut world, &json!({ "promise": promise }));
    let shift = json!([{ "from": world.now, "to": world.now.plus(minutes(60)) }]);
    for number in 1..=3 {
        let roster = from_value(if number == 1 {
            shift.clone()
        } else {
            json!([])
        });
        world.ok(Input::SetPractitioner {
            practitioner: Box::new(Practitioner {
                roster: Some(roster.expect("a roster")),
                ..Practitioner::named(practitioner(number), "Dr Martin", [service(1)])
            }),
        });
    }
    (1..=3).for_each(|number| world.ok(arrival(number)));
    let opens_at = None;
    world.refused(arrival(4), Refusal::QueueClosed { opens_at });
    world.ok(leave(2));
    world.ok(arrival(4));
}

#[test]
fn m19_a_service_takes_walk_ins_within_its_opening_hours_alone() {
    let mut world = World::new();
    let hours = json!({ "regular": { "weekly": {
        "monday": [{ "from": "08:00", "to": "18:00" }],
    } } });
    // 1970-01-12, a Monday, at a quarter to five in the afternoon in Brussels.
    world.now = seconds(1_007_100);
    set(&mut world, &json!({ "hours": hours }));
    world.ok(arrival(1));
    world.pass(minutes(120));
    // A week later, at eight.
    let opens_at = Some(seconds(1_580_400));
    world.refused(arrival(2), Refusal::ServiceClosed { opens_at });
}

#[test]
fn m19_appointments_are_within_opening_hours_alone() {
    let mut world = World::new();
    let hours = json!({ "regular": { "weekly": {
        "monday": [{ "from": "08:00", "to": "18:00" }],
    } } });
    // A Monday, at a quarter to five.
    world.now = seconds(1_007_100);
    set(&mut world, &json!({ "hours": hours }));
    let book = |number, at| Input::Book(Box::new(booking(number, at)));
    world.ok(book(1, world.now.plus(minutes(60))));
    let evening = world.now.plus(minutes(120));
    let opens_at = Some(seconds(1_580_400));
    world.refused(book(2, evening), Refusal::ServiceClosed { opens_at });
    world.ok(book(3, world.now.plus(minutes(60 * 24 * 7))));
}

#[test]
fn m05_a_wait_is_shown_as_an_interval_once_enough_is_known_and_what_was_promised_is_followed_up() {
    let mut world = World::new();
    world.practitioner_comes(1);
    let consult = |world: &mut World, number: u32| {
        world.ok(arrival(number));
        world.pass(minutes(1));
        world.ok(admission(1, number));
        world.pass(minutes(10));
        world.ok(end(1, number));
    };
    for number in 1..=19 {
        consult(&mut world, number);
    }
    world.ok(arrival(100));
    assert_eq!(
        world.clinic.wait(world.now, visit(100)),
        None,
        "too little is known"
    );
    world.ok(leave(100));
    for number in 20..=25 {
        consult(&mut world, number);
    }
    (101..=103).for_each(|number| world.ok(arrival(number)));
    let third = world
        .clinic
        .wait(world.now, visit(103))
        .expect("enough is known");
    let typical = minutes(22);
    assert!(third.low <= typical && typical <= third.high, "{third:?}");
    let promise = world
        .clinic
        .visit(visit(103))
        .expect("it waits")
        .visit
        .promise;
    assert!(promise.is_some());
    let counted = |world: &World| world.clinic.coverage(pool(1)).all();
    let before = counted(&world);
    world.ok(admission(1, 101));
    assert_eq!(counted(&world), before + 1);
    let policy = Policy::default();
    world.ok(end(1, 101));
    let restored = Clinic::restore(policy, world.clinic.state(), world.now).expect("stored");
    assert_eq!(restored.coverage(pool(1)).all(), before + 1, "it is stored");
}
