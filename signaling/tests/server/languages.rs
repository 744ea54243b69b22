//! The language in which somebody wants to be seen: one that somebody speaks.

use serde_json::json;
use vestibule_protocol::ErrorCode;
use vestibule_protocol::client::Request;
use vestibule_protocol::desk::{Answer, Wish};
use vestibule_protocol::server::{PatientSnapshot, Reply};
use vestibule_vocab::{Millis, Redacted};

use super::asked_again::house_with;
use crate::support::house::START;
use crate::support::page::place;
use crate::support::{House, Kind, Rest};

crate::on_both_stores!(
    m01_a_language_that_nobody_speaks_is_refused_with_those_that_there_are,
    m01_whoever_waits_in_a_language_that_nobody_speaks_any_more_has_a_choice,
);

const DONE: Result<Reply, ErrorCode> = Ok(Reply::Done);
const MINUTE: Millis = Millis::from_secs(60);

/// A house where one practitioner speaks French, and another German besides.
async fn house_of_languages(kind: Kind) -> House {
    let file = json!({
        "services": [{ "name": "General practice" }],
        "practitioners": [
            { "name": "Dr Martin", "languages": ["fr"] },
            { "name": "Dr Weber", "languages": ["de", "fr"] },
        ],
    });
    house_with(kind, file).await
}

fn arrive(language: &str) -> Request {
    Request::Arrive {
        name: Redacted::new("Ada".to_owned()),
        reason: Redacted::default(),
        wish: Some(Wish {
            language: Some(language.to_owned()),
            ..Wish::default()
        }),
    }
}

async fn m01_a_language_that_nobody_speaks_is_refused_with_those_that_there_are(kind: Kind) {
    let house = house_of_languages(kind).await;
    let rest = Rest::of(&house).await;
    let service = rest.get("/services").await.good()["items"][0]["id"].clone();
    let booking = |language: &str| {
        json!({
            "name": "Ada", "service": service, "language": language,
            "at": START.0 + MINUTE.0, "length": 15 * MINUTE.0,
        })
    };
    let refused = rest.post("/appointments", &booking("nl")).await;
    assert_eq!(refused.problem(), (422, "language_not_spoken".to_owned()));
    let detail = refused.json()["detail"].as_str().unwrap().to_owned();
    assert!(detail.contains("de, fr"), "{detail}");
    rest.post("/appointments", &booking("de")).await.good();

    let mut ada = house.patient().await.open().await;
    let seen = ada.patient(|it| !it.offered.is_empty()).await;
    assert_eq!(seen.offered[0].languages, ["de", "fr"]);
    let refused = ada.refused(arrive("nl")).await;
    assert_eq!(
        refused.code.sentence(),
        ErrorCode::LanguageNotSpoken.sentence()
    );
    assert!(refused.message.contains("de, fr"), "{}", refused.message);
    assert_eq!(ada.ask(arrive("de")).await, DONE);
    let mut weber = house.practitioner_at(1).await.open().await;
    weber.practitioner(|it| it.waiting.len() == 1).await;
}

async fn m01_whoever_waits_in_a_language_that_nobody_speaks_any_more_has_a_choice(kind: Kind) {
    let house = house_of_languages(kind).await;
    let mut martin = house.practitioner_at(0).await.open().await;
    let (ada, grace) = (house.patient().await, house.patient().await);
    let (mut ada, mut grace) = (ada.open().await, grace.open().await);
    for page in [&mut ada, &mut grace] {
        assert_eq!(page.ask(arrive("de")).await, DONE);
    }
    let asked = |it: &PatientSnapshot| it.visit.as_ref().is_some_and(|visit| visit.asked);
    let seen = grace.patient(|it| place(it) == Some(2)).await;
    assert!(!asked(&seen));

    let rest = Rest::of(&house).await;
    let staff = rest.get("/practitioners").await.good();
    let items = staff["items"].as_array().unwrap();
    let mut weber = items
        .iter()
        .find(|it| it["name"] == "Dr Weber")
        .unwrap()
        .clone();
    let path = format!("/practitioners/{}", weber["id"].as_str().unwrap());
    for field in ["id", "duty"] {
        weber.as_object_mut().unwrap().remove(field);
    }
    weber["languages"] = json!(["fr"]);
    rest.put(&path, &weber).await.good();
    ada.patient(asked).await;
    grace.patient(asked).await;

    // One takes whoever is free next and keeps the place; the other waits on.
    let answer = |answer| Request::Answer { answer };
    assert_eq!(ada.ask(answer(Answer::TakeNext)).await, DONE);
    ada.patient(|it| place(it) == Some(1) && !asked(it)).await;
    martin.practitioner(|it| it.waiting.len() == 1).await;
    assert_eq!(grace.ask(answer(Answer::WaitOn)).await, DONE);
    grace.patient(|it| place(it) == Some(2) && !asked(it)).await;
    weber["languages"] = json!(["de"]);
    rest.put(&path, &weber).await.good();
    let mut console = house.practitioner_at(1).await.open().await;
    let seen = console.practitioner(|it| it.waiting.len() == 2).await;
    assert_eq!(console.admit_first(seen.waiting[1].visit).await, DONE);
}
