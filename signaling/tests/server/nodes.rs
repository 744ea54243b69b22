//! Two servers on one PostgreSQL serve one clinic.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinSet;
use tokio::time::timeout;
use vestibule_protocol::ErrorCode;
use vestibule_protocol::client::Request;
use vestibule_protocol::desk::Conclusion;
use vestibule_protocol::server::{ClosingReason, Outcome, PractitionerSnapshot, Reply, VisitState};
use vestibule_signaling::{Rate, Server, Settings};
use vestibule_vocab::{Millis, Redacted};

use crate::support::house::names;
use crate::support::page::{outcome, place};
use crate::support::{Device, House, Kind, Page, postgres};

/// Everybody comes from one address here, and all at once.
const OFTEN: Rate = Rate {
    burst: 10_000,
    per_second: 10_000,
};

fn change(settings: &mut Settings) {
    let named = ["Dr Martin", "Dr Peeters"].map(|name| name.parse().unwrap());
    settings.names.practitioners = named.to_vec();
    settings.rates.exchanges = OFTEN;
    settings.rates.sockets = OFTEN;
    settings.rates.messages = OFTEN;
}

async fn two() -> (House, House) {
    let first = House::open_on_with(Kind::Postgres, change).await;
    let second = House::open_beside(&first, change).await;
    (first, second)
}

#[tokio::test]
async fn what_happens_at_one_server_is_seen_at_the_other() {
    let (here, there) = two().await;
    let (ada, mut page) = there.waiting("Ada").await;
    let mut console = here.practitioner_at(0).await.open().await;
    let mut other = there.practitioner_at(1).await.open().await;
    let seen = console
        .practitioner(|it| names(it) == ["Ada"] && it.waiting[0].connected)
        .await;
    let (_grace, _waiting) = here.waiting("Grace").await;
    other
        .practitioner(|it| names(it) == ["Ada", "Grace"] && it.waiting[1].connected)
        .await;

    let visit = seen.waiting[0].visit;
    assert_eq!(console.admit(visit).await, Ok(Reply::Done));
    let seen = page.patient(|it| it.consultation.is_some()).await;
    let together = seen.consultation.unwrap();
    assert!(together.participants.iter().all(|it| it.connected));
    other.practitioner(|it| names(it) == ["Grace"]).await;
    assert_eq!(other.admit(visit).await, Err(ErrorCode::VisitNotWaiting));

    let consultation = together.consultation;
    assert_eq!(
        console
            .ask(Request::End {
                consultation,
                conclusion: None
            })
            .await,
        Ok(Reply::Done)
    );
    page.patient(|it| {
        outcome(it)
            == Some(&Outcome::Completed {
                conclusion: Some(Conclusion::Done),
            })
    })
    .await;
    let again = ada.open().await.arrive("Ada", "").await;
    assert_eq!(again, Err(ErrorCode::VisitEnded));
}

fn told(snapshot: &PractitionerSnapshot) -> Vec<&str> {
    let told = snapshot.feedback.iter();
    told.map(|it| it.text.expose().as_str()).collect()
}

fn feedback(text: &str) -> Request {
    let text = Redacted::new(text.to_owned());
    Request::Feedback { text }
}

/// Has seen whoever waits alone.
async fn see(console: &mut Page, patient: &mut Page) {
    let seen = console.practitioner(|it| it.waiting.len() == 1).await;
    assert_eq!(console.admit(seen.waiting[0].visit).await, Ok(Reply::Done));
    let seen = console.practitioner(|it| it.consultation.is_some()).await;
    let end = Request::End {
        consultation: seen.consultation.unwrap().consultation,
        conclusion: None,
    };
    assert_eq!(console.ask(end).await, Ok(Reply::Done));
    patient.patient(|it| outcome(it).is_some()).await;
}

#[tokio::test]
async fn m16_what_a_patient_tells_at_one_server_shows_in_a_console_that_is_open_at_the_other() {
    let (here, there) = two().await;
    tell_one_another(&here, &there).await;
}

#[tokio::test]
async fn m16_it_shows_too_when_the_other_server_missed_so_much_that_it_reads_everything_anew() {
    const UNNOTED: &str = "CREATE RULE unnoted AS ON INSERT TO commits DO INSTEAD NOTHING";
    let (here, there) = two().await;
    here.meddle("", UNNOTED).await;
    tell_one_another(&here, &there).await;
}

