//! What shifts, and who practises what, mean for other systems that book and look.

use serde_json::{Value, json};
use vestibule_protocol::ErrorCode;
use vestibule_protocol::client::Request;
use vestibule_protocol::desk::{Duty, WaitingRoom, Wish};
use vestibule_protocol::server::{PractitionerSnapshot, Reply};
use vestibule_signaling::Settings;
use vestibule_vocab::{Redacted, ServiceId, Timestamp};

use crate::support::house::START;
use crate::support::rest::raw;
use crate::support::{House, Kind, Rest};

const MINUTE: u64 = 60_000;

crate::on_both_stores!(an_id_that_nobody_has_books_for_nobody,);

fn coded(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}

fn id(of: &Value) -> String {
    of["id"].as_str().unwrap().to_owned()
}

/// The ids of a new service and of one who practises it, in an hour's shift that begins an hour after the start, with a break.
async fn planned(rest: &Rest) -> (String, String) {
    let service = json!({ "name": "Dermatology", "specialty": "dermatology", "promise": { "typical": 30 * MINUTE, "lead": 0 } });
    let service = id(&rest.post("/services", &service).await.good());
    let pause = json!({ "from": START.0 + 80 * MINUTE, "to": START.0 + 90 * MINUTE });
    let shift =
        json!({ "from": START.0 + 60 * MINUTE, "to": START.0 + 120 * MINUTE, "breaks": [pause] });
    let doctor = json!({ "name": "Dr Peeters", "services": [service], "roster": [shift] });
    let doctor = id(&rest.post("/practitioners", &doctor).await.good());
    (service, doctor)
}

fn booking(service: &str, doctor: Option<&str>, at: u64) -> Value {
    json!({
        "name": "Ada", "service": service, "practitioner": doctor, "at": START.0 + at * MINUTE, "length": 15 * MINUTE,
    })
}

#[tokio::test]
async fn m15_appointments_are_within_the_shifts_that_are_planned() {
    let house = House::open().await;
    let rest = Rest::of(&house).await;
    let (service, doctor) = planned(&rest).await;
    for (doctor, at, opens_at) in [
        (Some(doctor.as_str()), 10, Some(60)),
        (None, 10, Some(60)),
        (Some(&doctor), 70, Some(90)),
        (Some(&doctor), 110, None),
    ] {
        let refused = rest
            .post("/appointments", &booking(&service, doctor, at))
            .await;
        assert_eq!(refused.problem(), coded(409, "off_shift"), "{at}");
        let opens_at = opens_at.map_or(Value::Null, |it: u64| json!(START.0 + it * MINUTE));
        assert_eq!(refused.json()["opens_at"], opens_at, "{at}");
    }
    let good = booking(&service, Some(&doctor), 90);
    rest.post("/appointments", &good).await.good();
}

#[tokio::test]
async fn m19_a_booking_outside_the_hours_is_told_the_next() {
    let house = House::open().await;
    let rest = Rest::of(&house).await;
    let closure = json!({ "extent": { "moments": { "from": START.0, "to": START.0 + 60 * MINUTE } }, "reason": "" });
    let service = json!({
        "name": "Dermatology", "specialty": "dermatology",
        "hours": { "zone": "Europe/Brussels", "regular": "always", "closures": [closure] },
    });
    let service = id(&rest.post("/services", &service).await.good());
    let refused = rest
        .post("/appointments", &booking(&service, None, 10))
        .await;
    assert_eq!(refused.problem(), coded(409, "service_closed"));
    assert_eq!(refused.json()["opens_at"], START.0 + 60 * MINUTE);

    // Nor does one begin in time and end behind it.
    let later = json!({ "extent": { "moments": { "from": START.0 + 100 * MINUTE, "to": START.0 + 200 * MINUTE } } });
    let path = format!("/services/{service}");
    let week = json!({ "zone": "Europe/Brussels", "regular": "always", "closures": [later] });
    let service_then = json!({ "name": "Dermatology", "specialty": "dermatology", "hours": week });
    rest.put(&path, &service_then).await.good();
    let doctor = json!({ "name": "Dr Peeters", "services": [service] });
    rest.post("/practitioners", &doctor).await.good();
    let refused = rest
        .post("/appointments", &booking(&service, None, 86))
        .await;
    assert_eq!(refused.problem(), coded(409, "service_closed"));
    assert_eq!(refused.json()["opens_at"], START.0 + 200 * MINUTE);
    let until_then = booking(&service, None, 85);
    rest.post("/appointments", &until_then).await.good();
}

