//! What a connection goes through.
#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

#[allow(dead_code, reason = "each test uses its part")]
mod support;

use std::time::Duration;

use is::stun::StunMessage;
use support::{CLIENT, Pair, SERVER, address, certificates};
use vestibule_handshake::limits::{ADDRESSES, CONSENT};
use vestibule_handshake::{Credentials, Down, Unheard};
use vestibule_srtp::{Inbound, Outbound};

const SECOND: Duration = Duration::from_secs(1);

fn up() -> Pair {
    let mut pair = Pair::new();
    pair.run_until(3 * SECOND, Pair::both_up);
    pair
}

#[test]
fn both_sides_come_up_with_keys_that_fit() {
    let mut pair = up();
    let (client, server) = (
        pair.client.up.take().unwrap(),
        pair.server.up.take().unwrap(),
    );
    assert_eq!(
        (client.remote, server.remote),
        (address(SERVER), address(CLIENT))
    );
    for (from, to) in [
        (&client.outbound, &server.inbound),
        (&server.outbound, &client.inbound),
    ] {
        assert_eq!(from.profile(), to.profile());
        let mut packet = [0; 60];
        packet[..14].copy_from_slice(&[0x80, 96, 0, 9, 0, 0, 0, 8, 0, 0, 0, 7, 1, 2]);
        let length = Outbound::new(from)
            .unwrap()
            .seal_rtp(&mut packet, 14, 9)
            .unwrap();
        let opened = Inbound::new(to)
            .unwrap()
            .open_rtp(&mut packet[..length])
            .unwrap();
        assert_eq!(packet[opened.packet.payload], [1, 2]);
    }
    pair.run(60 * SECOND);
    assert_eq!((pair.client.ups, pair.server.ups), (1, 1));
    assert_eq!((pair.client.down, pair.server.down), (None, None));
}

#[test]
fn a_certificate_that_was_not_signalled_is_refused_on_both_sides() {
    let (ours, theirs) = certificates();
    let (other, _) = certificates();
    let (right, wrong) = (
        (ours.fingerprint(), theirs.fingerprint()),
        other.fingerprint(),
    );
    let mut pair = Pair::with_fingerprints(&ours, &theirs, wrong, right.1);
    pair.run_until(5 * SECOND, |pair| pair.server.down.is_some());
    assert_eq!(pair.server.down, Some(Down::WrongFingerprint));
    assert!(pair.server.up.is_none() && pair.client.up.is_none());

    let mut pair = Pair::with_fingerprints(&ours, &theirs, right.0, wrong);
    pair.run_until(5 * SECOND, |pair| pair.client.down.is_some());
    assert_eq!(pair.client.down, Some(Down::WrongFingerprint));
    assert!(pair.server.up.is_none() && pair.client.up.is_none());
}

#[test]
fn a_restart_keeps_dtls_and_follows_to_another_address() {
    let mut pair = up();
    let (a, b) = (
        Credentials::random().unwrap(),
        Credentials::random().unwrap(),
    );
    pair.mapped = address(77);
    pair.client
        .handshake
        .restart(pair.now, (a.clone(), b.clone()));
    pair.client.handshake.add_remote(address(SERVER)).unwrap();
    pair.server.handshake.restart(pair.now, (b, a));
    pair.run_until(3 * SECOND, |pair| !pair.server.moved.is_empty());
    assert_eq!(pair.server.moved, [address(77)]);
    pair.run(2 * CONSENT);
    assert_eq!((pair.client.ups, pair.server.ups), (1, 1));
    assert_eq!((pair.client.down, pair.server.down), (None, None));
}

