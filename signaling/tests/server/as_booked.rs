//! What somebody may still wish for who comes to an appointment, over real sockets, and what they are offered.

use serde_json::{Value, json};
use vestibule_protocol::ErrorCode;
use vestibule_protocol::client::Request;
use vestibule_protocol::desk::{Urgency, Wish};
use vestibule_protocol::server::{ClosingReason, PatientSnapshot, Reply};
use vestibule_signaling::Settings;
use vestibule_vocab::{Millis, PractitionerId, Redacted, ServiceId, VisitId};

use crate::support::device::new_instance;
use crate::support::house::START;
use crate::support::page::place;
use crate::support::{Device, House, Kind, Page, Rest};

crate::on_both_stores!(
    m01_a_wish_that_contradicts_the_booking_is_refused_and_the_answer_says_what_to_do,
    m01_an_appointment_that_names_nobody_takes_a_wish_for_somebody_of_its_service,
    m01_whoever_comes_to_an_appointment_is_offered_those_who_could_keep_it_and_nobody_else,
    m06_the_link_of_another_appointment_leads_to_the_visit_that_its_patient_is_in,
    m06_whoever_looks_at_a_visit_that_has_ended_is_not_there_for_the_one_they_are_called_back_to,
    m06_a_page_that_shows_another_appointment_shows_the_visit_that_its_patient_is_called_back_to,
);

const MINUTE: u64 = 60_000;
const DONE: Result<Reply, ErrorCode> = Ok(Reply::Done);

fn of_two(settings: &mut Settings) {
    let named = ["Dr Martin", "Dr Peeters"].map(|it| it.parse().unwrap());
    settings.names.practitioners = named.to_vec();
}

/// Two practitioners of one service, and another service that a third practises.
struct Practice {
    house: House,
    rest: Rest,
    service: String,
    martin: String,
    peeters: String,
    another_service: String,
}

fn id(of: &Value) -> String {
    of["id"].as_str().unwrap().to_owned()
}

impl Practice {
    async fn open(kind: Kind) -> Self {
        let house = House::open_on_with(kind, of_two).await;
        let rest = Rest::of(&house).await;
        let service = id(&rest.get("/services").await.good()["items"][0]);
        let known = rest.get("/practitioners").await.good();
        let called = |name: &str| {
            let mut known = known["items"].as_array().unwrap().iter();
            id(known.find(|it| it["name"] == name).unwrap())
        };
        let (martin, peeters) = (called("Dr Martin"), called("Dr Peeters"));
        let another = json!({ "name": "Dermatology", "specialty": "dermatology" });
        let another_service = id(&rest.post("/services", &another).await.good());
        let doctor = json!({ "name": "Dr Claes", "services": [another_service] });
        rest.post("/practitioners", &doctor).await.good();
        Self {
            house,
            rest,
            service,
            martin,
            peeters,
            another_service,
        }
    }

    /// An appointment in so many minutes, with somebody or with whoever is free, as it is answered.
    async fn book(&self, minutes: u64, practitioner: Option<&str>) -> Value {
        let booking = json!({
            "name": "Ada Lovelace", "service": self.service, "practitioner": practitioner,
            "at": START.0 + minutes * MINUTE, "length": 10 * MINUTE,
        });
        self.rest.post("/appointments", &booking).await.good()
    }

    /// Another one of the same patient.
    async fn book_again(&self, before: &Value, minutes: u64) -> Value {
        let booking = json!({
            "name": "Ada Lovelace", "service": self.service, "patient": before["patient"],
            "at": START.0 + minutes * MINUTE, "length": 10 * MINUTE,
        });
        self.rest.post("/appointments", &booking).await.good()
    }

    /// The page that its link opens.
    async fn page_of(&self, booked: &Value) -> Page {
        self.device_of(booked).await.open().await
    }

    /// The device that its link is opened on.
    async fn device_of(&self, booked: &Value) -> Device {
        let link = format!("/appointments/{}/link", id(booked));
        let path = self.rest.get(&link).await.good()["path"].clone();
        let (_, token) = path.as_str().unwrap().split_once("#j=").unwrap();
        let mut device = self.house.device();
        device.claim(token).await.unwrap();
        device
    }
}

fn comes(wish: Wish) -> Request {
    Request::Arrive {
        name: Redacted::new("Ada".to_owned()),
        reason: Redacted::default(),
        wish: Some(wish),
    }
}

fn for_service(id: &str) -> Wish {
    Wish {
        service: Some(ServiceId::parse(id).unwrap()),
        ..Wish::default()
    }
}

fn by(id: &str) -> Wish {
    Wish {
        practitioner: Some(PractitionerId::parse(id).unwrap()),
        ..Wish::default()
    }
}

fn for_their_own() -> Wish {
    Wish {
        regular: true,
        ..Wish::default()
    }
}

fn with(snapshot: &PatientSnapshot) -> Option<&str> {
    let visit = snapshot.visit.as_ref()?;
    Some(visit.practitioner.as_ref()?.expose().as_str())
}

