//! The numbers of a running server, read as Prometheus reads them.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::TcpStream;
use vestibule_protocol::client::Request;
use vestibule_protocol::server::Reply;
use vestibule_signaling::clock::Clock as _;
use vestibule_signaling::{Rate, Scope, Settings};
use vestibule_vocab::Millis;

use super::gates::{only, see_many};
use crate::support::web::{Answer as Page, exchange};
use crate::support::{Answer, House, Kind, Receiver, Rest};

crate::on_both_stores!(
    m25_what_waits_and_what_is_done_is_counted_by_state_and_service,
    m25_events_that_go_out_are_counted_by_what_became_of_them,
);

const HOUR: Millis = Millis::from_secs(60 * 60);

fn change(settings: &mut Settings) {
    settings.metrics = Some(([127, 0, 0, 1], 0).into());
    settings.webhooks.allow_private = vec!["127.0.0.0/8".parse().unwrap()];
    settings.rates.exchanges = Rate {
        burst: 1_000,
        per_second: 1_000,
    };
}

async fn ask(address: SocketAddr, path: &str) -> Page {
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\n\r\n");
    exchange(TcpStream::connect(address).await.unwrap(), &request).await
}

/// What is told.
struct Told(String);

impl Told {
    async fn by(house: &House) -> Self {
        let page = ask(house.server().metrics().unwrap(), "/metrics").await;
        assert_eq!(page.status, 200);
        let kind = page.header("content-type").unwrap();
        assert!(kind.starts_with("text/plain; version=0.0.4"), "{kind}");
        Self(page.body)
    }

    /// The sum of all lines of this name whose labels have all of these.
    fn sum(&self, name: &str, labels: &[&str]) -> f64 {
        let lines = self.0.lines().filter(|line| !line.starts_with('#'));
        let of = lines.filter_map(|line| {
            let (what, value) = line.rsplit_once(' ')?;
            let (found, its) = what.split_once('{').unwrap_or((what, ""));
            let fits = found == format!("vestibule_signaling_{name}")
                && labels.iter().all(|label| its.contains(label));
            fits.then(|| value.parse::<f64>().unwrap())
        });
        of.sum()
    }
}

async fn m25_what_waits_and_what_is_done_is_counted_by_state_and_service(kind: Kind) {
    let house = House::open_on_with(kind, change).await;
    let rest = Rest::with(&house, &[Scope::ServicesRead]).await;
    let services = rest.get("/services").await.good();
    let service = services["items"][0]["id"].as_str().unwrap();
    rest.get("/visits").await.problem();
    let mut console = house.practitioner().await.open().await;
    let (_ada, _page) = house.waiting("Ada Lovelace").await;
    let (_grace, _other) = house.waiting("Grace Hopper").await;
    let seen = console.practitioner(|it| it.waiting.len() == 2).await;

    let told = Told::by(&house).await;
    let here = format!("service=\"{service}\"");
    for part in ["part=\"clinic\"", "part=\"store\""] {
        assert_eq!(told.sum("up", &[part]), 1.0);
    }
    assert_eq!(told.sum("waiting", &["room=\"service\"", &here]), 2.0);
    assert_eq!(told.sum("waiting", &["room=\"practitioner\""]), 0.0);
    assert_eq!(told.sum("visits", &["state=\"waiting\""]), 2.0);
    assert_eq!(told.sum("sessions", &[]), 3.0);
    let requests = |status: &str| told.sum("api_requests_total", &["api=\"rest\"", status]);
    assert_eq!(
        (requests("status=\"2xx\""), requests("status=\"4xx\"")),
        (1.0, 1.0)
    );
    let before = told.sum("batch_seconds_count", &[]);
    assert!(before >= 5.0, "{before}");
    assert_eq!(told.sum("batch_seconds_bucket", &["le=\"+Inf\""]), before);
    assert!(told.sum("batch_seconds_sum", &[]) > 0.0);
    assert_eq!(told.sum("batches_failed_total", &[]), 0.0);
    for personal in ["Ada", "Hopper", &seen.waiting[0].visit.to_text()] {
        assert!(!told.0.contains(personal), "{}", told.0);
    }

    console.admit(seen.waiting[0].visit).await.unwrap();
    console.practitioner(|it| it.consultation.is_some()).await;
    let told = Told::by(&house).await;
    assert_eq!(told.sum("waiting", &[&here]), 1.0);
    assert_eq!(told.sum("visits", &["state=\"in_consultation\""]), 1.0);
    assert_eq!(told.sum("visits", &[]), 2.0);
    assert!(told.sum("batch_seconds_count", &[]) > before);
}

