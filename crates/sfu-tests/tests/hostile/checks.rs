//! STUN checks of people who do not know the password.

use std::net::SocketAddr;
use std::ops::Range;
use std::time::Instant;

use vestibule_sfu::parts::{Inbox, Row, Socket};

use super::handshakes::{OF_NO_PROTOCOL, send_all};
use super::meter::Meter;
use super::support::World;
use super::support::raw::Raw;
use super::{
    PATIENT, PRACTITIONER, ROW, arrived, consultation, consultation_in, received, stranger,
    undisturbed,
};

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

/// Somebody's checks are as an answer allows that has another value in one line: of which they were, and all that came.
fn misled(name: &str, reason: &str) {
    let mut world = consultation();
    world.plan(&[PATIENT, PRACTITIONER, 3], true);
    let mut raw = world.begin_raw_misled(3, 1, |answer| {
        let line = answer.lines().find(|line| line.starts_with(name)).unwrap();
        let last = if line.ends_with('x') { "y" } else { "x" };
        answer.replace(line, &format!("{}{last}", &line[..line.len() - 1]))
    });
    world.until("some checks were sent", |_| {
        raw.run();
        raw.sent.len() >= 3
    });
    for check in raw.sent.clone() {
        (0..10).for_each(|_| raw.send(&check));
    }
    let sent = raw.sent.len() as u64;
    world.until("all came", |world| {
        raw.run();
        assert_eq!(raw.received, 0, "it was answered");
        world.dropped(reason) >= sent
    });
    undisturbed(&mut world);
}

#[test]
fn attack_11_a_wrong_fragment_is_met_with_silence() {
    misled("a=ice-ufrag:", "unknown_fragment");
}

#[test]
fn attack_11_a_wrong_password_is_met_with_silence() {
    misled("a=ice-pwd:", "stun_unauthentic");
}

/// Checks that a guesser gets looked at in a second.
const LOOKED_AT: u64 = 50;

/// How many guesses there are, and how many of them are under way at most: the socket of the SFU has room for them also
/// where the kernel grants it little.
const GUESSES: u64 = 1_000_000;
const AT_A_TIME: u64 = 32 * ROW;

/// No two alike, and none right: a check whose integrity counts the guesses.
fn guess(check: &[u8], number: u64) -> Vec<u8> {
    let mut guess = check.to_vec();
    let integrity = guess.len() - 8 - 20;
    guess[integrity] ^= 0x55;
    guess[integrity + 1..][..8].copy_from_slice(&number.to_be_bytes());
    guess
}

/// Guesses leave from here, as many at a time as the kernel carries as one.
fn send_guesses(from: &Socket, to: SocketAddr, check: &[u8], numbers: Range<u64>) {
    let numbers: Vec<_> = numbers.collect();
    for row in numbers.chunks(ROW as usize) {
        let guesses: Vec<_> = row.iter().map(|number| guess(check, *number)).collect();
        let row = Row {
            source: None,
            to,
            segment: check.len(),
            contents: &guesses.concat(),
        };
        from.send(&row, |_, _| {});
    }
}

#[test]
fn attack_11_of_a_million_guesses_few_are_looked_at() {
    let mut world = consultation();
    let server = world.clients[0].server.unwrap();
    // Another port is no way to be looked at more often.
    let guessers: [_; 4] =
        std::array::from_fn(|_| Socket::bind(([127, 0, 0, 1], 0).into()).unwrap());
    let check = checks(&world)[0].clone();
    let begin = Instant::now();
    let firsts = (0..GUESSES).step_by(AT_A_TIME as usize);
    for (first, guesser) in firsts.zip(guessers.iter().cycle()) {
        let numbers = first..GUESSES.min(first + AT_A_TIME);
        let all = arrived(&world) + (numbers.end - first);
        send_guesses(guesser, server, &check, numbers);
        world.until("they came", |world| arrived(world) >= all);
    }
    undisturbed(&mut world);
    let looked_at = world.dropped("stun_unauthentic");
    let seconds = begin.elapsed().as_secs() + 2;
    assert!(
        looked_at <= seconds * LOOKED_AT,
        "{looked_at} in {seconds} s"
    );
    let seen = looked_at + world.dropped("too_many_guesses");
    assert!(looked_at > 0 && seen > GUESSES * 9 / 10, "{seen} were seen");
    let mut inbox = Inbox::default();
    for guesser in &guessers {
        guesser.receive(&mut inbox);
        assert_eq!(inbox.datagrams().count(), 0, "a guesser was answered");
    }
}

/// So many times as much as a datagram that is thrown away at once, a guess may cost that is looked at.
const TIMES: u64 = 5;

/// Guesses from the address of somebody who is connected, each of which is looked at.
const LOOKED_AT_ALL: u32 = 20_000;

/// Whoever can forge where they send from could silence a client, if the guesses that seem to be its own counted against it.
#[test]
fn attack_11_guesses_from_a_clients_own_address_cost_little_and_silence_nobody() {
    let meter = Meter::default();
    let mut world = consultation_in(World::start_tapped(meter.clone()));
    world.plan(&[PATIENT, PRACTITIONER, 3], true);
    let mut raw = world.join_raw(3, 1);
    let own = raw.last_check();
    let mut other = own.clone();
    other[TRANSACTION] ^= 0x55;
    let make = |number: u32| guess(&other, number.into());
    let answers_to = |check: &[u8], raw: &Raw| {
        let answers = raw.answers.iter();
        let to = &check[TRANSACTION..][..12];
        answers.filter(|it| &it[TRANSACTION..][..12] == to).count()
    };
    world.until("its own check is answered", |_| {
        raw.run();
        answers_to(&own, &raw) == 1
    });
    // The same right behind more guesses than anybody else is silenced for.
    (0..4 * LOOKED_AT as u32).for_each(|number| raw.send(&make(number)));
    raw.send(&own);
    world.until("its own check is answered again", |_| {
        raw.run();
        answers_to(&own, &raw) == 2
    });

    let harmless = |number: u32| {
        let mut datagram = make(number);
        datagram[0] = OF_NO_PROTOCOL;
        datagram
    };
    let thrown_away = meter.cost(&mut world, |world| {
        send_all(world, &mut raw, LOOKED_AT_ALL, harmless);
    });
    let attack = meter.cost(&mut world, |world| {
        send_all(world, &mut raw, LOOKED_AT_ALL, make);
    });
    assert!(
        attack.nanos < TIMES * thrown_away.nanos,
        "{attack:?}, where what is thrown away is {thrown_away:?}"
    );
    let looked_at = world.dropped("stun_unauthentic");
    assert!(looked_at > u64::from(LOOKED_AT_ALL) * 9 / 10);
    assert_eq!(answers_to(&other, &raw), 0, "a guess was answered");
    assert_eq!(world.dropped("too_many_guesses"), 0);
    undisturbed(&mut world);
}