#[tokio::test]
async fn m01_nobody_is_booked_for_what_nobody_or_another_practises() {
    let house = House::open().await;
    let rest = Rest::of(&house).await;
    let (service, _) = planned(&rest).await;
    let other = rest.get("/practitioners").await.good();
    let other = other["items"].as_array().unwrap();
    let other = other
        .iter()
        .find(|it| it["name"] != "Dr Peeters")
        .map(id)
        .unwrap();
    let orphan = json!({ "name": "Psychiatry", "specialty": "psychiatry" });
    let orphan = id(&rest.post("/services", &orphan).await.good());
    let nobody = "6f6c7c52-8d1f-4b5e-9d39-0a3d1f1b7c11";
    for (body, expected) in [
        (
            booking(&service, Some(&other), 60),
            coded(422, "not_practised"),
        ),
        (booking(&orphan, None, 60), coded(409, "nobody_practises")),
        (
            booking(&service, Some(nobody), 60),
            coded(422, "unknown_reference"),
        ),
    ] {
        assert_eq!(rest.post("/appointments", &body).await.problem(), expected);
    }
    let now = rest.get(&format!("/services/{orphan}/now")).await.good();
    assert_eq!(
        now["closed"],
        json!({ "reason": "nobody_practises", "opens_at": null })
    );
    let mut page = house.patient().await.open().await;
    let seen = page
        .patient(|it| it.offered.iter().any(|it| it.closed.is_some()))
        .await;
    let closed = seen.offered.iter().find(|it| it.name == "Psychiatry");
    assert!(closed.unwrap().closed.is_some());
    let wish = Wish {
        service: Some(closed.unwrap().service),
        ..Default::default()
    };
    let arrive = Request::Arrive {
        name: Redacted::new("Ada".to_owned()),
        reason: Redacted::default(),
        wish: Some(wish),
    };
    assert_eq!(page.refused(arrive).await.code, ErrorCode::NobodyPractises);
}

/// The services that a practitioner can hand a visit on to.
fn services(seen: &PractitionerSnapshot) -> Vec<&str> {
    let targets = seen.transfers.iter();
    let services = targets.filter(|it| matches!(it.to, WaitingRoom::Service(_)));
    services.map(|it| it.name.expose().as_str()).collect()
}

/// At whichever server the console is open.
#[tokio::test]
async fn m07_nobody_is_offered_to_be_handed_on_to_a_service_that_nobody_practises() {
    let two = |settings: &mut Settings| {
        let named = ["Dr Martin", "Dr Claes"].map(|it| it.parse().unwrap());
        settings.names.practitioners = named.to_vec();
    };
    let here = House::open_on_with(Kind::Postgres, two).await;
    let there = House::open_beside(&here, two).await;
    let rest = Rest::of(&here).await;
    let orphan = json!({ "name": "Psychiatry", "specialty": "psychiatry" });
    let orphan = id(&rest.post("/services", &orphan).await.good());
    let (dermatology, doctor) = planned(&rest).await;
    let mut martin = here.practitioner_at(0).await.open().await;
    let mut claes = there.practitioner_at(1).await.open().await;
    let doctor = format!("/practitioners/{doctor}");
    let practises = async |services: Vec<&str>| {
        let body = json!({ "name": "Dr Peeters", "services": services });
        rest.put(&doctor, &body).await.good();
    };
    for (practised, offered) in [
        (vec![&*dermatology], ["Dermatology", "General practice"]),
        (vec![&*orphan], ["General practice", "Psychiatry"]),
    ] {
        practises(practised).await;
        for console in [&mut martin, &mut claes] {
            console.practitioner(|it| services(it) == offered).await;
        }
    }
    practises(vec![&orphan, &dermatology]).await;
    for console in [&mut martin, &mut claes] {
        console.practitioner(|it| services(it).len() == 3).await;
    }
}

#[tokio::test]
async fn m15_whether_a_service_takes_anybody_in_is_read_as_it_is_at_this_moment() {
    let house = House::open().await;
    let rest = Rest::of(&house).await;
    let (service, _) = planned(&rest).await;
    let now = async || rest.get(&format!("/services/{service}/now")).await.good();
    assert_eq!(
        now().await["closed"],
        json!({ "reason": "nobody_on_shift", "opens_at": START.0 + 60 * MINUTE })
    );
    house.advance(vestibule_vocab::Millis(60 * MINUTE));
    assert_eq!(now().await["closed"], Value::Null);
    // The break leaves time for one, and nobody else chooses who would have it looked at.
    let arrive = Request::Arrive {
        name: Redacted::new("Ada".to_owned()),
        reason: Redacted::default(),
        wish: Some(Wish {
            service: ServiceId::parse(&service),
            ..Wish::default()
        }),
    };
    let mut page = house.patient().await.open().await;
    assert_eq!(page.ask(arrive).await, Ok(Reply::Done));
    assert_eq!(
        now().await["closed"],
        json!({ "reason": "shifts_full", "opens_at": null })
    );
    let unknown = rest
        .get("/services/6f6c7c52-8d1f-4b5e-9d39-0a3d1f1b7c11/now")
        .await;
    assert_eq!(unknown.problem(), coded(404, "not_found"));
}

