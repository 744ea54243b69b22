//! The store: what it does not take did not happen, and it forgets what is personal.

use vestibule_protocol::ErrorCode;
use vestibule_protocol::server::{ClosingReason, Outcome, Reply};

use vestibule_signaling::{Server, Settings};

use crate::support::house::names;
use crate::support::page::{outcome, place};
use crate::support::{House, Kind, postgres};

crate::on_both_stores!(
    what_the_store_does_not_take_is_refused_and_did_not_happen,
    what_another_writer_did_counts_and_nobody_is_sent_away,
    places_and_a_consultation_outlive_a_restart,
    a_join_token_is_good_once_and_a_session_outlives_a_restart,
);

async fn what_the_store_does_not_take_is_refused_and_did_not_happen(kind: Kind) {
    let house = House::open_on(kind).await;
    let (grace, _) = house.waiting("Grace").await;
    house
        .meddle(
            "CREATE TRIGGER full BEFORE INSERT ON visits BEGIN SELECT RAISE(ABORT, 'full'); END",
            "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql \
             AS $$ BEGIN RAISE EXCEPTION 'full'; END $$; \
             CREATE TRIGGER full_disk BEFORE INSERT ON visits EXECUTE FUNCTION full_disk()",
        )
        .await;

    let ada = house.patient().await;
    let mut page = ada.open().await;
    assert_eq!(page.arrive("Ada", "").await, Err(ErrorCode::Unavailable));
    assert_eq!(page.farewell().await.0, Some(ClosingReason::ShuttingDown));
    house
        .meddle("DROP TRIGGER full", "DROP TRIGGER full_disk ON visits")
        .await;

    let mut page = ada.open().await;
    assert_eq!(page.patient(|_| true).await.visit, None);
    assert_eq!(page.arrive("Ada", "").await, Ok(Reply::Done));
    page.patient(|it| place(it) == Some(2)).await;
    let mut console = house.practitioner().await.open().await;
    console
        .practitioner(|it| names(it) == ["Grace", "Ada"])
        .await;
    grace.open().await.patient(|it| place(it) == Some(1)).await;
}

async fn what_another_writer_did_counts_and_nobody_is_sent_away(kind: Kind) {
    const WRITE: &str = "UPDATE clinic SET version = version + 7; \
         UPDATE visits SET active = 0, body = replace(body, '\"state\":{\"type\":\"waiting\"}', \
         '\"state\":{\"type\":\"ended\",\"outcome\":{\"type\":\"left\"},\"at\":4102444800000}')";
    let house = House::open_on(kind).await;
    let (_grace, mut waiting) = house.waiting("Grace").await;
    let mut page = house.patient().await.open().await;
    house.meddle(WRITE, WRITE).await;
    assert_eq!(page.arrive("Ada", "").await, Ok(Reply::Done));
    page.patient(|it| place(it) == Some(1)).await;
    waiting
        .patient(|it| outcome(it) == Some(&Outcome::Left))
        .await;
}

async fn places_and_a_consultation_outlive_a_restart(kind: Kind) {
    let mut house = House::open_on(kind).await;
    let (ada, mut page) = house.waiting("Ada").await;
    let (grace, _) = house.waiting("Grace").await;
    let (alan, _) = house.waiting("Alan").await;
    let doctor = house.practitioner().await;
    let mut console = doctor.open().await;
    let seen = console.practitioner(|it| it.waiting.len() == 3).await;
    let visit = seen.waiting[0].visit;
    console.admit(visit).await.unwrap();
    let before = page.patient(|it| it.consultation.is_some()).await;
    let consultation = before.consultation.unwrap();

    house.restart().await;
    let [ada, grace, alan, doctor] =
        [ada, grace, alan, doctor].map(|device| device.moved(house.address()));
    let after = ada.open().await.patient(|_| true).await;
    let resumed = after.consultation.unwrap();
    assert_eq!(resumed.consultation, consultation.consultation);
    assert_eq!(resumed.started_at, consultation.started_at);
    grace.open().await.patient(|it| place(it) == Some(1)).await;
    alan.open().await.patient(|it| place(it) == Some(2)).await;
    let mut console = doctor.open().await;
    let seen = console.practitioner(|it| it.waiting.len() == 2).await;
    assert_eq!(names(&seen), ["Grace", "Alan"]);
}

async fn a_join_token_is_good_once_and_a_session_outlives_a_restart(kind: Kind) {
    let mut house = House::open_on(kind).await;
    let mut device = house.device();
    let token = device.walk_in(&house.code()).await.unwrap();
    device.claim(&token).await.unwrap();
    assert_eq!(device.claim(&token).await, Err(ErrorCode::TokenUsed));
    house.restart().await;
    let device = device.moved(house.address());
    device.open().await.arrive("Ada", "").await.unwrap();
}

#[tokio::test]
async fn postgresql_is_reached_with_a_password_and_its_lack_is_told_without_it() {
    let data = tempfile::tempdir().unwrap();
    let mut settings = Settings::new(data.path().to_owned());
    settings.http = Some(([127, 0, 0, 1], 0).into());
    let good = postgres::shared().database_by_tcp();
    settings.store = Some(good.parse().unwrap());
    Server::start(settings.clone()).await.unwrap().stop().await;

    let wrong = good.replace("correct", "lovelace");
    let nobody_there = format!("postgres://ada:lovelace@127.0.0.1:{}/clinic", free_port());
    for (url, why) in [
        (&wrong, "password authentication failed"),
        (&nobody_there, "refused"),
    ] {
        settings.store = Some(url.parse().unwrap());
        let told = Server::start(settings.clone()).await.err().unwrap();
        let told = told.to_string();
        assert!(told.starts_with("the store at 127.0.0.1:"), "{told}");
        assert!(told.contains(why), "{told}");
        assert!(!told.contains("lovelace"), "{told}");
    }
}

#[tokio::test]
async fn postgresql_is_spoken_to_over_tls_and_its_certificate_is_checked() {
    let folder = tempfile::tempdir().unwrap();
    let made = || rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    let (own, others) = (made(), made());
    let key = own.signing_key.serialize_pem();
    let cluster = postgres::Cluster::start_with_tls(&own.cert.pem(), &key);
    let url = cluster.database_by_tcp();
    let start = async |name: &str, authority: &str| {
        let file = folder.path().join(name);
        std::fs::write(&file, authority).unwrap();
        let mut settings = Settings::new(folder.path().join("data"));
        settings.http = Some(([127, 0, 0, 1], 0).into());
        let url = format!("{url}?sslmode=verify-full&sslrootcert={}", file.display());
        settings.store = Some(url.parse().unwrap());
        Server::start(settings).await
    };
    let refused = start("others.pem", &others.cert.pem()).await.err().unwrap();
    assert!(refused.to_string().contains("certificate"), "{refused}");
    start("own.pem", &own.cert.pem())
        .await
        .unwrap()
        .stop()
        .await;
}

fn free_port() -> u16 {
    let probe = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    probe.local_addr().unwrap().port()
}

#[tokio::test]
async fn secrets_and_codes_are_stored_as_hashes_only() {
    let house = House::open().await;
    let doctor = house.practitioner().await;
    let (ada, _page) = house.waiting("Ada").await;
    let stored = std::fs::read(house.database()).unwrap();
    let journal = std::fs::read(house.database().with_extension("sqlite3-wal")).unwrap();
    for secret in [&ada.secret, &doctor.secret, &house.code()] {
        for file in [&stored, &journal] {
            let found = file.windows(secret.len()).any(|it| it == secret.as_bytes());
            assert!(!found);
        }
    }
}
