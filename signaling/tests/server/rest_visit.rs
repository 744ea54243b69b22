//! What another system reads and changes of a visit beside its course: who comes along, what documents there are, what a
//! practitioner was told, and that the log names whoever did it.

use serde_json::{Value, json};
use vestibule_protocol::client::Request;
use vestibule_protocol::server::Reply;
use vestibule_signaling::{Scope, Zone};
use vestibule_vocab::{ApiKeyId, ConsultationId, Millis, PractitionerId, Redacted, VisitId};

use super::handing_on::is_seen;
use crate::support::house::START;
use crate::support::page::outcome;
use crate::support::{House, Kind, Page, Rest};

crate::on_both_stores!(
    m08_another_system_invites_a_companion_and_takes_the_invitation_back,
    m08_what_cannot_be_done_with_companions_says_so_by_a_code,
    documents_of_a_visit_are_listed_without_what_they_say,
    m14_whoever_was_booked_counts_what_they_had_in_the_service_they_were_booked_for,
    m16_feedback_is_read_per_practitioner_under_a_scope_of_its_own,
    the_log_names_the_key_that_did_it,
);

const DONE: Result<Reply, vestibule_protocol::ErrorCode> = Ok(Reply::Done);
const HOUR: u64 = 3_600_000;

async fn booked(rest: &Rest) -> String {
    let services = rest.get("/services").await.good();
    let booking = json!({
        "name": "Ada Lovelace", "service": services["items"][0]["id"],
        "at": START.0 + HOUR, "length": HOUR / 4,
    });
    let booked = rest.post("/appointments", &booking).await.good();
    booked["id"].as_str().unwrap().to_owned()
}

pub(super) async fn by_link(house: &House, rest: &Rest, of: &str) -> Page {
    let link = rest.get(&format!("{of}/link")).await.good();
    let (_, token) = link["path"].as_str().unwrap().split_once("#j=").unwrap();
    let mut device = house.device();
    device.claim(token).await.unwrap();
    device.open().await
}

async fn m08_another_system_invites_a_companion_and_takes_the_invitation_back(kind: Kind) {
    let house = House::open_on(kind).await;
    let rest = Rest::of(&house).await;
    let visit = booked(&rest).await;
    let all = format!("/visits/{visit}/companions");
    assert_eq!(rest.get(&all).await.good(), json!({ "items": [] }));

    let interpreter = json!({ "role": "interpreter" });
    let made = rest.post_as("once", &all, &interpreter).await;
    let invited = made.good();
    let one = format!("{all}/{}", invited["id"].as_str().unwrap());
    assert_eq!(
        made.header("location"),
        Some(format!("/api/v1{one}").as_str())
    );
    assert_eq!(
        (&invited["state"], &invited["role"]),
        (&json!("open"), &json!("interpreter"))
    );
    // A day behind the appointment.
    assert_eq!(invited["expires_at"], START.0 + HOUR + 24 * HOUR);
    assert!(
        !made.body.contains("#j="),
        "no answer that is kept is a key"
    );
    let again = rest.post_as("once", &all, &interpreter).await;
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
    assert_eq!(
        rest.get(&all).await.good()["items"],
        json!([{
            "id": invited["id"], "visit": visit, "role": "interpreter", "state": "open",
            "invited_at": START.0, "expires_at": invited["expires_at"], "connected": false,
        }])
    );

    let link = rest.get(&format!("{one}/link")).await.good();
    assert!(link["path"].as_str().unwrap().starts_with("/companion#j="));
    assert_eq!(link["expires_at"], invited["expires_at"]);
    let mut companion = by_link(&house, &rest, &one).await;
    assert_eq!(companion.arrive("Jan Peeters", "").await, DONE);
    let read = rest.get(&one).await;
    assert!(!read.body.contains("Jan"), "names stay here");
    let read = read.good();
    assert_eq!(
        (&read["state"], &read["connected"], &read["expires_at"]),
        (&json!("accepted"), &json!(true), &Value::Null)
    );
    // Nobody takes the seat of whoever has it.
    assert_eq!(rest.get(&format!("{one}/link")).await.problem().0, 404);

    let withdraw = format!("{one}/withdraw");
    for _ in 0..2 {
        let gone = rest.post(&withdraw, &json!(null)).await.good();
        assert_eq!(gone["state"], "withdrawn");
    }
    companion
        .companion(|it| {
            it.state
                == vestibule_protocol::company::CompanionState::Over {
                    why: vestibule_protocol::company::CompanionEnd::Withdrawn,
                }
        })
        .await;
    assert_eq!(rest.get(&one).await.good()["connected"], false);
}

