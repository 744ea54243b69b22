//! One's own regular practitioner: by another system, by the practitioner, and by whoever comes again. And that whoever was
//! erased is nobody from then on.

use serde_json::{Value, json};
use vestibule_protocol::ErrorCode;
use vestibule_protocol::client::Request;
use vestibule_protocol::desk::{Duty, RegularPractitioner, Wish};
use vestibule_protocol::server::{PatientSnapshot, Reply};
use vestibule_signaling::{Erasure, Scope, Settings};
use vestibule_vocab::{ConsultationId, PatientId, PractitionerId, Redacted};

use crate::support::house::START;
use crate::support::openid::Provider;
use crate::support::page::outcome;
use crate::support::{Device, House, Kind, Page, Rest};

crate::on_both_stores!(
    m01_a_system_says_who_a_patients_regular_practitioner_is_and_books_with_them,
    m01_a_practitioner_takes_on_whom_they_see_and_both_read_it,
    m01_whoever_comes_again_asks_for_their_regular_practitioner_without_a_name,
    whoever_was_erased_is_unknown_wherever_an_id_is_given,
    whoever_was_erased_and_signs_in_again_is_somebody_new,
);

const MINUTE: u64 = 60_000;

fn of_two(settings: &mut Settings) {
    let named = ["Dr Martin", "Dr Peeters"].map(|it| it.parse().unwrap());
    settings.names.practitioners = named.to_vec();
}

/// The ids of those who practise, in order of their names.
async fn practitioners(rest: &Rest) -> Vec<String> {
    let mut all = rest.get("/practitioners").await.good()["items"].clone();
    let all = all.as_array_mut().unwrap();
    all.sort_by_key(|it| it["name"].as_str().unwrap().to_owned());
    let ids = all.iter().map(|it| it["id"].as_str().unwrap().to_owned());
    ids.collect()
}

/// A booking that begins so many minutes after the clock's start.
async fn booking(rest: &Rest, minutes: u64, more: &Value) -> Value {
    let services = rest.get("/services").await.good();
    let mut booking = json!({
        "name": "Ada Lovelace", "service": services["items"][0]["id"],
        "at": START.0 + minutes * MINUTE, "length": 10 * MINUTE,
    });
    for (name, value) in more.as_object().unwrap() {
        booking[name] = value.clone();
    }
    booking
}

fn text(of: &Value) -> String {
    of.as_str().unwrap().to_owned()
}

fn problem(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}

fn name(regular: Option<&RegularPractitioner>) -> Option<&str> {
    Some(regular?.name.expose().as_str())
}

fn wish(wish: Wish) -> Request {
    Request::Arrive {
        name: Redacted::new("Ada".to_owned()),
        reason: Redacted::default(),
        wish: Some(wish),
    }
}

/// For their regular practitioner, whoever that is.
fn for_their_own() -> Request {
    wish(Wish {
        regular: true,
        ..Wish::default()
    })
}

fn take_on(consultation: ConsultationId, regular: bool) -> Request {
    Request::TakeOn {
        consultation,
        regular,
    }
}

async fn by_link(house: &House, rest: &Rest, visit: &str) -> Device {
    let link = rest.get(&format!("/appointments/{visit}/link")).await;
    let path = text(&link.good()["path"]);
    let mut device = house.device();
    device
        .claim(path.split_once("#j=").unwrap().1)
        .await
        .unwrap();
    device
}

/// Whoever waits first is admitted.
async fn admitted(console: &mut Page) -> ConsultationId {
    let seen = console.practitioner(|it| !it.waiting.is_empty()).await;
    console.admit_first(seen.waiting[0].visit).await.unwrap();
    let seen = console.practitioner(|it| it.consultation.is_some()).await;
    seen.consultation.unwrap().consultation
}

async fn ended(console: &mut Page, page: &mut Page, consultation: ConsultationId) {
    let end = Request::End {
        consultation,
        conclusion: None,
    };
    console.ask(end).await.unwrap();
    page.patient(|it| outcome(it).is_some()).await;
}

