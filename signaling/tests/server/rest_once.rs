//! A write that is repeated is not done twice.

use serde_json::{Value, json};
use vestibule_vocab::Millis;

use crate::support::{House, Kind, Rest};

crate::on_both_stores!(
    a_repeated_request_is_answered_as_before_and_done_once,
    the_answer_outlives_a_restart_and_is_forgotten_after_a_day,
);

fn service() -> Value {
    named("Dermatology")
}

fn named(name: &str) -> Value {
    json!({ "name": name, "specialty": "dermatology" })
}

async fn count(rest: &Rest) -> usize {
    let services = rest.get("/services").await.good();
    services["items"].as_array().unwrap().len()
}

async fn a_repeated_request_is_answered_as_before_and_done_once(kind: Kind) {
    let house = House::open_on(kind).await;
    let rest = Rest::of(&house).await;
    let first = rest.post_as("one", "/services", &service()).await;
    let again = rest.post_as("one", "/services", &service()).await;
    assert_eq!((first.status, &first.body), (again.status, &again.body));
    assert_eq!(first.header("location"), again.header("location"));
    assert_eq!(first.header("idempotency-replayed"), None);
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
    assert_eq!(count(&rest).await, 2);

    let other = named("Cardiology");
    let reused = rest.post_as("one", "/services", &other).await.problem();
    assert_eq!(reused, (422, "idempotency_key_reused".to_owned()));
    let doctor = json!({ "name": "Dr", "services": [] });
    let elsewhere = rest.post_as("one", "/practitioners", &doctor).await;
    assert_eq!(elsewhere.problem().1, "idempotency_key_reused");
    let two = named("Neurology");
    rest.post_as("two", "/services", &two).await.good();
    // Names are each system's own.
    let second = Rest::of(&house).await;
    let theirs = second.post_as("one", "/services", &other).await.good();
    assert_eq!(theirs["name"], "Cardiology");
    assert_eq!(count(&rest).await, 4);

    // A PUT may have a name as well.
    let path = format!("/services/{}", theirs["id"].as_str().unwrap());
    let put = async |body: &Value| {
        rest.ask("PUT", &path, Some("three"), Some(&body.to_string()))
            .await
    };
    let renamed = named("Oncology");
    put(&renamed).await.good();
    rest.put(&path, &other).await.good();
    let again = put(&renamed).await;
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
    assert_eq!(
        rest.get(&path).await.good()["name"],
        "Cardiology",
        "not done again"
    );
}

#[tokio::test]
async fn many_who_repeat_at_once_have_it_done_once() {
    let house = House::open().await;
    let rest = Rest::of(&house).await;
    let body = service();
    let all = (0..12).map(|_| rest.post_as("one", "/services", &body));
    let answers = futures_util::future::join_all(all).await;
    let done: Vec<_> = answers.iter().filter(|it| it.status == 201).collect();
    assert!(!done.is_empty());
    assert!(done.iter().all(|it| it.body == done[0].body));
    for other in answers.iter().filter(|it| it.status != 201) {
        assert_eq!(other.problem(), (409, "in_progress".to_owned()));
    }
    assert_eq!(count(&rest).await, 2);
}

#[tokio::test]
async fn a_refusal_is_not_kept_and_the_request_may_be_mended() {
    let house = House::open().await;
    let rest = Rest::of(&house).await;
    let wrong = json!({ "name": "Dermatology", "specialty": "Dermatology!" });
    let refused = rest.post_as("one", "/services", &wrong).await.problem();
    assert_eq!(refused, (422, "invalid_code".to_owned()));
    rest.post_as("one", "/services", &service()).await.good();
}

#[tokio::test]
async fn what_makes_something_new_has_a_name() {
    let house = House::open().await;
    let rest = Rest::of(&house).await;
    let body = service().to_string();
    for name in [
        None,
        Some(""),
        Some("two words"),
        Some(&*"x".repeat(201)),
        Some("é"),
    ] {
        let refused = rest.ask("POST", "/services", name, Some(&body)).await;
        assert_eq!(
            refused.problem(),
            (400, "idempotency_key_missing".to_owned()),
            "{name:?}"
        );
    }
    assert_eq!(count(&rest).await, 1);
}

async fn the_answer_outlives_a_restart_and_is_forgotten_after_a_day(kind: Kind) {
    let mut house = House::open_on(kind).await;
    let rest = Rest::of(&house).await;
    let first = rest.post_as("one", "/services", &service()).await;
    house.restart().await;
    let rest = rest.moved(&house);
    let again = rest.post_as("one", "/services", &service()).await;
    assert_eq!(first.body, again.body);

    house.advance(Millis::from_secs(25 * 60 * 60));
    // The sweeper wakes by the clock; until it has swept, the old answer is given.
    let anew = loop {
        let answer = rest.post_as("one", "/services", &service()).await;
        let is_old = answer.header("idempotency-replayed").is_some();
        // Whoever asks all the time is told to wait, here as well.
        if !is_old && answer.status != 429 {
            break answer;
        }
    };
    // It is decided anew, and there is one of that name now.
    assert_eq!(anew.problem(), (409, "name_taken".to_owned()));
}