async fn m08_what_cannot_be_done_with_companions_says_so_by_a_code(kind: Kind) {
    let house = House::open_on(kind).await;
    let rest = Rest::of(&house).await;
    let visit = booked(&rest).await;
    let all = format!("/visits/{visit}/companions");
    let interpreter = json!({ "role": "interpreter" });
    let invited = rest.post(&all, &interpreter).await.good();
    let one = format!("{all}/{}", invited["id"].as_str().unwrap());
    for elsewhere in [
        format!("/visits/{}/companions", VisitId::from_random(1).to_text()),
        format!("{all}/{visit}"),
        format!("{all}/none"),
        format!("{all}/{visit}/link"),
    ] {
        let nothing = rest.get(&elsewhere).await.problem();
        assert_eq!(nothing, (404, "not_found".to_owned()), "{elsewhere}");
    }
    let elsewhere = format!("{all}/{visit}/withdraw");
    let nothing = rest.post(&elsewhere, &json!(null)).await;
    assert_eq!(nothing.problem().0, 404);
    let wrong = rest.post(&all, &json!({ "role": "onlooker" })).await;
    assert_eq!(wrong.problem(), (400, "malformed".to_owned()));
    for _ in 1..20 {
        rest.post(&all, &interpreter).await.good();
    }
    let full = rest.post(&all, &interpreter).await.problem();
    assert_eq!(full, (409, "too_many_invitations".to_owned()));
    let cancel = format!("/appointments/{visit}/cancel");
    rest.post(&cancel, &json!(null)).await.good();
    let over = rest.post(&all, &interpreter).await.problem();
    assert_eq!(over, (409, "visit_ended".to_owned()));

    let reader = Rest::with(&house, &[Scope::CompanionsRead]).await;
    assert_eq!(reader.get(&all).await.status, 200);
    assert_eq!(reader.post(&all, &interpreter).await.problem().0, 403);
    assert_eq!(reader.get(&format!("{one}/link")).await.problem().0, 403);
}

/// Ada was seen; her page, the console, and what it was.
async fn seen(house: &House) -> (Page, Page, ConsultationId, VisitId) {
    let mut console = house.practitioner().await.open().await;
    let (_, mut page) = house.waiting("Ada").await;
    let waiting = console.practitioner(|it| !it.waiting.is_empty()).await;
    let visit = waiting.waiting[0].visit;
    assert_eq!(console.admit(visit).await, DONE);
    let during = console.practitioner(|it| it.consultation.is_some()).await;
    let consultation = during.consultation.unwrap().consultation;
    let end = Request::End {
        consultation,
        conclusion: None,
    };
    assert_eq!(console.ask(end).await, DONE);
    page.patient(|it| outcome(it).is_some()).await;
    (page, console, consultation, visit)
}

fn words(text: &str) -> Redacted<String> {
    Redacted::new(text.to_owned())
}

/// A house whose only service has a form and asks for consent.
async fn house_with_a_form(kind: Kind) -> House {
    let gates = json!([{
        "requires": { "gate": "consent", "version": "2026-01" },
        "opened_by": { "who": "built_in" }, "exceptions": [],
    }]);
    let form = json!({ "questions": [{
        "code": "since", "texts": { "fr": "Depuis quand ?" },
        "kind": { "type": "short_text", "max_chars": 20 },
    }]});
    let file = json!({
        "services": [{ "name": "General practice", "gates": gates, "form": form }],
        "practitioners": [{ "name": "Dr Martin" }],
    });
    let file = vestibule_signaling::ClinicFile::parse(&file.to_string()).unwrap();
    House::open_on_with(kind, move |it| it.clinic = Some(file.clone())).await
}

