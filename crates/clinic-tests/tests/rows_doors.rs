//! Nobody waits for what cannot come: languages, forms and gates that somebody can bring about.

#![allow(clippy::expect_used, reason = "a test fails by panicking")]

mod support;

use serde_json::{Value, from_value, json};
use support::*;
use vestibule_clinic::audit::{Act, Actor, GateOutcome};
use vestibule_clinic::{
    Answer, AnsweredBy, Arriving, Booking, Duty, GateAnswer, GateKind, Input, Language,
    Practitioner, Refusal, Service,
};

fn language(code: &str) -> Option<Language> {
    Language::parse(code).ok()
}

/// Practitioner `number` speaks this alone and practises these services.
fn speaks(number: u32, code: &str, services: &[u32]) -> Input {
    let services = services.iter().map(|it| service(*it));
    Input::SetPractitioner {
        practitioner: Box::new(Practitioner {
            languages: language(code).into_iter().collect(),
            ..Practitioner::named(practitioner(number), "Dr Martin", services)
        }),
    }
}

/// Service 1 in French by two and in German by one, service 2 in French.
fn of_languages() -> World {
    let mut world = World::new();
    world.ok(speaks(1, "fr", &[1]));
    world.ok(speaks(2, "fr", &[1, 2]));
    world.ok(speaks(3, "de", &[1]));
    world.practitioner_comes(1);
    world.practitioner_comes(3);
    world
}

fn arrival_in(number: u32, code: &str) -> Input {
    Input::Arrive(Box::new(Arriving {
        language: language(code),
        ..arriving(number)
    }))
}

#[test]
fn m01_a_language_that_nobody_of_the_service_speaks_is_refused_unless_somebody_does_not_say() {
    let mut world = of_languages();
    world.refused(arrival_in(1, "nl"), Refusal::LanguageNotSpoken);
    let at = world.now.plus(minutes(5));
    let booking = |number, code| Booking {
        language: language(code),
        ..booking(number, at)
    };
    let refused = Input::Book(Box::new(booking(1, "nl")));
    world.refused(refused, Refusal::LanguageNotSpoken);
    world.ok(Input::Book(Box::new(booking(1, "de"))));
    assert_eq!(
        world.clinic.spoken(service(2)),
        Some([language("fr").expect("a code")].into())
    );
    let says_nothing = Practitioner::named(practitioner(2), "Dr Martin", [service(1)]);
    world.ok(Input::SetPractitioner {
        practitioner: Box::new(says_nothing),
    });
    assert_eq!(world.clinic.spoken(service(1)), None);
    world.ok(arrival_in(2, "nl"));
    assert_eq!(world.order_for(2), [visit(2)]);
}

#[test]
fn m01_whoever_waits_in_a_language_is_asked_once_when_its_last_speaker_goes() {
    let mut world = of_languages();
    world.ok(arrival_in(1, "de"));
    world.ok(arrival_in(2, "fr"));
    world.ok(duty(3, Duty::Off));
    assert!(!is_asked(&world, 1), "a speaker comes back on duty");
    world.ok(speaks(3, "de", &[2]));
    assert!(is_asked(&world, 1) && !is_asked(&world, 2));
    world.ok(answers(1, Answer::WaitOn));
    world.ok(speaks(1, "fr", &[1, 2]));
    assert!(!is_asked(&world, 1), "nothing else has changed for them");
    world.ok(speaks(3, "de", &[1]));
    assert_eq!(world.order_for(3), [visit(1)]);
}

#[test]
fn m01_the_question_is_withdrawn_when_somebody_speaks_it_again() {
    let mut world = of_languages();
    world.ok(arrival_in(1, "de"));
    world.ok(speaks(3, "fr", &[1]));
    assert!(is_asked(&world, 1));
    world.ok(speaks(3, "de", &[1]));
    assert!(!is_asked(&world, 1));
    world.refused(answers(1, Answer::TakeNext), Refusal::NothingToChoose);
}

#[test]
fn m01_whoever_takes_the_next_keeps_the_place_and_is_seen_by_everybody() {
    let mut world = of_languages();
    world.ok(arrival_in(1, "de"));
    world.ok(arrival_in(2, "fr"));
    world.ok(speaks(3, "fr", &[1]));
    world.ok(answers(1, Answer::TakeNext));
    assert!(!is_asked(&world, 1));
    assert_eq!(world.order_for(1), [visit(1), visit(2)]);
}

#[test]
fn m01_an_appointment_in_a_language_that_was_promised_is_let_in_and_asked() {
    let mut world = of_languages();
    let at = world.now.plus(minutes(5));
    world.ok(Input::Book(Box::new(Booking {
        language: language("de"),
        ..booking(1, at)
    })));
    world.ok(speaks(3, "fr", &[1]));
    world.refused(arrival_in(1, "nl"), Refusal::LanguageNotSpoken);
    world.ok(arrival_in(1, "de"));
    assert!(is_asked(&world, 1));
}

#[test]
fn m07_whoever_is_handed_on_to_where_nobody_speaks_their_language_is_asked() {
    let mut world = of_languages();
    world.ok(arrival_in(1, "de"));
    world.ok(transfer(3, 1, pool(2)));
    assert!(is_asked(&world, 1));
    world.ok(answers(1, Answer::TakeNext));
    assert_eq!(world.order_for(2), [visit(1)]);
}

/// Service `number`, with these fields.
fn set(number: u32, fields: &Value) -> Input {
    let service = Service::named(service(number), "General practice");
    let mut whole = serde_json::to_value(service).expect("JSON");
    let whole_fields = whole.as_object_mut().expect("fields");
    whole_fields.extend(fields.as_object().expect("fields").clone());
    Input::SetService {
        service: Box::new(from_value(whole).expect("a service")),
    }
}