async fn tell_one_another(here: &House, there: &House) {
    let mut console = here.practitioner_at(0).await.open().await;
    let mut colleague = here.practitioner_at(1).await.open().await;
    let (_ada, mut ada) = there.waiting("Ada").await;
    see(&mut console, &mut ada).await;
    let (_grace, mut grace) = there.waiting("Grace").await;
    see(&mut console, &mut grace).await;

    assert_eq!(ada.ask(feedback("Too fast.")).await, Ok(Reply::Done));
    console.practitioner(|it| told(it) == ["Too fast."]).await;
    there.advance(Millis::from_secs(1));
    assert_eq!(grace.ask(feedback("Clear.")).await, Ok(Reply::Done));
    let both = ["Clear.", "Too fast."];
    console.practitioner(|it| told(it) == both).await;
    assert_eq!(ada.ask(feedback("Thank you.")).await, Ok(Reply::Done));
    let both = ["Thank you.", "Clear."];
    console.practitioner(|it| told(it) == both).await;

    let (_alan, _waiting) = there.waiting("Alan").await;
    let seen = colleague.practitioner(|it| it.waiting.len() == 1).await;
    assert!(told(&seen).is_empty(), "it is nobody else's");
}

#[tokio::test]
async fn a_page_at_another_server_takes_over_and_the_place_stays() {
    let (here, there) = two().await;
    let (ada, mut page) = there.waiting("Ada").await;
    let ada = ada.moved(here.address());
    let mut newer = ada.open().await;
    newer.patient(|it| place(it) == Some(1)).await;
    assert_eq!(page.farewell().await.0, Some(ClosingReason::Replaced));
    // Nobody was away, and so no grace ends.
    here.advance(Millis::from_secs(300));
    let mut console = there.practitioner_at(0).await.open().await;
    console
        .practitioner(|it| names(it) == ["Ada"] && it.waiting[0].connected)
        .await;
    assert_eq!(newer.ask(Request::Leave).await, Ok(Reply::Done));
    console.practitioner(|it| it.waiting.is_empty()).await;
}

#[tokio::test]
async fn whoever_opened_their_page_long_before_they_arrived_is_there_for_the_other_server_too() {
    let (here, there) = two().await;
    let ada = there.patient().await;
    let mut page = ada.open().await;
    let (_grace, _waiting) = there.waiting("Grace").await;
    let mut console = here.practitioner_at(0).await.open().await;
    // This server has read by now who had a page open before Grace came.
    console.practitioner(|it| names(it) == ["Grace"]).await;
    page.arrive("Ada", "").await.unwrap();
    console
        .practitioner(|it| names(it) == ["Grace", "Ada"] && it.waiting[1].connected)
        .await;
}

#[tokio::test]
async fn two_that_start_at_once_on_a_new_store_found_one_clinic() {
    for _ in 0..3 {
        let url = postgres::shared().database();
        let (here, there) = tokio::join!(House::open_at(url.clone()), House::open_at(url));
        for house in [&here, &there] {
            assert_eq!(house.server().links().practitioners.len(), 1);
        }
        let (_ada, _page) = there.waiting("Ada").await;
        let mut console = here.practitioner_at(0).await.open().await;
        console.practitioner(|it| names(it) == ["Ada"]).await;
    }
}

/// A server whose every task ends at once, as with its process.
fn mortal(settings: Settings) -> (Server, Runtime) {
    let runtime = Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    let server = runtime.block_on(Server::start(settings)).unwrap();
    (server, runtime)
}

#[tokio::test]
async fn whoever_was_at_a_server_that_died_has_the_grace_and_no_more() {
    let (here, mut there) = two().await;
    there.server.take().unwrap().stop().await;
    let settings = there.settings();
    let started = tokio::task::spawn_blocking(|| mortal(settings))
        .await
        .unwrap();
    there.server = Some(started.0);
    let (_ada, _page) = there.waiting("Ada").await;
    let (grace, _waiting) = there.waiting("Grace").await;
    let mut console = here.practitioner_at(0).await.open().await;
    console
        .practitioner(|it| it.waiting.len() == 2 && it.waiting.iter().all(|it| it.connected))
        .await;

    started.1.shutdown_background();
    console
        .practitioner(|it| it.waiting.iter().all(|it| !it.connected))
        .await;
    let grace = grace.moved(here.address());
    let mut back = grace.open().await;
    back.patient(|it| place(it) == Some(2)).await;
    here.advance(Millis::from_secs(130));
    back.patient(|it| place(it) == Some(1)).await;
    console.practitioner(|it| names(it) == ["Grace"]).await;
}

