//! Signing in at an OpenID provider: a real one, and one that lies.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};
use url::Url;
use vestibule_protocol::ErrorCode;
use vestibule_protocol::client::Request;
use vestibule_protocol::server::{ClosingReason, Reply};
use vestibule_signaling::clock::{Clock as _, SystemClock};
use vestibule_signaling::{ClientKey, ClinicFile, Rate, Settings};
use vestibule_vocab::Millis;

use crate::support::openid::{
    CLIENT, Liar, Provider, SITE, Signer, begin, begin_with_session, come_back, parameter, refusal,
    sign_in, token,
};
use crate::support::web::get;
use crate::support::{Device, House, Kind, Page, Rest};

crate::on_both_stores!(
    m17_whoever_signs_in_twice_is_the_same_patient,
    m17_practitioners_need_a_second_factor,
    m17_an_appointment_is_found_by_whoever_signs_in,
    m17_whoever_signed_in_by_their_link_finds_the_visit_again,
    attack_25_a_sign_in_is_finished_once_and_in_time,
);

/// Everybody comes from one address here.
const OFTEN: Rate = Rate {
    burst: 1_000,
    per_second: 1_000,
};

const SECRET: Option<&str> = Some("hush: a secret+of the/client");

/// A clinic that is to know who its patients are.
fn gated() -> ClinicFile {
    let gate = json!({
        "requires": { "gate": "identity", "level": "substantial" },
        "opened_by": { "who": "built_in" }, "exceptions": ["identity_vouched"],
    });
    let file = json!({
        "services": [{ "name": "General practice", "gates": [gate] }],
        "practitioners": [{ "name": "Dr Martin" }],
    });
    ClinicFile::parse(&file.to_string()).unwrap()
}

/// A server at a real provider, whose clock is the world's.
pub(crate) async fn house_at(
    kind: Kind,
    provider: &Provider,
    secret: Option<&'static str>,
) -> House {
    let issuer = provider.issuer.clone();
    House::open_on_with(kind, move |it: &mut Settings| {
        it.clinic = Some(gated());
        it.public_url = Some(SITE.to_owned());
        it.rates.exchanges = OFTEN;
        it.clock = Arc::new(SystemClock);
        it.sign_in = Some(sign_in(&issuer, secret));
    })
    .await
}

/// A server at one that lies, whose clock is the test's.
async fn house_of(kind: Kind, liar: &Liar) -> House {
    let issuer = liar.issuer.clone();
    House::open_on_with(kind, move |it: &mut Settings| {
        it.public_url = Some(SITE.to_owned());
        it.rates.exchanges = OFTEN;
        it.sign_in = Some(sign_in(&issuer, None));
    })
    .await
}

/// A patient's device, signed in.
pub(crate) async fn patient(house: &House, provider: &Provider, how: &str) -> Device {
    let mut device = house.device();
    let url = begin(&device, Some(&house.code())).await.unwrap();
    let back = provider.confirm(&url, how).await;
    let token = token(house, &back).await;
    device.claim(&token).await.unwrap();
    device
}

