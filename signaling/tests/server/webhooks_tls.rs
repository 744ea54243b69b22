//! Webhooks over https: to who has a certificate of an authority that is trusted, for the name that was asked for, and to
//! nobody else.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use tempfile::TempDir;
use vestibule_signaling::clock::Clock as _;
use vestibule_signaling::{NewWebhook, ResolvedAddresses, Resolver, Server, Settings};

use crate::support::{House, Receiver};

/// An authority that the tests have made, and its certificate in a file.
struct Authority {
    issuer: Issuer<'static, KeyPair>,
    folder: TempDir,
}

impl Authority {
    fn new() -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let certificate = params.self_signed(&key).unwrap();
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("ca.pem"), certificate.pem()).unwrap();
        Self {
            issuer: Issuer::new(params, key),
            folder,
        }
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    /// A receiver with a certificate for this name.
    async fn receiver(&self, name: &str) -> Receiver {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new([name.to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let tls = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)
            .unwrap();
        Receiver::open_secure(Arc::new(tls)).await
    }
}

/// Every name is on loopback.
#[derive(Clone, Copy)]
struct Here;

impl Resolver for Here {
    fn resolve(&self, _host: &str, port: u16) -> ResolvedAddresses {
        let found: io::Result<_> = Ok(vec![SocketAddr::new([127, 0, 0, 1].into(), port)]);
        Box::pin(std::future::ready(found))
    }
}

fn intranet(settings: &mut Settings) {
    settings.webhooks.allow_private = vec!["127.0.0.0/8".parse().unwrap()];
    settings.webhooks.resolver = Arc::new(Here);
}

/// A house that trusts these authorities beside those that browsers trust.
async fn house(roots: Option<PathBuf>) -> House {
    House::open_with(move |settings| {
        intranet(settings);
        settings.webhooks.roots.clone_from(&roots);
    })
    .await
}

async fn hook(house: &House, receiver: &Receiver, host: &str) -> NewWebhook {
    let url = format!("https://{host}:{}/in", receiver.address.port());
    let office = house.administration().await;
    let (url, now) = (url.parse().unwrap(), house.clock.now());
    office.add_webhook(&url, &[], None, now).await.unwrap()
}

/// What was answered to the first attempt.
async fn answer(house: &House) -> String {
    let office = house.administration().await;
    for _ in 0..1_000 {
        let standing = office.webhooks().await.unwrap().remove(0);
        if let Some(answer) = standing.answer {
            assert_eq!(standing.due, 1);
            return answer;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("{:?}", office.webhooks().await);
}

#[tokio::test]
async fn an_event_arrives_signed_at_who_has_a_certificate_of_a_trusted_authority() {
    let authority = Authority::new();
    for host in ["hooks.example", "127.0.0.1"] {
        let mut receiver = authority.receiver(host).await;
        let house = house(Some(authority.file())).await;
        let hook = hook(&house, &receiver, host).await;
        let (_ada, _page) = house.waiting("Ada").await;
        let received = receiver.next().await;
        assert_eq!(received.kind(), "visit.arrived");
        assert!(received.is_signed_with(&hook.secret.expose()));
    }
}

#[tokio::test]
async fn nothing_goes_to_who_has_a_certificate_of_another_authority() {
    let authority = Authority::new();
    let other = Authority::new();
    for roots in [None, Some(other.file())] {
        let mut receiver = authority.receiver("hooks.example").await;
        let house = house(roots).await;
        hook(&house, &receiver, "hooks.example").await;
        let (_ada, _page) = house.waiting("Ada").await;
        assert_eq!(answer(&house).await, "tls_failed");
        assert!(!receiver.has_something());
    }
}

#[tokio::test]
async fn nothing_goes_to_who_has_a_certificate_for_another_name() {
    let authority = Authority::new();
    let mut receiver = authority.receiver("other.example").await;
    let house = house(Some(authority.file())).await;
    hook(&house, &receiver, "hooks.example").await;
    let (_ada, _page) = house.waiting("Ada").await;
    assert_eq!(answer(&house).await, "tls_failed");
    assert!(!receiver.has_something());
}

#[tokio::test]
async fn attack_24_a_trusted_certificate_opens_no_private_address() {
    let authority = Authority::new();
    let mut receiver = authority.receiver("hooks.example").await;
    let roots = authority.file();
    let house = House::open_with(move |settings| {
        settings.webhooks.roots = Some(roots.clone());
        settings.webhooks.resolver = Arc::new(Here);
    })
    .await;
    hook(&house, &receiver, "hooks.example").await;
    let (_ada, _page) = house.waiting("Ada").await;
    assert_eq!(answer(&house).await, "address_refused");
    assert!(!receiver.has_something());
}

#[tokio::test]
async fn a_file_without_a_certificate_stops_the_start_and_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("empty.pem");
    std::fs::write(&file, "nothing\n").unwrap();
    let mut settings = Settings::new(folder.path().join("data"));
    settings.http = Some(([127, 0, 0, 1], 0).into());
    settings.webhooks.roots = Some(file);
    let told = Server::start(settings).await.err().unwrap().to_string();
    assert!(told.contains("empty.pem"), "{told}");
    assert!(told.contains("no certificate"), "{told}");
}
