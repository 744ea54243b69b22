//! MLS messages through the server: carried in order, stored, given again to whoever missed them.

use vestibule_protocol::ErrorCode;
use vestibule_protocol::client::Request;
use vestibule_protocol::server::{LogEntry, LogKind, Reply, ServerMessage};
use vestibule_protocol::{Base64Bytes, limits};
use vestibule_vocab::ConsultationId;

use crate::support::frames::{application, commit, key_package, welcome};
use crate::support::{Device, House, Page};

/// Two people in a consultation.
struct Pair {
    house: House,
    doctor: Device,
    ada: Device,
    console: Page,
    page: Page,
    consultation: ConsultationId,
}

async fn pair() -> Pair {
    let house = House::open().await;
    let doctor = house.practitioner().await;
    let mut console = doctor.open().await;
    let (ada, mut page) = house.waiting("Ada").await;
    let seen = console.practitioner(|it| it.waiting.len() == 1).await;
    console.admit(seen.waiting[0].visit).await.unwrap();
    console.practitioner(|it| it.consultation.is_some()).await;
    let seen = page.patient(|it| it.consultation.is_some()).await;
    Pair {
        house,
        doctor,
        ada,
        console,
        page,
        consultation: seen.consultation.unwrap().consultation,
    }
}

impl Pair {
    fn commit(&self, generation: u32, epoch: u64, with_welcome: bool) -> Request {
        Request::Commit {
            consultation: self.consultation,
            commit: Base64Bytes(commit(self.consultation, generation, epoch)),
            welcome: with_welcome.then(|| Base64Bytes(welcome())),
        }
    }

    fn say(&self, generation: u32, epoch: u64, length: usize) -> Request {
        Request::Send {
            consultation: self.consultation,
            message: Base64Bytes(application(self.consultation, generation, epoch, length)),
        }
    }

    fn sync(&self, after: u64) -> Request {
        Request::Sync {
            consultation: self.consultation,
            after,
        }
    }
}

async fn log(page: &mut Page) -> Vec<LogEntry> {
    match page
        .until(|it| matches!(it, ServerMessage::Log { .. }))
        .await
    {
        ServerMessage::Log { entries, .. } => entries,
        other => panic!("{other:?}"),
    }
}

fn accepted(sequence: u64) -> Result<Reply, ErrorCode> {
    Ok(Reply::Accepted { sequence })
}

#[tokio::test]
async fn key_packages_are_shown_in_the_roster_and_taken_once() {
    let mut pair = pair().await;
    let publish = Request::PublishKeyPackages {
        packages: vec![Base64Bytes(key_package())],
    };
    assert_eq!(pair.page.ask(publish).await, Ok(Reply::Done));
    pair.console
        .practitioner(|it| it.consultation.as_ref().unwrap().participants[0].key_package)
        .await;
    let claim = Request::ClaimKeyPackages {
        consultation: pair.consultation,
        instances: vec![pair.page.instance()],
    };
    let Ok(Reply::KeyPackages { packages }) = pair.console.ask(claim.clone()).await else {
        panic!("no key package")
    };
    assert_eq!(packages[0].instance, pair.page.instance());
    assert_eq!(packages[0].package.0, key_package());
    pair.console
        .practitioner(|it| !it.consultation.as_ref().unwrap().participants[0].key_package)
        .await;
    assert_eq!(
        pair.console.ask(claim.clone()).await,
        Err(ErrorCode::NoKeyPackage)
    );
    assert_eq!(pair.page.ask(claim).await, Err(ErrorCode::NotCommitter));
}

