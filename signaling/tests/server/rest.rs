//! What another system does through the API, from a service to a receipt.

use serde_json::{Value, json};
use vestibule_protocol::client::Request;
use vestibule_protocol::server::{PatientSnapshot, Reply};
use vestibule_signaling::Scope;
use vestibule_vocab::{Millis, PatientId};

use crate::support::house::START;
use crate::support::page::place;
use crate::support::rest::{keys, raw};
use crate::support::{Device, House, Kind, Page, Rest};

const MINUTE: u64 = 60_000;

crate::on_both_stores!(
    a_booked_patient_comes_by_the_link_and_is_ready_when_the_payment_came,
    a_consultation_leaves_an_outcome_a_receipt_and_a_log_without_words,
    lists_are_read_page_by_page_and_what_comes_meanwhile_is_not_missed,
    a_key_is_good_until_it_is_revoked,
);

/// A service that asks for a payment, which the payment desk sees to.
fn paid_service() -> Value {
    json!({
        "name": "Dermatology",
        "specialty": "dermatology",
        "languages": ["fr", "nl"],
        "price": "30 €",
        "gates": [{
            "requires": { "gate": "payment" },
            "opened_by": { "who": "system", "system": "payment-desk", "wait": 600_000, "then": "ask_again" },
            "exceptions": ["payment_waived"],
        }],
    })
}

/// Somebody practises the service.
async fn practised(rest: &Rest, service: &str) {
    let doctor = json!({ "name": "Dr Peeters", "services": [service] });
    rest.post("/practitioners", &doctor).await.good();
}

fn id(of: &Value) -> String {
    of["id"].as_str().unwrap().to_owned()
}

async fn device_by(house: &House, path: &str) -> Device {
    let (_, token) = path.split_once("#j=").unwrap();
    let mut device = house.device();
    device.claim(token).await.unwrap();
    device
}

async fn page_by(house: &House, rest: &Rest, of: &str) -> Page {
    let link = rest.get(&format!("{of}/link")).await.good();
    device_by(house, link["path"].as_str().unwrap())
        .await
        .open()
        .await
}

async fn a_booked_patient_comes_by_the_link_and_is_ready_when_the_payment_came(kind: Kind) {
    let house = House::open_on(kind).await;
    let rest = Rest::of(&house).await;
    let made = rest.post("/services", &paid_service()).await;
    let service = id(&made.good());
    let location = made.header("location").unwrap();
    assert_eq!(location, format!("/api/v1/services/{service}"));
    let doctor = json!({ "name": "Dr Peeters", "services": [service], "languages": ["nl"] });
    let doctor = rest.post("/practitioners", &doctor).await.good();
    assert_eq!(doctor["duty"], json!({ "type": "on" }));

    let booking = json!({
        "name": "Ada 🩺 Lovelace", "service": service, "practitioner": id(&doctor),
        "language": "nl", "at": START.0 + 5 * MINUTE, "length": 15 * MINUTE,
    });
    let booked = rest.post("/appointments", &booking).await;
    assert!(!booked.body.contains("Ada"), "names stay here");
    let visit = id(&booked.good());
    let read = rest.get(&format!("/visits/{visit}")).await.good();
    assert_eq!(
        (&read["state"], &read["place"]),
        (&json!("expected"), &Value::Null)
    );

    let mut ada = page_by(&house, &rest, &format!("/appointments/{visit}")).await;
    assert_eq!(ada.arrive("Ada 🩺 Lovelace", "").await, Ok(Reply::Done));
    ada.patient(|it| place(it) == Some(1)).await;
    let read = rest.get(&format!("/visits/{visit}")).await.good();
    assert_eq!(
        (&read["state"], &read["place"]),
        (&json!("waiting"), &json!(1))
    );
    assert_eq!(
        (&read["ready"], &read["connected"]),
        (&json!(false), &json!(true))
    );
    assert_eq!(read["gates"][0]["gate"], json!({ "gate": "payment" }));
    assert_eq!(read["gates"][0]["state"], "pending");

    let gates = format!("/visits/{visit}/gates");
    let paid = json!({ "gate": { "gate": "payment" }, "answer": { "type": "open" } });
    let opened = rest.post(&gates, &paid).await.good();
    assert_eq!(
        (&opened["ready"], &opened["gates"][0]["state"]),
        (&json!(true), &json!("open"))
    );

    let foreign = json!({ "gate": { "gate": "payment" }, "answer": { "type": "refuse", "reason": "not_eligible" } });
    let (status, code) = rest.post(&gates, &foreign).await.problem();
    assert_eq!((status, code.as_str()), (422, "foreign_reason"));
    let bounced = json!({
        "gate": { "gate": "payment" },
        "answer": { "type": "refuse", "reason": "not_paid", "message": "The card was declined." },
    });
    let shut = rest.post(&gates, &bounced).await;
    assert!(!shut.body.contains("card"), "words stay here");
    assert_eq!(shut.good()["gates"][0]["reason"], "not_paid");
    assert_eq!(rest.post(&gates, &paid).await.good()["ready"], true);
}

