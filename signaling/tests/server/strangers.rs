//! What another clinic has looks like what there is not: to each request that names something, byte for byte.

use serde_json::{Value, json};
use vestibule_protocol::client::Request;
use vestibule_protocol::intake::{ConsentAct, FormAnswer};
use vestibule_protocol::server::Reply;
use vestibule_signaling::{ClinicFile, EventKind, ReplayFrom, WebhookId};
use vestibule_vocab::Redacted;

use crate::support::house::START;
use crate::support::page::outcome;
use crate::support::web::{Answer, exchange};
use crate::support::{House, Rest};

const DONE: Result<Reply, vestibule_protocol::ErrorCode> = Ok(Reply::Done);
const HOUR: u64 = 3_600_000;

/// An id of the right form that nobody has.
const NOTHING: &str = "7b0a1f5e-0000-4000-8000-000000000000";

/// What a clinic has, by id.
struct Things {
    service: String,
    practitioner: String,
    /// An appointment whose patient has not come.
    appointment: String,
    /// Somebody who is to come along to it.
    companion: String,
    /// A visit that had a consultation, a note, feedback and consent.
    visit: String,
    consultation: String,
    /// One that waits, with answers to a form and a gate that is shut.
    waiting: String,
}

/// A clinic that has something of everything.
async fn furnished(house: &House, rest: &Rest) -> Things {
    let first = |path: &'static str| async move {
        let listed = rest.get(path).await.good();
        listed["items"][0]["id"].as_str().unwrap().to_owned()
    };
    let (service, practitioner) = (first("/services").await, first("/practitioners").await);
    let booking =
        json!({ "name": "Luc", "service": service, "at": START.0 + HOUR, "length": HOUR / 4 });
    let booked = rest.post("/appointments", &booking).await.good();
    let appointment = booked["id"].as_str().unwrap().to_owned();
    let path = format!("/visits/{appointment}/companions");
    let invited = rest.post(&path, &json!({ "role": "parent" })).await.good();

    let mut console = house.practitioner().await.open().await;
    let (_, mut ada) = house.waiting("Ada").await;
    assert_eq!(ada.ask(answers()).await, DONE);
    assert_eq!(ada.ask(consent()).await, DONE);
    let seen = console.practitioner(|it| it.waiting.len() == 1).await;
    let visit = seen.waiting[0].visit;
    assert_eq!(console.admit(visit).await, DONE);
    let seen = console.practitioner(|it| it.consultation.is_some()).await;
    let consultation = seen.consultation.unwrap().consultation;
    let words = |text: &str| Redacted::new(text.to_owned());
    let text = words("In a week, please.");
    let note = Request::Note { consultation, text };
    assert_eq!(console.ask(note).await, DONE);
    let end = Request::End {
        consultation,
        conclusion: None,
    };
    assert_eq!(console.ask(end).await, DONE);
    ada.patient(|it| outcome(it).is_some()).await;
    let text = words("Thank you.");
    assert_eq!(ada.ask(Request::Feedback { text }).await, DONE);

    let (_, mut grace) = house.waiting("Grace").await;
    assert_eq!(grace.ask(answers()).await, DONE);
    let seen = console.practitioner(|it| it.waiting.len() == 1).await;
    Things {
        service,
        practitioner,
        appointment,
        companion: invited["id"].as_str().unwrap().to_owned(),
        visit: visit.to_text(),
        consultation: consultation.to_text(),
        waiting: seen.waiting[0].visit.to_text(),
    }
}

fn answers() -> Request {
    let since = FormAnswer::ShortText(Redacted::new("yesterday".to_owned()));
    Request::AnswerForm {
        answers: Redacted::new([("since".to_owned(), since)].into()),
    }
}

fn consent() -> Request {
    Request::Consent {
        act: ConsentAct::Given,
        version: "2026-01".to_owned(),
    }
}

async fn house() -> House {
    let built_in = json!({ "who": "built_in" });
    let file = json!({
        "services": [{
            "name": "General practice",
            "form": { "questions": [{
                "code": "since", "texts": { "fr": "Depuis quand ?" },
                "kind": { "type": "short_text", "max_chars": 20 },
            }]},
            "gates": [{ "requires": { "gate": "consent", "version": "2026-01" }, "opened_by": built_in }],
        }],
        "practitioners": [{ "name": "Dr Martin" }],
    });
    let file = ClinicFile::parse(&file.to_string()).unwrap();
    House::open_with(move |settings| settings.clinic = Some(file.clone())).await
}

