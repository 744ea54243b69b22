//! The line to PostgreSQL breaks at the worst moment: while a batch is committed.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use vestibule_protocol::ErrorCode;
use vestibule_protocol::client::Request;
use vestibule_protocol::server::{ClosingReason, Outcome, Reply};

use crate::support::house::names;
use crate::support::page::{outcome, place};
use crate::support::{House, Rest, postgres, web};

/// What becomes of the next commit on the line.
#[derive(Clone, Copy)]
#[repr(u8)]
enum Fate {
    Well = 0,
    /// The database commits, and nobody hears of it.
    AnswerLost = 1,
    /// The database never hears of it.
    CommitLost = 2,
}

/// A line to the database that breaks when it is told to, once.
#[derive(Clone)]
struct Line {
    fate: Arc<AtomicU8>,
}

impl Line {
    fn breaks(&self, fate: Fate) {
        self.fate.store(fate as u8, Ordering::Relaxed);
    }

    /// What becomes of this: only a commit breaks the line, and only once.
    fn fate_of(&self, said: &[u8]) -> u8 {
        let commits = said.windows(6).any(|it| it == b"COMMIT");
        if commits {
            self.fate.swap(Fate::Well as u8, Ordering::Relaxed)
        } else {
            Fate::Well as u8
        }
    }

    async fn carry(self, near: TcpStream, far: TcpStream) -> std::io::Result<()> {
        let (mut from_near, mut to_near) = near.into_split();
        let (mut from_far, mut to_far) = far.into_split();
        let mut answers =
            tokio::spawn(async move { tokio::io::copy(&mut from_far, &mut to_near).await });
        let mut said = [0; 8192];
        loop {
            let count = tokio::select! {
                count = from_near.read(&mut said) => count?,
                _ = &mut answers => return Ok(()),
            };
            let said = &said[..count];
            let fate = self.fate_of(said);
            if fate != Fate::Well as u8 {
                answers.abort();
                let _ = (&mut answers).await;
            }
            if count == 0 || fate == Fate::CommitLost as u8 {
                answers.abort();
                return Ok(());
            }
            to_far.write_all(said).await?;
            if fate == Fate::AnswerLost as u8 {
                // The database ends the connection when it has done what it was told.
                to_far.shutdown().await?;
                return Ok(());
            }
        }
    }
}

/// Opens a house whose database is at the end of such a line.
async fn open() -> (House, Line) {
    let url = postgres::shared().database_by_tcp();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (database, url) = postgres::by_way_of(&url, listener.local_addr().unwrap());
    let line = Line {
        fate: Arc::new(AtomicU8::new(Fate::Well as u8)),
    };
    let carrier = line.clone();
    tokio::spawn(async move {
        while let Ok((near, _)) = listener.accept().await {
            let far = TcpStream::connect(database).await.unwrap();
            tokio::spawn(carrier.clone().carry(near, far));
        }
    });
    let house = House::open_at(url).await;
    (house, line)
}

#[tokio::test]
async fn a_commit_whose_answer_was_lost_is_asked_for_and_not_repeated() {
    let (house, line) = open().await;
    let (_grace, mut waiting) = house.waiting("Grace").await;
    let mut console = house.practitioner().await.open().await;
    let before = console.practitioner(|it| names(it) == ["Grace"]).await;
    let mut page = house.patient().await.open().await;
    page.patient(|_| true).await;
    line.breaks(Fate::AnswerLost);
    assert_eq!(page.arrive("Ada", "").await, Ok(Reply::Done));
    page.patient(|it| place(it) == Some(2)).await;
    let after = console
        .practitioner(|it| names(it) == ["Grace", "Ada"])
        .await;
    // Ada's page opened, and she arrived: two versions, and no third.
    assert_eq!(after.revision, before.revision + 2);
    waiting.patient(|it| place(it) == Some(1)).await;
}

#[tokio::test]
async fn a_commit_that_was_lost_itself_did_not_happen() {
    let (house, line) = open().await;
    let ada = house.patient().await;
    let mut page = ada.open().await;
    page.patient(|_| true).await;
    line.breaks(Fate::CommitLost);
    assert_eq!(page.arrive("Ada", "").await, Err(ErrorCode::Unavailable));
    assert_eq!(page.farewell().await.0, Some(ClosingReason::ShuttingDown));
    let mut page = ada.open().await;
    assert_eq!(page.patient(|_| true).await.visit, None);
    assert_eq!(page.arrive("Ada", "").await, Ok(Reply::Done));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_the_database_is_gone_people_stay_and_are_told_to_try_again() {
    let mut cluster = postgres::Cluster::start(&["fsync=off"]);
    let house = House::open_at(cluster.database()).await;
    let (_grace, mut page) = house.waiting("Grace").await;
    page.patient(|it| place(it) == Some(1)).await;
    cluster.kill_nine();
    let refused = page.ask(Request::Leave).await;
    assert_eq!(refused, Err(ErrorCode::Unavailable));
    let ready = web::get(house.address(), "/readyz").await;
    assert_eq!(ready.status, 503);
    assert!(ready.body.contains("\"store\":false"), "{}", ready.body);

    cluster.restart();
    while let Err(refused) = page.ask(Request::Leave).await {
        assert_eq!(refused, ErrorCode::Unavailable);
    }
    page.patient(|it| outcome(it) == Some(&Outcome::Left)).await;
}

#[tokio::test]
async fn another_systems_write_is_done_once_whatever_of_its_commit_was_lost() {
    let (house, line) = open().await;
    let rest = Rest::of(&house).await;
    let count = async || {
        let services = rest.get("/services").await.good();
        services["items"].as_array().unwrap().len()
    };
    assert_eq!(count().await, 1);
    for (fate, name, status) in [
        (Fate::AnswerLost, "one", 201),
        (Fate::CommitLost, "two", 503),
    ] {
        let service = json!({ "name": name, "specialty": "dermatology" });
        let before = count().await;
        line.breaks(fate);
        let first = rest.post_as(name, "/services", &service).await;
        assert_eq!(first.status, status, "{first:?}");
        let again = loop {
            // After a lost commit the server reads its state anew.
            let again = rest.post_as(name, "/services", &service).await;
            if again.status != 503 {
                break again;
            }
        };
        assert_eq!(again.status, 201, "{again:?}");
        assert_eq!(
            again.header("idempotency-replayed").is_some(),
            status == 201
        );
        assert_eq!(count().await, before + 1);
    }
}
