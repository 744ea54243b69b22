//! Datagrams from addresses that proved nothing, or that somebody else has.

use std::net::UdpSocket;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use super::support::World;
use super::support::client::is_rtp;
use super::{PATIENT, PRACTITIONER, consultation, received, stranger, undisturbed};

/// Behind a record's header of thirteen octets (RFC 6347 section 4.1), the kind of handshake message; behind that header of
/// twelve (section 4.2.2) and the version, what the client drew.
const HANDSHAKE_TYPE_AT: usize = 13;
const HELLO_RANDOM_AT: usize = 27;
const CLIENT_HELLO: u8 = 1;

#[test]
fn attack_12_a_client_hello_from_elsewhere_during_set_up_is_dropped_and_the_call_completes() {
    let mut world = World::start();
    world.plan(&[PATIENT, PRACTITIONER], true);
    let patient = world.join(PATIENT, 1);
    world.clients[patient].sending = true;
    let (server, stranger) = (world.clients[patient].server.unwrap(), Arc::new(stranger()));
    let practitioner = world.add_client();
    let from_elsewhere = Arc::clone(&stranger);
    let hellos = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&hellos);
    world.clients[practitioner].outgoing = Box::new(move |datagram| {
        // Each flight of DTLS comes from the stranger first, and the hello is one of the stranger's own.
        if datagram[0] == 22 {
            let mut strangers = datagram.to_vec();
            if strangers[HANDSHAKE_TYPE_AT] == CLIENT_HELLO {
                strangers[HELLO_RANDOM_AT] ^= 0xff;
            }
            from_elsewhere.send_to(&strangers, server).unwrap();
            count.fetch_add(1, Ordering::Relaxed);
        }
        true
    });
    world.connect_client(practitioner, PRACTITIONER, 1);
    world.clients[practitioner].sending = true;
    undisturbed(&mut world);
    let hellos = hellos.load(Ordering::Relaxed) as u64;
    assert!(hellos > 0 && world.dropped("unknown_address") >= hellos);
    assert_eq!(received(&stranger), 0, "a stranger was answered");
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
fn attack_17_media_from_another_address_redirects_nothing() {
    let mut world = consultation();
    let server = world.clients[0].server.unwrap();
    let stranger = stranger();
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
    assert_eq!(received(&stranger), 0, "media was redirected");
    assert!(world.dropped("unknown_address") >= 100);
    undisturbed(&mut world);
}

#[test]
fn attack_17_a_check_that_was_seen_on_the_way_redirects_nothing() {
    let mut world = consultation();
    let server = world.clients[0].server.unwrap();
    let stranger = stranger();
    let trace = world.clients[0].trace.iter();
    let checks: Vec<_> = trace
        .filter(|it| it.starts_with(&[0, 1]))
        .cloned()
        .collect();
    for check in &checks {
        stranger.send_to(check, server).unwrap();
    }
    undisturbed(&mut world);
    assert_eq!(received(&stranger), 0, "somebody else's check was believed");
    assert_eq!(world.dropped("stun_replayed"), checks.len() as u64);
}

/// How often a forged check is sent: it is authentic each time.
const TIMES: usize = 20;

/// The first client's checks leave from somebody else's socket alone, many times; waits for some: how many bytes that were.
fn forge_checks(world: &mut World, elsewhere: UdpSocket) -> usize {
    let server = world.clients[0].server.unwrap();
    let forged = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&forged);
    world.clients[0].outgoing = Box::new(move |datagram| {
        let check = datagram.starts_with(&[0, 1]);
        for _ in 0..TIMES * usize::from(check) {
            let sent = elsewhere.send_to(datagram, server).unwrap();
            count.fetch_add(sent, Ordering::Relaxed);
        }
        !check
    });
    world.until("checks are forged", |_| {
        forged.load(Ordering::Relaxed) > 2 * TIMES * CHECK
    });
    forged.load(Ordering::Relaxed)
}

