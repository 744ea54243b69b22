//! What happens is told to other systems: signed, in order, again until it is taken, and nowhere that it must not go.

use std::collections::BTreeSet;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use vestibule_protocol::client::Request;
use vestibule_signaling::clock::Clock as _;
use vestibule_signaling::{
    EventKind, NewWebhook, ReplayFrom, ResolvedAddresses, Resolver, Settings, WebhookStanding,
};
use vestibule_vocab::Millis;

use crate::on_both_stores;
use crate::support::house::START;
use crate::support::receiver::loopback;
use crate::support::{Answer, House, Kind, Receiver};

on_both_stores! {
    what_happens_to_a_visit_is_told_signed_and_in_order,
    what_is_not_taken_is_sent_again_and_what_came_later_waits_for_it,
    what_is_never_taken_is_given_up_and_shown,
    only_the_kinds_that_are_wanted_are_sent_and_all_can_be_sent_again,
}

/// More than any pause between two attempts.
const LONG: Millis = Millis::from_secs(7 * 60 * 60);

fn intranet(settings: &mut Settings) {
    settings.webhooks.allow_private = vec!["127.0.0.0/8".parse().unwrap()];
}

async fn hook(house: &House, url: &str) -> NewWebhook {
    hook_for(house, url, &[]).await
}

async fn hook_for(house: &House, url: &str, kinds: &[EventKind]) -> NewWebhook {
    let office = house.administration().await;
    let url = url.parse().unwrap();
    let now = house.clock.now();
    office.add_webhook(&url, kinds, None, now).await.unwrap()
}

