//! What people wrote lies sealed under a key of each patient: it can be read out, erased, and is gone when its time is over.

use std::time::Duration;

use vestibule_protocol::client::Request;
use vestibule_signaling::{AuditCheck, Retention, Server, Settings};
use vestibule_vocab::{Millis, PatientId};

use crate::on_both_stores;
use crate::support::device::new_instance;
use crate::support::{House, Kind};

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

    assert_eq!(office.erase(patients[0]).await.unwrap(), 1);
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
        matches!(whole, AuditCheck::Whole { entries: 3, .. }),
        "{whole:?}"
    );
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
    let office = house.administration().await;
    let export = office.export(patients[0]).await.unwrap().unwrap();
    let export: serde_json::Value = serde_json::from_str(&export).unwrap();
    assert_eq!(export["visits"][0]["name"], "Ada");
    assert_eq!(export["visits"][0]["reason"], "a cough since Monday");
    assert_eq!(export["consultations"][0]["name"], "Ada");
    assert_eq!(export["events"][0]["type"], "visit.arrived");
    assert_eq!(export["audit"][0]["entry"]["act"]["type"], "walked_in");
    assert_eq!(export["sessions"][0]["visit"], visits[0].to_text());
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
async fn a_server_with_another_key_does_not_start_and_says_what_to_do() {
    let house = House::open_on(Kind::Postgres).await;
    let folder = tempfile::tempdir().unwrap();
    let mut settings = house.settings();
    settings.data = folder.path().join("data");
    let told = Server::start(settings).await.err().unwrap().to_string();
    assert!(told.contains("copy personal-data.key"), "{told}");
}