async fn m01_a_system_says_who_a_patients_regular_practitioner_is_and_books_with_them(kind: Kind) {
    let mut house = House::open_on_with(kind, of_two).await;
    let rest = Rest::of(&house).await;
    let [martin, peeters] = practitioners(&rest).await.try_into().unwrap();
    let first = booking(&rest, 10, &json!({})).await;
    let first = rest.post("/appointments", &first).await.good();
    assert_eq!(first["regular"], false);
    let patient = text(&first["patient"]);
    let of = format!("/patients/{patient}/regular");
    let nobody = json!({ "patient": patient, "practitioner": null });
    assert_eq!(rest.get(&of).await.good(), nobody);
    let by_regular = json!({ "patient": patient, "regular": true });
    let too_early = booking(&rest, 30, &by_regular).await;
    let refused = rest.post("/appointments", &too_early).await;
    assert_eq!(refused.problem(), problem(409, "no_regular"));

    let set = json!({ "practitioner": peeters });
    let known = json!({ "patient": patient, "practitioner": peeters });
    let body = set.to_string();
    let once = rest.ask("PUT", &of, Some("mine-1"), Some(&body)).await;
    assert_eq!(once.good(), known);
    let again = rest.ask("PUT", &of, Some("mine-1"), Some(&body)).await;
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
    assert_eq!(rest.get(&of).await.good(), known);
    let booked = booking(&rest, 30, &by_regular).await;
    let booked = rest.post("/appointments", &booked).await.good();
    assert_eq!(
        (&booked["practitioner"], &booked["regular"]),
        (&json!(peeters), &json!(true))
    );
    let other = json!({ "patient": patient, "regular": true, "practitioner": martin });
    let other = booking(&rest, 60, &other).await;
    let refused = rest.post("/appointments", &other).await;
    assert_eq!(refused.problem(), problem(409, "no_regular"));

    // What is not here, or of another clinic, is not known.
    let nowhere = PractitionerId::from_random(7).to_text();
    let refused = rest.put(&of, &json!({ "practitioner": nowhere })).await;
    assert_eq!(refused.problem(), problem(422, "unknown_reference"));
    let elsewhere = House::open_on(kind).await;
    let there = Rest::of(&elsewhere).await;
    let own = practitioners(&there).await.remove(0);
    let unknown = problem(404, "not_found");
    let foreign = there.put(&of, &json!({ "practitioner": own })).await;
    assert_eq!(foreign.problem(), unknown);
    assert_eq!(there.get(&of).await.problem(), unknown);
    assert_eq!(there.delete(&of).await.problem(), unknown);
    let reads = Rest::with(&house, &[Scope::PatientsRead]).await;
    assert_eq!(reads.get(&of).await.good(), known);
    let refused = reads.put(&of, &set).await;
    assert_eq!(refused.problem(), problem(403, "forbidden"));

    house.restart().await;
    let rest = rest.moved(&house);
    assert_eq!(rest.get(&of).await.good(), known);
    let console = house.practitioner_at(1).await;
    let mut console = console.open().await;
    let booked = by_link(&house, &rest, &text(&booked["id"])).await;
    let mut page = booked.open().await;
    let seen = page.patient(|it| it.visit.is_some()).await;
    assert_eq!(name(seen.regular.as_ref()), Some("Dr Peeters"));
    page.arrive("Ada", "").await.unwrap();
    console.practitioner(|it| it.waiting.len() == 1).await;
    assert_eq!(rest.delete(&of).await.good(), nobody);
    page.patient(|it| it.regular.is_none()).await;
    let seen = console.practitioner(|it| !it.waiting[0].regular).await;
    assert!(seen.waiting[0].named, "they wait where they were booked");
    assert_eq!(rest.delete(&of).await.good(), nobody);
}

async fn m01_a_practitioner_takes_on_whom_they_see_and_both_read_it(kind: Kind) {
    let house = House::open_on_with(kind, of_two).await;
    let mut console = house.practitioner_at(0).await.open().await;
    let (_, mut page) = house.waiting("Ada").await;
    let consultation = admitted(&mut console).await;
    let mut colleague = house.practitioner_at(1).await.open().await;
    let refused = colleague.ask(take_on(consultation, true)).await;
    assert_eq!(refused, Err(ErrorCode::NotInConsultation));
    let refused = page.ask(take_on(consultation, true)).await;
    assert_eq!(refused, Err(ErrorCode::NotPermitted));
    let guessed = ConsultationId::from_random(7);
    let refused = console.ask(take_on(guessed, true)).await;
    assert_eq!(refused, Err(ErrorCode::NotInConsultation));

    let taken = console.ask(take_on(consultation, true)).await;
    assert_eq!(taken, Ok(Reply::Done));
    let seen = console.practitioner(|it| it.regular.is_some()).await;
    assert!(seen.regular.unwrap().own);
    let seen = page.patient(|it| it.regular.is_some()).await;
    assert_eq!(name(seen.regular.as_ref()), Some("Dr Martin"));
    ended(&mut console, &mut page, consultation).await;
    let given_up = console.ask(take_on(consultation, false)).await;
    assert_eq!(given_up, Ok(Reply::Done), "also once it is over");
    page.patient(|it| it.regular.is_none()).await;
    console.practitioner(|it| it.regular.is_none()).await;
    let rest = Rest::of(&house).await;
    let log = rest.get("/audit").await.good();
    let entries = log["items"].as_array().unwrap().iter();
    let entries = entries.map(|it| serde_json::from_str(it["entry"].as_str().unwrap()).unwrap());
    let set: Vec<Value> = entries
        .filter(|it: &Value| it["act"]["type"] == "regular_set")
        .collect();
    assert_eq!(set.len(), 2);
    assert!(set.iter().all(|it| it["actor"]["type"] == "practitioner"));
}

