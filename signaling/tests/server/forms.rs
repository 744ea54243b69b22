//! Forms that a service asks for: those that it has.

use serde_json::{Value, json};
use vestibule_protocol::ErrorCode;
use vestibule_protocol::server::Reply;
use vestibule_signaling::ClinicFile;

use super::asked_again::{house_with, why};
use crate::support::page::place;
use crate::support::{House, Kind, Rest};

crate::on_both_stores!(
    m03_a_service_asks_for_no_form_that_it_has_not,
    m03_whoever_waits_is_not_held_up_by_a_form_that_was_taken_away,
);

const DONE: Result<Reply, ErrorCode> = Ok(Reply::Done);

fn form() -> Value {
    json!({ "questions": [{
        "code": "since", "texts": { "en": "Since when?" },
        "kind": { "type": "short_text", "max_chars": 20 }, "required": true,
    }]})
}

fn asking(gate: &str) -> Value {
    json!([{ "requires": { "gate": gate }, "opened_by": { "who": "built_in" } }])
}

async fn m03_a_service_asks_for_no_form_that_it_has_not(kind: Kind) {
    let house = House::open_on(kind).await;
    let rest = Rest::of(&house).await;
    for gate in ["symptom_form", "emergency_screen"] {
        let mut service =
            json!({ "name": gate, "specialty": "dermatology", "gates": asking(gate) });
        let refused = rest.post("/services", &service).await.problem();
        assert_eq!(refused, (422, "form_missing".to_owned()), "{gate}");
        service["form"] = json!({ "questions": [] });
        let refused = rest.post("/services", &service).await.problem();
        assert_eq!(refused, (422, "form_missing".to_owned()), "{gate}");
        service["form"] = form();
        let made = rest.post("/services", &service).await.good();
        let path = format!("/services/{}", made["id"].as_str().unwrap());
        service["form"] = Value::Null;
        let refused = rest.put(&path, &service).await.problem();
        assert_eq!(refused, (422, "form_missing".to_owned()), "{gate}");
        assert_eq!(rest.get(&path).await.good()["form"], made["form"]);
        // Whoever asks by voice, or another system, needs none here.
        service["gates"][0]["opened_by"] = json!({ "who": "hand" });
        rest.put(&path, &service).await.good();
    }
    let file = json!({ "services": [{ "name": "A", "gates": asking("symptom_form") }] });
    let why = ClinicFile::parse(&file.to_string())
        .unwrap_err()
        .to_string();
    assert!(
        why.starts_with("services[0]") && why.contains("form"),
        "{why}"
    );
}

async fn m03_whoever_waits_is_not_held_up_by_a_form_that_was_taken_away(kind: Kind) {
    let service = json!({ "name": "A", "form": form(), "gates": asking("symptom_form") });
    let file = json!({ "services": [service], "practitioners": [{ "name": "Dr Martin" }] });
    let house = house_with(kind, file).await;
    let mut console = house.practitioner().await.open().await;
    let (_, mut ada) = house.waiting("Ada").await;
    let seen = console.practitioner(|it| it.waiting.len() == 1).await;
    let visit = seen.waiting[0].visit;
    assert_eq!(console.admit(visit).await, Err(ErrorCode::GatesShut));
    let rest = Rest::of(&house).await;
    let id = rest.get("/services").await.good()["items"][0]["id"].clone();
    let path = format!("/services/{}", id.as_str().unwrap());
    let plain = json!({ "name": "A", "specialty": "general_practice" });
    rest.put(&path, &plain).await.good();
    ada.patient(|it| place(it) == Some(1) && why(it).is_none())
        .await;
    assert_eq!(console.admit(visit).await, DONE);
}
