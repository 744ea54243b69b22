//! https: a certificate of our own, a given one, and its renewal.

use std::path::Path;
use std::sync::Arc;

use vestibule_signaling::{Certificate, Https, Page, Pages, Server, Settings};

use crate::support::House;
use crate::support::secure::get;
use crate::support::web;

struct OnePage;

impl Pages for OnePage {
    fn page(&self, path: &str) -> Option<Page> {
        (path == "index.html").then(|| Page {
            body: "hello".into(),
            gzip: None,
            media_type: "text/html; charset=utf-8",
            immutable: false,
        })
    }
}

fn https(settings: &mut Settings, certificate: Certificate) {
    settings.pages = Arc::new(OnePage);
    settings.https = Some(Https {
        address: ([127, 0, 0, 1], 0).into(),
        certificate,
    });
}

#[tokio::test]
async fn a_self_signed_certificate_is_kept_and_promises_nothing() {
    let mut house = House::open_with(|settings| https(settings, Certificate::SelfSigned)).await;
    let address = house.server().addresses().https.unwrap();
    let (answer, first) = get(address, "/").await;
    assert_eq!((answer.status, answer.body.as_str()), (200, "hello"));
    assert_eq!(answer.header("strict-transport-security"), None);
    house.restart().await;
    let address = house.server().addresses().https.unwrap();
    let (_, second) = get(address, "/").await;
    assert_eq!(first, second);
}

fn write_certificate(directory: &Path) -> Vec<u8> {
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    std::fs::write(directory.join("chain.pem"), made.cert.pem()).unwrap();
    std::fs::write(directory.join("key.pem"), made.signing_key.serialize_pem()).unwrap();
    made.cert.der().to_vec()
}

#[tokio::test]
async fn a_given_certificate_is_renewed_without_a_restart() {
    let files = tempfile::tempdir().unwrap();
    let first = write_certificate(files.path());
    let mut settings = House::open().await.settings();
    settings.data = files.path().join("data");
    https(
        &mut settings,
        Certificate::Given {
            chain: files.path().join("chain.pem"),
            key: files.path().join("key.pem"),
        },
    );
    let server = Server::start(settings).await.unwrap();
    let address = server.addresses().https.unwrap();
    let (answer, shown) = get(address, "/").await;
    assert_eq!(shown, first);
    assert!(answer.header("strict-transport-security").is_some());

    let second = write_certificate(files.path());
    assert_eq!(get(address, "/").await.1, first, "until it is told");
    server.reload_certificate().unwrap();
    assert_eq!(get(address, "/").await.1, second);

    std::fs::write(files.path().join("key.pem"), "nonsense").unwrap();
    let error = server.reload_certificate().unwrap_err().to_string();
    assert!(error.contains("key.pem"), "{error}");
    assert_eq!(
        get(address, "/").await.1,
        second,
        "a bad renewal changes nothing"
    );
    server.stop().await;
}

#[tokio::test]
async fn pages_carry_the_headers_that_protect_them() {
    let house = House::open_with(|settings| settings.pages = Arc::new(OnePage)).await;
    let server = house.address();
    let page = web::get(server, "/").await;
    let policy = page.header("content-security-policy").unwrap();
    for part in [
        "default-src 'none'",
        "script-src 'self';",
        "worker-src 'self';",
        "frame-ancestors 'none'",
        &format!("ws://{server}"),
    ] {
        assert!(policy.contains(part), "{part} in {policy}");
    }
    assert!(!policy.contains("unsafe"), "{policy}");
    assert_eq!(page.header("x-content-type-options"), Some("nosniff"));
    assert_eq!(page.header("referrer-policy"), Some("no-referrer"));
    assert_eq!(
        page.header("cross-origin-opener-policy"),
        Some("same-origin")
    );
    assert_eq!(page.header("cache-control"), Some("no-store"));
    let permissions = page.header("permissions-policy").unwrap();
    assert!(permissions.contains("camera=(self), microphone=(self)"));
    let missing = web::get(server, "/nothing").await;
    assert_eq!(missing.status, 404);
    assert!(missing.header("content-security-policy").is_some());
}

#[tokio::test]
async fn health_says_that_it_lives_and_what_is_missing() {
    let house = House::open().await;
    let live = web::get(house.address(), "/healthz").await;
    assert_eq!((live.status, live.body.as_str()), (200, "ok\n"));
    let ready = web::get(house.address(), "/readyz").await;
    assert_eq!(
        (ready.status, ready.body.as_str()),
        (503, "{\"store\":true,\"sfu\":false}")
    );
}
