//! What must not work: offers without authorisation or of another form, and datagrams of strangers.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "in a test a panic is the verdict"
)]
#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "a test looks at what it asks for"
)]

mod support;

use std::net::UdpSocket;
use std::time::{Duration, Instant};

use support::client::is_rtp;
use support::{World, call};
use vestibule_control::{LegState, OfferRefusal};

const PATIENT: u128 = 1;
const PRACTITIONER: u128 = 2;

/// Two clients in an open call, both sending.
fn consultation() -> World {
    let mut world = World::start();
    world.plan(&[PATIENT, PRACTITIONER], true);
    for person in [PATIENT, PRACTITIONER] {
        let client = world.join(person, 1);
        world.clients[client].sending = true;
    }
    undisturbed(&mut world);
    world
}

/// The call goes on as it was: both get more, on the connections that they have.
fn undisturbed(world: &mut World) {
    let before: Vec<_> = world
        .clients
        .iter()
        .map(|client| client.got.len())
        .collect();
    world.until("media flows", |world| {
        world
            .clients
            .iter()
            .zip(&before)
            .all(|(client, before)| client.got.len() > before + 40)
    });
    for person in [PATIENT, PRACTITIONER] {
        assert_eq!(world.states(person), [(1, LegState::Connected)]);
    }
    assert!(world.clients.iter().all(|client| !client.closed));
}

fn fresh_offer(world: &mut World) -> String {
    let client = world.add_client();
    let offer = world.clients[client].offer();
    world.clients.pop();
    offer
}

#[test]
fn threat_04_an_offer_without_authorisation_is_refused_like_one_for_nothing() {
    let mut world = consultation();
    let offer = fresh_offer(&mut world);
    let refused = Err(OfferRefusal::UnknownLeg);
    assert_eq!(world.offer(3, 1, &offer), refused);
    assert_eq!(world.offer_to(call(2), PATIENT, 1, &offer), refused);
    assert_eq!(world.offer_to(call(2), 3, 1, "not even SDP"), refused);
    undisturbed(&mut world);
}

#[test]
fn threat_10_an_offer_of_another_form_is_refused_and_the_call_is_unchanged() {
    let mut world = consultation();
    let good = fresh_offer(&mut world);
    let mut bad = vec![
        String::new(),
        "v=0\r\n".to_owned(),
        "\u{0}".repeat(100),
        good.clone() + &"m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n".repeat(2000),
        good.replacen(
            "a=sendonly",
            "a=sendonly\rm=video 9 UDP/TLS/RTP/SAVPF 96",
            1,
        ),
        good.replacen("a=sendonly", "a=recvonly", 1),
        good.replace("a=fingerprint", "a=fingerprints"),
        good.replace("a=ice-pwd", "a=ice-password"),
        good.replace("VP8", "H264"),
    ];
    let mids: Vec<_> = good
        .lines()
        .filter_map(|line| line.strip_prefix("a=mid:"))
        .collect();
    bad.push(good.replace(mids[1], mids[0]));
    for person in [PATIENT, PRACTITIONER] {
        for sdp in &bad {
            // On a new connection, and on the one that is up.
            for connection in [2, 1] {
                assert_eq!(
                    world.offer(person, connection, sdp),
                    Err(OfferRefusal::InvalidOffer)
                );
            }
        }
    }
    // A well-formed offer of another certificate is no ICE restart of this connection.
    assert_eq!(
        world.offer(PATIENT, 1, &good),
        Err(OfferRefusal::InvalidOffer)
    );
    undisturbed(&mut world);
}

#[test]
fn threat_11_guessed_checks_are_met_with_silence() {
    let mut world = consultation();
    let server = world.clients[0].server.unwrap();
    let checks: Vec<_> = world.clients[0]
        .trace
        .iter()
        .filter(|sent| sent.starts_with(&[0, 1]))
        .cloned()
        .collect();
    let stranger = UdpSocket::bind("127.0.0.1:0").unwrap();
    stranger.set_nonblocking(true).unwrap();
    for (at, check) in checks.iter().cycle().take(200).enumerate() {
        let mut forged = check.clone();
        // Anywhere that the message integrity covers; the checksum behind it proves nothing.
        let place = 24 + at % (forged.len() - 8 - 24);
        forged[place] ^= 0x55;
        stranger.send_to(&forged, server).unwrap();
    }
    undisturbed(&mut world);
    let answer = stranger.recv_from(&mut [0; 2000]);
    assert!(answer.is_err(), "a forged check was answered");
}