/// The handshake goes on where the client is now, as soon as it says so. Checks and the handshake pay for asking.
#[test]
fn a_client_that_moves_before_it_is_up_is_followed_as_its_handshake_goes_on() {
    let mut pair = Pair::new();
    // A client's hello is under way: the first way is chosen.
    let hello = |pair: &Pair| pair.server.arriving.iter().any(|it| it.3[0] == 22);
    pair.run_until(SECOND, hello);
    pair.run(support::DELAY);
    let (a, b) = (
        Credentials::random().unwrap(),
        Credentials::random().unwrap(),
    );
    pair.mapped = address(77);
    pair.client
        .handshake
        .restart(pair.now, (a.clone(), b.clone()));
    pair.client.handshake.add_remote(address(SERVER)).unwrap();
    pair.server.handshake.restart(pair.now, (b, a));
    pair.run_until(SECOND, Pair::both_up);
    assert_eq!(pair.server.reached, [address(77)]);
    assert_eq!(pair.server.up.unwrap().remote, address(77));
}

/// A browser begins with DTLS while its check that chooses the way is under way, and says it again only after a second or
/// more.
#[test]
fn a_client_whose_choice_is_lost_comes_up_all_the_same() {
    let mut pair = Pair::new();
    let end = pair.now + SECOND / 2;
    while !pair.both_up() {
        assert!(pair.now < end, "{pair:?}");
        pair.run(support::DELAY / 5);
        pair.server.arriving.retain(|it| !chooses(&it.3));
    }
    assert_eq!(pair.server.up.unwrap().remote, address(CLIENT));
}

/// Whether this is a check with USE-CANDIDATE (RFC 8445 section 7.1.2).
fn chooses(bytes: &[u8]) -> bool {
    StunMessage::parse(bytes).is_ok_and(|message| message.use_candidate())
}

/// Where no way was chosen, whoever forges a check and a hello has no more sent to their victim than they sent themselves.
#[test]
fn a_hello_pays_for_the_answer_where_no_way_was_chosen() {
    let mut pair = Pair::new();
    let victim = address(79);
    pair.forged = Some((victim, 0, 0));
    pair.run(SECOND);
    let hello = Pair::new().run_until_up_and_listen();
    let hello = hello.iter().find(|bytes| bytes[0] == 22).unwrap();
    for _ in 0..9 {
        let (now, to) = (pair.now, address(SERVER));
        pair.server
            .handshake
            .handle_datagram(now, victim, to, hello);
        if let Some((_, sent, _)) = &mut pair.forged {
            *sent += hello.len();
        }
        pair.run(SECOND);
    }
    let (_, sent, got) = pair.forged.unwrap();
    assert!((1..=sent).contains(&got), "{got} for {sent}");
}

/// Whoever forges a check just before the handshake ends does not have media begin where nobody answers.
#[test]
fn media_does_not_begin_where_nobody_answers() {
    let mut pair = Pair::new();
    let mut last = Vec::new();
    let victim = address(79);
    run_without_the_end(&mut pair, &mut last, |_, last| !last.is_empty());
    pair.forged = Some((victim, 0, 0));
    let forged_came = |pair: &Pair| pair.server.arriving.iter().any(|it| it.1 == victim);
    run_without_the_end(&mut pair, &mut last, |pair, _| forged_came(pair));
    pair.forged = None;
    run_without_the_end(&mut pair, &mut last, |pair, _| !forged_came(pair));
    pair.server.arriving.append(&mut last);
    pair.run(2 * support::DELAY);
    assert!(pair.server.up.is_none(), "{pair:?}");
    // Where the client is in truth it comes up, and is found to be.
    pair.run_until(15 * SECOND, Pair::both_up);
    assert_eq!(pair.server.up.as_ref().unwrap().remote, address(CLIENT));
    assert_eq!(
        pair.server.reached,
        [address(CLIENT); 2],
        "first, and again"
    );
}

/// Runs while the server does not get what ends the client's handshake; it is kept in `last`.
fn run_without_the_end(
    pair: &mut Pair,
    last: &mut Vec<support::Arriving>,
    done: impl Fn(&Pair, &[support::Arriving]) -> bool,
) {
    let limit = pair.now + 15 * SECOND;
    while !done(pair, last) {
        assert!(pair.now < limit, "{pair:?}");
        pair.run(support::DELAY / 5);
        let arriving = std::mem::take(&mut pair.server.arriving);
        let ends = |it: &support::Arriving| ends_handshake(&it.3);
        let (mut ends, others): (Vec<_>, _) = arriving.into_iter().partition(ends);
        last.append(&mut ends);
        pair.server.arriving = others;
    }
}