async fn signed_in(house: &House, provider: &Provider) -> (Device, Page) {
    let device = super::sign_in::patient(house, provider, "account=ada&acr=card").await;
    let page = device.open().await;
    (device, page)
}

async fn m01_whoever_comes_again_asks_for_their_regular_practitioner_without_a_name(kind: Kind) {
    let provider = Provider::start(None).await;
    let house = super::sign_in::house_at(kind, &provider, None).await;
    let mut console = house.practitioner().await.open().await;
    let (_, mut page) = signed_in(&house, &provider).await;
    let refused = page.ask(for_their_own()).await;
    assert_eq!(refused, Err(ErrorCode::NoRegular));
    page.arrive("Ada", "").await.unwrap();
    let consultation = admitted(&mut console).await;
    console.ask(take_on(consultation, true)).await.unwrap();
    ended(&mut console, &mut page, consultation).await;
    drop(page);

    let (_, mut page) = signed_in(&house, &provider).await;
    let offered = |it: &PatientSnapshot| it.visit.is_none() && !it.offered.is_empty();
    let seen = page.patient(offered).await;
    assert_eq!(name(seen.regular.as_ref()), Some("Dr Martin"));
    let another = wish(Wish {
        practitioner: Some(PractitionerId::from_random(7)),
        regular: true,
        ..Wish::default()
    });
    assert_eq!(page.ask(another).await, Err(ErrorCode::NoRegular));
    assert_eq!(page.ask(for_their_own()).await, Ok(Reply::Done));
    let seen = page.patient(|it| it.visit.is_some()).await;
    let asked_for = seen.visit.unwrap().practitioner.unwrap();
    assert_eq!(asked_for.expose(), "Dr Martin");
    let seen = console.practitioner(|it| it.waiting.len() == 1).await;
    assert!(seen.waiting[0].regular && seen.waiting[0].named);
    // Off duty, they are asked as whoever waits for somebody by name.
    let duty = Request::SetDuty { duty: Duty::Off };
    console.ask(duty).await.unwrap();
    page.patient(|it| it.visit.as_ref().is_some_and(|it| it.asked))
        .await;
}

/// The page that a patient left open, whose visit ended before, is told that nobody is known here, whatever it asks for.
async fn leads_to_nobody(page: &mut Page) {
    let again = Request::Arrive {
        name: Redacted::new("Ada".to_owned()),
        reason: Redacted::default(),
        wish: None,
    };
    let told = Request::Feedback {
        text: Redacted::new("It is Somebody Else.".to_owned()),
    };
    for request in [told, Request::Leave, again] {
        let refused = page.ask(request).await;
        assert_eq!(refused, Err(ErrorCode::UnknownPatient));
    }
    assert_eq!(page.ask(Request::Ping).await, Ok(Reply::Done));
}