/// The names of whom somebody can ask for, service by service.
fn offered(snapshot: &PatientSnapshot) -> Vec<(&str, Vec<&str>)> {
    let services = snapshot.offered.iter().map(|service| {
        let people = service.practitioners.iter();
        let mut names: Vec<&str> = people.map(|it| it.name.expose().as_str()).collect();
        names.sort_unstable();
        (service.name.as_str(), names)
    });
    services.collect()
}

async fn m01_a_wish_that_contradicts_the_booking_is_refused_and_the_answer_says_what_to_do(
    kind: Kind,
) {
    let practice = Practice::open(kind).await;
    let booked = practice.book(10, Some(&practice.martin)).await;
    let mut page = practice.page_of(&booked).await;
    let seen = page.patient(|it| it.visit.is_some()).await;
    assert_eq!(offered(&seen), [], "nothing that would be refused");
    let set = json!({ "practitioner": practice.peeters });
    let of = format!("/patients/{}/regular", booked["patient"].as_str().unwrap());
    practice.rest.put(&of, &set).await.good();
    for wish in [
        for_service(&practice.another_service),
        by(&practice.peeters),
        for_their_own(),
    ] {
        let refused = page.refused(comes(wish)).await;
        assert_eq!(refused.code, ErrorCode::BookedOtherwise);
        assert!(
            refused.message.contains("come to it without that wish"),
            "{}",
            refused.message
        );
    }
    let as_booked = Wish {
        service: Some(ServiceId::parse(&practice.service).unwrap()),
        language: Some("fr".to_owned()),
        ..by(&practice.martin)
    };
    assert_eq!(page.ask(comes(as_booked)).await, DONE);
    let seen = page.patient(|it| place(it) == Some(1)).await;
    assert_eq!(with(&seen), Some("Dr Martin"));
    // An answer that was lost may be asked for again, whatever became of the visit since.
    let again = comes(by(&practice.peeters));
    assert_eq!(page.ask(again).await, DONE);
    let seen = page.patient(|it| place(it) == Some(1)).await;
    assert_eq!(with(&seen), Some("Dr Martin"));
}

async fn m01_an_appointment_that_names_nobody_takes_a_wish_for_somebody_of_its_service(kind: Kind) {
    let practice = Practice::open(kind).await;
    let mut peeters = practice.house.practitioner_at(1).await.open().await;
    let named = practice.book(10, None).await;
    let mut page = practice.page_of(&named).await;
    let refused = page
        .ask(comes(for_service(&practice.another_service)))
        .await;
    assert_eq!(refused, Err(ErrorCode::BookedOtherwise));
    let refused = page.ask(comes(for_their_own())).await;
    assert_eq!(
        refused,
        Err(ErrorCode::NoRegular),
        "the clinic knows of none"
    );
    assert_eq!(page.ask(comes(by(&practice.peeters))).await, DONE);
    let seen = page.patient(|it| place(it) == Some(1)).await;
    assert_eq!((with(&seen), offered(&seen)), (Some("Dr Peeters"), vec![]));
    let seen = peeters.practitioner(|it| it.waiting.len() == 1).await;
    assert!(seen.waiting[0].named && seen.waiting[0].appointment.is_some());
    let read = format!("/appointments/{}", id(&named));
    let read = practice.rest.get(&read).await.good();
    assert_eq!(
        (&read["practitioner"], &read["regular"]),
        (&json!(practice.peeters), &json!(false))
    );

    let of_regular = practice.book(30, None).await;
    let of = of_regular["patient"].as_str().unwrap();
    let set = json!({ "practitioner": practice.martin });
    let of = format!("/patients/{of}/regular");
    practice.rest.put(&of, &set).await.good();
    let mut page = practice.page_of(&of_regular).await;
    assert_eq!(page.ask(comes(for_their_own())).await, DONE);
    let seen = page.patient(|it| place(it) == Some(1)).await;
    assert_eq!(with(&seen), Some("Dr Martin"));
    let read = format!("/appointments/{}", id(&of_regular));
    let read = practice.rest.get(&read).await.good();
    assert_eq!(
        (&read["practitioner"], &read["regular"]),
        (&json!(practice.martin), &json!(true))
    );
}

async fn m01_whoever_comes_to_an_appointment_is_offered_those_who_could_keep_it_and_nobody_else(
    kind: Kind,
) {
    let practice = Practice::open(kind).await;
    let booked = practice.book(10, None).await;
    let mut page = practice.page_of(&booked).await;
    let seen = page.patient(|it| !it.offered.is_empty()).await;
    let both = vec!["Dr Martin", "Dr Peeters"];
    assert_eq!(offered(&seen), [("General practice", both)]);
    // Closed or not, it is let in: it was promised.
    assert_eq!(seen.offered[0].closed, None);
    drop(page);
    // From now on that one has another appointment then.
    practice.book(15, Some(&practice.peeters)).await;
    let mut page = practice.page_of(&practice.book(12, None).await).await;
    let seen = page.patient(|it| !it.offered.is_empty()).await;
    assert_eq!(offered(&seen), [("General practice", vec!["Dr Martin"])]);
    let refused = page.ask(comes(by(&practice.peeters))).await;
    assert_eq!(refused, Err(ErrorCode::AppointmentOverlaps));
    // Whoever does not practise it any more is offered no longer.
    let elsewhere = json!({ "name": "Dr Martin", "services": [practice.another_service] });
    let martin = format!("/practitioners/{}", practice.martin);
    practice.rest.put(&martin, &elsewhere).await.good();
    let seen = page
        .patient(|it| it.offered[0].practitioners.is_empty())
        .await;
    assert_eq!(offered(&seen), [("General practice", vec![])]);
    let refused = page.ask(comes(by(&practice.martin))).await;
    assert_eq!(refused, Err(ErrorCode::NotPractised));
    assert_eq!(page.ask(comes(for_service(&practice.service))).await, DONE);
    let seen = page.patient(|it| place(it).is_some()).await;
    assert_eq!(with(&seen), None);
}