/// Whether one of a datagram's records changes the cipher (RFC 5246 section 7.1).
fn ends_handshake(mut bytes: &[u8]) -> bool {
    while let [20..=63, _, _, _, _, _, _, _, _, _, _, high, low, rest @ ..] = bytes {
        if bytes[0] == 20 {
            return true;
        }
        bytes = &rest[usize::from(u16::from_be_bytes([*high, *low]))..];
    }
    false
}

/// Somebody else is said to be where this client is. It is asked until it answers, though each of its checks chooses that
/// way again.
#[test]
fn a_doubt_about_the_way_in_use_is_not_forgotten() {
    let mut pair = up();
    pair.server.reached.clear();
    pair.linked = false;
    pair.server
        .handshake
        .doubt(pair.now, address(CLIENT), address(SERVER));
    pair.run(SECOND / 10);
    pair.linked = true;
    pair.run_until(15 * SECOND, |pair| !pair.server.reached.is_empty());
    assert_eq!(pair.server.reached, [address(CLIENT)]);
}

/// A NAT that maps the client anew: its next check says so, and nothing else has to happen.
#[test]
fn a_client_that_is_mapped_anew_is_followed_without_a_restart() {
    let mut pair = up();
    pair.mapped = address(78);
    pair.run_until(15 * SECOND, |pair| !pair.server.moved.is_empty());
    assert_eq!(pair.server.moved, [address(78)]);
    pair.run(2 * CONSENT);
    assert_eq!((pair.server.down, pair.server.ups), (None, 1));
}

/// Whoever knows the password can forge where their checks come from. Nobody answers from there: media does not go there,
/// and no more bytes do than came.
#[test]
fn a_client_is_not_followed_to_where_it_does_not_answer() {
    let mut pair = up();
    assert_eq!(std::mem::take(&mut pair.server.reached), [address(CLIENT)]);
    pair.forged = Some((address(79), 0, 0));
    pair.run(15 * SECOND);
    assert_eq!(
        (&pair.server.moved[..], &pair.server.reached[..]),
        (&[][..], &[][..])
    );
    let (_, sent, got) = pair.forged.take().unwrap();
    assert!(0 < got && got <= sent, "{got} for {sent}");
    let way = pair.server.up.as_ref().unwrap().remote;
    assert_eq!(way, address(CLIENT));
    // Where it is in truth it is still followed.
    pair.mapped = address(80);
    pair.run_until(15 * SECOND, |pair| !pair.server.moved.is_empty());
    assert_eq!(pair.server.moved, [address(80)]);
    assert_eq!(pair.server.reached, [address(80)]);
}

/// What comes from where a client is now pays for asking there, so that its next checks need not be waited for.
#[test]
fn a_client_that_sends_is_followed_after_its_first_check() {
    let mut pair = up();
    pair.mapped = address(78);
    let came = |pair: &Pair| pair.server.arriving.iter().any(|it| it.1 == address(78));
    pair.run_until(15 * SECOND, came);
    pair.run(SECOND / 10);
    assert!(
        pair.server.moved.is_empty(),
        "one check is worth no question"
    );
    pair.server
        .handshake
        .note_media(pair.now, address(78), 1000);
    pair.run(SECOND / 10);
    assert_eq!(pair.server.moved, [address(78)]);
}

#[test]
fn a_peer_is_answered_at_so_many_addresses_and_no_more() {
    let mut pair = up();
    for last in 100..100 + 2 * ADDRESSES as u8 {
        pair.mapped = address(last);
        for _ in 0..60 {
            pair.run(SECOND / 10);
            pair.server
                .handshake
                .note_media(pair.now, pair.mapped, 1000);
        }
    }
    assert_eq!(pair.server.moved.len(), ADDRESSES - 1);
}

