//! A server that was held up, and finds what another one did in the meantime.

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use vestibule_protocol::client::Request;
use vestibule_protocol::server::{ClosingReason, PatientSnapshot};
use vestibule_signaling::Settings;
use vestibule_vocab::Millis;

use crate::support::house::{START, names};
use crate::support::page::place;
use crate::support::{House, Rest, postgres};

const MINUTE: u64 = 60_000;

/// A line to the database on which no transaction begins while it is held.
struct Line(watch::Sender<bool>);

impl Line {
    fn hold(&self) {
        self.0.send_replace(true);
    }

    fn let_go(&self) {
        self.0.send_replace(false);
    }
}

/// Whoever is in a transaction ends it: the clinic's row is held by nobody meanwhile.
async fn carry(near: TcpStream, far: TcpStream, mut held: watch::Receiver<bool>) {
    let (mut from_near, mut to_near) = near.into_split();
    let (mut from_far, mut to_far) = far.into_split();
    tokio::spawn(async move { tokio::io::copy(&mut from_far, &mut to_near).await });
    let mut said = [0; 8192];
    loop {
        let count = from_near.read(&mut said).await.unwrap_or(0);
        let said = &said[..count];
        if said.windows(6).any(|it| it == b"BEGIN ") && held.wait_for(|held| !held).await.is_err() {
            return;
        }
        if count == 0 || to_far.write_all(said).await.is_err() {
            return;
        }
    }
}

/// A server at the end of such a line, and one beside it.
async fn two() -> (House, Line, House) {
    let url = postgres::shared().database_by_tcp();
    let there = House::open_at(url.clone()).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (database, url) = postgres::by_way_of(&url, listener.local_addr().unwrap());
    let (line, held) = watch::channel(false);
    tokio::spawn(async move {
        while let Ok((near, _)) = listener.accept().await {
            let far = TcpStream::connect(database).await.unwrap();
            tokio::spawn(carry(near, far, held.clone()));
        }
    });
    let change = move |settings: &mut Settings| settings.store = Some(url.parse().unwrap());
    let here = House::open_beside(&there, change).await;
    (here, Line(line), there)
}

/// Ada waits at a server that is held up; a second page of hers opens at the other, and closes.
async fn was_elsewhere_meanwhile(in_between: impl AsyncFnOnce(&House)) {
    let (here, line, there) = two().await;
    let (ada, mut page) = here.waiting("Ada").await;
    let mut console = there.practitioner().await.open().await;
    console.practitioner(|it| names(it) == ["Ada"]).await;
    line.hold();
    let ada = ada.moved(there.address());
    let mut newer = ada.open().await;
    newer.patient(|it| place(it) == Some(1)).await;
    newer.vanish().await;
    console.practitioner(|it| !it.waiting[0].connected).await;
    in_between(&there).await;
    line.let_go();
    assert_eq!(page.farewell().await.0, Some(ClosingReason::Replaced));
    let mut here_too = here.practitioner().await.open().await;
    here_too
        .practitioner(|it| names(it) == ["Ada"] && !it.waiting[0].connected)
        .await;
}

#[tokio::test]
async fn a_page_that_was_replaced_by_one_that_closed_is_closed() {
    was_elsewhere_meanwhile(async |_| {}).await;
}

#[tokio::test]
async fn so_it_is_when_everything_is_read_anew() {
    was_elsewhere_meanwhile(async |there| {
        forget_what_changed(there).await;
    })
    .await;
}

/// Whoever was held up reads everything anew.
async fn forget_what_changed(there: &House) {
    let url = there.store.as_ref().unwrap();
    let pool = sqlx::PgPool::connect(url).await.unwrap();
    let forgotten = sqlx::query("DELETE FROM commits").execute(&pool);
    assert!(forgotten.await.unwrap().rows_affected() > 0);
}

#[tokio::test]
async fn m06_whoever_is_called_back_meanwhile_is_shown_that_visit_when_everything_is_read_anew() {
    let (here, line, there) = two().await;
    let rest = Rest::of(&there).await;
    let service = rest.get("/services").await.good()["items"][0]["id"].clone();
    let booking = |minutes: u64, patient: &Value| {
        json!({
            "name": "Ada Lovelace", "service": service, "patient": patient,
            "at": START.0 + minutes * MINUTE, "length": 10 * MINUTE,
        })
    };
    let today = booking(1, &Value::Null);
    let today = rest.post("/appointments", &today).await.good();
    let later = booking(3 * 24 * 60, &today["patient"]);
    let later = rest.post("/appointments", &later).await.good();
    let mut console = there.practitioner().await.open().await;
    there.clock.advance(Millis(90 * MINUTE));
    let missed = console.practitioner(|it| !it.missed.is_empty()).await;

    let link = format!("/appointments/{}/link", later["id"].as_str().unwrap());
    let path = rest.get(&link).await.good()["path"].clone();
    let (_, token) = path.as_str().unwrap().split_once("#j=").unwrap();
    let mut ada = here.device();
    ada.claim(token).await.unwrap();
    let mut page = ada.open().await;
    let shows = |it: &PatientSnapshot, booked: &Value| {
        let visit = it.visit.as_ref();
        visit.map(|it| it.visit.to_text()).as_deref() == booked["id"].as_str()
    };
    page.patient(|it| shows(it, &later)).await;
    line.hold();
    let visit = missed.missed[0].visit;
    console.ask(Request::Call { visit }).await.unwrap();
    forget_what_changed(&there).await;
    line.let_go();
    page.patient(|it| shows(it, &today)).await;
}
