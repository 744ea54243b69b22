//! What people wrote lies sealed under a key of each patient: it can be read out, erased, and is gone when its time is over.

use std::time::Duration;

use tempfile::TempDir;
use vestibule_protocol::ErrorCode;
use vestibule_protocol::client::Request;
use vestibule_signaling::clock::Clock as _;
use vestibule_signaling::{AuditCheck, Erasure, Retention, Server, Settings};
use vestibule_vocab::{Millis, PatientId};

use crate::on_both_stores;
use crate::support::device::new_instance;
use crate::support::{House, Kind, Receiver};

on_both_stores! {
    an_erased_patient_is_nameless_and_the_audit_log_is_whole,
    everything_about_one_patient_is_exported_and_nothing_of_another,
    what_is_past_its_period_is_gone_and_the_audit_log_goes_on,
}

const DAY: Millis = Millis::from_secs(24 * 60 * 60);

async fn bytes(house: &House, sql: &'static str) -> Vec<Vec<u8>> {
    match &house.store {
        None => {
            let found = sqlx::query_scalar(sql).fetch_all(&house.sql().await).await;
            found.unwrap()
        }
        Some(url) => {
            let pool = sqlx::PgPool::connect(url).await.unwrap();
            let found = sqlx::query_scalar(sql).fetch_all(&pool).await.unwrap();
            pool.close().await;
            found
        }
    }
}

/// The patients of the visits that there are, in order of arrival.
async fn patients(house: &House) -> Vec<PatientId> {
    let found = bytes(house, "SELECT patient FROM visits ORDER BY arrival").await;
    let ids = found.into_iter().map(|it| it.try_into().unwrap());
    ids.map(PatientId::from_bytes).collect()
}