/// How the first webhook stands, once it does so.
async fn standing(house: &House, so: impl Fn(&WebhookStanding) -> bool) -> WebhookStanding {
    let office = house.administration().await;
    for _ in 0..1_000 {
        let standing = office.webhooks().await.unwrap().remove(0);
        if so(&standing) {
            return standing;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("{:?}", office.webhooks().await);
}

async fn refused_with(house: &House, code: &str) {
    let standing = standing(house, |it| it.answer.as_deref() == Some(code)).await;
    assert_eq!((standing.due, standing.failed), (1, 0));
}

async fn what_happens_to_a_visit_is_told_signed_and_in_order(kind: Kind) {
    let mut receiver = Receiver::open().await;
    let house = House::open_on_with(kind, intranet).await;
    let hook = hook(&house, &receiver.url()).await;
    let (_ada, mut page) = house.waiting("Ada").await;
    let mut console = house.practitioner().await.open().await;
    let seen = console.practitioner(|it| it.waiting.len() == 1).await;
    console.admit(seen.waiting[0].visit).await.unwrap();
    page.patient(|it| it.consultation.is_some()).await;
    page.ask(Request::Leave).await.unwrap();

    let mut ids = BTreeSet::new();
    let mut kinds = Vec::new();
    for _ in 0..4 {
        let received = receiver.next().await;
        assert!(received.is_signed_with(&hook.secret.expose()));
        assert!(!received.is_signed_with("whsec_c29tZWJvZHkgZWxzZSdzIHNlY3JldA=="));
        assert_eq!(received.seconds, START.0 / 1000);
        assert!(!received.body.contains("Ada"));
        ids.insert(received.id.clone());
        kinds.push(received.kind());
    }
    assert_eq!(
        kinds,
        [
            "visit.arrived",
            "consultation.started",
            "consultation.ended",
            "visit.left"
        ]
    );
    assert_eq!(ids.len(), 4);
    let done = standing(&house, |it| it.due == 0).await;
    assert_eq!((done.failed, done.answer.as_deref()), (0, Some("http_204")));
}

async fn what_is_not_taken_is_sent_again_and_what_came_later_waits_for_it(kind: Kind) {
    let mut receiver = Receiver::open().await;
    let house = House::open_on_with(kind, intranet).await;
    let hook = hook(&house, &receiver.url()).await;
    receiver.answer([Answer::Status(503)]);
    let (_ada, mut page) = house.waiting("Ada").await;
    let first = receiver.next().await;
    assert_eq!(first.kind(), "visit.arrived");
    page.ask(Request::Leave).await.unwrap();
    // Somebody else's visit does not wait.
    let (_grace, _page) = house.waiting("Grace").await;
    let other = receiver.next().await;
    assert_eq!(other.kind(), "visit.arrived");
    assert_ne!(other.id, first.id);
    let waiting = standing(&house, |it| it.due == 2).await;
    assert_eq!(waiting.answer.as_deref(), Some("http_204"));
    assert_eq!(waiting.not_taken.as_deref(), Some("http_503"));
    assert!(!receiver.has_something());

    house.advance(LONG);
    let again = receiver.next().await;
    assert_eq!((&again.id, &again.body), (&first.id, &first.body));
    assert_eq!(again.seconds, (START.0 + LONG.0) / 1000);
    assert!(again.is_signed_with(&hook.secret.expose()));
    assert_eq!(receiver.next().await.kind(), "visit.left");
    // What was answered last is shown, whether it was taken or not.
    let taken = standing(&house, |it| it.due == 0).await;
    assert_eq!(
        (taken.answer.as_deref(), taken.not_taken),
        (Some("http_204"), None)
    );
}

async fn only_the_kinds_that_are_wanted_are_sent_and_all_can_be_sent_again(kind: Kind) {
    let mut receiver = Receiver::open().await;
    let house = House::open_on_with(kind, intranet).await;
    let (_before, _page) = house.waiting("Grace").await;
    let kinds = [EventKind::VisitLeft, EventKind::VisitArrived];
    let hook = hook_for(&house, &receiver.url(), &kinds).await;
    let (_ada, mut page) = house.waiting("Ada").await;
    let mut console = house.practitioner().await.open().await;
    let seen = console.practitioner(|it| it.waiting.len() == 2).await;
    console.admit_first(seen.waiting[1].visit).await.unwrap();
    page.patient(|it| it.consultation.is_some()).await;
    page.ask(Request::Leave).await.unwrap();
    let arrived = receiver.next().await;
    assert_eq!(arrived.kind(), "visit.arrived");
    let left = receiver.next().await;
    assert_eq!(left.kind(), "visit.left");
    standing(&house, |it| it.due == 0).await;

    let office = house.administration().await;
    let from = ReplayFrom::Event(arrived.id.clone());
    assert_eq!(office.replay(&hook.id, &from).await.unwrap(), 2);
    assert_eq!(receiver.next().await.id, arrived.id);
    assert_eq!(receiver.next().await.id, left.id);
    standing(&house, |it| it.due == 0).await;
    // What happened before the webhook was made can be sent too.
    let from = ReplayFrom::Moment(START);
    assert_eq!(office.replay(&hook.id, &from).await.unwrap(), 3);
    let kinds = receiver.kinds(3).await;
    assert_eq!(kinds.iter().filter(|it| *it == "visit.arrived").count(), 2);

    let unknown = ReplayFrom::Event("evt_0".to_owned());
    assert!(office.replay(&hook.id, &unknown).await.is_err());
    office.remove_webhook(&hook.id).await.unwrap();
    assert!(office.remove_webhook(&hook.id).await.is_err());
}

#[tokio::test]
async fn what_was_to_be_sent_is_sent_after_a_restart() {
    let mut receiver = Receiver::open().await;
    let mut house = House::open_with(intranet).await;
    hook(&house, &receiver.url()).await;
    receiver.answer([Answer::Nothing]);
    let (_ada, _page) = house.waiting("Ada").await;
    let first = receiver.next().await;
    house.restart().await;
    assert_eq!(receiver.next().await.id, first.id);
}

#[tokio::test]
async fn a_receiver_that_does_not_answer_holds_up_no_other() {
    let (mut silent, mut other) = (Receiver::open().await, Receiver::open().await);
    let house = House::open_with(intranet).await;
    hook(&house, &silent.url()).await;
    hook(&house, &other.url()).await;
    silent.answer((0..20).map(|_| Answer::Nothing));
    let mut people = Vec::new();
    for number in 0..10 {
        people.push(house.waiting(&format!("Ada {number}")).await);
    }
    assert_eq!(other.kinds(10).await.len(), 10);
    assert_eq!(silent.kinds(4).await.len(), 4);
    assert!(!silent.has_something(), "more than four are under way");
}

/// Answers each connection once, with this, and closes it.
async fn abrupt(answer: &'static str) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = Vec::new();
            // Each event is an object of objects: it is whole when it ends with so many braces.
            while !request.ends_with(b"}}") {
                let _ = stream.read_buf(&mut request).await;
            }
            let _ = stream.write_all(answer.as_bytes()).await;
        }
    });
    address
}

