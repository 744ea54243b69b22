//! How often somebody who waits is told that their place changed.

use vestibule_protocol::client::Request;
use vestibule_protocol::server::{Reply, ServerMessage};
use vestibule_signaling::Rate;
use vestibule_vocab::Millis;

use crate::support::page::place;
use crate::support::{House, Kind, Page};

crate::on_both_stores!(m05_a_place_is_told_once_a_second_however_many_leave_before);

/// The places that a page was shown before the answer to what it asks now: whatever was sent before that has come.
async fn told(page: &mut Page) -> Vec<Option<u32>> {
    let asked = page.send(Request::Ping).await;
    let mut places = Vec::new();
    loop {
        match page.next().await.expect("the socket is open") {
            ServerMessage::Patient(snapshot) => places.push(place(&snapshot)),
            ServerMessage::Reply { id, .. } if id == asked => return places,
            _ => {}
        }
    }
}

async fn m05_a_place_is_told_once_a_second_however_many_leave_before(kind: Kind) {
    let house = House::open_on_with(kind, |settings| {
        settings.rates.exchanges = Rate {
            burst: 1_000,
            per_second: 1_000,
        };
    })
    .await;
    let mut before = Vec::new();
    for number in 0..10 {
        before.push(house.waiting(&format!("Before {number}")).await);
    }
    let (_ada, mut page) = house.waiting("Ada").await;
    page.patient(|it| place(it) == Some(11)).await;
    told(&mut page).await;

    // The clock is the test's: all of them leave within one moment. Each has been heard before the next one leaves.
    let mut places = Vec::new();
    for (_, leaving) in &mut before {
        assert_eq!(leaving.ask(Request::Leave).await, Ok(Reply::Done));
        places.extend(told(&mut page).await);
    }
    assert_eq!(places, [Some(10)], "the first at once, and no other");
    house.advance(Millis::from_secs(1));
    page.patient(|it| place(it) == Some(1)).await;
    assert_eq!(told(&mut page).await, [], "the last place alone was told");
}