async fn a_consultation_leaves_an_outcome_a_receipt_and_a_log_without_words(kind: Kind) {
    let house = House::open_on(kind).await;
    let rest = Rest::of(&house).await;
    let doctor = rest.get("/practitioners").await.good()["items"][0].clone();
    let (_, _ada) = house.waiting("Ada").await;
    let path = format!("/practitioners/{}", id(&doctor));
    let mut console = page_by(&house, &rest, &path).await;
    let seen = console.practitioner(|it| it.waiting.len() == 1).await;
    let visit = seen.waiting[0].visit;
    assert_eq!(console.admit(visit).await, Ok(Reply::Done));
    house.advance(Millis(7 * MINUTE));
    let during = console.practitioner(|it| it.consultation.is_some()).await;
    let consultation = during.consultation.unwrap().consultation;
    let receipt = format!("/receipts/{}", consultation.to_text());
    assert_eq!(rest.get(&receipt).await.problem().0, 404, "it lasts");
    console
        .ask(Request::End {
            consultation,
            conclusion: None,
        })
        .await
        .unwrap();
    console.practitioner(|it| it.ended.is_some()).await;

    let visit = format!("/visits/{}", visit.to_text());
    let read = rest.get(&visit).await;
    assert!(!read.body.contains("Ada"));
    assert_eq!(read.good()["outcome"]["type"], "completed");
    let receipt = rest.get(&receipt).await.good();
    let length = receipt["ended_at"].as_u64().unwrap() - receipt["started_at"].as_u64().unwrap();
    assert_eq!(
        (length, &receipt["conclusion"]),
        (7 * MINUTE, &json!("done"))
    );
    let receipts = rest.get("/receipts").await.good();
    assert_eq!(receipts["items"], json!([receipt]));
    let log = rest.get("/audit?limit=200").await;
    assert!(log.body.contains("walked_in") && log.body.contains("completed"));
    assert!(!log.body.contains("Ada"));
}

#[tokio::test]
async fn an_appointment_is_called_off_until_its_patient_came() {
    let house = House::open().await;
    let rest = Rest::of(&house).await;
    let service = id(&rest.get("/services").await.good()["items"][0]);
    let booking = json!({
        "name": "Ada", "service": service, "at": START.0 + MINUTE, "length": 15 * MINUTE,
    });
    let first = id(&rest.post("/appointments", &booking).await.good());
    let visit = rest.get(&format!("/visits/{first}")).await.good();
    assert_eq!(visit["arrived_at"], Value::Null, "nobody came yet");
    let second = id(&rest.post("/appointments", &booking).await.good());
    let cancel = format!("/appointments/{first}/cancel");
    let cancelled = rest.post(&cancel, &json!({})).await.good();
    assert_eq!(cancelled["outcome"]["type"], "cancelled");
    let visit = rest.get(&format!("/visits/{first}")).await.good();
    assert_eq!(visit["arrived_at"], Value::Null, "nobody came");
    assert_eq!(
        rest.post(&cancel, &json!({})).await.problem(),
        (409, "visit_ended".to_owned())
    );
    let link = rest.get(&format!("/appointments/{first}/link")).await;
    assert_eq!(link.problem(), (409, "visit_ended".to_owned()));
    let patient = PatientId::parse(visit["patient"].as_str().unwrap()).unwrap();
    let office = house.administration().await;
    let export = office.export(patient).await.unwrap().unwrap();
    let export: Value = serde_json::from_str(&export).unwrap();
    assert_eq!(export["visits"][0]["arrived_at"], Value::Null);

    let mut ada = page_by(&house, &rest, &format!("/appointments/{second}")).await;
    let came = |it: &PatientSnapshot| it.visit.as_ref().map(|it| it.arrived_at);
    let seen = ada.patient(|it| it.visit.is_some()).await;
    assert_eq!(came(&seen), Some(None), "nobody came yet");
    ada.arrive("Ada", "").await.unwrap();
    ada.patient(|it| came(it) == Some(Some(START))).await;
    let visit = rest.get(&format!("/visits/{second}")).await.good();
    assert_eq!(visit["arrived_at"], START.0);
    let cancel = format!("/appointments/{second}/cancel");
    assert_eq!(
        rest.post(&cancel, &json!({})).await.problem(),
        (409, "visit_active".to_owned())
    );
    let expected = rest.get("/appointments?state=expected").await.good();
    assert_eq!(expected["items"], json!([]));
    let waiting = rest.get("/appointments?state=waiting").await.good();
    assert_eq!(id(&waiting["items"][0]), second);
}