#[tokio::test]
async fn what_a_receiver_takes_that_closes_the_connection_is_taken() {
    for answer in [
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok",
        "HTTP/1.1 204 No Content\r\n\r\n",
        "HTTP/1.0 200 OK\r\n\r\nok",
    ] {
        let address = abrupt(answer).await;
        let house = House::open_with(intranet).await;
        hook(&house, &format!("http://{address}/x")).await;
        let mut people = Vec::new();
        for number in 0..4 {
            people.push(house.waiting(&format!("Ada {number}")).await);
        }
        let done = standing(&house, |it| it.due == 0).await;
        assert_eq!(done.failed, 0);
        assert!(done.answer.unwrap().starts_with("http_20"), "{answer}");
    }
}

#[tokio::test]
async fn a_receiver_that_says_it_is_gone_is_sent_nothing_more() {
    let mut receiver = Receiver::open().await;
    let house = House::open_with(intranet).await;
    let hook = hook(&house, &receiver.url()).await;
    receiver.answer([Answer::Status(410)]);
    let (_ada, _page) = house.waiting("Ada").await;
    receiver.next().await;
    let gone = standing(&house, |it| !it.enabled).await;
    assert_eq!((gone.due, gone.failed), (0, 1));
    assert_eq!(gone.answer.as_deref(), Some("http_410"));
    let (_grace, _page) = house.waiting("Grace").await;
    let office = house.administration().await;
    office.enable_webhook(&hook.id, true).await.unwrap();
    let (_alan, _page) = house.waiting("Alan").await;
    let next = receiver.next().await;
    let visit = next.says()["data"]["visit"].clone();
    standing(&house, |it| it.due == 0).await;
    assert!(!receiver.has_something(), "{visit}");
}

async fn what_is_never_taken_is_given_up_and_shown(kind: Kind) {
    const LAST: &str = "UPDATE deliveries SET attempts = 14";
    let mut receiver = Receiver::open().await;
    let house = House::open_on_with(kind, intranet).await;
    hook(&house, &receiver.url()).await;
    receiver.answer([Answer::Status(500), Answer::Status(500)]);
    let (_ada, mut page) = house.waiting("Ada").await;
    let first = receiver.next().await;
    page.ask(Request::Leave).await.unwrap();
    standing(&house, |it| it.answer.is_some()).await;
    house.meddle(LAST, LAST).await;
    house.advance(LONG);
    assert_eq!(receiver.next().await.id, first.id);
    // The visit is not held up for ever.
    assert_eq!(receiver.next().await.kind(), "visit.left");
    let lost = standing(&house, |it| it.due == 0).await;
    assert_eq!((lost.failed, lost.answer.as_deref()), (1, Some("http_204")));
    assert_eq!(lost.not_taken.as_deref(), Some("http_500"));
}

#[tokio::test]
async fn two_servers_on_one_store_send_each_event_once() {
    let mut receiver = Receiver::open().await;
    let first = House::open_on_with(Kind::Postgres, intranet).await;
    let second = House::open_beside(&first, intranet).await;
    hook(&first, &receiver.url()).await;
    let mut people = Vec::new();
    for number in 0..20 {
        people.push(first.waiting(&format!("Ada {number}")).await);
        people.push(second.waiting(&format!("Grace {number}")).await);
    }
    let mut ids = BTreeSet::new();
    for _ in 0..40 {
        ids.insert(receiver.next().await.id);
    }
    assert_eq!(ids.len(), 40);
    standing(&first, |it| it.due == 0).await;
    assert!(!receiver.has_something());
}

