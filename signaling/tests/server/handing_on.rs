//! Whoever is handed on to another service, booked beyond a quota, or waits for what nobody practises any more.

use serde_json::{Value, json};
use vestibule_protocol::ErrorCode;
use vestibule_protocol::client::{DeclineReason, Request};
use vestibule_protocol::desk::{WaitingRoom, Wish};
use vestibule_protocol::intake::{ConsentAct, GateKind, PatientIntake};
use vestibule_protocol::server::{Outcome, PatientSnapshot, PractitionerSnapshot, Reply};
use vestibule_signaling::clock::Clock as _;
use vestibule_signaling::{ClinicFile, EventKind, Scope, Zone};
use vestibule_vocab::{Millis, PatientId, Redacted, VisitId};

use super::gates::{known, only};
use super::rest_visit::{by_link, one_a_month};
use crate::support::device::random_bits;
use crate::support::house::START;
use crate::support::page::{outcome, place};
use crate::support::{House, Kind, Page, Receiver, Rest};

crate::on_both_stores!(
    m07_whoever_is_handed_on_to_a_service_that_costs_pays_there_and_counts_for_its_quota,
    m07_whoever_is_handed_on_to_a_free_service_is_shut_out_by_nothing,
    m01_whoever_waits_for_what_nobody_practises_any_more_is_told_until_somebody_does,
    m14_what_is_booked_beyond_the_quota_is_refused_and_whoever_comes_to_it_is_no_no_show,
    m14_whoever_did_not_come_is_called_back_and_handed_on_within_their_quotas,
);

const DONE: Result<Reply, ErrorCode> = Ok(Reply::Done);
const HOUR: u64 = 3_600_000;
const DAY: u64 = 24 * HOUR;

fn built_in(requires: Value) -> Value {
    json!({ "requires": requires, "opened_by": { "who": "built_in" } })
}

/// A free service, and one that costs, asks for consent and is had once a month. One practitioner does both.
async fn house_with_both(kind: Kind, first_costs: bool) -> House {
    let payment = json!({
        "requires": { "gate": "payment" },
        "opened_by": { "who": "system", "system": "bank", "wait": 60_000, "then": "ask_again" },
    });
    let consent = built_in(json!({ "gate": "consent", "version": "v9" }));
    let identity = built_in(json!({ "gate": "identity", "level": "link" }));
    let free = json!({ "name": "Free", "price": "nothing" });
    let capped = json!({
        "name": "Capped", "price": "40 euros", "quota": { "month": 1, "counts_after": 0 },
        "gates": [payment, identity, consent],
    });
    let services = if first_costs {
        json!([capped, free])
    } else {
        json!([free, capped])
    };
    let file = json!({ "services": services, "practitioners": [{ "name": "Dr Martin" }] });
    let file = ClinicFile::parse(&file.to_string()).unwrap();
    House::open_on_with(kind, move |settings| {
        settings.clinic = Some(file.clone());
        settings.webhooks.allow_private = vec!["127.0.0.0/8".parse().unwrap()];
    })
    .await
}

fn target(seen: &PractitionerSnapshot, name: &str) -> WaitingRoom {
    let mut targets = seen.transfers.iter();
    targets.find(|it| it.name.expose() == name).unwrap().to
}

fn intake(seen: &PatientSnapshot) -> Option<&PatientIntake> {
    seen.visit.as_ref()?.intake.as_ref()
}

fn shut(seen: &PatientSnapshot) -> Vec<GateKind> {
    let shut = intake(seen).map_or(&[][..], |it| &it.shut);
    shut.iter().map(|it| it.gate.clone()).collect()
}

/// Whoever waits is handed on there.
async fn handed_on(console: &mut Page, name: &str) -> (VisitId, Request) {
    let visit = only(console).await;
    let seen = console.practitioner(|it| !it.transfers.is_empty()).await;
    let to = target(&seen, name);
    (visit, Request::Transfer { visit, to })
}