#[tokio::test]
async fn what_is_set_of_services_and_practitioners_is_read_again_and_pages_see_it() {
    let house = House::open().await;
    let rest = Rest::of(&house).await;
    let mut settings = paid_service();
    settings["hours"] = json!({
        "zone": "Europe/Brussels",
        "regular": { "weekly": { "monday": [{ "from": "09:00", "to": "12:30" }] } },
        "closures": [{ "extent": { "days": { "first": "2027-12-24", "last": "2027-12-26" } }, "reason": "Noël" }],
        "extra": [{ "hours": { "date": "2027-05-01", "span": { "from": "22:00", "to": "02:00" } } }],
    });
    settings["form"] = json!({ "questions": [{
        "code": "fever", "texts": { "fr": "Fièvre ?" }, "required": true,
        "kind": { "type": "number", "unit": { "fr": "°C" }, "decimals": 1, "min": 300, "max": 450 },
        "red_flags": [{ "is": "at_least", "value": 410 }],
    }, {
        "code": "where", "texts": { "en": "Where?" },
        "kind": { "type": "one_of", "options": [{ "code": "arm", "texts": { "en": "Arm" } }] },
        "ask_when": [{ "question": "fever", "answer": { "is": "at_most", "value": 380 } }],
    }] });
    settings["quota"] = json!({ "month": 5 });
    settings["order"] = json!({ "appointment": 1, "late": 2, "soon": 3, "urgent": 4, "bound": 5 });
    settings["promise"] = json!({ "typical": 900_000, "lead": 0 });
    let service = rest.post("/services", &settings).await.good();
    for part in ["name", "languages", "gates", "order", "promise"] {
        assert_eq!(service[part], settings[part], "{part}");
    }
    assert_eq!(service["hours"]["closures"], settings["hours"]["closures"]);
    assert_eq!(
        service["form"]["questions"][1]["ask_when"],
        settings["form"]["questions"][1]["ask_when"]
    );
    let path = format!("/services/{}", id(&service));
    assert_eq!(rest.get(&path).await.good(), service);

    // What is read can be sent back as it is, but for the id.
    let mut again = service.clone();
    again.as_object_mut().unwrap().remove("id");
    assert_eq!(rest.put(&path, &again).await.good(), service);

    let doctor = json!({
        "name": "Dr Peeters", "services": [id(&service)],
        "shield": { "day": 20, "pause": 300_000, "stretch": { "longest": 7_200_000, "rest": 900_000 } },
        "roster": [{ "from": START.0, "to": START.0 + 240 * MINUTE, "breaks": [{ "from": START.0 + MINUTE, "to": START.0 + 2 * MINUTE }] }],
    });
    let doctor = rest.post("/practitioners", &doctor).await.good();
    let path = format!("/practitioners/{}", id(&doctor));
    let until = START.0 + 10 * MINUTE;
    let duty = json!({ "type": "break", "until": until });
    let on_break = rest.put(&format!("{path}/duty"), &duty).await.good();
    assert_eq!(on_break["duty"], duty);
    let mut again = on_break.clone();
    for theirs in ["id", "duty"] {
        again.as_object_mut().unwrap().remove(theirs);
    }
    assert_eq!(
        rest.put(&path, &again).await.good(),
        on_break,
        "their duty stays theirs"
    );
}