/// What no storm here ever lasts.
const STORM: Duration = Duration::from_secs(60);

/// How many patients there are at each server.
const PATIENTS: usize = 40;

/// What one of them asked for, as far as it was acknowledged; their page stays open.
struct Lived {
    device: Device,
    _page: Page,
    left: bool,
}

/// Arrives, looks around for a while, and leaves or stays.
async fn live(device: Device, number: usize) -> Lived {
    let mut page = device.open().await;
    let arrived = page.arrive(&format!("Patient {number}"), "").await;
    assert_eq!(arrived, Ok(Reply::Done));
    for _ in 0..10 + number % 20 {
        assert!(page.listen(Duration::from_millis(10)).await, "sent away");
    }
    let mut left = false;
    if number.is_multiple_of(3) {
        match page.ask(Request::Leave).await {
            Ok(_) => left = true,
            Err(why) => assert_eq!(why, ErrorCode::VisitEnded, "only the doctor was faster"),
        }
    }
    Lived {
        device,
        _page: page,
        left,
    }
}

/// Admits whoever is first, and ends it; so many times.
async fn work(mut console: Page, times: usize) -> Page {
    let mut ended = 0;
    while ended < times {
        assert!(console.listen(Duration::from_millis(5)).await, "sent away");
        let Some(seen) = console.seen_by_practitioner().cloned() else {
            continue;
        };
        if let Some(view) = seen.consultation {
            let consultation = view.consultation;
            match console
                .ask(Request::End {
                    consultation,
                    conclusion: None,
                })
                .await
            {
                Ok(_) => ended += 1,
                Err(why) => assert_eq!(why, ErrorCode::NotInConsultation, "the patient left"),
            }
        } else if let Some(first) = seen.waiting.iter().find(|it| it.connected) {
            let answer = console.admit(first.visit).await;
            // What a colleague or the patient did in the meantime, as on one server.
            let fine = matches!(
                answer,
                Ok(_)
                    | Err(ErrorCode::VisitNotWaiting
                        | ErrorCode::PatientAway
                        | ErrorCode::OvertakeNeedsAReason)
            );
            assert!(fine, "{answer:?}");
        }
    }
    console
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn under_a_storm_at_both_nobody_is_lost_or_doubled_or_refused_for_a_conflict() {
    let (here, there) = two().await;
    let mut patients = JoinSet::new();
    for number in 0..PATIENTS * 2 {
        let house = if number.is_multiple_of(2) {
            &here
        } else {
            &there
        };
        let device = house.patient().await;
        patients.spawn(live(device, number));
    }
    let doctors = [
        here.practitioner_at(0).await,
        there.practitioner_at(1).await,
    ];
    let mut consoles = JoinSet::new();
    for doctor in &doctors {
        let console = doctor.open().await;
        consoles.spawn(work(console, 8));
    }
    let lived = timeout(STORM, patients.join_all()).await.expect("patients");
    let mut consoles = timeout(STORM, consoles.join_all()).await.expect("consoles");

    let mut places = BTreeMap::new();
    let mut consulting = BTreeSet::new();
    // Each is looked at from the server where they were not.
    for (place_in_list, one) in lived.into_iter().enumerate() {
        let house = if place_in_list.is_multiple_of(2) {
            &here
        } else {
            &there
        };
        let device = one.device.moved(house.address());
        let seen = device.open().await.patient(|_| true).await;
        let state = seen.visit.expect("lost").state;
        match state {
            VisitState::Waiting { place } => {
                assert!(!one.left, "left, and waits");
                assert!(seen.consultation.is_none(), "in two places");
                let visit = device.participant.unwrap();
                assert_eq!(places.insert(place, visit), None, "two at one place");
            }
            VisitState::InConsultation { consultation } => {
                assert!(!one.left, "left, and consults");
                assert!(consulting.insert(consultation), "two in one consultation");
            }
            VisitState::Ended {
                outcome: Outcome::Left,
                ..
            } => assert!(one.left),
            VisitState::Ended {
                outcome: Outcome::Completed { .. },
                ..
            } => assert!(!one.left),
            other => panic!("{other:?}"),
        }
    }
    let count = u32::try_from(places.len()).unwrap();
    assert!(places.keys().copied().eq(1..=count), "places without gaps");
    for console in &mut consoles {
        console
            .practitioner(|it| it.waiting.len() == places.len())
            .await;
    }
}