async fn m17_whoever_signs_in_twice_is_the_same_patient(kind: Kind) {
    let provider = Provider::start(SECRET).await;
    let house = house_at(kind, &provider, SECRET).await;
    let rest = Rest::of(&house).await;
    let first = patient(&house, &provider, "account=ada&acr=card").await;
    let again = patient(&house, &provider, "account=ada&acr=card").await;
    let other = patient(&house, &provider, "account=grace&acr=basic").await;
    let unsure = patient(&house, &provider, "account=edsger").await;
    assert_eq!(first.participant, again.participant);
    assert_ne!(first.participant, other.participant);
    assert_ne!(unsure.participant, other.participant);
    // What the provider says of how they signed in opens the gate of identity, or does not.
    for (device, is_ready) in [(&again, true), (&other, false), (&unsure, false)] {
        let mut page = device.open().await;
        assert_eq!(page.arrive("Somebody", "").await, Ok(Reply::Done));
        let seen = page.patient(|it| it.visit.is_some()).await;
        let visit = seen.visit.unwrap().visit.to_text();
        let read = rest.get(&format!("/visits/{visit}")).await.good();
        assert_eq!(read["ready"], is_ready, "{read}");
        assert_eq!(page.ask(Request::Leave).await, Ok(Reply::Done));
    }
    // After a visit that ended, a fresh sign-in begins another one of the same patient.
    let later = patient(&house, &provider, "account=ada&acr=card").await;
    assert_eq!(later.participant, first.participant);
    assert_eq!(later.open().await.arrive("Ada", "").await, Ok(Reply::Done));
    // What the provider calls them lies nowhere.
    let subject = provider.subject("ada").await;
    assert_eq!(subject.len(), 64);
    if kind == Kind::Sqlite {
        for file in ["vestibule.sqlite3", "vestibule.sqlite3-wal"] {
            let stored = std::fs::read(house.data.path().join("data").join(file)).unwrap();
            let found = stored.windows(64).any(|it| it == subject.as_bytes());
            assert!(!found, "{file}");
        }
    }
}

#[tokio::test]
async fn m17_a_fresh_sign_in_takes_the_place_over() {
    let provider = Provider::start(SECRET).await;
    let house = house_at(Kind::Sqlite, &provider, SECRET).await;
    let first = patient(&house, &provider, "account=ada&acr=card").await;
    let mut page = first.open().await;
    assert_eq!(page.arrive("Ada", "").await, Ok(Reply::Done));
    let waits = page.patient(|it| it.visit.is_some()).await;
    let second = patient(&house, &provider, "account=ada&acr=card").await;
    let mut taken = second.open().await;
    let goes_on = taken.patient(|it| it.visit.is_some()).await;
    let visit = |seen: vestibule_protocol::server::PatientSnapshot| seen.visit.unwrap().visit;
    assert_eq!(visit(goes_on), visit(waits));
    assert_eq!(page.farewell().await.0, Some(ClosingReason::Replaced));
}

/// A booking that begins so many seconds from now.
async fn booking(rest: &Rest, seconds: u64) -> Value {
    let services = rest.get("/services").await.good();
    json!({
        "name": "Ada", "service": services["items"][0]["id"],
        "at": SystemClock.now().0 + seconds * 1000, "length": 60_000,
    })
}

/// The visit that somebody comes for.
async fn arrives(device: &Device) -> String {
    let mut page = device.open().await;
    assert_eq!(page.arrive("Ada", "").await, Ok(Reply::Done));
    let seen = page.patient(|it| it.visit.is_some()).await;
    seen.visit.unwrap().visit.to_text()
}

async fn m17_an_appointment_is_found_by_whoever_signs_in(kind: Kind) {
    let provider = Provider::start(SECRET).await;
    let house = house_at(kind, &provider, SECRET).await;
    let rest = Rest::of(&house).await;
    let subject = provider.subject("ada").await;
    let mut of_ada = booking(&rest, 3600).await;
    of_ada["subject"] = subject.as_str().into();
    let booked = rest.post("/appointments", &of_ada).await.good();
    let (visit, known) = (booked["id"].clone(), booked["patient"].clone());
    // Somebody else is no nearer to it, and whoever comes for it is expected no more.
    let grace = patient(&house, &provider, "account=grace&acr=card").await;
    assert_ne!(arrives(&grace).await, visit);
    let ada = patient(&house, &provider, "account=ada&acr=card").await;
    assert_eq!(ada.participant.unwrap().to_text(), known);
    assert_eq!(arrives(&ada).await, visit);
    // On another device they go on with the same.
    let again = patient(&house, &provider, "account=ada&acr=card").await;
    let mut page = again.open().await;
    let seen = page.patient(|it| it.visit.is_some()).await;
    assert_eq!(seen.visit.unwrap().visit.to_text(), visit);
    assert_eq!(page.ask(Request::Leave).await, Ok(Reply::Done));
    // A system that has seen their id books by it; of two the next one is found, and of the day after tomorrow none.
    let mut later = booking(&rest, 7200).await;
    later["patient"] = known.clone();
    let later = rest.post("/appointments", &later).await.good();
    let mut far = booking(&rest, 2 * 24 * 3600).await;
    far["patient"] = known.clone();
    let far = rest.post("/appointments", &far).await.good();
    let third = patient(&house, &provider, "account=ada&acr=card").await;
    assert_eq!(arrives(&third).await, later["id"]);
    let mut page = third.open().await;
    assert_eq!(page.ask(Request::Leave).await, Ok(Reply::Done));
    let walks_in = patient(&house, &provider, "account=ada&acr=card").await;
    assert_ne!(arrives(&walks_in).await, far["id"]);
    let both = json!({ "patient": known, "subject": subject });
    let (none, foreign) = (json!({ "subject": "" }), json!({ "subject": "é" }));
    for (wrong, status) in [(both, 422), (none, 400), (foreign, 400)] {
        let mut booking = booking(&rest, 9000).await;
        for (name, value) in wrong.as_object().unwrap() {
            booking[name] = value.clone();
        }
        assert_eq!(rest.post("/appointments", &booking).await.status, status);
    }
    if kind == Kind::Sqlite {
        for file in ["vestibule.sqlite3", "vestibule.sqlite3-wal"] {
            let stored = std::fs::read(house.data.path().join("data").join(file)).unwrap();
            let found = stored.windows(64).any(|it| it == subject.as_bytes());
            assert!(!found, "{file}");
        }
    }
}

