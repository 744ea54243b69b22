//! Sessions and sockets: reloads, second tabs, restarts.

use serde_json::json;
use vestibule_protocol::ErrorCode;
use vestibule_protocol::client::Request;
use vestibule_protocol::server::{ClosingReason, Reply};
use vestibule_signaling::Rate;
use vestibule_vocab::Millis;

use crate::support::house::{START, names};
use crate::support::page::{outcome, place};
use crate::support::{Device, House, Kind, Page, Rest};

crate::on_both_stores!(
    reconnecting_equals_connecting,
    a_second_tab_takes_over_and_the_place_is_kept_once,
    the_old_socket_of_a_reloaded_page_takes_nobody_away,
    a_restart_brings_everybody_back_to_their_place,
    a_consultation_survives_a_restart_with_its_legs,
    media_flags_reach_the_other_one_and_a_reload_clears_them,
    a_session_ends_in_time,
    a_visit_that_is_forgotten_ends_its_session,
    too_many_messages_are_refused_and_then_the_socket_is_closed,
    m1_another_device_takes_over_once_the_first_lets_it_and_the_place_is_one,
    m1_a_link_that_the_clinic_makes_anew_is_a_sign_in_on_another_device,
    a_token_for_another_device_ends_soon_and_a_practitioner_gets_none,
);

async fn reconnecting_equals_connecting(kind: Kind) {
    let house = House::open_on(kind).await;
    let (ada, mut page) = house.waiting("Ada").await;
    let mut before = page.patient(|it| place(it) == Some(1)).await;
    let instance = page.instance();
    page.vanish().await;

    let mut page = ada.open_as(instance).await;
    let after = page.patient(|_| true).await;
    before.revision = after.revision;
    assert_eq!(after, before);
}

async fn a_second_tab_takes_over_and_the_place_is_kept_once(kind: Kind) {
    let house = House::open_on(kind).await;
    let mut console = house.practitioner().await.open().await;
    let (ada, mut first) = house.waiting("Ada").await;
    let mut second = ada.open().await;
    assert_eq!(
        first.farewell().await,
        (Some(ClosingReason::Replaced), Some(1000))
    );
    second.patient(|it| place(it) == Some(1)).await;
    assert_eq!(second.arrive("Ada", "").await, Ok(Reply::Done));
    let seen = console.practitioner(|it| !it.waiting.is_empty()).await;
    assert_eq!(names(&seen), ["Ada"]);
    assert!(seen.waiting[0].connected);
}

async fn the_old_socket_of_a_reloaded_page_takes_nobody_away(kind: Kind) {
    let house = House::open_on(kind).await;
    let mut console = house.practitioner().await.open().await;
    let (ada, first) = house.waiting("Ada").await;
    let _second = ada.open().await;
    // The old socket ends after the new one has taken over.
    first.vanish().await;
    let (_, _grace) = house.waiting("Grace").await;
    let seen = console.practitioner(|it| it.waiting.len() == 2).await;
    assert!(seen.waiting[0].connected);
}

async fn a_restart_brings_everybody_back_to_their_place(kind: Kind) {
    let mut house = House::open_on(kind).await;
    let (ada, mut ada_page) = house.waiting("Ada").await;
    let (grace, _grace_page) = house.waiting("Grace").await;
    let before = ada_page.patient(|it| place(it) == Some(1)).await;
    let code = house.code();

    house.restart().await;
    let farewell = ada_page.farewell().await;
    assert_eq!(farewell, (Some(ClosingReason::ShuttingDown), Some(1012)));
    assert_eq!(house.code(), code, "the printed walk-in link stays good");

    let grace = grace.moved(house.address());
    let mut page = grace.open().await;
    page.patient(|it| place(it) == Some(2)).await;
    let ada = ada.moved(house.address());
    let after = ada.open().await.patient(|it| place(it) == Some(1)).await;
    assert_eq!(after.visit, before.visit);
    assert!(
        after.revision > before.revision,
        "revisions grow across a restart"
    );
}

