//! A whole visit, logged at the lowest level, leaves no personal data and no secret in the log.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    clippy::wildcard_enum_match_arm,
    reason = "a test says by a panic what is wrong"
)]

mod support;

use std::io;
use std::sync::{Arc, Mutex};

use support::frames::{application, commit, key_package};
use support::{Device, House, Kind, Page};
use tracing_subscriber::filter::LevelFilter;
use vestibule_protocol::Base64Bytes;
use vestibule_protocol::client::{DeclineReason, Request};
use vestibule_vocab::Redacted;

const NAME: &str = "Adalbertine Quillfeather";
const REASON: &str = "unmistakable symptoms";
const WORDS: &str = "unmistakable advice";

/// What the operator's screen is not for: anybody can bring it about, with a link that was used.
const TOLD_ON_ASKING: &str = "a join token was used again";

/// Everything that was logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn log_everything() -> Log {
    let log = Log::default();
    let writer = log.clone();
    tracing_subscriber::fmt()
        .with_max_level(LevelFilter::TRACE)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .init();
    log
}

async fn consult(console: &mut Page, page: &mut Page) {
    let seen = console.practitioner(|it| it.waiting.len() == 1).await;
    console.admit(seen.waiting[0].visit).await.unwrap();
    let seen = console.practitioner(|it| it.consultation.is_some()).await;
    let consultation = seen.consultation.unwrap().consultation;
    let packages = vec![Base64Bytes(key_package())];
    page.ask(Request::PublishKeyPackages { packages })
        .await
        .unwrap();
    let commit = Base64Bytes(commit(consultation, 1, 0));
    let begin = Request::Commit {
        consultation,
        commit,
        welcome: None,
    };
    console.ask(begin).await.unwrap();
    let message = Base64Bytes(application(consultation, 1, 1, 60));
    let chat = Request::Send {
        consultation,
        message,
    };
    console.ask(chat).await.unwrap();
    let leg = page.patient(|it| it.leg.is_some()).await.leg.unwrap().leg;
    let sdp = Redacted::new("v=0 a=candidate 203.0.113.77".to_owned());
    let offer = Request::Offer {
        leg,
        connection: 1,
        sdp,
    };
    let _ = page.ask(offer).await;
    console
        .ask(Request::End {
            consultation,
            conclusion: None,
        })
        .await
        .unwrap();
}

async fn misbehave(house: &House, ada: &Device) {
    let _ = house.device().walk_in("a wrong code").await;
    let mut thief = house.device();
    let _ = thief.claim(&house.practitioner_token()).await;
    thief.secret.clone_from(&ada.secret);
    let mut page = thief.connect().await;
    let _ = page.hello(&thief, support::device::new_instance()).await;
    let mut page = ada.open().await;
    page.send_text(&format!(
        "{{\"id\":1,\"request\":{{\"type\":\"arrive\",\"name\":\"{NAME}\""
    ))
    .await;
    page.refusal().await;
}

#[tokio::test]
async fn a_visit_at_trace_level_leaves_no_personal_data_in_the_log() {
    let log = log_everything();
    for kind in [Kind::Sqlite, Kind::Postgres] {
        leaves_nothing(&log, kind).await;
    }
}

async fn leaves_nothing(log: &Log, kind: Kind) {
    let mut house = House::open_on(kind).await;
    let doctor = house.practitioner().await;
    let mut console = doctor.open().await;
    let ada = house.patient().await;
    let mut page = ada.open().await;
    page.arrive(NAME, REASON).await.unwrap();
    consult(&mut console, &mut page).await;
    misbehave(&house, &ada).await;

    let grace = house.patient().await;
    let mut page = grace.open().await;
    page.arrive(NAME, REASON).await.unwrap();
    let seen = console.practitioner(|it| it.waiting.len() == 1).await;
    let decline = Request::Decline {
        visit: seen.waiting[0].visit,
        reason: DeclineReason::Other,
        message: Redacted::new(WORDS.to_owned()),
    };
    console.ask(decline).await.unwrap();
    let token = house.practitioner_token();
    let code = house.code();
    house.restart().await;

    let log = String::from_utf8(std::mem::take(&mut *log.0.lock().unwrap())).unwrap();
    assert!(log.contains("a session is open"), "the log was kept");
    let mut reopened = log.lines().filter(|line| line.contains(TOLD_ON_ASKING));
    assert!(reopened.next().unwrap().contains(" INFO "));
    let signature = token.rsplit('.').next().unwrap();
    let whole_id = ada.participant.unwrap().to_text();
    for personal in [
        NAME,
        "Adalbertine",
        "Quillfeather",
        REASON,
        WORDS,
        "unmistakable",
        &token,
        signature,
        &code,
        &ada.secret,
        &doctor.secret,
        &grace.secret,
        "203.0.113.77",
        "127.0.0.1",
        &whole_id,
    ] {
        let line = log.lines().find(|line| line.contains(personal));
        assert_eq!(line, None, "{personal} is in the log");
    }
}