#[test]
fn threat_15_and_18_garbage_and_replays_from_a_bound_address_are_dropped() {
    let mut world = consultation();
    let trace = world.clients[0].trace.clone();
    let rtp: Vec<_> = trace.iter().filter(|sent| is_rtp(sent)).collect();
    for (at, sent) in rtp.iter().enumerate() {
        let mut bad_tag = sent.to_vec();
        *bad_tag.last_mut().unwrap() ^= 1;
        world.clients[0].send_raw(&bad_tag);
        let mut bad_header = sent.to_vec();
        // Extension, CSRC count and padding bits in all combinations.
        bad_header[0] = 0x80 | (at as u8 & 0x3f);
        world.clients[0].send_raw(&bad_header);
        world.clients[0].send_raw(&sent[..at % sent.len()]);
        world.clients[0].send_raw(sent);
    }
    for first in 0..=255_u8 {
        for length in [1, 3, 12, 60, 1400, 2000] {
            world.clients[0].send_raw(&vec![first; length]);
        }
        // DTLS records of every kind, and RTCP with lengths that lie.
        world.clients[0].send_raw(&[first, 254, 253, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0]);
        world.clients[0].send_raw(&[
            22, 254, 253, 0, 0, 0, 0, 0, 0, 0, 1, 0, 12, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, first,
        ]);
        world.clients[0].send_raw(&[
            0x80 | (first & 31),
            200 + first % 8,
            first,
            first,
            0,
            0,
            0,
            1,
            9,
            9,
            9,
            9,
        ]);
    }
    undisturbed(&mut world);
    for client in &world.clients {
        let mut seen: Vec<_> = client
            .got
            .iter()
            .map(|got| (got.ssrc, got.sequence))
            .collect();
        let count = seen.len();
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), count, "a replay was forwarded");
    }
}

/// The first client stops sending, and all that was under way to the second has come.
fn falls_silent(world: &mut World) {
    world.clients[0].sending = false;
    let mut last = (world.clients[1].got.len(), Instant::now());
    world.until("nothing is under way", |world| {
        let got = world.clients[1].got.len();
        if got != last.0 {
            last = (got, Instant::now());
        }
        last.1.elapsed() > Duration::from_millis(300)
    });
}

#[test]
fn threat_17_media_from_another_address_redirects_nothing() {
    let mut world = consultation();
    let server = world.clients[0].server.unwrap();
    let stranger = UdpSocket::bind("127.0.0.1:0").unwrap();
    stranger.set_nonblocking(true).unwrap();
    // What was sent before has come through: from here on, each packet more is a stranger's.
    falls_silent(&mut world);
    // What the client sends now reaches the SFU from the stranger's address alone.
    let copy = stranger.try_clone().unwrap();
    world.clients[0].outgoing = Box::new(move |datagram| {
        let media = is_rtp(datagram);
        if media {
            copy.send_to(datagram, server).unwrap();
        }
        !media
    });
    let (sent, got) = (world.clients[0].sent, world.clients[1].got.len());
    world.clients[0].sending = true;
    world.until("much was sent", |world| world.clients[0].sent > sent + 100);
    falls_silent(&mut world);
    assert_eq!(
        world.clients[1].got.len(),
        got,
        "packets of a stranger were forwarded"
    );
    world.clients[0].outgoing = Box::new(|_| true);
    world.clients[0].sending = true;
    assert!(
        stranger.recv_from(&mut [0; 2000]).is_err(),
        "media was redirected"
    );
    undisturbed(&mut world);
}

#[test]
fn threat_12_and_20_strangers_get_nothing_back() {
    let mut world = consultation();
    let server = world.clients[0].server.unwrap();
    let stranger = UdpSocket::bind("127.0.0.1:0").unwrap();
    stranger.set_nonblocking(true).unwrap();
    let hello = world.clients[0]
        .trace
        .iter()
        .find(|sent| sent[0] == 22)
        .unwrap()
        .clone();
    for length in 0..=hello.len() {
        stranger.send_to(&hello[..length], server).unwrap();
    }
    for first in 0..=255_u8 {
        stranger.send_to(&[first; 100], server).unwrap();
    }
    undisturbed(&mut world);
    assert!(
        stranger.recv_from(&mut [0; 2000]).is_err(),
        "a stranger was answered"
    );
}

#[test]
fn threat_14_a_certificate_that_was_not_announced_gets_no_media() {
    let mut world = World::start();
    world.plan(&[PATIENT, PRACTITIONER], true);
    let practitioner = world.join(PRACTITIONER, 1);
    world.clients[practitioner].sending = true;
    let patient = world.add_client();
    let offer = world.clients[patient].offer();
    let announced = offer
        .lines()
        .find(|line| line.starts_with("a=fingerprint"))
        .unwrap();
    let other = announced.rsplit_once(':').map(|(rest, last)| {
        let last = if last == "00" { "01" } else { "00" };
        format!("{rest}:{last}")
    });
    let forged = offer.replace(announced, &other.unwrap());
    let answer = world.offer(PATIENT, 1, &forged).unwrap();
    world.clients[patient].accept(&answer);
    let sent = world.clients[practitioner].sent;
    world.until("the peer is given up", |world| {
        world.states(PATIENT).last() == Some(&(1, LegState::Closed))
    });
    assert_eq!(
        world.states(PATIENT),
        [(1, LegState::Closed)],
        "it was never up"
    );
    world.until("media was sent", |world| {
        world.clients[practitioner].sent > sent
    });
    assert!(world.clients[patient].got.is_empty());
}
