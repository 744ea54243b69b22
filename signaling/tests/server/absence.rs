//! People who are away, and what time makes of it. The clock is the test's.

use vestibule_protocol::ErrorCode;
use vestibule_protocol::server::Outcome;
use vestibule_vocab::Millis;

use crate::support::house::names;
use crate::support::page::{outcome, place};
use crate::support::{House, Kind};

crate::on_both_stores!(
    a_patient_who_is_away_keeps_the_place_for_the_grace,
    a_patient_lost_in_the_consultation_ends_it,
    a_practitioner_lost_in_the_consultation_gives_the_place_back,
    after_a_restart_the_grace_begins_for_everybody,
);

const ALMOST: Millis = Millis(119_999);
const MOMENT: Millis = Millis(1);

async fn a_patient_who_is_away_keeps_the_place_for_the_grace(kind: Kind) {
    let house = House::open_on(kind).await;
    let mut console = house.practitioner().await.open().await;
    let (ada, page) = house.waiting("Ada").await;
    let (_, mut grace) = house.waiting("Grace").await;
    page.vanish().await;
    let away = console
        .practitioner(|it| it.waiting.first().is_some_and(|it| !it.connected))
        .await;
    assert_eq!(
        console.admit(away.waiting[0].visit).await,
        Err(ErrorCode::PatientAway)
    );

    house.advance(ALMOST);
    let mut page = ada.open().await;
    page.patient(|it| place(it) == Some(1)).await;
    let back = console
        .practitioner(|it| it.waiting.first().is_some_and(|it| it.connected))
        .await;
    assert_eq!(names(&back), ["Ada", "Grace"]);

    page.vanish().await;
    console
        .practitioner(|it| it.waiting.first().is_some_and(|it| !it.connected))
        .await;
    house.advance(ALMOST);
    house.advance(MOMENT);
    console.practitioner(|it| names(it) == ["Grace"]).await;
    grace.patient(|it| place(it) == Some(1)).await;

    let mut page = ada.open().await;
    let over = page.patient(|_| true).await;
    assert_eq!(outcome(&over), Some(&Outcome::ConnectionLost));
    assert_eq!(page.arrive("Ada", "").await, Err(ErrorCode::VisitEnded));
}

async fn a_patient_lost_in_the_consultation_ends_it(kind: Kind) {
    let house = House::open_on(kind).await;
    let mut console = house.practitioner().await.open().await;
    let (_, page) = house.waiting("Ada").await;
    let seen = console.practitioner(|it| it.waiting.len() == 1).await;
    console.admit(seen.waiting[0].visit).await.unwrap();
    page.vanish().await;
    console
        .practitioner(|it| {
            it.consultation
                .as_ref()
                .is_some_and(|it| !it.participants[0].connected)
        })
        .await;
    house.advance(ALMOST);
    house.advance(MOMENT);
    let after = console
        .practitioner(|it| it.consultation.is_none() && it.ended.is_some())
        .await;
    assert_eq!(after.ended.unwrap().outcome, Outcome::ConnectionLost);
}

async fn a_practitioner_lost_in_the_consultation_gives_the_place_back(kind: Kind) {
    let house = House::open_on(kind).await;
    let doctor = house.practitioner().await;
    let mut console = doctor.open().await;
    let (_, mut ada) = house.waiting("Ada").await;
    let (_, mut grace) = house.waiting("Grace").await;
    let seen = console.practitioner(|it| it.waiting.len() == 2).await;
    console.admit(seen.waiting[0].visit).await.unwrap();
    grace.patient(|it| place(it) == Some(1)).await;
    let during = ada.patient(|it| it.consultation.is_some()).await;
    assert!(during.leg.unwrap().open);

    console.vanish().await;
    ada.patient(|it| {
        it.consultation
            .as_ref()
            .is_some_and(|it| !it.participants[1].connected)
    })
    .await;
    house.advance(ALMOST);
    house.advance(MOMENT);
    let back = ada.patient(|it| place(it) == Some(1)).await;
    assert_eq!((back.leg, back.consultation), (None, None));
    grace.patient(|it| place(it) == Some(2)).await;
    let mut console = doctor.open().await;
    console
        .practitioner(|it| names(it) == ["Ada", "Grace"])
        .await;
}

async fn after_a_restart_the_grace_begins_for_everybody(kind: Kind) {
    let mut house = House::open_on(kind).await;
    let (_ada, _page) = house.waiting("Ada").await;
    let (grace, _page) = house.waiting("Grace").await;
    house.restart().await;
    house.advance(ALMOST);
    let mut page = grace.moved(house.address()).open().await;
    page.patient(|it| place(it) == Some(2)).await;
    house.advance(MOMENT);
    page.patient(|it| place(it) == Some(1)).await;
}