async fn m25_events_that_go_out_are_counted_by_what_became_of_them(kind: Kind) {
    let mut receiver = Receiver::open().await;
    let house = House::open_on_with(kind, change).await;
    let office = house.administration().await;
    let (url, now) = (receiver.url().parse().unwrap(), house.clock.now());
    office.add_webhook(&url, &[], None, now).await.unwrap();
    receiver.answer([Answer::Status(503)]);
    let (_ada, _page) = house.waiting("Ada").await;
    receiver.next().await;
    // What became of an attempt is counted first, and then written down.
    let until = async |outcome: &str, outbox: f64| {
        for _ in 0..1_000 {
            let told = Told::by(&house).await;
            let outcome = format!("outcome=\"{outcome}\"");
            let counted = told.sum("webhook_attempts_total", &[&outcome]);
            let waits = told.sum("outbox", &["state=\"due\""]);
            if (counted, waits) == (1.0, outbox) {
                return told;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("{}", Told::by(&house).await.0);
    };
    until("again", 1.0).await;
    house.advance(HOUR);
    receiver.next().await;
    let told = until("delivered", 0.0).await;
    assert_eq!(told.sum("outbox", &[]), 0.0);
    assert_eq!(told.sum("webhook_attempts_total", &[]), 2.0);
}

#[tokio::test]
async fn m05_the_measured_coverage_of_waits_is_told() {
    let house = House::open_with(change).await;
    let mut console = house.practitioner().await.open().await;
    let promises = |told: &Told, outcome: &str| {
        let outcome = format!("outcome=\"{outcome}\"");
        told.sum("promises", &["room=\"service\"", &outcome])
    };
    let told = Told::by(&house).await;
    assert_eq!(told.sum("promises", &[]), 0.0, "nothing was promised");
    see_many(&house, &mut console).await;
    let before = Told::by(&house).await;
    let all = before.sum("promises", &[]);
    assert!(all >= 1.0, "enough was known for the last ones");

    let (_ada, mut page) = house.waiting("Ada").await;
    let visit = only(&mut console).await;
    house.advance(Millis(5 * HOUR.0));
    assert_eq!(console.admit(visit).await, Ok(Reply::Done));
    page.patient(|it| it.consultation.is_some()).await;
    let after = Told::by(&house).await;
    assert_eq!(after.sum("promises", &[]), all + 1.0);
    assert_eq!(promises(&after, "later"), promises(&before, "later") + 1.0);
    assert_eq!(promises(&after, "within"), promises(&before, "within"));
    assert_eq!(page.ask(Request::Leave).await, Ok(Reply::Done));
}

#[tokio::test]
async fn m25_only_the_metrics_are_served_there_and_nowhere_else() {
    let house = House::open_with(change).await;
    let address = house.server().metrics().unwrap();
    assert!(address.ip().is_loopback());
    assert_eq!(ask(address, "/").await.status, 404);
    assert_eq!(ask(address, "/metrics/../x").await.status, 404);
    let long = format!("/{}", "x".repeat(5_000));
    assert_eq!(ask(address, &long).await.status, 431);
    let people = ask(house.address(), "/metrics").await;
    assert!(!people.body.contains("vestibule_signaling_"));
    // Who holds connections open holds up nobody for long, and whoever serves people least of all.
    let mut idle = Vec::new();
    for _ in 0..10 {
        idle.push(TcpStream::connect(address).await.unwrap());
    }
    let (_ada, _page) = house.waiting("Ada").await;
    drop(idle);
    // Without the setting there is no port.
    let other = House::open().await;
    assert_eq!(other.server().metrics(), None);
}