#[tokio::test]
async fn an_outside_record_opens_a_built_in_eligibility_gate() {
    let house = House::open().await;
    let rest = Rest::of(&house).await;
    let service = json!({ "name": "Psychology", "specialty": "psychology", "gates": [{
        "requires": { "gate": "eligibility", "any_of": ["known_to_practitioner", "referred"] },
        "opened_by": { "who": "built_in" },
        "exceptions": ["own_doctor_not_available"],
    }] });
    let service = id(&rest.post("/services", &service).await.good());
    practised(&rest, &service).await;
    let booking =
        json!({ "name": "Ada", "service": service, "at": START.0 + MINUTE, "length": 15 * MINUTE });
    let visit = id(&rest.post("/appointments", &booking).await.good());
    let mut ada = page_by(&house, &rest, &format!("/appointments/{visit}")).await;
    ada.arrive("Ada", "").await.unwrap();
    let path = format!("/visits/{visit}/eligibility");
    let unknown = rest
        .put(&path, &json!({ "relations": ["seen_in_person"] }))
        .await
        .good();
    assert_eq!(unknown["gates"][0]["reason"], "not_eligible");
    let referred = rest
        .put(&path, &json!({ "relations": ["referred"] }))
        .await
        .good();
    assert_eq!(referred["ready"], true);
    let away = json!("own_doctor_not_available");
    for (said, exception) in [
        (json!({ "relations": [], "exception": away }), away),
        (json!({ "relations": ["referred"] }), Value::Null),
    ] {
        let open = rest.put(&path, &said).await.good();
        assert_eq!(open["gates"][0]["state"], "open");
        assert_eq!(open["gates"][0]["exception"], exception);
    }
}

async fn lists_are_read_page_by_page_and_what_comes_meanwhile_is_not_missed(kind: Kind) {
    let house = House::open_on(kind).await;
    let rest = Rest::of(&house).await;
    let service = id(&rest.get("/services").await.good()["items"][0]);
    let book = async |number: u64| {
        let at = START.0 + number * 20 * MINUTE;
        let booking = json!({ "name": "Ada", "service": service, "at": at, "length": 15 * MINUTE });
        id(&rest.post("/appointments", &booking).await.good())
    };
    let mut booked = Vec::new();
    for number in 1..=7 {
        booked.push(book(number).await);
    }
    for list in ["/appointments", "/visits"] {
        let mut seen = Vec::new();
        let mut path = format!("{list}?limit=3");
        loop {
            let page = rest.get(&path).await.good();
            let items = page["items"].as_array().unwrap();
            assert!(items.len() <= 3);
            seen.extend(items.iter().map(id));
            if seen.len() == 6 {
                booked.push(book(20 + booked.len() as u64).await);
            }
            match page["next"].as_str() {
                Some(next) => path = format!("{list}?limit=3&cursor={next}"),
                None => break,
            }
        }
        assert_eq!(seen, booked, "{list}");
    }
    for number in 0..5 {
        let body = json!({ "name": format!("Service {number}"), "specialty": "any" });
        rest.post("/services", &body).await.good();
    }
    let first = rest.get("/services?limit=4").await.good();
    let next = first["next"].as_str().unwrap();
    let second = rest
        .get(&format!("/services?limit=4&cursor={next}"))
        .await
        .good();
    assert_eq!(second["items"].as_array().unwrap().len(), 2);
    assert_eq!(second["next"], Value::Null);
    let foreign = rest.get(&format!("/visits?cursor={next}")).await;
    assert_eq!(foreign.problem(), (422, "invalid_cursor".to_owned()));
}

async fn a_key_is_good_until_it_is_revoked(kind: Kind) {
    let house = House::open_on(kind).await;
    let rest = Rest::with(&house, &[Scope::ServicesRead]).await;
    rest.get("/services").await.good();
    let all = keys(&house).await;
    let listed = all.list().await.unwrap();
    assert_eq!((listed[0].label.as_str(), listed.len()), ("A test", 1));
    assert!(listed[0].used_at.is_some() && listed[0].revoked_at.is_none());
    all.revoke(&rest.id).await.unwrap();
    let refused = rest.get("/services").await;
    assert_eq!(refused.problem(), (401, "unauthorized".to_owned()));
    assert_eq!(refused.header("www-authenticate"), Some("Bearer"));
    assert!(all.revoke(&rest.id).await.is_err());
}

#[tokio::test]
async fn a_key_is_stored_as_a_hash_only() {
    let house = House::open().await;
    let rest = Rest::of(&house).await;
    rest.get("/services").await.good();
    let journal = house.database().with_extension("sqlite3-wal");
    for file in [house.database(), journal] {
        let stored = std::fs::read(file).unwrap();
        let secret = rest.secret.as_bytes();
        assert!(!stored.windows(secret.len()).any(|it| it == secret));
    }
}