async fn a_consultation_survives_a_restart_with_its_legs(kind: Kind) {
    let mut house = House::open_on(kind).await;
    let doctor = house.practitioner().await;
    let mut console = doctor.open().await;
    let (ada, mut page) = house.waiting("Ada").await;
    let seen = console.practitioner(|it| it.waiting.len() == 1).await;
    console.admit(seen.waiting[0].visit).await.unwrap();
    let before = page.patient(|it| it.consultation.is_some()).await;
    house.restart().await;

    let mut page = ada.moved(house.address()).open().await;
    let after = page.patient(|it| it.consultation.is_some()).await;
    assert_eq!(after.leg, before.leg);
    let mut console = doctor.moved(house.address()).open().await;
    let mine = console.practitioner(|it| it.consultation.is_some()).await;
    let consultation = mine.consultation.unwrap().consultation;
    assert_eq!(
        Some(consultation),
        before.consultation.map(|it| it.consultation)
    );
    console
        .ask(Request::End {
            consultation,
            conclusion: None,
        })
        .await
        .unwrap();
    page.patient(|it| outcome(it).is_some()).await;
}

async fn media_flags_reach_the_other_one_and_a_reload_clears_them(kind: Kind) {
    let house = House::open_on(kind).await;
    let mut console = house.practitioner().await.open().await;
    let (ada, mut page) = house.waiting("Ada").await;
    let seen = console.practitioner(|it| it.waiting.len() == 1).await;
    console.admit(seen.waiting[0].visit).await.unwrap();
    page.patient(|it| it.consultation.is_some()).await;
    let on = Request::SetMedia {
        microphone: true,
        camera: false,
    };
    assert_eq!(page.ask(on).await, Ok(Reply::Done));
    let sound = |it: &vestibule_protocol::server::PractitionerSnapshot| {
        it.consultation
            .as_ref()
            .map(|it| it.participants[0].microphone)
    };
    console.practitioner(|it| sound(it) == Some(true)).await;
    let instance = page.instance();
    page.vanish().await;
    let same = ada.open_as(instance).await;
    console
        .practitioner(|it| {
            sound(it) == Some(true) && it.consultation.as_ref().unwrap().participants[0].connected
        })
        .await;
    drop(same);
    let _reloaded = ada.open().await;
    console.practitioner(|it| sound(it) == Some(false)).await;
}

async fn a_session_ends_in_time(kind: Kind) {
    let house = House::open_on(kind).await;
    let (ada, mut page) = house.waiting("Ada").await;
    house.advance(vestibule_signaling::limits::PATIENT_SESSION);
    assert_eq!(page.farewell().await.0, Some(ClosingReason::SessionEnded));
    let mut late = ada.connect().await;
    let refused = late.hello(&ada, page.instance()).await;
    assert_eq!(refused, Err(ErrorCode::SessionUnknown));
    assert_eq!(late.farewell().await.0, Some(ClosingReason::SessionEnded));
}

async fn a_visit_that_is_forgotten_ends_its_session(kind: Kind) {
    let house = House::open_on_with(kind, |settings| {
        settings.policy.remember = Millis::from_secs(60);
    })
    .await;
    let (_, mut page) = house.waiting("Ada").await;
    page.ask(Request::Leave).await.unwrap();
    house.advance(Millis::from_secs(61));
    assert_eq!(page.farewell().await.0, Some(ClosingReason::SessionEnded));
    let stored = house.stored().await;
    assert!(!stored.iter().any(|row| row.contains("Ada")), "{stored:?}");
}

async fn too_many_messages_are_refused_and_then_the_socket_is_closed(kind: Kind) {
    let house = House::open_on_with(kind, |settings| {
        settings.rates.messages = Rate {
            burst: 5,
            per_second: 1,
        };
    })
    .await;
    let (_, mut page) = house.waiting("Ada").await;
    for _ in 0..60 {
        page.send(Request::Ping).await;
    }
    assert_eq!(page.refusal().await, ErrorCode::RateLimited);
    assert_eq!(
        page.farewell().await,
        (Some(ClosingReason::Protocol), Some(1008))
    );
}

