//! A note to the patient's regular practitioner: another system is told that there is one, and fetches it.

use serde_json::json;
use vestibule_protocol::client::Request;
use vestibule_protocol::server::Reply;
use vestibule_signaling::{EventKind, Scope};
use vestibule_vocab::Redacted;

use crate::support::house::START;
use crate::support::{House, Kind, Receiver, Rest};

crate::on_both_stores!(m13_a_note_to_the_regular_gp_goes_out_as_an_event_without_its_words);

async fn m13_a_note_to_the_regular_gp_goes_out_as_an_event_without_its_words(kind: Kind) {
    let mut receiver = Receiver::open().await;
    let house = House::open_on_with(kind, |settings| {
        settings.webhooks.allow_private = vec!["127.0.0.0/8".parse().unwrap()];
    })
    .await;
    let (url, kinds) = (receiver.url().parse().unwrap(), [EventKind::NoteWritten]);
    let office = house.administration().await;
    let hook = office.add_webhook(&url, &kinds, None, START).await.unwrap();

    let mut console = house.practitioner().await.open().await;
    let (_ada, _page) = house.waiting("Ada").await;
    let seen = console.practitioner(|it| it.waiting.len() == 1).await;
    let visit = seen.waiting[0].visit;
    console.admit(visit).await.unwrap();
    let seen = console.practitioner(|it| it.consultation.is_some()).await;
    let consultation = seen.consultation.unwrap().consultation;
    let rest = Rest::with(&house, &[Scope::NotesRead]).await;
    let path = format!("/notes/{}", consultation.to_text());
    // The last one stands, and each is told of.
    for text in ["In a week, please.", "In two weeks, please."] {
        let note = Request::Note {
            consultation,
            text: Redacted::new(text.to_owned()),
        };
        assert_eq!(console.ask(note).await, Ok(Reply::Done));
        let received = receiver.next().await;
        assert!(received.is_signed_with(&hook.secret.expose()));
        assert_eq!(received.kind(), "note.written");
        let data = &received.says()["data"];
        assert_eq!(data["consultation"], json!(consultation.to_text()));
        assert_eq!(data["visit"], json!(visit.to_text()));
        for words in ["please", "week", "Ada"] {
            assert!(!received.body.contains(words), "{received:?}");
        }
        assert_eq!(rest.get(&path).await.good()["text"], text);
    }
    let nosy = Rest::with(&house, &[Scope::DocumentsRead]).await;
    assert_eq!(nosy.get(&path).await.problem().0, 403);
}
