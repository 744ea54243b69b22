//! Appointments that are ahead: whoever comes early, goes and comes again. The clock is the test's.

use serde_json::json;
use vestibule_protocol::ErrorCode;
use vestibule_vocab::Millis;

use crate::support::house::{START, names};
use crate::support::page::{outcome, place};
use crate::support::{Device, House, Kind, Rest};

crate::on_both_stores!(m02_whoever_opens_the_link_two_days_before_comes_to_the_appointment_by_it,);

const HOUR: u64 = 3_600_000;
const GRACE: Millis = Millis(120_000);

/// An appointment so many hours ahead, and the device that opened its link.
async fn booked(house: &House, rest: &Rest, hours: u64) -> (String, Device) {
    let services = rest.get("/services").await.good();
    let booking = json!({
        "name": "Ada Lovelace", "service": services["items"][0]["id"],
        "at": START.0 + hours * HOUR, "length": HOUR / 4,
    });
    let booked = rest.post("/appointments", &booking).await.good();
    let appointment = format!("/appointments/{}", booked["id"].as_str().unwrap());
    let link = rest.get(&format!("{appointment}/link")).await.good();
    let (_, token) = link["path"].as_str().unwrap().split_once("#j=").unwrap();
    let mut device = house.device();
    device.claim(token).await.unwrap();
    (appointment, device)
}

async fn m02_whoever_opens_the_link_two_days_before_comes_to_the_appointment_by_it(kind: Kind) {
    let house = House::open_on(kind).await;
    let rest = Rest::of(&house).await;
    let doctor = house.practitioner().await;
    let (appointment, ada) = booked(&house, &rest, 40).await;
    let mut console = doctor.open().await;
    let mut page = ada.open().await;
    page.arrive("Ada", "").await.unwrap();
    console.practitioner(|it| names(it) == ["Ada"]).await;
    page.vanish().await;
    let away = |it: &vestibule_protocol::server::PractitionerSnapshot| {
        it.waiting.first().is_some_and(|it| !it.connected)
    };
    console.practitioner(away).await;
    house.advance(GRACE);
    console.practitioner(|it| it.waiting.is_empty()).await;

    let read = rest.get(&appointment).await.good();
    assert_eq!(read["state"], json!("expected"));
    rest.get(&format!("{appointment}/link")).await.good();
    let log = rest.get("/audit?limit=200").await;
    assert_eq!(log.body.matches("expected_again").count(), 1);

    house.advance(Millis(40 * HOUR - GRACE.0));
    let mut page = ada.open().await;
    page.arrive("Ada", "").await.unwrap();
    page.patient(|it| place(it) == Some(1)).await;

    // Once it is time, being away ends the visit when they would not have come at all, and no earlier.
    page.vanish().await;
    console.practitioner(away).await;
    house.advance(Millis(HOUR / 2));
    console.practitioner(|it| it.waiting.is_empty()).await;
    let mut page = ada.open().await;
    let over = page.patient(|it| outcome(it).is_some()).await;
    assert!(outcome(&over).is_some());
    assert_eq!(page.arrive("Ada", "").await, Err(ErrorCode::VisitEnded));
}
