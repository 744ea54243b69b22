//! How surely it is known who a patient is: stated with the link by a system that knows, claimed by the session, asked for
//! by a gate.

use serde_json::{Value, json};
use vestibule_protocol::ErrorCode;
use vestibule_protocol::client::Request;
use vestibule_protocol::intake::{GateKind, GateReason, WhyShut};
use vestibule_protocol::server::{PatientSnapshot, Reply};
use vestibule_signaling::{ClinicFile, Rate, Scope};

use crate::support::house::START;
use crate::support::{Device, House, Kind, Page, Rest};

crate::on_both_stores!(
    m17_a_link_without_the_level_is_refused_and_one_with_it_lets_in,
    m17_the_gate_follows_the_session_that_is_open_last,
);

/// Everybody comes from one address here.
const OFTEN: Rate = Rate {
    burst: 1_000,
    per_second: 1_000,
};

async fn house(kind: Kind) -> House {
    let gate = json!({
        "requires": { "gate": "identity", "level": "substantial" },
        "opened_by": { "who": "built_in" }, "exceptions": ["identity_vouched"],
    });
    let file = json!({
        "services": [{ "name": "General practice", "gates": [gate] }],
        "practitioners": [{ "name": "Dr Martin" }],
    });
    let file = ClinicFile::parse(&file.to_string()).unwrap();
    House::open_on_with(kind, move |it| {
        it.clinic = Some(file.clone());
        it.rates.exchanges = OFTEN;
    })
    .await
}

async fn booked(rest: &Rest) -> String {
    let services = rest.get("/services").await.good();
    let booking = json!({
        "name": "Ada", "service": services["items"][0]["id"], "at": START.0 + 60_000, "length": 60_000,
    });
    let booked = rest.post("/appointments", &booking).await.good();
    booked["id"].as_str().unwrap().to_owned()
}

fn link_of(visit: &str, stated: &str) -> String {
    format!("/appointments/{visit}/link{stated}")
}

async fn by_link(house: &House, rest: &Rest, visit: &str, stated: &str) -> (Device, Page) {
    let link = rest.get(&link_of(visit, stated)).await.good();
    let (_, token) = link["path"].as_str().unwrap().split_once("#j=").unwrap();
    let mut device = house.device();
    device.claim(token).await.unwrap();
    let page = device.open().await;
    (device, page)
}

/// Why the gate of identity is shut; nothing when it is open.
fn why(snapshot: &PatientSnapshot) -> Option<&WhyShut> {
    let intake = snapshot.visit.as_ref()?.intake.as_ref()?;
    let mut shut = intake.shut.iter();
    let gate = shut.find(|it| it.gate == GateKind::Identity)?;
    Some(&gate.why)
}

fn is_too_low(snapshot: &PatientSnapshot) -> bool {
    let reason = match why(snapshot) {
        Some(WhyShut::Refused { reason, .. }) => Some(*reason),
        _ => None,
    };
    reason == Some(GateReason::LevelTooLow)
}

fn is_open(snapshot: &PatientSnapshot) -> bool {
    snapshot.visit.is_some() && why(snapshot).is_none()
}

async fn m17_a_link_without_the_level_is_refused_and_one_with_it_lets_in(kind: Kind) {
    let house = house(kind).await;
    let rest = Rest::of(&house).await;
    let mut console = house.practitioner().await.open().await;
    for (stated, opens) in [
        ("", false),
        ("?identity=link", false),
        ("?identity=low", false),
        ("?identity=substantial", true),
        ("?identity=high", true),
    ] {
        let visit = booked(&rest).await;
        let (_device, mut page) = by_link(&house, &rest, &visit, stated).await;
        assert_eq!(page.arrive("Ada", "").await, Ok(Reply::Done));
        if opens {
            page.patient(is_open).await;
        } else {
            page.patient(is_too_low).await;
        }
        let read = rest.get(&format!("/visits/{visit}")).await.good();
        assert_eq!(read["ready"], opens, "{stated}");
        let reason = if opens {
            Value::Null
        } else {
            json!("level_too_low")
        };
        assert_eq!(read["gates"][0]["reason"], reason, "{stated}");
        let seen = console.practitioner(|it| it.waiting.len() == 1).await;
        let admitted = console.admit(seen.waiting[0].visit).await;
        if opens {
            assert_eq!(admitted, Ok(Reply::Done), "{stated}");
            page.patient(|it| it.consultation.is_some()).await;
        } else {
            assert_eq!(admitted, Err(ErrorCode::GatesShut), "{stated}");
        }
        assert_eq!(page.ask(Request::Leave).await, Ok(Reply::Done));
        console
            .practitioner(|it| it.waiting.is_empty() && it.consultation.is_none())
            .await;
    }
    // Whoever walks in is known by the link alone.
    let (_walk_in, mut page) = house.waiting("Grace").await;
    page.patient(is_too_low).await;

    let visit = booked(&rest).await;
    let wrong = rest.get(&link_of(&visit, "?identity=certain")).await;
    assert_eq!(wrong.problem(), (400, "malformed".to_owned()));
    let links = Rest::with(&house, &[Scope::LinksRead]).await;
    assert_eq!(links.get(&link_of(&visit, "")).await.status, 200);
    let refused = links.get(&link_of(&visit, "?identity=high")).await;
    assert_eq!(refused.problem(), (403, "forbidden".to_owned()));
    assert!(refused.body.contains("identity:write"));
}

async fn m17_the_gate_follows_the_session_that_is_open_last(kind: Kind) {
    let mut house = house(kind).await;
    let rest = Rest::of(&house).await;
    let visit = booked(&rest).await;
    let (_first, mut page) = by_link(&house, &rest, &visit, "").await;
    assert_eq!(page.arrive("Ada", "").await, Ok(Reply::Done));
    page.patient(is_too_low).await;
    // Coming again, as often as one likes, raises nothing.
    assert_eq!(page.arrive("Ada", "").await, Ok(Reply::Done));
    page.patient(is_too_low).await;

    // The portal has seen an identity card meanwhile.
    let (surer, mut page) = by_link(&house, &rest, &visit, "?identity=high").await;
    page.patient(is_open).await;
    // Another device that is let have the place claims the same.
    let moved = page.ask(Request::Move).await;
    let Ok(Reply::Moving { token, .. }) = moved else {
        panic!("{moved:?}");
    };
    let mut device = house.device();
    device.claim(token.expose()).await.unwrap();
    device.open().await.patient(is_open).await;
    // What a session claims outlives a restart.
    house.restart().await;
    let surer = surer.moved(house.address());
    let mut page = surer.open().await;
    page.patient(is_open).await;

    let rest = rest.moved(&house);
    let (_lesser, mut page) = by_link(&house, &rest, &visit, "?identity=low").await;
    page.patient(is_too_low).await;
}