async fn whoever_was_erased_is_unknown_wherever_an_id_is_given(kind: Kind) {
    let mut house = House::open_on(kind).await;
    let rest = Rest::of(&house).await;
    let martin = practitioners(&rest).await.remove(0);
    let booked = booking(&rest, 1, &json!({})).await;
    let booked = rest.post("/appointments", &booked).await.good();
    let patient = text(&booked["patient"]);
    let of = format!("/patients/{patient}/regular");
    let set = json!({ "practitioner": martin });
    rest.put(&of, &set).await.good();
    let page = by_link(&house, &rest, &text(&booked["id"])).await;
    // This link is opened by nobody until later.
    let link = format!("/appointments/{}/link", text(&booked["id"]));
    let unused = text(&rest.get(&link).await.good()["path"]);
    let mut page_of_ada = page.open().await;
    page_of_ada.arrive("Ada", "").await.unwrap();
    let mut console = house.practitioner().await.open().await;
    let consultation = admitted(&mut console).await;
    ended(&mut console, &mut page_of_ada, consultation).await;

    let office = house.administration().await;
    let id = PatientId::parse(&patient).unwrap();
    let export = office.export(id).await.unwrap().unwrap();
    let export: Value = serde_json::from_str(&export).unwrap();
    assert_eq!(export["regular"], martin);
    let acts = export["audit"].as_array().unwrap().iter();
    let acts: Vec<&Value> = acts.map(|it| &it["entry"]["act"]["type"]).collect();
    assert!(acts.contains(&&json!("regular_set")), "{acts:?}");
    let done = office.erase(id).await.unwrap();
    assert_eq!(done, Erasure::Done { visits: 1 });

    let unknown = problem(422, "unknown_patient");
    let anew = json!({ "patient": patient, "name": "Somebody Else" });
    let anew = booking(&rest, 120, &anew).await;
    let refused = rest.post("/appointments", &anew).await;
    assert_eq!(refused.problem(), unknown);
    let not_here = problem(404, "not_found");
    assert_eq!(rest.get(&of).await.problem(), not_here);
    assert_eq!(rest.put(&of, &set).await.problem(), not_here);
    assert_eq!(rest.delete(&of).await.problem(), not_here);
    // What the practitioner still has on the screen is no way back either.
    for request in [
        take_on(consultation, true),
        Request::Note {
            consultation,
            text: Redacted::new("Somebody Else came.".to_owned()),
        },
    ] {
        let refused = console.refused(request).await;
        assert_eq!(refused.code, ErrorCode::UnknownPatient);
        let told = refused.message;
        assert!(told.starts_with("The patient was erased"), "{told}");
    }
    leads_to_nobody(&mut page_of_ada).await;

    let unused = unused.split_once("#j=").unwrap().1;
    let refused = house.device().claim(unused).await;
    assert_eq!(refused, Err(ErrorCode::UnknownPatient));
    let left = office.export(id).await.unwrap().unwrap();
    assert!(
        !left.contains("Somebody") && !left.contains("Ada"),
        "{left}"
    );
    let left: Value = serde_json::from_str(&left).unwrap();
    assert_eq!(left["regular"], Value::Null);
    let erased = office.erase(id).await.unwrap();
    assert_eq!(erased, Erasure::NothingLeft);
    drop(office);
    house.restart().await;
    let rest = rest.moved(&house);
    let anew = booking(&rest, 120, &json!({ "patient": patient })).await;
    let refused = rest.post("/appointments", &anew).await;
    assert_eq!(refused.problem(), unknown);
}

async fn whoever_was_erased_and_signs_in_again_is_somebody_new(kind: Kind) {
    let provider = Provider::start(None).await;
    let house = super::sign_in::house_at(kind, &provider, None).await;
    let office = house.administration().await;
    let mut known = Vec::new();
    for _ in 0..3 {
        let (device, mut page) = signed_in(&house, &provider).await;
        assert_eq!(page.arrive("Ada", "").await, Ok(Reply::Done));
        assert_eq!(page.ask(Request::Leave).await, Ok(Reply::Done));
        let id = PatientId::parse(&device.participant.unwrap().to_text()).unwrap();
        assert!(!known.contains(&id));
        known.push(id);
        let erased = office.erase(id).await.unwrap();
        assert_eq!(erased, Erasure::Done { visits: 1 });
    }
    for id in known {
        let left = office.export(id).await.unwrap().unwrap();
        assert!(!left.contains("Ada"), "{left}");
    }
}

/// Two servers on one store: what is said at one is so at the other.
#[tokio::test]
async fn m01_a_second_server_reads_who_is_whose_and_who_was_erased() {
    let here = House::open_on_with(Kind::Postgres, of_two).await;
    let there = House::open_beside(&here, of_two).await;
    let mut console = here.practitioner_at(0).await.open().await;
    let (_, mut page) = there.waiting("Ada").await;
    let consultation = admitted(&mut console).await;
    console.ask(take_on(consultation, true)).await.unwrap();
    let seen = page.patient(|it| it.regular.is_some()).await;
    assert_eq!(name(seen.regular.as_ref()), Some("Dr Martin"));
    console.ask(take_on(consultation, false)).await.unwrap();
    page.patient(|it| it.regular.is_none()).await;
    console.ask(take_on(consultation, true)).await.unwrap();
    ended(&mut console, &mut page, consultation).await;
    let seen = page.patient(|it| it.regular.is_some()).await;
    let rest = Rest::of(&there).await;
    let visit = seen.visit.unwrap().visit.to_text();
    let visit = rest.get(&format!("/visits/{visit}")).await.good();
    let id = PatientId::parse(visit["patient"].as_str().unwrap()).unwrap();
    here.administration().await.erase(id).await.unwrap();
    page.patient(|it| it.regular.is_none()).await;
    let anew = json!({ "patient": id.to_text() });
    let anew = booking(&rest, 120, &anew).await;
    let refused = rest.post("/appointments", &anew).await;
    assert_eq!(refused.problem(), problem(422, "unknown_patient"));
}
