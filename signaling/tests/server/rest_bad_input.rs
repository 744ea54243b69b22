//! What is wrong with a request is said in one form, with a stable code, and changes nothing.

use serde_json::{Value, json};
use vestibule_signaling::Rate;

use crate::support::house::START;
use crate::support::rest::raw;
use crate::support::{House, Rest};

const MINUTE: u64 = 60_000;

fn service(part: &str, value: Value) -> Value {
    let mut service = json!({ "name": "Dermatology", "specialty": "dermatology" });
    service[part] = value;
    service
}

fn coded(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}

#[tokio::test]
async fn what_http_itself_finds_wrong_is_a_problem_document_too() {
    let house = House::open().await;
    let rest = Rest::of(&house).await;
    assert_eq!(
        rest.get("/nothing").await.problem(),
        coded(404, "not_found")
    );
    assert_eq!(
        rest.get("/services/no-id").await.problem(),
        coded(404, "not_found")
    );
    let method = rest.ask("DELETE", "/services", None, None).await;
    assert_eq!(method.problem(), coded(405, "method_not_allowed"));
    assert_eq!(method.header("allow"), Some("GET,HEAD,POST"));
    let post = async |body: &str| rest.ask("POST", "/services", Some("one"), Some(body)).await;
    for malformed in [
        "",
        "{",
        "[]",
        "\u{0}",
        "{\"name\":1}",
        "{\"name\":\"x\",\"specialty\":\"x\",\"more\":1}",
    ] {
        assert_eq!(
            post(malformed).await.problem(),
            coded(400, "malformed"),
            "{malformed}"
        );
    }
    let deep = "[".repeat(100_000);
    assert_eq!(post(&deep).await.problem(), coded(400, "malformed"));
    let large = format!("{{\"name\":\"{}\"}}", "x".repeat(300_000));
    assert_eq!(post(&large).await.problem(), coded(413, "too_large"));
    let key = format!(
        "Authorization: Bearer {}\r\nIdempotency-Key: one\r\n",
        rest.secret
    );
    for kind in ["", "Content-Type: text/plain\r\n"] {
        let headers = format!("{key}{kind}");
        let answer = raw(house.address(), "POST", "/services", &headers, "{}").await;
        assert_eq!(answer.problem(), coded(415, "wrong_media_type"));
    }
    for query in [
        "limit=0",
        "limit=201",
        "limit=x",
        "limit=1&limit=2",
        "more=1",
    ] {
        let answer = rest.get(&format!("/services?{query}")).await;
        assert_eq!(answer.problem(), coded(400, "malformed"), "{query}");
    }
    for cursor in ["x", "%00", "🩺"] {
        let answer = rest.get(&format!("/services?cursor={cursor}")).await;
        assert_eq!(answer.problem(), coded(422, "invalid_cursor"), "{cursor}");
    }
    let one = rest.get("/services").await.good();
    assert_eq!(one["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn what_the_rules_refuse_has_their_code() {
    let house = House::open().await;
    let rest = Rest::of(&house).await;
    let hours = |zone: &str, from: &str, to: &str| {
        let week = json!({ "weekly": { "monday": [{ "from": from, "to": to }] } });
        service("hours", json!({ "zone": zone, "regular": week }))
    };
    let gate = |requires: Value, who: Value| {
        service("gates", json!([{ "requires": requires, "opened_by": who }]))
    };
    for (body, code) in [
        (service("name", json!("x".repeat(10_000))), "invalid_name"),
        (service("name", json!("🩺".repeat(101))), "invalid_name"),
        (service("name", json!(" \n ")), "invalid_name"),
        (service("name", json!("a\u{0}b")), "invalid_name"),
        (service("name", json!("\u{200b}\u{200b}")), "invalid_name"),
        (service("name", json!("a\u{202e}b")), "invalid_name"),
        (service("price", json!("1\u{202e}00 €")), "invalid_text"),
        (service("price", json!("x".repeat(301))), "invalid_text"),
        (
            hours("Europe/Bruxelles", "09:00", "10:00"),
            "unknown_time_zone",
        ),
        (hours("+02:00", "09:00", "10:00"), "unknown_time_zone"),
        (hours("Europe/Brussels", "25:00", "10:00"), "invalid_time"),
        (hours("Europe/Brussels", "24:00", "08:00"), "invalid_time"),
        (hours("Europe/Brussels", "10:00", "10:00"), "empty_span"),
        (
            gate(json!({ "gate": "payment" }), json!({ "who": "built_in" })),
            "not_built_in",
        ),
        (
            service(
                "form",
                json!({ "questions": [{ "code": "x", "texts": {}, "kind": { "type": "yes_no" } }] }),
            ),
            "text_missing",
        ),
    ] {
        assert_eq!(
            rest.post("/services", &body).await.problem(),
            coded(422, code)
        );
    }
    let named = service("name", json!("🩺".repeat(100)));
    rest.post("/services", &named).await.good();
}

#[tokio::test]
async fn appointments_that_cannot_be_are_refused_with_clear_codes() {
    let house = House::open().await;
    let rest = Rest::of(&house).await;
    let service = rest.get("/services").await.good()["items"][0]["id"].clone();
    let doctor = rest.get("/practitioners").await.good()["items"][0]["id"].clone();
    let booking = |at: u64, length: u64| json!({ "name": "Ada", "service": service, "practitioner": doctor, "at": START.0 + at, "length": length });
    rest.post("/appointments", &booking(10 * MINUTE, 15 * MINUTE))
        .await
        .good();
    for (body, expected) in [
        (
            booking(20 * MINUTE, 15 * MINUTE),
            coded(409, "appointment_overlaps"),
        ),
        (booking(60 * MINUTE, 1), coded(422, "invalid_time")),
        (
            booking(3 * 366 * 24 * 60 * MINUTE, 15 * MINUTE),
            coded(422, "invalid_time"),
        ),
    ] {
        assert_eq!(rest.post("/appointments", &body).await.problem(), expected);
    }
    let mut long = booking(60 * MINUTE, 15 * MINUTE);
    long["name"] = json!("é".repeat(10_000));
    let refused = rest.post("/appointments", &long).await;
    assert_eq!(refused.problem(), coded(422, "invalid_name"));
    assert!(!refused.body.contains("éé"));
    for unseen in ["\u{200b}\u{200b}", "a\u{202e}b", "a\u{2066}b", "\u{3164}"] {
        long["name"] = json!(unseen);
        let refused = rest.post("/appointments", &long).await;
        assert_eq!(refused.problem(), coded(422, "invalid_name"), "{unseen:?}");
        let told = refused.json()["detail"].clone();
        assert!(told.as_str().unwrap().contains("nobody sees"), "{told}");
    }
    let mut family = booking(90 * MINUTE, 15 * MINUTE);
    family["name"] = json!("Ada 👩\u{200d}👩\u{200d}👧");
    rest.post("/appointments", &family).await.good();
    rest.post("/appointments", &booking(25 * MINUTE, 15 * MINUTE))
        .await
        .good();
}

#[tokio::test]
async fn a_closed_service_takes_nobody_in_and_says_so() {
    let house = House::open().await;
    let rest = Rest::of(&house).await;
    let services = rest.get("/services").await.good();
    let mut service = services["items"][0].clone();
    let path = format!("/services/{}", service["id"].as_str().unwrap());
    service.as_object_mut().unwrap().remove("id");
    service["open"] = json!(false);
    rest.put(&path, &service).await.good();
    let mut page = house.patient().await.open().await;
    let refused = page.arrive("Ada", "").await;
    assert_eq!(refused, Err(vestibule_protocol::ErrorCode::ServiceClosed));
    service["open"] = json!(true);
    rest.put(&path, &service).await.good();
    page.arrive("Ada", "").await.unwrap();
}

#[tokio::test]
async fn a_key_that_asks_too_often_waits_and_another_does_not() {
    let house = House::open_with(|settings| {
        settings.rates.api = Rate {
            burst: 3,
            per_second: 1,
        };
    })
    .await;
    let (loud, quiet) = (Rest::of(&house).await, Rest::of(&house).await);
    let mut refused = 0;
    for _ in 0..20 {
        let answer = loud.get("/services").await;
        if answer.status == 429 {
            assert_eq!(answer.problem(), coded(429, "rate_limited"));
            assert_eq!(answer.header("retry-after"), Some("1"));
            refused += 1;
        }
    }
    assert!(refused > 5);
    quiet.get("/services").await.good();
}

#[tokio::test]
async fn a_list_is_no_object_and_a_whole_number_is_one_however_it_is_written() {
    let house = House::open().await;
    let rest = Rest::of(&house).await;
    for list in [json!([1, 2, 3, 0, []]), json!([null, null])] {
        let refused = rest.post("/services", &service("quota", list)).await;
        assert_eq!(refused.problem(), coded(400, "malformed"));
    }
    let quota = |month: f64| service("quota", json!({ "month": month }));
    let made = rest.post("/services", &quota(5.0)).await.good();
    assert_eq!(made["quota"]["month"], 5);
    for wrong in [5.5, 1e300, -1.0] {
        let refused = rest.post("/services", &quota(wrong)).await;
        assert_eq!(refused.problem(), coded(400, "malformed"), "{wrong}");
    }
}
