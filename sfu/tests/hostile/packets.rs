//! Garbage and replays, from an address that is known and of somebody with keys.

use super::support::World;
use super::support::client::is_rtp;
use super::{PATIENT, PRACTITIONER, consultation, undisturbed};

/// RTP that is well-formed up to where SRTP seals it, and not behind: paddings that lie, with the sequence number.
fn bad_paddings(sequence: u16) -> Vec<Vec<u8>> {
    let paddings = [0, 13, 255].into_iter().zip(sequence..);
    let packet = |(padding, sequence): (u8, u16)| {
        let mut packet = vec![0xa0, 111];
        packet.extend(sequence.to_be_bytes());
        packet.extend([0, 0, 0, 1, 0, 0, 0, 9]);
        packet.extend([7; 11]);
        packet.push(padding);
        packet
    };
    paddings.map(packet).collect()
}

/// RTCP whose lengths lie: in the header, the count of blocks, the entries of feedback, the padding.
fn bad_reports() -> Vec<Vec<u8>> {
    let mut reports = vec![
        vec![0x80, 200, 0xff, 0xff, 0, 0, 0, 9],
        vec![0x9f, 201, 0, 1, 0, 0, 0, 9],
        vec![0x8f, 205, 0, 2, 0, 0, 0, 9, 0, 0, 0, 9],
        vec![0xa0, 201, 0, 1, 0, 0, 0, 9],
        vec![0x9f, 203, 0, 1, 0, 0, 0, 9],
    ];
    // Transport-wide feedback of 65,535 packets in no chunk.
    let head = [0x8f, 205, 0, 4, 0, 0, 0, 9, 0, 0, 0, 9];
    reports.push([&head[..], &[0, 0, 0xff, 0xff, 0, 0, 0, 0]].concat());
    reports
}

#[test]
fn attack_15_what_lies_of_its_lengths_is_dropped_and_counted_also_under_keys() {
    let mut world = consultation();
    world.plan(&[PATIENT, PRACTITIONER, 3], true);
    let mut raw = world.join_raw(3, 1);
    for round in 0..20 {
        for packet in bad_paddings(100 + round * 3) {
            raw.send_rtp(&packet);
        }
        for report in bad_reports() {
            raw.send_rtcp(&report);
        }
    }
    // Of what SRTP itself reads before it opens: versions, contributing sources, extensions.
    for first in 0x80..=0xbf_u8 {
        for length in [12, 16, 40, 300] {
            let mut packet = vec![0xff; length];
            packet[..4].copy_from_slice(&[first, 111, 9, 9]);
            raw.send(&packet);
        }
    }
    undisturbed(&mut world);
    world.until("all came", |world| world.dropped("srtp_malformed") >= 60);
    assert!(world.dropped("rtcp_malformed") >= 100);
    assert!(world.dropped("srtp_too_short") > 0 && world.dropped("srtp_forged") > 0);
    // Nothing of it was forwarded, and the peer lives.
    raw.run();
    assert!(
        world
            .clients
            .iter()
            .all(|it| it.got.iter().all(|got| got.counter < 1 << 40))
    );
}

#[test]
fn attack_15_garbage_from_a_known_address_is_dropped() {
    let mut world = consultation();
    for first in 0..=255_u8 {
        for length in [1, 3, 12, 60, 1400, 2000] {
            world.clients[0].send_raw(&vec![first; length]);
        }
        // DTLS records of every kind, and RTCP with lengths that lie.
        world.clients[0].send_raw(&[first, 254, 253, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0]);
        world.clients[0].send_raw(&[
            22, 254, 253, 0, 0, 0, 0, 0, 0, 0, 1, 0, 12, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, first,
        ]);
        let report = [
            0x80 | (first & 31),
            200 + first % 8,
            first,
            first,
            0,
            0,
            0,
            1,
        ];
        world.clients[0].send_raw(&[&report[..], &[9; 4]].concat());
    }
    undisturbed(&mut world);
    assert!(world.dropped("unknown_protocol") > 0 && world.dropped("srtp_forged") > 0);
}

/// Each packet of RTP that the first client sent.
fn sent_media(world: &World) -> Vec<Vec<u8>> {
    let trace = world.clients[0].trace.iter();
    trace.filter(|sent| is_rtp(sent)).cloned().collect()
}

#[test]
fn attack_18_replays_are_dropped_and_the_session_survives() {
    let mut world = consultation();
    for sent in sent_media(&world) {
        world.clients[0].send_raw(&sent);
    }
    undisturbed(&mut world);
    assert!(world.dropped("srtp_replayed") + world.dropped("srtp_too_old") > 0);
    for client in &world.clients {
        let got = client.got.iter().map(|got| (got.ssrc, got.sequence));
        let mut seen: Vec<_> = got.collect();
        let count = seen.len();
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), count, "a replay was forwarded");
    }
}

#[test]
fn attack_18_a_flood_of_bad_tags_is_dropped_and_the_session_survives() {
    let mut world = consultation();
    let trace = sent_media(&world);
    for (at, sent) in trace.iter().cycle().take(4000).enumerate() {
        let mut forged = sent.clone();
        // Numbers that did not come yet, so that no replay window has a say.
        let ahead = u16::from_be_bytes([sent[2], sent[3]]).wrapping_add(10_000 + at as u16);
        forged[2..4].copy_from_slice(&ahead.to_be_bytes());
        world.clients[0].send_raw(&forged);
        if at % 50 == 49 {
            let seen = world.clients[1].got.len();
            world.until("media flows", |world| world.clients[1].got.len() > seen);
        }
    }
    undisturbed(&mut world);
    assert!(world.dropped("srtp_forged") > 3000);
}
