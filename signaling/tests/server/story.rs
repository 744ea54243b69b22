//! The course of a visit, from arrival to its end.

use vestibule_protocol::ErrorCode;
use vestibule_protocol::client::{DeclineReason, Request};
use vestibule_protocol::desk::Conclusion;
use vestibule_protocol::server::{Outcome, Reply};
use vestibule_vocab::{Redacted, Role};

use crate::support::House;
use crate::support::house::names;
use crate::support::page::{outcome, place};

#[tokio::test]
async fn arriving_gives_a_place_and_the_console_shows_it() {
    let house = House::open().await;
    let mut console = house.practitioner().await.open().await;
    let empty = console.practitioner(|_| true).await;
    assert_eq!(empty.name.expose(), "Dr Martin");
    assert!(empty.waiting.is_empty());

    let mut ada = house.patient().await.open().await;
    let before = ada.patient(|_| true).await;
    assert_eq!(
        (before.visit, before.card.service.as_str()),
        (None, "General practice")
    );
    assert_eq!(ada.arrive(" Ada ", "cough").await, Ok(Reply::Done));
    ada.patient(|it| place(it) == Some(1)).await;

    let (_, mut grace) = house.waiting("Grace").await;
    grace.patient(|it| place(it) == Some(2)).await;
    let seen = console.practitioner(|it| it.waiting.len() == 2).await;
    assert_eq!(names(&seen), ["Ada", "Grace"]);
    let first = &seen.waiting[0];
    assert_eq!(
        (first.place, first.reason.expose().as_str(), first.connected),
        (1, "cough", true)
    );
}

#[tokio::test]
async fn admitting_brings_both_into_the_consultation_and_the_next_one_up() {
    let house = House::open().await;
    let doctor = house.practitioner().await;
    let mut console = doctor.open().await;
    let (ada, mut ada_page) = house.waiting("Ada").await;
    let (_, mut grace) = house.waiting("Grace").await;
    let seen = console.practitioner(|it| it.waiting.len() == 2).await;

    assert_eq!(console.admit(seen.waiting[0].visit).await, Ok(Reply::Done));
    let mine = console.practitioner(|it| it.consultation.is_some()).await;
    let theirs = ada_page.patient(|it| it.consultation.is_some()).await;
    grace.patient(|it| place(it) == Some(1)).await;
    assert_eq!(names(&mine), ["Grace"]);
    assert_eq!(mine.consultation, theirs.consultation);

    let consultation = theirs.consultation.unwrap();
    let roster = &consultation.participants;
    assert_eq!(
        roster
            .iter()
            .map(|it| (it.participant, it.role))
            .collect::<Vec<_>>(),
        [
            (ada.participant.unwrap(), Role::Patient),
            (doctor.participant.unwrap(), Role::Practitioner)
        ]
    );
    assert_eq!(roster[0].name.expose(), "Ada");
    assert_eq!(roster[0].instance, Some(ada_page.instance()));
    let (mine, theirs) = (mine.leg.unwrap(), theirs.leg.unwrap());
    assert_eq!(
        (mine.call, mine.open, theirs.open),
        (theirs.call, true, true)
    );
    assert_ne!(mine.leg, theirs.leg);
}

#[tokio::test]
async fn the_practitioner_ends_it_and_the_next_patient_is_admitted() {
    let house = House::open().await;
    let mut console = house.practitioner().await.open().await;
    let (_, mut ada) = house.waiting("Ada").await;
    let (_, mut grace) = house.waiting("Grace").await;
    let seen = console.practitioner(|it| it.waiting.len() == 2).await;
    console.admit(seen.waiting[0].visit).await.unwrap();
    let busy = console.admit(seen.waiting[1].visit).await;
    assert_eq!(busy, Err(ErrorCode::PractitionerBusy));

    let during = console.practitioner(|it| it.consultation.is_some()).await;
    let consultation = during.consultation.unwrap().consultation;
    assert_eq!(
        console
            .ask(Request::End {
                consultation,
                conclusion: None
            })
            .await,
        Ok(Reply::Done)
    );
    let over = ada.patient(|it| outcome(it).is_some()).await;
    let done = Outcome::Completed {
        conclusion: Some(Conclusion::Done),
    };
    assert_eq!(outcome(&over), Some(&done));
    assert_eq!((over.leg, over.consultation), (None, None));
    let after = console.practitioner(|it| it.ended.is_some()).await;
    let ended = after.ended.unwrap();
    assert_eq!((ended.name.expose().as_str(), ended.outcome), ("Ada", done));

    assert_eq!(console.admit(seen.waiting[1].visit).await, Ok(Reply::Done));
    grace.patient(|it| it.consultation.is_some()).await;
    let again = console.practitioner(|it| it.consultation.is_some()).await;
    assert_eq!(again.ended, None);
}