async fn m17_whoever_signed_in_by_their_link_finds_the_visit_again(kind: Kind) {
    let provider = Provider::start(SECRET).await;
    let house = house_at(kind, &provider, SECRET).await;
    let rest = Rest::of(&house).await;
    let booking = booking(&rest, 3600).await;
    let booked = rest.post("/appointments", &booking).await.good();
    let visit = booked["id"].as_str().unwrap();
    let link = rest.get(&format!("/appointments/{visit}/link")).await;
    let link = link.good()["path"].as_str().unwrap().to_owned();
    let (_, link) = link.split_once("#j=").unwrap();
    let mut by_link = house.device();
    by_link.claim(link).await.unwrap();
    // Not somebody else, who has neither the session's device nor its key.
    let thief = house.device();
    let stolen = begin_with_session(&by_link, &thief).await;
    assert_eq!(stolen, Err(ErrorCode::ProofInvalid));
    let mut made_up = by_link.beside();
    made_up.secret = "made-up".to_owned();
    let nobodys = begin_with_session(&made_up, &by_link).await;
    assert_eq!(nobodys, Err(ErrorCode::SessionUnknown));

    let url = begin_with_session(&by_link, &by_link).await.unwrap();
    let back = provider.confirm(&url, "account=ada&acr=card").await;
    let mut signed_in = by_link.beside();
    signed_in.claim(&token(&house, &back).await).await.unwrap();
    assert_eq!(signed_in.participant, by_link.participant);
    // Later and elsewhere, with nothing but the clinic's own link.
    let elsewhere = patient(&house, &provider, "account=ada&acr=card").await;
    assert_eq!(elsewhere.participant, by_link.participant);
    assert_eq!(arrives(&elsewhere).await, visit);
    let read = rest.get(&format!("/visits/{visit}")).await.good();
    assert_eq!(read["ready"], true, "who they are is known: {read}");
    let other = patient(&house, &provider, "account=grace&acr=card").await;
    assert_ne!(other.participant, by_link.participant);
}

