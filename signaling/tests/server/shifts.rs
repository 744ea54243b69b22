//! Shifts that turn while people wait for the practitioner by name, where two servers serve them.

use serde_json::{Value, json};
use vestibule_protocol::client::Request;
use vestibule_protocol::desk::{Answer, Wish};
use vestibule_protocol::server::{PatientSnapshot, Reply};
use vestibule_vocab::{Millis, PractitionerId, Redacted, ServiceId};

use crate::support::house::START;
use crate::support::{Device, House, Kind, Page, Rest};

const MINUTE: u64 = 60_000;

/// Longer than any server waits for the one that wrote last.
const ANY_LAG: Millis = Millis(5_000);

async fn two() -> (House, House) {
    let here = House::open_on(Kind::Postgres).await;
    let there = House::open_beside(&here, |_| {}).await;
    (here, there)
}

fn id(of: &Value) -> String {
    of["id"].as_str().unwrap().to_owned()
}

/// What somebody asks for who waits for a practitioner whose shift ends after an hour, and who comes back two hours later.
async fn planned(rest: &Rest) -> Wish {
    let service = json!({ "name": "Dermatology", "specialty": "dermatology" });
    let service = id(&rest.post("/services", &service).await.good());
    let shift = |from: u64, to: u64| json!({ "from": START.0 + from * MINUTE, "to": START.0 + to * MINUTE, "breaks": [] });
    let roster = [shift(0, 60), shift(180, 240)];
    let doctor = json!({ "name": "Dr Peeters", "services": [service], "roster": roster });
    let doctor = id(&rest.post("/practitioners", &doctor).await.good());
    Wish {
        service: ServiceId::parse(&service),
        practitioner: PractitionerId::parse(&doctor),
        ..Wish::default()
    }
}

/// A patient who has arrived there and waits for that practitioner.
async fn waiting(house: &House, wish: Wish) -> (Device, Page) {
    let device = house.patient().await;
    let mut page = device.open().await;
    let arrive = Request::Arrive {
        name: Redacted::new("Ada".to_owned()),
        reason: Redacted::default(),
        wish: Some(wish),
    };
    assert_eq!(page.ask(arrive).await, Ok(Reply::Done));
    (device, page)
}

fn is_asked(snapshot: &PatientSnapshot) -> bool {
    snapshot.visit.as_ref().is_some_and(|visit| visit.asked)
}

/// Has this server be the one that wrote last, and that is next to do what time brings; the page at the other has seen it.
async fn leads(rest: &Rest, wish: &Wish, seen_by: &mut Page) {
    let path = format!(
        "/practitioners/{}/duty",
        wish.practitioner.unwrap().to_text()
    );
    rest.put(&path, &json!({ "type": "off" })).await.good();
    seen_by.patient(is_asked).await;
    rest.put(&path, &json!({ "type": "on" })).await.good();
    seen_by.patient(|it| !is_asked(it)).await;
}

/// The server has done by now whatever it does at this moment, and the page has been told of it.
async fn catch_up(house: &House, page: &mut Page) {
    let (_somebody, _waiting) = house.waiting("Grace").await;
    assert_eq!(page.ask(Request::Ping).await, Ok(Reply::Done));
}

#[tokio::test]
async fn m01_whoever_waits_at_another_server_is_asked_when_this_one_ends_the_shift() {
    let (here, there) = two().await;
    let rest = Rest::of(&here).await;
    let wish = planned(&rest).await;
    let (_ada, mut ada) = waiting(&there, wish.clone()).await;
    leads(&rest, &wish, &mut ada).await;
    // The other one gives this one a moment, which its clock does not reach.
    here.advance(Millis(60 * MINUTE));
    ada.patient(is_asked).await;
    here.advance(Millis(60 * MINUTE));
    ada.patient(|it| !is_asked(it)).await;
}

#[tokio::test]
async fn m01_whoever_chose_to_wait_on_is_not_asked_again_when_the_other_server_sees_the_shift_end()
{
    let (here, there) = two().await;
    let rest = Rest::of(&here).await;
    let wish = planned(&rest).await;
    let (_ada, mut ada) = waiting(&there, wish.clone()).await;
    leads(&rest, &wish, &mut ada).await;
    here.advance(Millis(60 * MINUTE));
    ada.patient(is_asked).await;
    let answer = Answer::WaitOn;
    assert_eq!(ada.ask(Request::Answer { answer }).await, Ok(Reply::Done));
    ada.patient(|it| !is_asked(it)).await;
    here.advance(ANY_LAG);
    for house in [&there, &here, &there] {
        catch_up(house, &mut ada).await;
        assert!(!is_asked(ada.seen_by_patient().unwrap()));
    }
}

#[tokio::test]
async fn m01_nor_when_a_server_starts_after_the_shift_ended() {
    let (mut here, there) = two().await;
    let rest = Rest::of(&there).await;
    let wish = planned(&rest).await;
    let (_ada, mut ada) = waiting(&there, wish).await;
    here.advance(Millis(60 * MINUTE));
    ada.patient(is_asked).await;
    let answer = Answer::WaitOn;
    assert_eq!(ada.ask(Request::Answer { answer }).await, Ok(Reply::Done));
    ada.patient(|it| !is_asked(it)).await;
    here.restart().await;
    here.advance(ANY_LAG);
    for house in [&here, &there] {
        catch_up(house, &mut ada).await;
        assert!(!is_asked(ada.seen_by_patient().unwrap()));
    }
}
