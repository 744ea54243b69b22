//! Threats, each by its number in the threat model.

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use base64::Engine as _;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};
use vestibule_protocol::ErrorCode;
use vestibule_protocol::client::{DeclineReason, Request};
use vestibule_protocol::server::ClosingReason;
use vestibule_vocab::{Redacted, VisitId};

use crate::support::House;
use crate::support::device::{new_instance, random_bits};
use crate::support::house::{START, names};
use crate::support::page::place;
use crate::support::web::{self, origin};

#[tokio::test]
async fn threat_1_an_upgrade_from_a_foreign_page_is_refused() {
    let house = House::open().await;
    let server = house.address();
    let stored = house.stored().await;
    for foreign in [
        "",
        "Origin: null\r\n",
        "Origin: https://evil.example\r\n",
        &format!("Origin: https://{server}\r\n"),
        &format!("Origin: http://{server}.evil.example\r\n"),
        &format!("Origin: http://{server}\r\nOrigin: null\r\n"),
    ] {
        let headers = format!("{foreign}Cookie: session=stolen\r\n");
        let answer = web::upgrade(server, &headers).await;
        assert_eq!(answer.status, 403, "{foreign}");
    }
    let own = format!("Origin: {}\r\n", origin(server));
    assert_eq!(web::upgrade(server, &own).await.status, 101);
    assert_eq!(house.server().sessions(), 0);

    for foreign in [None, Some("null"), Some("https://evil.example")] {
        let body = json!({ "link": house.code() }).to_string();
        let answer = web::post(server, "/api/v1/walk-ins", foreign, &body).await;
        assert_eq!(
            (answer.status, answer.code()),
            (403, ErrorCode::OriginRefused)
        );
    }
    assert_eq!(house.stored().await, stored);
}

/// The claims of a token that the server would take.
fn claims(house: &House) -> Value {
    let token = house.practitioner_token();
    let body = token.split('.').nth(1).unwrap();
    let decoded = base64(body);
    let mut claims: Value = serde_json::from_slice(&decoded).unwrap();
    claims["jti"] = json!(format!("{:x}", random_bits()));
    claims
}

fn base64(text: &str) -> Vec<u8> {
    base64::engine::general_purpose::URL_SAFE_NO_PAD
        .decode(text)
        .unwrap()
}

fn unbase64(bytes: &[u8]) -> String {
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes)
}

/// Signs with the server's own key, as only the server can.
fn sign(house: &House, claims: &Value) -> String {
    let key = std::fs::read(house.data.path().join("data/token-key.p8")).unwrap();
    let key = EncodingKey::from_ed_der(&key);
    encode(&Header::new(Algorithm::EdDSA), claims, &key).unwrap()
}

fn with(claims: &Value, name: &str, value: Value) -> Value {
    let mut claims = claims.clone();
    claims[name] = value;
    claims
}

/// Tokens that make the server's public key, which is no secret, the secret of an HMAC: in each form that a
/// careless check would have at hand (RFC 8725 section 2.1).
fn swapped(house: &House, good: &Value) -> Vec<(&'static str, String)> {
    let key = std::fs::read(house.data.path().join("data/token-key.p8")).unwrap();
    let pair = Ed25519KeyPair::from_pkcs8(&key).unwrap();
    let raw = pair.public_key().as_ref();
    // RFC 8410 section 4: the algorithm's identifier, and the key as a bit string.
    let der = [
        &[
            0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00,
        ],
        raw,
    ]
    .concat();
    let text = base64::engine::general_purpose::STANDARD.encode(&der);
    let pem = format!("-----BEGIN PUBLIC KEY-----\n{text}\n-----END PUBLIC KEY-----\n");
    let forged = [
        ("HMAC by the raw public key", raw),
        ("HMAC by the public key in DER", &der),
        ("HMAC by the public key in PEM", pem.as_bytes()),
        (
            "HMAC by the public key in PEM, trimmed",
            pem.trim_end().as_bytes(),
        ),
    ];
    let sign = |secret: &[u8]| {
        let secret = EncodingKey::from_secret(secret);
        encode(&Header::new(Algorithm::HS256), good, &secret).unwrap()
    };
    forged.map(|(why, secret)| (why, sign(secret))).into()
}