/// `private_key_jwt`: the provider takes a key of ours for a secret, and finds it where we say.
#[tokio::test]
async fn m17_a_client_proves_by_its_key_who_it_is() {
    let pem = rcgen::KeyPair::generate().unwrap().serialize_pem();
    let key = ClientKey::from_pem(&pem).unwrap();
    assert!(!format!("{key:?}").contains("PRIVATE"));
    let house_with = async |issuer: &str, key: &ClientKey| {
        let (issuer, key) = (issuer.to_owned(), key.clone());
        House::open_with(move |it: &mut Settings| {
            it.public_url = Some(SITE.to_owned());
            it.clock = Arc::new(SystemClock);
            let mut settings = sign_in(&issuer, None);
            settings.key = Some(key.clone());
            it.sign_in = Some(settings);
        })
        .await
    };
    let published = house_with("http://127.0.0.1:1", &key).await;
    let published = get(published.address(), "/sign-in/keys").await.body;
    let set: Value = serde_json::from_str(&published).unwrap();
    assert_eq!(set["keys"][0]["alg"], "ES256");
    assert_eq!(set["keys"][0].get("d"), None, "{published}");
    let provider = Provider::start(Some(&published)).await;
    let house = house_with(&provider.issuer, &key).await;
    let device = patient(&house, &provider, "account=ada&acr=card").await;
    assert_eq!(device.open().await.arrive("Ada", "").await, Ok(Reply::Done));
    // Another key is not ours.
    let other = rcgen::KeyPair::generate().unwrap().serialize_pem();
    let other = ClientKey::from_pem(&other).unwrap();
    let house = house_with(&provider.issuer, &other).await;
    let url = begin(&house.device(), Some(&house.code())).await.unwrap();
    let back = provider.confirm(&url, "account=ada").await;
    assert_eq!(refusal(&house, &back).await, "sign_in_refused");
    for wrong in [
        "",
        "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----",
    ] {
        assert!(ClientKey::from_pem(wrong).is_err());
    }
}

