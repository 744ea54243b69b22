//! A server that was held up, and finds what another one did in the meantime.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use vestibule_protocol::server::ClosingReason;
use vestibule_signaling::Settings;

use crate::support::house::names;
use crate::support::page::place;
use crate::support::{House, postgres};

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
        let url = there.store.as_ref().unwrap();
        let pool = sqlx::PgPool::connect(url).await.unwrap();
        let forgotten = sqlx::query("DELETE FROM commits").execute(&pool);
        assert!(forgotten.await.unwrap().rows_affected() > 0);
    })
    .await;
}