fn shown(snapshot: &PatientSnapshot) -> Option<String> {
    let visit = snapshot.visit.as_ref()?;
    Some(visit.visit.to_text())
}

async fn m06_the_link_of_another_appointment_leads_to_the_visit_that_its_patient_is_in(kind: Kind) {
    let practice = Practice::open(kind).await;
    let mut console = practice.house.practitioner().await.open().await;
    let today = practice.book(1, None).await;
    let later = practice.book_again(&today, 90).await;
    let first = practice.device_of(&today).await;
    let mut page = first.open().await;
    page.arrive("Ada", "").await.unwrap();
    let seen = console.practitioner(|it| !it.waiting.is_empty()).await;

    let mut other = practice.page_of(&later).await;
    assert_eq!(page.farewell().await.0, Some(ClosingReason::Replaced));
    let has_the_place =
        |it: &PatientSnapshot| place(it) == Some(1) && shown(it) == Some(id(&today));
    other.patient(has_the_place).await;
    console.admit(seen.waiting[0].visit).await.unwrap();
    other.patient(|it| it.consultation.is_some()).await;
    assert_eq!(other.ask(Request::Leave).await, DONE);
    console.practitioner(|it| it.consultation.is_none()).await;
    other.patient(|it| shown(it) == Some(id(&today))).await;
    // Its own page tells that it is over, and leads to no other visit: somebody else may sit there now.
    let mut over = first.open().await;
    over.patient(|it| shown(it) == Some(id(&today))).await;
    // The link is that of its own appointment again.
    let mut again = practice.page_of(&later).await;
    again.patient(|it| shown(it) == Some(id(&later))).await;
    again.arrive("Ada", "").await.unwrap();
    again.patient(|it| place(it) == Some(1)).await;
    // While the patient waits, the page of the visit that is over takes nothing away from the one that shows their place.
    let mut over = first.connect().await;
    let hello = first.hello(over.nonce(), new_instance());
    over.send(hello).await;
    assert_eq!(over.farewell().await.0, Some(ClosingReason::SessionEnded));
    let visit = VisitId::parse(&id(&later)).unwrap();
    let urgency = Urgency::Soon;
    assert_eq!(
        console.ask(Request::SetUrgency { visit, urgency }).await,
        DONE
    );
    let seen = console
        .practitioner(|it| it.waiting.iter().any(|one| one.urgency == urgency))
        .await;
    assert!(seen.waiting[0].connected);
    assert_eq!(again.ask(Request::Leave).await, DONE);
}

async fn m06_whoever_looks_at_a_visit_that_has_ended_is_not_there_for_the_one_they_are_called_back_to(
    kind: Kind,
) {
    let practice = Practice::open(kind).await;
    let mut console = practice.house.practitioner().await.open().await;
    let missed = practice.book(1, None).await;
    let seen = practice.book_again(&missed, 90).await;
    practice.house.clock.advance(Millis(90 * MINUTE));
    let missed = console.practitioner(|it| !it.missed.is_empty()).await;
    let mut page = practice.page_of(&seen).await;
    page.arrive("Ada", "").await.unwrap();
    page.patient(|it| place(it) == Some(1)).await;
    assert_eq!(page.ask(Request::Leave).await, DONE);
    console.practitioner(|it| it.waiting.is_empty()).await;

    let visit = missed.missed[0].visit;
    assert_eq!(console.ask(Request::Call { visit }).await, DONE);
    let awaited = console.practitioner(|it| it.missed[0].called).await;
    assert!(awaited.waiting.is_empty());
}

async fn m06_a_page_that_shows_another_appointment_shows_the_visit_that_its_patient_is_called_back_to(
    kind: Kind,
) {
    let practice = Practice::open(kind).await;
    let mut console = practice.house.practitioner().await.open().await;
    let today = practice.book(1, None).await;
    let later = practice.book_again(&today, 3 * 24 * 60).await;
    practice.house.clock.advance(Millis(90 * MINUTE));
    let missed = console.practitioner(|it| !it.missed.is_empty()).await;

    let mut page = practice.page_of(&later).await;
    page.patient(|it| shown(it) == Some(id(&later))).await;
    let visit = missed.missed[0].visit;
    assert_eq!(console.ask(Request::Call { visit }).await, DONE);
    page.patient(|it| shown(it) == Some(id(&today))).await;
}