#[test]
fn a_check_that_is_sent_again_from_elsewhere_is_not_answered() {
    let mut pair = Pair::new();
    let seen = pair.run_until_up_and_listen();
    let check = seen.iter().find(|bytes| bytes[0] < 4).unwrap();
    for from in [address(100), address(101)] {
        let heard = pair
            .server
            .handshake
            .handle_datagram(pair.now, from, address(SERVER), check);
        assert_eq!(heard, Some(Unheard::Replayed));
        assert_eq!(pair.server.drain().len(), 0);
    }
}

#[test]
fn a_silent_side_is_given_up_when_its_consent_ends() {
    let mut pair = up();
    pair.linked = false;
    pair.run(CONSENT - 2 * SECOND - SECOND * 5);
    assert_eq!(pair.server.down, None);
    pair.run(8 * SECOND);
    assert_eq!(pair.server.down, Some(Down::Silence));
    assert_eq!(pair.client.down, Some(Down::Silence));
    assert_eq!(pair.server.handshake.next_timeout(), None);
}

/// Who listened on the way sends a check of the client's again, from where it came: nobody takes that for the client.
#[test]
fn a_check_that_is_sent_again_does_not_keep_a_silent_side() {
    let mut pair = Pair::new();
    let seen = pair.run_until_up_and_listen();
    let check = seen.iter().find(|bytes| bytes[0] < 4).unwrap();
    pair.linked = false;
    for _ in 0..2 * CONSENT.as_secs() {
        pair.run(SECOND);
        let at = (address(CLIENT), address(SERVER));
        pair.server
            .handshake
            .handle_datagram(pair.now, at.0, at.1, check);
    }
    assert_eq!(pair.server.down, Some(Down::Silence));
}

/// Who was at an address and is not any more checks on from elsewhere: that is no consent of whoever is there now.
#[test]
fn checks_from_elsewhere_are_no_consent_to_where_media_goes() {
    let mut pair = up();
    pair.forged = Some((address(79), 0, 0));
    pair.run(CONSENT + 5 * SECOND);
    assert_eq!(pair.server.moved, []);
    assert_eq!(pair.server.down, Some(Down::Silence));
}

#[test]
fn a_short_outage_is_survived_without_a_restart() {
    let mut pair = up();
    pair.linked = false;
    pair.run(4 * SECOND);
    pair.linked = true;
    pair.run(60 * SECOND);
    assert_eq!(pair.server.down, None);
}

#[test]
fn a_goodbye_is_heard() {
    let mut pair = up();
    pair.client.handshake.close();
    pair.run(SECOND);
    assert_eq!(pair.server.down, Some(Down::Goodbye));
}

#[test]
fn dtls_from_an_address_that_ice_did_not_prove_is_not_heard() {
    let mut pair = Pair::new();
    let mut flights = pair.run_until_up_and_listen();
    flights.retain(|bytes| bytes[0] >= 20);
    assert!(!flights.is_empty());
    let mut fresh = Pair::new();
    let server = &mut fresh.server;
    for flight in flights {
        let at = (address(99), address(SERVER));
        server
            .handshake
            .handle_datagram(fresh.now, at.0, at.1, &flight);
    }
    assert!(server.drain().is_empty());
    fresh.run_until(3 * SECOND, Pair::both_up);
}

/// Whoever was busy finds its flight due again when the answer to it has long come. Datagrams that mix two flights are
/// thrown away whole by some, and the last one would be a second late.
#[test]
fn a_flight_that_is_due_again_does_not_spoil_the_last_one() {
    let mut pair = Pair::new();
    let is_last = |bytes: &Vec<u8>| bytes[0] == 22 && records(bytes).iter().any(|it| it[0] == 20);
    let on_its_way = |pair: &Pair| pair.server.arriving.iter().any(|it| is_last(&it.3));
    pair.run_until(SECOND, on_its_way);
    let arriving = std::mem::take(&mut pair.server.arriving);
    let late = pair.now + SECOND;
    let (server, client) = (&mut pair.server, &mut pair.client);
    for (_, from, to, bytes) in arriving {
        server.handshake.handle_datagram(late, from, to, &bytes);
    }
    for (from, to, bytes) in server.drain() {
        client.handshake.handle_datagram(late, from, to, &bytes);
    }
    client.drain();
    assert!(pair.both_up());
}

