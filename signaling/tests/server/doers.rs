//! Who did it, as the audit log, its sentences and webhooks name them.

use serde_json::{Value, json};
use vestibule_protocol::ErrorCode;
use vestibule_protocol::client::Request;
use vestibule_protocol::intake::{ConsentAct, GateException, GateKind};
use vestibule_protocol::server::Reply;
use vestibule_signaling::clock::Clock as _;
use vestibule_signaling::{ClinicFile, EventKind, Zone};
use vestibule_vocab::VisitId;

use crate::support::{House, Kind, Page, Receiver, Rest};

crate::on_both_stores!(
    m24_a_gate_that_the_patient_passes_on_their_page_is_passed_by_the_patient,
    m24_what_another_system_says_of_a_visit_is_said_by_that_system,
    m24_a_duty_that_another_system_sets_is_set_by_that_system,
);

const DONE: Result<Reply, ErrorCode> = Ok(Reply::Done);

fn built_in(requires: &Value) -> Value {
    let exceptions = match requires["gate"].as_str() {
        Some("eligibility") => json!(["own_doctor_not_available"]),
        Some("identity") => json!(["identity_vouched"]),
        _ => json!([]),
    };
    json!({ "requires": requires, "opened_by": { "who": "built_in" }, "exceptions": exceptions })
}

/// A house whose service asks who somebody is, whether they may be seen here, what they consent to, and for their devices.
async fn house(kind: Kind) -> House {
    let gates = [
        json!({ "gate": "identity", "level": "substantial" }),
        json!({ "gate": "eligibility", "any_of": ["known_to_practitioner"] }),
        json!({ "gate": "consent", "version": "2026-01" }),
        json!({ "gate": "device_check" }),
    ];
    let service = json!({ "name": "General practice", "gates": gates.map(|it| built_in(&it)) });
    let file = json!({ "services": [service], "practitioners": [{ "name": "Dr Martin" }] });
    let file = ClinicFile::parse(&file.to_string()).unwrap();
    House::open_on_with(kind, move |settings| {
        settings.clinic = Some(file.clone());
        settings.webhooks.allow_private = vec!["127.0.0.0/8".parse().unwrap()];
    })
    .await
}

/// Other systems are told of gates.
async fn told_of_gates(house: &House) -> Receiver {
    let receiver = Receiver::open().await;
    let office = house.administration().await;
    let kinds = [EventKind::GateOpened, EventKind::GateRefused];
    let (url, now) = (receiver.url().parse().unwrap(), house.clock.now());
    office.add_webhook(&url, &kinds, None, now).await.unwrap();
    receiver
}

async fn the_only_visit(console: &mut Page) -> VisitId {
    let seen = console.practitioner(|it| it.waiting.len() == 1).await;
    seen.waiting[0].visit
}

/// The entries of the log that say this, as gate (or act) and actor.
async fn logged(house: &House, act: &str) -> Vec<(String, Value)> {
    let log = Rest::of(house).await.get("/audit?limit=200").await.good();
    let lines = log["items"].as_array().unwrap().iter();
    let entries = lines.map(|it| serde_json::from_str(it["entry"].as_str().unwrap()).unwrap());
    let entries = entries.filter(|it: &Value| it["act"]["type"] == act);
    let named = entries.map(|it| {
        let gate = it["act"]["gate"]["gate"].as_str().unwrap_or(act);
        (gate.to_owned(), it["actor"].clone())
    });
    named.collect()
}

async fn story(house: &House, visit: VisitId) -> String {
    let office = house.administration().await;
    let sentences = office.explain(visit, Zone::default()).await.unwrap();
    let texts: Vec<String> = sentences.into_iter().map(|it| it.text).collect();
    texts.join(" ")
}