#[tokio::test]
async fn leaving_ends_the_visit_from_the_waiting_room_and_from_the_consultation() {
    let house = House::open().await;
    let mut console = house.practitioner().await.open().await;
    let (_, mut ada) = house.waiting("Ada").await;
    let (_, mut grace) = house.waiting("Grace").await;
    assert_eq!(ada.ask(Request::Leave).await, Ok(Reply::Done));
    grace.patient(|it| place(it) == Some(1)).await;
    let seen = console.practitioner(|it| names(it) == ["Grace"]).await;

    console.admit(seen.waiting[0].visit).await.unwrap();
    grace.patient(|it| it.consultation.is_some()).await;
    assert_eq!(grace.ask(Request::Leave).await, Ok(Reply::Done));
    let after = console.practitioner(|it| it.ended.is_some()).await;
    assert_eq!(after.consultation, None);
    assert_eq!(after.ended.unwrap().outcome, Outcome::Left);
    let again = grace.arrive("Grace", "").await;
    assert_eq!(again, Err(ErrorCode::VisitEnded));
}

#[tokio::test]
async fn a_declined_patient_reads_why() {
    let house = House::open().await;
    let mut console = house.practitioner().await.open().await;
    let (_, mut ada) = house.waiting("Ada").await;
    let seen = console.practitioner(|it| it.waiting.len() == 1).await;
    let decline = Request::Decline {
        visit: seen.waiting[0].visit,
        reason: DeclineReason::InPersonNeeded,
        message: Redacted::new("Come at four.".to_owned()),
    };
    assert_eq!(console.ask(decline).await, Ok(Reply::Done));
    let over = ada.patient(|it| outcome(it).is_some()).await;
    let Some(Outcome::Declined { reason, message }) = outcome(&over) else {
        panic!("{over:?}")
    };
    assert_eq!(*reason, DeclineReason::InPersonNeeded);
    assert_eq!(message.expose(), "Come at four.");
    console.practitioner(|it| it.waiting.is_empty()).await;
}

#[tokio::test]
async fn a_clinic_has_the_names_that_it_was_last_given() {
    use std::sync::{Arc, Mutex};

    use vestibule_signaling::Names;

    let names = Arc::new(Mutex::new(Names::default()));
    let given = names.clone();
    let mut house =
        House::open_with(move |settings| settings.names = given.lock().unwrap().clone()).await;
    let doctor = house.practitioner().await;
    let first = doctor.open().await.practitioner(|_| true).await;
    assert_eq!(first.card.clinic, "Demonstration clinic");

    *names.lock().unwrap() = Names {
        clinic: Some("Clinique du Parc".parse().unwrap()),
        service: Some("Family medicine".parse().unwrap()),
        practitioners: vec!["Dr Peeters".parse().unwrap()],
    };
    house.restart().await;
    *names.lock().unwrap() = Names::default();
    house.restart().await;

    // What was given once stays, and the console's session with it.
    let mut other = house.practitioner().await.open().await;
    let seen = other.practitioner(|_| true).await;
    assert_eq!(seen.card.clinic, "Clinique du Parc");
    assert_eq!(seen.card.service, "Family medicine");
    assert_eq!(seen.name.expose(), "Dr Peeters");
    let sql = house.sql().await;
    let subjects = sqlx::query("SELECT DISTINCT subject FROM sessions")
        .fetch_all(&sql)
        .await
        .unwrap();
    assert_eq!(subjects.len(), 1, "the same practitioner as before");
}

#[tokio::test]
async fn each_practitioner_has_a_link_and_a_consultation_of_their_own() {
    let mut house = House::open_with(|settings| {
        let named = ["Dr Martin", "Dr Peeters"].map(|name| name.parse().unwrap());
        settings.names.practitioners = named.to_vec();
    })
    .await;
    let (_ada, _waiting) = house.waiting("Ada").await;
    let (_grace, _waiting_too) = house.waiting("Grace").await;
    let mut consultations = Vec::new();
    let mut consoles = Vec::new();
    for (place, name) in [(0, "Dr Martin"), (1, "Dr Peeters")] {
        let mut console = house.practitioner_at(place).await.open().await;
        let seen = console.practitioner(|it| !it.waiting.is_empty()).await;
        assert_eq!(seen.name.expose(), name);
        let visit = seen.waiting[0].visit;
        assert_eq!(
            console
                .ask(Request::Admit {
                    visit,
                    overtake: None
                })
                .await,
            Ok(Reply::Done)
        );
        let seen = console.practitioner(|it| it.consultation.is_some()).await;
        consultations.push(seen.consultation.unwrap().consultation);
        consoles.push(console);
    }
    assert_ne!(consultations[0], consultations[1]);

    // The same two are named again, and nobody else is made.
    house.restart().await;
    assert_eq!(house.server().links().practitioners.len(), 2);
}