/// Once the handshake is through, whoever counts learns of each record that was of no use. A last flight that was not heard
/// is of use: it is asked for by saying the one before again.
#[test]
fn dtls_that_is_of_no_use_after_the_handshake_is_told() {
    let mut pair = Pair::new();
    let flights = pair.run_until_up_and_listen();
    // Of all that the client's handshake says, its last record alone is encrypted.
    let last = |it: &&[u8]| it[0] == 22 && it[3..5] == [0, 1];
    let flight = flights.iter().find(|it| records(it).iter().any(&last));
    let flight = flight.unwrap();
    let last = records(flight).into_iter().find(last).unwrap();
    let mut forged = last.to_vec();
    *forged.last_mut().unwrap() ^= 1;
    let data = [
        &[23, 0xfe, 0xfd, 0, 1, 0, 0, 0, 0, 0, 9, 0, 40][..],
        &[7; 40],
    ]
    .concat();
    let server = &mut pair.server;
    let mut hear = |bytes: &[u8]| {
        let heard =
            server
                .handshake
                .handle_datagram(pair.now, address(CLIENT), address(SERVER), bytes);
        (heard, server.drain().len())
    };
    for useless in [&forged[..], &data, last] {
        assert_eq!(hear(useless), (Some(Unheard::NothingNew), 0));
    }
    let (heard, answers) = hear(flight);
    assert!(
        heard.is_none() && answers > 0,
        "{heard:?}, {answers} answers"
    );
}

/// Before as well, of what cannot be kept for later. What of the handshake itself is kept and what is ignored, DTLS tells
/// nobody.
#[test]
fn dtls_that_is_of_no_use_during_the_handshake_is_told_as_far_as_it_can_be() {
    let mut pair = Pair::new();
    let hello = |pair: &Pair| pair.server.arriving.iter().any(|it| it.3[0] == 22);
    pair.run_until(SECOND, hello);
    pair.run(support::DELAY);
    let record = |kind, epoch, content: &[u8]| {
        let length = content.len() as u8;
        let head = [kind, 0xfe, 0xfd, 0, epoch, 0, 0, 0, 0, 0, 9, 0, length];
        [&head[..], content].concat()
    };
    let (ahead, later) = (record(22, 1, &[7; 40]), record(22, 2, &[7; 40]));
    let (data, early_data) = (record(23, 1, &[7; 40]), record(23, 0, &[7; 40]));
    let warning = record(21, 0, &[1, 90]);
    let both = [&warning[..], &ahead].concat();
    let change = record(20, 0, &[1]);
    let cut = [&change[..], &[22, 0xfe, 0xfd]].concat();
    let server = &mut pair.server;
    let mut hear = |bytes: &[u8]| {
        let at = (address(CLIENT), address(SERVER));
        let heard = server
            .handshake
            .handle_datagram(pair.now, at.0, at.1, bytes);
        assert_eq!(server.drain().len(), 0);
        heard
    };
    for useless in [&ahead, &later, &data, &early_data, &warning, &both] {
        assert_eq!(hear(useless), Some(Unheard::NothingNew), "{useless:?}");
    }
    assert_eq!(hear(&cut), Some(Unheard::NoRecord));
    assert_eq!(hear(&change), None, "it may come before what it is for");
    pair.run_until(3 * SECOND, Pair::both_up);
}