#[tokio::test]
async fn a_key_may_do_what_its_scopes_say_and_nothing_else() {
    let house = House::open().await;
    let reader = Rest::with(&house, &[Scope::ServicesRead]).await;
    reader.get("/services").await.good();
    let body = json!({ "name": "Dermatology", "specialty": "dermatology" });
    let nothing = "00000000-0000-4000-8000-000000000000";
    for (answer, scope) in [
        (reader.post("/services", &body).await, "services:write"),
        (reader.get("/practitioners").await, "practitioners:read"),
        (reader.get("/visits").await, "visits:read"),
        (
            reader.get(&format!("/visits/{nothing}")).await,
            "visits:read",
        ),
        (reader.get("/audit").await, "audit:read"),
        (reader.get("/receipts").await, "receipts:read"),
        (
            reader.get(&format!("/appointments/{nothing}/link")).await,
            "links:read",
        ),
    ] {
        assert_eq!(answer.problem(), (403, "forbidden".to_owned()));
        assert!(answer.body.contains(scope), "{answer:?}");
    }
    for headers in [
        "",
        "Authorization: Bearer nothing\r\n",
        "Authorization: Basic YTpi\r\n",
    ] {
        let answer = raw(house.address(), "GET", "/services", headers, "").await;
        assert_eq!(
            answer.problem(),
            (401, "unauthorized".to_owned()),
            "{headers}"
        );
    }
}

#[tokio::test]
async fn a_gate_is_answered_by_the_system_that_the_service_names_and_no_other() {
    let house = House::open().await;
    let rest = Rest::of(&house).await;
    let service = id(&rest.post("/services", &paid_service()).await.good());
    practised(&rest, &service).await;
    let booking =
        json!({ "name": "Ada", "service": service, "at": START.0 + MINUTE, "length": 15 * MINUTE });
    let visit = id(&rest.post("/appointments", &booking).await.good());
    let mut ada = page_by(&house, &rest, &format!("/appointments/{visit}")).await;
    ada.arrive("Ada", "").await.unwrap();
    let path = format!("/visits/{visit}/gates");
    let paid = json!({ "gate": { "gate": "payment" }, "answer": { "type": "open" } });
    for system in [Some("record-desk"), None] {
        let other = Rest::named(&house, system, Scope::ALL).await;
        let refused = other.post(&path, &paid).await.problem();
        assert_eq!(refused, (403, "gate_not_yours".to_owned()));
    }
    let absent = json!({ "gate": { "gate": "quota" }, "answer": { "type": "open" } });
    let refused = rest.post(&path, &absent).await.problem();
    assert_eq!(refused, (409, "gate_not_required".to_owned()));
    let waived = json!({ "gate": { "gate": "payment" }, "answer": { "type": "open", "exception": "on_call_service" } });
    let refused = rest.post(&path, &waived).await.problem();
    assert_eq!(refused, (422, "exception_not_allowed".to_owned()));
}

#[tokio::test]
async fn what_another_clinic_has_looks_like_what_there_is_not() {
    let (here, there) = (House::open().await, House::open().await);
    let (ours, theirs) = (Rest::of(&here).await, Rest::of(&there).await);
    let refused = theirs.moved(&here);
    assert_eq!(refused.get("/services").await.problem().0, 401);
    let theirs = refused.moved(&there);

    let service = id(&theirs.get("/services").await.good()["items"][0]);
    let booking =
        json!({ "name": "Ada", "service": service, "at": START.0 + MINUTE, "length": 15 * MINUTE });
    let visit = id(&theirs.post("/appointments", &booking).await.good());
    let doctor = id(&theirs.get("/practitioners").await.good()["items"][0]);
    let nothing = "7b0a1f5e-0000-4000-8000-000000000000";
    for (path, foreign) in [
        ("/services/", &service),
        ("/practitioners/", &doctor),
        ("/appointments/", &visit),
        ("/visits/", &visit),
        ("/receipts/", &visit),
    ] {
        let foreign = ours.get(&format!("{path}{foreign}")).await;
        let nothing = ours.get(&format!("{path}{nothing}")).await;
        assert_eq!(foreign.problem(), (404, "not_found".to_owned()), "{path}");
        assert_eq!(foreign.body, nothing.body, "{path}");
    }
    let foreign = ours.post("/appointments", &booking).await.problem();
    assert_eq!(foreign, (422, "unknown_reference".to_owned()));
}