async fn m07_whoever_is_handed_on_to_a_service_that_costs_pays_there_and_counts_for_its_quota(
    kind: Kind,
) {
    let mut receiver = Receiver::open().await;
    let house = house_with_both(kind, false).await;
    let office = house.administration().await;
    let (url, now) = (receiver.url().parse().unwrap(), house.clock.now());
    let asked = [EventKind::GateAsked];
    office.add_webhook(&url, &asked, None, now).await.unwrap();
    let mut console = house.practitioner().await.open().await;
    let patient = PatientId::from_random(random_bits());
    let (_ada, mut ada) = known(&house, patient).await;
    assert_eq!(ada.arrive("Ada", "").await, DONE);
    let (visit, transfer) = handed_on(&mut console, "Capped").await;
    let seen = ada.patient(|it| place(it) == Some(1)).await;
    assert_eq!(shut(&seen), []);

    assert_eq!(console.ask(transfer).await, DONE);
    let all = [GateKind::Payment, GateKind::Consent];
    let seen = ada.patient(|it| shut(it) == all).await;
    assert_eq!(intake(&seen).unwrap().price, "40 euros");
    assert_eq!(console.admit(visit).await, Err(ErrorCode::GatesShut));
    let told = receiver.next().await.says();
    assert_eq!(told["data"]["gate"], "payment");
    let rest = Rest::of(&house).await;
    let services = rest.get("/services").await.good();
    let mut services = services["items"].as_array().unwrap().iter();
    let capped = services.find(|it| it["name"] == "Capped").unwrap();
    assert_eq!(told["data"]["service"], capped["id"]);

    let bank = Rest::named(&house, Some("bank"), &[Scope::GatesWrite]).await;
    let path = format!("/visits/{}/gates", visit.to_text());
    let paid = json!({ "gate": { "gate": "payment" }, "answer": { "type": "open" } });
    bank.post(&path, &paid).await.good();
    let consent = Request::Consent {
        act: ConsentAct::Given,
        version: "v9".to_owned(),
    };
    assert_eq!(ada.ask(consent).await, DONE);
    is_seen(&house, &mut console, visit).await;

    let (_again, mut again) = known(&house, patient).await;
    assert_eq!(again.arrive("Ada", "").await, DONE);
    let (visit, transfer) = handed_on(&mut console, "Capped").await;
    let refused = console.refused(transfer).await;
    assert_eq!(refused.code, ErrorCode::QuotaReached);
    assert!(refused.message.contains("a month"), "{}", refused.message);
    // The clock begins on 15 January; the month of Brussels ends an hour before that of UTC.
    let february = START.0 - START.0 % DAY + 17 * DAY - HOUR;
    assert_eq!(refused.opens_at.map(|it| it.0), Some(february));
    assert_eq!(console.admit(visit).await, DONE, "it waits where it was");
    // The log holds, and tells.
    let told = office.explain(visit, Zone::default()).await;
    assert!(!told.unwrap().is_empty());
}

async fn m07_whoever_is_handed_on_to_a_free_service_is_shut_out_by_nothing(kind: Kind) {
    let house = house_with_both(kind, true).await;
    let mut console = house.practitioner().await.open().await;
    let (_ada, mut ada) = house.waiting("Ada").await;
    ada.patient(|it| shut(it).len() == 2).await;
    let (visit, transfer) = handed_on(&mut console, "Free").await;
    assert_eq!(console.ask(transfer).await, DONE);
    let seen = ada.patient(|it| shut(it).is_empty()).await;
    assert_eq!(intake(&seen), None, "no price of what is not asked for");
    assert_eq!(console.admit(visit).await, DONE);
}

fn nobody(seen: &PatientSnapshot) -> bool {
    seen.visit.as_ref().is_some_and(|it| it.nobody_practises)
}

async fn m01_whoever_waits_for_what_nobody_practises_any_more_is_told_until_somebody_does(
    kind: Kind,
) {
    let file = json!({
        "services": [{ "name": "A" }, { "name": "B" }],
        "practitioners": [{ "name": "Dr Martin", "services": ["A"] }],
    });
    let house = super::asked_again::house_with(kind, file).await;
    let rest = Rest::of(&house).await;
    let services = rest.get("/services").await.good()["items"].clone();
    let id_of = |name: &str| {
        let mut services = services.as_array().unwrap().iter();
        services.find(|it| it["name"] == name).unwrap()["id"].clone()
    };
    let doctors = rest.get("/practitioners").await.good()["items"].clone();
    let doctor = format!("/practitioners/{}", doctors[0]["id"].as_str().unwrap());
    let practises = |name: &str| json!({ "name": "Dr Martin", "services": [id_of(name)] });

    let (_ada, mut ada) = house.waiting("Ada").await;
    let seen = ada.patient(|it| place(it) == Some(1)).await;
    assert!(!nobody(&seen));
    rest.put(&doctor, &practises("B")).await.good();
    house.advance(Millis::from_secs(2));
    let seen = ada.patient(nobody).await;
    assert_eq!(place(&seen), Some(1), "the place is kept");
    let visit = seen.visit.unwrap().visit;
    let path = format!("/visits/{}", visit.to_text());
    assert_eq!(rest.get(&path).await.good()["nobody_practises"], true);

    rest.put(&doctor, &practises("A")).await.good();
    house.advance(Millis::from_secs(2));
    ada.patient(|it| place(it) == Some(1) && !nobody(it)).await;
    assert_eq!(rest.get(&path).await.good()["nobody_practises"], false);
}

/// Somebody is seen for ten minutes.
pub(super) async fn is_seen(house: &House, console: &mut Page, visit: VisitId) {
    assert_eq!(console.admit(visit).await, DONE);
    let seen = console.practitioner(|it| it.consultation.is_some()).await;
    house.advance(Millis(HOUR / 6));
    let end = Request::End {
        consultation: seen.consultation.unwrap().consultation,
        conclusion: None,
    };
    assert_eq!(console.ask(end).await, DONE);
}