async fn documents_of_a_visit_are_listed_without_what_they_say(kind: Kind) {
    let house = house_with_a_form(kind).await;
    let rest = Rest::of(&house).await;
    let mut console = house.practitioner().await.open().await;
    let (_, mut page) = house.waiting("Ada").await;
    let waiting = console.practitioner(|it| !it.waiting.is_empty()).await;
    let visit = waiting.waiting[0].visit;
    let path = format!("/visits/{}/documents", visit.to_text());
    assert_eq!(rest.get(&path).await.good(), json!({ "items": [] }));

    let since = vestibule_protocol::intake::FormAnswer::ShortText(words("yesterday"));
    let answers = Redacted::new([("since".to_owned(), since)].into());
    assert_eq!(page.ask(Request::AnswerForm { answers }).await, DONE);
    house.advance(Millis(1_000));
    let consent = Request::Consent {
        act: vestibule_protocol::intake::ConsentAct::Given,
        version: "2026-01".to_owned(),
    };
    assert_eq!(page.ask(consent).await, DONE);
    let items = rest.get(&path).await.good()["items"].clone();
    let kinds = [&items[0]["kind"], &items[1]["kind"], &items[2]];
    assert_eq!(
        kinds,
        [&json!("form_answers"), &json!("consent"), &Value::Null]
    );
    assert_eq!(items[0]["author"], "patient");
    assert_eq!(items[0]["written_at"], Value::Null);
    assert_eq!(items[1]["written_at"], START.0 + 1_000);
    assert!(items[1]["bytes"].as_u64().unwrap() > 20);

    assert_eq!(console.admit(visit).await, DONE);
    let during = console.practitioner(|it| it.consultation.is_some()).await;
    let consultation = during.consultation.unwrap().consultation;
    let text = words("In a week, please: 14 °C.");
    assert_eq!(
        console.ask(Request::Note { consultation, text }).await,
        DONE
    );
    let end = Request::End {
        consultation,
        conclusion: None,
    };
    assert_eq!(console.ask(end).await, DONE);
    page.patient(|it| outcome(it).is_some()).await;
    let text = words("Thank you.");
    assert_eq!(page.ask(Request::Feedback { text }).await, DONE);

    // The answers are forgotten with the end of the visit, and feedback is nobody else's.
    let all = rest.get(&path).await;
    for written in ["week", "yesterday", "Thank", "Ada"] {
        assert!(!all.body.contains(written), "{all:?}");
    }
    let note = json!({
        "kind": "note", "id": consultation.to_text(), "author": "practitioner",
        "written_at": START.0 + 1_000, "bytes": 26,
    });
    let items = all.good()["items"].clone();
    assert_eq!((&items[0]["kind"], &items[1]), (&json!("consent"), &note));
    let first = rest.get(&format!("{path}?limit=1")).await.good();
    assert_eq!(first["items"][0], items[0]);
    let next = first["next"].as_str().unwrap();
    let second = rest.get(&format!("{path}?limit=1&cursor={next}")).await;
    assert_eq!(second.good(), json!({ "items": [note] }));
    let elsewhere = rest.get(&format!("/visits?cursor={next}")).await.problem();
    assert_eq!(elsewhere, (422, "invalid_cursor".to_owned()));
    let unknown = VisitId::from_random(1).to_text();
    let nothing = rest.get(&format!("/visits/{unknown}/documents")).await;
    assert_eq!(nothing.problem().0, 404);
    let other = Rest::with(&house, &[Scope::VisitsRead]).await;
    assert_eq!(other.get(&path).await.problem().0, 403);
}

async fn m16_feedback_is_read_per_practitioner_under_a_scope_of_its_own(kind: Kind) {
    let house = House::open_on_with(kind, |settings| {
        let named = ["Dr Martin", "Dr Peeters"].map(|name| name.parse().unwrap());
        settings.names.practitioners = named.to_vec();
    })
    .await;
    let rest = Rest::with(&house, &[Scope::FeedbackRead, Scope::PractitionersRead]).await;
    let staff = rest.get("/practitioners").await.good();
    let of = |name: &str| {
        let mut all = staff["items"].as_array().unwrap().iter();
        let one = all.find(|it| it["name"] == name).unwrap();
        format!("/practitioners/{}/feedback", one["id"].as_str().unwrap())
    };
    let (mut page, mut console, consultation, _) = seen(&house).await;
    for text in ["Too fast.", "Thank you."] {
        let text = words(text);
        assert_eq!(page.ask(Request::Feedback { text }).await, DONE);
    }
    let told = rest.get(&of("Dr Martin")).await.good();
    let expected = json!([{
        "consultation": consultation.to_text(), "written_at": START.0, "text": "Thank you.",
    }]);
    assert_eq!(told, json!({ "items": expected }));
    assert_eq!(
        rest.get(&of("Dr Peeters")).await.good(),
        json!({ "items": [] })
    );
    let nobody = PractitionerId::from_random(1).to_text();
    let nobody = rest.get(&format!("/practitioners/{nobody}/feedback")).await;
    assert_eq!(nobody.problem().0, 404);

    house.advance(Millis(1_000));
    drop(page);
    let (_, mut page) = house.waiting("Grace").await;
    let waiting = console.practitioner(|it| !it.waiting.is_empty()).await;
    assert_eq!(console.admit(waiting.waiting[0].visit).await, DONE);
    let during = console.practitioner(|it| it.consultation.is_some()).await;
    let consultation = during.consultation.unwrap().consultation;
    let end = Request::End {
        consultation,
        conclusion: None,
    };
    assert_eq!(console.ask(end).await, DONE);
    page.patient(|it| outcome(it).is_some()).await;
    let text = words("Clear.");
    assert_eq!(page.ask(Request::Feedback { text }).await, DONE);
    let first = rest
        .get(&format!("{}?limit=1", of("Dr Martin")))
        .await
        .good();
    assert_eq!(first["items"], expected);
    let next = first["next"].as_str().unwrap();
    let path = format!("{}?cursor={next}", of("Dr Martin"));
    let second = rest.get(&path).await.good();
    assert_eq!(second["items"][0]["text"], "Clear.");
    assert_eq!(second["items"][1], Value::Null);

    let everything_else: Vec<Scope> = Scope::ALL
        .iter()
        .copied()
        .filter(|scope| *scope != Scope::FeedbackRead)
        .collect();
    let other = Rest::with(&house, &everything_else).await;
    assert_eq!(other.get(&of("Dr Martin")).await.problem().0, 403);
}