#[tokio::test]
async fn attack_24_a_webhook_to_a_private_address_is_refused() {
    let mut receiver = Receiver::open().await;
    let port = receiver.address.port();
    for url in [
        format!("http://127.0.0.1:{port}/"),
        format!("https://127.0.0.1:{port}/"),
        format!("https://localhost:{port}/"),
        format!("https://[::1]:{port}/"),
        format!("https://[::ffff:127.0.0.1]:{port}/"),
        format!("https://0x7f000001:{port}/"),
        "https://169.254.169.254/latest/meta-data/".to_owned(),
    ] {
        let house = House::open().await;
        hook(&house, &url).await;
        let (_ada, _page) = house.waiting("Ada").await;
        refused_with(&house, "address_refused").await;
    }
    assert!(!receiver.has_something());
}

#[tokio::test]
async fn attack_24_without_encryption_nothing_goes_to_where_it_is_not_allowed_by_name() {
    let resolver = Names(|port: u16| vec![SocketAddr::new([1, 1, 1, 1].into(), port)]);
    let house = House::open_with(move |settings| {
        intranet(settings);
        settings.webhooks.resolver = Arc::new(resolver.clone());
    })
    .await;
    hook(&house, "http://hooks.example:9/").await;
    let (_ada, _page) = house.waiting("Ada").await;
    refused_with(&house, "address_refused").await;
}

#[tokio::test]
async fn attack_24_a_redirect_is_not_followed() {
    let mut receiver = Receiver::open().await;
    let mut inside = Receiver::open().await;
    let house = House::open_with(intranet).await;
    hook(&house, &receiver.url()).await;
    receiver.answer([Answer::Redirect(inside.url())]);
    let (_ada, _page) = house.waiting("Ada").await;
    receiver.next().await;
    refused_with(&house, "http_307").await;
    assert!(!inside.has_something());
}

/// Answers by a function, whatever the name.
#[derive(Clone)]
struct Names<F>(F);

impl<F> Resolver for Names<F>
where
    F: Fn(u16) -> Vec<SocketAddr> + Send + Sync + 'static,
{
    fn resolve(&self, _host: &str, port: u16) -> ResolvedAddresses {
        let found: io::Result<_> = Ok((self.0)(port));
        Box::pin(std::future::ready(found))
    }
}

#[tokio::test]
async fn attack_24_a_name_that_changes_its_address_after_it_was_judged_leads_nowhere_else() {
    let mut outside = Receiver::open_at(SocketAddr::new(loopback(2), 0)).await;
    let port = outside.address.port();
    let mut inside = Receiver::open_at(SocketAddr::new(loopback(1), port)).await;
    let asked = Arc::new(AtomicUsize::new(0));
    let counted = asked.clone();
    // Each second answer is the address inside.
    let resolver = Names(move |port: u16| {
        let before = counted.fetch_add(1, Ordering::SeqCst);
        let last = if before.is_multiple_of(2) { 2 } else { 1 };
        vec![SocketAddr::new(loopback(last), port)]
    });
    let house = House::open_with(move |settings| {
        settings.webhooks.allow_private = vec!["127.0.0.2/32".parse().unwrap()];
        settings.webhooks.resolver = Arc::new(resolver.clone());
    })
    .await;
    hook(&house, &outside.url_of("hooks.example")).await;
    let (_ada, _page) = house.waiting("Ada").await;
    assert_eq!(outside.next().await.kind(), "visit.arrived");
    assert_eq!(
        asked.load(Ordering::SeqCst),
        1,
        "one look-up for one attempt"
    );
    // The next attempt is told the address inside, and judges it.
    let (_grace, _page) = house.waiting("Grace").await;
    refused_with(&house, "address_refused").await;
    assert!(!inside.has_something());
}

#[tokio::test]
async fn attack_24_a_name_with_one_address_inside_is_refused_as_a_whole() {
    let mut outside = Receiver::open_at(SocketAddr::new(loopback(2), 0)).await;
    let resolver = Names(|port: u16| {
        [2, 1]
            .map(|last| SocketAddr::new(loopback(last), port))
            .to_vec()
    });
    let house = House::open_with(move |settings| {
        settings.webhooks.allow_private = vec!["127.0.0.2/32".parse().unwrap()];
        settings.webhooks.resolver = Arc::new(resolver.clone());
    })
    .await;
    hook(&house, &outside.url_of("hooks.example")).await;
    let (_ada, _page) = house.waiting("Ada").await;
    refused_with(&house, "address_refused").await;
    assert!(!outside.has_something());
}