/// A request that names something, with `{}` in the place of the id.
struct Named {
    method: &'static str,
    path: String,
    body: Option<Value>,
    id: String,
    /// What whoever owns the thing is answered, so that the id is known to be good for something.
    own: u16,
}

fn get(path: &str, id: &str) -> Named {
    Named {
        method: "GET",
        path: path.to_owned(),
        body: None,
        id: id.to_owned(),
        own: 200,
    }
}

fn put(path: &str, id: &str, body: Value, own: u16) -> Named {
    Named {
        method: "PUT",
        body: Some(body),
        own,
        ..get(path, id)
    }
}

fn post(path: &str, id: &str, body: Value, own: u16) -> Named {
    Named {
        method: "POST",
        ..put(path, id, body, own)
    }
}

/// Each request there is that names something. What calls something off comes last.
fn requests(of: &Things) -> Vec<Named> {
    let appointment = "/api/v1/appointments/{}";
    let cancel = format!("{appointment}/cancel");
    let mut all = vec![
        get(appointment, &of.appointment),
        get(&format!("{appointment}/link"), &of.appointment),
        get("/api/v1/notes/{}", &of.consultation),
        get("/api/v1/receipts/{}", &of.consultation),
        get("/fhir/r4/Appointment/{}", &of.appointment),
        get("/fhir/r4/Encounter/{}", &of.consultation),
        get("/fhir/r4/Consent/{}", &of.visit),
        get("/fhir/r4/QuestionnaireResponse/{}", &of.waiting),
    ];
    all.extend(of_the_catalogue(of));
    all.extend(of_visits(of));
    all.push(post(&cancel, &of.appointment, Value::Null, 200));
    all
}

fn of_the_catalogue(of: &Things) -> [Named; 8] {
    let (service, doctor) = ("/api/v1/services/{}", "/api/v1/practitioners/{}");
    let settings = json!({ "name": "Dermatology", "specialty": "dermatology" });
    let card = json!({ "name": "Dr Weber", "services": [of.service] });
    let duty = json!({ "type": "off" });
    [
        get(service, &of.service),
        get(&format!("{service}/now"), &of.service),
        put(service, &of.service, settings, 200),
        get(doctor, &of.practitioner),
        put(doctor, &of.practitioner, card, 200),
        put(&format!("{doctor}/duty"), &of.practitioner, duty, 200),
        get(&format!("{doctor}/feedback"), &of.practitioner),
        get(&format!("{doctor}/link"), &of.practitioner),
    ]
}

fn of_visits(of: &Things) -> [Named; 10] {
    let visit = "/api/v1/visits/{}";
    let company = format!("{visit}/companions");
    let companion = format!("/api/v1/visits/{}/companions/{{}}", of.appointment);
    // A gate that the visit has not: whoever owns it is told so.
    let payment = json!({ "gate": { "gate": "payment" } });
    let mut answer = payment.clone();
    answer["answer"] = json!({ "type": "open" });
    let relations = json!({ "relations": [] });
    let parent = json!({ "role": "parent" });
    [
        get(visit, &of.visit),
        get(&format!("{visit}/documents"), &of.visit),
        get(&company, &of.appointment),
        post(&company, &of.appointment, parent, 201),
        get(&companion, &of.companion),
        get(&format!("{companion}/link"), &of.companion),
        post(
            &format!("{companion}/withdraw"),
            &of.companion,
            Value::Null,
            200,
        ),
        post(&format!("{visit}/gates"), &of.waiting, answer, 409),
        post(&format!("{visit}/gates/ask"), &of.waiting, payment, 409),
        put(&format!("{visit}/eligibility"), &of.waiting, relations, 409),
    ]
}

async fn ask(rest: &Rest, (method, path, body): (&str, &str, Option<&Value>), id: &str) -> Answer {
    let body = body.map(Value::to_string).unwrap_or_default();
    let (server, secret, length) = (rest.server, &rest.secret, body.len());
    let path = path.replace("{}", id);
    let name = format!("{method}-{}", path.replace('/', "-"));
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: {server}\r\nAuthorization: Bearer {secret}\r\nIdempotency-Key: {name}\r\n\
         Content-Type: application/json\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    );
    exchange(
        tokio::net::TcpStream::connect(server).await.unwrap(),
        &request,
    )
    .await
}