/// A check has at least so many bytes.
const CHECK: usize = 80;

#[test]
fn attack_17_checks_that_somebody_in_the_call_forges_redirect_nothing() {
    let mut world = consultation();
    let stranger = stranger();
    let sent = forge_checks(&mut world, stranger.try_clone().unwrap());
    undisturbed(&mut world);
    let got = received(&stranger);
    assert!(
        got <= sent,
        "{got} bytes for {sent} that seemed to be theirs"
    );
    // Their answers and our checks: one in ten, as none of the others is due.
    assert!(got > TIMES, "the checks were not authentic");
}

#[test]
fn attack_17_checks_that_somebody_in_the_call_forges_take_nobodys_address() {
    let mut world = consultation();
    let dropped = world.dropped("unknown_stream");
    let twin = world.clients[1].twin();
    forge_checks(&mut world, twin);
    undisturbed(&mut world);
    assert_eq!(world.dropped("unknown_stream"), dropped);
    assert_eq!(
        world.dropped("srtp_forged"),
        0,
        "packets were taken for another's"
    );
}

/// Sends all that a client ever sent, and what nobody sends, from an address that proved nothing.
fn send_anything(world: &World, stranger: &UdpSocket) -> usize {
    let client = &world.clients[0];
    let server = client.server.unwrap();
    let mut sent = 0;
    let mut send = |datagram: &[u8]| sent += stranger.send_to(datagram, server).unwrap();
    let hello = client.trace.iter().find(|sent| sent[0] == 22).unwrap();
    for length in 0..=hello.len() {
        send(&hello[..length]);
    }
    for first in 0..=255_u8 {
        send(&[first; 100]);
    }
    // Checks of the right name that are not signed with the password.
    let checks = client.trace.iter().filter(|it| it.starts_with(&[0, 1]));
    for check in checks {
        let mut forged = check.clone();
        let integrity = forged.len() - 8 - 10;
        forged[integrity] ^= 0x55;
        send(&forged);
    }
    sent
}

#[test]
fn attack_20_strangers_get_nothing_back() {
    let mut world = consultation();
    let stranger = stranger();
    let sent = send_anything(&world, &stranger);
    undisturbed(&mut world);
    assert!(sent > 0);
    assert_eq!(received(&stranger), 0, "a stranger was answered");
}

#[test]
fn attack_20_a_check_is_answered_with_less_than_it_is() {
    let mut world = World::start();
    world.plan(&[PATIENT, PRACTITIONER], true);
    let mut raw = world.begin_raw(PATIENT, 1);
    raw.mute = true;
    world.until("a check is answered", |_| {
        raw.run();
        raw.received > 0
    });
    let first = raw.sent[0].clone();
    for _ in 0..20 {
        raw.send(&first);
    }
    world.until("checks are answered", |_| {
        raw.run();
        raw.received > 1000
    });
    let sent: usize = raw.sent.iter().map(Vec::len).sum();
    assert!(raw.received <= sent, "{} for {sent}", raw.received);
}

/// Whoever knows the password begins a handshake from an address that they forge: nobody there answers a check of ours.
#[test]
fn attack_20_no_more_goes_to_a_forged_address_than_came_from_it() {
    let mut world = World::start();
    world.plan(&[PATIENT, PRACTITIONER], true);
    let mut raw = world.begin_raw(PATIENT, 1);
    raw.deaf = true;
    world.until("a hello is sent for the fourth time", |_| {
        raw.run();
        let sent: usize = raw.sent.iter().map(Vec::len).sum();
        assert!(raw.received <= sent, "{} for {sent}", raw.received);
        raw.sent.iter().filter(|it| it[0] == 22).count() > 3
    });
    assert!(raw.received > 0, "the checks were not authentic");
    // Who is there after all hears what was held back.
    raw.deaf = false;
    world.until("the handshakes are through", |_| {
        raw.run();
        raw.is_up()
    });
}