fn asking(gates: &[&str]) -> Value {
    let gates = gates.iter();
    let gates =
        gates.map(|it| json!({ "requires": { "gate": it }, "opened_by": { "who": "built_in" } }));
    gates.collect()
}

fn form() -> Value {
    json!({ "questions": [
        { "code": "fever", "texts": { "en": "Fever?" }, "kind": { "type": "yes_no" }, "required": true },
    ]})
}

/// Patient 1 waits for service 1, which asks for a form and for a check of devices.
fn with_a_form() -> World {
    let mut world = World::new();
    world.practitioner_comes(2);
    let gates = asking(&["symptom_form", "emergency_screen", "device_check"]);
    world.ok(set(1, &json!({ "gates": gates, "form": form() })));
    world.ok(arrival(1));
    world
}

fn open(world: &World) -> Vec<bool> {
    let view = world.clinic.visit(visit(1)).expect("remembered");
    let gates = view.visit.gates.gates().iter();
    gates.map(vestibule_clinic::Gate::is_open).collect()
}

#[test]
fn m01_an_urgent_visit_counts_no_less_than_one_that_is_to_be_seen_soon() {
    let mut world = with_a_form();
    let order = |urgent: u64| {
        let minutes = |number: u64| number * 60_000;
        json!({ "order": { "appointment": 0, "late": 0, "soon": minutes(120), "urgent": minutes(urgent), "bound": minutes(180) } })
    };
    world.refused(set(1, &order(119)), Refusal::InvalidOrder);
    world.ok(set(1, &order(120)));
}

#[test]
fn m03_gates_that_open_by_a_form_need_one() {
    let mut world = with_a_form();
    for gate in ["symptom_form", "emergency_screen"] {
        let without = set(1, &json!({ "gates": asking(&[gate]) }));
        world.refused(without, Refusal::FormMissing);
    }
    assert_eq!(open(&world), [false; 3]);
}

#[test]
fn m03_a_form_that_is_taken_away_opens_what_it_was_to_open_and_nothing_else() {
    let mut world = with_a_form();
    let outputs = world.outputs(set(1, &json!({ "gates": asking(&["device_check"]) })));
    assert_eq!(open(&world), [true, true, false]);
    let opened = outputs.audit.iter().filter(|entry| {
        entry.actor == Actor::Administration
            && matches!(
                &entry.act,
                Act::Gated {
                    outcome: GateOutcome::Open,
                    ..
                }
            )
    });
    assert_eq!(opened.count(), 2);
}

#[test]
fn m07_whoever_is_handed_on_to_a_service_without_a_form_is_not_held_up_by_one() {
    let mut world = with_a_form();
    world.ok(transfer(2, 1, pool(2)));
    assert_eq!(
        open(&world),
        [false; 0],
        "what is not asked there has fallen away"
    );
}

#[test]
fn m18_the_log_says_whether_the_patient_or_a_practitioner_had_a_gate_asked_again() {
    let mut world = World::new();
    world.practitioner_comes(1);
    let gates = json!([{
        "requires": { "gate": "payment" },
        "opened_by": { "who": "system", "system": "pay", "wait": 60_000, "then": "ask_again" },
    }]);
    world.ok(set(1, &json!({ "gates": gates })));
    world.ok(arrival(1));
    let by_practitioner = AnsweredBy::Practitioner {
        practitioner: practitioner(1),
    };
    for (by, actor) in [
        (AnsweredBy::Patient, Actor::Patient(patient(1))),
        (by_practitioner, Actor::Practitioner(practitioner(1))),
        (AnsweredBy::Staff, Actor::Administration),
    ] {
        world.pass(minutes(1));
        let outputs = world.outputs(Input::Gate {
            visit: visit(1),
            gate: GateKind::Payment,
            by,
            answer: GateAnswer::AskAgain,
        });
        let actors: Vec<_> = outputs.audit.iter().map(|entry| entry.actor).collect();
        assert_eq!(actors, [actor]);
    }
}

/// Practitioner `number` does these services from now on.
fn practises(number: u32, services: &[u32]) -> Input {
    let services = services.iter().copied().map(service);
    Input::SetPractitioner {
        practitioner: Box::new(Practitioner::named(
            practitioner(number),
            "Dr Martin",
            services,
        )),
    }
}

fn waits_for_nobody(world: &World, number: u32) -> bool {
    let view = world.clinic.visit(visit(number)).expect("remembered");
    world.clinic.waits_for_nobody(view.visit)
}

#[test]
fn m01_whoever_waits_for_what_nobody_practises_any_more_is_told_and_keeps_the_place() {
    let mut world = World::waiting([1]);
    world.ok(arrival_for(2, 1));
    let at = world.now.plus(minutes(15));
    world.ok(Input::Book(Box::new(booking(3, at))));
    assert!(!waits_for_nobody(&world, 1));
    for number in 1..=3 {
        world.ok(practises(number, &[2]));
    }
    world.ok(arrival(3));
    assert!(waits_for_nobody(&world, 1));
    assert!(
        waits_for_nobody(&world, 3),
        "whoever is booked is let in, and told"
    );
    assert!(!waits_for_nobody(&world, 2), "their doctor sees them still");
    let place = |world: &World| world.clinic.place(visit(1));
    assert_eq!(place(&world), Some(1));
    let changed = world.outputs(practises(2, &[1])).changed;
    assert!(changed.catalogue, "everybody who waits is shown");
    assert!(!waits_for_nobody(&world, 1) && !waits_for_nobody(&world, 3));
    assert_eq!(
        (place(&world), world.order_for(2)),
        (Some(1), vec![visit(1), visit(3)])
    );
}