/// Also where each record comes by itself: a last one then ends the handshake, and is answered by nothing.
#[test]
fn nothing_of_an_orderly_handshake_is_told_to_be_of_no_use() {
    let mut pair = Pair::new();
    let mut heard = 0;
    while !pair.both_up() {
        for side in [&mut pair.client, &mut pair.server] {
            for (_, from, to, bytes) in std::mem::take(&mut side.arriving) {
                for record in records(&bytes) {
                    heard += 1;
                    let unheard = side.handshake.handle_datagram(pair.now, from, to, record);
                    assert_eq!(unheard, None, "{record:?}");
                }
                if bytes[0] < 20 {
                    side.handshake.handle_datagram(pair.now, from, to, &bytes);
                }
            }
        }
        assert!(heard < 100);
        pair.run(support::DELAY / 5);
    }
    assert!(heard > 10);
}

/// Checks with another password are answered by nothing, and bring no address.
#[test]
fn a_forged_check_is_silent() {
    let mut stranger = Pair::new();
    let mut pair = Pair::new();
    for _ in 0..20 {
        stranger.client.arrive(stranger.now);
        stranger.now += SECOND / 20;
        for (from, to, bytes) in stranger.client.drain() {
            pair.server
                .handshake
                .handle_datagram(pair.now, from, to, &bytes);
        }
    }
    assert!(pair.server.drain().is_empty());
}

/// Whatever is changed of what passes, once the connection is up: no panic, and it stays up.
#[test]
fn garbage_and_replays_neither_panic_nor_end_a_connection() {
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let mut pair = Pair::new();
    let seen = pair.run_until_up_and_listen();
    let at = (address(CLIENT), address(SERVER));
    for round in 0..20_000 {
        let bytes = random.mutated(&seen);
        pair.server
            .handshake
            .handle_datagram(pair.now, at.0, at.1, &bytes);
        if round % 64 == 0 {
            pair.server.drain();
        }
    }
    pair.run(5 * SECOND);
    assert_eq!(pair.server.down, None);
    for bytes in &seen {
        pair.server
            .handshake
            .handle_datagram(pair.now, at.0, at.1, bytes);
    }
    pair.run(60 * SECOND);
    assert_eq!((pair.server.down, pair.server.ups), (None, 1));
}

/// The same in the midst of handshakes, which may fail, but without a panic and without a key for anybody else.
#[test]
fn garbage_in_a_handshake_does_not_panic() {
    let mut random = Random(0x2545_f491_4f6c_dd1d);
    let seen = Pair::new().run_until_up_and_listen();
    let at = (address(CLIENT), address(SERVER));
    for round in 0..100 {
        let mut pair = Pair::new();
        // Between the first check and the last flight.
        pair.run(Duration::from_millis(30 + 10 * (round % 15)));
        for _ in 0..100 {
            let bytes = random.mutated(&seen);
            pair.server
                .handshake
                .handle_datagram(pair.now, at.0, at.1, &bytes);
            pair.client
                .handshake
                .handle_datagram(pair.now, at.1, at.0, &bytes);
        }
        pair.run(SECOND);
        assert!(pair.server.ups <= 1 && pair.client.ups <= 1);
    }
}

/// The records of DTLS that a datagram holds.
fn records(datagram: &[u8]) -> Vec<&[u8]> {
    let mut records = Vec::new();
    let mut rest = datagram;
    while let [20..=63, ..] = rest
        && let Some([high, low]) = rest.get(11..13)
    {
        let (record, after) = rest.split_at(13 + usize::from(u16::from_be_bytes([*high, *low])));
        records.push(record);
        rest = after;
    }
    records
}

struct Random(u64);

impl Random {
    fn next(&mut self) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 as usize
    }

    /// One of these datagrams, changed and cut.
    fn mutated(&mut self, seen: &[Vec<u8>]) -> Vec<u8> {
        let mut bytes = seen[self.next() % seen.len()].clone();
        for _ in 0..self.next() % 4 {
            let place = self.next() % bytes.len();
            bytes[place] = self.next() as u8;
        }
        if self.next().is_multiple_of(3) {
            bytes.truncate(1 + self.next() % bytes.len());
        }
        bytes
    }
}
