//! What a server answers.

use std::net::SocketAddr;
use std::sync::Arc;

use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use vestibule_vocab::Millis;

use super::assert_current;
use super::story::{self, NAME, START, WORDS, consultation, doctor, fill, patient, visit};
use crate::administration::{STORE_FILE, server_key};
use crate::clock::ManualClock;
use crate::store::Store;
use crate::store::tests::postgres;
use crate::{ApiKeys, Rate, Scope, Scopes, Server, Settings};

const KINDS: [&str; 5] = [
    "Appointment",
    "AuditEvent",
    "Consent",
    "Encounter",
    "QuestionnaireResponse",
];

/// A server on the story's clinic, and a key that may read everything.
struct House {
    server: Server,
    settings: Settings,
    secret: String,
    _directory: TempDir,
}

/// An answer.
struct Answer {
    status: u16,
    head: String,
    body: String,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("no JSON: {}", self.body))
    }

    /// Its status and the code of its one issue, in FHIR's form.
    fn refusal(&self) -> (u16, String) {
        assert!(self.head.contains("content-type: application/fhir+json"));
        let outcome = self.json();
        assert_eq!(outcome["resourceType"], "OperationOutcome");
        let issue = &outcome["issue"][0];
        assert!(issue["diagnostics"].as_str().unwrap().len() > 10);
        (self.status, issue["code"].as_str().unwrap().to_owned())
    }
}

impl House {
    async fn open() -> Self {
        Self::open_on(None, |_| {}).await
    }

    async fn open_on(url: Option<String>, change: impl Fn(&mut Settings)) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let data = directory.path().to_owned();
        let mut settings = Settings::new(data.clone());
        settings.store = url.map(|url| url.parse().unwrap());
        settings.http = Some(([127, 0, 0, 1], 0).into());
        settings.public_url = Some("https://clinic.example".to_owned());
        settings.clock = Arc::new(ManualClock::new(START.plus(Millis(60 * 60_000))));
        change(&mut settings);
        let vault = server_key(&data).unwrap();
        let store = match &settings.store {
            Some(url) => Store::connect(url, vault).await.unwrap(),
            None => Store::open(&data.join(STORE_FILE), vault).await.unwrap(),
        };
        fill(&store).await;
        store.close().await.unwrap();
        let server = Server::start(settings.clone()).await.unwrap();
        let mut house = Self {
            server,
            settings,
            secret: String::new(),
            _directory: directory,
        };
        house.secret = house.key(Scope::ALL).await;
        house
    }

    async fn key(&self, scopes: &[Scope]) -> String {
        let keys = ApiKeys::open(&self.settings.data, self.settings.store.as_ref());
        let keys = keys.await.unwrap();
        let scopes = Scopes::of(scopes.iter().copied());
        let made = keys.add("A test", None, &scopes).await.unwrap();
        made.secret.into_exposed()
    }

    fn address(&self) -> SocketAddr {
        self.server.addresses().http.unwrap()
    }

    async fn get(&self, path: &str) -> Answer {
        let authorization = format!("Authorization: Bearer {}\r\n", self.secret);
        self.ask("GET", path, &authorization).await
    }

    async fn ask(&self, method: &str, path: &str, headers: &str) -> Answer {
        let mut stream = TcpStream::connect(self.address()).await.unwrap();
        let request = format!(
            "{method} /fhir/r4{path} HTTP/1.1\r\nHost: localhost\r\n{headers}Connection: close\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).await.unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap();
        Answer {
            status: status.parse().unwrap(),
            head: head.to_owned(),
            body: body.to_owned(),
        }
    }

    /// The resources of a search's first page.
    async fn found(&self, search: &str) -> Vec<Value> {
        let answer = self.get(search).await;
        assert_eq!(answer.status, 200, "{search}: {}", answer.body);
        resources(&answer.json())
    }

    /// Their ids.
    async fn ids(&self, search: &str) -> Vec<String> {
        let found = self.found(search).await;
        let ids = found.iter().map(|it| it["id"].as_str().unwrap().to_owned());
        ids.collect()
    }
}

fn resources(bundle: &Value) -> Vec<Value> {
    assert_eq!(bundle["type"], "searchset");
    let entries = bundle["entry"].as_array().cloned().unwrap_or_default();
    entries
        .into_iter()
        .map(|mut entry| entry["resource"].take())
        .collect()
}

fn link<'b>(bundle: &'b Value, relation: &str) -> Option<&'b str> {
    let mut links = bundle["link"].as_array().unwrap().iter();
    let link = links.find(|link| link["relation"] == relation)?;
    link["url"]
        .as_str()?
        .strip_prefix("https://clinic.example/fhir/r4")
}

