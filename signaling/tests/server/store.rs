//! The store: what it does not take did not happen, and it forgets what is personal.

use vestibule_protocol::ErrorCode;
use vestibule_protocol::server::{ClosingReason, Reply};

use crate::support::House;
use crate::support::house::names;
use crate::support::page::place;

#[tokio::test]
async fn what_the_store_does_not_take_is_refused_and_did_not_happen() {
    let house = House::open().await;
    let (grace, _) = house.waiting("Grace").await;
    let sql = house.sql().await;
    sqlx::query(
        "CREATE TRIGGER full BEFORE INSERT ON visits BEGIN SELECT RAISE(ABORT, 'full'); END",
    )
    .execute(&sql)
    .await
    .unwrap();

    let ada = house.patient().await;
    let mut page = ada.open().await;
    assert_eq!(page.arrive("Ada", "").await, Err(ErrorCode::Unavailable));
    assert_eq!(page.farewell().await.0, Some(ClosingReason::ShuttingDown));
    sqlx::query("DROP TRIGGER full")
        .execute(&sql)
        .await
        .unwrap();

    let mut page = ada.open().await;
    assert_eq!(page.patient(|_| true).await.visit, None);
    assert_eq!(page.arrive("Ada", "").await, Ok(Reply::Done));
    page.patient(|it| place(it) == Some(2)).await;
    let mut console = house.practitioner().await.open().await;
    console
        .practitioner(|it| names(it) == ["Grace", "Ada"])
        .await;
    grace.open().await.patient(|it| place(it) == Some(1)).await;
}

#[tokio::test]
async fn another_writer_is_noticed_and_nothing_is_decided_on_an_old_state() {
    let house = House::open().await;
    let ada = house.patient().await;
    let mut page = ada.open().await;
    let sql = house.sql().await;
    sqlx::query("UPDATE clinic SET version = version + 7")
        .execute(&sql)
        .await
        .unwrap();
    assert_eq!(page.arrive("Ada", "").await, Err(ErrorCode::Unavailable));
    let mut page = ada.open().await;
    assert_eq!(page.arrive("Ada", "").await, Ok(Reply::Done));
}

#[tokio::test]
async fn secrets_and_codes_are_stored_as_hashes_only() {
    let house = House::open().await;
    let doctor = house.practitioner().await;
    let (ada, _page) = house.waiting("Ada").await;
    let stored = std::fs::read(house.database()).unwrap();
    let journal = std::fs::read(house.database().with_extension("sqlite3-wal")).unwrap();
    for secret in [&ada.secret, &doctor.secret, &house.code()] {
        for file in [&stored, &journal] {
            let found = file.windows(secret.len()).any(|it| it == secret.as_bytes());
            assert!(!found);
        }
    }
}