#[tokio::test]
async fn where_there_is_no_client_key_none_is_published() {
    let house = House::open().await;
    let answer = get(house.address(), "/sign-in/keys").await;
    assert_eq!(answer.body, r#"{"keys":[]}"#);
}

/// Whoever holds neither secret nor link comes in by PKCE and the walk-in link, as pages do.
#[tokio::test]
async fn m17_a_public_client_signs_in_by_pkce_alone() {
    let provider = Provider::start(None).await;
    let house = house_at(Kind::Sqlite, &provider, None).await;
    let device = patient(&house, &provider, "account=ada&acr=card").await;
    let mut page: Page = device.open().await;
    assert_eq!(page.arrive("Ada", "").await, Ok(Reply::Done));
    let offer = get(house.address(), "/sign-in/offered").await;
    assert_eq!(offer.body, r#"{"offered":true}"#);
    // As who has changed their mind at the provider.
    let url = begin(&house.device(), Some(&house.code())).await.unwrap();
    let back = provider.confirm(&url, "account=ada&refuse=1").await;
    assert_eq!(refusal(&house, &back).await, "sign_in_refused");
    let stranger = begin(&house.device(), Some("nobody's")).await;
    assert_eq!(stranger, Err(ErrorCode::TokenInvalid));
}

#[tokio::test]
async fn nobody_signs_in_where_there_is_no_provider() {
    let house = House::open().await;
    let offer = get(house.address(), "/sign-in/offered").await;
    assert_eq!(offer.body, r#"{"offered":false}"#);
    let begun = begin(&house.device(), Some(&house.code())).await;
    assert_eq!(begun, Err(ErrorCode::NotFound));
    let back: Url = format!("{SITE}/sign-in?state=1&code=1").parse().unwrap();
    assert_eq!(refusal(&house, &back).await, "sign_in_expired");
    let rest = Rest::of(&house).await;
    let of = practitioner(&rest).await;
    let set = rest.put(&of, &json!({ "subject": "ada" })).await;
    assert_eq!(set.problem(), (409, "no_identity_provider".to_owned()));
    let mut booking = booking(&rest, 3600).await;
    booking["subject"] = "ada".into();
    let booked = rest.post("/appointments", &booking).await;
    assert_eq!(booked.problem(), (409, "no_identity_provider".to_owned()));
}

/// A provider that is not there is no reason to wait.
#[tokio::test]
async fn a_provider_that_is_not_there_or_is_another_is_told_of() {
    let signer = Signer::new("one");
    let liar = Liar::start(&signer).await;
    let house = house_of(Kind::Sqlite, &liar).await;
    liar.said.lock().unwrap().metadata = json!({ "issuer": "https://other.example" });
    let begun = begin(&house.device(), Some(&house.code())).await;
    assert_eq!(begun, Err(ErrorCode::SignInUnavailable));
    let nobody = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let issuer = format!("http://{}", nobody.local_addr().unwrap());
    drop(nobody);
    let house = House::open_with(move |it| it.sign_in = Some(sign_in(&issuer, None))).await;
    let begun = begin(&house.device(), Some(&house.code())).await;
    assert_eq!(begun, Err(ErrorCode::SignInUnavailable));
}

async fn practitioner(rest: &Rest) -> String {
    let all = rest.get("/practitioners").await.good();
    let id = all["items"][0]["id"].as_str().unwrap();
    format!("/practitioners/{id}/identity")
}

async fn m17_practitioners_need_a_second_factor(kind: Kind) {
    let provider = Provider::start(SECRET).await;
    let house = house_at(kind, &provider, SECRET).await;
    let rest = Rest::of(&house).await;
    let of = practitioner(&rest).await;
    let comes = async |how: &str| {
        let device = house.device();
        let url = begin(&device, None).await.unwrap();
        let back = provider.confirm(&url, how).await;
        let (page, fragment) = come_back(&house, &back).await;
        assert_eq!(page, "/console");
        (device, fragment)
    };
    let (_, end) = comes("account=martin&acr=two-factor").await;
    assert_eq!(end, "e=sign_in_unknown");
    let subject = provider.subject("martin").await;
    for wrong in [
        json!({}),
        json!({ "subject": "" }),
        json!({ "subject": "é" }),
    ] {
        assert_eq!(rest.put(&of, &wrong).await.status, 400, "{wrong}");
    }
    rest.put(&of, &json!({ "subject": subject })).await.good();
    for how in ["account=martin", "account=martin&acr=card&amr=pwd"] {
        let (_, end) = comes(how).await;
        assert_eq!(end, "e=second_factor_missing", "{how}");
    }
    for how in [
        "account=martin&acr=two-factor",
        "account=martin&acr=card&amr=pwd&amr=hwk",
    ] {
        let (mut device, end) = comes(how).await;
        device.claim(end.strip_prefix("j=").unwrap()).await.unwrap();
        device.open().await.practitioner(|_| true).await;
    }
    let (_, end) = comes("account=grace&acr=two-factor").await;
    assert_eq!(end, "e=sign_in_unknown");
    // Said of one, it is said of no other any more, and can be taken back.
    let second = json!({ "name": "Dr Peeters", "services": [] });
    let second = rest.post("/practitioners", &second).await.good();
    let of = format!("/practitioners/{}/identity", second["id"].as_str().unwrap());
    rest.put(&of, &json!({ "subject": subject })).await.good();
    let (mut device, end) = comes("account=martin&acr=two-factor").await;
    device.claim(end.strip_prefix("j=").unwrap()).await.unwrap();
    let participant = device.participant.unwrap().to_text();
    assert_eq!(participant, second["id"].as_str().unwrap());
    rest.put(&of, &json!({ "subject": null })).await.good();
    let (_, end) = comes("account=martin&acr=two-factor").await;
    assert_eq!(end, "e=sign_in_unknown");
    let nobody = "/practitioners/00000000-0000-4000-8000-000000000000/identity";
    assert_eq!(
        rest.put(nobody, &json!({ "subject": "x" })).await.status,
        404
    );
}

/// Another code, or the same again, is of no use to whoever saw the redirection.
async fn attack_25_a_sign_in_is_finished_once_and_in_time(kind: Kind) {
    let signer = Signer::new("one");
    let liar = Liar::start(&signer).await;
    let house = house_of(kind, &liar).await;
    let attempt = Attempt::begin(&house, &liar).await;
    liar.says(signer.sign(&attempt.claims));
    token(&house, &attempt.back).await;
    assert_eq!(refusal(&house, &attempt.back).await, "sign_in_expired");
    let made_up = attempt.with("state", Some("made-up"));
    assert_eq!(refusal(&house, &made_up).await, "sign_in_expired");
    let none = attempt.with("state", None);
    assert_eq!(refusal(&house, &none).await, "malformed");
    // Nor is one that failed tried again.
    let attempt = Attempt::begin(&house, &liar).await;
    liar.says("no token".to_owned());
    assert_eq!(refusal(&house, &attempt.back).await, "sign_in_refused");
    liar.says(signer.sign(&attempt.claims));
    assert_eq!(refusal(&house, &attempt.back).await, "sign_in_expired");

    let attempt = Attempt::begin(&house, &liar).await;
    house.advance(Millis::from_secs(600));
    liar.says(signer.sign(&attempt.claims));
    assert_eq!(refusal(&house, &attempt.back).await, "sign_in_expired");
}

/// Whoever is sent here with a code of somebody else's is not signed in as somebody else, and whoever sees the token of
/// somebody else's sign-in is not them.
#[tokio::test]
async fn attack_25_a_sign_in_is_that_of_the_device_that_began_it() {
    let signer = Signer::new("one");
    let liar = Liar::start(&signer).await;
    let house = house_of(Kind::Sqlite, &liar).await;
    let mut attempt = Attempt::begin(&house, &liar).await;
    liar.says(signer.sign(&attempt.claims));
    let token = token(&house, &attempt.back).await;
    let claimed = house.device().claim(&token).await;
    assert_eq!(claimed, Err(ErrorCode::ProofInvalid));
    // It was not used up by that.
    assert_eq!(attempt.device.claim(&token).await, Ok(()));
}

/// The code of one sign-in is of no use in another one, at a provider that keeps to the rules.
#[tokio::test]
async fn attack_25_a_code_that_was_carried_over_is_refused() {
    let provider = Provider::start(None).await;
    let house = house_at(Kind::Sqlite, &provider, None).await;
    let url = begin(&house.device(), Some(&house.code())).await.unwrap();
    assert_eq!(parameter(&url, "code_challenge_method"), "S256");
    let other = begin(&house.device(), Some(&house.code())).await.unwrap();
    assert_ne!(
        parameter(&url, "code_challenge"),
        parameter(&other, "code_challenge")
    );
    let stolen = provider.confirm(&url, "account=ada&acr=card").await;
    let carried = replaced(&stolen, "state", Some(&parameter(&other, "state")));
    assert_eq!(refusal(&house, &carried).await, "sign_in_refused");
}

/// RFC 9207: the redirection is of the provider that the sign-in was begun at.
#[tokio::test]
async fn attack_25_a_redirection_of_another_provider_is_refused() {
    let signer = Signer::new("one");
    let liar = Liar::start(&signer).await;
    let house = house_of(Kind::Sqlite, &liar).await;
    for iss in [Some("https://other.example"), Some(""), None] {
        let attempt = Attempt::begin(&house, &liar).await;
        liar.says(signer.sign(&attempt.claims));
        let back = attempt.with("iss", iss);
        assert_eq!(refusal(&house, &back).await, "sign_in_refused", "{iss:?}");
        // The code did not leave the house.
        assert_eq!(liar.said.lock().unwrap().form, "");
    }
    // One that never says who it is needs not to, and is believed only about itself.
    liar.said.lock().unwrap().metadata =
        json!({ "authorization_response_iss_parameter_supported": false });
    let house = house_of(Kind::Sqlite, &liar).await;
    for (iss, good) in [(None, true), (Some("https://other.example"), false)] {
        let attempt = Attempt::begin(&house, &liar).await;
        liar.says(signer.sign(&attempt.claims));
        let (_, end) = come_back(&house, &attempt.with("iss", iss)).await;
        assert_eq!(end.starts_with("j="), good, "{end}");
    }
}

/// Where people are led is never what the request says.
#[tokio::test]
async fn attack_25_nobody_is_led_elsewhere() {
    let signer = Signer::new("one");
    let liar = Liar::start(&signer).await;
    let house = house_of(Kind::Sqlite, &liar).await;
    let attempt = Attempt::begin(&house, &liar).await;
    assert_eq!(attempt.redirect, format!("{SITE}/sign-in"));
    liar.says(signer.sign(&attempt.claims));
    let mut back = attempt.back.clone();
    back.query_pairs_mut()
        .append_pair("redirect_uri", "https://evil.example")
        .append_pair("next", "//evil.example");
    let (page, _) = come_back(&house, &back).await;
    assert_eq!(page, "/visit");
    let error = "?error=x&error_uri=https://evil.example&state=//evil.example";
    let error: Url = format!("{SITE}/sign-in{error}").parse().unwrap();
    let (page, end) = come_back(&house, &error).await;
    assert_eq!(
        (page.as_str(), end.as_str()),
        ("/visit", "e=sign_in_expired")
    );
    // A provider cannot have codes and secrets sent where they can be read on the way.
    liar.said.lock().unwrap().metadata = json!({ "token_endpoint": "http://evil.example/token" });
    let house = house_of(Kind::Sqlite, &liar).await;
    let begun = begin(&house.device(), Some(&house.code())).await;
    assert_eq!(begun, Err(ErrorCode::SignInUnavailable));
}

/// One change of the claims of an ID token that is good otherwise.
fn lies(now: u64) -> Vec<(&'static str, Value)> {
    vec![
        ("iss", json!("https://other.example")),
        ("iss", Value::Null),
        ("aud", json!("somebody-else")),
        ("aud", json!([])),
        ("aud", json!([CLIENT, "somebody-else"])),
        ("azp", json!("somebody-else")),
        ("nonce", json!("of-another-sign-in")),
        ("nonce", Value::Null),
        ("exp", json!(now - 61)),
        ("exp", Value::Null),
        ("exp", json!("never")),
        ("iat", json!(now + 62)),
        ("iat", json!(now - 700)),
        ("iat", Value::Null),
        ("sub", json!("")),
        ("sub", Value::Null),
        ("sub", json!("s".repeat(256))),
    ]
}

#[tokio::test]
async fn attack_25_an_id_token_that_is_not_for_this_sign_in_is_refused() {
    let signer = Signer::new("one");
    let liar = Liar::start(&signer).await;
    let house = house_of(Kind::Sqlite, &liar).await;
    let now = crate::support::house::START.0 / 1000;
    for (claim, lie) in lies(now) {
        let attempt = Attempt::begin(&house, &liar).await;
        let mut claims = attempt.claims.clone();
        claims[claim] = lie.clone();
        if lie.is_null() {
            claims.as_object_mut().unwrap().remove(claim);
        }
        liar.says(signer.sign(&claims));
        let end = refusal(&house, &attempt.back).await;
        assert_eq!(end, "sign_in_refused", "{claim} {lie}");
    }
    // Several clients may be meant, if it was issued to this one.
    let attempt = Attempt::begin(&house, &liar).await;
    let mut claims = attempt.claims.clone();
    claims["aud"] = json!(["somebody-else", CLIENT]);
    claims["azp"] = json!(CLIENT);
    liar.says(signer.sign(&claims));
    token(&house, &attempt.back).await;
}

#[tokio::test]
async fn attack_25_an_id_token_that_the_provider_did_not_sign_is_refused() {
    let signer = Signer::new("one");
    let liar = Liar::start(&signer).await;
    let house = house_of(Kind::Sqlite, &liar).await;
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let other = Signer::new("one");
    for forgery in [
        "none",
        "HS256 of the key",
        "HS256 of nothing",
        "another key",
        "altered",
    ] {
        let attempt = Attempt::begin(&house, &liar).await;
        let claims = &attempt.claims;
        let good = signer.sign(claims);
        let by_secret = |secret: &[u8]| {
            let mut header = Header::new(Algorithm::HS256);
            header.kid = Some("one".to_owned());
            encode(&header, claims, &EncodingKey::from_secret(secret)).unwrap()
        };
        liar.says(match forgery {
            "none" => {
                let header = json!({ "alg": "none", "kid": "one" });
                format!("{}.{}.", part(&header), part(claims))
            }
            "HS256 of the key" => by_secret(&signer.public),
            "HS256 of nothing" => by_secret(b""),
            "another key" => other.sign(claims),
            _ => {
                let mut altered = claims.clone();
                altered["sub"] = json!("grace");
                let parts: Vec<&str> = good.split('.').collect();
                format!("{}.{}.{}", parts[0], part(&altered), parts[2])
            }
        });
        let end = refusal(&house, &attempt.back).await;
        assert_eq!(end, "sign_in_refused", "{forgery}");
    }
    // A key that is a secret signs nothing either, though the provider published it by mistake.
    let secret =
        json!({ "kty": "oct", "kid": "one", "alg": "HS256", "k": URL_SAFE_NO_PAD.encode([7; 32]) });
    liar.said.lock().unwrap().keys = vec![secret];
    let house = house_of(Kind::Sqlite, &liar).await;
    let attempt = Attempt::begin(&house, &liar).await;
    let mut header = Header::new(Algorithm::HS256);
    header.kid = Some("one".to_owned());
    let token = encode(
        &header,
        &attempt.claims,
        &EncodingKey::from_secret(&[7; 32]),
    );
    liar.says(token.unwrap());
    assert_eq!(refusal(&house, &attempt.back).await, "sign_in_refused");
}

/// A provider changes its keys, and nobody has us ask for them as often as they like.
#[tokio::test]
async fn new_keys_of_the_provider_are_asked_for_at_most_once_a_minute() {
    let signer = Signer::new("one");
    let liar = Liar::start(&signer).await;
    let house = house_of(Kind::Sqlite, &liar).await;
    let attempt = Attempt::begin(&house, &liar).await;
    liar.says(signer.sign(&attempt.claims));
    token(&house, &attempt.back).await;
    let next = Signer::new("two");
    liar.said.lock().unwrap().keys = vec![next.published()];
    for _ in 0..3 {
        let attempt = Attempt::begin(&house, &liar).await;
        liar.says(next.sign(&attempt.claims));
        assert_eq!(refusal(&house, &attempt.back).await, "sign_in_refused");
    }
    assert_eq!(liar.asked.load(Ordering::Relaxed), 1);
    house.advance(Millis::from_secs(60));
    let mut attempt = Attempt::begin(&house, &liar).await;
    attempt.claims["iat"] = json!(crate::support::house::START.0 / 1000 + 60);
    liar.says(next.sign(&attempt.claims));
    token(&house, &attempt.back).await;
    assert_eq!(liar.asked.load(Ordering::Relaxed), 2);
}

/// A sign-in at a provider that lies, as far as the way back.
struct Attempt {
    device: Device,
    redirect: String,
    back: Url,
    /// Those of an ID token that would be good.
    claims: Value,
}

impl Attempt {
    async fn begin(house: &House, liar: &Liar) -> Self {
        let device = house.device();
        let url = begin(&device, Some(&house.code())).await.unwrap();
        assert_eq!(parameter(&url, "response_type"), "code");
        let redirect = parameter(&url, "redirect_uri");
        let mut back: Url = redirect.parse().unwrap();
        back.query_pairs_mut()
            .append_pair("code", "any")
            .append_pair("state", &parameter(&url, "state"))
            .append_pair("iss", &liar.issuer);
        let now = crate::support::house::START.0 / 1000;
        let claims = json!({
            "iss": liar.issuer, "aud": CLIENT, "sub": "ada", "nonce": parameter(&url, "nonce"),
            "iat": now, "exp": now + 600, "acr": "card",
        });
        Self {
            device,
            redirect,
            back,
            claims,
        }
    }

    /// The way back with one thing otherwise, or without it.
    fn with(&self, name: &str, value: Option<&str>) -> Url {
        replaced(&self.back, name, value)
    }
}

fn replaced(url: &Url, name: &str, value: Option<&str>) -> Url {
    let mut other = url.clone();
    let kept = url.query_pairs().filter(|(key, _)| key != name);
    other.query_pairs_mut().clear().extend_pairs(kept);
    if let Some(value) = value {
        other.query_pairs_mut().append_pair(name, value);
    }
    other
}
