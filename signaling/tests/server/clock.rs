//! A clock that is set forward under the server, which no restart is.

use serde_json::json;
use vestibule_protocol::server::PractitionerSnapshot;
use vestibule_vocab::Millis;

use crate::support::house::{START, names};
use crate::support::page::place;
use crate::support::{House, Kind, Rest};

crate::on_both_stores!(
    m02_a_clock_that_is_set_forward_gives_up_nobody_who_is_away,
    m02_a_clock_that_is_set_forward_keeps_the_time_to_come_to_an_appointment,
);

const MINUTE: u64 = 60_000;
const ALMOST: Millis = Millis(119_999);

fn away(it: &PractitionerSnapshot) -> bool {
    it.waiting.first().is_some_and(|it| !it.connected)
}

async fn m02_a_clock_that_is_set_forward_gives_up_nobody_who_is_away(kind: Kind) {
    let house = House::open_on(kind).await;
    let mut console = house.practitioner().await.open().await;
    let (ada, page) = house.waiting("Ada").await;
    page.vanish().await;
    console.practitioner(away).await;
    house.clock.set_forward(Millis(20 * MINUTE));
    let (_grace, _page) = house.waiting("Grace").await;
    console.practitioner(|it| it.waiting.len() == 2).await;
    house.advance(ALMOST);
    let mut page = ada.open().await;
    page.patient(|it| place(it) == Some(1)).await;
    let seen = console.practitioner(|it| !away(it)).await;
    assert_eq!(names(&seen), ["Ada", "Grace"]);

    // And what is left of the grace ends as ever.
    page.vanish().await;
    console.practitioner(away).await;
    house.clock.set_forward(Millis(20 * MINUTE));
    house.advance(ALMOST);
    house.advance(Millis(1));
    console.practitioner(|it| names(it) == ["Grace"]).await;
}

async fn m02_a_clock_that_is_set_forward_keeps_the_time_to_come_to_an_appointment(kind: Kind) {
    let house = House::open_on(kind).await;
    // Each server on a store of PostgreSQL's notices the step, and what is left is kept once.
    let beside = match kind {
        Kind::Sqlite => None,
        Kind::Postgres => Some(House::open_beside(&house, |_| {}).await),
    };
    let rest = Rest::of(&house).await;
    let services = rest.get("/services").await.good();
    let booking = json!({
        "name": "Ada Lovelace", "service": services["items"][0]["id"],
        "at": START.0, "length": 15 * MINUTE,
    });
    let booked = rest.post("/appointments", &booking).await.good();
    let path = format!("/appointments/{}", booked["id"].as_str().unwrap());
    house.advance(Millis(10 * MINUTE));
    house.clock.set_forward(Millis(40 * MINUTE));
    // Both servers have something to do, and do first what follows from the step.
    let (_ada, _page) = house.waiting("Ada").await;
    if let Some(beside) = &beside {
        let (_grace, _page) = beside.waiting("Grace").await;
    }
    house.advance(Millis(20 * MINUTE - 1));
    let (_eve, _page) = house.waiting("Eve").await;
    let read = rest.get(&path).await.good();
    assert_eq!(read["state"], json!("expected"));
    house.advance(Millis(1));
    let (_zoe, _page) = house.waiting("Zoe").await;
    let read = rest.get(&path).await.good();
    assert_eq!(read["outcome"]["type"], json!("no_show"));
    drop(beside);
}