async fn m24_a_gate_that_the_patient_passes_on_their_page_is_passed_by_the_patient(kind: Kind) {
    let house = house(kind).await;
    let mut receiver = told_of_gates(&house).await;
    let mut console = house.practitioner().await.open().await;
    let (_, mut ada) = house.waiting("Ada").await;
    let visit = the_only_visit(&mut console).await;
    let exception = GateException::OwnDoctorNotAvailable;
    assert_eq!(ada.ask(Request::ClaimException { exception }).await, DONE);
    let consent = Request::Consent {
        act: ConsentAct::Given,
        version: "2026-01".to_owned(),
    };
    assert_eq!(ada.ask(consent).await, DONE);
    for suitable in [false, true] {
        assert_eq!(ada.ask(Request::CheckDevices { suitable }).await, DONE);
    }
    let gate = GateKind::Identity;
    let exception = Some(GateException::IdentityVouched);
    let vouches = Request::OpenGate {
        visit,
        gate,
        exception,
    };
    assert_eq!(console.ask(vouches).await, DONE);

    let rest = Rest::of(&house).await;
    let read = rest
        .get(&format!("/visits/{}", visit.to_text()))
        .await
        .good();
    let patient = json!({ "type": "patient", "id": read["patient"] });
    let practitioners = rest.get("/practitioners").await.good();
    let martin = json!({ "type": "practitioner", "id": practitioners["items"][0]["id"] });
    let expected = [
        ("identity", &patient),
        ("eligibility", &patient),
        ("eligibility", &patient),
        ("consent", &patient),
        ("device_check", &patient),
        ("device_check", &patient),
        ("identity", &martin),
    ];
    let expected = expected.map(|(gate, who)| (gate.to_owned(), who.clone()));
    assert_eq!(logged(&house, "gated").await, expected);
    for (gate, by) in &expected {
        let said = receiver.next().await.says();
        assert_eq!(
            (&said["data"]["gate"], &said["data"]["by"]),
            (&json!(gate), by)
        );
    }
    let story = story(&house, visit).await;
    for sentence in [
        "The patient did not pass the gate `identity` (`level_too_low`).",
        "The patient did not pass the gate `eligibility` (`not_eligible`).",
        "The patient passed the gate `eligibility` by the exception `own_doctor_not_available`.",
        "The patient did not pass the gate `device_check` (`device_unsuitable`). The patient passed the gate `device_check`.",
        "opened the gate `identity` by the exception `identity_vouched`.",
    ] {
        assert!(story.contains(sentence), "{sentence} is not in: {story}");
    }
    assert!(!story.contains("The clinic"), "{story}");
}

async fn m24_what_another_system_says_of_a_visit_is_said_by_that_system(kind: Kind) {
    let house = house(kind).await;
    let mut console = house.practitioner().await.open().await;
    let (_, _ada) = house.waiting("Ada").await;
    let visit = the_only_visit(&mut console).await;
    let mut receiver = told_of_gates(&house).await;
    let record = Rest::of(&house).await;
    let path = format!("/visits/{}/eligibility", visit.to_text());
    let known = json!({ "relations": ["known_to_practitioner"] });
    record.put(&path, &known).await.good();
    let by = json!({ "type": "system", "id": record.id });
    let last = logged(&house, "gated").await.pop();
    assert_eq!(last, Some(("eligibility".to_owned(), by)));
    let said = receiver.next().await;
    assert_eq!(said.says()["data"]["by"], json!({ "type": "system" }));
    let sentence = format!(
        "A system, by the API key {}, opened the gate `eligibility`.",
        record.id
    );
    let story = story(&house, visit).await;
    assert!(story.contains(&sentence), "{story}");
}

async fn m24_a_duty_that_another_system_sets_is_set_by_that_system(kind: Kind) {
    let house = House::open_on(kind).await;
    let roster = Rest::of(&house).await;
    let practitioners = roster.get("/practitioners").await.good();
    let id = practitioners["items"][0]["id"].as_str().unwrap();
    let path = format!("/practitioners/{id}/duty");
    roster.put(&path, &json!({ "type": "off" })).await.good();
    let by = json!({ "type": "system", "id": roster.id });
    let last = logged(&house, "duty_set").await.pop();
    assert_eq!(last, Some(("duty_set".to_owned(), by)));
}