/// Tokens that nobody signed for what they say.
fn forged(house: &House, good: &Value) -> Vec<(&'static str, String)> {
    let ours = sign(house, good);
    let parts: Vec<&str> = ours.split('.').collect();
    let none = unbase64(br#"{"alg":"none","typ":"JWT"}"#);
    let mut altered = ours.clone().into_bytes();
    let last = altered.len() - 10;
    altered[last] = if altered[last] == b'A' { b'B' } else { b'A' };
    let mut forged = swapped(house, good);
    forged.extend([
        ("no algorithm", format!("{none}.{}.", parts[1])),
        (
            "no algorithm, our signature",
            format!("{none}.{}.{}", parts[1], parts[2]),
        ),
        ("altered", String::from_utf8(altered).unwrap()),
        ("nothing", String::new()),
    ]);
    forged
}

/// Tokens that are signed by us, and not for this.
fn misused(house: &House, good: &Value) -> Vec<(&'static str, String)> {
    let visit = json!(VisitId::from_random(1));
    [
        ("other audience", "aud", json!("vestibule:api")),
        ("other issuer", "iss", json!("somebody")),
        ("other clinic", "clinic", visit.clone()),
        ("other role", "role", json!("patient")),
        ("a visit for a practitioner", "visit", visit),
        ("unknown claim", "priority", json!(1)),
        ("no end", "exp", Value::Null),
    ]
    .map(|(why, name, value)| (why, sign(house, &with(good, name, value))))
    .into()
}

#[tokio::test]
async fn threat_2_a_token_that_is_not_ours_for_this_is_refused() {
    let house = House::open().await;
    let good = claims(&house);
    let stored = house.stored().await;
    let now = START.0 / 1000;
    let expired = sign(&house, &with(&good, "exp", json!(now)));
    let invalid = forged(&house, &good)
        .into_iter()
        .chain(misused(&house, &good));
    let refused = invalid
        .map(|(why, token)| (why, token, ErrorCode::TokenInvalid))
        .chain([("expired", expired, ErrorCode::TokenExpired)]);
    for (why, token, code) in refused {
        let mut device = house.device();
        let body = json!({ "token": token, "device_key": device.public_key() });
        assert_eq!(device.post("sessions", &body).await.status, 401, "{why}");
        assert_eq!(device.claim(&token).await, Err(code), "{why}");
    }
    assert_eq!(house.stored().await, stored);
    assert_eq!(
        house.device().claim(&sign(&house, &good)).await,
        Ok(()),
        "and the unspoiled one is taken"
    );
}

#[tokio::test]
async fn threat_2_a_walk_in_token_expires_on_the_servers_clock() {
    let house = House::open().await;
    let mut device = house.device();
    let token = device.walk_in(&house.code()).await.unwrap();
    house.advance(vestibule_signaling::limits::WALK_IN_TOKEN);
    assert_eq!(device.claim(&token).await, Err(ErrorCode::TokenExpired));
}

#[tokio::test]
async fn threat_3_a_link_is_used_once_and_a_session_stays_on_its_device() {
    let house = House::open().await;
    let token = house.practitioner_token();
    let mut first = house.device();
    let mut second = house.device();
    let (one, other) = tokio::join!(first.claim(&token), second.claim(&token));
    assert!(
        [one, other].contains(&Ok(())),
        "one of two at the same time"
    );
    assert!(
        [one, other].contains(&Err(ErrorCode::TokenUsed)),
        "and the other not"
    );
    let stored = house.stored().await;
    let mut thief = house.device();
    assert_eq!(thief.claim(&token).await, Err(ErrorCode::TokenUsed));

    let rightful = if one.is_ok() { first } else { second };
    thief.secret.clone_from(&rightful.secret);
    let mut page = thief.connect().await;
    let refused = page.hello(&thief, new_instance()).await;
    assert_eq!(refused, Err(ErrorCode::ProofInvalid));
    assert_eq!(page.farewell().await.0, Some(ClosingReason::Protocol));
    assert_eq!(house.server().sessions(), 0);
    assert_eq!(house.stored().await, stored);
    rightful.open().await.practitioner(|_| true).await;
}

#[tokio::test]
async fn threat_3_a_used_token_stays_used_after_a_restart() {
    let mut house = House::open().await;
    let token = house.practitioner_token();
    house.practitioner().await;
    house.restart().await;
    assert_eq!(
        house.device().claim(&token).await,
        Err(ErrorCode::TokenUsed)
    );
}

#[tokio::test]
async fn threat_5_nobody_chooses_their_place() {
    let house = House::open().await;
    let mut console = house.practitioner().await.open().await;
    let (_, _first) = house.waiting("First").await;
    let eve = house.patient().await;
    let mut page = eve.open().await;
    let stored = house.stored().await;
    for more in [
        "\"position\":1",
        "\"place\":1",
        "\"priority\":9",
        "\"arrived_at\":0",
    ] {
        let pushing = format!(
            "{{\"id\":9,\"request\":{{\"type\":\"arrive\",\"name\":\"Eve\",\"reason\":\"\",{more}}}}}"
        );
        page.send_text(&pushing).await;
        assert_eq!(page.refusal().await, ErrorCode::Malformed);
    }
    assert_eq!(house.stored().await, stored);
    page.arrive("Eve", "").await.unwrap();
    let before = page.patient(|it| place(it) == Some(2)).await;

    // Arriving again, in the same tab and in another, keeps the place and takes no second one.
    page.arrive("Eve", "").await.unwrap();
    let mut other_tab = eve.open().await;
    other_tab.arrive("Eve", "").await.unwrap();
    let after = other_tab.patient(|it| place(it) == Some(2)).await;
    assert_eq!(after.visit, before.visit);
    let seen = console.practitioner(|it| it.waiting.len() == 2).await;
    assert_eq!(names(&seen), ["First", "Eve"]);

    // Leaving gives the place up: the same link's visit does not come back to it.
    other_tab.ask(Request::Leave).await.unwrap();
    assert_eq!(
        other_tab.arrive("Eve", "").await,
        Err(ErrorCode::VisitEnded)
    );
}

#[tokio::test]
async fn threat_6_a_patient_may_not_do_what_practitioners_do() {
    let house = House::open().await;
    let mut console = house.practitioner().await.open().await;
    let (_, _grace) = house.waiting("Grace").await;
    let (_, mut eve) = house.waiting("Eve").await;
    let seen = console.practitioner(|it| it.waiting.len() == 2).await;
    let stored = house.stored().await;
    let grace = seen.waiting[0].visit;
    let decline = Request::Decline {
        visit: grace,
        reason: DeclineReason::Other,
        message: Redacted::default(),
    };
    assert_eq!(eve.admit(grace).await, Err(ErrorCode::NotPermitted));
    assert_eq!(
        eve.admit(seen.waiting[1].visit).await,
        Err(ErrorCode::NotPermitted)
    );
    assert_eq!(eve.ask(decline).await, Err(ErrorCode::NotPermitted));
    assert_eq!(
        console.arrive("Doctor", "").await,
        Err(ErrorCode::NotPermitted)
    );
    assert_eq!(
        console.ask(Request::Leave).await,
        Err(ErrorCode::NotPermitted)
    );

    // A consultation of others is not there for a third one, and says nothing about itself.
    console.admit(grace).await.unwrap();
    let during = console.practitioner(|it| it.consultation.is_some()).await;
    let consultation = during.consultation.unwrap().consultation;
    let with_consultation = house.stored().await;
    let leg = during.leg.unwrap().leg;
    assert_eq!(
        eve.ask(Request::End {
            consultation,
            conclusion: None
        })
        .await,
        Err(ErrorCode::NotPermitted)
    );
    let sync = Request::Sync {
        consultation,
        after: 0,
    };
    assert_eq!(eve.ask(sync).await, Err(ErrorCode::NotInConsultation));
    let offer = Request::Offer {
        leg,
        connection: 1,
        sdp: Redacted::new("v=0".to_owned()),
    };
    assert_eq!(eve.ask(offer).await, Err(ErrorCode::NotFound));
    assert_eq!(house.stored().await, with_consultation);
    assert_ne!(with_consultation, stored);
}