/// What is told, but for the id that was named and the time of day.
fn told(answer: &Answer, id: &str) -> String {
    let head = answer.head.lines();
    let head = head.filter(|line| !line.to_ascii_lowercase().starts_with("date:"));
    let head: Vec<&str> = head.collect();
    format!("{}\n\n{}", head.join("\n"), answer.body).replace(id, "ID")
}

#[tokio::test]
async fn what_another_clinic_has_is_nothing_here_whatever_is_asked() {
    let (here, there) = (house().await, house().await);
    let (ours, theirs) = (Rest::of(&here).await, Rest::of(&there).await);
    let things = furnished(&there, &theirs).await;
    for Named {
        method,
        path,
        body,
        id,
        own: status,
    } in requests(&things)
    {
        let what = (method, path.as_str(), body.as_ref());
        let foreign = ask(&ours, what, &id).await;
        let nothing = ask(&ours, what, NOTHING).await;
        assert_eq!(foreign.status, 404, "{method} {path}: {foreign:?}");
        assert_eq!(
            told(&foreign, &id),
            told(&nothing, NOTHING),
            "{method} {path}"
        );
        let own = ask(&theirs, what, &id).await;
        assert_eq!(own.status, status, "{method} {path}: {own:?}");
    }
}

/// What lists are narrowed by, and what bodies name.
#[tokio::test]
async fn what_another_clinic_has_narrows_a_list_to_nothing_and_is_named_in_vain() {
    let (here, there) = (house().await, house().await);
    let (ours, theirs) = (Rest::of(&here).await, Rest::of(&there).await);
    let things = furnished(&there, &theirs).await;
    let of_there = theirs
        .get(&format!("/visits/{}", things.visit))
        .await
        .good();
    let patient = of_there["patient"].as_str().unwrap();
    for (list, id) in [
        (
            "/api/v1/visits?practitioner={}",
            things.practitioner.as_str(),
        ),
        ("/api/v1/appointments?patient={}", patient),
        ("/fhir/r4/Encounter?patient={}", patient),
        ("/fhir/r4/AuditEvent?entity={}", &things.visit),
    ] {
        let foreign = ask(&ours, ("GET", list, None), id).await;
        let nothing = ask(&ours, ("GET", list, None), NOTHING).await;
        assert_eq!(foreign.status, 200, "{list}: {foreign:?}");
        assert_eq!(told(&foreign, id), told(&nothing, NOTHING), "{list}");
    }
    let booking = |service: &str, patient: Option<&str>| {
        json!({
            "name": "Ada", "service": service, "patient": patient,
            "at": START.0 + HOUR, "length": HOUR / 4,
        })
    };
    let own = ours.get("/services").await.good()["items"][0]["id"].clone();
    let own = own.as_str().unwrap();
    for (foreign, nothing) in [
        (booking(&things.service, None), booking(NOTHING, None)),
        (booking(own, Some(patient)), booking(own, Some(NOTHING))),
    ] {
        let foreign = ours.post("/appointments", &foreign).await;
        let nothing = ours.post("/appointments", &nothing).await;
        assert!((400..500).contains(&foreign.status), "{foreign:?}");
        assert_eq!(told(&foreign, ""), told(&nothing, ""));
    }
}

/// Webhooks and their events are named on the command line.
#[tokio::test]
async fn another_clinics_webhook_and_its_events_are_none_here() {
    let (here, there) = (house().await, house().await);
    let (ours, theirs) = (here.administration().await, there.administration().await);
    let url = "https://example.org/hook".parse().unwrap();
    let kinds = [EventKind::VisitArrived];
    let foreign = theirs.add_webhook(&url, &kinds, None, START).await.unwrap();
    let own = ours.add_webhook(&url, &kinds, None, START).await.unwrap();
    let told = async |id: &WebhookId| {
        let from = ReplayFrom::Moment(START);
        let refused = [
            ours.remove_webhook(id).await.unwrap_err(),
            ours.enable_webhook(id, true).await.unwrap_err(),
            ours.replay(id, &from).await.unwrap_err(),
        ];
        refused.map(|why| why.to_string().replace(id.as_str(), "ID"))
    };
    let nothing = WebhookId::of("wh_0000000000000000");
    assert_eq!(told(&foreign.id).await, told(&nothing).await);
    theirs.enable_webhook(&foreign.id, false).await.unwrap();
    ours.remove_webhook(&own.id).await.unwrap();
}