#[tokio::test]
async fn a_commit_reaches_the_other_and_moves_the_group() {
    let mut pair = pair().await;
    let begin = pair.commit(1, 0, true);
    assert_eq!(pair.console.ask(begin.clone()).await, accepted(1));
    let entries = log(&mut pair.page).await;
    let kinds: Vec<_> = entries.iter().map(|it| (it.sequence, it.kind)).collect();
    assert_eq!(kinds, [(1, LogKind::Commit), (2, LogKind::Welcome)]);
    assert_eq!(entries[0].sender, pair.console.instance());
    let seen = pair
        .page
        .patient(|it| it.consultation.as_ref().unwrap().group.is_some())
        .await;
    let group = seen.consultation.unwrap().group.unwrap();
    assert_eq!((group.generation, group.epoch), (1, 1));
    assert_eq!(group.committer, pair.console.instance());

    let stored = pair.house.stored().await;
    assert_eq!(pair.console.ask(begin).await, Err(ErrorCode::StaleEpoch));
    let from_patient = pair.commit(1, 1, false);
    assert_eq!(
        pair.page.ask(from_patient).await,
        Err(ErrorCode::NotCommitter)
    );
    let elsewhere = Request::Commit {
        consultation: pair.consultation,
        commit: Base64Bytes(commit(ConsultationId::from_random(9), 1, 1)),
        welcome: None,
    };
    assert_eq!(
        pair.console.ask(elsewhere).await,
        Err(ErrorCode::MlsInvalid)
    );
    assert_eq!(pair.house.stored().await, stored);

    let acknowledge = Request::Acknowledge {
        consultation: pair.consultation,
        generation: 1,
        epoch: 1,
    };
    assert_eq!(pair.page.ask(acknowledge).await, Ok(Reply::Done));
    let heard = pair
        .console
        .until(|it| matches!(it, ServerMessage::Acknowledged { .. }))
        .await;
    let ServerMessage::Acknowledged {
        instance, epoch, ..
    } = heard
    else {
        unreachable!()
    };
    assert_eq!((instance, epoch), (pair.page.instance(), 1));
}

#[tokio::test]
async fn whoever_missed_something_is_given_it_also_after_a_restart() {
    let mut pair = pair().await;
    let begin = pair.commit(1, 0, true);
    pair.console.ask(begin).await.unwrap();
    let hello = pair.say(1, 1, 30);
    assert_eq!(pair.console.ask(hello).await, accepted(3));
    let instance = pair.page.instance();
    pair.house.restart().await;

    pair.ada = pair.ada.moved(pair.house.address());
    let mut page = pair.ada.open_as(instance).await;
    let sync = page.send(pair.sync(1)).await;
    let entries = log(&mut page).await;
    assert_eq!(
        entries.iter().map(|it| it.sequence).collect::<Vec<_>>(),
        [2, 3]
    );
    assert_eq!(
        entries[1].message.0,
        application(pair.consultation, 1, 1, 30)
    );
    assert_eq!(page.answer(sync).await, Ok(Reply::Done));
    let mut console = pair.doctor.moved(pair.house.address()).open().await;
    console
        .practitioner(|it| it.consultation.as_ref().unwrap().group.is_some())
        .await;
}

#[tokio::test]
async fn a_long_log_comes_in_messages_that_fit() {
    let mut pair = pair().await;
    let begin = pair.commit(1, 0, false);
    pair.console.ask(begin).await.unwrap();
    for _ in 0..12 {
        let say = pair.say(1, 1, 20_000);
        pair.console.ask(say).await.unwrap();
    }
    let mut page = pair.ada.open().await;
    let sync = page.send(pair.sync(0)).await;
    let mut sequences = Vec::new();
    while sequences.len() < 13 {
        let entries = log(&mut page).await;
        let bytes: usize = entries.iter().map(|it| it.message.0.len() * 4 / 3).sum();
        assert!(bytes < limits::MESSAGE_BYTES);
        sequences.extend(entries.iter().map(|it| it.sequence));
    }
    assert_eq!(sequences, (1..=13).collect::<Vec<_>>());
    assert_eq!(page.answer(sync).await, Ok(Reply::Done));
}

#[tokio::test]
async fn the_log_goes_with_the_consultation() {
    let mut pair = pair().await;
    let begin = pair.commit(1, 0, false);
    pair.console.ask(begin).await.unwrap();
    let consultation = pair.consultation;
    pair.console
        .ask(Request::End {
            consultation,
            conclusion: None,
        })
        .await
        .unwrap();
    assert_eq!(
        pair.page.ask(pair.sync(0)).await,
        Err(ErrorCode::NotInConsultation)
    );
    let sql = pair.house.sql().await;
    let rows = sqlx::query("SELECT 1 FROM mls_log")
        .fetch_all(&sql)
        .await
        .unwrap();
    assert!(rows.is_empty());
}