/// Whoever is booked comes to dermatology without an appointment.
async fn walks_in_and_is_seen(house: &House, console: &mut Page, booked: &Value) -> Page {
    let patient = PatientId::parse(booked["patient"].as_str().unwrap()).unwrap();
    let (_device, mut page) = known(house, patient).await;
    let seen = page.patient(|it| !it.offered.is_empty()).await;
    let offered = seen.offered.iter().find(|it| it.name == "Dermatology");
    let walk_in = Request::Arrive {
        name: Redacted::new("Ada".to_owned()),
        reason: Redacted::default(),
        wish: Some(Wish {
            service: offered.map(|it| it.service),
            ..Wish::default()
        }),
    };
    assert_eq!(page.ask(walk_in).await, DONE);
    let visit = only(console).await;
    is_seen(house, console, visit).await;
    page
}

async fn m14_what_is_booked_beyond_the_quota_is_refused_and_whoever_comes_to_it_is_no_no_show(
    kind: Kind,
) {
    let house = House::open_on(kind).await;
    let rest = Rest::of(&house).await;
    let (service, mut console) = one_a_month(&house, &rest).await;
    let mut booking = json!({
        "name": "Ada", "service": service, "length": 60_000, "at": START.0 + 2 * HOUR,
    });
    let booked = rest.post("/appointments", &booking).await.good();
    booking["patient"] = booked["patient"].clone();
    booking["at"] = json!(START.0 + DAY);
    let beyond = rest.post("/appointments", &booking).await;
    assert_eq!(beyond.problem(), (409, "quota_reached".to_owned()));
    let february = START.0 - START.0 % DAY + 17 * DAY - HOUR;
    assert_eq!(beyond.json()["opens_at"], february);
    assert!(beyond.body.contains("The period is a month"), "{beyond:?}");
    booking["at"] = json!(february);
    rest.post("/appointments", &booking).await.good();

    // Ada cannot wait for it.
    let _early = walks_in_and_is_seen(&house, &mut console, &booked).await;

    let appointment = format!("/appointments/{}", booked["id"].as_str().unwrap());
    let mut page = by_link(&house, &rest, &appointment).await;
    assert_eq!(page.arrive("Ada", "").await, DONE);
    let declined = |it: &PatientSnapshot| {
        matches!(
            outcome(it),
            Some(Outcome::Declined {
                reason: DeclineReason::QuotaReached,
                ..
            })
        )
    };
    page.patient(declined).await;
    house.advance(Millis(4 * HOUR));
    let read = rest.get(&appointment).await.good();
    assert_eq!(read["state"], "ended");
    assert_eq!(read["outcome"]["type"], "declined");
    assert_eq!(read["outcome"]["reason"], "quota_reached");
}

async fn m14_whoever_did_not_come_is_called_back_and_handed_on_within_their_quotas(kind: Kind) {
    let house = House::open_on(kind).await;
    let rest = Rest::of(&house).await;
    let (service, mut skin) = one_a_month(&house, &rest).await;
    let mut martin = house.practitioner().await.open().await;
    let mut booking = json!({
        "name": "Ada", "service": service, "length": 60_000, "at": START.0 + HOUR,
    });
    let booked = rest.post("/appointments", &booking).await.good();
    booking["patient"] = booked["patient"].clone();
    let services = rest.get("/services").await.good();
    let mut ids = services["items"].as_array().unwrap().iter();
    let other = ids.find(|it| it["id"] != service).unwrap();
    booking["service"] = other["id"].clone();
    booking["at"] = json!(START.0 + 2 * HOUR);
    let later = rest.post("/appointments", &booking).await.good();
    let early = walks_in_and_is_seen(&house, &mut skin, &booked).await;
    early.vanish().await;
    house.advance(Millis(4 * HOUR));

    let missed = skin.practitioner(|it| it.missed.len() == 1).await.missed;
    let visit = missed[0].visit;
    let refused = skin.refused(Request::Call { visit }).await;
    assert_eq!(refused.code, ErrorCode::QuotaReached);
    assert!(refused.opens_at.is_some());

    let missed = martin.practitioner(|it| it.missed.len() == 1).await.missed;
    let visit = missed[0].visit;
    assert_eq!(martin.ask(Request::Call { visit }).await, DONE);
    let later = format!("/appointments/{}", later["id"].as_str().unwrap());
    let mut page = by_link(&house, &rest, &later).await;
    page.patient(|it| place(it) == Some(1)).await;
    let (called, transfer) = handed_on(&mut martin, "Dermatology").await;
    assert_eq!(called, visit);
    let refused = martin.refused(transfer).await;
    assert_eq!(refused.code, ErrorCode::QuotaReached);
}