/// Every kind as a list and each of its resources by itself: the same on both databases, and as committed.
#[tokio::test]
async fn m24_every_kind_is_read_and_searched_alike_on_both_databases() {
    for url in [None, Some(postgres::shared().database())] {
        let house = House::open_on(url, |_| {}).await;
        for kind in KINDS {
            let list = house.get(&format!("/{kind}")).await.json();
            assert_current(&format!("{kind}.json"), &list);
            for resource in resources(&list) {
                let id = resource["id"].as_str().unwrap();
                let one = house.get(&format!("/{kind}/{id}")).await;
                assert_eq!(
                    (one.status, one.json()),
                    (200, resource.clone()),
                    "{kind}/{id}"
                );
                assert!(one.head.contains("content-type: application/fhir+json"));
                assert!(one.head.contains("cache-control: no-store"));
            }
        }
        let one = house.get("/Encounter/00000000-0000-4000-8000-000000000000");
        assert_current("OperationOutcome.json", &one.await.json());
        house.server.stop().await;
    }
}

#[tokio::test]
async fn whoever_has_no_key_reads_what_there_is_and_nothing_of_it() {
    let house = House::open().await;
    let statement = house.ask("GET", "/metadata", "").await;
    assert_eq!(statement.status, 200);
    assert_current("CapabilityStatement.json", &statement.json());
    for kind in KINDS {
        let answer = house.ask("GET", &format!("/{kind}"), "").await;
        assert_eq!(answer.refusal(), (401, "login".to_owned()));
        assert!(answer.head.contains("www-authenticate: Bearer"));
    }
}