async fn an_id_that_nobody_has_books_for_nobody(kind: Kind) {
    let house = House::open_on(kind).await;
    let rest = Rest::of(&house).await;
    let service = id(&rest.get("/services").await.good()["items"][0]);
    let of = |patient: &Value, at| {
        let mut body = booking(&service, None, at);
        body["patient"] = patient.clone();
        body
    };
    let other_clinic = House::open().await;
    let other = Rest::of(&other_clinic).await;
    let their_service = id(&other.get("/services").await.good()["items"][0]);
    let theirs = other
        .post("/appointments", &booking(&their_service, None, 10))
        .await
        .good();
    for unknown in [
        json!("6f6c7c52-8d1f-4b5e-9d39-0a3d1f1b7c11"),
        theirs["patient"].clone(),
    ] {
        let refused = rest.post("/appointments", &of(&unknown, 10)).await;
        assert_eq!(refused.problem(), coded(422, "unknown_patient"));
    }
    let none = rest.get("/appointments").await.good();
    assert_eq!(none["items"], json!([]));
    let new = rest
        .post("/appointments", &of(&Value::Null, 10))
        .await
        .good();
    let again = rest.post("/appointments", &of(&new["patient"], 60)).await;
    assert_eq!(again.good()["patient"], new["patient"]);
}

#[tokio::test]
async fn m15_a_break_until_a_moment_that_is_past_is_refused_wherever_it_is_set() {
    let house = House::open().await;
    let rest = Rest::of(&house).await;
    let doctor = id(&rest.get("/practitioners").await.good()["items"][0]);
    let path = format!("/practitioners/{doctor}/duty");
    let until = |at: u64| json!({ "type": "break", "until": at });
    for past in [0, START.0 - 1, START.0] {
        let refused = rest.put(&path, &until(past)).await;
        assert_eq!(refused.problem(), coded(422, "invalid_break"), "{past}");
    }
    rest.put(&path, &until(START.0 + 1)).await.good();
    let mut console = house.practitioner().await.open().await;
    let until = |at| Request::SetDuty {
        duty: Duty::Break {
            until: Some(Timestamp(at)),
        },
    };
    let refused = console.ask(until(START.0)).await;
    assert_eq!(refused, Err(ErrorCode::InvalidBreak));
    let taken = console.ask(until(START.0 + MINUTE)).await;
    assert_eq!(taken, Ok(Reply::Done));
}

#[tokio::test]
async fn a_visit_says_in_which_waiting_room_it_is() {
    let house = House::open().await;
    let rest = Rest::of(&house).await;
    let service = id(&rest.get("/services").await.good()["items"][0]);
    let doctor = id(&rest.get("/practitioners").await.good()["items"][0]);
    for (doctor, at, expected) in [
        (None, 10, json!({ "service": service })),
        (Some(doctor.as_str()), 60, json!({ "practitioner": doctor })),
    ] {
        let body = booking(&service, doctor, at);
        let booked = id(&rest.post("/appointments", &body).await.good());
        let visit = rest.get(&format!("/visits/{booked}")).await.good();
        assert_eq!(visit["waiting_room"], expected);
    }
    let listed = rest.get("/visits").await.good();
    assert!(listed["items"][0]["waiting_room"].is_object());
}

#[tokio::test]
async fn what_is_sent_with_a_write_that_takes_no_body_is_not_lost_in_silence() {
    let house = House::open().await;
    let rest = Rest::of(&house).await;
    let service = id(&rest.get("/services").await.good()["items"][0]);
    let body = booking(&service, None, 10);
    let booked = id(&rest.post("/appointments", &body).await.good());
    let cancel = format!("/appointments/{booked}/cancel");
    for (body, code) in [
        ("{\"reason\":\"ill\"}", "malformed"),
        ("[]", "malformed"),
        ("\"ill\"", "malformed"),
        ("{", "malformed"),
    ] {
        let refused = rest.ask("POST", &cancel, Some("one"), Some(body)).await;
        assert_eq!(refused.problem(), coded(400, code), "{body}");
    }
    let plain = format!(
        "Authorization: Bearer {}\r\nIdempotency-Key: one\r\nContent-Type: text/plain\r\n",
        rest.secret
    );
    let refused = raw(house.address(), "POST", &cancel, &plain, "ill").await;
    assert_eq!(refused.problem(), coded(415, "wrong_media_type"));
    let read = rest.get(&format!("/appointments/{booked}")).await.good();
    assert_eq!(read["state"], "expected");
    // An empty object says nothing either, and some programs send one.
    let done = rest.ask("POST", &cancel, Some("one"), Some("{}")).await;
    assert_eq!(done.good()["outcome"]["type"], "cancelled");
}