async fn the_log_names_the_key_that_did_it(kind: Kind) {
    let house = House::open_on(kind).await;
    let rest = Rest::of(&house).await;
    let other = Rest::of(&house).await;
    let visit = booked(&rest).await;
    let interpreter = json!({ "role": "interpreter" });
    let companions = format!("/visits/{visit}/companions");
    other.post(&companions, &interpreter).await.good();
    let actor = |of: &Rest| json!({ "type": "system", "id": of.id });
    let lines = rest.get("/audit").await.good();
    let lines = lines["items"].as_array().unwrap();
    let read =
        |line: &Value| -> Value { serde_json::from_str(line["entry"].as_str().unwrap()).unwrap() };
    let entries: Vec<Value> = lines.iter().map(read).collect();
    let [.., booked, accompanied] = entries.as_slice() else {
        panic!("{entries:?}");
    };
    assert_eq!(booked["act"]["type"], "booked");
    assert_eq!(booked["actor"], actor(&rest));
    assert_eq!(accompanied["act"]["type"], "accompanied");
    assert_eq!(accompanied["actor"], actor(&other));

    let office = house.administration().await;
    let visit = VisitId::parse(&visit).unwrap();
    let told = office.explain(visit, Zone::default()).await.unwrap();
    let told: Vec<String> = told.into_iter().map(|it| it.text).collect();
    let by = |of: &Rest| {
        let key = ApiKeyId::parse(&of.id).unwrap().to_text();
        format!("A system, by the API key {key}, ")
    };
    assert!(told[0].starts_with(&(by(&rest) + "planned it")), "{told:?}");
    assert!(
        told[1].starts_with(&(by(&other) + "invited an interpreter")),
        "{told:?}"
    );
}

/// A service that sees nobody twice in a month, and its practitioner's console.
pub(super) async fn one_a_month(house: &House, rest: &Rest) -> (Value, Page) {
    let limited = json!({
        "name": "Dermatology", "specialty": "dermatology", "quota": { "month": 1, "counts_after": 0 },
    });
    let service = rest.post("/services", &limited).await.good()["id"].clone();
    let doctor = json!({ "name": "Dr Skin", "services": [service] });
    let doctor = rest.post("/practitioners", &doctor).await.good();
    let doctor = format!("/practitioners/{}", doctor["id"].as_str().unwrap());
    let console = by_link(house, rest, &doctor).await;
    (service, console)
}

async fn m14_whoever_was_booked_counts_what_they_had_in_the_service_they_were_booked_for(
    kind: Kind,
) {
    let house = House::open_on(kind).await;
    let rest = Rest::of(&house).await;
    let (service, mut console) = one_a_month(&house, &rest).await;
    let mut booking = json!({ "name": "Ada", "service": service, "length": 60_000 });
    for round in 0..2 {
        booking["at"] = json!(START.0 + (round + 1) * HOUR);
        let booked = rest.post("/appointments", &booking).await;
        if round == 1 {
            assert_eq!(booked.problem(), (409, "quota_reached".to_owned()));
            return;
        }
        let booked = booked.good();
        booking["patient"] = booked["patient"].clone();
        let booked = format!("/appointments/{}", booked["id"].as_str().unwrap());
        let mut page = by_link(&house, &rest, &booked).await;
        // The page names no service: the appointment does.
        assert_eq!(page.arrive("Ada", "").await, DONE);
        let seen = console.practitioner(|it| it.waiting.len() == 1).await;
        is_seen(&house, &mut console, seen.waiting[0].visit).await;
    }
}
