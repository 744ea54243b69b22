//! What people write after a consultation.

use vestibule_protocol::ErrorCode;
use vestibule_protocol::client::Request;
use vestibule_protocol::server::{PractitionerSnapshot, Reply};
use vestibule_vocab::{ConsultationId, Millis, Redacted};

use crate::support::page::outcome;
use crate::support::{House, Page};

async fn house_of_two() -> House {
    let names = ["Dr Martin", "Dr Peeters"].map(|it| it.parse().unwrap());
    House::open_with(move |settings| settings.names.practitioners = names.to_vec()).await
}

/// Ada and the practitioner have had their consultation.
async fn after(house: &House) -> (Page, Page, ConsultationId) {
    let mut console = house.practitioner().await.open().await;
    let (_, mut page) = house.waiting("Ada").await;
    let consultation = consult(&mut console, &mut page).await;
    (console, page, consultation)
}

/// The only one who waits has a consultation, and it is over.
async fn consult(console: &mut Page, page: &mut Page) -> ConsultationId {
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
    consultation
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
    let mut house = house_of_two().await;
    let (mut console, mut page, _) = after(&house).await;
    let mut colleague = house.practitioner_at(1).await.open().await;
    colleague.practitioner(|_| true).await;
    assert_eq!(page.ask(feedback("  Too fast.  ")).await, Ok(Reply::Done));
    console.practitioner(|it| told(it) == ["Too fast."]).await;
    assert_eq!(page.ask(feedback("Thank you.")).await, Ok(Reply::Done));
    console.practitioner(|it| told(it) == ["Thank you."]).await;
    for bad in ["", "   ", "\u{200b}", "a\u{202e}b", &"x".repeat(1001)] {
        let refused = page.refused(feedback(bad)).await;
        assert_eq!(refused.code, ErrorCode::InvalidText);
        let told = refused.message;
        assert!(
            told.contains("is empty where something is needed"),
            "{told}"
        );
    }
    let refused = console.ask(feedback("I praise myself.")).await;
    assert_eq!(refused, Err(ErrorCode::NotPermitted));
    let (_, _grace) = house.waiting("Grace").await;
    let seen = colleague.practitioner(|it| it.waiting.len() == 1).await;
    assert!(told(&seen).is_empty(), "{seen:?}");

    house.restart().await;
    let mut console = house.practitioner().await.open().await;
    console.practitioner(|it| told(it) == ["Thank you."]).await;
    let mut colleague = house.practitioner_at(1).await.open().await;
    let seen = colleague.practitioner(|_| true).await;
    assert!(told(&seen).is_empty(), "{seen:?}");
}

#[tokio::test]
async fn m16_what_was_told_last_comes_first_also_after_a_restart() {
    let mut house = House::open().await;
    let mut console = house.practitioner().await.open().await;
    for (name, words) in [("Ada", "One."), ("Grace", "Two."), ("Luc", "Three.")] {
        let (_, mut page) = house.waiting(name).await;
        consult(&mut console, &mut page).await;
        house.advance(Millis::from_secs(60));
        assert_eq!(page.ask(feedback(words)).await, Ok(Reply::Done));
    }
    let all = ["Three.", "Two.", "One."];
    console.practitioner(|it| told(it) == all).await;
    house.restart().await;
    let mut console = house.practitioner().await.open().await;
    console.practitioner(|it| told(it) == all).await;
}

#[tokio::test]
async fn m16_whoever_had_no_consultation_has_nothing_to_tell() {
    let house = House::open().await;
    let (ada, mut page) = house.waiting("Ada").await;
    let refused = page.ask(feedback("Hello")).await;
    assert_eq!(refused, Err(ErrorCode::NotInConsultation));
    let mut console = house.practitioner().await.open().await;
    let seen = console.practitioner(|it| !it.waiting.is_empty()).await;
    console.admit(seen.waiting[0].visit).await.unwrap();
    page.patient(|it| it.consultation.is_some()).await;
    // Whoever comes back brings along what is known of them: the consultation that lasts, too.
    let mut page = ada.open().await;
    page.patient(|it| it.consultation.is_some()).await;
    let refused = page.ask(feedback("Hello")).await;
    assert_eq!(refused, Err(ErrorCode::NotInConsultation), "it lasts");
}

#[tokio::test]
async fn m13_a_note_is_written_by_whoever_had_the_consultation() {
    let house = house_of_two().await;
    let (mut console, mut page, consultation) = after(&house).await;
    let mut colleague = house.practitioner_at(1).await.open().await;
    let refused = colleague.ask(note(consultation, "Hello")).await;
    assert_eq!(refused, Err(ErrorCode::NotFound), "another one's");
    for bad in ["", "   ", &"x".repeat(4001)] {
        let refused = console.ask(note(consultation, bad)).await;
        assert_eq!(refused, Err(ErrorCode::InvalidText));
    }
    let written = console.ask(note(consultation, "In a week, please.")).await;
    assert_eq!(written, Ok(Reply::Done));
    let guessed = ConsultationId::from_random(7);
    let refused = console.ask(note(guessed, "Hello")).await;
    assert_eq!(refused, Err(ErrorCode::NotFound));
    let refused = page.ask(note(consultation, "Hello")).await;
    assert_eq!(refused, Err(ErrorCode::NotPermitted));
}

#[tokio::test]
async fn m13_a_note_is_written_while_somebody_else_is_seen_and_after() {
    let house = House::open().await;
    let (mut console, _page, consultation) = after(&house).await;
    let (_, mut grace) = house.waiting("Grace").await;
    let seen = console.practitioner(|it| !it.waiting.is_empty()).await;
    console.admit(seen.waiting[0].visit).await.unwrap();
    grace.patient(|it| it.consultation.is_some()).await;
    let written = console.ask(note(consultation, "In a week, please.")).await;
    assert_eq!(written, Ok(Reply::Done));
    assert_eq!(grace.ask(Request::Leave).await, Ok(Reply::Done));
    console.practitioner(|it| it.consultation.is_none()).await;
    let written = console.ask(note(consultation, "In two weeks.")).await;
    assert_eq!(written, Ok(Reply::Done));
}
