//! A guardian with several dependants, on one device.

use serde_json::{Value, json};
use vestibule_protocol::ErrorCode;
use vestibule_protocol::company::{CompanionRole, CompanionState};
use vestibule_protocol::server::Reply;
use vestibule_signaling::ClinicFile;

use crate::support::house::{START, names};
use crate::support::page::{outcome, place};
use crate::support::{Device, House, Kind, Page, Rest};

crate::on_both_stores!(
    m08_a_guardian_holds_visits_of_two_dependants_at_once_on_one_device,
    m08_a_guardian_who_comes_with_two_dependants_at_once_opens_the_gates_of_both,
);

const DONE: Result<Reply, ErrorCode> = Ok(Reply::Done);
const MINUTE: u64 = 60_000;

/// The visits of a dependant, as many as are planned.
async fn booked(rest: &Rest, name: &str, hours: &[u64]) -> Vec<String> {
    let service = rest.get("/services").await.good()["items"][0]["id"].clone();
    let mut patient = Value::Null;
    let mut visits = Vec::new();
    for hour in hours {
        let at = START.0 + 5 * MINUTE + hour * 60 * MINUTE;
        let booking = json!({
            "name": name, "service": service, "patient": patient, "at": at, "length": 15 * MINUTE,
        });
        let booked = rest.post("/appointments", &booking).await.good();
        patient = booked["patient"].clone();
        visits.push(booked["id"].as_str().unwrap().to_owned());
    }
    visits
}

/// The guardian opens one more link in the same browser.
async fn opened(guardian: &Device, rest: &Rest, visit: &str) -> (Device, Page) {
    let link = rest
        .get(&format!("/appointments/{visit}/link"))
        .await
        .good();
    let (_, token) = link["path"].as_str().unwrap().split_once("#j=").unwrap();
    let mut device = guardian.beside();
    device.claim(token).await.unwrap();
    let page = device.open().await;
    (device, page)
}

async fn m08_a_guardian_holds_visits_of_two_dependants_at_once_on_one_device(kind: Kind) {
    let house = House::open_on(kind).await;
    let rest = Rest::of(&house).await;
    let emma = booked(&rest, "Emma", &[0, 1]).await;
    let noah = booked(&rest, "Noah", &[0]).await;
    let mut console = house.practitioner().await.open().await;
    let guardian = house.device();
    let (emmas_device, mut emmas) = opened(&guardian, &rest, &emma[0]).await;
    let (_noahs_device, mut noahs) = opened(&guardian, &rest, &noah[0]).await;
    assert_eq!(emmas.arrive("Emma", "").await, DONE);
    assert_eq!(noahs.arrive("Noah", "").await, DONE);
    emmas.patient(|it| place(it) == Some(1)).await;
    noahs.patient(|it| place(it) == Some(2)).await;
    let seen = console.practitioner(|it| it.waiting.len() == 2).await;
    assert_eq!(names(&seen), ["Emma", "Noah"], "two patients, not one");

    // Each of them has one visit that is active, whoever holds it.
    let (second, mut page) = opened(&guardian, &rest, &emma[1]).await;
    // It leads to the one that there is, and begins no other.
    page.patient(|it| place(it) == Some(1)).await;
    assert_eq!(page.arrive("Emma", "").await, DONE);
    let other = rest.get(&format!("/visits/{}", emma[1])).await.good();
    assert_eq!(other["state"], "expected");
    let mut emmas = emmas_device.open().await;
    emmas.patient(|it| place(it) == Some(1)).await;

    // One is seen, the other keeps the place.
    assert_eq!(console.admit(seen.waiting[0].visit).await, DONE);
    emmas.patient(|it| it.consultation.is_some()).await;
    noahs.patient(|it| place(it) == Some(1)).await;
    assert_eq!(
        emmas.ask(vestibule_protocol::client::Request::Leave).await,
        DONE
    );
    emmas.patient(|it| outcome(it).is_some()).await;
    let seen = noahs.patient(|it| place(it) == Some(1)).await;
    assert!(seen.consultation.is_none());
    console.practitioner(|it| names(it) == ["Noah"]).await;
    // Once it is over, the next may begin.
    let mut page = second.open().await;
    assert_eq!(page.arrive("Emma", "").await, DONE);
    page.patient(|it| place(it) == Some(2)).await;
}

async fn m08_a_guardian_who_comes_with_two_dependants_at_once_opens_the_gates_of_both(kind: Kind) {
    let parent = json!({
        "requires": { "gate": "companion", "role": "parent" }, "opened_by": { "who": "built_in" },
    });
    let file = json!({
        "services": [{ "name": "Paediatrics", "gates": [parent] }],
        "practitioners": [{ "name": "Dr Martin" }],
    });
    let file = ClinicFile::parse(&file.to_string()).unwrap();
    let house = House::open_on_with(kind, move |it| it.clinic = Some(file.clone())).await;
    let mut console = house.practitioner().await.open().await;
    let guardian = house.device();
    let mut pages = Vec::new();
    for (place, name) in ["Emma", "Noah"].into_iter().enumerate() {
        let (_, mut page) = house.waiting(name).await;
        let seen = console
            .practitioner(|it| it.waiting.len() == place + 1)
            .await;
        let visit = seen.waiting[place].visit;
        assert_eq!(console.admit(visit).await, Err(ErrorCode::GatesShut));
        let (_, token) = page.invite(None, CompanionRole::Parent).await.unwrap();
        let mut device = guardian.beside();
        device.claim(&token).await.unwrap();
        let mut company = device.open().await;
        assert_eq!(company.arrive("Sofie", "").await, DONE);
        company
            .companion(|it| matches!(it.state, CompanionState::Waiting { .. }))
            .await;
        pages.push((visit, page, company));
    }
    // Both are ready while the guardian is with both.
    let ready = |it: &vestibule_protocol::server::PractitionerSnapshot| {
        it.waiting.iter().all(|entry| {
            entry
                .intake
                .as_ref()
                .is_none_or(|intake| intake.shut.is_empty())
        })
    };
    console
        .practitioner(|it| it.waiting.len() == 2 && ready(it))
        .await;
    assert_eq!(console.admit(pages[0].0).await, DONE);
    pages[0].2.companion(|it| it.consultation.is_some()).await;
    let waits = pages[1].2.companion(|_| true).await;
    assert!(
        waits.consultation.is_none(),
        "with Noah the guardian waits on"
    );
}
