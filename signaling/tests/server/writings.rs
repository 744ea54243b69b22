//! What people write after a consultation.

use vestibule_protocol::ErrorCode;
use vestibule_protocol::client::Request;
use vestibule_protocol::server::{PractitionerSnapshot, Reply};
use vestibule_vocab::{ConsultationId, Redacted};

use crate::support::page::outcome;
use crate::support::{House, Page};

/// Ada and the practitioner have had their consultation.
async fn after(house: &House) -> (Page, Page, ConsultationId) {
    let mut console = house.practitioner().await.open().await;
    let (_, mut page) = house.waiting("Ada").await;
    let visit = console
        .practitioner(|it| !it.waiting.is_empty())
        .await
        .waiting[0]
        .visit;
    console.admit(visit).await.unwrap();
    let seen = console.practitioner(|it| it.consultation.is_some()).await;
    let consultation = seen.consultation.unwrap().consultation;
    let end = Request::End {
        consultation,
        conclusion: None,
    };
    console.ask(end).await.unwrap();
    page.patient(|it| outcome(it).is_some()).await;
    (console, page, consultation)
}

fn feedback(text: &str) -> Request {
    let text = Redacted::new(text.to_owned());
    Request::Feedback { text }
}

fn note(consultation: ConsultationId, text: &str) -> Request {
    let text = Redacted::new(text.to_owned());
    Request::Note { consultation, text }
}

fn told(snapshot: &PractitionerSnapshot) -> Vec<&str> {
    let told = snapshot.feedback.iter();
    told.map(|it| it.text.expose().as_str()).collect()
}

#[tokio::test]
async fn m16_feedback_reaches_the_practitioner_alone_and_the_last_stands() {
    let mut house = House::open().await;
    let (mut console, mut page, _) = after(&house).await;
    assert_eq!(page.ask(feedback("  Too fast.  ")).await, Ok(Reply::Done));
    console.practitioner(|it| told(it) == ["Too fast."]).await;
    assert_eq!(page.ask(feedback("Thank you.")).await, Ok(Reply::Done));
    console.practitioner(|it| told(it) == ["Thank you."]).await;
    for bad in ["", "   ", &"x".repeat(1001)] {
        let refused = page.ask(feedback(bad)).await;
        assert_eq!(refused, Err(ErrorCode::InvalidText));
    }
    let refused = console.ask(feedback("I praise myself.")).await;
    assert_eq!(refused, Err(ErrorCode::NotPermitted));

    house.restart().await;
    let mut console = house.practitioner().await.open().await;
    console.practitioner(|it| told(it) == ["Thank you."]).await;
}

#[tokio::test]
async fn m16_whoever_had_no_consultation_has_nothing_to_tell() {
    let house = House::open().await;
    let (_, mut page) = house.waiting("Ada").await;
    let refused = page.ask(feedback("Hello")).await;
    assert_eq!(refused, Err(ErrorCode::NotInConsultation));
}

#[tokio::test]
async fn m13_a_note_is_written_by_whoever_had_the_consultation() {
    let house = House::open().await;
    let (mut console, mut page, consultation) = after(&house).await;
    let written = console.ask(note(consultation, "In a week, please.")).await;
    assert_eq!(written, Ok(Reply::Done));
    let guessed = ConsultationId::from_random(7);
    let refused = console.ask(note(guessed, "Hello")).await;
    assert_eq!(refused, Err(ErrorCode::NotFound));
    let refused = page.ask(note(consultation, "Hello")).await;
    assert_eq!(refused, Err(ErrorCode::NotPermitted));
}