/// The token by which another device takes over.
async fn moving(page: &mut Page) -> String {
    match page.ask(Request::Move).await {
        Ok(Reply::Moving { token, .. }) => token.into_exposed(),
        other => panic!("{other:?}"),
    }
}

async fn m1_another_device_takes_over_once_the_first_lets_it_and_the_place_is_one(kind: Kind) {
    let house = House::open_on(kind).await;
    let mut console = house.practitioner().await.open().await;
    let (ada, mut phone) = house.waiting("Ada").await;
    let (_, _grace) = house.waiting("Grace").await;
    let token = moving(&mut phone).await;

    let mut tablet = Device::new(house.address());
    tablet.claim(&token).await.unwrap();
    let mut second = tablet.open().await;
    assert_eq!(
        phone.farewell().await,
        (Some(ClosingReason::Replaced), Some(1000))
    );
    second.patient(|it| place(it) == Some(1)).await;
    let seen = console.practitioner(|it| it.waiting.len() == 2).await;
    assert_eq!(names(&seen), ["Ada", "Grace"]);

    let mut stranger = Device::new(house.address());
    assert_eq!(stranger.claim(&token).await, Err(ErrorCode::TokenUsed));
    let mut back = ada.open().await;
    back.patient(|it| place(it) == Some(1)).await;
}

async fn m1_a_link_that_the_clinic_makes_anew_is_a_sign_in_on_another_device(kind: Kind) {
    let house = House::open_on(kind).await;
    let mut console = house.practitioner().await.open().await;
    let rest = Rest::of(&house).await;
    let services = rest.get("/services").await.good();
    let booking = json!({
        "name": "Ada", "service": services["items"][0]["id"], "at": START.0 + 60_000, "length": 60_000,
    });
    let booked = rest.post("/appointments", &booking).await.good();
    let link = format!("/appointments/{}/link", booked["id"].as_str().unwrap());
    let token = async || {
        let made = rest.get(&link).await.good();
        let (_, token) = made["path"].as_str().unwrap().split_once("#j=").unwrap();
        token.to_owned()
    };
    let first = token().await;
    let mut phone = house.device();
    phone.claim(&first).await.unwrap();
    let mut page = phone.open().await;
    page.arrive("Ada", "").await.unwrap();
    page.patient(|it| place(it) == Some(1)).await;
    let mut tablet = house.device();
    assert_eq!(tablet.claim(&first).await, Err(ErrorCode::TokenUsed));

    tablet.claim(&token().await).await.unwrap();
    let mut second = tablet.open().await;
    assert_eq!(page.farewell().await.0, Some(ClosingReason::Replaced));
    second.patient(|it| place(it) == Some(1)).await;
    let seen = console.practitioner(|it| !it.waiting.is_empty()).await;
    assert_eq!(names(&seen), ["Ada"]);
    // The first is told, and takes the place back.
    let mut back = phone.open().await;
    back.patient(|it| place(it) == Some(1)).await;
    assert_eq!(second.farewell().await.0, Some(ClosingReason::Replaced));
}

async fn a_token_for_another_device_ends_soon_and_a_practitioner_gets_none(kind: Kind) {
    let house = House::open_on(kind).await;
    let mut console = house.practitioner().await.open().await;
    assert_eq!(
        console.ask(Request::Move).await,
        Err(ErrorCode::NotPermitted)
    );
    let (_, mut phone) = house.waiting("Ada").await;
    let token = moving(&mut phone).await;
    house.clock.advance(Millis::from_secs(301));
    let mut late = Device::new(house.address());
    assert_eq!(late.claim(&token).await, Err(ErrorCode::TokenExpired));
}