/// Waits until a query finds so many rows.
async fn rows(house: &House, sql: &'static str, count: usize) {
    for _ in 0..1_000 {
        if bytes(house, sql).await.len() == count {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("{sql}: {}", bytes(house, sql).await.len());
}

/// Waits until the sweeper has left so many rows. It may have looked at the clock before that was moved, so it is moved on.
async fn swept(house: &House, sql: &'static str, count: usize) {
    for _ in 0..500 {
        if bytes(house, sql).await.len() == count {
            return;
        }
        house.advance(Millis::from_secs(61));
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{sql}: {}", bytes(house, sql).await.len());
}

async fn an_erased_patient_is_nameless_and_the_audit_log_is_whole(kind: Kind) {
    let mut house = House::open_on(kind).await;
    let (ada, mut page) = house.waiting("Ada").await;
    let (grace, _waiting) = house.waiting("Grace").await;
    let patients = patients(&house).await;
    let office = house.administration().await;
    let refused = office.erase(patients[0]).await.unwrap_err();
    assert!(refused.to_string().contains("goes on"), "{refused}");
    page.ask(Request::Leave).await.unwrap();

    let erased = office.erase(patients[0]).await.unwrap();
    assert_eq!(erased, Erasure::Done { visits: 1 });
    rows(&house, "SELECT body FROM personal", 1).await;
    rows(&house, "SELECT patient FROM patient_keys", 1).await;
    let left = office.export(patients[0]).await.unwrap().unwrap();
    assert!(
        !left.contains("Ada") && left.contains(r#""name": """#),
        "{left}"
    );
    let other = office.export(patients[1]).await.unwrap().unwrap();
    assert!(other.contains("Grace"));
    let whole = office.verify_audit().await.unwrap();
    assert!(
        matches!(whole, AuditCheck::Whole { entries: 4, .. }),
        "{whole:?}"
    );
    // The log says that it was done, and about whom; what was there says nothing more.
    let left: serde_json::Value = serde_json::from_str(&left).unwrap();
    let last = left["audit"].as_array().unwrap().last().unwrap();
    let erased = serde_json::json!({ "type": "erased", "patient": patients[0] });
    assert_eq!(
        (&last["entry"]["act"], &last["sequence"]),
        (&erased, &4.into())
    );
    assert_eq!(last["entry"]["actor"]["type"], "administration");
    assert!(!other.contains("\"erased\""));
    // Nothing more is there to be erased, and so nothing more was.
    let left = office.erase(patients[0]).await.unwrap();
    assert_eq!(left, Erasure::NothingLeft);
    let nobody = PatientId::from_random(1);
    assert_eq!(office.erase(nobody).await.unwrap(), Erasure::Unknown);
    let again = office.verify_audit().await.unwrap();
    assert_eq!(again, whole);
    // Their session is over, and everything else goes on, also after a restart.
    assert!(ada.try_open_as(new_instance()).await.is_none());
    let mut console = house.practitioner().await.open().await;
    let seen = console.practitioner(|it| it.waiting.len() == 1).await;
    assert_eq!(seen.waiting[0].name.expose(), "Grace");
    drop(office);
    house.restart().await;
    let grace = grace.moved(house.address());
    grace.open().await.patient(|it| it.visit.is_some()).await;
    let office = house.administration().await;
    let whole = office.verify_audit().await.unwrap();
    assert!(matches!(whole, AuditCheck::Whole { .. }), "{whole:?}");
}

async fn everything_about_one_patient_is_exported_and_nothing_of_another(kind: Kind) {
    let house = House::open_on(kind).await;
    let ada = house.patient().await;
    let mut page = ada.open().await;
    page.arrive("Ada", "a cough since Monday").await.unwrap();
    let (_grace, _waiting) = house.waiting("Grace").await;
    let mut console = house.practitioner().await.open().await;
    let seen = console.practitioner(|it| it.waiting.len() == 2).await;
    let visits = [seen.waiting[0].visit, seen.waiting[1].visit];
    console.admit(visits[0]).await.unwrap();
    let patients = patients(&house).await;
    // Two calls of the consultation, in which something flowed.
    house
        .meddle(
            "INSERT INTO talks SELECT randomblob(16), consultation, 60000, 5000, 700 FROM receipts; \
             INSERT INTO talks SELECT randomblob(16), consultation, 1000, 0, 0 FROM receipts",
            "INSERT INTO talks SELECT decode(md5('1'), 'hex'), consultation, 60000, 5000, 700 FROM receipts; \
             INSERT INTO talks SELECT decode(md5('2'), 'hex'), consultation, 1000, 0, 0 FROM receipts",
        )
        .await;
    let office = house.administration().await;
    let export = office.export(patients[0]).await.unwrap().unwrap();
    let export: serde_json::Value = serde_json::from_str(&export).unwrap();
    assert_eq!(export["visits"][0]["name"], "Ada");
    assert_eq!(export["visits"][0]["reason"], "a cough since Monday");
    assert_eq!(export["consultations"][0]["name"], "Ada");
    assert_eq!(export["events"][0]["type"], "visit.arrived");
    assert_eq!(export["audit"][0]["entry"]["act"]["type"], "walked_in");
    assert_eq!(export["sessions"][0]["visit"], visits[0].to_text());
    assert_eq!(export["sessions"][0]["level"], "link");
    let receipt = &export["receipts"][0];
    assert_eq!(receipt["visit"], visits[0].to_text());
    assert_eq!(receipt["consultation"], export["consultations"][0]["id"]);
    let flowed = ["video_ms", "audio_ms", "neither_ms"].map(|it| &receipt[it]);
    assert_eq!(flowed, [61_000, 5_000, 700]);
    assert!(
        receipt.get("name").is_none() && receipt["ended"].is_null(),
        "{receipt}"
    );
    let text = export.to_string();
    assert!(!text.contains("Grace") && !text.contains(&visits[1].to_text()));
    assert!(!text.contains(&ada.secret));
    let nobody = PatientId::from_random(1);
    assert_eq!(office.export(nobody).await.unwrap(), None);
}

fn short(settings: &mut Settings) {
    settings.policy.remember = DAY;
    settings.retention = Retention {
        receipts: Millis(4 * DAY.0),
        audit: Millis(2 * DAY.0),
        events: Millis(2 * DAY.0),
    };
}

async fn what_is_past_its_period_is_gone_and_the_audit_log_goes_on(kind: Kind) {
    let house = House::open_on_with(kind, short).await;
    let (_ada, mut page) = house.waiting("Ada").await;
    let mut console = house.practitioner().await.open().await;
    let seen = console.practitioner(|it| it.waiting.len() == 1).await;
    console.admit(seen.waiting[0].visit).await.unwrap();
    page.ask(Request::Leave).await.unwrap();
    let patient = patients(&house).await[0];
    rows(&house, "SELECT body FROM personal", 1).await;
    house.advance(Millis(DAY.0 + 1));
    rows(&house, "SELECT body FROM personal", 0).await;
    rows(&house, "SELECT wrapped FROM patient_keys", 0).await;
    rows(&house, "SELECT consultation FROM receipts", 1).await;
    let office = house.administration().await;
    let export = office.export(patient).await.unwrap().unwrap();
    let export: serde_json::Value = serde_json::from_str(&export).unwrap();
    assert_eq!(
        export["receipts"][0]["ended"]["how"]["type"],
        "patient_left"
    );
    assert_eq!(export["visits"], serde_json::json!([]));

    house.advance(DAY);
    // Only that the visit was forgotten is younger.
    swept(&house, "SELECT hash FROM audit", 1).await;
    swept(&house, "SELECT visit FROM outbox", 0).await;
    let (_grace, _page) = house.waiting("Grace").await;
    let check = office.verify_audit().await.unwrap();
    let AuditCheck::Whole {
        entries: 2,
        shortened: 3,
        ..
    } = check
    else {
        panic!("{check:?}");
    };
    house.advance(Millis(2 * DAY.0));
    swept(&house, "SELECT consultation FROM receipts", 0).await;
}

#[tokio::test]
async fn what_people_wrote_is_nowhere_in_the_file() {
    let house = House::open().await;
    let device = house.patient().await;
    let mut page = device.open().await;
    page.arrive("Ada Lovelace", "a cough since Monday")
        .await
        .unwrap();
    let journal = house.database().with_extension("sqlite3-wal");
    for file in [house.database(), journal] {
        let file = std::fs::read(file).unwrap();
        for personal in ["Lovelace", "cough"] {
            let found = file
                .windows(personal.len())
                .any(|it| it == personal.as_bytes());
            assert!(!found, "{personal}");
        }
    }
}

#[tokio::test]
async fn a_webhooks_secret_is_nowhere_in_the_file_and_signs_all_the_same() {
    let mut receiver = Receiver::open().await;
    let mut house = House::open_with(|settings| {
        settings.webhooks.allow_private = vec!["127.0.0.0/8".parse().unwrap()];
    })
    .await;
    let office = house.administration().await;
    let (url, now) = (receiver.url().parse().unwrap(), house.clock.now());
    let made = office.add_webhook(&url, &[], None, now).await.unwrap();
    let secret = made.secret.expose();
    let journal = house.database().with_extension("sqlite3-wal");
    for file in [house.database(), journal] {
        let file = std::fs::read(file).unwrap();
        let words = secret.trim_start_matches("whsec_").as_bytes();
        assert!(!file.windows(words.len()).any(|it| it == words));
    }
    drop(office);
    house.restart().await;
    let (_ada, _page) = house.waiting("Ada").await;
    assert!(receiver.next().await.is_signed_with(&secret));
}

/// The settings of a server on the store of this house, with a directory of its own that has nothing but these keys.
fn beside(house: &House, keys: &[(&str, &[u8])]) -> (TempDir, Settings) {
    let folder = tempfile::tempdir().unwrap();
    let mut settings = house.settings();
    settings.data = folder.path().join("data");
    std::fs::create_dir(&settings.data).unwrap();
    for (name, key) in keys {
        std::fs::write(settings.data.join(name), key).unwrap();
    }
    (folder, settings)
}

/// What a server says that does not start.
async fn refused(settings: Settings) -> String {
    Server::start(settings).await.err().unwrap().to_string()
}

#[tokio::test]
async fn a_server_with_another_key_does_not_start_and_says_what_to_do() {
    let house = House::open_on(Kind::Postgres).await;
    let (_folder, settings) = beside(&house, &[]);
    let told = refused(settings).await;
    assert!(told.contains("copy personal-data.key"), "{told}");
    let personal = ("personal-data.key", [7; 32]);
    let personal = (personal.0, personal.1.as_slice());
    let (_folder, settings) = beside(&house, &[personal]);
    let told = refused(settings).await;
    assert!(told.contains("copy token-key.p8"), "{told}");
    assert!(told.contains("--renew-token-key"), "{told}");

    let key = std::fs::read(house.data.path().join("data/token-key.p8")).unwrap();
    let (_folder, settings) = beside(&house, &[personal, ("token-key.p8", &key)]);
    Server::start(settings).await.unwrap().stop().await;
}

#[tokio::test]
async fn a_lost_token_key_is_renewed_when_that_is_asked_for() {
    let mut house = House::open().await;
    let old = house.practitioner_token();
    house.server.take().unwrap().stop().await;
    std::fs::remove_file(house.data.path().join("data/token-key.p8")).unwrap();
    let told = refused(house.settings()).await;
    assert!(told.contains("copy token-key.p8"), "{told}");
    let mut settings = house.settings();
    settings.renew_token_key = true;
    Server::start(settings).await.unwrap().stop().await;
    // It is asked for once.
    house.start().await;
    house.practitioner().await;
    let refused = house.device().claim(&old).await;
    assert_eq!(refused, Err(ErrorCode::TokenInvalid));
}
