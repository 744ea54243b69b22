//! Consent to a text that changes, while people look at it.

use serde_json::{Value, json};
use vestibule_protocol::ErrorCode;
use vestibule_protocol::client::Request;
use vestibule_protocol::intake::{ConsentAct, ConsentView};
use vestibule_protocol::server::{PatientSnapshot, Reply};

use super::asked_again::house_with;
use crate::support::{House, Kind, Rest};

crate::on_both_stores!(
    m12_whoever_looks_at_the_old_text_when_the_clinic_changes_it_is_shown_the_new_one,
    m12_where_no_consent_is_asked_for_none_is_recorded,
);

const DONE: Result<Reply, ErrorCode> = Ok(Reply::Done);

fn asking(version: &str) -> Value {
    let gate = json!({
        "requires": { "gate": "consent", "version": version }, "opened_by": { "who": "built_in" },
    });
    json!({ "name": "General practice", "specialty": "general_practice", "gates": [gate] })
}

fn says(act: ConsentAct, version: &str) -> Request {
    Request::Consent {
        act,
        version: version.to_owned(),
    }
}

fn consent(snapshot: &PatientSnapshot) -> Option<&ConsentView> {
    snapshot.visit.as_ref()?.intake.as_ref()?.consent.as_ref()
}

fn asks_for(snapshot: &PatientSnapshot, version: &str) -> bool {
    consent(snapshot).is_some_and(|it| it.version == version)
}

/// The clinic sets its only service so.
async fn set(house: &House, service: &Value) {
    let rest = Rest::of(house).await;
    let services = rest.get("/services").await.good();
    let path = format!("/services/{}", services["items"][0]["id"].as_str().unwrap());
    rest.put(&path, service).await.good();
}

async fn m12_whoever_looks_at_the_old_text_when_the_clinic_changes_it_is_shown_the_new_one(
    kind: Kind,
) {
    let file = json!({
        "services": [asking("2026-01")], "practitioners": [{ "name": "Dr Martin" }],
    });
    let house = house_with(kind, file).await;
    let mut console = house.practitioner().await.open().await;
    let (_, mut ada) = house.waiting("Ada").await;
    ada.patient(|it| asks_for(it, "2026-01")).await;
    let (_, mut grace) = house.waiting("Grace").await;
    assert_eq!(grace.ask(says(ConsentAct::Given, "2026-01")).await, DONE);
    let seen = console.practitioner(|it| it.waiting.len() == 2).await;
    let visit_of = |name: &str| {
        let mut waiting = seen.waiting.iter();
        waiting.find(|it| it.name.expose() == name).unwrap().visit
    };

    set(&house, &asking("2026-02")).await;
    let late = ada.ask(says(ConsentAct::Given, "2026-01")).await;
    assert_eq!(late, Err(ErrorCode::ConsentNotAsked));
    assert!(
        ErrorCode::ConsentNotAsked
            .sentence()
            .contains("read the visit again")
    );
    let seen = ada.patient(|it| asks_for(it, "2026-02")).await;
    assert!(
        consent(&seen).unwrap().said.is_empty(),
        "nothing is recorded"
    );
    assert_eq!(
        console.admit(visit_of("Ada")).await,
        Err(ErrorCode::GatesShut)
    );
    assert_eq!(ada.ask(says(ConsentAct::Given, "2026-02")).await, DONE);
    let seen = ada
        .patient(|it| consent(it).is_some_and(|it| !it.said.is_empty()))
        .await;
    assert_eq!(consent(&seen).unwrap().said[0].version, "2026-02");
    assert_eq!(console.admit(visit_of("Ada")).await, DONE);

    // Whoever consented to what was asked then is not asked anew, and may take it back.
    grace.patient(|it| asks_for(it, "2026-01")).await;
    assert_eq!(grace.ask(says(ConsentAct::Revoked, "2026-01")).await, DONE);
    let seen = grace.patient(|it| asks_for(it, "2026-02")).await;
    assert_eq!(consent(&seen).unwrap().said.len(), 2);
}

async fn m12_where_no_consent_is_asked_for_none_is_recorded(kind: Kind) {
    let house = House::open_on(kind).await;
    let mut console = house.practitioner().await.open().await;
    let (_, mut ada) = house.waiting("Ada").await;
    let given = ada.ask(says(ConsentAct::Given, "2026-01")).await;
    assert_eq!(given, Err(ErrorCode::ConsentNotAsked));
    let seen = console.practitioner(|it| it.waiting.len() == 1).await;
    let visit = seen.waiting[0].visit;
    let rest = Rest::of(&house).await;
    let path = format!("/visits/{}/documents", visit.to_text());
    assert_eq!(rest.get(&path).await.good()["items"], json!([]));
}