#[tokio::test]
async fn what_is_not_there_is_said_by_which_ids_its_kind_has() {
    let house = House::open().await;
    let said = async |path: String| {
        let answer = house.get(&path).await;
        assert_eq!(answer.refusal(), (404, "not-found".to_owned()), "{path}");
        answer.json()["issue"][0]["diagnostics"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    // A visit whose patient is to come, one that has a consultation, and one that nobody knows.
    for number in [1, 2, 99] {
        let encounter = said(format!("/Encounter/{}", visit(number).to_text())).await;
        assert!(
            encounter.contains("its consultation's id, not its visit's"),
            "{encounter}"
        );
        assert!(encounter.contains("by `appointment`"), "{encounter}");
        assert!(!encounter.contains("forgotten"), "{encounter}");
    }
    let consultations = house
        .found(&format!("/Encounter?appointment={}", visit(2).to_text()))
        .await;
    assert_eq!(consultations.len(), 1, "as it says");
    let appointment = said(format!("/Appointment/{}", visit(99).to_text())).await;
    assert!(
        appointment.contains("whoever walked in has none"),
        "{appointment}"
    );
    let line = said("/AuditEvent/999999".to_owned()).await;
    assert!(line.contains("audit log"), "{line}");
}

#[tokio::test]
async fn each_kind_needs_a_scope_of_its_own() {
    const SCOPES: [(&str, Scope); 5] = [
        ("Appointment", Scope::AppointmentsRead),
        ("AuditEvent", Scope::AuditRead),
        ("Consent", Scope::ConsentsRead),
        ("Encounter", Scope::ReceiptsRead),
        ("QuestionnaireResponse", Scope::AnswersRead),
    ];
    let house = House::open().await;
    for (own, scope) in SCOPES {
        let secret = house.key(&[scope]).await;
        let header = format!("Authorization: Bearer {secret}\r\n");
        for kind in KINDS {
            let answer = house.ask("GET", &format!("/{kind}"), &header).await;
            if kind == own {
                assert_eq!(answer.status, 200, "{kind}");
            } else {
                assert_eq!(answer.refusal(), (403, "forbidden".to_owned()), "{kind}");
                let said = answer.json()["issue"][0]["diagnostics"].to_string();
                assert!(said.contains("the scope"), "{said}");
            }
        }
    }
}

#[tokio::test]
async fn nobody_is_named_and_words_are_in_the_answers_alone() {
    let house = House::open().await;
    for kind in KINDS {
        let body = house.get(&format!("/{kind}")).await.body;
        assert!(!body.contains(NAME), "{kind}");
        assert!(!body.contains("Dr Parc"), "{kind}");
        assert!(!body.contains("a reason"), "{kind}");
        let answers = body.contains("Depuis hier") || body.contains("38.4");
        assert_eq!(answers, kind == "QuestionnaireResponse", "{kind}");
    }
    let answers = house.get("/QuestionnaireResponse").await.body;
    assert!(
        !answers.contains(WORDS),
        "spaces that the schema does not know"
    );
    assert!(answers.contains("Depuis hier : 38 °C 🤒"));
}

#[tokio::test]
async fn an_encounter_is_virtual_and_says_how_long_people_saw_one_another() {
    let house = House::open().await;
    let id = consultation(2).to_text();
    let it = house.get(&format!("/Encounter/{id}")).await.json();
    let act_code = "http://terminology.hl7.org/CodeSystem/v3-ActCode";
    assert_eq!(it["class"]["system"], act_code);
    assert_eq!(it["class"]["code"], "VR");
    assert_eq!(it["status"], "finished");
    assert_eq!(it["subject"]["identifier"]["value"], json!(patient(2)));
    assert_eq!(
        it["appointment"][0]["reference"],
        format!("Appointment/{}", visit(2).to_text())
    );
    assert_eq!(it["period"]["start"], "2027-01-15T08:07:00Z");
    assert_eq!(it["period"]["end"], "2027-01-15T08:20:00Z");
    assert_eq!(it["length"]["value"], 13.0);
    let extensions = it["extension"].as_array().unwrap();
    let talk = extensions
        .iter()
        .find(|it| it["url"] == "urn:vestibule:fhir:talk")
        .unwrap();
    assert_eq!(talk["extension"][0]["url"], "video");
    assert_eq!(talk["extension"][0]["valueDuration"]["value"], 12.57);
}

#[tokio::test]
async fn a_search_finds_what_all_its_conditions_hold_for() {
    let house = House::open().await;
    let system = format!("urn:uuid:{}", story::clinic().id.to_text());
    let [one, two, three, four, five] = [1, 2, 3, 4, 5].map(|number| visit(number).to_text());
    let who = |number| patient(number).to_text();
    let doctor = doctor(1).to_text();
    for (search, expected) in [
        ("/Appointment".to_owned(), vec![&one, &two]),
        (format!("/Appointment?patient={}", who(2)), vec![&two]),
        (
            format!("/Appointment?patient=Patient/{}", who(1)),
            vec![&one],
        ),
        (
            format!("/Appointment?patient:identifier={system}|{}", who(1)),
            vec![&one],
        ),
        (
            format!("/Appointment?patient:identifier=urn:other%7C{}", who(1)),
            vec![],
        ),
        (format!("/Appointment?practitioner={doctor}"), vec![&two]),
        ("/Appointment?status=booked,noshow".to_owned(), vec![&one]),
        ("/Appointment?status=noshow".to_owned(), vec![]),
        ("/Appointment?date=2027-01-15".to_owned(), vec![&one, &two]),
        (
            "/Appointment?date=ge2027-01-15T10:00:00Z".to_owned(),
            vec![&one],
        ),
        ("/Appointment?date=2027-01-15T12:00".to_owned(), vec![&one]),
        (
            "/Appointment?date=ge2027-01-15&date=lt2027-01-15T10:00Z".to_owned(),
            vec![&two],
        ),
        (
            format!("/Appointment?status=booked&patient={}", who(2)),
            vec![],
        ),
        ("/Consent?status=active".to_owned(), vec![&two, &five]),
        (
            "/Consent?status=inactive&date=2027-01".to_owned(),
            vec![&three],
        ),
        (
            "/QuestionnaireResponse?status=completed".to_owned(),
            vec![&five, &three],
        ),
        (
            "/QuestionnaireResponse?status=in-progress".to_owned(),
            vec![&four],
        ),
        (
            "/QuestionnaireResponse?authored=2027-01-15".to_owned(),
            vec![&five, &three],
        ),
    ] {
        let found = house.ids(&search).await;
        assert_eq!(found.iter().collect::<Vec<_>>(), expected, "{search}");
    }
}

#[tokio::test]
async fn a_status_that_no_value_set_has_is_refused_and_not_searched_for() {
    let house = House::open().await;
    for kind in [
        "Appointment",
        "Consent",
        "QuestionnaireResponse",
        "Encounter",
    ] {
        for wrong in ["nope", "booked,nope", "", "Booked"] {
            let answer = house.get(&format!("/{kind}?status={wrong}")).await;
            assert_eq!(answer.status, 400, "{kind} {wrong}");
            assert_eq!(answer.json()["resourceType"], "OperationOutcome");
        }
    }
    // One that nothing here can have is a code all the same.
    assert!(house.ids("/Appointment?status=waitlist").await.is_empty());
    assert!(house.ids("/Encounter?status=triaged").await.is_empty());
}

#[tokio::test]
async fn consultations_and_what_was_done_are_found_by_who_and_when() {
    let house = House::open().await;
    let [ended, lasts] = [2, 5].map(|number| consultation(number).to_text());
    let two = visit(2).to_text();
    let who = |number| patient(number).to_text();
    let doctor = doctor(1).to_text();
    for (search, expected) in [
        (format!("/Encounter?subject={}", who(2)), vec![&ended]),
        (format!("/Encounter?subject={}", who(3)), vec![]),
        (format!("/Encounter?practitioner={doctor}"), vec![&ended]),
        ("/Encounter?status=in-progress".to_owned(), vec![&lasts]),
        (
            format!("/Encounter?appointment=Appointment/{two}"),
            vec![&ended],
        ),
        ("/Encounter?date=2027-01-15".to_owned(), vec![&ended]),
        ("/Encounter?date=2027-01-15T09:10".to_owned(), vec![]),
        (
            "/Encounter?date=ge2027-01-15T09:10".to_owned(),
            vec![&ended, &lasts],
        ),
        (
            "/Encounter?date=gt2027-01-15T09:20".to_owned(),
            vec![&lasts],
        ),
        ("/Encounter?date=lt2027-01-15T09:07".to_owned(), vec![]),
        (
            "/Encounter?date=le2027-01-15T09:07".to_owned(),
            vec![&ended, &lasts],
        ),
    ] {
        let found = house.ids(&search).await;
        assert_eq!(found.iter().collect::<Vec<_>>(), expected, "{search}");
    }
    for (search, least) in [
        (format!("/AuditEvent?agent={}", who(2)), 3),
        (format!("/AuditEvent?agent={doctor}"), 2),
        (format!("/AuditEvent?entity={two}"), 5),
    ] {
        let found = house.found(&search).await;
        assert!(found.len() >= least, "{search}: {}", found.len());
    }
}

#[tokio::test]
async fn a_list_comes_in_pages_that_leave_nothing_out() {
    let house = House::open().await;
    for kind in KINDS {
        let all = house.ids(&format!("/{kind}")).await;
        let mut found = Vec::new();
        let mut next = Some(format!("/{kind}?_count=1"));
        while let Some(page) = next {
            let bundle = house.get(&page).await.json();
            assert_eq!(link(&bundle, "self"), Some(page.as_str()));
            let ids = resources(&bundle);
            assert!(ids.len() <= 1);
            found.extend(ids.iter().map(|it| it["id"].as_str().unwrap().to_owned()));
            next = link(&bundle, "next").map(str::to_owned);
        }
        assert_eq!(found, all, "{kind}");
    }
}

#[tokio::test]
async fn what_cannot_be_answered_is_told_in_fhirs_form() {
    let house = House::open().await;
    let authorization = format!("Authorization: Bearer {}\r\n", house.secret);
    for (path, status, code) in [
        ("/Patient", 404, "not-found"),
        ("/Patient/1", 404, "not-found"),
        ("/Appointment/1", 404, "not-found"),
        (
            "/Appointment/00000000-0000-4000-8000-000000000000",
            404,
            "not-found",
        ),
        ("/Appointment/%ff", 404, "not-found"),
        ("/AuditEvent/0", 404, "not-found"),
        ("/AuditEvent/99999999999999999999999", 404, "not-found"),
        ("/AuditEvent/01", 404, "not-found"),
        ("/Appointment?name=Ada", 400, "invalid"),
        ("/Appointment?date=today", 400, "invalid"),
        ("/Appointment?date:exact=2027", 400, "invalid"),
        ("/Appointment?patient=Ada", 400, "invalid"),
        ("/Appointment?patient.name=Ada", 400, "invalid"),
        ("/Appointment?_count=0", 400, "invalid"),
        ("/Appointment?_count=many", 400, "invalid"),
        ("/Appointment?_cursor=1", 400, "invalid"),
        ("/Appointment?_include=*", 400, "invalid"),
        ("/Appointment?_format=xml", 406, "not-supported"),
        (
            "/metadata?_format=application/fhir%2Bxml",
            406,
            "not-supported",
        ),
    ] {
        let answer = house.ask("GET", path, &authorization).await;
        assert_eq!(answer.refusal(), (status, code.to_owned()), "{path}");
    }
    let xml = format!("{authorization}Accept: application/fhir+xml\r\n");
    assert_eq!(house.ask("GET", "/Consent", &xml).await.refusal().0, 406);
    let both =
        format!("{authorization}Accept: application/fhir+xml, application/fhir+json;q=0.5\r\n");
    assert_eq!(house.ask("GET", "/Consent", &both).await.status, 200);
    assert_eq!(
        house
            .get("/Consent?_format=application/fhir+json")
            .await
            .status,
        200
    );
    let posted = house.ask("POST", "/Appointment", &authorization).await;
    assert_eq!(posted.refusal(), (405, "not-supported".to_owned()));
}

#[tokio::test]
async fn whoever_asks_too_often_is_told_so_in_fhirs_form() {
    let rate = Rate {
        burst: 2,
        per_second: 1,
    };
    let house = House::open_on(None, |settings| settings.rates.api = rate).await;
    let mut answers = Vec::new();
    for _ in 0..6 {
        answers.push(house.get("/Consent").await);
    }
    let refused = answers.iter().find(|answer| answer.status != 200).unwrap();
    assert_eq!(refused.refusal(), (429, "throttled".to_owned()));
    assert!(refused.head.contains("retry-after: 1"));
}
