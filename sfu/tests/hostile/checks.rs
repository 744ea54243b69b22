//! STUN checks of people who do not know the password.

use std::time::Instant;

use super::support::World;
use super::{consultation, received, stranger, undisturbed};

/// Where a check has the first byte of its transaction id (RFC 8489 section 5).
const TRANSACTION: usize = 8;

/// The checks that the first client sent, under other transactions: of those that were seen nothing is looked at.
fn checks(world: &World) -> Vec<Vec<u8>> {
    let sent = world.clients[0].trace.iter();
    let checks = sent.filter(|datagram| datagram.starts_with(&[0, 1]));
    let anew = |mut check: Vec<u8>| {
        check[TRANSACTION] ^= 0x55;
        check
    };
    checks.cloned().map(anew).collect()
}

#[test]
fn attack_11_guessed_checks_are_met_with_silence() {
    let mut world = consultation();
    let server = world.clients[0].server.unwrap();
    let stranger = stranger();
    for (at, check) in checks(&world).iter().cycle().take(200).enumerate() {
        let mut forged = check.clone();
        // Anywhere that the message integrity covers; the checksum behind it proves nothing.
        let place = 24 + at % (forged.len() - 8 - 24);
        forged[place] ^= 0x55;
        stranger.send_to(&forged, server).unwrap();
    }
    undisturbed(&mut world);
    assert_eq!(received(&stranger), 0, "a forged check was answered");
    assert!(world.dropped("stun_unauthentic") > 0);
    assert!(world.dropped("unknown_fragment") > 0);
}

/// Checks that a guesser gets looked at in a second.
const LOOKED_AT: u64 = 50;

#[test]
fn attack_11_of_a_flood_of_guesses_few_are_looked_at() {
    let mut world = consultation();
    let server = world.clients[0].server.unwrap();
    let stranger = stranger();
    let mut forged = checks(&world)[0].clone();
    let integrity = forged.len() - 8 - 10;
    let begin = Instant::now();
    for _ in 0..200 {
        for _ in 0..50 {
            forged[integrity] = forged[integrity].wrapping_add(1).max(1);
            forged[integrity + 1] ^= 0x55;
            let _ = stranger.send_to(&forged, server);
        }
        let seen = world.clients[1].got.len();
        // The call goes on between them, and the socket's buffer is emptied.
        world.until("media flows", |world| world.clients[1].got.len() > seen);
    }
    undisturbed(&mut world);
    let looked_at = world.dropped("stun_unauthentic");
    let seconds = begin.elapsed().as_secs() + 2;
    assert!(
        looked_at <= seconds * LOOKED_AT,
        "{looked_at} in {seconds} s"
    );
    assert!(world.dropped("too_many_guesses") > looked_at);
    assert_eq!(received(&stranger), 0);
}
